/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: what cordon login keeps of a sign-in, in its file. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "cordon/signin.h"

void
signin_init(struct signin *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->access, SIGNIN_TOKEN_MAX);
	buf_init(&s->refresh, SIGNIN_TOKEN_MAX);
}

void
signin_fini(struct signin *s)
{
	buf_wipe(&s->access);
	buf_wipe(&s->refresh);
}

bool
signin_stale(const struct signin *s, uint64_t now)
{
	return s->expires != 0 && s->expires < now + SIGNIN_EARLY;
}

void
signin_digest(uint8_t digest[SIGNIN_DIGEST_LEN], struct bytes token)
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, token.p, token.len);
	SHA256Final(digest, &ctx);
}

/* The file. */

static int
parse_line(struct signin *s, const char *name, struct bytes value)
{
	char number[24];
	const char *bad;
	size_t i;

	for (i = 0; i < value.len; i++)
		if (value.p[i] < 0x21 || value.p[i] > 0x7E)
			return ERR_FORMAT;
	if (strcmp(name, "access") == 0 && s->access.len == 0)
		return buf_add(&s->access, value.p, value.len);
	if (strcmp(name, "refresh") == 0 && s->refresh.len == 0)
		return buf_add(&s->refresh, value.p, value.len);
	if (strcmp(name, "account") == 0)
		return bytes_copy(s->account, sizeof(s->account), value);
	if (strcmp(name, "expires") != 0 ||
	    bytes_copy(number, sizeof(number), value) != 0)
		return ERR_FORMAT;
	s->expires = (uint64_t)strtonum(number, 0, INT64_MAX, &bad);
	return bad == NULL ? 0 : ERR_FORMAT;
}

int
signin_parse(struct signin *s, struct bytes text)
{
	const uint8_t *p = text.p, *end = text.p + text.len, *eol, *blank;
	char name[16];
	int r = 0;

	for (; p < end && r == 0; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (eol == NULL)
			return ERR_FORMAT;
		blank = memchr(p, ' ', (size_t)(eol - p));
		if (blank == NULL ||
		    bytes_copy(name, sizeof(name),
			(struct bytes){p, (size_t)(blank - p)}) != 0)
			return ERR_FORMAT;
		r = parse_line(s, name,
		    (struct bytes){blank + 1, (size_t)(eol - blank - 1)});
	}
	return r == 0 && s->access.len == 0 ? ERR_FORMAT : r;
}

static int
signin_path(const struct paths *p, char path[PATH_MAX])
{
	return str_fmt(path, PATH_MAX, "%s/" SIGNIN_FILE, p->config);
}

bool
signin_there(const struct paths *p)
{
	char path[PATH_MAX];

	return signin_path(p, path) == 0 && access(path, R_OK) == 0;
}

int
signin_read(const struct paths *p, struct signin *s, char *why, size_t size)
{
	char path[PATH_MAX];
	struct buf text;
	int fd, r;

	if (signin_path(p, path) != 0)
		return ERR_SPACE;
	fd = path_open_secret(path, "sign in again", why, size);
	if (fd < 0)
		return fd;
	buf_init(&text, SIGNIN_FILE_MAX);
	r = fd_read_all(fd, &text);
	fd_close(&fd);
	if (r == 0)
		r = signin_parse(s, (struct bytes){buf_data(&text), text.len});
	buf_wipe(&text);
	if (r != 0)
		(void)snprintf(
		    why, size, "%s: %s; sign in again", path, err_str(r));
	return r;
}

int
signin_write(
    const struct paths *p, const struct signin *s, char *why, size_t size)
{
	struct buf text;
	int dir, r;

	dir = path_make_dir(p->config, why, size);
	if (dir < 0)
		return dir;
	buf_init(&text, SIGNIN_FILE_MAX);
	(void)buf_adds(&text, "access ");
	(void)buf_add(&text, buf_data(&s->access), s->access.len);
	(void)buf_adds(&text, "\nrefresh ");
	(void)buf_add(&text, buf_data(&s->refresh), s->refresh.len);
	r = buf_addf(&text, "\naccount %s\nexpires %" PRIu64 "\n", s->account,
	    s->expires);
	if (r == 0)
		r = fd_replace_file(
		    dir, SIGNIN_FILE, buf_data(&text), text.len, 0600);
	if (r == 0 && fsync(dir) == -1)
		r = ERR_IO;
	if (r != 0)
		(void)snprintf(why, size, "%s/" SIGNIN_FILE ": %s", p->config,
		    err_file(r));
	buf_wipe(&text);
	fd_close(&dir);
	return r;
}

int
signin_forget(const struct paths *p)
{
	char path[PATH_MAX];

	if (signin_path(p, path) != 0)
		return ERR_SPACE;
	if (unlink(path) == 0)
		return 0;
	return errno == ENOENT ? ERR_NOENT : ERR_IO;
}
