/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: command lines by table. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cordon/cmd.h"
#include "cordon/opt.h"

struct inner {
	const char *model;
	struct opt_list dirs;
};

struct root_args {
	bool version;
	struct inner inner;
};

struct run_args {
	bool json, quiet;
	const char *file, *color;
	uint64_t count, size, time;
};

#define AT(type, member) .off = offsetof(struct type, member)

static const struct opt inner_opts[] = {
    {"model", 'm', OPT_STR, "MODEL", "m", AT(inner, model)},
    {"dir", 'd', OPT_LIST, "DIR", "d", AT(inner, dirs)}, {0}};

static const struct opt root_opts[] = {
    {.kind = OPT_TABLE, .table = inner_opts, AT(root_args, inner)},
    {"version", 'V', OPT_FLAG, NULL, "v", AT(root_args, version),
	.flags = OPT_LOCAL},
    {0}};

static const struct opt run_opts[] = {
    {"json", 'j', OPT_FLAG, NULL, "j", AT(run_args, json)},
    {"quiet", 'q', OPT_FLAG, NULL, "q", AT(run_args, quiet)},
    {"file", 'f', OPT_STR, "FILE", "f", AT(run_args, file)},
    {"color", '\0', OPT_ENUM, "always|never|auto", "c", AT(run_args, color)},
    {"count", 'n', OPT_NUM, "N", "n", AT(run_args, count), .min = 1, .max = 10},
    {"size", '\0', OPT_SIZE, "SIZE", "s", AT(run_args, size)},
    {"time", '\0', OPT_TIME, "TIME", "t", AT(run_args, time)},
    {"old", '\0', OPT_FLAG, NULL, "o", AT(run_args, quiet),
	.flags = OPT_HIDDEN},
    {0}};

static int
nothing(const struct cmd_line *line)
{
	(void)line;
	return 0;
}

static const struct cmd cmd_again = {
    .name = "again", .run = nothing, .flags = CMD_INHERIT, .max = 1};
static const struct cmd *const run_subs[] = {&cmd_again, NULL};
static const struct cmd cmd_run = {.name = "run",
    .opts = run_opts,
    .args_size = sizeof(struct run_args),
    .run = nothing,
    .max = 2,
    .subs = run_subs,
    .flags = CMD_INHERIT,
    .operands = "[WORD] [WORD]"};
static const struct cmd cmd_box = {.name = "box",
    .run = nothing,
    .min = 1,
    .max = CMD_ANY,
    .flags = CMD_VERBATIM,
    .operands = "CMD ..."};
static const struct cmd cmd_ask = {.name = "ask",
    .run = nothing,
    .opts = inner_opts,
    .args_size = sizeof(struct inner)};
static const struct cmd cmd_list = {.name = "list",
    .run = nothing,
    .opts = inner_opts,
    .args_size = sizeof(struct inner)};
static const struct cmd cmd_put = {
    .name = "put", .run = nothing, .min = 2, .max = 2, .operands = "KEY VALUE"};
static const struct cmd *const keep_subs[] = {&cmd_list, &cmd_put, NULL};
static const struct cmd cmd_keep = {.name = "keep", .subs = keep_subs};
static const struct cmd *const root_subs[] = {
    &cmd_run, &cmd_box, &cmd_ask, &cmd_keep, NULL};
const struct cmd cmd_cordon = {.name = "cordon",
    .opts = root_opts,
    .args_size = sizeof(struct root_args),
    .subs = root_subs,
    .max = 1,
    .flags = CMD_WORDS,
    .run = nothing};

static struct cmd_line root;
static char error[256];

/* Parses the words, of which there are at most four. */
static struct cmd_line *
parse(const char *a, const char *b, const char *c, const char *d)
{
	static char copies[4][64]; /* what was parsed points into them */
	const char *words[] = {a, b, c, d};
	char *argv[5] = {NULL};
	int n;

	for (n = 0; n < 4 && words[n] != NULL; n++) {
		assert_true(strlen(words[n]) < sizeof(copies[n]));
		(void)strlcpy(copies[n], words[n], sizeof(copies[n]));
		argv[n] = copies[n];
	}
	memset(&root, 0, sizeof(root));
	root.cmd = &cmd_cordon;
	error[0] = '\0';
	return opt_parse(&root, n, argv, error, sizeof(error));
}

static void
fails(const char *message, const char *a, const char *b, const char *c)
{
	assert_null(parse(a, b, c, NULL));
	assert_string_equal(error, message);
}

