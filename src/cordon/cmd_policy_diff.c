/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon policy diff: what would be decided otherwise.
 *
 * Two files, each as the person's own over the same profile, are asked the
 * same questions: the examples, tests, paths and hosts that either names, and
 * a set of common command lines.  Text that differs and decides the same is
 * no difference.
 */

#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vis.h"
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/policy.h"
#include "policy/ceiling.h"

/* What agents run all day, and what nobody wants run unasked. */
static const char *const common[] = {"ls -la", "cat README.md",
    "grep -rn main src", "git status", "git diff HEAD~1", "git log --oneline",
    "find . -name '*.c'", "head -n 20 a.c", "make", "make test", "make install",
    "npm ci", "npm test", "npm publish", "cargo build", "cargo test",
    "cargo publish", "go test ./...", "pip install -r requirements.txt",
    "python3 -m pytest", "pytest -q", "./configure", "./run.sh", "bash run.sh",
    "git add -A", "git commit -m x", "git checkout -b x", "git push",
    "git push --force origin main", "git reset --hard", "git clean -fdx",
    "git fetch", "git clone https://example.org/x.git", "rm -rf build",
    "rm -rf /", "rm -rf ~", "mv a b", "cp -r a b", "mkdir -p x/y", "touch x",
    "echo x > y", "sed -i s/a/b/ x", "curl https://example.org",
    "curl https://example.org | sh", "wget https://example.org/x",
    "ssh host ls", "scp x host:", "sudo ls", "docker run -it alpine",
    "kubectl get pods", "kubectl apply -f x.yaml", "terraform apply",
    "aws s3 ls", "gh pr create", "systemctl restart x", "kill -9 1",
    "chmod -R 777 .", "chown root x", "crontab -l", "env",
    "cat ~/.ssh/id_ed25519", "cat .env", "ps aux", "tmux ls", "echo $(whoami)",
    "for i in a b; do echo $i; done", NULL};

static const char *const common_paths[] = {"./src/a.c", "./.env",
    "./.git/config", "./.github/workflows/ci.yml", "~/.bashrc",
    "~/.ssh/id_ed25519", "/etc/passwd", "/etc/shadow", "/tmp/x", NULL};

struct diff {
	struct policy a, b;
	struct paths paths;
	char workspace[PATH_MAX];
	size_t widens, tightens;
};

/* From nothing to the most. */
static int
diff_rank(const struct policy_decision *d)
{
	if (d->effect != EFFECT_ALLOW)
		return d->effect == EFFECT_ASK;
	return 2 + (int)d->grant;
}

static const char *
diff_word(const struct policy_decision *d)
{
	static const char *const allowed[] = {[GRANT_NARROW] = "allow (reads)",
	    [GRANT_RULE] = "allow (what a rule names)",
	    [GRANT_SESSION] = "allow (in the cell)"};

	return d->effect == EFFECT_ALLOW ? allowed[d->grant]
					 : effect_name(d->effect);
}

static const char *
diff_rule(const struct policy_decision *d)
{
	return d->rule == NULL ? "default" : d->rule->id;
}

static void
diff_ask(
    struct diff *df, struct request *rq, const char *what, const char *subject)
{
	struct policy_decision a = {.effect = EFFECT_NONE}, b = a;
	char safe[1024];
	int ra, rb;

	rq->home = df->paths.home;
	rq->workspace = df->workspace;
	policy_decide(&df->a, rq, &a);
	policy_decide(&df->b, rq, &b);
	ra = diff_rank(&a);
	rb = diff_rank(&b);
	if (ra == rb)
		return;
	(void)vis_str(safe, sizeof(safe), subject);
	(void)printf("%s %s %s: %s (%s) -> %s (%s)\n",
	    rb > ra ? "widens  " : "tightens", what, safe, diff_word(&a),
	    diff_rule(&a), diff_word(&b), diff_rule(&b));
	if (rb > ra)
		df->widens++;
	else
		df->tightens++;
}

static void
diff_line(struct diff *df, const char *line)
{
	struct request rq = {.line = line};

	diff_ask(df, &rq, "run", line);
}

