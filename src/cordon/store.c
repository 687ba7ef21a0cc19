/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: opening the two files of a session. */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "conf/paths.h"

#include "cordon/session.h"
#include "cordon/store.h"

#define ID_LEN    (SESSION_ID_SIZE - 1)
#define FIRST_MAX 65536 /* bytes of a transcript's first line */

static const char *const folders[] = {
    [STORE_TRANSCRIPT] = "sessions",
    [STORE_AUDIT] = "audit",
};

/* The 48 bits of milliseconds with which an id begins. */
static int
id_time(const char *id, time_t *t)
{
	uint8_t b[6];
	char hex[13];
	uint64_t ms = 0;
	size_t i;

	if (strlen(id) != ID_LEN || id[8] != '-' || id[13] != '-' ||
	    id[18] != '-' || id[23] != '-' || id[14] != '7' ||
	    strspn(id, "0123456789abcdef-") != ID_LEN)
		return ERR_FORMAT;
	memcpy(hex, id, 8);
	memcpy(hex + 8, id + 9, 4);
	hex[12] = '\0';
	if (str_unhex(b, sizeof(b), hex) != 0)
		return ERR_FORMAT;
	for (i = 0; i < sizeof(b); i++)
		ms = ms << 8 | b[i];
	*t = (time_t)(ms / 1000);
	return 0;
}

static int
store_dir(char *dst, size_t size, const char *state, enum store_kind kind,
    const char *id)
{
	char day[32];
	struct tm tm;
	time_t t;
	int r = id_time(id, &t);

	if (r != 0)
		return r;
	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(day, sizeof(day), "%Y/%m/%d", &tm) == 0)
		return ERR_FORMAT;
	return str_fmt(dst, size, "%s/%s/%s", state, folders[kind], day);
}

int
store_path(char *dst, size_t size, const char *state, enum store_kind kind,
    const char *id)
{
	char dir[PATH_MAX];
	int r = store_dir(dir, sizeof(dir), state, kind, id);

	return r != 0 ? r : str_fmt(dst, size, "%s/%s.jsonl", dir, id);
}

int
store_new_path(char *dst, size_t size, const char *state, enum store_kind kind,
    const char *id, char *why, size_t why_size)
{
	char dir[PATH_MAX];
	int fd, r = store_dir(dir, sizeof(dir), state, kind, id);

	if (r == 0)
		r = str_fmt(dst, size, "%s/%s.jsonl", dir, id);
	if (r != 0) {
		(void)snprintf(why, why_size, "%s: %s", id, err_str(r));
		return r;
	}
	fd = path_make_dir(dir, why, why_size);
	r = fd < 0 ? fd : 0;
	fd_close(&fd);
	return r;
}

int
store_append(const char *state, enum store_kind kind, const char *id,
    bool create, char *why, size_t size)
{
	char dir[PATH_MAX], path[PATH_MAX];
	int dirfd, fd = -1, r;

	r = store_dir(dir, sizeof(dir), state, kind, id);
	if (r != 0) {
		(void)snprintf(why, size,
		    "%s is no session id; 'cordon sessions list' has them", id);
		return r;
	}
	dirfd = path_make_dir(dir, why, size);
	if (dirfd < 0)
		return dirfd;
	errno = ENAMETOOLONG;
	if (str_fmt(path, sizeof(path), "%s/%s.jsonl", dir, id) == 0)
		fd = openat(dirfd, path + strlen(dir) + 1,
		    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
			(create ? O_CREAT | O_EXCL : 0),
		    0600);
	r = errno == ENOENT ? ERR_NOENT : ERR_IO;
	if (fd == -1)
		(void)snprintf(why, size, "%s: %s", path, err_sys(errno));
	else if (kind == STORE_TRANSCRIPT)
		fd_hold(fd, path); /* for cordon sessions list */
	(void)close(dirfd);
	return fd == -1 ? r : fd;
}

int
store_read(const char *state, enum store_kind kind, const char *id, char *why,
    size_t size)
{
	char path[PATH_MAX];
	int r = store_path(path, sizeof(path), state, kind, id);

	if (r != 0) {
		(void)snprintf(why, size,
		    "%s is no session id; 'cordon sessions list' has them", id);
		return r;
	}
	r = path_open_trusted(path, why, size);
	if (r == ERR_NOENT)
		(void)snprintf(why, size,
		    "there is no session %s; 'cordon sessions list' has them",
		    id);
	return r;
}

/* Whether the first line of a transcript says that it belongs to cwd. */
static bool
is_of(int dirfd, const char *name, const struct buf *needle)
{
	static char line[FIRST_MAX];
	const char *nl;
	ssize_t n;
	int fd;

	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (fd == -1)
		return false;
	n = pread(fd, line, sizeof(line), 0);
	(void)close(fd);
	if (n <= 0)
		return false;
	nl = memchr(line, '\n', (size_t)n);
	if (nl != NULL)
		n = nl - line;
	return memmem(line, (size_t)n, buf_data(needle), needle->len) != NULL;
}

static int
backwards(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

/* depth 3 to 1 are year, month and day; 0 the files.  Ids sort by time. */
static bool
search(int dirfd, int depth, const struct buf *needle, char *id, size_t size)
{
	struct dirent **names;
	bool found = false;
	int i, n, sub;

	n = scandirat(dirfd, ".", &names, NULL, backwards);
	for (i = 0; i < n; i++) {
		const char *name = names[i]->d_name;

		if (!found && depth > 0 && *name != '.') {
			sub = openat(dirfd, name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
			if (sub != -1) {
				found =
				    search(sub, depth - 1, needle, id, size);
				(void)close(sub);
			}
		} else if (!found && depth == 0 &&
			   strlen(name) == ID_LEN + strlen(".jsonl") &&
			   str_ends(name, ".jsonl") &&
			   is_of(dirfd, name, needle)) {
			found = str_fmt(id, size, "%.*s", ID_LEN, name) == 0;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return found;
}

int
store_newest(char *id, size_t size, const char *state, const char *cwd)
{
	char path[PATH_MAX];
	struct buf needle;
	bool found = false;
	int fd;

	if (str_fmt(path, sizeof(path), "%s/%s", state,
		folders[STORE_TRANSCRIPT]) != 0)
		return ERR_SPACE;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return ERR_NOENT;
	buf_init(&needle, 8 * PATH_MAX);
	(void)buf_adds(&needle, "\"cwd\":\"");
	(void)jsonw_escape(&needle, cwd, strlen(cwd));
	(void)buf_addc(&needle, '"');
	if (buf_err(&needle) == 0)
		found = search(fd, 3, &needle, id, size);
	buf_fini(&needle);
	(void)close(fd);
	return found ? 0 : ERR_NOENT;
}
