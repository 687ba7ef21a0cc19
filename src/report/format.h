/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include <stdint.h>

#include "base/buf.h"
#include "report/entry.h"

/*
 * A record in the forms that others read.  Each function appends one record;
 * what begins and ends a file of them stands in the table.
 */
struct format {
	const char *name;
	const char *begin, *between, *end; /* NULL: nothing */
	void (*add)(struct buf *out, const struct entry *e);
};

#define FORMAT_RECORD_MAX (64u << 20) /* bytes of one in any form */

const struct format *format_find(const char *name); /* or NULL */

/* How serious: of syslog, CEF (0 to 10), OCSF and OTLP. */
struct severity {
	int syslog, cef, ocsf, otlp;
	const char *text;
};

const struct severity *format_severity(const struct entry *e);
/* The type; "damaged" of what is no record. */
const char *format_word(const struct entry *e);
/* What it says, on one line and printable; out is new. */
void format_words(struct buf *out, const struct entry *e);

/* RFC 5424, without the count of RFC 6587. */
void format_syslog(struct buf *out, const struct entry *e, const char *host);
/* The fields of systemd's native protocol. */
void format_journal(struct buf *out, const struct entry *e);

/* Nanoseconds since 1970 of the record's wall clock. */
uint64_t format_time_ns(const struct entry *e);

#endif /* REPORT_FORMAT_H */
