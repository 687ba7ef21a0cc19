/* SPDX-License-Identifier: Apache-2.0 */

/* Library: records as CSV, CEF, OTLP, syslog and journal fields. */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/jsonw.h"
#include "base/vis.h"
#include "report/format.h"
#include "report/ocsf.h"

#define FACILITY    13 /* log audit, RFC 5424 */
#define SD_ID       "cordon@32473"
#define CEF_MSG_MAX 1023 /* characters of a message in CEF */

const struct severity *
format_severity(const struct entry *e)
{
	static const struct severity info = {6, 3, 1, 9, "INFO"};
	static const struct severity warn = {4, 6, 3, 13, "WARN"};
	static const struct severity error = {3, 9, 4, 17, "ERROR"};

	if (e->damaged || e->r.type == AUDIT_VIOLATION ||
	    e->r.type == AUDIT_RECOVERED)
		return &error;
	return e->r.type == AUDIT_REFUSAL ? &warn : &info;
}

const char *
format_word(const struct entry *e)
{
	return e->damaged ? "damaged" : record_word(e->r.type);
}

void
format_words(struct buf *out, const struct entry *e)
{
	struct buf raw;

	buf_init(&raw, ENTRY_WORDS_MAX);
	entry_words(&raw, e);
	buf_init(out, 12 * (size_t)ENTRY_WORDS_MAX);
	(void)vis_add(out, buf_data(&raw), raw.len, 0);
	buf_fini(&raw);
}

uint64_t
format_time_ns(const struct entry *e)
{
	struct tm tm = {0};
	const char *rest = strptime(e->r.time, "%Y-%m-%dT%H:%M:%S.", &tm);
	uint64_t us = 0;

	if (rest == NULL)
		return 0;
	for (; *rest >= '0' && *rest <= '9'; rest++)
		us = 10 * us + (uint64_t)(*rest - '0');
	return (uint64_t)timegm(&tm) * 1000000000u + us * 1000u;
}

static void
add_jsonl(struct buf *out, const struct entry *e)
{
	(void)buf_add(out, e->line.p, e->line.len);
	(void)buf_addc(out, '\n');
}

/* RFC 4180.  A cell that a spreadsheet would take for a formula is not one. */
static void
add_cell(struct buf *out, const void *p, size_t len)
{
	const char *s = p;
	size_t i;

	(void)buf_addc(out, '"');
	if (len > 0 && strchr("=+-@\t\r", s[0]) != NULL && s[0] != '\0')
		(void)buf_addc(out, '\'');
	for (i = 0; i < len; i++) {
		if (s[i] == '"')
			(void)buf_addc(out, '"');
		(void)buf_addc(out, s[i]);
	}
	(void)buf_addc(out, '"');
}

static void
add_csv(struct buf *out, const struct entry *e)
{
	const struct json *call = json_member(e->data, "call");
	struct buf words;

	format_words(&words, e);
	(void)buf_addf(out, "%" PRIu64 ",%s,%s,%s,", e->r.seq, e->r.time,
	    e->r.log, format_word(e));
	if (call != NULL)
		(void)buf_addf(out, "%" PRId64, json_number(call));
	(void)buf_addc(out, ',');
	add_cell(out, buf_data(&words), words.len);
	(void)buf_addf(out, ",%s\r\n", e->hash);
	buf_fini(&words);
}

/* The value of an extension: backslash and equals sign are quoted.  The field
 * has a length at most, in characters; what is longer ends there. */
static void
add_cef_value(struct buf *out, const struct buf *words)
{
	const uint8_t *p = buf_data(words);
	size_t i, n = 0;

	for (i = 0; i < words->len; i++) {
		n += (p[i] & 0xc0) != 0x80;
		if (n > CEF_MSG_MAX)
			break;
		if (p[i] == '\\' || p[i] == '=')
			(void)buf_addc(out, '\\');
		(void)buf_addc(out, (char)p[i]);
	}
}

static void
add_cef(struct buf *out, const struct entry *e)
{
	struct buf words;

	format_words(&words, e);
	(void)buf_addf(out,
	    "CEF:0|Cordon|cordon|" PACKAGE_VERSION "|%s|%s|%d|rt=%" PRIu64
	    " externalId=%" PRIu64 " cs1Label=log cs1=%s cs2Label=hash cs2=%s"
	    " msg=",
	    format_word(e), format_word(e), format_severity(e)->cef,
	    format_time_ns(e) / 1000000, e->r.seq, e->r.log, e->hash);
	add_cef_value(out, &words);
	(void)buf_addc(out, '\n');
	buf_fini(&words);
}

