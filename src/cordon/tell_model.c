/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: what the model process is told besides its provider. */

#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "conf/paths.h"
#include "conf/toml.h"
#include "cordon/provider.h"
#include "cordon/tell.h"

#define INSTRUCTIONS_MAX 59000 /* bytes: what one CONF carries */
#define PRICE_KEY_MAX    1024

/* Keys of the configuration that it is told as they are. */
static const char *const told[] = {"budget.tokens", "budget.usd",
    "budget.wall_ms", "developer_instructions", "model_auto_compact_percent",
    "model_auto_compact_token_limit", "model_context_window",
    "model_max_output_tokens", "model_reasoning_effort",
    "model_reasoning_summary", "model_verbosity", "tool_output_token_limit",
    "web_search"};

/* Of the model in force, for the cost that is shown. */
static void
tell_prices(struct session *s, const struct conf *c, const char *model)
{
	static const char *const leaves[] = {"input", "cached_input", "output"};
	const char *price, *input = NULL;
	char key[64];
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		buf_init(&b, PRICE_KEY_MAX);
		(void)buf_adds(&b, "model_prices.");
		(void)toml_put_part(&b, model);
		(void)buf_addf(&b, ".%s", leaves[i]);
		price = buf_err(&b) == 0 ? conf_text(c, buf_cstr(&b)) : NULL;
		(void)snprintf(key, sizeof(key), "price.%s", leaves[i]);
		if (i == 0)
			input = price;
		else if (i == 1 && price == NULL)
			price = input; /* not known to be cheaper */
		if (price != NULL)
			session_confs(s, ROLE_MODEL, key, price);
		buf_fini(&b);
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
		    path, err_str(r));
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
	tell_prices(s, c, model);
	session_confs(s, ROLE_MODEL, "session.cwd", cwd);
	session_confs(s, ROLE_MODEL, "session.shell", "/bin/bash");
	session_confs(
	    s, ROLE_MODEL, "session.headless", l->headless ? "1" : "0");
	tell_budgets(s, l);
	return tell_instructions(s, c, paths, why, size);
}
