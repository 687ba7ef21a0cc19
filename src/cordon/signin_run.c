/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: signing in, by cordon-login and cordon-net. */

#include "config.h"

#include <sys/file.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "cordon/proxy.h"
#include "cordon/session.h"
#include "cordon/signin.h"
#include "conf/form.h"
#include "proto/msg.h"

#define LOCK_WAIT_MS 50
#define LOCK_TRIES   1200 /* a minute: longer than any renewal takes */

struct signing {
	struct session *session;
	struct signin *signin; /* borrowed, as are the others */
	signin_show_fn *show;
	char *why;
	size_t size;
	int result;
};

static int
on_show(void *arg, struct chan *ch, uint32_t id, void *message)
{
	const struct msg_show *m = message;
	struct signing *g = arg;
	char url[3001], code[65];

	(void)ch;
	(void)id;
	if (g->show == NULL || bytes_copy(url, sizeof(url), m->url) != 0 ||
	    bytes_copy(code, sizeof(code), m->code) != 0)
		return ERR_STATE;
	g->show(url, code);
	return 0;
}

static int
on_signed(void *arg, struct chan *ch, uint32_t id, void *message)
{
	const struct msg_granted *m = message;
	struct signing *g = arg;
	struct signin *s = g->signin;
	int r = 0;

	(void)ch;
	(void)id;
	if (m->error.len > 0 || m->access.len == 0) {
		(void)snprintf(g->why, g->size, "%.*s", (int)m->error.len,
		    (const char *)m->error.p);
		r = ERR_PERM;
	} else {
		buf_clear(&s->access);
		r = buf_add(&s->access, m->access.p, m->access.len);
		if (r == 0 && m->refresh.len > 0) { /* else the old one holds */
			buf_clear(&s->refresh);
			r = buf_add(&s->refresh, m->refresh.p, m->refresh.len);
		}
		if (m->account.len > 0)
			(void)bytes_copy(
			    s->account, sizeof(s->account), m->account);
		s->expires = m->expires;
	}
	g->result = r;
	session_stop(g->session, EX_OK);
	return 0;
}

static const struct chan_handler handlers[] = {
    {MSG_SHOW, on_show}, {MSG_GRANTED, on_signed}, {0, NULL}};

/* Only the loopback address, and only that port: it is what issuers know. */
static int
signin_listen(const char *port, char *why, size_t size)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const char *bad;
	int one = 1, fd;

	at.sin_port = htons((uint16_t)strtonum(port, 1, 65535, &bad));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(fd, 16) == 0)
		return fd;
	(void)snprintf(why, size,
	    "port %s of this machine, to which the browser would come back, "
	    "cannot be had: %s; another sign-in may be waiting",
	    port, err_sys(errno));
	fd_close(&fd);
	return ERR_IO;
}

static int
signin_tell(const struct conf *c, const char *mode, struct signing *g)
{
	static const char *const told[] = {"login.issuer", "login.client_id",
	    "login.scopes", "login.port", "login.timeout_ms"};
	const char *issuer = conf_text(c, "login.issuer");
	bool refresh = strcmp(mode, "refresh") == 0;
	char host[512], renew[16];
	int fd, r;
	size_t i;

	if (form_authority(issuer, host, sizeof(host)) != 0)
		return ERR_FORMAT; /* not so: the table of keys has it */
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		session_confs(
		    g->session, ROLE_LOGIN, told[i], conf_text(c, told[i]));
	session_confs(g->session, ROLE_LOGIN, "login.mode", mode);
	if (refresh) {
		session_conf(g->session, ROLE_LOGIN, "login.refresh",
		    (struct bytes){
			buf_data(&g->signin->refresh), g->signin->refresh.len});
		(void)snprintf(renew, sizeof(renew), "%d", SIGNIN_RENEW_MS);
		session_confs(
		    g->session, ROLE_LOGIN, "login.timeout_ms", renew);
	}
	session_confs(g->session, ROLE_NET, "net.host", host);
	r = proxy_tell(g->session, issuer, g->why, g->size);
	if (r != 0 || strcmp(mode, "browser") != 0)
		return r;
	fd = signin_listen(conf_text(c, "login.port"), g->why, g->size);
	if (fd < 0)
		return fd;
	session_extra(g->session, ROLE_LOGIN, 0, fd);
	return 0;
}

int
signin_run(const struct conf *c, const char *mode, struct signin *s,
    signin_show_fn *show, char *why, size_t size)
{
	struct signing g = {session_new(), s, show, why, size, ERR_EOF};
	int r;

	(void)snprintf(why, size, "the sign-in was interrupted");
	session_add(g.session, ROLE_LOGIN);
	session_add(g.session, ROLE_NET);
	session_handlers(g.session, handlers, &g);
	r = signin_tell(c, mode, &g);
	if (r == 0 && session_start(g.session) == EX_OK) {
		(void)session_run(g.session);
		r = g.result;
	} else if (r == 0)
		r = ERR_IO;
	session_free(g.session);
	return r;
}

/* Renewing. */

/* The descriptor holds the lock until it is closed. */
static int
signin_lock(const struct paths *p, char *why, size_t size)
{
	const struct timespec wait = {0, LOCK_WAIT_MS * 1000000L};
	int dir = path_make_dir(p->config, why, size), fd, tries;

	if (dir < 0)
		return dir;
	fd = openat(
	    dir, SIGNIN_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	fd_close(&dir);
	for (tries = 0; fd != -1 && tries < LOCK_TRIES; tries++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
	}
	fd_close(&fd);
	(void)snprintf(why, size,
	    "%s/" SIGNIN_LOCK ": another process does not let go of it",
	    p->config);
	return ERR_TIMEOUT;
}

static bool
signin_refused(const struct signin *s, const uint8_t *refused)
{
	uint8_t digest[SIGNIN_DIGEST_LEN];

	if (refused == NULL)
		return false;
	signin_digest(
	    digest, (struct bytes){buf_data(&s->access), s->access.len});
	return memcmp(digest, refused, sizeof(digest)) == 0;
}

int
signin_renew(const struct conf *c, const struct paths *p,
    const uint8_t *refused, struct signin *s, char *why, size_t size)
{
	char reason[512];
	int lock, r;

	lock = signin_lock(p, why, size);
	if (lock < 0)
		return lock;
	/* Whoever had the lock before may have renewed it. */
	r = signin_read(p, s, why, size);
	if (r == 0 && (signin_stale(s, (uint64_t)time(NULL)) ||
			  signin_refused(s, refused))) {
		if (s->refresh.len == 0) {
			r = ERR_PERM;
			(void)strlcpy(
			    reason, "it cannot be renewed", sizeof(reason));
		} else
			r = signin_run(
			    c, "refresh", s, NULL, reason, sizeof(reason));
		if (r == 0)
			r = signin_write(p, s, why, size);
		else
			(void)snprintf(why, size,
			    "the sign-in is not renewed: %s; run cordon login "
			    "again if that stays so",
			    reason);
	}
	fd_close(&lock);
	return r;
}
