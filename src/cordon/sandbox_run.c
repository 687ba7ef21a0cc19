/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: a command of the person's own in a cell, from its order to
 * the report of it.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/vis.h"
#include "base/xmem.h"

#include "cordon/ceiling.h"
#include "cordon/logs.h"
#include "cordon/recorded.h"
#include "cordon/sandbox_run.h"
#include "cordon/session.h"

#define SANDBOX_CALL     1 /* the frame id of the one call */
#define SANDBOX_TOOL     "sandbox"
#define SANDBOX_JSON_CAP (1u << 20)
/* An argv beyond these does not share a frame with environment and grant. */
#define SANDBOX_FRAME       16384 /* bytes */
#define SANDBOX_FRAME_WORDS 1024
#define SANDBOX_PART        60000      /* bytes of it in one frame */
#define SANDBOX_ARGV_CAP    (6u << 20) /* bytes: what the kernel takes */
#define EXIT_TIME           124        /* as timeout(1) */
#define EXIT_SIGNAL         128

int
sandbox_fail(const struct sandbox *sb, int code)
{
	if (sb->why[0] != '\0') /* else it is said already */
		log_error("%s", sb->why);
	return code;
}

/* The cell's answer. */

static int
sandbox_spawned(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_spawned *m = msg;
	struct sandbox *sb = arg;

	(void)ch;
	(void)id;
	relay_terminal(&sb->relay, m->in, m->out);
	return 0;
}

static int
sandbox_stat(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_stat *m = msg;
	struct sandbox *sb = arg;

	(void)ch;
	(void)id;
	if (bytes_is(m->key, "audit.head"))
		return bytes_copy(sb->head, sizeof(sb->head), m->value);
	if (bytes_is(m->key, "cell.uid"))
		sb->world = bytes_is(m->value, "own") ? "your own uid"
			    : bytes_is(m->value, "mapped")
				? "an unprivileged uid shown as root"
				: "root without capabilities";
	return 0;
}

struct sandbox_end {
	const char *word; /* in the report */
	const char *say;  /* to the person, or NULL */
	int code;         /* or -1: of the status */
};

static const struct sandbox_end sandbox_ends[] = {
    [EXIT_STATUS] = {"exited", NULL, -1},
    [EXIT_NOTFOUND] = {"not-found", "command not found", 127},
    [EXIT_NOEXEC] = {"not-executable", "cannot be executed", 126},
    [EXIT_NOSTART] = {"not-started", "cannot be started", EX_UNAVAILABLE},
    [EXIT_TIMEOUT] = {"time-limit", "stopped: over its time limit", EXIT_TIME},
    [EXIT_MEMORY] = {"memory-limit", "stopped: over its memory limit", 137},
    [EXIT_PROCS] = {"process-limit", "stopped: at its limit of processes", 137},
    [EXIT_FSIZE] = {"disk-limit", "stopped: over its limit of disk space", 137},
    [EXIT_KILLED] = {"killed", "was killed", 137},
    [EXIT_OUTPUT] = {"output-limit", "stopped: too much output", 137}};

static int
sandbox_code(const struct msg_exit *m)
{
	int status = (int)m->status;

	if (sandbox_ends[m->how].code != -1)
		return sandbox_ends[m->how].code;
	return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static void
sandbox_json_list(struct jsonw *w, const char *name, const struct msg_list *l)
{
	uint32_t i;

	jsonw_name(w, name);
	jsonw_array(w);
	for (i = 0; i < l->n; i++)
		jsonw_strn(w, l->v[i].p, l->v[i].len);
	jsonw_end(w);
}

static void
sandbox_json(const struct sandbox *sb, const struct msg_exit *m)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, SANDBOX_JSON_CAP);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "end", sandbox_ends[m->how].word);
	jsonw_ki64(&w, "code", sandbox_code(m));
	jsonw_kstr(&w, "tier", tier_word(sb->tier));
	if (sb->args->record)
		jsonw_kstr(&w, "audit", session_id(sb->session));
	jsonw_kstr(&w, "runs_as", sb->world == NULL ? "" : sb->world);
	jsonw_ku64(&w, "wall_us", m->wall_us);
	jsonw_ku64(&w, "user_us", m->user_us);
	jsonw_ku64(&w, "sys_us", m->sys_us);
	jsonw_ku64(&w, "max_rss_kib", m->rss_kib);
	if (m->error.len > 0)
		jsonw_kstrn(&w, "error", m->error);
	sandbox_json_list(&w, "denied", &m->denials);
	sandbox_json_list(&w, "guessed", &m->guesses);
	jsonw_kstr(&w, "not_told",
	    "what is refused to execve(2), access(2), ioctl(2) and kill(2)");
	sandbox_json_list(&w, "violations", &m->violations);
	jsonw_end(&w);
	(void)fprintf(stderr, "%s\n", buf_cstr(&b));
	buf_fini(&b);
}

