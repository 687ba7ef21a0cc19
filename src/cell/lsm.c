/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of the cell: tier lsm.
 *
 * There are no walls to build, so this process keeps the person's rights:
 * what it starts is held by its own domain and filter, and answered for by
 * its init.  It makes the private folder that stands for /tmp.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cell/cell.h"
#include "sandbox/kin.h"

#define LSM_TMP   "cordon-cell-" /* of the private folder's name */
#define LSM_TRIES 8
#define LSM_NICE  40 /* that of -20, getrlimit(2) */

/* Variables that lead programs to the private folder, and to the kept one. */
static const char *const lsm_tmp_names[] = {
    "TMPDIR", "TMP", "TEMP", "TMUX_TMPDIR", NULL};
static const char *const lsm_cache_names[] = {
    "XDG_CACHE_HOME", "npm_config_cache", NULL};

/* /dev/shm is the host's: it can be granted only if nothing in it can be
 * opened but what commands put there. */
static bool
lsm_shm_is_free(void)
{
	bool is_free = true;
	struct dirent *de;
	DIR *d = opendir("/dev/shm");

	if (d == NULL)
		return false;
	while (is_free && (de = readdir(d)) != NULL)
		is_free = strcmp(de->d_name, ".") == 0 ||
			  strcmp(de->d_name, "..") == 0 ||
			  faccessat(dirfd(d), de->d_name, R_OK,
			      AT_SYMLINK_NOFOLLOW) == -1;
	(void)closedir(d);
	return is_free;
}

/* What cells have left that were killed: each holds a lock on its own. */
static void
lsm_sweep(void)
{
	DIR *d = opendir("/tmp");
	struct dirent *de;
	char path[64];
	struct stat st;
	int fd;

	while (d != NULL && (de = readdir(d)) != NULL) {
		if (!str_starts(de->d_name, LSM_TMP) ||
		    str_fmt(path, sizeof(path), "/tmp/%s", de->d_name) != 0)
			continue;
		fd = openat(dirfd(d), de->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd != -1 && fstat(fd, &st) == 0 && st.st_uid == getuid() &&
		    flock(fd, LOCK_EX | LOCK_NB) == 0)
			fd_remove_tree(path);
		fd_close(&fd);
	}
	if (d != NULL)
		(void)closedir(d);
}

/* The lock lasts as long as this process; whoever sweeps between the two
 * steps has it, and then another folder is made. */
static int
lsm_private(struct cell *c)
{
	int fd, i;

	for (i = 0; i < LSM_TRIES; i++) {
		(void)strlcpy(c->tmp, "/tmp/" LSM_TMP "XXXXXX", sizeof(c->tmp));
		if (mkdtemp(c->tmp) == NULL)
			break;
		fd = open(c->tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    access(c->tmp, F_OK) == 0)
			return 0;
		fd_close(&fd);
	}
	c->tmp[0] = '\0';
	log_error("no private folder in /tmp: %s", strerror(errno));
	return ERR_IO;
}

static int
lsm_folders(struct cell *c)
{
	lsm_sweep();
	if (lsm_private(c) != 0)
		return ERR_IO;
	c->lsm.tmp = c->tmp;
	if (c->store[0] == '\0' ||
	    str_fmt(c->cache, sizeof(c->cache), "%s/cache", c->store) != 0)
		return 0;
	if (mkdir(c->cache, 0700) == -1 && errno != EEXIST) {
		log_error("%s: %s", c->cache, strerror(errno));
		return ERR_IO;
	}
	c->lsm.cache = c->cache;
	return 0;
}

int
lsm_begin(struct cell *c)
{
	const struct rlimit first = {LSM_NICE, LSM_NICE};
	int r;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return ERR_IO;
	/* Of root's processes the kernel does not limit the number: the inits
	 * may go before them.  Nobody else may permit that. */
	(void)setrlimit(RLIMIT_NICE, &first);
	/* A session keyring of its own, so that the person's is not found. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	r = lsm_folders(c);
	c->lsm.shm = lsm_shm_is_free();
	c->lsm.bound = broker_bound_new();
	if (r == 0 && c->lsm.bound == NULL)
		r = ERR_IO;
	return r;
}

/* Each init ends its own; what is then left nowhere belongs to nobody. */
void
lsm_end(struct cell *c)
{
	if (c->tier != TIER_LSM)
		return;
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	if (c->tmp[0] != '\0')
		fd_remove_tree(c->tmp);
	c->tmp[0] = '\0';
}

void
lsm_strays(const struct cell *c)
{
	pid_t known[CELL_CALLS_MAX];
	size_t i, n = 0;
	int proc;

	for (i = 0; i < CELL_CALLS_MAX; i++)
		if (c->calls[i].used && !c->calls[i].dead)
			known[n++] = c->calls[i].child.pid;
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc != -1)
		kin_end_strays(proc, known, n);
	fd_close(&proc);
}

static bool
lsm_is_named(const char *line, const char *const *names)
{
	size_t n;

	for (; *names != NULL; names++) {
		n = strlen(*names);
		if (strncmp(line, *names, n) == 0 && line[n] == '=')
			return true;
	}
	return false;
}

char **
lsm_environment(const struct cell *c, char **env)
{
	const char *const *names;
	size_t i, n = 0;

	for (i = 0; env != NULL && env[i] != NULL; i++)
		if (lsm_is_named(env[i], lsm_tmp_names) ||
		    lsm_is_named(env[i], lsm_cache_names))
			free(env[i]);
		else
			env[n++] = env[i];
	env = xreallocarray(env,
	    n + 1 + sizeof(lsm_tmp_names) / sizeof(char *) +
		sizeof(lsm_cache_names) / sizeof(char *),
	    sizeof(*env));
	for (names = lsm_tmp_names; *names != NULL; names++)
		env[n++] = xasprintf("%s=%s", *names, c->tmp);
	for (names = lsm_cache_names; c->lsm.cache != NULL && *names != NULL;
	     names++)
		env[n++] = xasprintf("%s=%s", *names, c->cache);
	env[n] = NULL;
	return env;
}
