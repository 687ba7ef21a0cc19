/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: attempt -l | attempt NAME
 *
 * One attempt to get out of a cell.  -l lists them: the family, the name, and
 * how its success shows: "state" (something outside changed), "later" (that,
 * by another process), "leak" (a secret on standard output), "exit" (status 0:
 * the kernel did it) or "limit" (status 0: it was let use that much).  Whether
 * a state changed is for the caller to see, from outside.  "control" is what
 * a cell permits: it writes into the workspace.  The environment says where
 * things are: OUT, WORK, HIDDEN, VICTIM, PORT, SOCK, ABSTRACT, SHMID, TTY.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "attempt.h"

static const struct {
	const char *name;
	const struct attempt *table;
} families[] = {{"secrets", attempts_secret}, {"processes", attempts_process},
    {"network", attempts_network}, {"ipc", attempts_ipc},
    {"privileges", attempts_privilege}, {"kernel", attempts_kernel},
    {"devices", attempts_device}, {"terminals", attempts_terminal},
    {"resources", attempts_resource}, {"persistence", attempts_persistence}};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

const char *
where(const char *name)
{
	const char *v = getenv(name);

	if (v == NULL) {
		(void)fprintf(stderr, "attempt: %s is not set\n", name);
		exit(2);
	}
	return v;
}

char *
beneath(const char *dir, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *p = paths[next++ % 4];

	if (str_fmt(p, PATH_MAX, "%s/%s", dir, name) != 0)
		exit(2);
	return p;
}

long
put(int fd)
{
	return fd == -1 ? -1 : write(fd, "x", 1);
}

long
number(const char *name)
{
	const char *err = NULL;
	long n = (long)strtonum(where(name), 0, INT_MAX, &err);

	if (err != NULL)
		exit(2);
	return n;
}

long
show(const char *path)
{
	char b[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd == -1 ? -1 : read(fd, b, sizeof(b));

	return n <= 0 ? -1 : (long)fwrite(b, 1, (size_t)n, stdout);
}

long
judged(long result, int err)
{
	return result == -1 && errno == err ? 0 : result;
}

static void
list(void)
{
	static const char *const words[] = {
	    "state", "later", "leak", "exit", "limit"};
	const struct attempt *a;
	size_t i;

	files_list();
	for (i = 0; i < FAMILIES; i++)
		for (a = families[i].table; a->name != NULL; a++)
			(void)printf("%s\t%s\t%s\n", families[i].name, a->name,
			    words[a->shows]);
}

static long
attempt(const char *name)
{
	const struct attempt *a;
	long result;
	size_t i;

	if (strcmp(name, "control") == 0)
		return put(open(
		    beneath(where("WORK"), name), O_WRONLY | O_CREAT, 0644));
	if (files_attempt(name, &result))
		return result;
	for (i = 0; i < FAMILIES; i++)
		for (a = families[i].table; a->name != NULL; a++)
			if (strcmp(a->name, name) == 0)
				return a->run != NULL
					   ? a->run()
					   : a->with(strchr(name, ':') + 1);
	(void)fprintf(stderr, "attempt: %s: no such attempt\n", name);
	exit(2);
}

int
main(int argc, char *argv[])
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: attempt -l | attempt NAME\n");
		return 2;
	}
	if (strcmp(argv[1], "-l") == 0) {
		list();
		return 0;
	}
	return attempt(argv[1]) == -1 ? 1 : 0;
}
