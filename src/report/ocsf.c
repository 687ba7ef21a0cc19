/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: records as events of the Open Cybersecurity Schema Framework.
 *
 * A command's beginning and end are process activity, a connection is network
 * activity, and both have what their class requires; all others are base
 * events.  The record itself travels in "unmapped", whatever the class.
 */

#include "config.h"

#include <arpa/inet.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "report/format.h"
#include "report/ocsf.h"

#define SCHEMA "1.3.0"

enum activity { LAUNCH = 1, TERMINATE = 2, OPEN = 1, REFUSE = 5, OTHER = 99 };
enum status { SUCCESS = 1, FAILURE = 2 };

/* Who did it, where, and to which process: a call is one of a log. */
static void
add_process(struct jsonw *w, const struct entry *e)
{
	char host[256] = "localhost", uid[RECORD_ID_SIZE + 24];
	struct buf line;

	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(uid, sizeof(uid), "%s:%" PRId64, e->r.log,
	    json_number(json_member(e->data, "call")));
	jsonw_name(w, "actor");
	jsonw_object(w);
	jsonw_kstr(w, "app_name", "cordon");
	jsonw_name(w, "session");
	jsonw_object(w);
	jsonw_kstr(w, "uid", e->r.log);
	jsonw_end(w);
	jsonw_end(w);
	jsonw_name(w, "device");
	jsonw_object(w);
	jsonw_kstr(w, "hostname", host);
	jsonw_ku64(w, "type_id", 0); /* unknown */
	jsonw_end(w);
	jsonw_name(w, "process");
	jsonw_object(w);
	jsonw_kstr(w, "uid", uid);
	buf_init(&line, RECORD_DATA_MAX);
	entry_items(&line, e->data, "", "argv");
	if (line.len > 0)
		jsonw_kstrn(
		    w, "cmd_line", (struct bytes){buf_data(&line), line.len});
	buf_fini(&line);
	jsonw_end(w);
}

static void
add_result(struct jsonw *w, const struct entry *e)
{
	int code = entry_exit_code(e->data);

	add_process(w, e);
	if (code >= 0)
		jsonw_ku64(w, "exit_code", (uint64_t)code);
	else
		jsonw_kstr(w, "status_detail", json_str(e->data, "how"));
	jsonw_ku64(w, "status_id", code == 0 ? SUCCESS : FAILURE);
}

static void
add_connection(struct jsonw *w, const struct entry *e)
{
	const char *host = json_str(e->data, "host");
	struct in6_addr in;
	bool ip = inet_pton(AF_INET, host, &in) == 1 ||
		  inet_pton(AF_INET6, host, &in) == 1;

	jsonw_name(w, "dst_endpoint");
	jsonw_object(w);
	jsonw_kstr(w, ip ? "ip" : "hostname", host);
	jsonw_ki64(w, "port", json_number(json_member(e->data, "port")));
	jsonw_end(w);
}

static void
add_other(struct jsonw *w, const struct entry *e)
{
	jsonw_kstr(w, "activity_name", format_word(e));
}

/* The class of a record, and what it has beside that of all events. */
struct class {
	uint64_t category, uid, activity;
	void (*more)(struct jsonw *w, const struct entry *e);
};

static const struct class *
class_of(const struct entry *e)
{
	static const struct class other = {0, 0, OTHER, add_other};
	static const struct class launch = {1, 1007, LAUNCH, add_process};
	static const struct class end = {1, 1007, TERMINATE, add_result};
	static const struct class open = {4, 4001, OPEN, add_connection};
	static const struct class refuse = {4, 4001, REFUSE, add_connection};

	if (e->damaged || e->data == NULL)
		return &other;
	if (e->r.type == AUDIT_INTENT)
		return &launch;
	if (e->r.type == AUDIT_RESULT)
		return &end;
	if (e->r.type == AUDIT_CONNECT)
		return json_is(e->data, "verdict", "allow") ? &open : &refuse;
	return &other;
}

static void
add_metadata(struct jsonw *w, const struct entry *e)
{
	jsonw_name(w, "metadata");
	jsonw_object(w);
	jsonw_kstr(w, "version", SCHEMA);
	jsonw_kstr(w, "log_name", "cordon-audit");
	jsonw_kstr(w, "uid", e->hash);
	jsonw_kstr(w, "correlation_uid", e->r.log);
	jsonw_ku64(w, "sequence", e->r.seq);
	jsonw_kstr(w, "original_time", e->r.time);
	jsonw_name(w, "product");
	jsonw_object(w);
	jsonw_kstr(w, "name", "cordon");
	jsonw_kstr(w, "vendor_name", "Cordon");
	jsonw_kstr(w, "version", PACKAGE_VERSION);
	jsonw_end(w);
	jsonw_end(w);
}

void
ocsf_add(struct buf *out, const struct entry *e)
{
	const struct class *c = class_of(e);
	struct buf words;
	struct jsonw w;

	format_words(&words, e);
	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_ku64(&w, "time", format_time_ns(e) / 1000000);
	jsonw_ku64(&w, "category_uid", c->category);
	jsonw_ku64(&w, "class_uid", c->uid);
	jsonw_ku64(&w, "activity_id", c->activity);
	jsonw_ku64(&w, "type_uid", 100 * c->uid + c->activity);
	jsonw_ku64(&w, "severity_id", (uint64_t)format_severity(e)->ocsf);
	jsonw_kstrn(&w, "message", (struct bytes){buf_data(&words), words.len});
	add_metadata(&w, e);
	c->more(&w, e);
	jsonw_name(&w, "unmapped");
	jsonw_object(&w);
	jsonw_kstr(&w, "type", format_word(e));
	if (e->data != NULL) {
		jsonw_name(&w, "data");
		jsonw_raw(&w, e->r.data.p, e->r.data.len);
	}
	jsonw_end(&w);
	jsonw_end(&w);
	(void)buf_addc(out, '\n');
	buf_fini(&words);
}
