/* SPDX-License-Identifier: Apache-2.0 */

/* Library of cordon-load: a policy file, from TOML to rules. */

#include "config.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/xmem.h"
#include "conf/toml.h"
#include "policy/decide.h"
#include "policy/read.h"

struct reader {
	const char *name;
	enum policy_layer layer;
	struct policy policy; /* what was read, for the checks */
	read_emit_fn *emit;
	void *arg;
	char *error;
};

static int __attribute__((format(printf, 3, 4)))
fail(struct reader *rd, const struct toml *at, const char *fmt, ...)
{
	char text[READ_ERROR_MAX - 32];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)snprintf(
	    rd->error, READ_ERROR_MAX, "%u:%u: %s", at->line, at->column, text);
	return ERR_FORMAT;
}

/* Values. */

static int
get_word(struct reader *rd, const struct toml *t, struct words *w)
{
	if (t->type != TOML_STR || t->text.len == 0 ||
	    memchr(t->text.p, '\0', t->text.len) != NULL)
		return fail(rd, t, "must be a text that is not empty");
	if (w->n == POLICY_WORDS_MAX)
		return fail(rd, t, "too many values");
	words_add(w, t->text);
	return 0;
}

/* A text or a list of texts. */
static int
get_words(struct reader *rd, const struct toml *t, struct words *w)
{
	const struct toml *c;
	int r = 0;

	if (t->type != TOML_ARRAY)
		return get_word(rd, t, w);
	for (c = t->child; r == 0 && c != NULL; c = c->next)
		r = get_word(rd, c, w);
	return r;
}

static int
get_text(struct reader *rd, const struct toml *t, char **dst)
{
	struct words w = {NULL, 0};
	int r = get_word(rd, t, &w);

	if (r == 0 && w.n > 0)
		*dst = xstrdup(w.v[0]);
	words_fini(&w);
	return r;
}

static int
get_bool(struct reader *rd, const struct toml *t, bool *b)
{
	if (t->type != TOML_BOOL)
		return fail(rd, t, "must be true or false");
	*b = bytes_is(t->text, "true");
	return 0;
}

/* One of the names; NULL at their end.  Its index. */
static int
get_name(struct reader *rd, const struct toml *t, const char *const *names)
{
	const char *near;
	char all[128] = "";
	int i;

	for (i = 0; names[i] != NULL; i++) {
		if (t->type == TOML_STR && bytes_is(t->text, names[i]))
			return i;
		(void)strlcat(all, i == 0 ? "" : ", ", sizeof(all));
		(void)strlcat(all, names[i], sizeof(all));
	}
	near = t->type == TOML_STR ? str_nearest((const char *)t->text.p, names)
				   : NULL;
	return fail(rd, t, "must be one of %s%s%s%s", all,
	    near == NULL ? "" : "; did you mean ", near == NULL ? "" : near,
	    near == NULL ? "" : "?");
}

static int
get_effect(struct reader *rd, const struct toml *t, enum effect *e)
{
	static const char *const names[] = {"allow", "ask", "forbid", NULL};
	int i = get_name(rd, t, names);

	if (i < 0)
		return i;
	*e = (enum effect)(i + EFFECT_ALLOW);
	return 0;
}

/* Keys: a table of what each section may hold. */

struct key_row {
	const char *key;
	int (*read)(struct reader *rd, const struct toml *t, void *into);
};

static int
read_keys(struct reader *rd, const struct toml *table,
    const struct key_row *rows, void *into)
{
	const char *names[24] = {NULL}, *near;
	const struct toml *c;
	size_t i, n;
	int r = 0;

	for (n = 0; rows[n].key != NULL; n++)
		names[n] = rows[n].key;
	for (c = table->child; r == 0 && c != NULL; c = c->next) {
		for (i = 0; i < n && !bytes_is(c->key, rows[i].key); i++)
			;
		if (i == n) {
			near = str_nearest((const char *)c->key.p, names);
			return fail(rd, c, "unknown key %.60s%s%s%s",
			    (const char *)c->key.p,
			    near == NULL ? "" : "; did you mean ",
			    near == NULL ? "" : near, near == NULL ? "" : "?");
		}
		r = rows[i].read(rd, c, into);
	}
	return r;
}

/* exec = { program, args } */

static int
exec_program(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return get_words(rd, t, &r->program);
}

