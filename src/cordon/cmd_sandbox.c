/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon sandbox: one command of the person's own in a cell.
 *
 * Main itself asks the cell here: nobody decides but the person, and nothing
 * is asked for that the options do not say.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <sha2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vis.h"
#include "base/xmem.h"
#include "conf/paths.h"

#include "cordon/ceiling.h"
#include "cordon/cmd.h"
#include "cordon/logs.h"
#include "cordon/policy.h"
#include "cordon/recorded.h"
#include "cordon/relay.h"
#include "cordon/session.h"
#include "policy/ceiling.h"

#define SANDBOX_CALL     1 /* the frame id of the one call */
#define SANDBOX_JSON_CAP (1u << 20)
/* An argv beyond these does not share a frame with environment and grant. */
#define SANDBOX_FRAME       16384 /* bytes */
#define SANDBOX_FRAME_WORDS 1024
#define SANDBOX_ENV         512
#define SANDBOX_PART        60000      /* bytes of it in one frame */
#define SANDBOX_ARGV_CAP    (6u << 20) /* bytes: what the kernel takes */
#define EXIT_TIME           124        /* as timeout(1) */
#define EXIT_SIGNAL         128

struct sandbox_args {
	struct opt_list write, read, hide, limit, env;
	const char *cd;
	const char *tier, *require_tier, *policy;
	bool net, read_only, record, json, explain;
};

#define AT(member) .off = offsetof(struct sandbox_args, member)

static const struct opt sandbox_opts[] = {
    {"write", 'w', OPT_LIST, "DIR", "let it write DIR too", AT(write)},
    {"read", 'r', OPT_LIST, "DIR", "let it read DIR although it is hidden",
	AT(read)},
    {"hide", '\0', OPT_LIST, "PATH", "hide PATH", AT(hide)},
    {"read-only", '\0', OPT_FLAG, NULL,
	"let it write nothing but its own /tmp and home", AT(read_only)},
    {"net", '\0', OPT_FLAG, NULL, "let it use the network", AT(net)},
    {"cd", 'C', OPT_STR, "DIR", "run in DIR, which it may write", AT(cd)},
    {"policy", '\0', OPT_STR, "FILE",
	"take away what the policy in FILE forbids", AT(policy)},
    {"limit", '\0', OPT_LIST, "LIST",
	"limits, joined by commas: mem=2G time=60s procs=200 cpu=30s"
	" fsize=1G disk=4G tmp=1G",
	AT(limit)},
    {"env", '\0', OPT_LIST, "NAME[=VALUE]", "pass a variable on", AT(env)},
    {"tier", '\0', OPT_ENUM, "auto|full|lsm",
	"what holds it: this tier, or refuse", AT(tier)},
    {"require-tier", '\0', OPT_ENUM, "full",
	"refuse where it would be held by less", AT(require_tier)},
    {"record", '\0', OPT_FLAG, NULL, "write it down in an audit log of its own",
	AT(record)},
    {"json", '\0', OPT_FLAG, NULL,
	"report what was used and denied as JSON on standard error", AT(json)},
    {"explain", '\0', OPT_FLAG, NULL, "show the rights, and run nothing",
	AT(explain)},
    {0}};

struct sandbox {
	const struct sandbox_args *args; /* borrowed */
	const struct opt_list *command;  /* borrowed */
	struct paths paths;
	struct session *session; /* owned */
	struct relay relay;
	struct spec spec;
	enum tier tier;
	struct bytes env[SANDBOX_ENV];
	uint32_t nenv;
	bool started; /* the command was sent to the cell */
	char policy[SHA256_DIGEST_STRING_LENGTH]; /* its hash, if any */
	char head[128]; /* what audit said of the end of the log */
	char cwd[PATH_MAX];
	char why[1024];
	const char *world; /* what the cell said of its ids */
	int code;
};

static int
sandbox_fail(const struct sandbox *sb, int code)
{
	log_error("%s", sb->why);
	return code;
}

