/* SPDX-License-Identifier: Apache-2.0 */

/* cordon policy test: the policies in force and their own tests. */

#include "config.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/vis.h"
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/live.h"
#include "policy/decide.h"

struct test_args {
	bool live;
};

static const struct opt test_opts[] = {
    {"live", '\0', OPT_FLAG, NULL,
	"run the tests that have run, each in a cell", OPT_AT(test_args, live)},
    {0}};

enum effect
policy_test_effect(const struct in_force *f, const struct policy_test *t)
{
	struct request rq = {
	    .line = t->given, .home = f->paths.home, .workspace = f->workspace};
	struct policy_decision d = {.effect = EFFECT_NONE};

	policy_decide(&f->policy, &rq, &d);
	return d.effect;
}

/* Results so far. */
struct tally {
	size_t passed, failed, skipped;
};

static void
test_say(const char *verdict, const struct policy_test *t, const char *why)
{
	char line[512], safe[2048];

	(void)vis_str(line, sizeof(line), t->given == NULL ? t->run : t->given);
	(void)vis_str(safe, sizeof(safe), why);
	(void)printf("%s: %s:%u: %s: %s\n", verdict,
	    *t->file == '\0' ? "built-in" : t->file, t->line, line, safe);
}

static void
test_given(
    const struct in_force *f, const struct policy_test *t, struct tally *all)
{
	enum effect is = policy_test_effect(f, t);
	char why[128];

	if (is == t->expect) {
		all->passed++;
		return;
	}
	all->failed++;
	(void)snprintf(why, sizeof(why), "expected %s, is %s",
	    effect_name(t->expect), effect_name(is));
	test_say("not ok", t, why);
}

static void
test_live(
    const struct in_force *f, const struct policy_test *t, struct tally *all)
{
	static const char *const words[] = {[LIVE_DENIED] = "ok",
	    [LIVE_REFUSED] = "ok, by gate alone",
	    [LIVE_DONE] = "not ok",
	    [LIVE_NOT_RUN] = "not run"};
	char why[1024];
	enum live_result r =
	    live_run(&f->policy, t, &f->paths, why, sizeof(why));

	if (r == LIVE_DENIED || r == LIVE_REFUSED)
		all->passed++;
	else
		all->failed++;
	test_say(words[r], t, r == LIVE_DENIED ? "denied by the kernel" : why);
}

static int
run_test(const struct cmd_line *line)
{
	const struct test_args *a = line->args;
	const struct policy_test *t;
	struct tally all = {0};
	size_t i;
	struct in_force f = {.workspace = ""};
	int r = policy_in_force(&f, line);

	for (i = 0; r == EX_OK && i < f.policy.ntests; i++) {
		t = &f.policy.tests[i];
		if (t->given != NULL)
			test_given(&f, t, &all);
		else if (a->live)
			test_live(&f, t, &all);
		else
			all.skipped++;
	}
	if (r == EX_OK)
		(void)printf("%zu passed, %zu failed%s\n", all.passed,
		    all.failed,
		    all.skipped > 0 ? "; those with run need --live" : "");
	policy_out_of_force(&f);
	return r == EX_OK && all.failed > 0 ? 1 : r;
}

const struct cmd policy_test = {
    .name = "test",
    .summary = "Ask the policies in force their own tests.",
    .opts = test_opts,
    .args_size = sizeof(struct test_args),
    .flags = CMD_INHERIT,
    .run = run_test,
};