static int
exec_arg(struct reader *rd, const struct toml *t, struct rule *r)
{
	struct arg_pattern a = {ARG_WORDS, {NULL, 0}};
	int e = 0;

	if (t->type == TOML_STR && bytes_is(t->text, "*"))
		a.kind = ARG_ONE;
	else if (t->type == TOML_STR && bytes_is(t->text, "..."))
		a.kind = ARG_REST;
	else
		e = get_words(rd, t, &a.words);
	r->args = xreallocarray(r->args, r->nargs + 1, sizeof(r->args[0]));
	r->args[r->nargs++] = a;
	return e;
}

static int
exec_args(struct reader *rd, const struct toml *t, void *into)
{
	const struct toml *c;
	struct rule *r = into;
	int e = 0;

	if (t->type != TOML_ARRAY)
		return fail(rd, t,
		    "args must be a list of texts, \"*\" for "
		    "one word and \"...\" for the rest");
	r->any_args = false;
	for (c = t->child; e == 0 && c != NULL; c = c->next)
		e = r->nargs == POLICY_WORDS_MAX
			? fail(rd, c, "too many arguments")
			: exec_arg(rd, c, r);
	return e;
}

static const struct key_row exec_keys[] = {
    {"program", exec_program}, {"args", exec_args}, {NULL, NULL}};

static int
rule_exec(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	if (t->type != TOML_TABLE) /* exec = "make", exec = ["cc", "gcc"] */
		return get_words(rd, t, &r->program);
	if (read_keys(rd, t, exec_keys, r) != 0)
		return ERR_FORMAT;
	return r->program.n > 0 ? 0 : fail(rd, t, "exec needs a program");
}

/* [[rule]] */

static int
rule_id(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return get_text(rd, t, &r->id);
}

static int
rule_effect(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return get_effect(rd, t, &r->effect);
}

static int
rule_reason(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return get_text(rd, t, &r->reason);
}

static int
rule_locked(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	if (rd->layer != POLICY_SYSTEM && rd->layer != POLICY_BUILTIN)
		return fail(rd, t, "locked is for the system's policy only");
	return get_bool(rd, t, &r->locked);
}

/* Paths are compared by name, so that one with "", "." or ".." among its
 * names would match nothing and protect nothing. */
static bool
path_plain(const char *p)
{
	size_t n;

	for (;;) {
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n + (p[n] == '/');
		if (*p == '\0')
			return true;
	}
}

/* Everybody's home: the person's own and each below /home. */
static int
path_homes(struct reader *rd, const struct toml *t, struct words *w)
{
	char *rest = xstrdup(w->v[w->n - 1] + 2), text[PATH_MAX];
	int r = str_fmt(text, sizeof(text), "/home/*%s", rest);

	if (r != 0 || w->n == POLICY_WORDS_MAX)
		r = fail(rd, t, "too long, or too many values");
	else {
		words_add(w, bytes_of(text));
		memmove(w->v[w->n - 2] + 1, rest, strlen(rest) + 1);
	}
	free(rest);
	return r;
}

static int
rule_path(struct reader *rd, const struct toml *t, struct words *w)
{
	static const char *const bases[] = {"/", "~/", "~*/", "./"};
	const char *p;
	size_t i;

	if (get_word(rd, t, w) != 0)
		return ERR_FORMAT;
	p = w->v[w->n - 1];
	if (strcmp(p, "/") == 0 || strcmp(p, "~") == 0 || strcmp(p, ".") == 0 ||
	    strcmp(p, "./") == 0)
		return 0;
	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (str_starts(p, bases[i]))
			break;
	if (i == sizeof(bases) / sizeof(bases[0]))
		return fail(rd, t,
		    "%.60s: a path begins with /, ~/, ~*/ (any home) or ./ "
		    "(the workspace)",
		    p);
	if (!path_plain(p + strlen(bases[i])))
		return fail(rd, t,
		    "%.60s: no name of a path is empty, . or .., or it would "
		    "match nothing",
		    p);
	return i == 2 ? path_homes(rd, t, w) : 0;
}

static int
rule_paths(struct reader *rd, const struct toml *t, struct words *w)
{
	const struct toml *c;
	int r = 0;

	if (t->type != TOML_ARRAY)
		return rule_path(rd, t, w);
	for (c = t->child; r == 0 && c != NULL; c = c->next)
		r = rule_path(rd, c, w);
	return r;
}

static int
rule_read(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return rule_paths(rd, t, &r->read);
}

static int
rule_write(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return rule_paths(rd, t, &r->write);
}

