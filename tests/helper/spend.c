/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a command costs: the median of its milliseconds and the largest
 * resident set of any process of it that was waited for, in MiB.
 *
 * usage: spend RUNS COMMAND [ARG ...]
 *
 * Linux counts the memory of the process that a command was started from as
 * the command's own, so it has to be started from something small.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

#define RUNS_MAX 1000

extern char **environ;

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Milliseconds of one run; negative if it failed. */
static double
run(char *argv[], const posix_spawn_file_actions_t *quiet)
{
	uint64_t start = clock_mono_ns();
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], quiet, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		return -1;
	return (double)(clock_mono_ns() - start) / 1e6;
}

int
main(int argc, char *argv[])
{
	static double took[RUNS_MAX];
	posix_spawn_file_actions_t quiet;
	const char *wrong = NULL;
	struct rusage usage;
	int i, runs = 0;

	if (argc > 2)
		runs = (int)strtonum(argv[1], 1, RUNS_MAX, &wrong);
	if (runs == 0 || wrong != NULL) {
		(void)fprintf(stderr, "usage: spend RUNS COMMAND [ARG ...]\n");
		return 64;
	}
	(void)posix_spawn_file_actions_init(&quiet);
	for (i = 0; i < 3; i++)
		(void)posix_spawn_file_actions_addopen(
		    &quiet, i, "/dev/null", O_RDWR, 0);
	for (i = 0; i < runs; i++) {
		took[i] = run(argv + 2, &quiet);
		if (took[i] < 0) {
			(void)printf("failed failed\n");
			return 1;
		}
	}
	qsort(took, (size_t)runs, sizeof(took[0]), compare);
	(void)getrusage(RUSAGE_CHILDREN, &usage);
	(void)printf(
	    "%.1f %.1f\n", took[runs / 2], (double)usage.ru_maxrss / 1024);
	(void)posix_spawn_file_actions_destroy(&quiet);
	return 0;
}
