/* SPDX-License-Identifier: Apache-2.0 */

/* Mcp: lines of JSON-RPC 2.0. */

#include "config.h"

#include <string.h>

#include "base/jsonw.h"
#include "json/json.h"

#include "mcp/rpc.h"

#define NO_METHOD (-32601) /* JSON-RPC's number for it */

void
rpc_read(struct rpc *r, struct bytes line)
{
	const struct json *method;
	int err;

	memset(r, 0, sizeof(*r));
	r->j = json_parse(line.p, line.len, RPC_LINE_MAX, &err);
	if (json_kind(r->j) != JSON_T_OBJECT ||
	    !json_is(r->j, "jsonrpc", "2.0"))
		return;
	method = json_member(r->j, "method");
	r->id = json_member(r->j, "id");
	if (json_kind(method) == JSON_T_STR) {
		r->method = json_str(r->j, "method");
		r->kind = r->id == NULL ? RPC_NOTICE : RPC_REQUEST;
		return;
	}
	r->result = json_member(r->j, "result");
	r->error = json_member(r->j, "error");
	if (method != NULL || json_kind(r->id) != JSON_T_INT ||
	    (r->result == NULL) == (r->error == NULL))
		return;
	r->number = json_number(r->id);
	r->kind = RPC_ANSWER;
}

void
rpc_fini(struct rpc *r)
{
	json_free(r->j);
	r->j = NULL;
}

static void
message_open(struct jsonw *w, struct buf *out)
{
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_kstr(w, "jsonrpc", "2.0");
}

static int
message_end(struct jsonw *w)
{
	jsonw_end(w);
	return buf_addc(w->out, '\n');
}

static void
add_call(struct jsonw *w, const char *method, struct bytes params)
{
	jsonw_kstr(w, "method", method);
	if (params.len == 0)
		return;
	jsonw_name(w, "params");
	jsonw_raw(w, params.p, params.len);
}

int
rpc_request(
    struct buf *out, int64_t id, const char *method, struct bytes params)
{
	struct jsonw w;

	message_open(&w, out);
	jsonw_ki64(&w, "id", id);
	add_call(&w, method, params);
	return message_end(&w);
}

int
rpc_notice(struct buf *out, const char *method, struct bytes params)
{
	struct jsonw w;

	message_open(&w, out);
	add_call(&w, method, params);
	return message_end(&w);
}

/* The id comes back as it was, and is never more than the line that it came
 * in. */
int
rpc_answer(struct buf *out, const struct rpc *request, bool known)
{
	struct jsonw w;
	struct buf id;

	buf_init(&id, RPC_LINE_MAX);
	(void)json_write(&id, request->id);
	message_open(&w, out);
	jsonw_name(&w, "id");
	jsonw_raw(&w, buf_data(&id), id.len);
	jsonw_name(&w, known ? "result" : "error");
	jsonw_object(&w);
	if (!known) {
		jsonw_ki64(&w, "code", NO_METHOD);
		jsonw_kstr(&w, "message", "this client has no such method");
	}
	jsonw_end(&w);
	buf_fini(&id);
	return message_end(&w);
}