struct sandbox_limit {
	const char *name;
	size_t offset; /* in struct spec_limits */
	int (*read)(const char *s, uint64_t *n);
};

static const struct sandbox_limit sandbox_limits[] = {
    {"mem", offsetof(struct spec_limits, mem), str_size},
    {"time", offsetof(struct spec_limits, wall_ms), str_duration},
    {"procs", offsetof(struct spec_limits, procs), str_size},
    {"cpu", offsetof(struct spec_limits, cpu_ms), str_duration},
    {"fsize", offsetof(struct spec_limits, fsize), str_size},
    {"disk", offsetof(struct spec_limits, disk), str_size},
    {"files", offsetof(struct spec_limits, nofile), str_size},
    {"tmp", offsetof(struct spec_limits, tmp), str_size}};

static int
sandbox_limit(struct sandbox *sb, char *pair)
{
	size_t i, n = sizeof(sandbox_limits) / sizeof(sandbox_limits[0]);
	char *value = strchr(pair, '=');
	uint64_t number;

	if (value != NULL)
		*value++ = '\0';
	for (i = 0; i < n && strcmp(sandbox_limits[i].name, pair) != 0; i++)
		;
	if (i == n || value == NULL ||
	    sandbox_limits[i].read(value, &number) != 0 || number == 0) {
		if (value != NULL)
			value[-1] = '=';
		(void)snprintf(sb->why, sizeof(sb->why),
		    "--limit '%s': give mem, tmp, fsize, disk (such as "
		    "2G), time, cpu (such as 60s), procs or files (a number)",
		    pair);
		return EX_USAGE;
	}
	memcpy((char *)&sb->spec.limits + sandbox_limits[i].offset, &number,
	    sizeof(number));
	return EX_OK;
}

static int
sandbox_read_limits(struct sandbox *sb)
{
	char *list, *next, *pair;
	int r = EX_OK;
	size_t i;

	for (i = 0; r == EX_OK && i < sb->args->limit.n; i++) {
		list = next = xstrdup(sb->args->limit.v[i]);
		while (r == EX_OK && (pair = strsep(&next, ",")) != NULL)
			r = sandbox_limit(sb, pair);
		free(list);
	}
	return r;
}

/* Whether --write names the working directory itself. */
static bool
sandbox_is_spelled(const struct sandbox *sb)
{
	const struct opt_list *write = &sb->args->write;
	struct stat here, st;
	size_t i;

	for (i = 0; i < write->n; i++)
		if (stat(".", &here) == 0 && stat(write->v[i], &st) == 0 &&
		    here.st_dev == st.st_dev && here.st_ino == st.st_ino)
			return true;
	return false;
}

/* Unhides, or hides: the name without links is what the cell compares. */
static int
sandbox_path(struct sandbox *sb, const char *path, unsigned access)
{
	char real[PATH_MAX];
	struct stat st, one;
	size_t i;

	if (ceiling_resolve(path, real, &st, sb->why, sizeof(sb->why)) != 0)
		return EX_NOINPUT;
	for (i = 0; access != SPEC_HIDE && i < sb->spec.npaths; i++)
		if (stat(sb->spec.paths[i].path, &one) == 0 &&
		    one.st_dev == st.st_dev && one.st_ino == st.st_ino)
			sb->spec.paths[i].access &= ~(unsigned)SPEC_HIDE;
	if (spec_adds(&sb->spec, real, access) != 0)
		return EX_SOFTWARE;
	return EX_OK;
}

