/* SPDX-License-Identifier: Apache-2.0 */

/* Verdicts: the corpora, argument vectors, and what a grammar takes. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/vis.h"
#include "base/xmem.h"
#include "shell/classify.h"

#include "../helper/corpus.h"

#define CORPUS_OWN_MIN                                                         \
	300 /* rows that the corpora of the tree have at least                 \
	     */

/* A row is right if allow means read-only, and deception is seen as such.
 * Which files are secret is not for this library to say. */
static bool
row_right(const struct corpus_row *row, enum shell_class class)
{
	if (strcmp(row->family, "secret") == 0)
		return true;
	if (strcmp(row->family, "deceive") == 0)
		return class == SHELL_DECEPTIVE;
	if (strcmp(row->verdict, "allow") == 0)
		return class == SHELL_READ_ONLY;
	return class == SHELL_OTHER || class == SHELL_UNCLEAR;
}

/* Returns the number of rows, having shown those that are wrong. */
static unsigned
run_corpus(const char *path, unsigned *wrong)
{
	struct corpus_row row;
	struct shell_verdict v;
	char shown[256];
	unsigned n = 0;
	FILE *f = fopen(path, "re");
	int r;

	if (f == NULL)
		return 0;
	corpus_row_init(&row);
	while ((r = corpus_next(f, &row)) == 1) {
		shell_classify(
		    &v, (const char *)buf_data(&row.line), row.line.len, NULL);
		n++;
		if (!row_right(&row, v.class)) {
			(*wrong)++;
			(void)vis_bytes(shown, sizeof(shown),
			    buf_data(&row.line), row.line.len, 0);
			print_error("%s:%u: %s: want %s (%s), is %s: %s\n",
			    path, row.number, shown, row.verdict, row.family,
			    shell_class_str(v.class), v.why);
		}
		shell_verdict_fini(&v);
	}
	assert_int_equal(r, 0);
	corpus_row_fini(&row);
	(void)fclose(f);
	return n;
}

static char *
in_source(const char *path)
{
	const char *src = getenv("CORDON_SRC");

	return xasprintf("%s/%s", src == NULL ? "." : src, path);
}

static void
test_own_corpus(void **state)
{
	static const char *const files[] = {
	    "tests/data/shell/unsafe.tsv", "tests/data/shell/harmless.tsv"};
	unsigned i, n = 0, wrong = 0;
	char *path;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path = in_source(files[i]);
		n += run_corpus(path, &wrong);
		free(path);
	}
	print_message("%u rows of the tree's corpora\n", n);
	assert_true(n >= CORPUS_OWN_MIN);
	assert_int_equal(wrong, 0);
}

/* $CORDON_COMMANDS, or beside the source tree. */
static void
test_public_corpus(void **state)
{
	const char *env = getenv("CORDON_COMMANDS");
	char *path = env != NULL ? xstrdup(env)
				 : in_source("../shared/commands-public.tsv");
	unsigned n, wrong = 0;

	(void)state;
	n = run_corpus(path, &wrong);
	if (n == 0)
		print_message("SKIP: there is no corpus at %s\n", path);
	else
		print_message("%u rows of %s\n", n, path);
	free(path);
	assert_int_equal(wrong, 0);
	if (n == 0)
		skip();
}

#define ARGV_MAX 6

static const struct {
	const char *argv[ARGV_MAX];
	enum shell_class want;
} argvs[] = {
    {{"ls", "-la"}, SHELL_READ_ONLY},
    {{"ls", "$(x)", "*", "> f"}, SHELL_READ_ONLY},
    {{"/usr/bin/cat", "a"}, SHELL_READ_ONLY},
    {{"./cat", "a"}, SHELL_OTHER},
    {{"/tmp/cat", "a"}, SHELL_OTHER},
    {{"find", ".", "-delete"}, SHELL_OTHER},
    {{"ls;rm", "x"}, SHELL_OTHER},
    {{"l\xE2\x80\x8Bs"}, SHELL_DECEPTIVE},
    {{"bash", "-lc", "ls | wc -l"}, SHELL_READ_ONLY},
    {{"/bin/bash", "-l", "-c", "ls"}, SHELL_READ_ONLY},
    {{"/bin/sh", "-c", "ls > f"}, SHELL_OTHER},
    {{"bash", "-lc", "ls $x"}, SHELL_UNCLEAR},
    {{"bash", "-lc", "ls", "x"}, SHELL_OTHER},
    {{"bash", "-ic", "ls"}, SHELL_OTHER},
    {{"bash", "ls"}, SHELL_OTHER},
    {{"zsh", "-c", "ls"}, SHELL_OTHER},
    {{"./bash", "-c", "ls"}, SHELL_OTHER},
};

static void
test_argv(void **state)
{
	struct shell_verdict v;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(argvs) / sizeof(argvs[0]); i++) {
		for (n = 0; n < ARGV_MAX && argvs[i].argv[n] != NULL; n++)
			;
		shell_classify_argv(&v, argvs[i].argv, n, NULL);
		if (v.class != argvs[i].want)
			print_error(
			    "%zu: %s: %s\n", i, argvs[i].argv[0], v.why);
		assert_int_equal(v.class, argvs[i].want);
		assert_int_equal(v.why[0] == '\0', v.class == SHELL_READ_ONLY);
		shell_verdict_fini(&v);
	}
}

/* Reasons name what they are about, and where it is. */
static void
test_reasons(void **state)
{
	static const struct {
		const char *line, *why;
		size_t off;
	} cases[] = {
	    {"ls && sort -o x y", "sort: option -o is not known to be harmless",
		6},
	    {"ls > x", "output goes to a file", 5},
	    {"git -C x log",
		"git: an option before the command is not known to be harmless",
		0},
	    {"rm x", "rm: not known to only read", 0},
	    {"ls; echo $x", "an expansion ($) at 9", 9},
	};
	struct shell_verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		shell_classify(&v, cases[i].line, strlen(cases[i].line), NULL);
		assert_true(strncmp(cases[i].why, v.why, strlen(v.why)) == 0);
		assert_int_equal(v.off, cases[i].off);
		shell_verdict_fini(&v);
	}
}

/* git is known in the workspace alone, with and without a shell. */
static void
test_where(void **state)
{
	static const char *const git[] = {"git", "status"};
	static const char *const shell[] = {"bash", "-c", "git status"};
	static const char *const back[] = {"git", "-C", "/w/s", "status"};
	static const struct {
		const char *cwd;
		enum shell_class want;
	} cases[] = {{NULL, SHELL_READ_ONLY}, {"/w/s", SHELL_READ_ONLY},
	    {"/w/s/sub", SHELL_OTHER}, {"/w", SHELL_OTHER},
	    {"/w/s2", SHELL_OTHER}, {"/", SHELL_OTHER}};
	struct shell_verdict v[3];
	struct shell_where at = {NULL, "/w/s"};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		at.cwd = cases[i].cwd;
		shell_classify_argv(&v[0], git, 2, &at);
		shell_classify_argv(&v[1], shell, 3, &at);
		shell_classify_argv(&v[2], back, 4, &at);
		for (j = 0; j < 3; j++) {
			assert_int_equal(v[j].class, cases[i].want);
			shell_verdict_fini(&v[j]);
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_argv),
	    cmocka_unit_test(test_reasons),
	    cmocka_unit_test(test_where),
	    cmocka_unit_test(test_own_corpus),
	    cmocka_unit_test(test_public_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