static void
values_come_in_every_form(void **state)
{
	static const char *const forms[][3] = {{"--file=x", NULL, NULL},
	    {"--file", "x", NULL}, {"-f", "x", NULL}, {"-fx", NULL, NULL},
	    {"-f=x", NULL, NULL}, {"-qjfx", NULL, NULL}, {"-jf", "x", NULL}};
	struct cmd_line *line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		line = parse("run", forms[i][0], forms[i][1], forms[i][2]);
		assert_non_null(line);
		assert_string_equal(((struct run_args *)line->args)->file, "x");
		assert_int_equal(line->given.n, 0);
		opt_free(line);
	}
}

static void
numbers_keep_their_range(void **state)
{
	struct cmd_line *line;
	struct run_args *args;

	(void)state;
	line = parse("run", "--size=2K", "--time=5m", "-n10");
	args = line->args;
	assert_int_equal(args->size, 2048);
	assert_int_equal(args->time, 300000);
	assert_int_equal(args->count, 10);
	opt_free(line);
	fails("run: --count takes a number from 1 to 10, not '11'", "run",
	    "-n11", NULL);
	fails("run: --count takes a number from 1 to 10, not '2K'", "run", "-n",
	    "2K");
	fails("run: --count takes a number from 1 to 10, not '-1'", "run",
	    "--count=-1", NULL);
	fails("run: --size takes a size such as 512K or 2G, not 'big'", "run",
	    "--size", "big");
	fails("run: --time takes a time such as 500ms, 60s or 5m, not ''",
	    "run", "--time=", NULL);
}

static void
mistakes_are_named(void **state)
{
	(void)state;
	fails("no command 'rum'; did you mean 'run'?", "rum", NULL, NULL);
	fails("no command 'xyzzy'; 'cordon --help' lists them", "xyzzy", NULL,
	    NULL);
	fails("run: no option --jsno; did you mean --json?", "run", "--jsno",
	    NULL);
	fails("run: no option --zzzzzz; 'cordon run --help' lists them", "run",
	    "--zzzzzz=1", NULL);
	fails("run: no option -x; 'cordon run --help' lists them", "run", "-jx",
	    NULL);
	fails("run: --json takes no value", "run", "--json=1", NULL);
	fails("run: --file needs a value (FILE)", "run", "--file", NULL);
	fails("run: --file has an empty value; it takes FILE", "run", "--file",
	    "");
	fails("run: --file has an empty value; it takes FILE", "run",
	    "--file=", NULL);
	fails("run: --file needs a value (FILE)", "run", "-jf", NULL);
	fails("run: --color takes always|never|auto, not 'on'", "run",
	    "--color", "on");
	fails("run: --color takes always|never|auto, not 'alway'", "run",
	    "--color", "alway");
	fails("keep: a command is missing; 'cordon keep --help' lists them",
	    "keep", NULL, NULL);
	fails("keep: no command 'lis'; did you mean 'list'?", "keep", "lis",
	    NULL);
	fails("keep list: 'x' is one operand too many; see 'cordon keep list "
	      "--help'",
	    "keep", "list", "x");
	fails("box: CMD ... is missing; see 'cordon box --help'", "box", NULL,
	    NULL);
	fails("box: no option --model; 'cordon box --help' lists them", "box",
	    "--model", "x");
	fails("run: no option --version; 'cordon run --help' lists them", "run",
	    "--version", NULL);
	fails("keep put: KEY VALUE is missing; see 'cordon keep put --help'",
	    "keep", "put", NULL);
	fails("keep put: VALUE is missing; see 'cordon keep put --help'",
	    "keep", "put", "k");
}

