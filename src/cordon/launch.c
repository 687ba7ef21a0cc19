/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: putting a session together.
 *
 * Everything that a run needs of the file system is opened here, before a
 * process of ours has read a byte of a peer; what each role is handed and
 * told stands in launch.h.  Nothing in the workspace is read or executed.
 */

#include "config.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
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
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vis.h"
#include "conf/paths.h"
#include "policy/ceiling.h"
#include "sandbox/confine.h"
#include "sandbox/spec.h"
#include "sandbox/tier.h"

#include "cordon/approve.h"
#include "cordon/ceiling.h"
#include "cordon/front.h"
#include "cordon/hand.h"
#include "cordon/launch.h"
#include "cordon/logs.h"
#include "cordon/policy.h"
#include "cordon/provider.h"
#include "cordon/session.h"
#include "cordon/settings.h"
#include "cordon/servers.h"
#include "cordon/start.h"
#include "cordon/store.h"
#include "cordon/tell.h"
#include "cordon/token.h"
#include "cordon/want.h"

#define WHY_SIZE  1024
#define HEAD_SIZE 128

struct build {
	const struct launch *l;
	struct session *s; /* owned */
	struct conf *conf; /* owned */
	struct paths paths;
	struct policy policy;
	struct policy_files files;
	enum tier tier;
	struct token_giver token;
	struct approver approver;
	SHA2_CTX hash; /* of the policy */
	bool danger;   /* nothing is confined */
	struct want want;
	char cwd[PATH_MAX];
	char head[HEAD_SIZE]; /* of the audit log at its end */
	char why[WHY_SIZE];
};

static int
fail(struct build *b, int code)
{
	log_error("%s", b->why);
	return code;
}

/* What holds commands; without it nothing starts. */
static int
find_tier(struct build *b)
{
	const char *wanted = conf_text(b->conf, "sandbox_tier");
	char why[WHY_SIZE / 2];
	int r = tier_choose(&b->tier, wanted, why, sizeof(why));

	/* The start screen of a terminal's front says it itself. */
	if (r == 0 && why[0] != '\0' && strcmp(b->l->mode, "tui") != 0)
		log_warn("commands are held by tier lsm only: %s", why);
	if (r == 0)
		return EX_OK;
	(void)snprintf(b->why, sizeof(b->why),
	    "no sandbox (sandbox_tier is %s): %s; `cordon doctor` says more",
	    wanted == NULL ? "auto" : wanted, why);
	return fail(b, EX_UNAVAILABLE);
}

/* The workspace: resolved once, here. */
static int
enter(struct build *b)
{
	const char *cd = b->l->args->cd;

	if (cd != NULL && chdir(cd) == -1) {
		(void)snprintf(
		    b->why, sizeof(b->why), "%s: %s", cd, err_sys(errno));
		return fail(b, EX_NOINPUT);
	}
	if (getcwd(b->cwd, sizeof(b->cwd)) == NULL || b->cwd[0] != '/') {
		(void)snprintf(b->why, sizeof(b->why),
		    "the current directory cannot be named: %s",
		    err_sys(errno));
		return fail(b, EX_NOINPUT);
	}
	return EX_OK;
}

/* After the policy, whose hash stands in the first record. */
static int
open_logs(struct build *b)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	struct logs l = {.state = b->paths.state,
	    .cwd = b->cwd,
	    .fork = b->l->fork,
	    .policy = SHA256End(&b->hash, hex),
	    .tier = b->danger ? "none" : tier_word(b->tier),
	    .again = b->l->resume != NULL,
	    .danger = b->danger,
	    .transcript = !b->l->ephemeral};
	int r = logs_hand(b->s, &l, b->why, sizeof(b->why));

	return r == EX_OK ? r : fail(b, r);
}

static void
put_env(struct build *b, const char *line)
{
	session_confs(b->s, ROLE_GATE, "session.env", line);
	session_confs(b->s, ROLE_OPEN, "session.env", line);
}

