/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: what a run is set to. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xmem.h"

#include "cordon/provider.h"
#include "cordon/settings.h"

/* "key=value" of -c: a quoted string without its quotes, else as it is. */
static void
add_config(struct conf *c, const char *given)
{
	const char *eq = strchr(given, '=');
	char *name, *value;
	size_t n;

	if (eq == NULL) {
		log_warn("-c %s: there is no '='", given);
		return;
	}
	name = xstrndup(given, (size_t)(eq - given));
	n = strlen(++eq);
	if (n >= 2 && (*eq == '"' || *eq == '\'') && eq[n - 1] == *eq)
		value = xstrndup(eq + 1, n - 2);
	else
		value = xstrdup(eq);
	conf_add_cli(c, name, value);
	free(name);
	free(value);
}

static void
add_options(struct conf *c, const struct session_args *a)
{
	const struct {
		const char *name, *value;
	} rows[] = {
	    {"model", a->model},
	    {"sandbox_mode", a->sandbox},
	    {"approval_policy", a->approval},
	    {"require_tier", a->require_tier},
	    {"oss_provider", a->local_provider},
	    {"web_search", a->search ? "live" : NULL},
	};
	size_t i;

	if (a->full_auto) {
		conf_add_cli(c, "sandbox_mode", "workspace-write");
		conf_add_cli(c, "approval_policy", "on-request");
	}
	if (a->bypass) {
		conf_add_cli(c, "sandbox_mode", "danger-full-access");
		conf_add_cli(c, "approval_policy", "never");
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value != NULL)
			conf_add_cli(c, rows[i].name, rows[i].value);
	for (i = 0; i < a->config.n; i++)
		add_config(c, a->config.v[i]);
	for (i = 0; i < a->add_dir.n; i++)
		conf_add_cli(c, "sandbox_workspace_write.writable_roots",
		    a->add_dir.v[i]);
}

struct conf *
settings_read(const struct session_args *args, const struct paths *paths)
{
	struct conf *c = conf_new();
	const struct conf_diag *d;
	size_t i, n;

	conf_strict(c, args->strict_config);
	conf_add_env(c);
	add_options(c, args);
	provider_choose(c, paths, args);
	conf_finish(c, args->profile);
	d = conf_diags(c, &n);
	for (i = 0; i < n; i++) {
		if (d[i].error)
			log_error("%s", d[i].text);
		else
			log_warn("%s", d[i].text);
	}
	if (!conf_failed(c))
		return c;
	conf_free(c);
	return NULL;
}
