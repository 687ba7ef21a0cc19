/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Test helper.  With --pins it prints the environment that a read-only
 * command gets, a pair a line; else the verdict on each line of the input,
 * with the reason behind a tab.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/classify.h"

int
main(int argc, char **argv)
{
	struct shell_verdict v;
	char *line = NULL;
	size_t size = 0, i;
	ssize_t n;

	if (argc == 2 && strcmp(argv[1], "--pins") == 0) {
		for (i = 0; shell_pins[i] != NULL; i++)
			(void)puts(shell_pins[i]);
		return 0;
	}
	while ((n = getline(&line, &size, stdin)) > 0) {
		if (line[n - 1] == '\n')
			n--;
		shell_classify(&v, line, (size_t)n, NULL);
		printf("%s\t%s\n", shell_class_str(v.class), v.why);
		shell_verdict_fini(&v);
	}
	free(line);
	return 0;
}