static void
pass_env(struct build *b, const char *name)
{
	const char *v = getenv(name);
	char line[PATH_MAX];

	if (v != NULL && str_fmt(line, sizeof(line), "%s=%s", name, v) == 0)
		put_env(b, line);
}

/* Commands see these, what the policy adds, and nothing else of the
 * environment. */
static void
tell_env(struct build *b)
{
	static const char *const passed[] = {"HOME", "USER", "LOGNAME", "LANG",
	    "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ", NULL};
	static const char *const fixed[] = {
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	    "SHELL=/bin/bash", "TERM=xterm-256color", "TMPDIR=/tmp",
	    "PAGER=cat", "GIT_PAGER=cat", "NO_COLOR=1", "CORDON=1", NULL};
	size_t i;

	for (i = 0; fixed[i] != NULL; i++)
		put_env(b, fixed[i]);
	for (i = 0; passed[i] != NULL; i++)
		pass_env(b, passed[i]);
	for (i = 0; i < b->policy.defaults.env.n; i++)
		pass_env(b, b->policy.defaults.env.v[i]);
}

/* The workspace and what was named besides it. */
static int
add_writable(struct build *b, struct spec *spec)
{
	const struct conf_value *roots;
	char real[PATH_MAX];
	size_t i;
	int r;

	roots = conf_get(b->conf, "sandbox_workspace_write.writable_roots");
	r = ceiling_write(
	    spec, b->cwd, b->paths.home, false, real, b->why, sizeof(b->why));
	for (i = 0; r == 0 && roots != NULL && i < roots->n; i++)
		r = ceiling_write(spec, roots->v[i], b->paths.home, true, real,
		    b->why, sizeof(b->why));
	return r;
}

/* The hash of the policy is that of all of them with their lengths. */
static void
hand_rule(void *arg, struct bytes body)
{
	uint32_t len = htobe32((uint32_t)body.len);
	struct build *b = arg;

	SHA256Update(&b->hash, (const uint8_t *)&len, sizeof(len));
	SHA256Update(&b->hash, body.p, body.len);
	session_rule(b->s, body);
}

/* The words of --sandbox and --ask-for-approval as one of our profiles. */
static const char *
profile_of(const struct conf *c)
{
	if (conf_is(c, "sandbox_mode", "danger-full-access"))
		return "danger";
	if (conf_is(c, "sandbox_mode", "read-only"))
		return "read-only";
	if (conf_is(c, "approval_policy", "untrusted"))
		return "paranoid";
	if (conf_is(c, "approval_policy", "never"))
		return "offline-auto";
	return POLICY_PROFILE;
}

/* Every layer of it, read here once; gate gets the same frames. */
static int
tell_policy(struct build *b)
{
	int r;

	b->files = (struct policy_files){.profile = profile_of(b->conf),
	    .cli = b->l->args->policy,
	    .workspace = b->cwd,
	    .paths = &b->paths,
	    .network = conf_is(
		b->conf, "sandbox_workspace_write.network_access", "true")};

	SHA256Init(&b->hash);
	r = policy_load(
	    &b->policy, &b->files, hand_rule, b, b->why, sizeof(b->why));
	return r == 0 ? EX_OK : fail(b, r);
}

/* Of the host's loopback a proxy would be anybody's. */
static void
tell_proxy(struct build *b, struct spec *spec)
{
	if (b->tier == TIER_FULL) {
		session_confs(b->s, ROLE_GATE, "session.proxy", "1");
		return;
	}
	if (spec->net != SPEC_NET_PROXY)
		return;
	spec->net = SPEC_NET_NONE;
	log_warn("commands reach no host in tier %s, whatever the policy "
		 "permits: that takes namespaces",
	    tier_word(b->tier));
}

