/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit tests: from rules to rights.  The property that everything rests on,
 * over generated policies and requests: what a call is granted is within the
 * session's ceiling, and that within what there was before the policy.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xmem.h"
#include "policy/ceiling.h"
#include "policy/net.h"
#include "policy/read.h"

#define ROUNDS 3000

static const struct policy_place at = {"/home/u", "/w"};

static int
keep(void *arg, const struct buf *body)
{
	return policy_decode(arg, (struct bytes){buf_data(body), body->len});
}

static void
read_ok(struct policy *p, const char *text, enum policy_layer layer)
{
	char error[READ_ERROR_MAX];

	policy_init(p);
	if (policy_read(bytes_of(text), "t.toml", layer, keep, p, error) != 0)
		fail_msg("%s", error);
}

/* What a session has before a policy takes from it. */
static void
whole(struct spec *s)
{
	spec_init(s);
	assert_int_equal(spec_adds(s, "/", SPEC_READ | SPEC_EXEC), 0);
	assert_int_equal(
	    spec_adds(s, "/tmp", SPEC_READ | SPEC_WRITE | SPEC_EXEC), 0);
	assert_int_equal(
	    spec_adds(s, "/home/u", SPEC_READ | SPEC_EXEC | SPEC_PRIVATE), 0);
	assert_int_equal(
	    spec_adds(s, "/w", SPEC_READ | SPEC_WRITE | SPEC_EXEC), 0);
	assert_int_equal(spec_adds(s, ".git", SPEC_PROTECT), 0);
	s->net = SPEC_NET_HOST;
}

static void
grant_of(const struct policy *p, const char *line, const struct spec *ceiling,
    struct spec *g)
{
	struct request rq = {
	    .line = line, .home = at.home, .workspace = at.workspace};
	struct policy_decision d;

	policy_decide(p, &rq, &d);
	assert_int_equal(policy_grant(p, &d, &at, ceiling, g), 0);
}

static void
patterns_that_name_one_place(void **state)
{
	static const struct {
		const char *pattern, *path;
	} rows[] = {{"/etc/shadow", "/etc/shadow"}, {"~", "/home/u"},
	    {"~/.ssh/**", "/home/u/.ssh"}, {"./a/", "/w/a"}, {".", "/w"},
	    {"./**", "/w"}, {"/**", NULL}, {"./*.env", NULL}, {"./**/x", NULL},
	    {"~x/y", NULL}, {"/home/*/.ssh", NULL}};
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].path == NULL) {
			if (policy_path(
				rows[i].pattern, &at, path, sizeof(path)))
				fail_msg("%s is %s", rows[i].pattern, path);
			continue;
		}
		assert_true(
		    policy_path(rows[i].pattern, &at, path, sizeof(path)));
		assert_string_equal(path, rows[i].path);
	}
}

static void
what_is_forbidden_is_not_there(void **state)
{
	static const char text[] =
	    "version = 1\n[defaults]\nwrite = \"workspace\"\n"
	    "limits = { mem = \"1G\" }\n[[rule]]\nid = \"a\"\n"
	    "effect = \"forbid\"\nread = [\"./secret/**\", \"~/keys\"]\n"
	    "write = [\"./deploy\"]\n";
	struct policy p;
	struct spec s;

	(void)state;
	read_ok(&p, text, POLICY_USER);
	whole(&s);
	assert_int_equal(policy_ceiling(&p, &at, &s), 0);
	assert_int_equal(spec_access(&s, "/w/secret/x"), SPEC_HIDE);
	assert_int_equal(spec_access(&s, "/home/u/keys"), SPEC_HIDE);
	assert_false(spec_access(&s, "/w/deploy/x") & SPEC_WRITE);
	assert_true(spec_access(&s, "/w/src/x") & SPEC_WRITE);
	assert_int_equal(s.net, SPEC_NET_NONE);
	assert_int_equal(s.limits.mem, 1u << 30);
	spec_fini(&s);
	policy_fini(&p);
}

