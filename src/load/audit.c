/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of cordon-load: what was once asked for, from an audit log, as CONF
 * frames: the workspace, and of each call its line or its arguments, the
 * paths that it named, and "end".  Decisions are not looked at, nor is the
 * chain: for that is cordon audit verify.
 */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "json/json.h"
#include "load/load.h"

#define AUDIT_LINE_MAX (1u << 20)

static int
audit_emit(struct load *l, const char *key, const struct json *value)
{
	struct msg_conf m = {.key = bytes_of(key), .value = json_text(value)};

	/* What is no text, or too long, was not what a rule speaks of. */
	if (m.value.len > 0 && m.value.len <= LOAD_VALUE_MAX &&
	    memchr(m.value.p, '\0', m.value.len) == NULL)
		return load_send(l, MSG_CONF, &m);
	return 0;
}

static int
audit_list(struct load *l, const struct json *data, const char *key)
{
	const struct json *list = json_member(data, key);
	size_t i;
	int r = 0;

	if (list == NULL || json_kind(list) != JSON_T_ARRAY)
		return 0;
	for (i = 0; r == 0 && i < json_length(list); i++)
		r = audit_emit(l, key, json_item(list, i));
	return r;
}

static int
audit_call(struct load *l, const struct json *data)
{
	static const struct msg_conf end = {.key = {(const uint8_t *)"end", 3}};
	int r = audit_emit(l, "line", json_member(data, "line"));

	if (r == 0)
		r = audit_list(l, data, "argv");
	if (r == 0)
		r = audit_list(l, data, "reads");
	if (r == 0)
		r = audit_list(l, data, "writes");
	return r == 0 ? load_send(l, MSG_CONF, &end) : r;
}

static int
audit_record(struct load *l, const struct load_source *src, struct bytes line,
    unsigned number)
{
	struct json *j;
	const struct json *data;
	int r;

	j = json_parse(line.p, line.len, AUDIT_LINE_MAX, &r);
	if (j == NULL)
		return load_fail(l, "%s:%u: is no record: %s", src->name,
		    number, err_str(r));
	data = json_member(j, "data");
	r = 0;
	if (json_is(j, "type", "open"))
		r = audit_emit(l, "workspace", json_member(data, "cwd"));
	else if (json_is(j, "type", "call"))
		r = audit_call(l, data);
	json_free(j);
	return r;
}

static int
audit_read(struct load *l, const struct load_source *src)
{
	struct bytes rest = src->text, line;
	unsigned number = 0;
	int r = 0;

	while (r == 0 && bytes_line(&rest, &line)) {
		number++;
		if (line.len > 0)
			r = audit_record(l, src, line, number);
	}
	return r;
}

const struct load_kind load_audit = {"audit", LOAD_LOG_MAX, audit_read};