/* What a command of this session could ever be given. */
static int
tell_ceiling(struct build *b)
{
	const struct policy_place at = {b->paths.home, b->cwd};
	bool write = b->policy.defaults.write != THREE_NO;
	struct spec spec;
	int r;

	r = ceiling_base(&spec, b->paths.home);
	if (r == 0 && start_libexec() != NULL) /* the file tools run inside */
		r = spec_adds(&spec, start_libexec(), SPEC_READ | SPEC_EXEC);
	if (r == 0)
		r = ceiling_hide(&spec, &b->paths);
	if (r != 0)
		(void)snprintf(b->why, sizeof(b->why),
		    "the rights of commands cannot be computed: %s",
		    err_str(r));
	if (r == 0 && write && !b->danger)
		r = add_writable(b, &spec);
	else if (r == 0) /* which may lie where the cell has its own /tmp */
		r = spec_adds(&spec, b->cwd, SPEC_READ | SPEC_EXEC);
	spec.net = SPEC_NET_HOST; /* what the policy leaves of it */
	if (r == 0)
		r = policy_ceiling(&b->policy, &at, &spec);
	if (r == 0)
		r = ceiling_links(&spec);
	tell_proxy(b, &spec);
	if (r == 0)
		r = ceiling_tell(b->s, b->tier, &spec, b->paths.home,
		    b->paths.state, b->cwd, b->why, sizeof(b->why));
	spec_fini(&spec);
	if (r == 0)
		return EX_OK;
	return fail(b, r == ERR_NOENT ? EX_NOINPUT
		       : r == ERR_IO  ? EX_CANTCREAT
				      : EX_NOPERM);
}

/* Who answers what the policy asks, and what was answered beforehand. */
static const char *
tell_answers(struct build *b)
{
	const char *ms = conf_text(b->conf, "approve.session_ms");
	const struct opt_list *grants = b->l->grants;
	const char *who = "person";
	size_t i;

	if (conf_is(b->conf, "approval_policy", "never"))
		who = "nobody";
	else if (b->l->headless)
		who = b->approver.program[0] != '\0' ? "program" : "nobody";
	session_confs(b->s, ROLE_GATE, "session.answers", who);
	if (ms != NULL)
		session_confs(b->s, ROLE_GATE, "session.grant_ms", ms);
	for (i = 0; grants != NULL && i < grants->n; i++)
		session_confs(b->s, ROLE_GATE, "session.grant", grants->v[i]);
	return who;
}

/*
 * A command that could not write may be run again, by the open cell: in a cell
 * of its own with the rights of the session's but for that.  `cordon sandbox`
 * knows no other profile than the default and no rules of our command line.
 */
static void
tell_widen(struct build *b)
{
	const struct conf_value *roots =
	    conf_get(b->conf, "sandbox_workspace_write.writable_roots");
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;

	if (n <= 0 || b->files.network || b->files.cli != NULL ||
	    strcmp(b->files.profile, POLICY_PROFILE) != 0)
		return;
	self[n] = '\0';
	session_confs(b->s, ROLE_GATE, "session.widen", self);
	session_confs(b->s, ROLE_GATE, "session.widen", "sandbox");
	session_confs(b->s, ROLE_GATE, "session.widen", "--as-session");
	for (i = 0; roots != NULL && i < roots->n; i++) {
		session_confs(b->s, ROLE_GATE, "session.widen", "--write");
		session_confs(b->s, ROLE_GATE, "session.widen", roots->v[i]);
	}
	session_confs(b->s, ROLE_CELL, "cell.tell", "writes");
}

/*
 * Besides the cell.  The open one, which is none, is started only where
 * somebody can be asked for a run in it, and in the profile danger instead of
 * the other.
 */
