/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Command lines by table.  Library part of the main program: it prints
 * nothing and never exits.  The tables are declared with the commands
 * (cordon/cmd.h); this file only walks them, so that what is parsed, what
 * --help says and what a shell completes cannot differ.
 */

#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cordon/cmd.h"
#include "cordon/opt.h"

#define OPT_NAMES_MAX 128 /* option names of one command, for the hint */
#define OPT_PATH_MAX  64  /* bytes of "cordon exec resume" */

struct parser {
	struct cmd_line *line; /* the deepest level so far */
	int argc, i;
	const char *const *argv;
	struct opt_list before; /* the words of options before a sub-command */
	bool ended;             /* "--" was seen */
	char *error;
	size_t size;
};

static const struct opt opt_common[] = {
    {"help", 'h', OPT_FLAG, NULL, "print this help", 0, 0, 0, NULL, 0}, {0}};

static int parse_fail(struct parser *ps, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
list_add(struct opt_list *list, const char *s)
{
	list->v = xreallocarray(list->v, list->n + 2, sizeof(*list->v));
	list->v[list->n++] = s;
	list->v[list->n] = NULL;
}

static int
visit_table(const struct opt *opts, char *base, bool inherited,
    opt_visit_fn *fn, void *arg)
{
	int r;

	for (; opts != NULL && opts->kind != OPT_END; opts++) {
		char *slot = base == NULL ? NULL : base + opts->off;

		if (inherited && (opts->flags & OPT_LOCAL))
			continue;
		if (opts->kind == OPT_TABLE)
			r = visit_table(opts->table, slot, inherited, fn, arg);
		else
			r = fn(arg, opts, slot);
		if (r != 0)
			return r;
	}
	return 0;
}

int
opt_visit(struct cmd_line *line, opt_visit_fn *fn, void *arg)
{
	struct cmd_line *level = line;
	int r;

	for (;;) {
		r = visit_table(
		    level->cmd->opts, level->args, level != line, fn, arg);
		if (r != 0)
			return r;
		if (!(level->cmd->flags & CMD_INHERIT))
			break;
		level = level->parent;
	}
	return fn(arg, &opt_common[0], &line->help);
}

/* The message begins with the command that it is about. */
static int
parse_fail(struct parser *ps, const char *fmt, ...)
{
	char path[OPT_PATH_MAX], text[512];
	const char *rest;
	va_list ap;

	cmd_path(ps->line, path, sizeof(path));
	rest = strchr(path, ' ');
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)snprintf(ps->error, ps->size, "%s%s%s",
	    rest == NULL ? "" : rest + 1, rest == NULL ? "" : ": ", text);
	return ERR_FORMAT;
}

/* What a visit of the rows looks for, and what it found. */
struct search {
	const char *name; /* borrowed; not ended by a NUL but by len */
	size_t len;
	char letter;
	const struct opt *opt;
	void *slot;
	const char *names[OPT_NAMES_MAX + 1];
	size_t n;
};

static int
search_row(void *arg, const struct opt *opt, void *slot)
{
	struct search *s = arg;

	if (s->n < OPT_NAMES_MAX && !(opt->flags & OPT_HIDDEN))
		s->names[s->n++] = opt->name;
	if (s->name != NULL ? strlen(opt->name) != s->len ||
				  strncmp(opt->name, s->name, s->len) != 0
			    : opt->letter != s->letter)
		return 0;
	s->opt = opt;
	s->slot = slot;
	return 1;
}

static int
take_enum(struct parser *ps, const struct opt *opt, const char *value,
    const char **slot)
{
	const char *p = opt->arg;
	size_t n;

	for (;; p += n + 1) {
		n = strcspn(p, "|");
		if (strlen(value) == n && strncmp(p, value, n) == 0) {
			*slot = value;
			return 0;
		}
		if (p[n] == '\0')
			return parse_fail(ps, "--%s takes %s, not '%s'",
			    opt->name, opt->arg, value);
	}
}

static int
take_number(
    struct parser *ps, const struct opt *opt, const char *value, uint64_t *slot)
{
	uint64_t max = opt->max == 0 ? UINT64_MAX : opt->max;

	switch (opt->kind) {
	case OPT_SIZE:
		if (str_size(value, slot) == 0)
			return 0;
		return parse_fail(ps,
		    "--%s takes a size such as 512K or 2G,"
		    " not '%s'",
		    opt->name, value);
	case OPT_TIME:
		if (str_duration(value, slot) == 0)
			return 0;
		return parse_fail(ps,
		    "--%s takes a time such as 500ms, 60s"
		    " or 5m, not '%s'",
		    opt->name, value);
	case OPT_NUM:
		if (value[strspn(value, "0123456789")] == '\0' &&
		    str_size(value, slot) == 0 && *slot >= opt->min &&
		    *slot <= max)
			return 0;
		if (opt->max == 0)
			return parse_fail(ps,
			    "--%s takes a number of at least %" PRIu64
			    ", not '%s'",
			    opt->name, opt->min, value);
		return parse_fail(ps,
		    "--%s takes a number from %" PRIu64 " to %" PRIu64
		    ", not '%s'",
		    opt->name, opt->min, max, value);
	case OPT_END:
	case OPT_FLAG:
	case OPT_STR:
	case OPT_ENUM:
	case OPT_LIST:
	case OPT_TABLE:
		break;
	}
	assert(false && "not a number's kind");
	return ERR_TYPE;
}

