/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: a policy's promise, tried.
 *
 * What was denied is looked at from outside: the thing that was named is as
 * it was before, and nothing of it is in what was printed.  That the line
 * failed is not enough, nor that it says so.
 */

#include "config.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cordon/ceiling.h"
#include "cordon/live.h"
#include "cordon/oneshot.h"
#include "policy/ceiling.h"
#include "policy/net.h"

#define LIVE_MS     10000 /* that a line may take */
#define LIVE_OUT    (1u << 20)
#define LIVE_SAMPLE 64 /* bytes of a file that are looked for */
#define LIVE_LEAST  8  /* fewer would be found by chance */

/* A path that is to be denied, as it was before. */
struct thing {
	char path[PATH_MAX];
	bool there;
	struct stat st;
	char sample[LIVE_SAMPLE];
	size_t len; /* of sample */
};

struct live {
	const struct policy *p; /* borrowed, as is the next */
	const struct policy_test *t;
	struct paths paths; /* borrowed, but state: of the folder */
	char dir[PATH_MAX]; /* holds the others */
	char work[PATH_MAX], state[PATH_MAX];
	struct thing *things; /* owned */
	size_t nthings;
	struct spec ceiling, grant;
	struct policy_decision said; /* of the line */
	bool forbidden;              /* gate would not start it */
	char *why;                   /* borrowed */
	size_t size;
};

static int __attribute__((format(printf, 2, 3)))
live_fail(struct live *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(l->why, l->size, fmt, ap);
	va_end(ap);
	return ERR_IO;
}

/* The folder. */

static int
live_folder(struct live *l)
{
	const char *tmp = getenv("TMPDIR");

	if (str_fmt(l->dir, sizeof(l->dir), "%s/cordon-live-XXXXXX",
		tmp == NULL || tmp[0] != '/' ? "/tmp" : tmp) != 0 ||
	    mkdtemp(l->dir) == NULL)
		return live_fail(l, "%s: %s", l->dir, err_sys(errno));
	if (str_fmt(l->work, sizeof(l->work), "%s/work", l->dir) != 0 ||
	    str_fmt(l->state, sizeof(l->state), "%s/state", l->dir) != 0 ||
	    mkdir(l->work, 0700) == -1 || mkdir(l->state, 0700) == -1)
		return live_fail(l, "%s: %s", l->dir, err_sys(errno));
	l->paths.state = l->state;
	return 0;
}

/* A file with a text that is nowhere else, and the folders above it. */
static int
live_make(const char *path)
{
	char text[LIVE_SAMPLE], hex[2 * 16 + 1], *slash;
	char *dir = xstrdup(path);
	uint8_t b[16];
	int fd, r = ERR_IO;

	for (slash = strchr(dir + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(dir, 0700);
		*slash = '/';
	}
	free(dir);
	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
		return ERR_IO;
	str_hex(hex, b, sizeof(b));
	(void)snprintf(text, sizeof(text), "%s\n", hex);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd != -1)
		r = fd_write_all(fd, text, strlen(text));
	fd_close(&fd);
	return r;
}