static void
tell_cells(struct build *b, const char *who)
{
	bool ask = b->policy.defaults.escalate == THREE_ASK &&
		   strcmp(who, "nobody") != 0;

	if (b->danger || ask)
		session_add(b->s, ROLE_OPEN);
	if (!b->danger && ask && strcmp(who, "person") == 0)
		tell_widen(b);
	if (!b->danger)
		return;
	session_confs(b->s, ROLE_OPEN, "open.standing", "1");
	session_confs(b->s, ROLE_GATE, "session.danger", "1");
}

static int
tell_gate(struct build *b)
{
	char tool[PATH_MAX];
	const char *who;

	if (start_program(tool, sizeof(tool), "tool") != 0) {
		(void)snprintf(b->why, sizeof(b->why),
		    "cordon-tool is missing: reinstall cordon");
		return fail(b, EX_UNAVAILABLE);
	}
	session_confs(b->s, ROLE_GATE, "session.cwd", b->cwd);
	session_confs(b->s, ROLE_GATE, "session.home", b->paths.home);
	session_confs(b->s, ROLE_GATE, "session.profile", profile_of(b->conf));
	session_confs(b->s, ROLE_GATE, "session.tool", tool);
	session_confs(b->s, ROLE_GATE, "session.shell", "/bin/bash");
	session_confs(
	    b->s, ROLE_GATE, "session.headless", b->l->headless ? "1" : "0");
	who = tell_answers(b);
	if (tell_policy(b) != EX_OK)
		return EX_CONFIG;
	tell_cells(b, who);
	tell_env(b);
	return tell_ceiling(b);
}

static int
tell_provider_and_model(struct build *b)
{
	int r = tell_provider(b->conf, &b->paths, b->s, b->why, sizeof(b->why));

	if (r == 0)
		r = tell_model(b->conf, &b->paths, b->s, b->l, b->cwd, b->why,
		    sizeof(b->why));
	return r == 0 ? EX_OK : fail(b, EX_CONFIG);
}

static int
tell_servers(struct build *b)
{
	int r = servers_tell(b->s, b->conf, b->cwd, b->paths.home, b->danger,
	    b->why, sizeof(b->why));

	return r == 0 ? EX_OK : fail(b, r == ERR_IO ? EX_OSERR : EX_CONFIG);
}

static int
tell_front(struct build *b)
{
	int fd, r;

	session_confs(b->s, ROLE_UI, "front.mode", b->l->mode);
	session_confs(b->s, ROLE_UI, "front.color", b->l->color ? "1" : "0");
	session_confs(b->s, ROLE_UI, "session.cwd", b->cwd);
	if (b->danger)
		session_confs(b->s, ROLE_UI, "session.danger", "1");
	session_confs(b->s, ROLE_UI, "session.home", b->paths.home);
	if (b->l->args->profile != NULL)
		session_confs(
		    b->s, ROLE_UI, "session.profile", b->l->args->profile);
	session_confs(b->s, ROLE_UI, "session.tier",
	    b->danger ? "none" : tier_word(b->tier));
	session_stdio(b->s, ROLE_UI, b->l->headless ? -1 : STDIN_FILENO,
	    STDOUT_FILENO, STDERR_FILENO);
	fd = fd_memfd("prompt", b->l->prompt.p, b->l->prompt.len);
	if (fd < 0) {
		(void)snprintf(b->why, sizeof(b->why),
		    "the prompt cannot be passed on: %s", err_sys(errno));
		return fail(b, EX_OSERR);
	}
	session_extra(b->s, ROLE_UI, SLOT_PROMPT, fd);
	if (!b->l->headless && front_tell(b->s, b->conf, &b->paths, b->cwd,
				   b->why, sizeof(b->why)) != 0)
		return fail(b, EX_CANTCREAT);
	r = hand_files(b->s, b->l, b->why, sizeof(b->why));
	return r == EX_OK ? r : fail(b, r);
}