static void
what_only_reads_is_given_nothing_else(void **state)
{
	struct policy p;
	struct spec s, g;

	(void)state;
	read_ok(&p,
	    "version = 1\n[defaults]\nexec = \"sandbox\"\n"
	    "write = \"workspace\"\nnet = \"host\"\n",
	    POLICY_USER);
	whole(&s);
	assert_int_equal(policy_ceiling(&p, &at, &s), 0);
	assert_int_equal(s.net, SPEC_NET_HOST);
	grant_of(&p, "cat README.md | head", &s, &g);
	assert_false(spec_access(&g, "/w/x") & SPEC_WRITE);
	assert_false(spec_access(&g, "/home/u/x") & SPEC_PRIVATE);
	assert_true(spec_access(&g, "/w/x") & SPEC_READ);
	assert_int_equal(g.net, SPEC_NET_NONE);
	spec_fini(&g);
	grant_of(&p, "make", &s, &g);
	assert_true(spec_access(&g, "/w/x") & SPEC_WRITE);
	spec_fini(&g);
	spec_fini(&s);
	policy_fini(&p);
}

/* The cell's /tmp stays writable, but not with a workspace beneath. */
static void
a_workspace_in_tmp_is_not_scratch(void **state)
{
	struct policy p;
	struct spec s, g;

	(void)state;
	read_ok(&p,
	    "version = 1\n[defaults]\nexec = \"sandbox\"\n"
	    "write = \"workspace\"\n",
	    POLICY_USER);
	whole(&s);
	grant_of(&p, "ls", &s, &g);
	assert_true(spec_access(&g, "/tmp/x") & SPEC_WRITE);
	spec_fini(&g);
	assert_int_equal(
	    spec_adds(&s, "/tmp/w", SPEC_READ | SPEC_WRITE | SPEC_EXEC), 0);
	grant_of(&p, "ls", &s, &g);
	assert_false(spec_access(&g, "/tmp") & SPEC_WRITE);
	assert_false(spec_access(&g, "/tmp/w/x") & SPEC_WRITE);
	spec_fini(&g);
	spec_fini(&s);
	policy_fini(&p);
}

/* A line has what its rule names; two rules are not added up. */
static void
a_rule_gives_what_it_names(void **state)
{
	static const char text[] =
	    "version = 1\n[defaults]\nexec = \"ask\"\n"
	    "write = \"workspace\"\n"
	    "[[rule]]\nid = \"a\"\neffect = \"allow\"\nexec = \"make\"\n"
	    "write = [\"./build/**\", \"/etc/**\"]\n"
	    "[[rule]]\nid = \"b\"\neffect = \"allow\"\nexec = \"lint\"\n"
	    "write = [\"./report\"]\n";
	struct policy p;
	struct spec s, g;

	(void)state;
	read_ok(&p, text, POLICY_USER);
	whole(&s);
	assert_int_equal(policy_ceiling(&p, &at, &s), 0);
	grant_of(&p, "make all", &s, &g);
	assert_true(spec_access(&g, "/w/build/x") & SPEC_WRITE);
	assert_false(spec_access(&g, "/w/src/x") & SPEC_WRITE);
	assert_false(spec_access(&g, "/etc/x") & SPEC_WRITE);
	spec_fini(&g);
	grant_of(&p, "make all && lint", &s, &g);
	assert_false(spec_access(&g, "/w/build/x") & SPEC_WRITE);
	assert_false(spec_access(&g, "/w/report") & SPEC_WRITE);
	spec_fini(&g);
	spec_fini(&s);
	policy_fini(&p);
}

