/* SPDX-License-Identifier: Apache-2.0 */

/* Library of cordon-load: a policy file, from TOML to rules. */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/xmem.h"
#include "policy/decide.h"
#include "policy/reading.h"

int
read_fail(struct reader *rd, const struct toml *at, const char *fmt, ...)
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

int
read_word(struct reader *rd, const struct toml *t, struct words *w)
{
	if (t->type != TOML_STR || t->text.len == 0 ||
	    memchr(t->text.p, '\0', t->text.len) != NULL)
		return read_fail(rd, t, "must be a text that is not empty");
	if (w->n == POLICY_WORDS_MAX)
		return read_fail(rd, t, "too many values");
	words_add(w, t->text);
	return 0;
}

/* A text or a list of texts. */
int
read_words(struct reader *rd, const struct toml *t, struct words *w)
{
	const struct toml *c;
	int r = 0;

	if (t->type != TOML_ARRAY)
		return read_word(rd, t, w);
	for (c = t->child; r == 0 && c != NULL; c = c->next)
		r = read_word(rd, c, w);
	return r;
}

int
read_text(struct reader *rd, const struct toml *t, char **dst)
{
	struct words w = {NULL, 0};
	int r = read_word(rd, t, &w);

	if (r == 0 && w.n > 0)
		*dst = xstrdup(w.v[0]);
	words_fini(&w);
	return r;
}

int
read_bool(struct reader *rd, const struct toml *t, bool *b)
{
	if (t->type != TOML_BOOL)
		return read_fail(rd, t, "must be true or false");
	*b = bytes_is(t->text, "true");
	return 0;
}

/* One of the names; NULL at their end.  Its index. */
static int
read_name(struct reader *rd, const struct toml *t, const char *const *names)
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
	return read_fail(rd, t, "must be one of %s%s%s%s", all,
	    near == NULL ? "" : "; did you mean ", near == NULL ? "" : near,
	    near == NULL ? "" : "?");
}

int
read_effect(struct reader *rd, const struct toml *t, enum effect *e)
{
	static const char *const names[] = {"allow", "ask", "forbid", NULL};
	int i = read_name(rd, t, names);

	if (i < 0)
		return i;
	*e = (enum effect)(i + EFFECT_ALLOW);
	return 0;
}

/* Keys: a table of what each section may hold. */

int
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
			return read_fail(rd, c, "unknown key %.60s%s%s%s",
			    (const char *)c->key.p,
			    near == NULL ? "" : "; did you mean ",
			    near == NULL ? "" : near, near == NULL ? "" : "?");
		}
		r = rows[i].read(rd, c, into);
	}
	return r;
}

/* [defaults] */

static int
defaults_exec(struct reader *rd, const struct toml *t, void *into)
{
	static const char *const names[] = {"sandbox", "ask", "forbid", NULL};
	struct defaults *d = into;
	int i = read_name(rd, t, names);

	d->exec = i < 0 ? EXEC_UNSET : (enum exec_default)(i + EXEC_SANDBOX);
	return i < 0 ? i : 0;
}

static int
defaults_three(struct reader *rd, const struct toml *t,
    const char *const *names, enum three *into)
{
	int i = read_name(rd, t, names);

	*into = i < 0 ? THREE_UNSET : (enum three)(i + THREE_NO);
	return i < 0 ? i : 0;
}

static int
defaults_read(struct reader *rd, const struct toml *t, void *into)
{
	static const char *const names[] = {"host", NULL};

	(void)into; /* what is readable is narrowed by rules and --hide */
	return read_name(rd, t, names) < 0 ? ERR_FORMAT : 0;
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

	if (read_words(rd, t, &d->env) != 0)
		return ERR_FORMAT;
	for (i = 0; i < d->env.n; i++)
		for (j = 0; j < sizeof(secret) / sizeof(secret[0]); j++)
			if (strcasestr(d->env.v[i], secret[j]) != NULL)
				return read_fail(rd, t,
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
		return read_fail(rd, t, "limits must be { mem = \"2G\", ... }");
	for (c = t->child; c != NULL; c = c->next) {
		for (i = 0; i < n && !bytes_is(c->key, limit_rows[i].key); i++)
			;
		if (i == n)
			return read_fail(rd, c, "unknown limit %.40s",
			    (const char *)c->key.p);
		if ((c->type != TOML_STR && c->type != TOML_INT) ||
		    limit_rows[i].read((const char *)c->text.p, &number) != 0 ||
		    number == 0)
			return read_fail(rd, c,
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
		return read_fail(rd, t, "defaults must be a table: [defaults]");
	e = read_keys(rd, t, defaults_keys, &d);
	buf_init(&body, POLICY_BODY_MAX);
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

	return read_text(rd, t, &pt->given);
}

static int
test_run(struct reader *rd, const struct toml *t, void *into)
{
	struct policy_test *pt = into;

	return read_text(rd, t, &pt->run);
}

static int
test_expect(struct reader *rd, const struct toml *t, void *into)
{
	struct policy_test *pt = into;

	return read_effect(rd, t, &pt->expect);
}

static int
test_denied(struct reader *rd, const struct toml *t, void *into)
{
	struct policy_test *pt = into;
	const struct words *w = &pt->denied;
	size_t i;

	if (read_words(rd, t, &pt->denied) != 0)
		return ERR_FORMAT;
	for (i = 0; i < w->n; i++)
		if (strchr(w->v[i], '*') != NULL ||
		    (w->v[i][0] != '/' && !str_starts(w->v[i], "~/") &&
			!str_starts(w->v[i], "./") &&
			strrchr(w->v[i], ':') == NULL))
			return read_fail(rd, t,
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
		e = read_fail(rd, t, "a test has either given or run");
	if (e == 0 && pt.given != NULL && pt.expect == EFFECT_NONE)
		e = read_fail(rd, t, "a test with given needs expect");
	if (e == 0 && pt.run != NULL && pt.denied.n == 0)
		e = read_fail(rd, t, "a test with run needs expect_denied");
	buf_init(&body, POLICY_BODY_MAX);
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
		return read_fail(rd, t, "version must be 1");
	return 0;
}

static int
read_each(struct reader *rd, const struct toml *t,
    int (*one)(struct reader *rd, const struct toml *t))
{
	const struct toml *c;
	int e = 0;

	if (t->type != TOML_ARRAY)
		return read_fail(rd, t, "write [[%s]]", (const char *)t->key.p);
	for (c = t->child; e == 0 && c != NULL; c = c->next)
		e = c->type == TOML_TABLE ? one(rd, c)
					  : read_fail(rd, c, "write [[%s]]",
						(const char *)t->key.p);
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