static int
build_session(struct build *b)
{
	static int (*const steps[])(struct build *) = {tell_gate, tell_servers,
	    open_logs, tell_provider_and_model, tell_front};
	size_t i;
	int r = EX_OK;

	if (b->l->resume != NULL && session_set_id(b->s, b->l->resume) != 0) {
		(void)snprintf(b->why, sizeof(b->why),
		    "%s is no session id; 'cordon sessions list' has them",
		    b->l->resume);
		return fail(b, EX_USAGE);
	}
	for (i = 0; r == EX_OK && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](b);
	return r;
}

/* A fact that a role tells: where the audit log ended. */
static int
on_stat(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct build *b = arg;
	const struct msg_stat *m = msg;

	(void)id;
	if (chan_peer(ch) == ROLE_AUDIT && bytes_is(m->key, "audit.head"))
		return bytes_copy(b->head, sizeof(b->head), m->value);
	return 0;
}

/* Kept elsewhere, this line later tells whether the log is still the same. */
static void
show_head(const struct build *b)
{
	char head[HEAD_SIZE];

	(void)vis_str(head, sizeof(head), b->head);
	if (head[0] != '\0')
		(void)fprintf(
		    stderr, "audit: %s record %s\n", session_id(b->s), head);
}

/* That a token is used and why, never which. */
static void
record_token(struct build *b, enum token_reason reason)
{
	static const char *const reasons[] = {[TOKEN_FIRST] = "first",
	    [TOKEN_STALE] = "stale",
	    [TOKEN_REJECTED] = "rejected"};
	static const char *const sources[] = {[TOKEN_NONE] = "none",
	    [TOKEN_ENV] = "kept",
	    [TOKEN_COMMAND] = "command"};
	char data[128];

	(void)snprintf(data, sizeof(data),
	    "{\"reason\":\"%s\",\"from\":\"%s\"}", reasons[reason],
	    sources[token_source(b->conf)]);
	session_record(b->s, AUDIT_TOKEN, bytes_of(data));
}

static int
on_token_wanted(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_token_wanted *m = msg;
	struct build *b = arg;

	(void)ch;
	(void)id;
	record_token(b, (enum token_reason)m->reason);
	token_wanted(&b->token, (enum token_reason)m->reason);
	return 0;
}

static int
on_ask(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct build *b = arg;

	(void)ch;
	return approver_ask(&b->approver, id, msg);
}

static int
on_want(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct build *b = arg;

	(void)ch;
	(void)id;
	return want_asked(&b->want, msg);
}

/* Of the option, or as configured; in milliseconds, 0: none. */
static uint64_t
deadline(const struct build *b)
{
	const char *text = conf_text(b->conf, "budget.wall_ms");

	if (b->l->deadline_ms > 0 || text == NULL)
		return b->l->deadline_ms;
	return (uint64_t)strtonum(text, 0, INT64_MAX, NULL);
}

static const struct chan_handler handlers[] = {{MSG_STAT, on_stat},
    {MSG_TOKEN_WANTED, on_token_wanted}, {MSG_ASK, on_ask}, {MSG_WANT, on_want},
    {0, NULL}};

/* Who runs programs of the person's for the session. */
static int
build_errands(struct build *b)
{
	b->token.conf = b->approver.conf = b->conf;
	b->token.paths = b->approver.paths = b->want.paths = &b->paths;
	b->token.workspace = b->approver.workspace = b->cwd;
	b->want.workspace = b->cwd;
	b->want.tier = conf_text(b->conf, "sandbox_tier");
	b->token.session = b->approver.session = b->s;
	token_init(&b->token);
	want_init(&b->want, b->s);
	if (!b->l->headless ||
	    approver_init(&b->approver, b->why, sizeof(b->why)) == 0)
		return EX_OK;
	return fail(b, EX_CONFIG);
}

/*
 * No sandbox: only if the person has written so into their own file, since
 * whoever can call us can give any argument and set any variable.
 */