static int
sandbox_rights(struct sandbox *sb)
{
	const struct sandbox_args *a = sb->args;
	char real[PATH_MAX];
	size_t i;
	int r;

	if (ceiling_base(&sb->spec, sb->paths.home) != 0)
		return EX_SOFTWARE;
	r = ceiling_hide(&sb->spec, &sb->paths);
	if (r == 0 && !a->read_only)
		r = ceiling_write(&sb->spec, sb->cwd, sb->paths.home,
		    sandbox_is_spelled(sb), real, sb->why, sizeof(sb->why));
	for (i = 0; r == 0 && i < a->write.n; i++)
		r = ceiling_write(&sb->spec, a->write.v[i], sb->paths.home,
		    true, real, sb->why, sizeof(sb->why));
	if (r != 0)
		return r == ERR_NOENT ? EX_NOINPUT : EX_NOPERM;
	for (i = 0; r == EX_OK && i < a->read.n; i++)
		r = sandbox_path(sb, a->read.v[i], SPEC_READ | SPEC_EXEC);
	for (i = 0; r == EX_OK && i < a->hide.n; i++)
		r = sandbox_path(sb, a->hide.v[i], SPEC_HIDE);
	if (a->net)
		sb->spec.net = SPEC_NET_HOST;
	return r == EX_OK ? sandbox_read_limits(sb) : r;
}

/* The hash of the policy is that of all rules with their lengths. */
static void
sandbox_rule(void *arg, struct bytes body)
{
	uint32_t len = htobe32((uint32_t)body.len);

	SHA256Update(arg, (const uint8_t *)&len, sizeof(len));
	SHA256Update(arg, body.p, body.len);
}

/* Paths, network and limits; there is no rule for what the person runs. */
static int
sandbox_policy(struct sandbox *sb)
{
	const struct policy_place at = {sb->paths.home, sb->cwd};
	const struct policy_files files = {.cli = sb->args->policy};
	struct policy p;
	SHA2_CTX hash;
	int r;

	if (files.cli == NULL)
		return EX_OK;
	SHA256Init(&hash);
	r = policy_load(
	    &p, &files, sandbox_rule, &hash, sb->why, sizeof(sb->why));
	(void)SHA256End(&hash, sb->policy);
	if (r == EX_OK && policy_ceiling(&p, &at, &sb->spec) != 0) {
		(void)snprintf(sb->why, sizeof(sb->why),
		    "%s: more paths than a cell can have", files.cli);
		r = EX_CONFIG;
	}
	policy_fini(&p);
	return r;
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
	jsonw_kstr(&w, "not_told", "what is refused of an open file");
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
	/* What is recorded ends when the result is on the disk. */
	if (!sb->args->record ||
	    recorded_result(sb->session, SANDBOX_CALL, m) != 0)
		session_stop(sb->session, sb->code);
	return 0;
}

/* The environment, from nothing. */

static const char *const sandbox_env_passed[] = {"HOME", "USER", "LOGNAME",
    "LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_COLLATE", "LC_NUMERIC",
    "LC_TIME", "LC_MONETARY", "TERM", "TZ", "COLORTERM", "NO_COLOR"};
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
	    sb->command, sb->cwd, {sb->nenv, sb->env}, &sb->spec};

	if (!sb->args->record)
		return sandbox_start(sb);
	if (recorded_intent(sb->session, SANDBOX_CALL, &what) == 0)
		return EX_OK;
	log_error("nothing was run, for it cannot be recorded");
	return EX_SOFTWARE;
}