static void
otlp_attribute(struct jsonw *w, const char *key, const char *value)
{
	jsonw_object(w);
	jsonw_kstr(w, "key", key);
	jsonw_name(w, "value");
	jsonw_object(w);
	jsonw_kstr(w, "stringValue", value);
	jsonw_end(w);
	jsonw_end(w);
}

static void
add_otlp(struct buf *out, const struct entry *e)
{
	char number[24];
	const struct severity *sev = format_severity(e);
	struct buf words;
	struct jsonw w;

	format_words(&words, e);
	jsonw_init(&w, out);
	jsonw_object(&w);
	(void)snprintf(number, sizeof(number), "%" PRIu64, format_time_ns(e));
	jsonw_kstr(&w, "timeUnixNano", number);
	jsonw_ku64(&w, "severityNumber", (uint64_t)sev->otlp);
	jsonw_kstr(&w, "severityText", sev->text);
	jsonw_name(&w, "body");
	jsonw_object(&w);
	jsonw_kstrn(
	    &w, "stringValue", (struct bytes){buf_data(&words), words.len});
	jsonw_end(&w);
	jsonw_name(&w, "attributes");
	jsonw_array(&w);
	otlp_attribute(&w, "cordon.type", format_word(e));
	otlp_attribute(&w, "cordon.log", e->r.log);
	(void)snprintf(number, sizeof(number), "%" PRIu64, e->r.seq);
	otlp_attribute(&w, "cordon.seq", number);
	otlp_attribute(&w, "cordon.hash", e->hash);
	jsonw_object(&w);
	jsonw_kstr(&w, "key", "cordon.record");
	jsonw_name(&w, "value");
	jsonw_object(&w);
	jsonw_kstrn(&w, "stringValue", e->line);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	buf_fini(&words);
}

void
format_syslog(struct buf *out, const struct entry *e, const char *host)
{
	(void)buf_addf(out,
	    "<%d>1 %s %s cordon - %s [" SD_ID " log=\"%s\" seq=\"%" PRIu64
	    "\" hash=\"%s\"] ",
	    8 * FACILITY + format_severity(e)->syslog,
	    e->damaged ? "-" : e->r.time, host, format_word(e), e->r.log,
	    e->r.seq, e->hash);
	(void)buf_add(out, e->line.p, e->line.len);
}

/* NAME, newline, length in 64 bits little endian, value, newline: the form
 * that any value can take. */
static void
journal_field(struct buf *out, const char *name, const void *p, size_t len)
{
	uint64_t n = len;
	int i;

	(void)buf_addf(out, "%s\n", name);
	for (i = 0; i < 8; i++, n >>= 8)
		(void)buf_add_u8(out, (uint8_t)n);
	(void)buf_add(out, p, len);
	(void)buf_addc(out, '\n');
}

void
format_journal(struct buf *out, const struct entry *e)
{
	struct buf words;

	format_words(&words, e);
	journal_field(out, "MESSAGE", buf_data(&words), words.len);
	(void)buf_addf(out,
	    "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=cordon\n"
	    "CORDON_TYPE=%s\nCORDON_LOG=%s\nCORDON_SEQ=%" PRIu64
	    "\nCORDON_HASH=%s\n",
	    format_severity(e)->syslog, FACILITY, format_word(e), e->r.log,
	    e->r.seq, e->hash);
	journal_field(out, "CORDON_RECORD", e->line.p, e->line.len);
	buf_fini(&words);
}

static const struct format formats[] = {{"jsonl", NULL, NULL, NULL, add_jsonl},
    {"csv", "seq,time,log,type,call,words,hash\r\n", NULL, NULL, add_csv},
    {"cef", NULL, NULL, NULL, add_cef}, {"ocsf", NULL, NULL, NULL, ocsf_add},
    {"otlp",
	"{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":"
	"\"service.name\",\"value\":{\"stringValue\":\"cordon\"}}]},"
	"\"scopeLogs\":[{\"scope\":{\"name\":\"cordon.audit\",\"version\":"
	"\"" PACKAGE_VERSION "\"},\"logRecords\":[",
	",", "]}]}]}\n", add_otlp},
    {NULL, NULL, NULL, NULL, NULL}};

const struct format *
format_find(const char *name)
{
	const struct format *f;

	for (f = formats; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}
