/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the last steps of a child before it is another program. */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/exec.h"
#include "base/str.h"

#define PATH_NAME    "PATH="
#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"

void
exec_signals_default(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static const char *
exec_folders(char *const env[])
{
	for (; *env != NULL; env++)
		if (str_starts(*env, PATH_NAME))
			return *env + strlen(PATH_NAME);
	return PATH_DEFAULT;
}

void
exec_path(char *const argv[], char *const env[])
{
	char file[PATH_MAX];
	const char *p, *end;
	int err = ENOENT;

	if (argv[0][0] == '\0') {
		errno = ENOENT;
		return;
	}
	if (strchr(argv[0], '/') != NULL) {
		(void)execve(argv[0], argv, env);
		return;
	}
	for (p = exec_folders(env); *p != '\0';
	     p = *end == '\0' ? end : end + 1) {
		end = strchrnul(p, ':');
		if (end == p || str_fmt(file, sizeof(file), "%.*s/%s",
				    (int)(end - p), p, argv[0]) != 0)
			continue;
		(void)execve(file, argv, env);
		if (errno != ENOENT && errno != ENOTDIR)
			err = errno;
	}
	errno = err;
}
