/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/str.h"

/*
 * One page that needs nothing from elsewhere and runs no script: a timeline
 * of entries, each of a kind, with a box a kind that hides it.  Everything
 * that is shown is made printable and quoted here.
 */
void html_begin(const char *what, const char *id, const char *const *kinds);
void html_end(void);
/* text stands in the first line, body below it, as it is laid out; behind the
 * word fold, to be opened, if that is not NULL. */
void html_entry(const char *kind, const char *time, struct bytes text,
    struct bytes body, const char *fold);

#endif /* REPORT_HTML_H */
