/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: the editor and the pager of the person. */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/xmem.h"
#include "cordon/person.h"

#define NOT_RUN 127 /* as a shell says it */

/* The value of the first variable that is set, NULL behind the last. */
static const char *
first_set(const char *const *names, const char *otherwise)
{
	const char *value;

	for (; *names != NULL; names++) {
		value = getenv(*names);
		if (value != NULL && *value != '\0')
			return value;
	}
	return otherwise;
}

const char *
person_editor(void)
{
	static const char *const names[] = {"VISUAL", "EDITOR", NULL};

	return first_set(names, "vi");
}

const char *
person_pager(void)
{
	static const char *const names[] = {"PAGER", NULL};

	return first_set(names, "less");
}

int
person_run(const char *program, const char *file)
{
	char *line = xasprintf("%s \"$1\"", program);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl(
		    "/bin/sh", "sh", "-c", line, "sh", file, (char *)NULL);
		_exit(NOT_RUN);
	}
	free(line);
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return pid != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : NOT_RUN;
}
