/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the table of keys and the layers of configuration. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "conf/keys.h"
#include "conf/layer.h"

static struct conf *conf;
static uint32_t line;

static void
start(void)
{
	conf_free(conf);
	conf = conf_new();
	line = 0;
}

static void
add_item(enum conf_layer layer, const char *name, enum value_kind kind,
    bool list, const char *value)
{
	static const char *const files[LAYER_COUNT] = {
	    [LAYER_SYSTEM] = "/etc/c.toml",
	    [LAYER_USER] = "/u/c.toml",
	    [LAYER_PROJECT] = "/p/c.toml"};
	struct conf_item item = {.name = name,
	    .value = value,
	    .kind = kind,
	    .list = list,
	    .layer = layer,
	    .file = files[layer],
	    .line = ++line,
	    .column = 1};

	conf_add(conf, &item);
}

static void
add(enum conf_layer layer, const char *name, enum value_kind kind,
    const char *value)
{
	add_item(layer, name, kind, false, value);
}

static void
add_list(enum conf_layer layer, const char *name, const char *value)
{
	add_item(layer, name, VALUE_STR, true, value);
}

static void
said(size_t n, const char *text, bool error)
{
	const struct conf_diag *d;
	size_t have;

	d = conf_diags(conf, &have);
	assert_true(have > n);
	assert_string_equal(d[n].text, text);
	assert_int_equal(d[n].error, error);
}

static void
said_nothing(void)
{
	size_t n;
	const struct conf_diag *d = conf_diags(conf, &n);

	if (n > 0)
		fail_msg("%s", d[0].text);
}

/* One item in the user's file is refused with this message. */
static void
refused(
    const char *name, enum value_kind kind, const char *value, const char *text)
{
	start();
	add(LAYER_USER, name, kind, value);
	said(0, text, true);
	assert_true(conf_failed(conf));
}

static void
every_row_is_sound(void **state)
{
	const struct key *key;
	struct key_path path;
	char why[256];

	(void)state;
	for (key = keys; key->name != NULL; key++) {
		size_t n = strlen(key->help);

		/* A star is no bare part; stand something in for it. */
		if (strchr(key->name, '*') == NULL) {
			assert_int_equal(key_split(&path, key->name), 0);
			assert_ptr_equal(key_find(&path, 0), key);
		}
		assert_true(key->help[n - 1] == '.');
		if (key->type != KEY_LIST)
			assert_int_equal(
			    key->type == KEY_ENUM, key->values != NULL);
		assert_true(key->min <= key->max);
		if (key->type == KEY_INT)
			assert_true(key->max > 0);
		if (key->project == PROJECT_TIGHTEN)
			assert_true(
			    key->type != KEY_STR && key->type != KEY_LIST);
		if (key->def == NULL)
			continue;
		assert_int_equal(key_check(key,
				     key->type == KEY_INT     ? VALUE_INT
				     : key->type == KEY_FLOAT ? VALUE_FLOAT
				     : key->type == KEY_BOOL  ? VALUE_BOOL
							      : VALUE_STR,
				     false, key->def, why, sizeof(why)),
		    0);
	}
}

static void
names_are_split_and_joined(void **state)
{
	struct key_path path;
	char out[KEY_SIZE];

	(void)state;
	assert_int_equal(key_split(&path, "a.\"b.c \\\" \\\\\".d-e_9"), 0);
	assert_int_equal(path.n, 3);
	assert_string_equal(path.part[1], "b.c \" \\");
	assert_int_equal(key_join(out, sizeof(out), &path, 0), 0);
	assert_string_equal(out, "a.\"b.c \\\" \\\\\".d-e_9");
	assert_int_equal(key_join(out, sizeof(out), &path, 2), 0);
	assert_string_equal(out, "d-e_9");
	assert_int_equal(key_split(&path, ""), ERR_FORMAT);
	assert_int_equal(key_split(&path, "a."), ERR_FORMAT);
	assert_int_equal(key_split(&path, "a..b"), ERR_FORMAT);
	assert_int_equal(key_split(&path, "a b"), ERR_FORMAT);
	assert_int_equal(key_split(&path, "\"a"), ERR_FORMAT);
	assert_int_equal(key_split(&path, "\"a\"b"), ERR_FORMAT);
	assert_int_equal(key_split(&path, "\"a\\"), ERR_FORMAT);
	assert_int_equal(key_split(&path, "a.b.c.d.e.f.g.h"), 0);
	assert_int_equal(key_split(&path, "a.b.c.d.e.f.g.h.i"), ERR_DEPTH);
}

