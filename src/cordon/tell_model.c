/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: what the model process is told besides its provider. */

#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "conf/paths.h"
#include "cordon/provider.h"
#include "cordon/tell.h"

#define INSTRUCTIONS_MAX 59000 /* bytes: what one CONF carries */
#define PRICE_KEY_MAX    1024
#define PRICES           "model_prices." /* and the model, and a leaf */

/* Keys of the configuration that it is told as they are. */
static const char *const told[] = {"budget.tokens", "budget.usd",
    "budget.wall_ms", "developer_instructions", "model_auto_compact_percent",
    "model_auto_compact_token_limit", "model_context_window",
    "model_max_output_tokens", "model_reasoning_effort",
    "model_reasoning_summary", "model_verbosity", "tool_output_token_limit",
    "web_search"};

static const char *
price_of(const struct conf *c, const char *name, size_t len, const char *leaf)
{
	char key[PRICE_KEY_MAX];
	const char *text;

	if (str_fmt(key, sizeof(key), "%.*s.%s", (int)len, name, leaf) != 0)
		return "";
	text = conf_text(c, key);
	return text == NULL ? "" : text;
}

/* The rows "model_prices.MODEL.*", len bytes without the last part; MODEL may
 * be in quotes, and one that has to be written with escapes is no model's. */
static void
tell_price(
    struct session *s, const struct conf *c, const char *name, size_t len)
{
	const char *in = price_of(c, name, len, "input");
	const char *cached = price_of(c, name, len, "cached_input");
	const char *model = name + strlen(PRICES);
	size_t n = len - strlen(PRICES);
	char *value;

	if (n > 2 && *model == '"') {
		model++;
		n -= 2;
	}
	if (memchr(model, '\\', n) != NULL)
		return;
	value = xasprintf("%.*s\n%s\n%s\n%s", (int)n, model, in,
	    *cached == '\0' ? in : cached, /* not known to be cheaper */
	    price_of(c, name, len, "output"));
	session_confs(s, ROLE_MODEL, "model_price", value);
	free(value);
}

/* The person's price list, for the cost that is shown of whatever model they
 * choose.  The values stand in the order of their names. */
static void
tell_prices(struct session *s, const struct conf *c)
{
	const struct conf_value *const *all;
	const char *name, *last = "";
	size_t i, n, len;

	all = conf_all(c, &n);
	for (i = 0; i < n; i++) {
		name = all[i]->name;
		if (!str_starts(name, PRICES))
			continue;
		len = (size_t)(strrchr(name, '.') - name);
		if (strncmp(last, name, len + 1) != 0)
			tell_price(s, c, name, len);
		last = name;
	}
}

/* The person's own instructions, beside their config.toml. */
static int
tell_instructions(struct session *s, const struct conf *c,
    const struct paths *paths, char *why, size_t size)
{
	const char *file = conf_text(c, "model_instructions_file");
	char path[PATH_MAX];
	struct buf text;
	int fd, r;

	if (file == NULL)
		return 0;
	if (str_fmt(path, sizeof(path), "%s%s%s",
		*file == '/' ? "" : paths->config, *file == '/' ? "" : "/",
		file) != 0)
		path[0] = '\0';
	buf_init(&text, INSTRUCTIONS_MAX);
	*why = '\0';
	fd = path_open_trusted(path, why, size);
	r = fd < 0 ? fd : fd_read_all(fd, &text);
	fd_close(&fd);
	if (r == 0)
		session_conf(s, ROLE_MODEL, "session.instructions",
		    (struct bytes){buf_data(&text), text.len});
	else if (*why == '\0')
		(void)snprintf(why, size, "model_instructions_file: %s: %s",
		    path, err_file(r));
	buf_fini(&text);
	return r;
}

static void
tell_number(struct session *s, const char *key, uint64_t n)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	if (n > 0)
		session_confs(s, ROLE_MODEL, key, text);
}

/* After those of the configuration, which they replace. */
static void
tell_budgets(struct session *s, const struct launch *l)
{
	tell_number(s, "budget.tokens", l->budget_tokens);
	tell_number(s, "budget.wall_ms", l->deadline_ms);
	if (l->budget_usd != NULL)
		session_confs(s, ROLE_MODEL, "budget.usd", l->budget_usd);
}

int
tell_model(const struct conf *c, const struct paths *paths, struct session *s,
    const struct launch *l, const char *cwd, char *why, size_t size)
{
	const char *model = conf_text(c, "model");
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (conf_text(c, told[i]) != NULL)
			session_confs(
			    s, ROLE_MODEL, told[i], conf_text(c, told[i]));
	if (model == NULL)
		model = provider_text(c, "default_model");
	if (model == NULL || *model == '\0') {
		(void)snprintf(
		    why, size, "no model is named: set model, or give -m");
		return ERR_NOENT;
	}
	session_confs(s, ROLE_MODEL, "model", model);
	tell_prices(s, c);
	session_confs(s, ROLE_MODEL, "session.cwd", cwd);
	session_confs(s, ROLE_MODEL, "session.shell", "/bin/bash");
	session_confs(
	    s, ROLE_MODEL, "session.headless", l->headless ? "1" : "0");
	tell_budgets(s, l);
	return tell_instructions(s, c, paths, why, size);
}
