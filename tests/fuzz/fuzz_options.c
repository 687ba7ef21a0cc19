/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: words, each with a newline behind, as the arguments of a
 * program.  The same words in quotes as a command line get the same verdict;
 * and whatever the grammars say, a few words never stand in what may run
 * unasked, unless they are text to be printed or searched for.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xmem.h"
#include "shell/classify.h"

#include "fuzz.h"

#define FUZZ_ARGS_MAX 64

static const struct {
	const char *program, *word;
} never[] = {
    {"find", "-delete"},
    {"find", "-exec"},
    {"find", "-fls"},
    {"sort", "-o"},
    {"sort", "--output"},
    {"sort", "--compress-program"},
    {"sed", "-i"},
    {"sed", "--in-place"},
    {"rg", "--pre"},
    {"rg", "-z"},
    {"tree", "-o"},
    {"tree", "-R"},
    {"git", "--output"},
    {"git", "--config-env"},
    {"git", "--git-dir"},
    {"file", "-C"},
    {"date", "-s"},
    {"jq", "-f"},
    {"diff", "-l"},
    {"xxd", "-r"},
    {"awk", "-f"},
    {"awk", "-i"},
    {"fd", "-x"},
    {"fd", "-X"},
    {"fd", "--exec"},
    {"fd", "-l"},
    {"gzip", "-r"},
};

/* The word alone could be the value of an option, or stand behind --. */
static bool
excused(const char *const *argv, size_t i)
{
	size_t j;

	if (argv[i - 1][0] == '-' ||
	    (i > 2 && str_starts(argv[i - 2], "--arg")))
		return true;
	for (j = 1; j < i; j++)
		if (strcmp(argv[j], "--") == 0)
			return true;
	return false;
}

static void
check_never(const char *const *argv, size_t argc)
{
	size_t i, j;

	for (i = 1; i < argc; i++)
		for (j = 0; j < sizeof(never) / sizeof(never[0]); j++)
			if (strcmp(argv[0], never[j].program) == 0 &&
			    strcmp(argv[i], never[j].word) == 0 &&
			    !excused(argv, i))
				fuzz_abort();
}

/* 'It'\''s' */
static void
quote(struct buf *b, const char *s)
{
	(void)buf_adds(b, " '");
	for (; *s != '\0'; s++)
		if (*s == '\'')
			(void)buf_adds(b, "'\\''");
		else
			(void)buf_addc(b, *s);
	(void)buf_addc(b, '\'');
}

static void
check(const char *const *argv, size_t argc)
{
	struct shell_verdict v, w;
	struct buf line;
	size_t i;

	shell_classify_argv(&v, argv, argc, NULL);
	buf_init(&line, SHELL_LINE_MAX);
	for (i = 0; i < argc; i++)
		quote(&line, argv[i]);
	if (v.class == SHELL_READ_ONLY && shell_line(argv, argc) == NULL)
		check_never(argv, argc);
	if (buf_err(&line) == 0 && shell_line(argv, argc) == NULL) {
		shell_classify(
		    &w, (const char *)buf_data(&line), line.len, NULL);
		/* A long run of blanks counts in a line only. */
		if (v.class != w.class && (w.class != SHELL_UNCLEAR ||
					      strstr(w.why, "blanks") == NULL))
			fuzz_abort();
		shell_verdict_fini(&w);
	}
	buf_fini(&line);
	shell_verdict_fini(&v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *argv[FUZZ_ARGS_MAX];
	char *text = xstrndup((const char *)data, size), *s = text, *nl;
	size_t argc = 0;

	while (argc < FUZZ_ARGS_MAX && (nl = strchr(s, '\n')) != NULL) {
		*nl = '\0';
		argv[argc++] = s;
		s = nl + 1;
	}
	if (argc > 0)
		check(argv, argc);
	free(text);
	return 0;
}
