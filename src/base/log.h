/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LVL_ERROR, LOG_LVL_WARN, LOG_LVL_INFO };

/* Takes one finished line without newline; the text is not yet vis-ed. */
typedef void log_sink(enum log_level level, const char *line);

/* Makes a line printable, as vis_str does. */
typedef bool log_show(char *dst, size_t size, const char *src);

/*
 * Without a sink, lines go to standard error as "cordon: LINE", made
 * printable: by show, or else with a ? for all that is not printable ASCII.
 * The threshold is WARN unless set.
 */
void log_set_sink(log_sink *sink);
void log_set_show(log_show *show);
void log_set_level(enum log_level level);
void log_set_name(const char *name); /* borrowed; "cordon" until set */

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Log and exit: 70 for our own failures, or the code given. */
void
fatal(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void fatalx(int code, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

#endif /* BASE_LOG_H */