static int
rule_net(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;
	size_t i;

	if (get_words(rd, t, &r->net) != 0)
		return ERR_FORMAT;
	for (i = 0; i < r->net.n; i++)
		if (strrchr(r->net.v[i], ':') == NULL)
			return fail(rd, t,
			    "%.60s: a host needs its port, as in "
			    "example.org:443",
			    r->net.v[i]);
	return 0;
}

static int
rule_tool(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return get_words(rd, t, &r->tool);
}

static int
rule_mcp(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return get_words(rd, t, &r->mcp);
}

static int
rule_match(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return get_words(rd, t, &r->match);
}

static int
rule_not_match(struct reader *rd, const struct toml *t, void *into)
{
	struct rule *r = into;

	return get_words(rd, t, &r->not_match);
}

static const struct key_row rule_keys[] = {{"id", rule_id},
    {"effect", rule_effect}, {"reason", rule_reason}, {"locked", rule_locked},
    {"exec", rule_exec}, {"read", rule_read}, {"write", rule_write},
    {"net", rule_net}, {"tool", rule_tool}, {"mcp", rule_mcp},
    {"match", rule_match}, {"not_match", rule_not_match}, {NULL, NULL}};

static int
emit_rule(struct reader *rd, const struct toml *at, struct rule *r)
{
	struct buf body;
	int e;

	buf_init(&body, READ_BODY_MAX);
	e = rule_encode(r, &body);
	if (e == 0)
		e = rd->emit(rd->arg, &body);
	else
		e = fail(rd, at, "rule %s is too large", r->id);
	buf_fini(&body);
	return e == 0 ? policy_add(&rd->policy, r) : e;
}

static int
check_rule(struct reader *rd, const struct toml *at, const struct rule *r)
{
	const struct rule *other;
	const char *example;
	bool should = true;
	size_t i;

	if (r->id == NULL)
		return fail(rd, at, "a rule needs an id");
	if (r->effect == EFFECT_NONE)
		return fail(rd, at, "rule %s needs an effect", r->id);
	if (r->program.n + r->read.n + r->write.n + r->net.n + r->tool.n +
		r->mcp.n ==
	    0)
		return fail(rd, at,
		    "rule %s says nothing: give exec, read, write, net, tool "
		    "or mcp",
		    r->id);
	for (i = 0; i < rd->policy.nrules; i++) {
		other = &rd->policy.rules[i];
		if (strcmp(other->id, r->id) == 0)
			return fail(rd, at, "the id %s is taken by line %u",
			    r->id, other->line);
		if (other->effect >= r->effect && rule_covers(other, r))
			return fail(rd, at,
			    "rule %s is never reached: rule %s of line %u is "
			    "as strict and matches all of it",
			    r->id, other->id, other->line);
		if (r->effect > other->effect && rule_covers(r, other))
			return fail(rd, at,
			    "rule %s makes rule %s of line %u unreachable",
			    r->id, other->id, other->line);
	}
	example = rule_example(r, &should);
	if (example != NULL)
		return fail(rd, at, "rule %s %s its example \"%.100s\"", r->id,
		    should ? "does not match" : "matches", example);
	return 0;
}

static int
read_rule(struct reader *rd, const struct toml *t)
{
	struct rule r;
	int e;

	rule_init(&r);
	r.layer = rd->layer;
	r.file = xstrdup(rd->name);
	r.line = t->line;
	e = read_keys(rd, t, rule_keys, &r);
	if (e == 0)
		e = check_rule(rd, t, &r);
	if (e == 0)
		e = emit_rule(rd, t, &r);
	rule_fini(&r);
	return e;
}

/* [defaults] */

static int
defaults_exec(struct reader *rd, const struct toml *t, void *into)
{
	static const char *const names[] = {"sandbox", "ask", "forbid", NULL};
	struct defaults *d = into;
	int i = get_name(rd, t, names);

	d->exec = i < 0 ? EXEC_UNSET : (enum exec_default)(i + EXEC_SANDBOX);
	return i < 0 ? i : 0;
}

static int
defaults_three(struct reader *rd, const struct toml *t,
    const char *const *names, enum three *into)
{
	int i = get_name(rd, t, names);

	*into = i < 0 ? THREE_UNSET : (enum three)(i + THREE_NO);
	return i < 0 ? i : 0;
}

static int
defaults_read(struct reader *rd, const struct toml *t, void *into)
{
	static const char *const names[] = {"host", NULL};

	(void)into; /* what is readable is narrowed by rules and --hide */
	return get_name(rd, t, names) < 0 ? ERR_FORMAT : 0;
}

