/* SPDX-License-Identifier: Apache-2.0 */

/* The commands, as cordon's own tables (cmd_audit.c, cmd_sessions.c) name
 * them. */

#include "config.h"

#include "report/report.h"

/* clang-format off */
const struct command commands[] = {
    /* group     name      writes  prepare                run */
    {"audit",    "list",   false,  NULL,                  report_list},
    {"audit",    "show",   false,  NULL,                  report_show},
    {"audit",    "tail",   false,  NULL,                  report_tail},
    {"audit",    "stats",  false,  NULL,                  report_stats},
    {"audit",    "verify", false,  report_verify_prepare, report_verify},
    {NULL, NULL, false, NULL, NULL}
};
/* clang-format on */