static int
take_value(
    struct parser *ps, const struct opt *opt, const char *value, void *slot)
{
	if ((opt->kind == OPT_STR || opt->kind == OPT_LIST) && value != NULL &&
	    *value == '\0') /* "$UNSET", most likely */
		return parse_fail(ps, "--%s has an empty value; it takes %s",
		    opt->name, opt->arg);
	switch (opt->kind) {
	case OPT_STR:
		*(const char **)slot = value;
		return 0;
	case OPT_LIST:
		list_add(slot, value);
		return 0;
	case OPT_ENUM:
		return take_enum(ps, opt, value, slot);
	case OPT_NUM:
	case OPT_SIZE:
	case OPT_TIME:
		return take_number(ps, opt, value, slot);
	case OPT_FLAG:
		*(bool *)slot = true;
		return 0;
	case OPT_END:
	case OPT_TABLE:
		break;
	}
	assert(false && "a row that is no option");
	return ERR_TYPE;
}

/* The next word of the command line as the value of an option. */
static int
take_next(struct parser *ps, const struct opt *opt, void *slot)
{
	if (ps->i + 1 >= ps->argc)
		return parse_fail(
		    ps, "--%s needs a value (%s)", opt->name, opt->arg);
	return take_value(ps, opt, ps->argv[++ps->i], slot);
}

/* There is no such thing; open and close stand around the name of one. */
static int
parse_unknown(struct parser *ps, const char *what, const char *open,
    const char *name, const char *close, const char *near)
{
	char path[OPT_PATH_MAX];

	if (near != NULL)
		return parse_fail(ps, "no %s %s%s%s; did you mean %s%s%s?",
		    what, open, name, close, open, near, close);
	cmd_path(ps->line, path, sizeof(path));
	return parse_fail(ps, "no %s %s%s%s; '%s --help' lists them", what,
	    open, name, close, path);
}

static int
parse_long(struct parser *ps, const char *word)
{
	struct search s = {.name = word};
	char name[64];

	s.len = strcspn(word, "=");
	if (opt_visit(ps->line, search_row, &s) == 0) {
		(void)snprintf(name, sizeof(name), "%.*s", (int)s.len, word);
		return parse_unknown(
		    ps, "option", "--", name, "", str_nearest(name, s.names));
	}
	if (s.opt->kind == OPT_FLAG) {
		if (word[s.len] == '=')
			return parse_fail(
			    ps, "--%s takes no value", s.opt->name);
		return take_value(ps, s.opt, NULL, s.slot);
	}
	if (word[s.len] == '=')
		return take_value(ps, s.opt, word + s.len + 1, s.slot);
	return take_next(ps, s.opt, s.slot);
}

static int
parse_short(struct parser *ps, const char *cluster)
{
	char letter[2] = "";
	int r;

	for (; *cluster != '\0'; cluster++) {
		struct search s = {.letter = *cluster};

		if (opt_visit(ps->line, search_row, &s) == 0) {
			*letter = *cluster;
			return parse_unknown(
			    ps, "option", "-", letter, "", NULL);
		}
		if (s.opt->kind == OPT_FLAG)
			r = take_value(ps, s.opt, NULL, s.slot);
		else if (cluster[1] != '\0')
			return take_value(ps, s.opt,
			    cluster[1] == '=' ? cluster + 2 : cluster + 1,
			    s.slot);
		else
			return take_next(ps, s.opt, s.slot);
		if (r != 0)
			return r;
	}
	return 0;
}

static struct cmd_line *
level_new(const struct cmd *cmd, struct cmd_line *parent)
{
	struct cmd_line *line = xcalloc(1, sizeof(*line));

	line->cmd = cmd;
	line->parent = parent;
	return line;
}

static void
level_args(struct cmd_line *line)
{
	if (line->cmd->args_size > 0)
		line->args = xcalloc(1, line->cmd->args_size);
}

/* One option, and its value if that is a word of its own. */
static int
parse_option(struct parser *ps, const char *word)
{
	return word[1] == '-' ? parse_long(ps, word + 2)
			      : parse_short(ps, word + 1);
}

