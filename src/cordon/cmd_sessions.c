/* SPDX-License-Identifier: Apache-2.0 */

/* cordon sessions: the transcripts of past sessions. */

#include "config.h"

#include <limits.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/str.h"
#include "conf/paths.h"
#include "cordon/cmd.h"
#include "cordon/report.h"
#include "cordon/session.h"
#include "cordon/settings.h"
#include "cordon/store.h"

struct sessions_args {
	const char *format, *output;
	uint64_t limit, at;
	bool json, all, archived, undo;
};

#define AT(member) .off = offsetof(struct sessions_args, member)

#define OPT_JSON                                                               \
	{                                                                      \
		"json", '\0', OPT_FLAG, NULL, "one JSON object a line",        \
		    AT(json)                                                   \
	}
#define OPT_LIMIT                                                              \
	{                                                                      \
		"limit", 'n', OPT_NUM, "N", "sessions at most; else 20",       \
		    AT(limit)                                                  \
	}

static const struct opt list_opts[] = {
    {"all", 'a', OPT_FLAG, NULL, "all of them", AT(all)},
    {"archived", '\0', OPT_FLAG, NULL, "those that were archived",
	AT(archived)},
    OPT_LIMIT, OPT_JSON, {0}};
static const struct opt search_opts[] = {OPT_LIMIT, OPT_JSON, {0}};
static const struct opt export_opts[] = {
    {"format", 'f', OPT_ENUM, "md|html|jsonl", "of the text; else md",
	AT(format)},
    {"output", 'o', OPT_STR, "FILE", "write to a file", AT(output)}, {0}};
static const struct opt archive_opts[] = {
    {"undo", '\0', OPT_FLAG, NULL, "list it again", AT(undo)}, {0}};
static const struct opt no_opts[] = {{0}};

static const struct opt fork_opts[] = {
    {"at", '\0', OPT_NUM, "TURN", "the last turn to keep; else all", AT(at)},
    {0}};

/* The new session's id and folder are main's to make, as ever. */
static int
run_fork(const struct cmd_line *line)
{
	char id[SESSION_ID_SIZE], path[PATH_MAX], why[512];
	char session[64], output[PATH_MAX + 16];
	const char *const more[] = {session, output, NULL};
	struct paths paths;
	int r;

	if (settings_paths(&paths) != EX_OK)
		return EX_CONFIG;
	session_new_id(id);
	r = store_new_path(path, sizeof(path), paths.state, STORE_TRANSCRIPT,
	    id, why, sizeof(why));
	paths_fini(&paths);
	if (r != 0) {
		log_error("%s", why);
		return EX_CANTCREAT;
	}
	(void)str_fmt(session, sizeof(session), "--session=%s", id);
	(void)str_fmt(output, sizeof(output), "--output=%s", path);
	return report_run_with(line, "sessions", more);
}

#define COMMAND(word, table, text, what, least, most)                          \
	static const struct cmd sessions_##word = {                            \
	    .name = #word,                                                     \
	    .summary = text,                                                   \
	    .operands = what,                                                  \
	    .opts = table,                                                     \
	    .args_size = sizeof(struct sessions_args),                         \
	    .min = least,                                                      \
	    .max = most,                                                       \
	    .run = report_run,                                                 \
	}

COMMAND(list, list_opts, "List sessions, the newest first.", NULL, 0, 0);
COMMAND(show, no_opts, "Print a session.", "[ID]", 0, 1);
COMMAND(search, search_opts, "Find sessions by words.", "WORD...", 1, 64);
COMMAND(export, export_opts, "Write a session as a page.", "[ID]", 0, 1);
COMMAND(rename, no_opts, "Give a session a title.", "ID TITLE", 2, 2);
COMMAND(archive, archive_opts, "Leave a session out of the list.", "ID", 1, 1);
COMMAND(rm, no_opts, "Delete a session's transcript.", "ID", 1, 1);
COMMAND(reindex, no_opts, "Make the index of sessions anew.", NULL, 0, 0);

/* Beside resume, too. */
const struct cmd cmd_fork = {
    .name = "fork",
    .man = "cordon-sessions(1)",
    .summary = "Begin a new session with the first turns of another.",
    .operands = "ID",
    .opts = fork_opts,
    .args_size = sizeof(struct sessions_args),
    .min = 1,
    .max = 1,
    .run = run_fork,
};

static const struct cmd *const sessions_subs[] = {&sessions_list,
    &sessions_show, &sessions_search, &sessions_export, &sessions_rename,
    &sessions_archive, &cmd_fork, &sessions_rm, &sessions_reindex, NULL};

const struct cmd cmd_sessions = {
    .name = "sessions",
    .summary = "List, search and export past sessions.",
    .man = "cordon-sessions(1)",
    .subs = sessions_subs,
};
