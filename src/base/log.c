/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: one line of log at a time, to standard error or to a sink.
 *
 * A confined role sets a sink that sends a LOG frame to main; nobody but main
 * and the front writes to the person's terminal.
 */

#include "config.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"

#define LOG_LINE_MAX 2048 /* bytes; longer lines are cut */

static bool
log_ascii(char *dst, size_t size, const char *src)
{
	bool whole = strlcpy(dst, src, size) < size;

	for (; *dst != '\0'; dst++)
		if (*dst < 0x20 || *dst > 0x7E)
			*dst = '?';
	return whole;
}

static log_sink *log_to;
static log_show *log_shown = log_ascii;
static enum log_level log_threshold = LOG_LVL_WARN;
static const char *log_name = "cordon";

void
log_set_sink(log_sink *sink)
{
	log_to = sink;
}

void
log_set_show(log_show *show)
{
	log_shown = show;
}

void
log_set_level(enum log_level level)
{
	log_threshold = level;
}

void
log_set_name(const char *name)
{
	log_name = name;
}

static void __attribute__((format(printf, 2, 0)))
log_line(enum log_level level, const char *fmt, va_list ap)
{
	char line[LOG_LINE_MAX], safe[4 * LOG_LINE_MAX + 1];

	if (level > log_threshold)
		return;
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	if (log_to != NULL) {
		log_to(level, line);
		return;
	}
	(void)log_shown(safe, sizeof(safe), line);
	(void)fprintf(stderr, "%s: %s\n", log_name, safe);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LVL_ERROR, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LVL_WARN, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LVL_INFO, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LVL_ERROR, fmt, ap);
	va_end(ap);
	exit(EX_SOFTWARE);
}

void
fatalx(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LVL_ERROR, fmt, ap);
	va_end(ap);
	exit(code);
}
