/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: a family of processes without a PID namespace.
 *
 * A process that forks faster than we look is caught by its group: a signal
 * to a group reaches all of it at once, children born meanwhile included.
 * Those that leave the group are found in the next look, and each look stops
 * what it finds before it kills, so that the number of those that still fork
 * only shrinks.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "sandbox/kin.h"

#define KIN_PAUSE  1000000L /* ns between two looks while processes die */
#define KIN_REAPED 1024     /* between two looks */
#define KIN_DEPTH  4096     /* generations between a process and us */

ssize_t
kin_text(int proc, const char *pid, const char *name, char *dst, size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd = -1;

	if (str_fmt(path, sizeof(path), "%s%s%s", pid == NULL ? "" : pid,
		pid == NULL ? "" : "/", name) == 0)
		fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd != -1)
		n = read(fd, dst, size - 1);
	fd_close(&fd);
	dst[n > 0 ? n : 0] = '\0';
	return n > 0 ? n : ERR_NOENT;
}

uint64_t
kin_number(const char **p)
{
	uint64_t n = 0;

	*p += strcspn(*p, "0123456789");
	for (; isdigit((unsigned char)**p); (*p)++)
		n = n * 10 + (uint64_t)(**p - '0');
	return n;
}

#define KIN_THREADS 15 /* fields from the group to the number of threads */

/* Fields behind a name that may hold anything, proc_pid_stat(5). */
static int
kin_read(int proc, const char *pid, struct kin_one *one)
{
	char text[512];
	const char *p = text;
	int i;

	if (kin_text(proc, pid, "stat", text, sizeof(text)) < 0)
		return ERR_NOENT;
	one->pid = (pid_t)kin_number(&p);
	p = strrchr(text, ')');
	if (p == NULL)
		return ERR_FORMAT;
	one->parent = (pid_t)kin_number(&p);
	one->group = (pid_t)kin_number(&p);
	for (i = 0; i < KIN_THREADS; i++)
		one->threads = kin_number(&p);
	one->side = KIN_UNKNOWN;
	return 0;
}

