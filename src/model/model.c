/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process: the model client.
 *
 * It reads the most hostile bytes of all, so it has the least: no file, no
 * socket of its own, nothing to execute, and of the person only the token.
 * What it wants done it asks of gate.
 */

#include "config.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "json/json.h"
#include "model/model.h"
#include "sandbox/confine.h"

#define MODEL_FD_RESUME FD_EXTRA       /* a transcript to go on with */
#define MODEL_FD_SCHEMA (FD_EXTRA + 1) /* JSON schema of the answer */
#define SCHEMA_MAX      (1u << 20)
#define HEAD_MAX        (4u << 20)
/* Bytes of what has pages of its own: it grows without being copied and goes
 * back to the kernel when it is free, however long answers become. */
#define LARGE (1 << 18)

static struct model model;

static int
model_conf(void *arg, const struct msg_conf *msg)
{
	struct model *m = arg;

	return settings_set(&m->settings, msg->key, msg->value);
}

/* What the request will hold as it is must be whole. */
static bool
read_schema(struct model *m)
{
	struct json *j;
	bool good;
	int err;

	if (fd_read_memfd(MODEL_FD_SCHEMA, &m->schema) != 0)
		return false;
	j = json_parse(buf_data(&m->schema), m->schema.len, SCHEMA_MAX, &err);
	good = json_kind(j) == JSON_T_OBJECT;
	json_free(j);
	return good;
}

/* The front says why, and ends the session; there is nothing to ask. */
static int
model_give_up(struct model *m, int code, const char *why)
{
	turn_fail(m, code, false, "%s", why);
	proc_stop(&m->proc, 0);
	return ERR_FORMAT;
}

static int
model_start(void *arg)
{
	const struct price *price;
	struct model *m = arg;
	char why[256];

	m->provider = provider_find(m->settings.wire_api);
	if (m->provider == NULL) {
		log_error("wire_api %s is not known", m->settings.wire_api);
		return ERR_UNSUPP;
	}
	if (*m->settings.model == '\0') {
		log_error("no model is configured: set model, or give -m");
		return ERR_NOENT;
	}
	price = settings_price(&m->settings, m->settings.model);
	if (m->settings.budget_microusd != 0 &&
	    (price == NULL || (price->in == 0 && price->out == 0))) {
		(void)snprintf(why, sizeof(why),
		    "a budget in dollars needs the model's prices: set "
		    "model_prices.\"%s\".input and output",
		    m->settings.model);
		return model_give_up(m, EX_CONFIG, why);
	}
	if (fcntl(MODEL_FD_SCHEMA, F_GETFD) != -1 && !read_schema(m))
		return model_give_up(m, EX_DATAERR,
		    "the output schema is no JSON object; mend its file");
	if (m->settings.resume &&
	    history_resume(m, MODEL_FD_RESUME, why, sizeof(why)) != 0)
		return model_give_up(m, EX_DATAERR, why);
	turn_deadline(m);
	return 0;
}

/* The socket that curl asked for. */
static int
on_socket(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct msg_socket *msg = message;
	struct model *m = arg;

	(void)ch;
	if (m->request != NULL && m->connect == id && msg->sock != -1) {
		m->connect = 0;
		http_connected(m->request, msg->sock);
	} else if (!models_connected(m, id, msg->sock))
		fd_close(&msg->sock);
	return 0;
}

static int
on_netfail(void *arg, struct chan *ch, uint32_t id, void *message)
{
	const struct msg_netfail *msg = message;
	struct model *m = arg;
	char why[256];

	(void)ch;
	(void)snprintf(why, sizeof(why), "%.*s", (int)msg->text.len,
	    (const char *)msg->text.p);
	models_unconnected(m, id, why);
	if (m->request == NULL || m->connect != id)
		return 0;
	m->connect = 0;
	http_fail(m->request, why);
	return 0;
}

static const struct chan_handler from_net[] = {
    {MSG_SOCKET, on_socket}, {MSG_NETFAIL, on_netfail}, {0, NULL}};
static const struct chan_handler from_audit[] = {{0, NULL}};

static int
on_token(void *arg, struct chan *ch, uint32_t id, void *message)
{
	const struct msg_token *msg = message;
	struct model *m = arg;

	(void)ch;
	(void)id;
	if (msg->error.len == 0 && token_set(m->token, msg->token) == 0) {
		m->token_at = clock_mono_ms();
		m->account[0] = '\0';
		if (msg->account.len > 0)
			(void)snprintf(m->account, sizeof(m->account),
			    "ChatGPT-Account-ID: %.*s", (int)msg->account.len,
			    (const char *)msg->account.p);
		models_token(m);
		turn_event(m, TE_TOKEN);
		return 0;
	}
	models_token(m);
	if (m->state != TURN_TOKEN)
		return 0;
	if (msg->error.len > 0)
		turn_fail(m, EX_NOPERM, false, "%.*s", (int)msg->error.len,
		    (const char *)msg->error.p);
	else
		turn_fail(
		    m, EX_NOPERM, false, "the token cannot stand in a header");
	turn_event(m, TE_NO_TOKEN);
	return 0;
}

static const struct chan_handler from_main[] = {
    {MSG_TOKEN, on_token}, {0, NULL}};

static const struct proc_peer peers[] = {{ROLE_UI, model_from_front, true},
    {ROLE_GATE, model_from_gate, false}, {ROLE_NET, from_net, false},
    {ROLE_AUDIT, from_audit, true}, {ROLE_COUNT, NULL, false}};

static const struct proc_ops ops = {.conf = model_conf,
    .start = model_start,
    .peers = peers,
    .main = from_main};

int
main(void)
{
	int code;

	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	proc_init(&model.proc, ROLE_MODEL, &ops, &model);
	tzset(); /* reads a file, once */
	settings_init(&model.settings);
	buf_init(&model.history, HISTORY_MAX);
	buf_init(&model.opening, HISTORY_MAX);
	buf_init(&model.compact.wish, HEAD_MAX);
	buf_init(&model.compact.text, HISTORY_MAX);
	buf_init(&model.head, HEAD_MAX);
	buf_init(&model.tail, HEAD_MAX);
	buf_init(&model.tools, HEAD_MAX);
	buf_init(&model.schema, SCHEMA_MAX);
	buf_init(&model.body, HEAD_MAX);
	buf_init(&model.delta.text, HEAD_MAX);
	buf_init(&model.pending, HISTORY_MAX);
	buf_init(&model.prompt, HISTORY_MAX);
	model.next_frame = 1;
	model.token = token_new();
	model.http = http_new(model.proc.loop);
	confine_role_or_die("model", NULL);
	code = proc_run(&model.proc);
	token_free(model.token);
	return code;
}