static void
wrong_values_are_refused(void **state)
{
	(void)state;
	refused("model", VALUE_INT, "5",
	    "/u/c.toml:1:1: model must be a string, not an integer");
	refused("sandbox_mode", VALUE_STR, "none",
	    "/u/c.toml:1:1: sandbox_mode must be one of"
	    " read-only|workspace-write|danger-full-access, not \"none\"");
	refused("hide_agent_reasoning", VALUE_STR, "true",
	    "/u/c.toml:1:1: hide_agent_reasoning must be true or false,"
	    " not a string");
	refused("tool_output_token_limit", VALUE_INT, "99",
	    "/u/c.toml:1:1: tool_output_token_limit must be a whole number"
	    " from 100 to 1000000, not 99");
	refused("budget.usd", VALUE_FLOAT, "nan",
	    "/u/c.toml:1:1: budget.usd must be a number from 0 to 1000000,"
	    " not nan");
	refused("tui.status_line", VALUE_STR, "x",
	    "/u/c.toml:1:1: tui.status_line must be an array of model|profile|"
	    "sandbox|directory|branch|context|cost|tokens, not a string");
	refused("model_providers.a.auth.refresh_interval_ms", VALUE_INT, "-1",
	    "/u/c.toml:1:1: model_providers.a.auth.refresh_interval_ms must"
	    " be a whole number of at least 0, not -1");
	refused("model_providers.a.auth.timeout_ms", VALUE_INT, "0",
	    "/u/c.toml:1:1: model_providers.a.auth.timeout_ms must be a"
	    " whole number from 1 to 86400000, not 0");
}

/* Of every row that is a text or an array: what may be empty says so. */
static void
empty_texts_are_refused(void **state)
{
	const struct key *key;
	char why[512];
	bool list;
	int r;

	(void)state;
	for (key = keys; key->name != NULL; key++) {
		list = key->type == KEY_LIST;
		if (key->type != KEY_STR && key->type != KEY_ENUM && !list)
			continue;
		r = key_check(key, VALUE_STR, list, "", why, sizeof(why));
		assert_int_equal(r, key->flags & KEY_EMPTY ? 0 : ERR_RANGE);
	}
	refused("model", VALUE_STR, "",
	    "/u/c.toml:1:1: model must not be empty; give it a value or leave"
	    " it out");
	start();
	add_list(LAYER_USER, "sandbox_workspace_write.writable_roots", "");
	said(0,
	    "/u/c.toml:1:1: sandbox_workspace_write.writable_roots must not"
	    " have an empty string in it; take it out",
	    true);
	start();
	add_list(LAYER_USER, "tui.status_line", "cwd");
	said(0,
	    "/u/c.toml:1:1: tui.status_line must be an array of model|profile|"
	    "sandbox|directory|branch|context|cost|tokens, not \"cwd\"",
	    true);
	start();
	add(LAYER_USER, "model_providers.a.http_headers.X", VALUE_STR, "");
	said_nothing();
}

static void
texts_have_their_form(void **state)
{
	static const char *const urls[] = {"foo", "ftp://x/y", "https:///v1",
	    "https://a b/v1", "https://u:p@h/v1", "https://h:0", "https://h:x",
	    "https://[::1", "https://"};
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "/u/c.toml:1:1: login.issuer must be an address such as"
		    " https://HOST/v1, not \"%s\"",
		    urls[i]);
		refused("login.issuer", VALUE_STR, urls[i], text);
	}
	refused("model_providers.a.env_key", VALUE_STR, "A=B",
	    "/u/c.toml:1:1: model_providers.a.env_key must be the name of a"
	    " variable, not \"A=B\"");
	refused("model_providers.a.env_http_headers.X", VALUE_STR, "1A",
	    "/u/c.toml:1:1: model_providers.a.env_http_headers.X must be the"
	    " name of a variable, not \"1A\"");
}

