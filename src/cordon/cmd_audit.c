/* SPDX-License-Identifier: Apache-2.0 */

/* cordon audit: what was asked, decided, approved and run. */

#include "config.h"

#include <sysexits.h>

#include "base/log.h"
#include "cordon/cmd.h"
#include "cordon/replay.h"
#include "cordon/report.h"

struct audit_args {
	const char *session, *since, *format, *output, *to, *policy;
	struct opt_list type, head, remote_head;
	uint64_t limit;
	bool json, follow;
};

#define AT(member)   .off = offsetof(struct audit_args, member)
#define TYPE_HELP    "only records of this type"
#define SINCE_HELP   "only later ones: 2026-11-28, or a span: 2h"
#define SESSION_HELP "the session, by the beginning of its id; else the last"

#define OPT_SESSION                                                            \
	{                                                                      \
		"session", '\0', OPT_STR, "ID", SESSION_HELP, AT(session)      \
	}
#define OPT_TYPE                                                               \
	{                                                                      \
		"type", 't', OPT_LIST, "TYPE", TYPE_HELP, AT(type)             \
	}
#define OPT_SINCE                                                              \
	{                                                                      \
		"since", '\0', OPT_STR, "TIME", SINCE_HELP, AT(since)          \
	}

static const struct opt list_opts[] = {OPT_SINCE,
    {"limit", 'n', OPT_NUM, "N", "sessions at most; else 20", AT(limit)}, {0}};
static const struct opt show_opts[] = {OPT_SESSION, OPT_TYPE, OPT_SINCE,
    {"json", '\0', OPT_FLAG, NULL, "the records as they are in the log",
	AT(json)},
    {0}};
static const struct opt tail_opts[] = {OPT_SESSION, OPT_TYPE, OPT_SINCE,
    {"json", '\0', OPT_FLAG, NULL, "the records as they are in the log",
	AT(json)},
    {"follow", 'f', OPT_FLAG, NULL, "wait for more, until interrupted",
	AT(follow)},
    {0}};
static const struct opt head_opts[] = {OPT_SESSION, {0}};
static const struct opt stats_opts[] = {OPT_SESSION, OPT_SINCE, {0}};
static const struct opt verify_opts[] = {OPT_SESSION,
    {"head", '\0', OPT_LIST, "FILE|HASH",
	"a head that was kept elsewhere; may be repeated", AT(head)},
    {"remote-head", '\0', OPT_LIST, "FILE|HASH",
	"a head that another host has kept", AT(remote_head)},
    {"json", '\0', OPT_FLAG, NULL, "the findings as JSON", AT(json)}, {0}};
static const struct opt diff_opts[] = {{0}};
static const struct opt replay_opts[] = {OPT_SESSION,
    {"policy", '\0', OPT_STR, "FILE", "the policy that is asked", AT(policy)},
    {0}};
static const struct opt export_opts[] = {OPT_SESSION, OPT_TYPE, OPT_SINCE,
    {"format", 'f', OPT_ENUM, "jsonl|csv|cef|ocsf|otlp|html",
	"of the records; else jsonl", AT(format)},
    {"output", 'o', OPT_STR, "FILE", "write to a file", AT(output)}, {0}};
static const struct opt ship_opts[] = {
    {"to", '\0', OPT_STR, "URL",
	"syslog://HOST, journald, otlp+http://HOST,"
	" file:PATH",
	AT(to)},
    {0}};

/* The policy is read here, since cordon-report has no way to it. */
static int
run_replay(const struct cmd_line *line)
{
	const struct audit_args *a = line->args;

	if (a->policy == NULL) {
		log_error(
		    "audit replay: --policy is missing; give --policy FILE");
		return EX_USAGE;
	}
	return replay_run(line, a->policy);
}

#define COMMAND_BY(word, fn, text, what, least, most)                          \
	static const struct cmd audit_##word = {                               \
	    .name = #word,                                                     \
	    .summary = text,                                                   \
	    .operands = what,                                                  \
	    .opts = word##_opts,                                               \
	    .args_size = sizeof(struct audit_args),                            \
	    .min = least,                                                      \
	    .max = most,                                                       \
	    .run = fn,                                                         \
	}
#define COMMAND(word, text, what, least, most)                                 \
	COMMAND_BY(word, report_run, text, what, least, most)

COMMAND(list, "List the sessions that have a log.", NULL, 0, 0);
COMMAND(show, "Show what happened in a session.", "[ID|FILE]", 0, 1);
COMMAND(tail, "Show the log of a session as it grows.", "[ID|FILE]", 0, 1);
COMMAND(
    head, "Print the newest head, to be kept elsewhere.", "[ID|FILE]", 0, 1);
COMMAND(stats, "Count calls, questions, denials, programs and bytes.",
    "[ID|FILE]", 0, 1);
COMMAND(verify, "Check a log, and say what was checked.", "[ID|FILE]", 0, 1);
COMMAND(diff, "Compare the actions of two sessions.", "ID ID", 2, 2);
COMMAND_BY(replay, run_replay,
    "Say what a policy would have decided otherwise.", "[ID]", 0, 1);
COMMAND(export, "Write a log in a form for others.", "[ID|FILE]", 0, 1);
COMMAND(ship, "Send what is new to a collector.", NULL, 0, 0);

static const struct cmd *const audit_subs[] = {&audit_list, &audit_show,
    &audit_tail, &audit_head, &audit_stats, &audit_verify, &audit_diff,
    &audit_replay, &audit_export, &audit_ship, NULL};

const struct cmd cmd_audit = {
    .name = "audit",
    .summary = "Read, verify and export the audit log.",
    .man = "cordon-audit(1)",
    .subs = audit_subs,
};