static int
sandbox_exit(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_exit *m = msg;
	struct sandbox *sb = arg;
	char safe[1024];
	uint32_t i;

	(void)ch;
	(void)id;
	relay_finish(&sb->relay);
	sb->code = sandbox_code(m);
	if (sb->relay.lost != 0) {
		log_error("output was lost: %s", strerror(sb->relay.lost));
		if (sb->code == EX_OK)
			sb->code = EX_IOERR;
	}
	if (sb->args->json)
		sandbox_json(sb, m);
	else if (m->error.len > 0) {
		(void)vis_bytes(
		    safe, sizeof(safe), m->error.p, m->error.len, 0);
		log_error("%s", safe);
	} else if (sandbox_ends[m->how].say != NULL)
		log_error("%s %s", sb->command->v[0], sandbox_ends[m->how].say);
	for (i = 0; !sb->args->json && i < m->violations.n; i++) {
		(void)vis_bytes(safe, sizeof(safe), m->violations.v[i].p,
		    m->violations.v[i].len, 0);
		log_warn("%s", safe);
	}
	/* Its one command is dead and undone; tier lsm has folders to remove.
	 */
	if (sb->tier == TIER_FULL)
		session_over(sb->session, ROLE_CELL);
	/* What is recorded ends when the result is on the disk. */
	if (!sb->args->record ||
	    recorded_result(sb->session, SANDBOX_CALL, SANDBOX_TOOL, m) != 0)
		session_stop(sb->session, sb->code);
	return 0;
}

/* The environment, from nothing. */

static const char *const sandbox_env_passed[] = {"HOME", "USER", "LOGNAME",
    "LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_COLLATE", "LC_NUMERIC",
    "LC_TIME", "LC_MONETARY", "LC_PAPER", "LC_NAME", "LC_ADDRESS",
    "LC_TELEPHONE", "LC_MEASUREMENT", "LC_IDENTIFICATION", "TERM", "TZ",
    "COLORTERM", "NO_COLOR"};
static const char *const sandbox_env_fixed[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "TMPDIR=/tmp", "SHELL=/bin/bash", "CORDON=sandbox"};

/* A name that is inherited may not look like one of these. */
static bool
sandbox_is_secret(const char *name)
{
	static const char *const words[] = {
	    "KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"};
	size_t i;

	if (strchr(name, '=') != NULL)
		return false; /* the value was spelled out */
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(name, words[i]) != NULL)
			return true;
	return false;
}

static void
sandbox_env(struct sandbox *sb)
{
	const struct opt_list *more = &sb->args->env;
	struct bytes *env = sb->env;
	uint32_t n = 0;
	const char *v;
	size_t i;

	for (i = 0; i < sizeof(sandbox_env_fixed) / sizeof(char *); i++)
		env[n++] = bytes_of(sandbox_env_fixed[i]);
	for (i = 0; i < sizeof(sandbox_env_passed) / sizeof(char *); i++) {
		v = getenv(sandbox_env_passed[i]);
		if (v != NULL)
			env[n++] = bytes_of(
			    xasprintf("%s=%s", sandbox_env_passed[i], v));
	}
	for (i = 0; i < more->n && n < SANDBOX_ENV; i++) {
		v = getenv(more->v[i]);
		if (sandbox_is_secret(more->v[i]))
			log_warn("%s looks like a secret: not passed on",
			    more->v[i]);
		else if (strchr(more->v[i], '=') != NULL)
			env[n++] = bytes_of(more->v[i]);
		else if (v != NULL)
			env[n++] = bytes_of(xasprintf("%s=%s", more->v[i], v));
	}
	sb->nenv = n;
}

/* More words than a frame holds go ahead of it, in parts. */
static int
sandbox_words(struct sandbox *sb, struct buf *words)
{
	struct chan *cell = session_chan(sb->session, ROLE_CELL);
	struct msg_words part;
	size_t at, n;
	int r = cell == NULL ? ERR_EOF : 0;

	for (at = 0; r == 0 && at < words->len; at += n) {
		n = words->len - at;
		if (n > SANDBOX_PART)
			n = SANDBOX_PART;
		part.part = (struct bytes){buf_data(words) + at, n};
		r = chan_send(cell, SANDBOX_CALL, MSG_WORDS, &part);
	}
	return r;
}

static int
sandbox_argv(struct sandbox *sb, struct msg_spawn *m)
{
	const struct opt_list *given = sb->command;
	struct buf words;
	size_t i;
	int r = 0;

	buf_init(&words, SANDBOX_ARGV_CAP);
	for (i = 0; r == 0 && i < given->n; i++)
		r = buf_add(&words, given->v[i], strlen(given->v[i]) + 1);
	if (r == 0 &&
	    (words.len > SANDBOX_FRAME || given->n > SANDBOX_FRAME_WORDS)) {
		r = sandbox_words(sb, &words);
		m->argv.n = 0;
	}
	buf_fini(&words);
	return r;
}

