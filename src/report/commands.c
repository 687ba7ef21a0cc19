/* SPDX-License-Identifier: Apache-2.0 */

/* The commands, as cordon's own tables (cmd_audit.c, cmd_sessions.c) name
 * them. */

#include "config.h"

#include "report/report.h"

/* clang-format off */
const struct command commands[] = {
    /* group     name        folder      writes file */
    {"audit",    "list",     "audit",    false, false, NULL, report_list},
    {"audit",    "show",     "audit",    false, true,  NULL, report_show},
    {"audit",    "tail",     "audit",    false, true,  NULL, report_tail},
    {"audit",    "head",     "audit",    false, true,  NULL, report_head},
    {"audit",    "stats",    "audit",    false, true,  NULL, report_stats},
    {"audit",    "verify",   "audit",    false, true,  report_verify_prepare,
	report_verify},
    {"audit",    "diff",     "audit",    false, false, NULL, report_diff},
    {"audit",    "replay",   "audit",    false, false, NULL, report_replay},
    {"audit",    "export",   "audit",    false, true,  report_export_prepare,
	report_export},
    {"audit",    "ship",     "audit",    false, false, report_ship_prepare,
	report_ship},
    {"grants",   "list",     "audit",    false, false, NULL, report_grants},
    {"sessions", "list",     "sessions", true,  false, NULL, sessions_list},
    {"sessions", "show",     "sessions", false, false, NULL, sessions_show},
    {"sessions", "search",   "sessions", true,  false, NULL, sessions_search},
    {"sessions", "export",   "sessions", false, false, sessions_export_prepare,
	sessions_export},
    {"sessions", "rename",   "sessions", true,  false, NULL, sessions_rename},
    {"sessions", "archive",  "sessions", true,  false, NULL, sessions_archive},
    {"sessions", "fork",     "sessions", true,  false, NULL, sessions_fork},
    {"sessions", "rm",       "sessions", true,  false, NULL, sessions_rm},
    {"sessions", "reindex",  "sessions", true,  false, NULL, sessions_reindex},
    {NULL, NULL, NULL, false, false, NULL, NULL}
};
/* clang-format on */
