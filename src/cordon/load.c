/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: having text parsed by a process that has nothing to lose. */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/xmem.h"
#include "cordon/load.h"
#include "cordon/start.h"
#include "proto/chan.h"
#include "proto/schema.h"

#define LOAD_SAYS_MAX 512
#define LOAD_MS       30000 /* for all the files, on a busy machine too */

struct said {
	char *key, *value; /* owned */
	uint8_t layer;
	uint32_t slot;
};

struct load {
	struct start start; /* the descriptors in it are owned */
	struct said says[LOAD_SAYS_MAX];
	size_t nsays, nfiles;
	struct loop *loop; /* owned, as are the others */
	struct chan *chan;
	pid_t pid;
	const struct load_ops *ops; /* borrowed, as are the others */
	void *arg;
	char *error;
	size_t size;
	int code; /* -1 until END */
};

struct load *
load_new(void)
{
	struct load *l = xcalloc(1, sizeof(*l));

	start_init(&l->start, ROLE_LOAD);
	l->pid = -1;
	l->code = -1;
	return l;
}

void
load_free(struct load *l)
{
	size_t i;

	if (l == NULL)
		return;
	if (l->pid != -1) {
		(void)kill(l->pid, SIGKILL);
		while (waitpid(l->pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	chan_free(l->chan);
	loop_free(l->loop);
	for (i = 0; i < l->nfiles; i++)
		fd_close(&l->start.extra[i]);
	for (i = 0; i < l->nsays; i++) {
		free(l->says[i].key);
		free(l->says[i].value);
	}
	free(l);
}

static int
say(struct load *l, char *key, const char *value, uint8_t layer, uint32_t slot)
{
	if (l->nsays == LOAD_SAYS_MAX) {
		free(key);
		return ERR_SPACE;
	}
	l->says[l->nsays++] = (struct said){
	    .key = key, .value = xstrdup(value), .layer = layer, .slot = slot};
	return 0;
}

int
load_file(
    struct load *l, const char *kind, uint8_t layer, int fd, const char *name)
{
	if (l->nfiles == FD_EXTRA_MAX) {
		fd_close(&fd);
		return ERR_SPACE;
	}
	l->start.extra[l->nfiles] = fd;
	return say(
	    l, xasprintf("load.%s", kind), name, layer, (uint32_t)l->nfiles++);
}

void
load_say(struct load *l, const char *key, const char *value)
{
	(void)say(l, xstrdup(key), value, 0, 0);
}

bool
load_idle(const struct load *l)
{
	return l->nsays == 0;
}

static void
load_end(struct load *l, int code, const char *error)
{
	if (l->code != -1)
		return;
	l->code = code;
	(void)strlcpy(l->error, error, l->size);
	loop_stop(l->loop);
}

static int
on_conf(void *arg, struct chan *ch, uint32_t id, void *m)
{
	struct load *l = arg;

	(void)ch, (void)id;
	l->ops->conf(l->arg, m);
	return 0;
}

static int
on_rule(void *arg, struct chan *ch, uint32_t id, void *m)
{
	struct load *l = arg;

	(void)ch, (void)id;
	if (l->ops->rule != NULL)
		l->ops->rule(l->arg, m);
	return 0;
}

static int
on_end(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_end *m = msg;
	char text[3001];

	(void)ch, (void)id;
	if (bytes_copy(text, sizeof(text), m->error) != 0)
		return ERR_FORMAT;
	load_end(arg, m->code, text);
	return 0;
}

static int
on_log(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_log *m = msg;

	(void)arg, (void)ch, (void)id;
	log_error("load: %.*s", (int)m->text.len, (const char *)m->text.p);
	return 0;
}

static int
on_other(void *arg, struct chan *ch, uint32_t id, void *m)
{
	(void)arg, (void)ch, (void)id, (void)m;
	return 0;
}

static const struct chan_handler handlers[] = {{MSG_CONF, on_conf},
    {MSG_RULE, on_rule}, {MSG_END, on_end}, {MSG_LOG, on_log},
    {MSG_READY, on_other}, {MSG_STAT, on_other}, {MSG_DROPPED, on_other},
    {0, NULL}};

static void
on_closed(void *arg, struct chan *ch, int err)
{
	(void)ch;
	(void)err;
	load_end(arg, EX_SOFTWARE, "cordon-load ended before its work");
}

static void
on_time(void *arg)
{
	load_end(
	    arg, EX_TEMPFAIL, "cordon-load did not finish in time; try again");
}

static void
tell(struct load *l)
{
	uint8_t hash[SCHEMA_HASH_LEN];
	struct msg_hello hello = {.role = ROLE_LOAD};
	struct msg_conf m;
	size_t i;

	chan_gather(l->chan, true);
	schema_hash(hash);
	hello.schema = (struct bytes){hash, sizeof(hash)};
	hello.session = bytes_of("");
	(void)chan_send(l->chan, 0, MSG_HELLO, &hello);
	for (i = 0; i < l->nsays; i++) {
		m = (struct msg_conf){.key = bytes_of(l->says[i].key),
		    .value = bytes_of(l->says[i].value),
		    .layer = l->says[i].layer,
		    .line = l->says[i].slot};
		if (chan_send(l->chan, 0, MSG_CONF, &m) != 0)
			load_end(l, EX_USAGE, "a setting that is too long");
	}
	(void)chan_send(l->chan, 0, MSG_END, &(struct msg_end){0});
}

static int
begin(struct load *l)
{
	int fds[2], pidfd, r;

	if (fd_pair(fds) != 0)
		return ERR_IO;
	l->start.main = fds[1];
	r = start_role(&l->start, &l->pid, &pidfd);
	fd_close(&fds[1]);
	if (r != 0) {
		fd_close(&fds[0]);
		return r;
	}
	fd_close(&pidfd); /* we wait for the channel, then for the pid */
	l->chan = chan_new(
	    l->loop, fds[0], ROLE_MAIN, ROLE_LOAD, handlers, on_closed, l);
	return l->chan == NULL ? ERR_IO : 0;
}

int
load_run(struct load *l, const struct load_ops *ops, void *arg, char *error,
    size_t size)
{
	l->ops = ops;
	l->arg = arg;
	l->error = error;
	l->size = size;
	l->loop = loop_new();
	error[0] = '\0';
	if (begin(l) != 0) {
		(void)strlcpy(error,
		    "cordon-load cannot be started; is"
		    " Cordon installed whole?",
		    size);
		return EX_UNAVAILABLE;
	}
	(void)loop_timer(l->loop, LOAD_MS, on_time, l);
	tell(l);
	if (l->code == -1 && loop_run(l->loop) != 0)
		load_end(l, EX_OSERR, "waiting for cordon-load failed");
	return l->code;
}