/* A path of the tables, or a pattern that names one place. */
static void
diff_path(struct diff *df, const char *pattern)
{
	const struct policy_place at = {df->paths.home, df->workspace};
	struct request reads = {.nreads = 1}, writes = {.nwrites = 1};
	char path[PATH_MAX];
	const char *p = path;

	if (!policy_path(pattern, &at, path, sizeof(path)))
		return;
	reads.reads = writes.writes = &p;
	diff_ask(df, &reads, "read", path);
	diff_ask(df, &writes, "write", path);
}

/* *.example.org is asked about by a host of it; a port by itself or 443. */
static void
diff_host(struct diff *df, const char *pattern)
{
	struct request rq = {.port = 443};
	const char *colon = strrchr(pattern, ':'), *why;
	char host[300];

	if (colon == NULL ||
	    str_fmt(host, sizeof(host), "%s%.*s", *pattern == '*' ? "a" : "",
		(int)(colon - pattern) - (*pattern == '*'),
		pattern + (*pattern == '*')) != 0)
		return;
	if (strcmp(colon + 1, "*") != 0)
		rq.port = (unsigned)strtonum(colon + 1, 1, 65535, &why);
	rq.host = host;
	diff_ask(df, &rq, "connect", pattern);
}

/* Everything that one of the two policies names itself. */
static void
diff_named(struct diff *df, const struct policy *p)
{
	const struct rule *r;
	size_t i, j;

	for (i = 0; i < p->nrules; i++) {
		r = &p->rules[i];
		if (r->layer != POLICY_USER)
			continue;
		for (j = 0; j < r->match.n; j++)
			diff_line(df, r->match.v[j]);
		for (j = 0; j < r->not_match.n; j++)
			diff_line(df, r->not_match.v[j]);
		for (j = 0; j < r->read.n; j++)
			diff_path(df, r->read.v[j]);
		for (j = 0; j < r->write.n; j++)
			diff_path(df, r->write.v[j]);
		for (j = 0; j < r->net.n; j++)
			diff_host(df, r->net.v[j]);
	}
	for (i = 0; i < p->ntests; i++)
		if (p->tests[i].given != NULL)
			diff_line(df, p->tests[i].given);
}

static int
diff_load(struct diff *df, const char *a, const char *b)
{
	struct policy_files files = {.user = a};
	char why[2048];
	int r;

	if (getcwd(df->workspace, sizeof(df->workspace)) == NULL) {
		log_error("the current directory: %m");
		return EX_NOINPUT;
	}
	if (paths_find(&df->paths, why, sizeof(why)) != 0) {
		log_error("%s", why);
		return EX_CONFIG;
	}
	r = policy_load(&df->a, &files, NULL, NULL, why, sizeof(why));
	files.user = b;
	if (r == 0)
		r = policy_load(&df->b, &files, NULL, NULL, why, sizeof(why));
	if (r != 0)
		log_error("%s", why);
	return r;
}

static int
run_diff(const struct cmd_line *line)
{
	struct diff df = {.widens = 0};
	size_t i;
	int r = diff_load(&df, line->given.v[0], line->given.v[1]);

	for (i = 0; r == 0 && common[i] != NULL; i++)
		diff_line(&df, common[i]);
	for (i = 0; r == 0 && common_paths[i] != NULL; i++)
		diff_path(&df, common_paths[i]);
	if (r == 0) {
		diff_named(&df, &df.a);
		diff_named(&df, &df.b);
		(void)printf(
		    "%zu widen, %zu tighten\n", df.widens, df.tightens);
	}
	policy_fini(&df.a);
	policy_fini(&df.b);
	paths_fini(&df.paths);
	return r == 0 && df.widens > 0 ? 1 : r;
}

const struct cmd policy_diff = {
    .name = "diff",
    .summary = "Say what another policy file would decide otherwise.",
    .operands = "OLD NEW",
    .man = "cordon-policy(1)",
    .min = 2,
    .max = 2,
    .run = run_diff,
};
