/* SPDX-License-Identifier: Apache-2.0 */

/* cordon sessions: the transcripts of past sessions. */

#include "config.h"

#include "cordon/cmd.h"
#include "cordon/report.h"

struct sessions_args {
	const char *format, *output;
	uint64_t limit;
	bool json, all, archived, undo;
};

#define AT(member) .off = offsetof(struct sessions_args, member)
#define PAGE       "cordon-sessions(1)"

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

#define COMMAND(word, table, text, what, least, most)                          \
	static const struct cmd sessions_##word = {                            \
	    .name = #word,                                                     \
	    .summary = text,                                                   \
	    .operands = what,                                                  \
	    .man = PAGE,                                                       \
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

static const struct cmd *const sessions_subs[] = {&sessions_list,
    &sessions_show, &sessions_search, &sessions_export, &sessions_rename,
    &sessions_archive, &sessions_rm, &sessions_reindex, NULL};

const struct cmd cmd_sessions = {
    .name = "sessions",
    .summary = "List, search and export past sessions.",
    .man = PAGE,
    .subs = sessions_subs,
};