static int
sandbox_spawn(struct sandbox *sb)
{
	struct bytes *argv;
	struct msg_spawn m = {.cwd = bytes_of(sb->cwd)};
	struct winsize ws = {0};
	size_t i;
	int r;

	argv = xcalloc(sb->command->n, sizeof(*argv));
	for (i = 0; i < sb->command->n; i++)
		argv[i] = bytes_of(sb->command->v[i]);
	m.argv = (struct msg_list){(uint32_t)sb->command->n, argv};
	m.env = (struct msg_list){sb->nenv, sb->env};
	r = relay_start(&sb->relay, session_loop(sb->session),
	    session_chan(sb->session, ROLE_CELL), SANDBOX_CALL);
	m.stdio = sb->relay.tty ? STDIO_PTY : STDIO_PASSED;
	m.in = sb->relay.child[0];
	m.out = sb->relay.child[1];
	m.err = sb->relay.child[2];
	if (sb->relay.tty && ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == 0) {
		m.rows = ws.ws_row;
		m.cols = ws.ws_col;
	}
	if (r == 0)
		r = sandbox_argv(sb, &m);
	if (r == 0)
		r = ceiling_spawn(sb->session, SANDBOX_CALL, &sb->spec, &m);
	relay_handed(&sb->relay);
	free(argv);
	return r;
}

static int
sandbox_start(struct sandbox *sb)
{
	int r = sandbox_spawn(sb);

	sb->started = true;
	if (r == 0)
		return EX_OK;
	log_error("cannot run %s: %s", sb->command->v[0],
	    r == ERR_FD ? "a standard descriptor is a folder" : err_str(r));
	return EX_OSERR;
}

/* A record is on the disk: that it is about to start, or its result. */
static int
sandbox_acked(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct sandbox *sb = arg;
	int r = sb->code;

	(void)ch;
	(void)id;
	(void)msg;
	if (sb->started || (r = sandbox_start(sb)) != EX_OK)
		session_stop(sb->session, r);
	return 0;
}

static int
sandbox_lost(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_lost *m = msg;
	struct sandbox *sb = arg;

	(void)ch;
	(void)id;
	log_error("%s: %.*s",
	    sb->started ? "the command ran and its result is not recorded"
			: "nothing was run, for it cannot be recorded",
	    (int)m->why.len, (const char *)m->why.p);
	session_stop(sb->session, EX_IOERR);
	return 0;
}

static const struct chan_handler sandbox_handlers[] = {
    {MSG_SPAWNED, sandbox_spawned}, {MSG_EXIT, sandbox_exit},
    {MSG_STAT, sandbox_stat}, {MSG_ACK, sandbox_acked},
    {MSG_LOST, sandbox_lost}, {0, NULL}};

/* An audit log of its own, which main alone writes to. */
static int
sandbox_log(struct sandbox *sb)
{
	const struct logs logs = {.state = sb->paths.state,
	    .cwd = sb->cwd,
	    .policy = sb->policy,
	    .tier = tier_word(sb->tier)};

	if (!sb->args->record)
		return EX_OK;
	session_add(sb->session, ROLE_AUDIT);
	return logs_hand(sb->session, &logs, sb->why, sizeof(sb->why));
}

/* Without a record the command is sent ahead of the cell's being ready; with
 * one it has to wait for that. */
static int
sandbox_order(struct sandbox *sb)
{
	const struct recorded what = {
	    SANDBOX_TOOL, sb->command, sb->cwd, {sb->nenv, sb->env}, &sb->spec};

	if (!sb->args->record)
		return sandbox_start(sb);
	if (recorded_intent(sb->session, SANDBOX_CALL, &what) == 0)
		return EX_OK;
	log_error("nothing was run, for it cannot be recorded");
	return EX_SOFTWARE;
}

int
sandbox_early(struct sandbox *sb)
{
	if (sb->args->explain)
		return EX_OK;
	sb->session = session_new();
	session_handlers(sb->session, sandbox_handlers, sb);
	return session_early(sb->session, ROLE_CELL);
}

int
sandbox_run(struct sandbox *sb)
{
	int r = sandbox_log(sb);

	if (r != EX_OK)
		return sandbox_fail(sb, r);
	if (ceiling_tell(sb->session, sb->tier, &sb->spec, sb->paths.home,
		sb->paths.state, sb->cwd, sb->why, sizeof(sb->why)) != 0)
		return sandbox_fail(sb, EX_CANTCREAT);
	if (sb->args->json)
		session_confs(sb->session, ROLE_CELL, "cell.tell", "all");
	sandbox_env(sb);
	r = session_begin(sb->session);
	if (r == EX_OK)
		r = sandbox_order(sb);
	if (r == EX_OK)
		r = session_await(sb->session);
	if (r == EX_OK)
		r = session_run(sb->session);
	if (sb->head[0] != '\0' && !sb->args->json)
		(void)fprintf(stderr, "audit: %s record %s\n",
		    session_id(sb->session), sb->head);
	return r;
}
