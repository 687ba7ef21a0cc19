/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: what the gate and the cells are told of a session.  The policy
 * is read here once, and all that commands could ever be given follows from
 * it.
 */

#include "config.h"

#include <endian.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "policy/ceiling.h"
#include "sandbox/spec.h"
#include "sandbox/tier.h"

#include "cordon/build.h"
#include "cordon/ceiling.h"
#include "cordon/policy.h"
#include "cordon/session.h"
#include "cordon/settings.h"
#include "cordon/start.h"

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
	return r == 0 ? EX_OK : build_fail(b, r);
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
	return build_fail(b, r == ERR_NOENT ? EX_NOINPUT
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

int
tell_gate(struct build *b)
{
	char tool[PATH_MAX];
	const char *who;

	if (start_program(tool, sizeof(tool), "tool") != 0) {
		(void)snprintf(b->why, sizeof(b->why),
		    "cordon-tool is missing: reinstall cordon");
		return build_fail(b, EX_UNAVAILABLE);
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
