/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: which models the person can choose.
 *
 * All three APIs list them under base_url/models: {"data":[{"id":...}]}.
 * Where the provider does not, those of the person's price list and the one in
 * use are all that is known.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"
#include "json/json.h"
#include "model/model.h"

#define URL_MAX   4096
#define BODY_MAX  (4u << 20) /* bytes of the provider's list */
#define LIST_MAX  (1u << 20) /* bytes of ours */
#define ERROR_MAX 400        /* bytes, as MODEL_LIST has it */
#define NAMES_MAX 2000
#define WAIT_MS   10000

/* A list that is asked for. */
struct models {
	struct http_request *request; /* owned; NULL: waits for the token */
	uint32_t connect;             /* id of the CONNECT under way */
	int status;
	struct buf body;
};

static void
add_model(const struct model *m, struct buf *list, struct bytes name)
{
	char *s = xstrndup((const char *)name.p, name.len);
	const struct price *p = settings_price(&m->settings, s);

	(void)buf_adds(list, s);
	if (p != NULL)
		(void)buf_addf(list, "  $%.2f in, $%.2f out a million tokens",
		    (double)p->in / 1e6, (double)p->out / 1e6);
	if (strcmp(s, m->settings.model) == 0)
		(void)buf_adds(list, "  (in use)");
	(void)buf_addc(list, '\n');
	free(s);
}

static void
add_known(const struct model *m, struct buf *list)
{
	const struct settings *s = &m->settings;
	uint32_t i;

	if (settings_price(s, s->model) == NULL)
		add_model(m, list, bytes_of(s->model));
	for (i = 0; i < s->nprices; i++)
		add_model(m, list, bytes_of(s->prices[i].model));
}

/* A name is one word of one line. */
static bool
is_name(struct bytes name)
{
	size_t i;

	for (i = 0; i < name.len && name.p[i] > ' ' && name.p[i] != 0x7f; i++)
		;
	return i == name.len && i > 0;
}

static bool
add_listed(const struct model *m, struct buf *list, const struct buf *body)
{
	struct json *j;
	const struct json *data;
	struct bytes name;
	size_t i, n;
	int err;

	j = json_parse(buf_data(body), body->len, BODY_MAX, &err);
	data = json_member(j, "data");
	n = json_length(data);
	for (i = 0; i < n && i < NAMES_MAX; i++) {
		name = json_text(json_member(json_item(data, i), "id"));
		if (is_name(name))
			add_model(m, list, name);
	}
	json_free(j);
	return list->len > 0;
}

/* Answers, and forgets the question. */
static void
models_end(struct model *m, const char *why)
{
	struct models *ms = m->models;
	struct msg_model_list msg = {.error = bytes_of("")};
	struct buf list;

	buf_init(&list, LIST_MAX);
	if (why == NULL && ms->status != 200)
		why = "the provider does not list its models";
	if (why == NULL && !add_listed(m, &list, &ms->body))
		why = "the provider's list of models cannot be read";
	if (why != NULL) {
		add_known(m, &list);
		msg.error = bytes_of(why);
		if (msg.error.len > ERROR_MAX)
			msg.error.len = ERROR_MAX;
	}
	msg.list = fd_memfd("models", buf_data(&list), list.len);
	if (m->proc.peers[ROLE_UI] != NULL)
		(void)chan_send(
		    m->proc.peers[ROLE_UI], 0, MSG_MODEL_LIST, &msg);
	fd_close(&msg.list);
	buf_fini(&list);
	buf_fini(&ms->body);
	free(ms);
	m->models = NULL;
}

static void
on_wanted(void *arg, const char *host, uint16_t port)
{
	struct msg_connect msg = {bytes_of(host), port};
	struct model *m = arg;
	struct chan *net = m->proc.peers[ROLE_NET];

	m->models->connect = m->next_frame++;
	if (net == NULL ||
	    chan_send(net, m->models->connect, MSG_CONNECT, &msg) != 0)
		http_fail(m->models->request, "no way to connect");
}

static void
on_status(void *arg, int status, const char *content_type)
{
	struct model *m = arg;

	(void)content_type;
	m->models->status = status;
}

static int
on_body(void *arg, const void *p, size_t len)
{
	struct model *m = arg;

	return buf_add(&m->models->body, p, len);
}

static void
on_done(void *arg, int err, const char *why)
{
	models_end(arg, err == 0 ? NULL : why);
}

static const struct http_ops ops = {on_wanted, on_status, on_body, on_done};

static void
models_go(struct model *m)
{
	const struct settings *s = &m->settings;
	const char *headers[ASK_HEADERS];
	struct http_spec spec = {
	    .headers = headers, .connect_ms = WAIT_MS, .idle_ms = WAIT_MS};
	char url[URL_MAX];

	(void)ask_headers(m, headers);
	if (str_fmt(url, sizeof(url), "%s/models%s%s", s->base_url,
		*s->query == '\0' ? "" : "?", s->query) != 0) {
		models_end(m, "the address is too long");
		return;
	}
	spec.url = url;
	if (token_there(m->token))
		spec.secret = token_head(m->token, m->provider->header);
	m->models->request = http_start(m->http, &spec, &ops, m);
	token_unhead(m->token);
	if (m->models->request == NULL)
		models_end(m, "this is no address of a server");
}

int
models_on_ask(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct model *m = arg;

	(void)ch;
	(void)id;
	(void)message;
	if (m->models != NULL)
		return 0; /* one answer will do */
	m->models = xcalloc(1, sizeof(*m->models));
	buf_init(&m->models->body, BODY_MAX);
	if (!m->settings.wants_token || token_there(m->token))
		models_go(m);
	else if (m->state != TURN_TOKEN)
		turn_want_token(m, TOKEN_FIRST);
	return 0;
}

void
models_token(struct model *m)
{
	if (m->models == NULL || m->models->request != NULL)
		return;
	if (token_there(m->token))
		models_go(m);
	else
		models_end(m, "there is no token to ask the provider with");
}

bool
models_connected(struct model *m, uint32_t id, int sock)
{
	if (m->models == NULL || m->models->request == NULL || sock == -1 ||
	    m->models->connect != id)
		return false;
	m->models->connect = 0;
	http_connected(m->models->request, sock);
	return true;
}

void
models_unconnected(struct model *m, uint32_t id, const char *why)
{
	if (m->models == NULL || m->models->request == NULL ||
	    m->models->connect != id)
		return;
	m->models->connect = 0;
	http_fail(m->models->request, why);
}
