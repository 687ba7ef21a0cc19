/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: putting a session together.
 *
 * Everything that a run needs of the file system is opened here, and by the
 * tell_* that it calls, before a process of ours has read a byte of a peer;
 * what each role is handed and told stands in launch.h.  Nothing in the
 * workspace is read or executed.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vis.h"
#include "sandbox/confine.h"
#include "sandbox/tier.h"

#include "cordon/build.h"
#include "cordon/front.h"
#include "cordon/hand.h"
#include "cordon/logs.h"
#include "cordon/provider.h"
#include "cordon/settings.h"
#include "cordon/servers.h"
#include "cordon/tell.h"

int
build_fail(struct build *b, int code)
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
	return build_fail(b, EX_UNAVAILABLE);
}

/* The workspace: resolved once, here. */
static int
enter(struct build *b)
{
	const char *cd = b->l->args->cd;

	if (cd != NULL && chdir(cd) == -1) {
		(void)snprintf(
		    b->why, sizeof(b->why), "%s: %s", cd, err_sys(errno));
		return build_fail(b, EX_NOINPUT);
	}
	if (getcwd(b->cwd, sizeof(b->cwd)) == NULL || b->cwd[0] != '/') {
		(void)snprintf(b->why, sizeof(b->why),
		    "the current directory cannot be named: %s",
		    err_sys(errno));
		return build_fail(b, EX_NOINPUT);
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

	return r == EX_OK ? r : build_fail(b, r);
}

static int
tell_provider_and_model(struct build *b)
{
	int r = tell_provider(b->conf, &b->paths, b->s, b->why, sizeof(b->why));

	if (r == 0)
		r = tell_model(b->conf, &b->paths, b->s, b->l, b->cwd, b->why,
		    sizeof(b->why));
	return r == 0 ? EX_OK : build_fail(b, EX_CONFIG);
}

static int
tell_servers(struct build *b)
{
	int r = servers_tell(b->s, b->conf, b->cwd, b->paths.home, b->danger,
	    b->why, sizeof(b->why));

	return r == 0 ? EX_OK
		      : build_fail(b, r == ERR_IO ? EX_OSERR : EX_CONFIG);
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
		return build_fail(b, EX_OSERR);
	}
	session_extra(b->s, ROLE_UI, SLOT_PROMPT, fd);
	if (!b->l->headless && front_tell(b->s, b->conf, &b->paths, b->cwd,
				   b->why, sizeof(b->why)) != 0)
		return build_fail(b, EX_CANTCREAT);
	r = hand_files(b->s, b->l, b->why, sizeof(b->why));
	return r == EX_OK ? r : build_fail(b, r);
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
		return build_fail(b, EX_USAGE);
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

static int
on_token_wanted(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_token_wanted *m = msg;
	struct build *b = arg;

	(void)ch;
	(void)id;
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
	return b->l->headless ? ERR_STATE : want_asked(&b->want, msg);
}

static int
on_ack(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct build *b = arg;

	(void)ch;
	(void)msg;
	want_acked(&b->want, id);
	return 0;
}

/* What a lost log means for calls gate knows. */
static int
on_lost(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct build *b = arg;

	(void)ch;
	(void)id;
	(void)msg;
	want_lost(&b->want);
	return 0;
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
    {MSG_ACK, on_ack}, {MSG_LOST, on_lost}, {0, NULL}};

/* Who runs programs of the person's for the session. */
static int
build_errands(struct build *b)
{
	b->token.conf = b->approver.conf = b->want.conf = b->conf;
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
	return build_fail(b, EX_CONFIG);
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
	return build_fail(b, EX_NOPERM);
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
		return build_fail(&b, EX_CONFIG);
	for (i = 0; r == EX_OK && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = steps[i](&b);
	session_free(b.s);
	conf_free(b.conf);
	policy_fini(&b.policy);
	paths_fini(&b.paths);
	return r;
}
