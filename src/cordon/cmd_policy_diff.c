/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon policy diff: what would be decided otherwise.
 *
 * Two files, each as the person's own over the same profile, are asked the
 * same questions: the examples, tests, paths and hosts that either names, a
 * set of common command lines, and what audit logs say was asked for before.
 * Text that differs and decides the same is no difference.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vis.h"
#include "base/xmem.h"
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/load.h"
#include "cordon/policy.h"
#include "cordon/settings.h"
#include "policy/ceiling.h"
#include "policy/net.h"

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

struct diff_args {
	struct opt_list replay;
};

static const struct opt diff_opts[] = {
    {"replay", '\0', OPT_LIST, "AUDIT",
	"ask what was asked for in the session of an audit log too",
	OPT_AT(diff_args, replay)},
    {0}};

/* What an audit log says of one call, so far. */
struct replay {
	char workspace[PATH_MAX];
	char *line; /* owned */
	struct words argv, reads, writes;
};

struct diff {
	struct policy a, b;
	struct paths paths;
	char workspace[PATH_MAX];
	void *asked; /* a tree (tsearch) of what was asked already */
	struct replay replay;
	size_t replayed;
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

static int
diff_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Each question once, whoever names it. */
static bool
diff_new(struct diff *df, const struct request *rq, const char *what,
    const char *subject)
{
	char *key =
	    xasprintf("%s %s %s:%u", what, rq->workspace, subject, rq->port);
	char **found = tsearch(key, &df->asked, diff_cmp);

	if (found != NULL && *found == key)
		return true;
	free(key);
	return false;
}

static void
diff_ask(
    struct diff *df, struct request *rq, const char *what, const char *subject)
{
	struct policy_decision a = {.effect = EFFECT_NONE}, b = a;
	char safe[1024];
	int ra, rb;

	rq->home = df->paths.home;
	if (rq->workspace == NULL)
		rq->workspace = df->workspace;
	if (!diff_new(df, rq, what, subject))
		return;
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
	char host[300];

	if (!policy_host(pattern, host, sizeof(host), &rq.port))
		return;
	if (rq.port == 0)
		rq.port = 443;
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

/* Past events. */

static void
replay_forget(struct replay *rp)
{
	free(rp->line);
	rp->line = NULL;
	words_fini(&rp->argv);
	words_fini(&rp->reads);
	words_fini(&rp->writes);
}

static char *
replay_words(const struct words *w)
{
	struct buf b;
	size_t i;
	char *s;

	buf_init(&b, 65536);
	for (i = 0; i < w->n; i++)
		(void)buf_addf(&b, "%s%s", i == 0 ? "" : " ", w->v[i]);
	s = xstrdup(buf_cstr(&b));
	buf_fini(&b);
	return s;
}

/* A command or paths, whichever the call was about. */
static void
replay_ask(struct diff *df)
{
	struct replay *rp = &df->replay;
	struct request rq = {.line = rp->line,
	    .reads = (const char *const *)rp->reads.v,
	    .nreads = rp->reads.n,
	    .writes = (const char *const *)rp->writes.v,
	    .nwrites = rp->writes.n,
	    .workspace = rp->workspace};
	const char *subject = rp->line;
	char *joined = NULL;

	if (subject == NULL && rq.nreads + rq.nwrites > 0)
		subject = rq.nwrites > 0 ? rq.writes[0] : rq.reads[0];
	else if (subject == NULL && rp->argv.n > 0) {
		rq.argv = (const char *const *)rp->argv.v;
		rq.argc = rp->argv.n;
		subject = joined = replay_words(&rp->argv);
	}
	if (subject != NULL) {
		df->replayed++;
		diff_ask(df, &rq,
		    rq.line != NULL || rq.argc > 0 ? "run"
		    : rq.nwrites > 0               ? "write"
						   : "read",
		    subject);
	}
	free(joined);
	replay_forget(rp);
}

static void
replay_conf(void *arg, const struct msg_conf *m)
{
	struct diff *df = arg;
	struct replay *rp = &df->replay;

	if (bytes_is(m->key, "workspace"))
		(void)bytes_copy(
		    rp->workspace, sizeof(rp->workspace), m->value);
	else if (bytes_is(m->key, "line") && rp->line == NULL)
		rp->line = xstrndup((const char *)m->value.p, m->value.len);
	else if (bytes_is(m->key, "argv"))
		words_add(&rp->argv, m->value);
	else if (bytes_is(m->key, "reads"))
		words_add(&rp->reads, m->value);
	else if (bytes_is(m->key, "writes"))
		words_add(&rp->writes, m->value);
	else if (bytes_is(m->key, "end"))
		replay_ask(df);
}

static int
diff_replay(struct diff *df, const char *path)
{
	static const struct load_ops ops = {replay_conf, NULL};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct load *l;
	char why[2048];
	int r;

	if (fd == -1) {
		log_error("%s: %s", path, err_sys(errno));
		return EX_NOINPUT;
	}
	(void)strlcpy(
	    df->replay.workspace, df->workspace, sizeof(df->replay.workspace));
	l = load_new();
	r = load_file(l, "audit", 0, fd, path) == 0 ? EX_OK : EX_SOFTWARE;
	if (r == EX_OK)
		r = load_run(l, &ops, df, why, sizeof(why));
	if (r == EX_CONFIG)
		r = EX_DATAERR;
	if (r != EX_OK)
		log_error("%s", why);
	replay_forget(&df->replay);
	load_free(l);
	return r;
}

static int
diff_load(
    struct diff *df, const struct policy_files *a, const struct policy_files *b)
{
	char why[2048];
	int r = settings_paths(&df->paths);