static int
judge_danger(struct build *b)
{
	const struct conf_value *v = conf_get(b->conf, "danger");

	b->danger = conf_is(b->conf, "sandbox_mode", "danger-full-access");
	if (!b->danger || (v != NULL && v->layer == LAYER_USER &&
			      strcmp(v->v[0], "allow") == 0))
		return EX_OK;
	(void)snprintf(b->why, sizeof(b->why),
	    "danger-full-access needs danger = \"allow\" in %s/config.toml; "
	    "no argument, variable or other file gives it",
	    b->paths.config);
	return fail(b, EX_NOPERM);
}

/*
 * Who has most to do until it is ready is at it while the configuration is
 * read, and the policy.  A model that is handed a file is started with the
 * others; and none where nothing can hold it, which find_tier says.
 */
static int
start_early(struct build *b)
{
	static const enum role roles[] = {
	    ROLE_AUDIT, ROLE_GATE, ROLE_NET, ROLE_MODEL, ROLE_UI};
	const struct launch *l = b->l;
	size_t i;

	b->s = session_new();
	session_handlers(b->s, handlers, b);
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		session_add(b->s, roles[i]);
	if (l->resume != NULL || l->fork != NULL || l->schema != NULL ||
	    confine_missing() != NULL)
		return EX_OK;
	return session_early(b->s, ROLE_MODEL);
}

static int
read_settings(struct build *b)
{
	const char *missing;
	int r;

	b->conf = settings_read(b->l->args, &b->paths);
	if (b->conf == NULL)
		return EX_CONFIG;
	r = judge_danger(b);
	if (r == EX_OK && !b->danger)
		r = session_early(b->s, ROLE_CELL);
	if (r == EX_OK)
		r = find_tier(b);
	if (r != EX_OK)
		return r;
	missing = provider_missing(b->conf, &b->paths);
	if (missing == NULL)
		return EX_OK;
	(void)fprintf(stderr, "cordon: %s\n", missing);
	return EX_CONFIG;
}

static int
run_session(struct build *b)
{
	const struct launch *l = b->l;
	int r = build_errands(b);

	if (r == EX_OK)
		r = build_session(b);
	b->want.policy = b->files;
	if (l->headless)
		session_unattended(b->s, deadline(b));
	if (r == EX_OK)
		r = session_start(b->s);
	if (r == EX_OK)
		r = session_run(b->s);
	show_head(b);
	if (l->next != NULL) {
		l->next->what = session_next(b->s);
		(void)strlcpy(
		    l->next->id, session_next_id(b->s), sizeof(l->next->id));
	}
	want_fini(&b->want);
	token_fini(&b->token);
	approver_fini(&b->approver);
	return r;
}

int
launch_run(const struct launch *l)
{
	static int (*const steps[])(struct build *) = {
	    start_early, read_settings, run_session};
	struct build b = {.l = l};
	size_t i;
	int r;

	r = enter(&b);
	if (r != EX_OK)
		return r;
	if (paths_find(&b.paths, b.why, sizeof(b.why)) != 0)
		return fail(&b, EX_CONFIG);
	for (i = 0; r == EX_OK && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](&b);
	session_free(b.s);
	conf_free(b.conf);
	policy_fini(&b.policy);
	paths_fini(&b.paths);
	return r;
}

int
launch_newest(const char *cd, char *id, size_t size)
{
	struct paths paths;
	char cwd[PATH_MAX];
	int r;

	if (realpath(cd == NULL ? "." : cd, cwd) == NULL) {
		log_error("%s: %s", cd == NULL ? "." : cd, err_sys(errno));
		return EX_NOINPUT;
	}
	if (settings_paths(&paths) != EX_OK)
		return EX_CONFIG;
	r = store_newest(id, size, paths.state, cwd);
	paths_fini(&paths);
	if (r == 0)
		return EX_OK;
	log_error("no session of %s is kept; 'cordon sessions list' has those "
		  "of other folders",
	    cwd);
	return EX_NOINPUT;
}