/* What goes over http, and what is said when it leaves the machine. */
static void
tokens_go_in_the_clear_only_here(void **state)
{
	static const char *const here[] = {"http://localhost:1/v1",
	    "http://127.3.2.1/v1", "http://[::1]:11434/v1", "https://h/v1"};
	static const char *const away[] = {"http://h/v1",
	    "http://192.168.1.5:11434/v1", "http://localhost.evil.example",
	    "http://[2001:db8::1]/", "http://128.0.0.1"};
	const char *name = "model_providers.a.base_url";
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(here) / sizeof(here[0]); i++) {
		start();
		add(LAYER_USER, name, VALUE_STR, here[i]);
		conf_finish(conf, NULL);
		said_nothing();
	}
	for (i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
		start();
		add(LAYER_USER, name, VALUE_STR, away[i]);
		conf_finish(conf, NULL);
		(void)snprintf(text, sizeof(text),
		    "/u/c.toml:1:1: %s: what is sent to %s can be read on the"
		    " way; use https",
		    name, away[i]);
		said(0, text, true);
		start();
		add(LAYER_USER, name, VALUE_STR, away[i]);
		add(LAYER_USER, "model_providers.a.private_address", VALUE_BOOL,
		    "true");
		conf_finish(conf, NULL);
		said_nothing();
	}
	start();
	add(LAYER_USER, "login.issuer", VALUE_STR, "http://h");
	conf_finish(conf, NULL);
	assert_true(conf_failed(conf));
}

static void
wrong_names_get_a_hint(void **state)
{
	(void)state;
	refused("tui.keymap.redarw", VALUE_STR, "f5",
	    "/u/c.toml:1:1: no key tui.keymap.redarw; did you mean"
	    " tui.keymap.redraw?");
	refused("modle", VALUE_STR, "x",
	    "/u/c.toml:1:1: no key modle; did you mean model?");
	refused("zzzzzzz", VALUE_STR, "x",
	    "/u/c.toml:1:1: no key zzzzzzz; 'cordon help config-file' has "
	    "them");
	refused("model_providers.a.bas_url", VALUE_STR, "x",
	    "/u/c.toml:1:1: no key model_providers.a.bas_url; did you mean"
	    " model_providers.a.base_url?");
	refused("model_provider.a.base_url", VALUE_STR, "x",
	    "/u/c.toml:1:1: no key model_provider.a.base_url; did you mean"
	    " model_providers.a.base_url?");
	refused("profiles.fast.modl", VALUE_STR, "x",
	    "/u/c.toml:1:1: no key profiles.fast.modl; did you mean"
	    " profiles.fast.model?");
	refused("tui", VALUE_STR, "x",
	    "/u/c.toml:1:1: tui is a table, not a value; name a key of it");
	refused("profiles.a.locked", VALUE_EMPTY, "",
	    "/u/c.toml:1:1: profiles.a.locked has a meaning only in the"
	    " system's file; set it there");
	refused("locked", VALUE_EMPTY, "",
	    "/u/c.toml:1:1: locked has a meaning only in the system's file;"
	    " set it there");
}

/* What is given, layer by layer, and what comes of it. */
struct given {
	enum conf_layer layer;
	const char *name, *value;
	enum value_kind kind;
	bool list;
};

enum outcome { NOTHING, WARNING, ERROR };

#define STR(layer, name, value)                                                \
	{                                                                      \
		layer, name, value, VALUE_STR, false                           \
	}
#define TYPED(layer, name, value, kind)                                        \
	{                                                                      \
		layer, name, value, kind, false                                \
	}
#define LIST(layer, name, value)                                               \
	{                                                                      \
		layer, name, value, VALUE_STR, true                            \
	}