/* One that names paths alone gives no host, and a project's gives none. */
static void
a_rule_gives_no_other_network(void **state)
{
	static const char text[] =
	    "version = 1\n[defaults]\nexec = \"sandbox\"\nnet = \"host\"\n"
	    "[[rule]]\nid = \"a\"\neffect = \"allow\"\nexec = \"make\"\n"
	    "write = [\"./build\"]\n";
	static const char project[] =
	    "version = 1\n[[rule]]\nid = \"b\"\neffect = \"allow\"\n"
	    "net = \"a.org:443\"\n";
	struct policy p;
	struct spec s, g;

	(void)state;
	read_ok(&p, text, POLICY_USER);
	whole(&s);
	assert_int_equal(policy_ceiling(&p, &at, &s), 0);
	grant_of(&p, "make all", &s, &g);
	assert_int_equal(g.net, SPEC_NET_NONE);
	spec_fini(&g);
	grant_of(&p, "other", &s, &g);
	assert_int_equal(g.net, SPEC_NET_HOST);
	spec_fini(&g);
	spec_fini(&s);
	policy_fini(&p);
	read_ok(&p, project, POLICY_PROJECT);
	assert_int_equal(policy_net(&p), SPEC_NET_NONE);
	policy_fini(&p);
}

static const char *
pick(const char *const *v, size_t n)
{
	return v[(size_t)random() % n];
}
#define PICK(v) pick(v, sizeof(v) / sizeof((v)[0]))

/* A policy of up to six rules, as a file would have them. */
static void
random_policy(struct policy *p)
{
	static const char *const effects[] = {"allow", "ask", "forbid"};
	static const char *const paths[] = {"./**", "./src", "~/.cache",
	    "/etc/**", "/w/.git/hooks", "./**/x", "/", "~"};
	static const char *const execs[] = {"sandbox", "ask", "forbid"};
	static const char *const writes[] = {"none", "ask", "workspace"};
	static const char *const nets[] = {"none", "ask", "host"};
	static const char *const programs[] = {"make", "git", "ls", "*"};
	char error[READ_ERROR_MAX];
	struct buf b;
	long i, n = random() % 6;

	policy_init(p);
	buf_init(&b, 65536);
	(void)buf_addf(&b,
	    "version = 1\n[defaults]\nexec = \"%s\"\n"
	    "write = \"%s\"\nnet = \"%s\"\n",
	    PICK(execs), PICK(writes), PICK(nets));
	for (i = 0; i < n; i++) {
		(void)buf_addf(&b, "[[rule]]\nid = \"r%ld\"\neffect = \"%s\"\n",
		    i, PICK(effects));
		if (random() % 2 == 0)
			(void)buf_addf(&b, "exec = \"%s\"\n", PICK(programs));
		(void)buf_addf(&b, "read = \"%s\"\nwrite = \"%s\"\n",
		    PICK(paths), PICK(paths));
		if (random() % 3 == 0)
			(void)buf_adds(&b, "net = \"example.org:443\"\n");
	}
	/* Rules that cover each other are refused; those that came before
	 * are in p all the same, which is policy enough. */
	(void)policy_read((struct bytes){buf_data(&b), b.len}, "r.toml",
	    (enum policy_layer)(random() % POLICY_LAYERS), keep, p, error);
	buf_fini(&b);
}

static void
rights_are_within_rights(void **state)
{
	static const char *const lines[] = {"make all", "git push", "ls -la",
	    "ls && make", "cat x | ./y", "echo $HOME", "git status; make",
	    "echo a > b", ""};
	struct spec before, s, g;
	struct policy p;
	int i;

	(void)state;
	srandom(7);
	for (i = 0; i < ROUNDS; i++) {
		random_policy(&p);
		whole(&before);
		whole(&s);
		s.net = before.net = (enum spec_net)(random() % 3);
		assert_int_equal(policy_ceiling(&p, &at, &s), 0);
		assert_true(spec_within(&s, &before));
		grant_of(&p, PICK(lines), &s, &g);
		assert_true(spec_within(&g, &s));
		spec_fini(&g);
		spec_fini(&s);
		spec_fini(&before);
		policy_fini(&p);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_that_name_one_place),
	    cmocka_unit_test(what_is_forbidden_is_not_there),
	    cmocka_unit_test(what_only_reads_is_given_nothing_else),
	    cmocka_unit_test(a_workspace_in_tmp_is_not_scratch),
	    cmocka_unit_test(a_rule_gives_what_it_names),
	    cmocka_unit_test(a_rule_gives_no_other_network),
	    cmocka_unit_test(rights_are_within_rights)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
