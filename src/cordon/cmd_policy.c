/* SPDX-License-Identifier: Apache-2.0 */

/* cordon policy: reading, testing and asking a policy. */

#include "config.h"

#include <errno.h>
#include <limits.h>
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
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/explain.h"
#include "cordon/live.h"
#include "cordon/policy.h"
#include "policy/decide.h"
#include "policy/net.h"

struct policy_args {
	const char *policy, *profile;
};

struct test_args {
	bool live;
};

struct check_args {
	bool json, junit, system;
};

struct explain_args {
	struct opt_list read, write, connect;
	bool json, batch;
};

#define AT(type, member) .off = offsetof(struct type, member)

static const struct opt policy_opts[] = {
    {"policy", '\0', OPT_STR, "FILE", "one more policy file",
	AT(policy_args, policy)},
    {"profile", 'p', OPT_STR, "NAME", "the built-in profile to begin with",
	AT(policy_args, profile)},
    {0}};
static const struct opt test_opts[] = {
    {"live", '\0', OPT_FLAG, NULL,
	"run the tests that have run, each in a cell", AT(test_args, live)},
    {0}};
static const struct opt check_opts[] = {
    {"json", '\0', OPT_FLAG, NULL, "report as JSON", AT(check_args, json)},
    {"junit", '\0', OPT_FLAG, NULL, "report as JUnit XML",
	AT(check_args, junit)},
    {"system", '\0', OPT_FLAG, NULL,
	"check them as the system's, which may lock rules",
	AT(check_args, system)},
    {0}};
static const struct opt explain_opts[] = {
    {"read", '\0', OPT_LIST, "PATH", "ask about reading PATH",
	AT(explain_args, read)},
    {"write", '\0', OPT_LIST, "PATH", "ask about writing PATH",
	AT(explain_args, write)},
    {"connect", '\0', OPT_LIST, "HOST:PORT", "ask about a connection",
	AT(explain_args, connect)},
    {"batch", '\0', OPT_FLAG, NULL,
	"read JSON strings, one a line, and answer each with one of JSON",
	AT(explain_args, batch)},
    {"json", '\0', OPT_FLAG, NULL, "answer as JSON", AT(explain_args, json)},
    {0}};

/* Where we are, and whose home it is; everything else empty. */
static int
where(struct in_force *f)
{
	char why[512];

	if (getcwd(f->workspace, sizeof(f->workspace)) == NULL) {
		log_error("the current directory: %s", strerror(errno));
		return EX_NOINPUT;
	}
	if (paths_find(&f->paths, why, sizeof(why)) != 0) {
		log_error("%s", why);
		return EX_CONFIG;
	}
	return EX_OK;
}

int
policy_in_force(struct in_force *f, const struct cmd_line *line)
{
	const struct policy_args *a = cmd_args(line, &cmd_policy);
	struct policy_files files = {.profile = a->profile,
	    .cli = a->policy,
	    .workspace = f->workspace,
	    .paths = &f->paths};
	char why[2048];
	int r = where(f);

	if (r != EX_OK)
		return r;
	r = policy_load(&f->policy, &files, NULL, NULL, why, sizeof(why));
	if (r != 0)
		log_error("%s", why);
	return r;
}

void
policy_out_of_force(struct in_force *f)
{
	policy_fini(&f->policy);
	paths_fini(&f->paths);
}

static enum effect
test_effect(const struct in_force *f, const struct policy_test *t)
{
	struct request rq = {
	    .line = t->given, .home = f->paths.home, .workspace = f->workspace};
	struct policy_decision d = {.effect = EFFECT_NONE};

	policy_decide(&f->policy, &rq, &d);
	return d.effect;
}

/* check */

static void
check_json(const char *file, const char *why)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, 65536);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "file", file);
	jsonw_kbool(&w, "ok", why[0] == '\0');
	if (why[0] != '\0')
		jsonw_kstr(&w, "error", why);
	jsonw_end(&w);
	(void)printf("%s\n", buf_cstr(&b));
	buf_fini(&b);
}

/* Text inside an XML attribute. */
static void
put_xml(const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr("<>&\"", *s) != NULL || (unsigned char)*s < 0x20)
			(void)printf("&#%u;", (unsigned char)*s);
		else
			(void)putchar(*s);
}

static void
check_junit(const char *file, const char *why)
{
	(void)printf("  <testcase name=\"");
	put_xml(file);
	(void)printf(why[0] == '\0' ? "\"/>\n" : "\"><failure message=\"");
	if (why[0] == '\0')
		return;
	put_xml(why);
	(void)printf("\"/></testcase>\n");
}

/* Asks the file's tests, with what every session has besides. */
static int
check_tests(const char *file, bool system, char *why, size_t size)
{
	const struct policy_files files = {.user = file, .system = system};
	const struct policy_test *t = NULL;
	struct in_force f = {.workspace = ""};
	enum effect is;
	size_t i;
	int r = where(&f);

	if (r == EX_OK)
		r = policy_load(&f.policy, &files, NULL, NULL, why, size);
	for (i = 0; r == EX_OK && i < f.policy.ntests; i++) {
		t = &f.policy.tests[i];
		is = test_effect(&f, t);
		if (t->given == NULL || is == t->expect)
			continue;
		(void)snprintf(why, size, "%s:%u: %s: expected %s, is %s",
		    t->file, t->line, t->given, effect_name(t->expect),
		    effect_name(is));
		r = EX_CONFIG;
	}
	policy_out_of_force(&f);
	return r;
}