static int
sandbox_run(struct sandbox *sb)
{
	int r;

	sb->session = session_new();
	session_add(sb->session, ROLE_CELL);
	session_handlers(sb->session, sandbox_handlers, sb);
	r = sandbox_log(sb);
	if (r != EX_OK)
		return sandbox_fail(sb, r);
	if (ceiling_tell(sb->session, sb->tier, &sb->spec, sb->paths.home,
		sb->paths.state, sb->cwd, sb->why, sizeof(sb->why)) != 0)
		return sandbox_fail(sb, EX_CANTCREAT);
	if (sb->args->json)
		session_confs(sb->session, ROLE_CELL, "cell.tell", "1");
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

/* The rights in ten lines, at most. */
static int
sandbox_explain(const struct sandbox *sb)
{
	const struct spec *s = &sb->spec;
	char safe[PATH_MAX];
	size_t i, hidden = 0;

	(void)printf("tier     %s\n", tier_word(sb->tier));
	(void)vis_str(safe, sizeof(safe), sb->command->v[0]);
	(void)printf("runs     %s\n", safe);
	(void)vis_str(safe, sizeof(safe), sb->cwd);
	(void)printf("in       %s\n", safe);
	(void)printf("writes  ");
	for (i = 0; i < s->npaths; i++) {
		(void)vis_str(safe, sizeof(safe), s->paths[i].path);
		if (s->paths[i].access & SPEC_WRITE)
			(void)printf(" %s", safe);
		hidden += (s->paths[i].access & SPEC_HIDE) != 0;
	}
	if (sb->tier == TIER_FULL)
		(void)printf(
		    "\nprivate  /tmp, /var/tmp, /dev/shm and, kept for "
		    "this folder, %s\n",
		    sb->paths.home);
	else
		(void)printf("\nprivate  a folder that TMPDIR names, and, kept "
			     "for this one, XDG_CACHE_HOME\n");
	(void)printf("reads    the rest of the host\n");
	(void)printf("but not  %zu secrets: keys, tokens, histories, local "
		     "sockets\n",
	    hidden);
	(void)printf("protects what git, editors, shells and agents obey\n");
	(void)printf("network  %s\n",
	    s->net == SPEC_NET_HOST ? "the host's" : "a loopback of its own");
	(void)printf("limits   memory %llu, processes %llu, time %llu ms "
		     "(0: none)\n",
	    (unsigned long long)s->limits.mem,
	    (unsigned long long)s->limits.procs,
	    (unsigned long long)s->limits.wall_ms);
	return EX_OK;
}

/* Where it runs, as it is called from here on. */
static int
sandbox_enter(struct sandbox *sb)
{
	const char *cd = sb->args->cd;

	if (cd != NULL && chdir(cd) == -1)
		(void)snprintf(
		    sb->why, sizeof(sb->why), "%s: %s", cd, err_sys(errno));
	else if (getcwd(sb->cwd, sizeof(sb->cwd)) == NULL)
		(void)snprintf(sb->why, sizeof(sb->why),
		    "the current directory: %s", err_sys(errno));
	else
		return EX_OK;
	return EX_NOINPUT;
}

static int
sandbox_tier(struct sandbox *sb)
{
	const char *wanted = sb->args->require_tier == NULL
				 ? sb->args->tier
				 : sb->args->require_tier;
	char why[512];

	if (tier_choose(&sb->tier, wanted, why, sizeof(why)) == 0) {
		if (why[0] != '\0' && !sb->args->json)
			log_warn("tier lsm only: %s", why);
		return EX_OK;
	}
	(void)snprintf(sb->why, sizeof(sb->why),
	    "no sandbox%s%s: %s; `cordon doctor` says more",
	    wanted == NULL ? "" : " of tier ", wanted == NULL ? "" : wanted,
	    why);
	return EX_UNAVAILABLE;
}

static int
sandbox_main(const struct cmd_line *line)
{
	static int (*const steps[])(struct sandbox *) = {
	    sandbox_tier, sandbox_enter, sandbox_rights, sandbox_policy};
	struct sandbox sb = {.args = line->args, .command = &line->given};
	size_t i;
	int r = EX_OK;

	if (paths_find(&sb.paths, sb.why, sizeof(sb.why)) != 0)
		return sandbox_fail(&sb, EX_CONFIG);
	for (i = 0; r == EX_OK && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](&sb);
	if (r != EX_OK)
		(void)sandbox_fail(&sb, r);
	else
		r = sb.args->explain ? sandbox_explain(&sb) : sandbox_run(&sb);
	relay_fini(&sb.relay);
	session_free(sb.session);
	spec_fini(&sb.spec);
	paths_fini(&sb.paths);
	return r;
}

const struct cmd cmd_sandbox = {
    .name = "sandbox",
    .summary = "Run a command in a cell.",
    .operands = "COMMAND [ARG ...]",
    .man = "cordon-sandbox(1)",
    .opts = sandbox_opts,
    .args_size = sizeof(struct sandbox_args),
    .min = 1,
    .max = CMD_ANY,
    .flags = CMD_VERBATIM,
    .run = sandbox_main,
};
