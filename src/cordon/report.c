/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: handing a command line to cordon-report. */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "conf/paths.h"
#include "cordon/cmd.h"
#include "cordon/report.h"
#include "cordon/settings.h"
#include "cordon/start.h"

/* The words of the new command line. */
struct words {
	char **v; /* owned, as are the words */
	size_t n;
};

static void
add(struct words *w, const char *name, const char *value)
{
	char *word;

	if (asprintf(&word, "%s%s%s", name, value == NULL ? "" : "=",
		value == NULL ? "" : value) == -1)
		fatalx(EX_OSERR, "out of memory");
	w->v = xreallocarray(w->v, w->n + 2, sizeof(*w->v));
	w->v[w->n++] = word;
	w->v[w->n] = NULL;
}

/* One option, if it was given. */
static int
add_option(void *arg, const struct opt *opt, void *slot)
{
	const struct opt_list *list = slot;
	char name[64], number[32];
	size_t i;

	if (slot == NULL || strcmp(opt->name, "help") == 0 ||
	    str_fmt(name, sizeof(name), "--%s", opt->name) != 0)
		return 0;
	switch (opt->kind) {
	case OPT_FLAG:
		if (*(bool *)slot)
			add(arg, name, NULL);
		break;
	case OPT_STR:
	case OPT_ENUM:
		if (*(const char **)slot != NULL)
			add(arg, name, *(const char **)slot);
		break;
	case OPT_LIST:
		for (i = 0; i < list->n; i++)
			add(arg, name, list->v[i]);
		break;
	case OPT_NUM:
	case OPT_SIZE:
	case OPT_TIME:
		(void)snprintf(
		    number, sizeof(number), "%" PRIu64, *(uint64_t *)slot);
		if (*(uint64_t *)slot > 0)
			add(arg, name, number);
		break;
	case OPT_END:
	case OPT_TABLE:
		break;
	}
	return 0;
}

int
report_run(const struct cmd_line *line)
{
	static const char *const none[] = {NULL};

	return report_run_with(line, line->parent->cmd->name, none);
}

int
report_run_with(
    const struct cmd_line *line, const char *group, const char *const *more)
{
	/* opt_visit takes what opt_parse filled; nothing is changed. */
	struct cmd_line level = *line;
	struct words w = {NULL, 0};
	struct paths paths;
	size_t i;

	if (settings_paths(&paths) != EX_OK)
		return EX_CONFIG;
	add(&w, "cordon: report", NULL);
	add(&w, group, NULL);
	add(&w, line->cmd->name, NULL);
	add(&w, "--state", paths.state);
	for (; *more != NULL; more++)
		add(&w, *more, NULL);
	(void)opt_visit(&level, add_option, &w);
	add(&w, "--", NULL);
	for (i = 0; i < line->given.n; i++)
		add(&w, line->given.v[i], NULL);
	(void)start_become(ROLE_REPORT, w.v);
	log_error("cordon-report cannot be started: reinstall cordon");
	for (i = 0; i < w.n; i++)
		free(w.v[i]);
	free(w.v);
	paths_fini(&paths);
	return EX_UNAVAILABLE;
}