/* What is said before a command is said of it, or it is a mistake. */
static void
nothing_said_before_is_dropped(void **state)
{
	struct cmd_line *line;
	const struct inner *inner;

	(void)state;
	line = parse("-m", "gpt", "-da", "ask");
	assert_non_null(line);
	inner = line->args;
	assert_string_equal(inner->model, "gpt");
	assert_int_equal(inner->dirs.n, 1);
	assert_string_equal(inner->dirs.v[0], "a");
	opt_free(line);
	line = parse("--model=ask", "ask", "--dir", "b");
	inner = line->args;
	assert_string_equal(inner->model, "ask");
	assert_string_equal(inner->dirs.v[0], "b");
	opt_free(line);
	line = parse("-ma", "ask", "-mb", NULL);
	assert_string_equal(((struct inner *)line->args)->model, "b");
	opt_free(line);
	line = parse("-mgpt", "keep", "list", NULL);
	assert_string_equal(((struct inner *)line->args)->model, "gpt");
	opt_free(line);
	line = parse("-h", "keep", NULL, NULL);
	assert_ptr_equal(line->cmd, &cmd_keep);
	assert_true(line->help);
	opt_free(line);
	line = parse("-h", "box", NULL, NULL);
	assert_true(line->help);
	opt_free(line);
	fails("box: no option -m; 'cordon box --help' lists them", "-mx", "box",
	    "y");
	fails("keep: no option -m; 'cordon keep --help' lists them", "-mx",
	    "keep", NULL);
	fails("keep put: no option --model; 'cordon keep put --help' lists "
	      "them",
	    "--model=x", "keep", "put");
	fails("ask: no option -V; 'cordon ask --help' lists them", "-V", "ask",
	    NULL);
}

static void
a_sub_command_inherits(void **state)
{
	struct cmd_line *line;
	const struct root_args *args;
	const struct run_args *run;

	(void)state;
	line = parse("run", "-qm", "gpt", "again");
	assert_non_null(line);
	assert_ptr_equal(line->cmd, &cmd_again);
	args = cmd_args(line, &cmd_cordon);
	assert_string_equal(args->inner.model, "gpt");
	opt_free(line);

	line = parse("run", "again", "--json", "--dir=a");
	assert_non_null(line);
	run = cmd_args(line, &cmd_run);
	assert_true(run->json);
	args = cmd_args(line, &cmd_cordon);
	assert_int_equal(args->inner.dirs.n, 1);
	opt_free(line);
}

static void
operands_and_two_dashes(void **state)
{
	struct cmd_line *line;

	(void)state;
	line = parse("run", "a", "--json", "b");
	assert_int_equal(line->given.n, 2);
	assert_true(((struct run_args *)line->args)->json);
	opt_free(line);

	line = parse("run", "--", "--json", "again");
	assert_ptr_equal(line->cmd, &cmd_run);
	assert_false(((struct run_args *)line->args)->json);
	assert_string_equal(line->given.v[0], "--json");
	assert_string_equal(line->given.v[1], "again");
	opt_free(line);

	line = parse("box", "ls", "--help", "--");
	assert_int_equal(line->given.n, 3);
	assert_false(line->help);
	opt_free(line);

	line = parse("box", "--", "--", "-h");
	assert_int_equal(line->given.n, 2);
	opt_free(line);

	line = parse("fix the tests", NULL, NULL, NULL);
	assert_ptr_equal(line, &root);
	opt_free(line);
	line = parse("--", "rum", NULL, NULL);
	assert_string_equal(line->given.v[0], "rum");
	opt_free(line);
	line = parse("-", NULL, NULL, NULL);
	assert_string_equal(line->given.v[0], "-");
	opt_free(line);
	fails("'b' is one operand too many; see 'cordon --help'", "a b", "b",
	    NULL);
}

static void
help_needs_nothing_else(void **state)
{
	struct cmd_line *line;

	(void)state;
	line = parse("box", "-h", NULL, NULL);
	assert_true(line->help);
	opt_free(line);
	line = parse("keep", "--help", NULL, NULL);
	assert_true(line->help);
	opt_free(line);
}

static void
the_last_value_counts_and_lists_collect(void **state)
{
	struct cmd_line *line;
	struct root_args *args;

	(void)state;
	line = parse("-ma", "-mb", "-dx", "--dir=y");
	args = line->args;
	assert_string_equal(args->inner.model, "b");
	assert_int_equal(args->inner.dirs.n, 2);
	assert_string_equal(args->inner.dirs.v[1], "y");
	assert_null(args->inner.dirs.v[2]);
	opt_free(line);
	line = parse("run", "--old", NULL, NULL);
	assert_true(((struct run_args *)line->args)->quiet);
	opt_free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_come_in_every_form),
	    cmocka_unit_test(numbers_keep_their_range),
	    cmocka_unit_test(mistakes_are_named),
	    cmocka_unit_test(a_sub_command_inherits),
	    cmocka_unit_test(nothing_said_before_is_dropped),
	    cmocka_unit_test(operands_and_two_dashes),
	    cmocka_unit_test(help_needs_nothing_else),
	    cmocka_unit_test(the_last_value_counts_and_lists_collect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
