/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: the key of cordon login, in its file. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "cordon/login.h"

int
login_trim(struct buf *key)
{
	const uint8_t *p;
	size_t i;

	while (key->len > 0 && strchr(" \t\r\n", *buf_data(key)) != NULL)
		buf_drain(key, 1);
	p = buf_data(key);
	while (key->len > 0 && strchr(" \t\r\n", p[key->len - 1]) != NULL)
		key->len--;
	for (i = 0; i < key->len; i++)
		if (p[i] < 0x21 || p[i] > 0x7E)
			return ERR_FORMAT;
	return key->len == 0 ? ERR_LENGTH : 0;
}

int
login_read(const struct paths *paths, struct buf *key, char *why, size_t size)
{
	char path[PATH_MAX];
	int fd, r;

	if (str_fmt(path, sizeof(path), "%s/" LOGIN_FILE, paths->config) != 0)
		return ERR_SPACE;
	fd = path_open_secret(path, "think of a new key", why, size);
	if (fd < 0)
		return fd;
	r = fd_read_all(fd, key);
	fd_close(&fd);
	if (r == 0)
		r = login_trim(key);
	if (r != 0)
		(void)snprintf(why, size, "%s: %s", path, err_str(r));
	return r;
}

int
login_write(
    const struct paths *paths, const struct buf *key, char *why, size_t size)
{
	int dir, r;

	dir = path_make_dir(paths->config, why, size);
	if (dir < 0)
		return dir;
	r = fd_replace_file(dir, LOGIN_FILE, buf_data(key), key->len, 0600);
	if (r != 0)
		(void)snprintf(why, size, "%s/" LOGIN_FILE ": %s",
		    paths->config, err_file(r));
	fd_close(&dir);
	return r;
}

int
login_forget(const struct paths *paths)
{
	char path[PATH_MAX];

	if (str_fmt(path, sizeof(path), "%s/" LOGIN_FILE, paths->config) != 0)
		return ERR_SPACE;
	if (unlink(path) == 0)
		return 0;
	return errno == ENOENT ? ERR_NOENT : ERR_IO;
}
