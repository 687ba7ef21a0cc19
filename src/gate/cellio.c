/* SPDX-License-Identifier: Apache-2.0 */

/* Gate: what goes to the cell, and what comes back through its pipes. */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "sandbox/loopback.h"
#include "shell/classify.h"

#include "gate/gate.h"

#define READ_MAX  (256 * 1024)   /* bytes of one read */
#define READS_MAX 16             /* reads before others get their turn */
#define SHOWN_MAX (1024u * 1024) /* bytes of one call that the front sees */
#define PIECE_MAX 32768          /* bytes of one OUTPUT */
#define ROWS      24
#define COLS      80

static struct msg_list
list_of(char **v, size_t n)
{
	struct msg_list l = {
	    .n = (uint32_t)n, .v = xcalloc(n + 1, sizeof(struct bytes))};
	size_t i;

	for (i = 0; i < n; i++)
		l.v[i] = bytes_of(v[i]);
	return l;
}

/* Where programs find the proxy.  The loopback is the command's own. */
static const char *const proxied[] = {"http_proxy=" LOOPBACK_PROXY,
    "https_proxy=" LOOPBACK_PROXY, "all_proxy=" LOOPBACK_PROXY,
    "no_proxy=localhost,127.0.0.1,::1", "HTTP_PROXY=" LOOPBACK_PROXY,
    "HTTPS_PROXY=" LOOPBACK_PROXY, "ALL_PROXY=" LOOPBACK_PROXY,
    "NO_PROXY=localhost,127.0.0.1,::1", "NODE_USE_ENV_PROXY=1", NULL};

/* Whether two variables have the same name. */
static bool
env_same(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return n == strcspn(b, "=") && memcmp(a, b, n) == 0;
}

/* Those of v but what others give another value. */
static void
add_env(struct msg_list *l, const char *const *v, size_t n, char *const *others,
    size_t nothers)
{
	size_t i;

	for (; n > 0; n--, v++) {
		for (i = 0; i < nothers && !env_same(*v, others[i]); i++)
			;
		if (i == nothers)
			l->v[l->n++] = bytes_of(*v);
	}
}

/* The session's variables; behind them, for what is known to read only, those
 * that keep the programs from being talked into more; or where the proxy is;
 * and those that an MCP server alone has. */
static struct msg_list
env_of(struct gate *g, const struct call *c)
{
	const char *const *more = c->decision.narrow ? shell_pins : proxied;
	const struct mcp_server *s = mcp_of(g, c);
	struct msg_list l = {0};
	size_t n = 0;

	if (c->decision.narrow || c->decision.grant.net == SPEC_NET_PROXY)
		while (more[n] != NULL)
			n++;
	l.v = xcalloc(g->nenv + n + MCP_ENV_MAX, sizeof(struct bytes));
	add_env(&l, (const char *const *)g->env, g->nenv,
	    s == NULL ? NULL : s->env, s == NULL ? 0 : s->nenv);
	add_env(&l, more, n, NULL, 0);
	if (s != NULL)
		add_env(&l, (const char *const *)s->env, s->nenv, NULL, 0);
	return l;
}

/* Where it runs: what is to run outside goes to the open cell, which believes
 * the front and not us. */
enum role
cell_of(const struct gate *g, const struct call *c)
{
	return judge_outside(&g->judge, &c->subject) ? ROLE_OPEN : ROLE_CELL;
}

int
cell_spawn(struct gate *g, struct call *c)
{
	struct chan *cell = g->proc.peers[cell_of(g, c)];
	struct msg_spawn m = {
	    .argv = list_of(c->subject.argv, c->subject.argc),
	    .cwd = bytes_of(c->subject.cwd),
	    .env = env_of(g, c),
	    .grant = {buf_data(&c->decision.grant.spec),
		c->decision.grant.spec.len},
	    .settle = c->tool == TOOL_PATCH,
	    .stdio = c->subject.tty ? STDIO_PTY : STDIO_NULL_IN,
	    .rows = ROWS,
	    .cols = COLS,
	    .in = c->input_fd,
	    .out = -1,
	    .err = -1,
	};
	int r;

	if (c->tool == TOOL_SERVER)
		mcp_descriptors(g, c, &m);
	r = cell == NULL ? ERR_EOF : chan_send(cell, c->id, MSG_SPAWN, &m);
	fd_close(&m.err);
	if (c->tool != TOOL_PATCH) /* the front is shown a patch, too */
		fd_close(&c->input_fd);
	free(m.argv.v);
	free(m.env.v);
	return r;
}

void
cell_kill(struct gate *g, struct call *c)
{
	struct msg_kill m = {.signo = SIGKILL};

	(void)gate_send(g, cell_of(g, c), c->id, MSG_KILL, &m);
}

static void
on_writable(void *arg, int fd, short events)
{
	struct call *c = arg;

	(void)fd;
	(void)events;
	cell_feed(gate_self(), c);
}

static void
stop_feeding(struct gate *g, struct call *c)
{
	loop_fd_del(g->proc.loop, c->in);
	fd_close(&c->in);
	buf_clear(&c->input);
}