static const struct scenario {
	const char *title;
	struct given given[5];
	const char *profile;
	bool strict;
	struct {
		const char *name, *value;
	} is[2];
	enum outcome outcome; /* of what is said last */
	const char *said;
} scenarios[] = {
    {"the user's file beats the system's, and a profile that is not named",
	{STR(LAYER_SYSTEM, "model", "s"), STR(LAYER_USER, "model", "u"),
	    STR(LAYER_USER, "profiles.fast.model", "p"),
	    STR(LAYER_USER, "profiles.slow.model", "q")},
	.is = {{"model", "u"}, {"model_provider", "openai"}}},
    {"a profile that is named beats it, wherever it stands",
	{STR(LAYER_USER, "profiles.fast.model", "p"),
	    STR(LAYER_USER, "profiles.slow.model", "q"),
	    STR(LAYER_USER, "model", "u")},
	.profile = "fast", .is = {{"model", "p"}}},
    {"the environment beats both",
	{STR(LAYER_USER, "profiles.fast.model", "p"),
	    STR(LAYER_ENV, "CORDON_MODEL", "e")},
	.profile = "fast", .is = {{"model", "e"}}},
    {"the command line beats that",
	{STR(LAYER_ENV, "CORDON_MODEL", "e"), STR(LAYER_CLI, "model", "c")},
	.is = {{"model", "c"}}},
    {"a profile that is not there",
	{STR(LAYER_USER, "profiles.fast.model", "p")}, .profile = "fats",
	.outcome = ERROR,
	.said = "command line: no profile fats; did you mean fast?"},

    {"a project tightens, and is not undone",
	{STR(LAYER_USER, "sandbox_mode", "workspace-write"),
	    STR(LAYER_PROJECT, "sandbox_mode", "read-only"),
	    TYPED(LAYER_PROJECT, "tool_output_token_limit", "100", VALUE_INT),
	    STR(LAYER_PROJECT, "web_search", "disabled"),
	    STR(LAYER_CLI, "sandbox_mode", "danger-full-access")},
	.is = {{"sandbox_mode", "read-only"},
	    {"tool_output_token_limit", "100"}}},
    {"but does not widen a mode",
	{STR(LAYER_PROJECT, "sandbox_mode", "danger-full-access")},
	.is = {{"sandbox_mode", "workspace-write"}}, .outcome = WARNING,
	.said = "/p/c.toml:1:1: sandbox_mode = danger-full-access is ignored: "
		"a project's file can only tighten, and built-in has "
		"workspace-write"},
    {"or a number",
	{TYPED(LAYER_PROJECT, "tool_output_token_limit", "999999", VALUE_INT)},
	.is = {{"tool_output_token_limit", "10000"}}, .outcome = WARNING,
	.said = "/p/c.toml:1:1: tool_output_token_limit = 999999 is ignored: "
		"a project's file can only tighten, and built-in has 10000"},
    {"or the network",
	{TYPED(LAYER_PROJECT, "sandbox_workspace_write.network_access", "true",
	    VALUE_BOOL)},
	.is = {{"sandbox_workspace_write.network_access", "false"}},
	.outcome = WARNING,
	.said = "/p/c.toml:1:1: sandbox_workspace_write.network_access = true "
		"is ignored: a project's file can only tighten, and built-in "
		"has false"},
    {"what a project cannot set is ignored",
	{STR(LAYER_PROJECT, "model_provider", "evil")}, .outcome = WARNING,
	.said = "/p/c.toml:1:1: model_provider is ignored: a project's file "
		"cannot set it"},
    {"or, strictly, an error", {STR(LAYER_PROJECT, "model_provider", "evil")},
	.strict = true, .outcome = ERROR,
	.said = "/p/c.toml:1:1: model_provider is ignored: a project's file "
		"cannot set it"},

    {"the system locks a key",
	{STR(LAYER_SYSTEM, "approval_policy", "untrusted"),
	    LIST(LAYER_SYSTEM, "locked", "approval_policy"),
	    STR(LAYER_USER, "approval_policy", "never")},
	.is = {{"approval_policy", "untrusted"}}, .outcome = WARNING,
	.said = "/u/c.toml:3:1: approval_policy is ignored: /etc/c.toml "
		"locks it"},
    {"or a table",
	{LIST(LAYER_SYSTEM, "locked", "model_providers"),
	    STR(LAYER_USER, "model_providers.openai.base_url", "https://evil")},
	.is = {{"model_providers.openai.base_url",
	    "https://api.openai.com/v1"}},
	.outcome = WARNING,
	.said = "/u/c.toml:2:1: model_providers.openai.base_url is ignored: "
		"/etc/c.toml locks it"},
    {"who says it on the command line learns that it is refused",
	{LIST(LAYER_SYSTEM, "locked", "sandbox_mode"),
	    STR(LAYER_CLI, "sandbox_mode", "danger-full-access")},
	.is = {{"sandbox_mode", "workspace-write"}}, .outcome = ERROR,
	.said = "command line: sandbox_mode is refused: /etc/c.toml locks it"},
    {"a mistyped lock would lock nothing",
	{LIST(LAYER_SYSTEM, "locked", "sandbox_mod")}, .outcome = ERROR,
	.said = "/etc/c.toml:1:1: locked: no key sandbox_mod; did you mean "
		"sandbox_mode?"},

    {"a provider that is not there",
	{STR(LAYER_USER, "model_provider", "opnai")}, .outcome = ERROR,
	.said = "/u/c.toml:1:1: model_provider: no provider opnai; did you "
		"mean openai?"},
    {"a provider of the person's own has the defaults",
	{STR(LAYER_USER, "model_provider", "ac.me"),
	    STR(LAYER_USER, "model_providers.\"ac.me\".base_url", "https://h"),
	    STR(LAYER_USER, "model_providers.\"ac.me\".auth.command", "tok")},
	.is = {{"model_providers.\"ac.me\".wire_api", "responses"},
	    {"model_providers.\"ac.me\".auth.refresh_interval_ms", "300000"}}},
    {"a table of a token's command without the command",
	{TYPED(
	    LAYER_USER, "model_providers.a.auth.timeout_ms", "9", VALUE_INT)},
	.outcome = ERROR,
	.said = "/u/c.toml:1:1: model_providers.a.auth.timeout_ms needs a "
		"command beside it"},
    {"or with an empty one",
	{STR(LAYER_USER, "model_providers.a.auth.command", "")},
	.outcome = ERROR,
	.said = "/u/c.toml:1:1: model_providers.a.auth.command must not be "
		"empty; give it a value or leave it out"},
    {"or with a variable beside it",
	{STR(LAYER_USER, "model_providers.a.auth.command", "t"),
	    STR(LAYER_USER, "model_providers.a.env_key", "K")},
	.outcome = ERROR,
	.said = "/u/c.toml:1:1: model_providers.a.auth.command and "
		"model_providers.a.env_key exclude each other"},
    {"a built-in provider keeps what is not set",
	{STR(LAYER_BUILTIN, "model_provider", "anthropic"),
	    STR(LAYER_USER, "model_providers.ollama.name", "o")},
	.is = {{"model_providers.anthropic.wire_api", "messages"},
	    {"model_providers.ollama.wire_api", "chat"}}},
};

