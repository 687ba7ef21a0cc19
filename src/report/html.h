/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stddef.h>

/*
 * One page that needs nothing from elsewhere and runs no script: a timeline
 * of entries, each of a kind, with a box a kind that hides it.  Everything
 * that is shown is made printable and quoted here.
 */
void html_begin(const char *title, const char *const *kinds);
void html_end(void);
void html_open(const char *kind, const char *time);
void html_text(const void *p, size_t len); /* in the entry's first line */
void html_body(const void *p, size_t len); /* below it, as it is laid out */
void html_close(void);

#endif /* REPORT_HTML_H */