static struct kin_one *
kin_get(const struct kin *k, pid_t pid)
{
	size_t low = 0, high = k->n, mid;

	/* proc(5) lists processes by ascending number. */
	while (low < high) {
		mid = low + (high - low) / 2;
		if (k->all[mid].pid == pid)
			return &k->all[mid];
		if (k->all[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Climbs from each process to what is known already, and notes on the way
 * back what was found: each is visited twice at most. */
static void
kin_mark(struct kin *k, pid_t of)
{
	enum kin_side side;
	struct kin_one *one;
	size_t i, steps;

	for (i = 0; i < k->n; i++) {
		one = &k->all[i];
		for (steps = 0; one != NULL && one->side == KIN_UNKNOWN &&
				one->parent != of && steps < k->n;
		     steps++)
			one = kin_get(k, one->parent);
		side = one == NULL                ? KIN_STRANGE
		       : one->side != KIN_UNKNOWN ? one->side
		       : one->parent == of        ? KIN_OURS
						  : KIN_STRANGE;
		for (one = &k->all[i]; one != NULL && one->side == KIN_UNKNOWN;
		     one = one->parent == of ? NULL : kin_get(k, one->parent))
			one->side = side;
	}
}

int
kin_look(struct kin *k, int proc, pid_t of)
{
	size_t room = 0;
	struct dirent *de;
	DIR *d;
	int fd;

	k->all = NULL;
	k->n = 0;
	fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd == -1 ? NULL : fdopendir(fd);
	if (d == NULL)
		return ERR_IO;
	while ((de = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)de->d_name[0]))
			continue;
		if (k->n == room) {
			room = room == 0 ? 256 : room * 2;
			k->all = xreallocarray(k->all, room, sizeof(k->all[0]));
		}
		if (kin_read(proc, de->d_name, &k->all[k->n]) == 0)
			k->n++;
	}
	(void)closedir(d);
	kin_mark(k, of);
	return 0;
}

void
kin_fini(struct kin *k)
{
	free(k->all);
	k->all = NULL;
	k->n = 0;
}

bool
kin_is(int proc, pid_t pid, pid_t of)
{
	struct kin_one one = {.parent = pid};
	char name[16];
	int i;

	for (i = 0; i < KIN_DEPTH && one.parent > 1; i++) {
		if (str_fmt(name, sizeof(name), "%d", (int)one.parent) != 0 ||
		    kin_read(proc, name, &one) != 0)
			return false;
		if (one.parent == of)
			return true;
	}
	return false;
}

/* Kills each that is marked, and its group, which is nobody else's: once each,
 * for of many that takes long. */
static size_t
kin_kill(const struct kin *k)
{
	pid_t group = getpgrp();
	size_t i, found = 0;

	for (i = 0; i < k->n; i++)
		if (k->all[i].side == KIN_OURS)
			(void)kill(k->all[i].pid, SIGSTOP);
	for (i = 0; i < k->n; i++) {
		if (k->all[i].side != KIN_OURS)
			continue;
		found++;
		if (k->all[i].group > 1 && k->all[i].group != getpgrp() &&
		    k->all[i].group != group) {
			group = k->all[i].group;
			(void)kill(-group, SIGKILL);
		}
		(void)kill(k->all[i].pid, SIGKILL);
	}
	return found;
}

uint64_t
kin_load(int proc)
{
	char text[128];
	const char *p;

	/* "0.1 0.2 0.3 running/all last", proc(5) */
	(void)kin_text(proc, NULL, "loadavg", text, sizeof(text));
	p = strchr(text, '/');
	return p == NULL ? 0 : kin_number(&p);
}

uint64_t
kin_of_user(int proc)
{
	uint64_t found = 0;
	char path[64];
	struct stat st;
	struct dirent *de, *task;
	DIR *d, *tasks;
	int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	d = fd == -1 ? NULL : fdopendir(fd);
	while (d != NULL && (de = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)de->d_name[0]) ||
		    str_fmt(path, sizeof(path), "%s/task", de->d_name) != 0)
			continue;
		fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		tasks = fd == -1 ? NULL : fdopendir(fd);
		if (tasks != NULL && fstat(dirfd(tasks), &st) == 0 &&
		    st.st_uid == getuid())
			while ((task = readdir(tasks)) != NULL)
				found += task->d_name[0] != '.';
		if (tasks != NULL)
			(void)closedir(tasks);
	}
	if (d != NULL)
		(void)closedir(d);
	return found;
}

void
kin_end(int proc, pid_t group)
{
	const struct timespec pause = {0, KIN_PAUSE};
	struct kin k;
	pid_t pid;
	int n;

	if (group > 1)
		(void)kill(-group, SIGKILL);
	/* A subreaper without children has no descendants. */
	for (;;) {
		/* Not without end, for they may be born as fast. */
		for (n = 0; n < KIN_REAPED; n++) {
			pid = waitpid(-1, NULL, WNOHANG | __WALL);
			if (pid <= 0)
				break;
		}
		if (pid == -1 && errno == ECHILD)
			return;
		if (kin_look(&k, proc, getpid()) == 0)
			(void)kin_kill(&k);
		kin_fini(&k);
		(void)nanosleep(&pause, NULL);
	}
}

void
kin_end_strays(int proc, const pid_t *known, size_t n)
{
	const struct timespec pause = {0, KIN_PAUSE};
	struct kin k, of;
	size_t i, j, found;

	do {
		found = 0;
		if (kin_look(&k, proc, getpid()) != 0)
			return;
		for (i = 0; i < k.n; i++) {
			for (j = 0; j < n && known[j] != k.all[i].pid; j++)
				;
			if (k.all[i].parent != getpid() || j < n)
				continue;
			if (kin_look(&of, proc, k.all[i].pid) == 0)
				(void)kin_kill(&of);
			kin_fini(&of);
			found++;
			(void)kill(k.all[i].pid, SIGKILL);
			(void)waitpid(k.all[i].pid, NULL, WNOHANG);
		}
		kin_fini(&k);
		if (found > 0)
			(void)nanosleep(&pause, NULL);
	} while (found > 0);
}