static void
give(const struct given *g)
{
	if (g->list)
		add_list(g->layer, g->name, g->value);
	else if (g->layer == LAYER_BUILTIN)
		conf_add_builtin(conf, g->name, g->value);
	else if (g->layer == LAYER_CLI)
		conf_add_cli(conf, g->name, g->value);
	else if (g->layer != LAYER_ENV)
		add(g->layer, g->name, g->kind, g->value);
	else {
		assert_int_equal(setenv(g->name, g->value, 1), 0);
		conf_add_env(conf);
		assert_int_equal(unsetenv(g->name), 0);
	}
}

static void
play(const struct scenario *sc)
{
	const struct conf_diag *d;
	size_t i, n;

	start();
	conf_strict(conf, sc->strict);
	for (i = 0; i < 5 && sc->given[i].name != NULL; i++)
		give(&sc->given[i]);
	conf_finish(conf, sc->profile);
	d = conf_diags(conf, &n);
	if (n != (sc->outcome != NOTHING))
		fail_msg("%s: %zu diagnoses", sc->title, n);
	if (n > 0 && (strcmp(d[0].text, sc->said) != 0 ||
			 d[0].error != (sc->outcome == ERROR)))
		fail_msg("%s: %s", sc->title, d[0].text);
	if (conf_failed(conf) != (sc->outcome == ERROR))
		fail_msg("%s: failed is wrong", sc->title);
	for (i = 0; i < 2 && sc->is[i].name != NULL; i++)
		if (!conf_is(conf, sc->is[i].name, sc->is[i].value))
			fail_msg("%s: %s", sc->title, sc->is[i].name);
}

static void
scenarios_end_as_they_say(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		play(&scenarios[i]);
}

static void
options_are_checked_too(void **state)
{
	(void)state;
	start();
	conf_add_cli(conf, "modle", "x");
	conf_add_cli(conf, "tui.screen_reader", "yes");
	conf_add_cli(conf, "tool_output_token_limit", "http");
	conf_add_cli(conf, "a b", "x");
	conf_add_cli(conf, "tui.status_line", "model");
	said(0, "command line: no key modle; did you mean model?", true);
	said(1,
	    "command line: tui.screen_reader must be true or false, not"
	    " \"yes\"",
	    true);
	said(2,
	    "command line: tool_output_token_limit must be a whole number"
	    " from 100 to 1000000, not http",
	    true);
	said(3,
	    "command line: a b is not the name of a key; 'cordon help "
	    "config-file' has them",
	    true);
	conf_finish(conf, NULL);
	assert_string_equal(conf_get(conf, "tui.status_line")->v[0], "model");
}