void
cell_feed(struct gate *g, struct call *c)
{
	ssize_t n;

	while (c->in != -1 && c->input.len > 0) {
		n = write(c->in, buf_data(&c->input), c->input.len);
		if (n > 0) {
			buf_drain(&c->input, (size_t)n);
		} else if (n == -1 && errno == EAGAIN) {
			if (loop_fd(g->proc.loop, c->in, POLLOUT, on_writable,
				c) == ERR_SPACE)
				stop_feeding(g, c);
			return;
		} else if (errno != EINTR) {
			stop_feeding(g, c);
			return;
		}
	}
	if (c->in != -1)
		loop_fd_del(g->proc.loop, c->in);
}

void
cell_show(struct gate *g, struct call *c, struct bytes text)
{
	const uint8_t *p = text.p, *end = NULL;
	size_t len = text.len;
	struct msg_output m;

	if (c->own)
		return;
	if (c->tool == TOOL_PATCH) /* the rest is for the record */
		end = memchr(p, '\0', len);
	if (end != NULL)
		len = (size_t)(end - p);
	if (len > SHOWN_MAX - c->shown)
		len = SHOWN_MAX - c->shown;
	c->shown = end != NULL ? SHOWN_MAX : c->shown + len;
	for (; len > 0; p += m.data.len, len -= m.data.len) {
		m.data.p = p;
		m.data.len = len < PIECE_MAX ? len : PIECE_MAX;
		(void)gate_send(g, ROLE_UI, c->id, MSG_OUTPUT, &m);
	}
}

/* The other end is closed: by the end of the process or by itself. */
static void
out_closed(struct gate *g, struct call *c)
{
	loop_fd_del(g->proc.loop, c->out);
	fd_close(&c->out);
	(void)call_event(g, c, EV_DRAINED);
}

/* What has no end is stopped, or it would keep us busy until somebody did. */
static void
stop_flood(struct gate *g, struct call *c)
{
	if (c->flooded || c->output.total <= OUTPUT_TOTAL_MAX)
		return;
	c->flooded = true;
	cell_kill(g, c);
}

static void
on_readable(void *arg, int fd, short events)
{
	static uint8_t piece[READ_MAX];
	struct gate *g = gate_self();
	struct call *c = arg;
	ssize_t n;
	int i;

	(void)events;
	for (i = 0; i < READS_MAX; i++) {
		n = read(fd, piece, sizeof(piece));
		if (n > 0) {
			output_add(&c->output, piece, (size_t)n);
			cell_show(g, c, (struct bytes){piece, (size_t)n});
			stop_flood(g, c);
		} else if (n == -1 && errno == EINTR) {
			continue;
		} else if (n == -1 && errno == EAGAIN) {
			return;
		} else { /* a terminal says EIO for its end */
			out_closed(g, c);
			return;
		}
	}
}

static int
on_spawned(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	struct msg_spawned *m = msg;
	struct call *c = call_find(g, id);

	if (c == NULL || c->state != CALL_STARTING ||
	    chan_peer(ch) != cell_of(g, c) ||
	    (m->out != -1 && fd_nonblock(m->out, true) != 0) ||
	    (m->in != -1 && fd_nonblock(m->in, true) != 0)) {
		fd_close(&m->in);
		fd_close(&m->out);
		return ERR_STATE;
	}
	c->in = m->in;
	c->out = m->out;
	if (c->out != -1 &&
	    loop_fd(g->proc.loop, c->out, POLLIN, on_readable, c) != 0)
		return ERR_SPACE;
	return call_event(g, c, EV_SPAWNED);
}

static void
keep_lines(struct buf *b, const struct msg_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		(void)buf_add(b, l->v[i].p, l->v[i].len);
		(void)buf_addc(b, '\n');
	}
}

static int
on_ended(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	const struct msg_exit *m = msg;
	struct call *c = call_find(g, id);
	size_t i;

	if (c == NULL || chan_peer(ch) != cell_of(g, c))
		return ERR_STATE;
	for (i = 0; i < m->violations.n; i++)
		record_violation(g, c, m->violations.v[i]);
	c->exit = *m;
	if (c->flooded && m->how == EXIT_KILLED)
		c->exit.how = EXIT_OUTPUT;
	widen_note(c, &m->guesses);
	keep_lines(&c->denials, &m->denials);
	keep_lines(&c->denials, &m->violations);
	if (m->error.len > 0) {
		free(c->error);
		c->error = xstrndup((const char *)m->error.p, m->error.len);
	}
	memset(&c->exit.denials, 0, sizeof(c->exit.denials));
	memset(&c->exit.guesses, 0, sizeof(c->exit.guesses));
	memset(&c->exit.violations, 0, sizeof(c->exit.violations));
	memset(&c->exit.error, 0, sizeof(c->exit.error));
	return call_event(g, c, EV_EXIT);
}

const struct chan_handler gate_from_cell[] = {{MSG_SPAWNED, on_spawned},
    {MSG_SERVE, connect_on_socket}, {MSG_EXIT, on_ended}, {0, NULL}};