static void
thing_look(struct thing *th)
{
	ssize_t n;
	int fd;

	th->there = lstat(th->path, &th->st) == 0;
	th->len = 0;
	if (!th->there || !S_ISREG(th->st.st_mode))
		return;
	fd = open(th->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return;
	n = read(fd, th->sample, sizeof(th->sample));
	th->len = n < 0 ? 0 : (size_t)n;
	fd_close(&fd);
}

/* Of hosts all there is to see is what the line would be answered. */
static int
live_things(struct live *l)
{
	const struct policy_place at = {l->paths.home, l->work};
	const struct words *w = &l->t->denied;
	struct thing *th;
	size_t i;

	l->things = xcalloc(w->n, sizeof(*l->things));
	for (i = 0; i < w->n; i++) {
		th = &l->things[l->nthings];
		if (strchr("/~.", w->v[i][0]) == NULL)
			continue;
		if (!policy_path(w->v[i], &at, th->path, sizeof(th->path)))
			return live_fail(
			    l, "%s does not name one place", w->v[i]);
		if (w->v[i][0] == '.' && live_make(th->path) != 0)
			return live_fail(l, "%s cannot be made", w->v[i]);
		thing_look(th);
		l->nthings++;
	}
	return 0;
}

static const char *
thing_touched(const struct thing *th, const struct buf *out)
{
	struct thing now = *th;

	if (th->len >= LIVE_LEAST &&
	    memmem(buf_data(out), out->len, th->sample, th->len) != NULL)
		return "was shown";
	thing_look(&now);
	if (now.there != th->there)
		return th->there ? "is gone" : "was made";
	if (now.there &&
	    (now.st.st_ino != th->st.st_ino ||
		now.st.st_size != th->st.st_size ||
		now.st.st_mode != th->st.st_mode || now.len != th->len ||
		memcmp(now.sample, th->sample, th->len) != 0))
		return "was changed";
	return NULL;
}

/* The cell. */

static int
live_ceiling(struct live *l, const struct paths *own)
{
	const struct policy_place at = {l->paths.home, l->work};
	bool write = l->p->defaults.write != THREE_NO;
	char real[PATH_MAX];
	int r = ceiling_base(&l->ceiling, l->paths.home);

	if (r == 0)
		r = ceiling_hide(&l->ceiling, own);
	if (r == 0 && write)
		r = ceiling_write(&l->ceiling, l->work, l->paths.home, false,
		    real, l->why, l->size);
	else if (r == 0)
		r = spec_adds(&l->ceiling, l->work, SPEC_READ | SPEC_EXEC);
	l->ceiling.net = SPEC_NET_HOST; /* what the policy leaves of it */
	l->ceiling.limits.wall_ms = LIVE_MS;
	if (r == 0)
		r = policy_ceiling(l->p, &at, &l->ceiling);
	return r == 0 ? ceiling_links(&l->ceiling) : r;
}

static int
live_rights(struct live *l, const struct paths *own)
{
	const struct policy_place at = {l->paths.home, l->work};
	struct request rq = {
	    .line = l->t->run, .home = l->paths.home, .workspace = l->work};
	int r = live_ceiling(l, own);

	policy_decide(l->p, &rq, &l->said);
	l->forbidden = l->said.effect == EFFECT_FORBID;
	if (r == 0 && l->forbidden) /* whatever a session has */
		spec_copy(&l->grant, &l->ceiling);
	else if (r == 0)
		r = policy_grant(l->p, &l->said, &at, &l->ceiling, &l->grant);
	return r == 0 || l->why[0] != '\0'
		   ? r
		   : live_fail(
			 l, "its rights cannot be computed: %s", err_str(r));
}

/* Whether a host that is to be denied could be connected to. */
static bool
live_connects(struct live *l)
{
	struct policy_decision d;
	char host[300];
	unsigned port;
	size_t i;

	for (i = 0; l->grant.net != SPEC_NET_NONE && i < l->t->denied.n; i++) {
		if (strchr("/~.", l->t->denied.v[i][0]) != NULL ||
		    !policy_host(l->t->denied.v[i], host, sizeof(host), &port))
			continue;
		policy_connect(l->p, &l->said, host, port, &d);
		if (l->grant.net == SPEC_NET_HOST ||
		    d.effect != EFFECT_FORBID) {
			(void)live_fail(
			    l, "%s is not refused", l->t->denied.v[i]);
			return true;
		}
	}
	return false;
}

static enum live_result
live_judge(struct live *l, int code, const struct buf *out)
{
	const char *touched = NULL;
	size_t i;

	for (i = 0; touched == NULL && i < l->nthings; i++)
		touched = thing_touched(&l->things[i], out);
	if (touched != NULL)
		(void)live_fail(l, "%s %s", l->things[i - 1].path, touched);
	else if (code == 0)
		(void)live_fail(l, "it succeeded");
	else if (!live_connects(l))
		return LIVE_DENIED;
	return l->forbidden ? LIVE_REFUSED : LIVE_DONE;
}

static enum live_result
live_try(struct live *l, const struct paths *own)
{
	char *line = xasprintf("exec 2>&1\n%s", l->t->run);
	const char *argv[] = {"/bin/bash", "-c", line, NULL};
	struct oneshot o = {.argv = argv,
	    .cwd = l->work,
	    .paths = &l->paths,
	    .ceiling = &l->ceiling,
	    .grant = &l->grant,
	    .in = -1,
	    .quiet = true};
	enum live_result result = LIVE_NOT_RUN;
	struct buf out;
	int code;

	buf_init(&out, LIVE_OUT);
	if (live_folder(l) == 0 && live_things(l) == 0 &&
	    live_rights(l, own) == 0) {
		code = oneshot_run(&o, &out);
		if (code >= 0)
			result = live_judge(l, code, &out);
		else
			(void)live_fail(l, "the cell cannot run it");
	}
	buf_fini(&out);
	free(line);
	return result;
}

enum live_result
live_run(const struct policy *p, const struct policy_test *t,
    const struct paths *paths, char *why, size_t size)
{
	struct live l = {
	    .p = p, .t = t, .paths = *paths, .why = why, .size = size};
	enum live_result result;

	why[0] = '\0';
	spec_init(&l.ceiling);
	spec_init(&l.grant);
	result = live_try(&l, paths);
	spec_fini(&l.ceiling);
	spec_fini(&l.grant);
	free(l.things);
	if (l.work[0] != '\0')
		fd_remove_tree(l.dir);
	return result;
}