	if (r != EX_OK)
		return r;
	r = policy_load(&df->a, a, NULL, NULL, why, sizeof(why));
	if (r == 0)
		r = policy_load(&df->b, b, NULL, NULL, why, sizeof(why));
	if (r != 0)
		log_error("%s", why);
	return r;
}

static int
diff_all(struct diff *df, const struct policy_files *a,
    const struct policy_files *b, const struct opt_list *replay)
{
	size_t i;
	int r = diff_load(df, a, b);

	for (i = 0; r == 0 && common[i] != NULL; i++)
		diff_line(df, common[i]);
	for (i = 0; r == 0 && common_paths[i] != NULL; i++)
		diff_path(df, common_paths[i]);
	if (r == 0) {
		diff_named(df, &df->a);
		diff_named(df, &df->b);
	}
	for (i = 0; r == 0 && replay != NULL && i < replay->n; i++)
		r = diff_replay(df, replay->v[i]);
	if (r == 0 && replay != NULL && replay->n > 0)
		(void)printf("%zu calls replayed\n", df->replayed);
	if (r == 0)
		(void)printf(
		    "%zu widen, %zu tighten\n", df->widens, df->tightens);
	tdestroy(df->asked, free);
	policy_fini(&df->a);
	policy_fini(&df->b);
	paths_fini(&df->paths);
	return r;
}

int
policy_diff_files(const struct policy_files *a, const struct policy_files *b,
    const char *workspace)
{
	struct diff df = {.widens = 0};

	if (strlcpy(df.workspace, workspace, sizeof(df.workspace)) >=
	    sizeof(df.workspace))
		return EX_NOINPUT;
	return diff_all(&df, a, b, NULL);
}

static int
run_diff(const struct cmd_line *line)
{
	const struct policy_files a = {.user = line->given.v[0]},
				  b = {.user = line->given.v[1]};
	const struct diff_args *args = line->args;
	struct diff df = {.widens = 0};
	int r;

	if (getcwd(df.workspace, sizeof(df.workspace)) == NULL) {
		log_error("the current directory: %s", err_sys(errno));
		return EX_NOINPUT;
	}
	r = diff_all(&df, &a, &b, &args->replay);
	return r == 0 && df.widens > 0 ? 1 : r;
}

const struct cmd policy_diff = {
    .name = "diff",
    .summary = "Say what another policy file would decide otherwise.",
    .operands = "OLD NEW",
    .opts = diff_opts,
    .args_size = sizeof(struct diff_args),
    .min = 2,
    .max = 2,
    .run = run_diff,
};