static int
check_file(const struct check_args *a, const char *file)
{
	char why[2048] = "", safe[2048];
	struct policy p = {.nrules = 0};
	int r;

	r = policy_load_file(&p, file, a->system ? POLICY_SYSTEM : POLICY_USER,
	    why, sizeof(why));
	if (r == EX_OK)
		r = check_tests(file, a->system, why, sizeof(why));
	(void)vis_str(safe, sizeof(safe), why);
	if (a->json)
		check_json(file, why);
	else if (a->junit)
		check_junit(file, why);
	else if (r != 0)
		log_error("%s", safe);
	else
		(void)printf("%s: %zu rule%s, no mistake\n", file, p.nrules,
		    p.nrules == 1 ? "" : "s");
	policy_fini(&p);
	return r;
}

static int
run_check(const struct cmd_line *line)
{
	const struct check_args *a = line->args;
	int r, worst = EX_OK;
	size_t i;

	if (a->junit)
		(void)printf("<testsuite name=\"policy\" tests=\"%zu\">\n",
		    line->given.n);
	for (i = 0; i < line->given.n; i++) {
		r = check_file(a, line->given.v[i]);
		if (r != EX_OK)
			worst = r;
	}
	if (a->junit)
		(void)printf("</testsuite>\n");
	return worst;
}

/* test */

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
	enum effect is = test_effect(f, t);
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

/* explain */

static int
explain_batch(const struct in_force *f)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int r = EX_OK;

	while ((n = getline(&line, &size, stdin)) > 0) {
		if (explain_json_line(&f->policy, f->paths.home, f->workspace,
			line, (size_t)n) != 0)
			r = EX_DATAERR;
	}
	free(line);
	return fflush(stdout) == 0 ? r : EX_IOERR;
}

/* Paths as a rule sees them; false if one is too long. */
static bool
explain_paths(
    const struct in_force *f, const struct opt_list *given, struct words *paths)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < given->n; i++) {
		if (!path_resolve(path, sizeof(path), given->v[i], f->workspace,
			f->paths.home))
			return false;
		words_add(paths, bytes_of(path));
	}
	return true;
}

static int
explain_host(const char *given, char *host, size_t size, unsigned *port)
{
	if (policy_host(given, host, size, port) && *port != 0)
		return EX_OK;
	log_error("--connect %s: give HOST:PORT", given);
	return EX_USAGE;
}

/* The command's words as one line, as `bash -c` would get them. */
static int
explain_given(const struct in_force *f, const struct explain_args *a,
    const struct opt_list *given)
{
	struct words reads = {NULL, 0}, writes = {NULL, 0};
	struct request rq = {.argv = given->n > 0 ? given->v : NULL,
	    .argc = given->n,
	    .home = f->paths.home,
	    .workspace = f->workspace};
	char host[300] = "";
	int r = EX_OK;

	if (given->n == 1 && strpbrk(given->v[0], " ;|&\n") != NULL) {
		rq.argv = NULL;
		rq.argc = 0;
		rq.line = given->v[0];
	}
	if (!explain_paths(f, &a->read, &reads) ||
	    !explain_paths(f, &a->write, &writes)) {
		log_error("a path is too long");
		r = EX_USAGE;
	}
	if (r == EX_OK && a->connect.n > 0)
		r = explain_host(a->connect.v[0], host, sizeof(host), &rq.port);
	rq.host = a->connect.n > 0 ? host : NULL;
	rq.reads = (const char *const *)reads.v;
	rq.nreads = reads.n;
	rq.writes = (const char *const *)writes.v;
	rq.nwrites = writes.n;
	if (r == EX_OK)
		r = explain_request(&f->policy, &rq, a->json);
	words_fini(&reads);
	words_fini(&writes);
	return r;
}

static int
run_explain(const struct cmd_line *line)
{
	const struct explain_args *a = line->args;
	struct in_force f = {.workspace = ""};
	int r;

	if (!a->batch &&
	    line->given.n + a->read.n + a->write.n + a->connect.n == 0) {
		log_error("say what to explain: a command behind --, --read, "
			  "--write or --connect");
		return EX_USAGE;
	}
	r = policy_in_force(&f, line);
	if (r == EX_OK)
		r = a->batch ? explain_batch(&f)
			     : explain_given(&f, a, &line->given);
	policy_out_of_force(&f);
	return r;
}

static const struct cmd cmd_check = {
    .name = "check",
    .summary = "Look for mistakes in policy files.",
    .operands = "FILE ...",
    .man = "cordon-policy(1)",
    .opts = check_opts,
    .args_size = sizeof(struct check_args),
    .min = 1,
    .max = CMD_ANY,
    .run = run_check,
};
static const struct cmd cmd_test = {
    .name = "test",
    .summary = "Ask the policies in force their own tests.",
    .man = "cordon-policy(1)",
    .opts = test_opts,
    .args_size = sizeof(struct test_args),
    .flags = CMD_INHERIT,
    .run = run_test,
};
static const struct cmd cmd_explain = {
    .name = "explain",
    .summary = "Say what the policies in force decide, and why.",
    .operands = "[COMMAND [ARG ...]]",
    .man = "cordon-policy(1)",
    .opts = explain_opts,
    .args_size = sizeof(struct explain_args),
    .max = CMD_ANY,
    .flags = CMD_INHERIT | CMD_VERBATIM,
    .run = run_explain,
};

static const struct cmd *const subs[] = {
    &cmd_check, &cmd_test, &policy_show, &cmd_explain, &policy_diff, NULL};

const struct cmd cmd_policy = {
    .name = "policy",
    .summary = "Check, test and ask policies.",
    .man = "cordon-policy(1)",
    .opts = policy_opts,
    .args_size = sizeof(struct policy_args),
    .subs = subs,
};
