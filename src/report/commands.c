/* SPDX-License-Identifier: Apache-2.0 */

/* The commands, as cordon's own tables (cmd_audit.c, cmd_sessions.c) name
 * them. */

#include "config.h"

#include "report/report.h"

/* clang-format off */
const struct command commands[] = {
    /* group     name        folder      writes */
    {"audit",    "list",     "audit",    false, NULL, report_list},
    {"audit",    "show",     "audit",    false, NULL, report_show},
    {"audit",    "tail",     "audit",    false, NULL, report_tail},
    {"audit",    "head",     "audit",    false, NULL, report_head},
    {"audit",    "stats",    "audit",    false, NULL, report_stats},
    {"audit",    "verify",   "audit",    false, report_verify_prepare,
	report_verify},
    {"audit",    "diff",     "audit",    false, NULL, report_diff},
    {"audit",    "replay",   "audit",    false, NULL, report_replay},
    {"audit",    "export",   "audit",    false, export_prepare,
	report_export},
    {"audit",    "ship",     "audit",    false, report_ship_prepare,
	report_ship},
    {"grants",   "list",     "audit",    false, NULL, report_grants},
    {"sessions", "list",     "sessions", true,  NULL, sessions_list},
    {"sessions", "show",     "sessions", false, NULL, sessions_show},
    {"sessions", "search",   "sessions", true,  NULL, sessions_search},
    {"sessions", "export",   "sessions", false, export_prepare,
	sessions_export},
    {"sessions", "rename",   "sessions", true,  NULL, sessions_rename},
    {"sessions", "archive",  "sessions", true,  NULL, sessions_archive},
    {"sessions", "fork",     "sessions", true,  NULL, sessions_fork},
    {"sessions", "rm",       "sessions", true,  NULL, sessions_rm},
    {"sessions", "reindex",  "sessions", true,  NULL, sessions_reindex},
    {NULL, NULL, NULL, false, NULL, NULL}
};
/* clang-format on */