/*
 * What stands before the name of a sub-command is said of it: where it does
 * not inherit the options it reads them itself, or knows none of that name.
 * Nothing that was said is dropped.
 */
static int
parse_before(struct parser *ps)
{
	const struct parser outer = *ps;
	int r = 0;

	ps->argv = outer.before.v;
	ps->argc = (int)outer.before.n;
	for (ps->i = 0; ps->i < ps->argc && r == 0; ps->i++)
		r = parse_option(ps, ps->argv[ps->i]);
	ps->argv = outer.argv;
	ps->argc = outer.argc;
	ps->i = outer.i;
	return r;
}

/* A mere group of commands leaves the options to the command. */
static bool
is_group(const struct cmd *cmd)
{
	return cmd->run == NULL && cmd->opts == NULL;
}

static int
parse_sub(struct parser *ps, const struct cmd *sub)
{
	ps->line = level_new(sub, ps->line);
	level_args(ps->line);
	if ((sub->flags & CMD_INHERIT) || is_group(sub))
		return 0;
	return parse_before(ps);
}

/* One word as people mistype commands, not a sentence for the model. */
static bool
is_word(const char *s)
{
	return islower((unsigned char)*s) &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyz-")] == '\0';
}

static int
parse_operand(struct parser *ps, const char *word)
{
	const struct cmd *cmd = ps->line->cmd, *sub;
	char path[OPT_PATH_MAX];

	if (!ps->ended && ps->line->given.n == 0 && cmd->subs != NULL) {
		sub = cmd_sub(cmd, word);
		if (sub != NULL)
			return parse_sub(ps, sub);
		if (cmd->run == NULL || cmd->max == 0 ||
		    ((cmd->flags & CMD_WORDS) && is_word(word)))
			return parse_unknown(ps, "command", "'", word, "'",
			    cmd_nearest(cmd, word));
	}
	if (ps->line->given.n >= cmd->max) {
		cmd_path(ps->line, path, sizeof(path));
		return parse_fail(ps,
		    "'%s' is one operand too many; see '%s --help'", word,
		    path);
	}
	list_add(&ps->line->given, word);
	if (cmd->flags & CMD_VERBATIM)
		ps->ended = true;
	return 0;
}

static int
parse_end(struct parser *ps)
{
	const struct cmd *cmd = ps->line->cmd;
	const char *missing = cmd->operands;
	char path[OPT_PATH_MAX];
	size_t i;
	int r;

	r = is_group(cmd) ? parse_before(ps) : 0;
	if (r != 0 || ps->line->help)
		return r;
	cmd_path(ps->line, path, sizeof(path));
	if (cmd->run == NULL)
		return parse_fail(ps,
		    "a command is missing; '%s --help' lists"
		    " them",
		    path);
	if (ps->line->given.n < cmd->min) {
		for (i = 0; i < ps->line->given.n; i++)
			missing += strcspn(missing, " ") + 1;
		return parse_fail(
		    ps, "%s is missing; see '%s --help'", missing, path);
	}
	return 0;
}

/* The next word, and what belongs to it. */
static int
parse_word(struct parser *ps)
{
	const char *word = ps->argv[ps->i];
	int i = ps->i, r;

	if (ps->ended || word[0] != '-' || word[1] == '\0')
		return parse_operand(ps, word);
	if (strcmp(word, "--") == 0) {
		ps->ended = true;
		return 0;
	}
	r = parse_option(ps, word);
	if (ps->line->cmd->subs != NULL)
		for (; r == 0 && i <= ps->i; i++)
			list_add(&ps->before, ps->argv[i]);
	return r;
}

struct cmd_line *
opt_parse(struct cmd_line *root, int argc, char *const argv[], char *error,
    size_t size)
{
	struct parser ps = {.line = root,
	    .argc = argc,
	    .argv = (const char *const *)argv,
	    .error = error,
	    .size = size};
	int r = 0;

	level_args(root);
	for (ps.i = 0; ps.i < argc && r == 0; ps.i++)
		r = parse_word(&ps);
	if (r == 0)
		r = parse_end(&ps);
	free(ps.before.v);
	if (r == 0)
		return ps.line;
	opt_free(ps.line);
	return NULL;
}

static int
free_row(void *arg, const struct opt *opt, void *slot)
{
	(void)arg;
	if (opt->kind == OPT_LIST && slot != NULL)
		free(((struct opt_list *)slot)->v);
	return 0;
}

void
opt_free(struct cmd_line *line)
{
	struct cmd_line *parent;

	for (; line != NULL; line = parent) {
		parent = line->parent;
		(void)visit_table(
		    line->cmd->opts, line->args, false, free_row, NULL);
		free(line->given.v);
		free(line->args);
		line->given = (struct opt_list){NULL, 0};
		line->args = NULL;
		if (parent != NULL)
			free(line);
	}
}