static int
defaults_write(struct reader *rd, const struct toml *t, void *into)
{
	static const char *const names[] = {"none", "ask", "workspace", NULL};
	struct defaults *d = into;

	return defaults_three(rd, t, names, &d->write);
}

static int
defaults_net(struct reader *rd, const struct toml *t, void *into)
{
	static const char *const names[] = {"none", "ask", "host", NULL};
	struct defaults *d = into;

	return defaults_three(rd, t, names, &d->net);
}

static int
defaults_escalate(struct reader *rd, const struct toml *t, void *into)
{
	static const char *const names[] = {"never", "ask", NULL};
	struct defaults *d = into;

	return defaults_three(rd, t, names, &d->escalate);
}

static int
defaults_env(struct reader *rd, const struct toml *t, void *into)
{
	static const char *const secret[] = {
	    "KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "PASSWD"};
	struct defaults *d = into;
	size_t i, j;

	if (get_words(rd, t, &d->env) != 0)
		return ERR_FORMAT;
	for (i = 0; i < d->env.n; i++)
		for (j = 0; j < sizeof(secret) / sizeof(secret[0]); j++)
			if (strcasestr(d->env.v[i], secret[j]) != NULL)
				return fail(rd, t,
				    "%.60s looks like a secret, which no "
				    "command gets",
				    d->env.v[i]);
	return 0;
}

struct limit_row {
	const char *key;
	size_t offset;
	int (*read)(const char *s, uint64_t *n);
};

static const struct limit_row limit_rows[] = {
    {"mem", offsetof(struct spec_limits, mem), str_size},
    {"procs", offsetof(struct spec_limits, procs), str_size},
    {"cpu", offsetof(struct spec_limits, cpu_ms), str_duration},
    {"time", offsetof(struct spec_limits, wall_ms), str_duration},
    {"fsize", offsetof(struct spec_limits, fsize), str_size},
    {"disk", offsetof(struct spec_limits, disk), str_size},
    {"files", offsetof(struct spec_limits, nofile), str_size},
    {"tmp", offsetof(struct spec_limits, tmp), str_size}};

static int
defaults_limits(struct reader *rd, const struct toml *t, void *into)
{
	size_t i, n = sizeof(limit_rows) / sizeof(limit_rows[0]);
	struct defaults *d = into;
	const struct toml *c;
	uint64_t number;

	if (t->type != TOML_TABLE)
		return fail(rd, t, "limits must be { mem = \"2G\", ... }");
	for (c = t->child; c != NULL; c = c->next) {
		for (i = 0; i < n && !bytes_is(c->key, limit_rows[i].key); i++)
			;
		if (i == n)
			return fail(rd, c, "unknown limit %.40s",
			    (const char *)c->key.p);
		if ((c->type != TOML_STR && c->type != TOML_INT) ||
		    limit_rows[i].read((const char *)c->text.p, &number) != 0 ||
		    number == 0)
			return fail(rd, c,
			    "a limit is a size such as "
			    "\"2G\" or a time such as "
			    "\"60s\", above 0");
		memcpy((char *)&d->limits + limit_rows[i].offset, &number,
		    sizeof(number));
	}
	return 0;
}

static const struct key_row defaults_keys[] = {{"exec", defaults_exec},
    {"read", defaults_read}, {"write", defaults_write}, {"net", defaults_net},
    {"escalate", defaults_escalate}, {"limits", defaults_limits},
    {"env", defaults_env}, {NULL, NULL}};

static int
read_defaults(struct reader *rd, const struct toml *t, void *into)
{
	struct defaults d = {0};
	struct buf body;
	int e;

	(void)into;
	if (t->type != TOML_TABLE)
		return fail(rd, t, "defaults must be a table: [defaults]");
	e = read_keys(rd, t, defaults_keys, &d);
	buf_init(&body, READ_BODY_MAX);
	if (e == 0)
		e = defaults_encode(&d, rd->layer, &body);
	if (e == 0)
		e = rd->emit(rd->arg, &body);
	buf_fini(&body);
	words_fini(&d.env);
	return e;
}

/* [[test]] */

static int
test_given(struct reader *rd, const struct toml *t, void *into)
{
	struct policy_test *pt = into;

	return get_text(rd, t, &pt->given);
}

static int
test_run(struct reader *rd, const struct toml *t, void *into)
{
	struct policy_test *pt = into;

	return get_text(rd, t, &pt->run);
}

static int
test_expect(struct reader *rd, const struct toml *t, void *into)
{
	struct policy_test *pt = into;

	return get_effect(rd, t, &pt->expect);
}

static int
test_denied(struct reader *rd, const struct toml *t, void *into)
{
	struct policy_test *pt = into;
	const struct words *w = &pt->denied;
	size_t i;

	if (get_words(rd, t, &pt->denied) != 0)
		return ERR_FORMAT;
	for (i = 0; i < w->n; i++)
		if (strchr(w->v[i], '*') != NULL ||
		    (w->v[i][0] != '/' && !str_starts(w->v[i], "~/") &&
			!str_starts(w->v[i], "./") &&
			strrchr(w->v[i], ':') == NULL))
			return fail(rd, t,
			    "%.60s: name one path (/, ~/ or ./) or HOST:PORT",
			    w->v[i]);
	return 0;
}

static const struct key_row test_keys[] = {{"given", test_given},
    {"run", test_run}, {"expect", test_expect}, {"expect_denied", test_denied},
    {NULL, NULL}};

static int
read_test(struct reader *rd, const struct toml *t)
{
	struct policy_test pt = {.file = xstrdup(rd->name), .line = t->line};
	struct buf body;
	int e;

	e = read_keys(rd, t, test_keys, &pt);
	if (e == 0 && (pt.given == NULL) == (pt.run == NULL))
		e = fail(rd, t, "a test has either given or run");
	if (e == 0 && pt.given != NULL && pt.expect == EFFECT_NONE)
		e = fail(rd, t, "a test with given needs expect");
	if (e == 0 && pt.run != NULL && pt.denied.n == 0)
		e = fail(rd, t, "a test with run needs expect_denied");
	buf_init(&body, READ_BODY_MAX);
	if (e == 0)
		e = policy_test_encode(&pt, &body);
	if (e == 0)
		e = rd->emit(rd->arg, &body);
	buf_fini(&body);
	free(pt.file);
	free(pt.given);
	free(pt.run);
	words_fini(&pt.denied);
	return e;
}

/* The file. */

static int
read_version(struct reader *rd, const struct toml *t, void *into)
{
	(void)into;
	if (t->type != TOML_INT || !bytes_is(t->text, "1"))
		return fail(rd, t, "version must be 1");
	return 0;
}

static int
read_each(struct reader *rd, const struct toml *t,
    int (*one)(struct reader *rd, const struct toml *t))
{
	const struct toml *c;
	int e = 0;

	if (t->type != TOML_ARRAY)
		return fail(rd, t, "write [[%s]]", (const char *)t->key.p);
	for (c = t->child; e == 0 && c != NULL; c = c->next)
		e = c->type == TOML_TABLE
			? one(rd, c)
			: fail(rd, c, "write [[%s]]", (const char *)t->key.p);
	return e;
}

static int
read_rules(struct reader *rd, const struct toml *t, void *into)
{
	(void)into;
	return read_each(rd, t, read_rule);
}

static int
read_tests(struct reader *rd, const struct toml *t, void *into)
{
	(void)into;
	return read_each(rd, t, read_test);
}

static const struct key_row file_keys[] = {{"version", read_version},
    {"defaults", read_defaults}, {"rule", read_rules}, {"test", read_tests},
    {NULL, NULL}};

int
policy_read(struct bytes text, const char *name, enum policy_layer layer,
    read_emit_fn *emit, void *arg, char error[READ_ERROR_MAX])
{
	struct reader rd = {.name = name,
	    .layer = layer,
	    .emit = emit,
	    .arg = arg,
	    .error = error};
	struct toml_error te;
	struct toml *root;
	int e;

	error[0] = '\0';
	root = toml_read(text.p, text.len, &te);
	if (root == NULL) {
		(void)snprintf(error, READ_ERROR_MAX, "%u:%u: %s", te.line,
		    te.column, te.text);
		return ERR_FORMAT;
	}
	policy_init(&rd.policy);
	if (toml_get(root, "version") == NULL) {
		(void)snprintf(error, READ_ERROR_MAX,
		    "1:1: a policy begins with version = 1");
		e = ERR_FORMAT;
	} else
		e = read_keys(&rd, root, file_keys, NULL);
	policy_fini(&rd.policy);
	toml_free(root);
	if (e != 0 && error[0] == '\0')
		(void)snprintf(error, READ_ERROR_MAX, "1:1: %s", err_str(e));
	return e;
}
