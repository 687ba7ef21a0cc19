/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit tests: the policy language.  Tables of what matches; properties over
 * generated policies: order never matters, a project only tightens, the same
 * rule twice is the same policy, what is printed and read back is the same.
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
#include "base/err.h"
#include "base/xmem.h"
#include "policy/decide.h"
#include "policy/profile.h"
#include "policy/read.h"

#include "tests/helper/rule_toml.h"

static int
decode(void *arg, struct bytes body)
{
	return policy_decode(arg, body);
}

static int
keep(void *arg, const struct buf *body)
{
	return decode(arg, (struct bytes){buf_data(body), body->len});
}

static int
read_layer(struct policy *p, const char *text, enum policy_layer layer,
    char error[READ_ERROR_MAX])
{
	return policy_read(bytes_of(text), "test.toml", layer, keep, p, error);
}

static void
read_ok(struct policy *p, const char *text, enum policy_layer layer)
{
	char error[READ_ERROR_MAX];

	if (read_layer(p, text, layer, error) != 0)
		fail_msg("%s", error);
}

static void
decide_all(const struct policy *p, const char *line, struct policy_decision *d)
{
	struct request rq = {
	    .line = line, .home = "/home/u", .workspace = "/w"};

	policy_decide(p, &rq, d);
}

static enum effect
decide(const struct policy *p, const char *line)
{
	struct policy_decision d;

	decide_all(p, line, &d);
	return d.effect;
}

struct bad {
	const char *text, *error;
};

static const struct bad bad_files[] = {
    {"", "1:1: a policy begins with version = 1"},
    {"version = 2", "1:1: version must be 1"},
    {"version = 1\ndefalts = 1", "did you mean defaults"},
    {"version = 1\n[defaults]\nexec = \"sandbx\"", "did you mean sandbox"},
    {"version = 1\n[[rule]]\nid=\"a\"\neffect=\"allow\"\n", "says nothing"},
    {"version = 1\n[[rule]]\neffect=\"allow\"\nexec=\"x\"", "needs an id"},
    {"version = 1\n[[rule]]\nid=\"a\"\nexec=\"x\"", "needs an effect"},
    {"version = 1\n[[rule]]\nid=\"a\"\neffect=\"ask\"\nexec=\"x\"\n"
     "[[rule]]\nid=\"a\"\neffect=\"ask\"\nexec=\"y\"",
	"the id a is taken by line 2"},
    {"version = 1\n[[rule]]\nid=\"a\"\neffect=\"forbid\"\nexec=\"x\"\n"
     "[[rule]]\nid=\"b\"\neffect=\"allow\"\nexec={program=\"x\","
     "args=[\"y\"]}",
	"rule b is never reached"},
    {"version = 1\n[[rule]]\nid=\"a\"\neffect=\"ask\"\nexec=\"git\"\n"
     "match=[\"hg push\"]",
	"rule a does not match its example \"hg push\""},
    {"version = 1\n[[rule]]\nid=\"a\"\neffect=\"ask\"\nexec=\"git\"\n"
     "not_match=[\"ls && git status\"]",
	"rule a matches its example"},
    {"version = 1\n[[rule]]\nid=\"a\"\neffect=\"ask\"\nread=[\"x\"]",
	"a path begins with"},
    {"version = 1\n[[rule]]\nid=\"a\"\neffect=\"ask\"\nnet=[\"x.org\"]",
	"a host needs its port"},
    {"version = 1\n[[rule]]\nid=\"a\"\neffect=\"ask\"\nexec=\"x\"\n"
     "locked=true",
	"locked is for the system"},
    {"version = 1\n[defaults]\nenv=[\"AWS_SECRET_KEY\"]",
	"looks like a secret"},
    {"version = 1\n[defaults]\nlimits={mem=\"lots\"}", "a limit is a size"},
    {"version = 1\n[[test]]\ngiven=\"ls\"", "needs expect"},
    {"version = 1\n[[rule]]\nid=1", "3:1: must be a text"},
    {"version = 1\n[[rule]\n", "2:"}};

static void
mistakes_are_named_with_their_place(void **state)
{
	char error[READ_ERROR_MAX];
	struct policy p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
		policy_init(&p);
		if (read_layer(&p, bad_files[i].text, POLICY_USER, error) == 0)
			fail_msg("accepted: %s", bad_files[i].text);
		if (strstr(error, bad_files[i].error) == NULL)
			fail_msg(
			    "%s\nis not about: %s", error, bad_files[i].error);
		policy_fini(&p);
	}
}

