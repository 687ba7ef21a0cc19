/* SPDX-License-Identifier: Apache-2.0 */

/* cordon policy show: the rules in force, one a line. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/vis.h"
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/policy.h"

#define SHOW_LINE_MAX (1u << 20)

struct show_args {
	bool effective;
};

static const struct opt show_opts[] = {
    {"effective", '\0', OPT_FLAG, NULL,
	"the strictest first, without rules that decide nothing",
	OPT_AT(show_args, effective)},
    {0}};

/*
 * Whatever r says, a has said at least as much: the layers combine to the
 * strictest, the command line stands in for those before it but for what is
 * locked, and a project only tightens.
 */
static bool
show_overrules(const struct rule *a, const struct rule *r)
{
	bool cli = a->layer == POLICY_CLI, trusted = a->layer < POLICY_CLI;

	if (!rule_covers(a, r))
		return false;
	if (r->layer == POLICY_PROJECT)
		return a->effect >= r->effect && (cli || a->locked);
	if (r->layer == POLICY_CLI)
		return a->effect >= r->effect && (cli || a->locked);
	if (cli)
		return !r->locked || a->effect >= r->effect;
	return trusted && a->effect >= r->effect;
}

/* Of two that overrule one another the first one stays. */
static bool
show_decides(const struct policy *p, size_t at)
{
	const struct rule *r = &p->rules[at], *a;
	size_t i;

	if (r->layer == POLICY_PROJECT && r->effect == EFFECT_ALLOW)
		return false;
	for (i = 0; i < p->nrules; i++) {
		a = &p->rules[i];
		if (i != at && show_overrules(a, r) &&
		    (i < at || !show_overrules(r, a)))
			return false;
	}
	return true;
}

static void
show_rule(const struct rule *r)
{
	struct buf line, safe;

	buf_init(&line, SHOW_LINE_MAX);
	buf_init(&safe, SHOW_LINE_MAX);
	(void)rule_line(r, &line);
	(void)vis_add(&safe, buf_data(&line), line.len, 0);
	(void)printf("%s\n", buf_cstr(&safe));
	buf_fini(&line);
	buf_fini(&safe);
}

static void
show_number(const char *name, uint64_t n)
{
	if (n > 0)
		(void)printf(" %s %" PRIu64, name, n);
}

/* What holds where no rule speaks, as lines of the same form. */
static void
show_defaults(const struct defaults *d)
{
	static const char *const execs[] = {[EXEC_UNSET] = "ask",
	    [EXEC_SANDBOX] = "allow",
	    [EXEC_ASK] = "ask",
	    [EXEC_FORBID] = "forbid"};
	static const char *const threes[] = {[THREE_UNSET] = "forbid",
	    [THREE_NO] = "forbid",
	    [THREE_ASK] = "ask",
	    [THREE_YES] = "allow"};
	static const struct spec_limits none;
	const struct spec_limits *l = &d->limits;
	size_t i;

	(void)printf("otherwise %s exec *%s\n", execs[d->exec],
	    d->exec == EXEC_SANDBOX ? " in the cell" : "");
	(void)printf("otherwise allow read /\n");
	(void)printf("otherwise %s write .\n", threes[d->write]);
	(void)printf("otherwise %s net *:*\n", threes[d->net]);
	(void)printf("otherwise %s escalate\n", threes[d->escalate]);
	if (d->env.n > 0) {
		(void)printf("env");
		for (i = 0; i < d->env.n; i++)
			(void)printf(" %s", d->env.v[i]);
		(void)putchar('\n');
	}
	if (memcmp(l, &none, sizeof(none)) == 0)
		return;
	(void)printf("limits");
	show_number("mem", l->mem);
	show_number("procs", l->procs);
	show_number("cpu-ms", l->cpu_ms);
	show_number("time-ms", l->wall_ms);
	show_number("fsize", l->fsize);
	show_number("disk", l->disk);
	show_number("files", l->nofile);
	show_number("tmp", l->tmp);
	(void)printf("\n");
}

static void
show_policy(const struct policy *p, bool effective)
{
	size_t i;
	int e;

	for (e = EFFECT_FORBID; e >= EFFECT_ALLOW; e--)
		for (i = 0; i < p->nrules; i++)
			if (effective ? (int)p->rules[i].effect == e &&
					    show_decides(p, i)
				      : e == EFFECT_FORBID)
				show_rule(&p->rules[i]);
	show_defaults(&p->defaults);
}

int
policy_show_files(const struct policy_files *files)
{
	struct policy p;
	char why[1024];
	int r;

	policy_init(&p);
	r = policy_load(&p, files, NULL, NULL, why, sizeof(why));
	if (r == EX_OK)
		show_policy(&p, true);
	else
		(void)printf("%s\n", why);
	policy_fini(&p);
	return r;
}

static int
run_show(const struct cmd_line *line)
{
	const struct show_args *a = line->args;
	struct in_force f = {.workspace = ""};
	int r = policy_in_force(&f, line);

	if (r == EX_OK)
		show_policy(&f.policy, a->effective);
	policy_out_of_force(&f);
	return r;
}

const struct cmd policy_show = {
    .name = "show",
    .summary = "List the rules in force, one a line.",
    .opts = show_opts,
    .args_size = sizeof(struct show_args),
    .flags = CMD_INHERIT,
    .run = run_show,
};
