/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon sandbox: one command of the person's own in a cell.
 *
 * Main itself asks the cell here: nobody decides but the person, and nothing
 * is asked for that the options do not say.
 */

#include "config.h"

#include <sys/stat.h>

#include <endian.h>
#include <errno.h>
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
#include "base/vis.h"
#include "base/xmem.h"
#include "conf/paths.h"

#include "cordon/ceiling.h"
#include "cordon/cmd.h"
#include "cordon/policy.h"
#include "cordon/sandbox_run.h"
#include "cordon/session.h"
#include "policy/ceiling.h"

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
    {"as-session", '\0', OPT_FLAG, NULL,
	"take away what a session's policy forbids here", AT(as_session)},
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
	const bool session = sb->args->as_session;
	const struct policy_files files = {.cli = sb->args->policy,
	    .paths = session ? &sb->paths : NULL,
	    .workspace = session ? sb->cwd : NULL};
	struct policy p;
	SHA2_CTX hash;
	int r;

	if (files.cli == NULL && !session)
		return EX_OK;
	SHA256Init(&hash);
	r = policy_load(
	    &p, &files, sandbox_rule, &hash, sb->why, sizeof(sb->why));
	(void)SHA256End(&hash, sb->policy);
	if (r == EX_OK && (policy_ceiling(&p, &at, &sb->spec) != 0 ||
			      ceiling_links(&sb->spec) != 0)) {
		(void)snprintf(sb->why, sizeof(sb->why),
		    "more paths than a cell can have; the policy wants fewer");
		r = EX_CONFIG;
	}
	policy_fini(&p);
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
	static int (*const steps[])(struct sandbox *) = {sandbox_enter,
	    sandbox_early, sandbox_tier, sandbox_rights, sandbox_policy};
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