static void
the_shipped_profiles_hold_their_own_tests(void **state)
{
	const struct profile *pr;
	const struct bytes *b;
	struct policy p;
	size_t i;

	(void)state;
	for (pr = profiles; pr->name != NULL; pr++) {
		policy_init(&p);
		for (b = pr->bodies; b->len > 0; b++)
			assert_int_equal(policy_decode(&p, *b), 0);
		for (i = 0; i < p.ntests; i++)
			if (p.tests[i].given != NULL &&
			    decide(&p, p.tests[i].given) != p.tests[i].expect)
				fail_msg("%s: %s", pr->name, p.tests[i].given);
		policy_fini(&p);
	}
}

static int
count_base(void *arg, struct bytes body)
{
	const struct profile *pr;
	const struct bytes *b;
	size_t *n = arg;

	for (pr = profiles; strcmp(pr->name, "base") != 0; pr++)
		;
	for (b = pr->bodies; b->len > 0; b++)
		*n += bytes_eq(*b, body);
	return 0;
}

static int
refuse(void *arg, struct bytes body)
{
	(void)arg;
	(void)body;
	return ERR_SPACE;
}

static void
a_profile_is_found_by_its_name(void **state)
{
	char names[128];
	size_t n = 0;

	(void)state;
	assert_int_equal(profile_emit("read-only", count_base, &n), 0);
	assert_true(n > 3);
	n = 0;
	assert_int_equal(profile_emit("danger", count_base, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(profile_emit("nothing", count_base, &n), ERR_NOENT);
	assert_int_equal(profile_emit("base", count_base, &n), ERR_NOENT);
	assert_int_equal(profile_emit("paranoid", refuse, NULL), ERR_SPACE);
	profile_names(names, sizeof(names));
	assert_string_equal(
	    names, "danger, offline-auto, paranoid, read-only, workspace");
}

struct match_case {
	const char *exec, *line;
	bool hit;
};

static const struct match_case match_cases[] = {
    {"{program=\"git\"}", "git status", true},
    {"{program=\"git\"}", "/usr/bin/git status", true},
    {"{program=\"git\"}", "gitk", false},
    {"{program=\"git\"}", "echo git", false},
    {"{program=\"git\"}", "echo x; git push", true},
    {"{program=\"git\",args=[]}", "git", true},
    {"{program=\"git\",args=[]}", "git push", false},
    {"{program=\"git\",args=[\"push\"]}", "git push", true},
    {"{program=\"git\",args=[\"push\"]}", "git push origin", false},
    {"{program=\"git\",args=[\"push\",\"...\"]}", "git push", true},
    {"{program=\"git\",args=[\"push\",\"...\"]}", "git -C d push x", true},
    {"{program=\"git\",args=[\"push\",\"...\"]}", "git -c a=b --git-dir=x push",
	true},
    {"{program=\"git\",args=[\"push\",\"...\"]}", "git stash push", false},
    {"{program=\"git\",args=[\"push\",\"*\"]}", "git push a", true},
    {"{program=\"git\",args=[\"push\",\"*\"]}", "git push a b", false},
    {"{program=\"git\",args=[[\"a\",\"b\"],\"...\",\"z\"]}", "git b x z", true},
    {"{program=\"git\",args=[[\"a\",\"b\"],\"...\",\"z\"]}", "git c z", false},
    {"{program=[\"npm\",\"yarn\"]}", "yarn add x", true},
    {"{program=\"./x\"}", "./x", true},
    {"{program=\"rm\"}", "'r'm -rf x", true}};

static void
rules_match_commands(void **state)
{
	char text[512];
	struct policy p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(match_cases) / sizeof(match_cases[0]); i++) {
		policy_init(&p);
		(void)snprintf(text, sizeof(text),
		    "version=1\n[defaults]\nexec=\"sandbox\"\n[[rule]]\n"
		    "id=\"r\"\neffect=\"forbid\"\nexec=%s",
		    match_cases[i].exec);
		read_ok(&p, text, POLICY_USER);
		if ((decide(&p, match_cases[i].line) == EFFECT_FORBID) !=
		    match_cases[i].hit)
			fail_msg("%s with %s", match_cases[i].exec,
			    match_cases[i].line);
		policy_fini(&p);
	}
}

static void
paths_match_by_segment(void **state)
{
	(void)state;
	assert_true(path_matches("/etc", "/etc/passwd", "/h", "/w"));
	assert_true(path_matches("/etc", "/etc", "/h", "/w"));
	assert_false(path_matches("/etc", "/etcetera", "/h", "/w"));
	assert_true(path_matches("~/.ssh", "/h/.ssh/id", "/h", "/w"));
	assert_false(path_matches("~/.ssh", "/h2/.ssh/id", "/h", "/w"));
	assert_true(path_matches("./*.c", "/w/a.c", "/h", "/w"));
	assert_false(path_matches("./*.c", "/w/d/a.c", "/h", "/w"));
	assert_true(path_matches("./**/*.c", "/w/d/e/a.c", "/h", "/w"));
	assert_true(path_matches("./**/*.c", "/w/a.c", "/h", "/w"));
	assert_false(path_matches("./**/*.c", "/w_secret/a.c", "/h", "/w"));
	assert_true(path_matches(".", "/w/x", "/h", "/w"));
	assert_true(path_matches("/", "/x", "/h", "/w"));
	assert_false(path_matches("w", "/w", "/h", "/w"));
	assert_true(path_meets("./.env", "/w/.e*", "/h", "/w"));
	assert_true(path_meets("./.env", "/w/.[e]nv", "/h", "/w"));
	assert_true(path_meets("./.env", "/w/.en?", "/h", "/w"));
	assert_false(path_meets("./.env", "/w/*", "/h", "/w"));
	assert_false(path_meets("./.env", "/w/[.]env", "/h", "/w"));
	assert_false(path_meets("./.env", "/w/.e?", "/h", "/w"));
	assert_true(path_meets("./**/.env", "/w/*/b/.e*", "/h", "/w"));
	assert_true(path_meets("./a/b", "/w/?/b/c", "/h", "/w"));
	assert_true(path_meets("./x*y", "/w/x*", "/h", "/w"));
	assert_true(path_meets("./x*y", "/w/?[", "/h", "/w"));
	assert_false(path_meets("./x*y", "/w/x*z", "/h", "/w"));
	assert_false(path_meets("./x*y", "/w/xz", "/h", "/w"));
	assert_false(path_meets("./x*y", "/w/z*", "/h", "/w"));
}

static void
hosts_match_by_label(void **state)
{
	(void)state;
	assert_true(host_matches("a.org:443", "A.org", 443));
	assert_true(host_matches("a.org:443", "a.org.", 443));
	assert_false(host_matches("a.org:443", "a.org", 80));
	assert_true(host_matches("a.org:*", "a.org", 80));
	assert_true(host_matches("*.a.org:443", "x.y.a.org", 443));
	assert_false(host_matches("*.a.org:443", "a.org", 443));
	assert_false(host_matches("*.a.org:443", "xa.org", 443));
	assert_false(host_matches("a.org:443", "a.org.evil.test", 443));
}

/* Generated policies: small alphabets, so that rules meet. */

static const char *const lines[] = {"ls", "git push", "git status", "make",
    "make test", "rm -rf x", "ls; git push", "cat a | sort", "npm test", "$(x)",
    "git -C d push", "cat /etc/a/b", "cat sub/x > sub/y", "cd /etc && cat a/b",
    "grep -r x /etc", "", "cat ~/x"};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static uint32_t seed;

static uint32_t
random_below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void
random_rule(struct rule *r, unsigned number)
{
	static const char *const programs[] = {
	    "git", "make", "rm", "ls", "npm", "cat"};
	static const char *const args[] = {"push", "test", "status", "-rf"};
	static const char *const paths[] = {
	    "/etc/a", "./sub/**", "~/x", "/**/b", "./sub/x", "/"};
	struct arg_pattern a = {ARG_WORDS, {NULL, 0}};
	char line[32];

	rule_init(r);
	r->id = xasprintf("r%u", number);
	r->file = xstrdup("gen");
	r->line = number;
	r->layer = (enum policy_layer)random_below(POLICY_LAYERS);
	r->effect = (enum effect)(1 + random_below(3));
	r->locked = r->layer == POLICY_SYSTEM && random_below(2) == 0;
	if (random_below(3) == 0)
		r->reason = xstrdup("it \"is\"\nso");
	if (random_below(4) == 0) { /* about paths and tools */
		words_add(&r->read, bytes_of(paths[random_below(6)]));
		words_add(&r->write, bytes_of(paths[random_below(6)]));
		words_add(&r->tool, bytes_of("apply*"));
		words_add(&r->mcp, bytes_of("server/tool"));
		return;
	}
	words_add(&r->program, bytes_of(programs[random_below(6)]));
	if (random_below(3) == 0)
		words_add(&r->write, bytes_of(paths[random_below(6)]));
	if (random_below(4) == 0)
		words_add(&r->net, bytes_of("*.example.org:443"));
	words_add(&r->not_match, bytes_of("echo nothing"));
	if (random_below(2) == 0)
		return;
	r->any_args = false;
	r->args = xcalloc(2, sizeof(*r->args));
	words_add(&a.words, bytes_of(args[random_below(4)]));
	(void)snprintf(
	    line, sizeof(line), "%s %s", r->program.v[0], a.words.v[0]);
	words_add(&r->match, bytes_of(line));
	r->args[0] = a;
	r->args[1].kind = ARG_REST;
	r->nargs = 2;
}

static void
random_policy(struct policy *p, uint32_t s, unsigned n)
{
	struct defaults d = {0};
	struct rule r;
	unsigned i;

	seed = s;
	policy_init(p);
	d.exec = (enum exec_default)(1 + random_below(3));
	policy_defaults(p, POLICY_USER, &d);
	for (i = 0; i < n; i++) {
		random_rule(&r, i);
		assert_int_equal(policy_add(p, &r), 0);
	}
}

#define ORDER_RULES 12

/* The rules of p, which has none afterwards, in another order. */
static void
shuffled(struct policy *q, struct policy *p)
{
	size_t order[ORDER_RULES], i, a, swap;
	struct defaults d = {.exec = p->defaults.exec};

	policy_init(q);
	policy_defaults(q, POLICY_USER, &d);
	for (i = 0; i < ORDER_RULES; i++)
		order[i] = i;
	for (i = 0; i < ORDER_RULES; i++) {
		a = random_below(ORDER_RULES);
		swap = order[i];
		order[i] = order[a];
		order[a] = swap;
	}
	for (i = 0; i < ORDER_RULES; i++)
		assert_int_equal(policy_add(q, &p->rules[order[i]]), 0);
}

static void
order_never_matters(void **state)
{
	struct policy_decision before[LINES], d;
	char rule[LINES][16];
	struct policy p, q;
	uint32_t s;
	size_t i;

	(void)state;
	for (s = 0; s < 500; s++) {
		random_policy(&p, s, ORDER_RULES);
		for (i = 0; i < LINES; i++) {
			decide_all(&p, lines[i], &before[i]);
			(void)strlcpy(rule[i],
			    before[i].rule == NULL ? "" : before[i].rule->id,
			    sizeof(rule[i]));
		}
		shuffled(&q, &p);
		for (i = 0; i < LINES; i++) {
			decide_all(&q, lines[i], &d);
			assert_int_equal(d.effect, before[i].effect);
			assert_int_equal(d.grant, before[i].grant);
			assert_string_equal(
			    d.rule == NULL ? "" : d.rule->id, rule[i]);
		}
		policy_fini(&q);
		policy_fini(&p);
	}
}

/* A copy by the wire, as gate has it. */
static void
add_copies(struct policy *q, const struct policy *p)
{
	struct buf b;
	size_t i;

	buf_init(&b, 65536);
	for (i = 0; i < p->nrules; i++) {
		buf_clear(&b);
		assert_int_equal(rule_encode(&p->rules[i], &b), 0);
		assert_int_equal(
		    policy_decode(q, (struct bytes){buf_data(&b), b.len}), 0);
	}
	buf_fini(&b);
}

static void
the_same_rules_twice_are_the_same_policy(void **state)
{
	struct policy_decision a, b;
	struct policy p, q;
	uint32_t s;
	size_t i;

	(void)state;
	for (s = 0; s < 300; s++) {
		random_policy(&p, s, 8);
		policy_init(&q);
		policy_defaults(&q, POLICY_USER, &p.defaults);
		add_copies(&q, &p);
		add_copies(&q, &p);
		for (i = 0; i < LINES; i++) {
			decide_all(&p, lines[i], &a);
			decide_all(&q, lines[i], &b);
			assert_int_equal(a.effect, b.effect);
			assert_int_equal(a.grant, b.grant);
			assert_in_range(a.effect, EFFECT_ALLOW, EFFECT_FORBID);
		}
		policy_fini(&q);
		policy_fini(&p);
	}
}

/* A rule that does not permit makes nothing milder, but on the command line,
 * where it stands in for what the other layers say. */
static void
what_forbids_or_asks_only_tightens(void **state)
{
	enum effect before[LINES];
	struct policy p;
	struct rule r;
	uint32_t s;
	size_t i;

	(void)state;
	for (s = 0; s < 500; s++) {
		random_policy(&p, s, 8);
		for (i = 0; i < LINES; i++)
			before[i] = decide(&p, lines[i]);
		random_rule(&r, 100);
		r.layer = (enum policy_layer)random_below(POLICY_CLI);
		r.effect = EFFECT_FORBID;
		assert_int_equal(policy_add(&p, &r), 0);
		for (i = 0; i < LINES; i++)
			assert_true(decide(&p, lines[i]) >= before[i]);
		policy_fini(&p);
	}
}

static void
a_project_only_tightens(void **state)
{
	enum effect before[LINES];
	struct defaults d = {0};
	struct policy p;
	struct rule r;
	uint32_t s;
	size_t i;

	(void)state;
	for (s = 0; s < 500; s++) {
		random_policy(&p, s, 8);
		for (i = 0; i < LINES; i++)
			before[i] = decide(&p, lines[i]);
		random_rule(&r, 100);
		r.layer = POLICY_PROJECT;
		assert_int_equal(policy_add(&p, &r), 0);
		d.exec = (enum exec_default)random_below(4);
		policy_defaults(&p, POLICY_PROJECT, &d);
		for (i = 0; i < LINES; i++)
			assert_true(decide(&p, lines[i]) >= before[i]);
		policy_fini(&p);
	}
}

static void
a_project_lowers_limits_and_names_no_variable(void **state)
{
	struct defaults own = {.limits = {.procs = 100, .mem = 1000}};
	struct defaults theirs = {.limits = {.procs = 50, .mem = 2000}};
	struct policy p;

	(void)state;
	words_add(&own.env, bytes_of("A"));
	words_add(&theirs.env, bytes_of("B"));
	policy_init(&p);
	policy_defaults(&p, POLICY_USER, &own);
	policy_defaults(&p, POLICY_PROJECT, &theirs);
	assert_int_equal(p.defaults.limits.procs, 50);
	assert_int_equal(p.defaults.limits.mem, 1000);
	assert_int_equal(p.defaults.env.n, 1);
	words_fini(&own.env);
	words_fini(&theirs.env);
	policy_fini(&p);
}

static void
what_is_locked_is_not_relaxed(void **state)
{
	static const char system_rules[] =
	    "version=1\n[[rule]]\nid=\"s\"\neffect=\"forbid\"\nlocked=true\n"
	    "exec=\"rm\"\n[[rule]]\nid=\"t\"\neffect=\"forbid\"\n"
	    "exec=\"git\"\n";
	static const char line_rules[] =
	    "version=1\n[[rule]]\nid=\"a\"\neffect=\"allow\"\n"
	    "exec=[\"rm\"]\n[[rule]]\nid=\"b\"\neffect=\"allow\"\n"
	    "exec=[\"git\"]\n";
	struct policy p;

	(void)state;
	policy_init(&p);
	read_ok(&p, system_rules, POLICY_SYSTEM);
	read_ok(&p, line_rules, POLICY_CLI);
	assert_int_equal(decide(&p, "rm x"), EFFECT_FORBID);
	assert_int_equal(decide(&p, "git x"), EFFECT_ALLOW);
	policy_fini(&p);
}

/* A rule as a body and as TOML, back to the same body. */
static void
rules_survive_wire_and_print(void **state)
{
	struct buf one, two, toml;
	struct policy p, q, r;
	uint32_t s;
	size_t i;

	(void)state;
	buf_init(&one, 65536);
	buf_init(&two, 65536);
	buf_init(&toml, 65536);
	for (s = 0; s < 300; s++) {
		random_policy(&p, s, 3);
		for (i = 0; i < p.nrules; i++) {
			p.rules[i].layer =
			    p.rules[i].locked ? POLICY_SYSTEM : POLICY_USER;
			p.rules[i].line = 2;
			buf_clear(&one);
			buf_clear(&two);
			buf_clear(&toml);
			assert_int_equal(rule_encode(&p.rules[i], &one), 0);
			policy_init(&q);
			assert_int_equal(
			    policy_decode(
				&q, (struct bytes){buf_data(&one), one.len}),
			    0);
			(void)buf_adds(&toml, "version = 1\n");
			assert_int_equal(rule_toml(&q.rules[0], &toml), 0);
			policy_init(&r);
			read_ok(&r, buf_cstr(&toml), p.rules[i].layer);
			free(r.rules[0].file);
			r.rules[0].file = xstrdup("gen");
			assert_int_equal(rule_encode(&r.rules[0], &two), 0);
			assert_int_equal(one.len, two.len);
			assert_memory_equal(
			    buf_data(&one), buf_data(&two), one.len);
			policy_fini(&q);
			policy_fini(&r);
		}
		policy_fini(&p);
	}
	buf_fini(&one);
	buf_fini(&two);
	buf_fini(&toml);
}

/* What a sender could do to a body: no crash, no half a rule. */
static void
bodies_cut_and_flipped_are_survived(void **state)
{
	struct policy p, q;
	struct buf b;
	uint8_t *copy;
	size_t i;

	(void)state;
	buf_init(&b, 65536);
	random_policy(&p, 7, 1);
	assert_int_equal(rule_encode(&p.rules[0], &b), 0);
	copy = xmemdup(buf_data(&b), b.len);
	for (i = 0; i < b.len * 8; i++) {
		policy_init(&q);
		(void)policy_decode(&q, (struct bytes){copy, i / 8});
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		(void)policy_decode(&q, (struct bytes){copy, b.len});
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		policy_fini(&q);
	}
	free(copy);
	buf_fini(&b);
	policy_fini(&p);
}

static void
a_request_for_nothing_is_asked_about(void **state)
{
	struct request rq = {.home = "/h", .workspace = "/w"};
	struct policy_decision d;
	struct policy p;

	(void)state;
	policy_init(&p);
	policy_decide(&p, &rq, &d);
	assert_int_equal(d.effect, EFFECT_ASK);
	policy_fini(&p);
}

static void
read_only_lines_get_the_narrowest_grant(void **state)
{
	struct request rq = {.home = "/h", .workspace = "/w"};
	struct policy_decision d;
	struct policy p;

	(void)state;
	policy_init(&p);
	assert_int_equal(profile_emit("workspace", decode, &p), 0);
	rq.line = "cat a | sort";
	policy_decide(&p, &rq, &d);
	assert_int_equal(d.effect, EFFECT_ALLOW);
	assert_int_equal(d.grant, GRANT_NARROW);
	assert_true(d.unasked);
	rq.line = "cat a | tee b";
	policy_decide(&p, &rq, &d);
	assert_int_equal(d.effect, EFFECT_ALLOW);
	assert_int_equal(d.grant, GRANT_SESSION);
	assert_false(d.unasked);
	rq.line = "ls; git push";
	policy_decide(&p, &rq, &d);
	assert_int_equal(d.effect, EFFECT_ASK);
	assert_string_equal(d.rule->id, "publish");
	policy_fini(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_are_named_with_their_place),
	    cmocka_unit_test(the_shipped_profiles_hold_their_own_tests),
	    cmocka_unit_test(a_profile_is_found_by_its_name),
	    cmocka_unit_test(rules_match_commands),
	    cmocka_unit_test(paths_match_by_segment),
	    cmocka_unit_test(hosts_match_by_label),
	    cmocka_unit_test(order_never_matters),
	    cmocka_unit_test(the_same_rules_twice_are_the_same_policy),
	    cmocka_unit_test(what_forbids_or_asks_only_tightens),
	    cmocka_unit_test(a_project_only_tightens),
	    cmocka_unit_test(a_project_lowers_limits_and_names_no_variable),
	    cmocka_unit_test(what_is_locked_is_not_relaxed),
	    cmocka_unit_test(rules_survive_wire_and_print),
	    cmocka_unit_test(bodies_cut_and_flipped_are_survived),
	    cmocka_unit_test(a_request_for_nothing_is_asked_about),
	    cmocka_unit_test(read_only_lines_get_the_narrowest_grant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