static void
arrays_replace_as_a_whole(void **state)
{
	const struct conf_value *v;
	struct buf out;

	(void)state;
	start();
	add_list(LAYER_SYSTEM, "approve.args", "a");
	add_list(LAYER_SYSTEM, "approve.args", "b");
	add_list(LAYER_USER, "approve.args", "c\"");
	add_list(LAYER_USER, "approve.args", "d");
	conf_finish(conf, NULL);
	v = conf_get(conf, "approve.args");
	assert_int_equal(v->n, 2);
	buf_init(&out, 100);
	assert_int_equal(conf_value_toml(&out, v), 0);
	assert_string_equal(buf_cstr(&out), "[\"c\\\"\", \"d\"]");
	buf_fini(&out);

	start();
	add_list(LAYER_SYSTEM, "approve.args", "a");
	add(LAYER_USER, "approve.args", VALUE_EMPTY, "");
	conf_finish(conf, NULL);
	assert_int_equal(conf_get(conf, "approve.args")->n, 0);
}

/* Whatever row the table has: a project never sets what is not marked. */
static void
a_project_sets_no_other_key(void **state)
{
	static const char *const typed[] = {[KEY_STR] = "evil",
	    [KEY_ENUM] = NULL,
	    [KEY_INT] = "1",
	    [KEY_FLOAT] = "1",
	    [KEY_BOOL] = "true",
	    [KEY_LIST] = "evil"};
	const struct key *key;
	const struct conf_diag *d;
	size_t n;

	(void)state;
	for (key = keys; key->name != NULL; key++) {
		char name[KEY_SIZE], value[64];
		size_t i;

		(void)strlcpy(name, key->name, sizeof(name));
		for (i = 0; name[i] != '\0'; i++)
			if (name[i] == '*')
				name[i] = 'x';
		(void)strlcpy(value,
		    typed[key->type] == NULL ? key->values : typed[key->type],
		    sizeof(value));
		value[strcspn(value, "|")] = '\0';
		start();
		conf_strict(conf, key->flags & KEY_SYSTEM);
		if (key->type == KEY_LIST)
			add_list(LAYER_PROJECT, name, value);
		else
			add(LAYER_PROJECT, name,
			    key->type == KEY_BOOL    ? VALUE_BOOL
			    : key->type == KEY_INT   ? VALUE_INT
			    : key->type == KEY_FLOAT ? VALUE_FLOAT
						     : VALUE_STR,
			    value);
		d = conf_diags(conf, &n);
		if (key->project == PROJECT_NO) {
			assert_int_equal(n, 1);
			assert_non_null(d[0].text);
		}
		conf_strict(conf, false);
		conf_finish(conf, NULL);
		if (key->project == PROJECT_NO) {
			const struct conf_value *v = conf_get(conf, name);

			assert_true(v == NULL || v->layer == LAYER_BUILTIN);
		}
	}
}

static void
many_lines_are_no_burden(void **state)
{
	char name[64];
	int i;

	(void)state;
	start();
	for (i = 0; i < 10000; i++) {
		(void)snprintf(name, sizeof(name),
		    "model_providers.a.http_headers.k%d", i);
		add(LAYER_USER, name, VALUE_STR, "x");
	}
	conf_finish(conf, NULL);
	said_nothing();
	assert_true(conf_is(conf, "model_providers.a.http_headers.k9999", "x"));
	/* As many mistakes are told up to a limit and then counted. */
	start();
	for (i = 0; i < 10000; i++)
		add(LAYER_USER, "modle", VALUE_STR, "x");
	assert_true(conf_failed(conf));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row_is_sound),
	    cmocka_unit_test(names_are_split_and_joined),
	    cmocka_unit_test(wrong_values_are_refused),
	    cmocka_unit_test(empty_texts_are_refused),
	    cmocka_unit_test(texts_have_their_form),
	    cmocka_unit_test(tokens_go_in_the_clear_only_here),
	    cmocka_unit_test(wrong_names_get_a_hint),
	    cmocka_unit_test(scenarios_end_as_they_say),
	    cmocka_unit_test(options_are_checked_too),
	    cmocka_unit_test(arrays_replace_as_a_whole),
	    cmocka_unit_test(a_project_sets_no_other_key),
	    cmocka_unit_test(many_lines_are_no_burden),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	conf_free(conf);
	return failed;
}
