/* SPDX-License-Identifier: Apache-2.0 */

/* Model: what became of its calls. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "base/xmem.h"
#include "json/json.h"
#include "model/model.h"
#include "proto/msg.h"

#define RESULT_MAX (32u << 20) /* bytes of one call's output */

struct model_call *
results_find(struct model *m, uint32_t id)
{
	size_t i;

	for (i = 0; i < m->ncalls; i++)
		if (m->calls[i].id == id)
			return &m->calls[i];
	return NULL;
}

void
results_clear(struct model *m)
{
	size_t i;

	for (i = 0; i < m->ncalls; i++) {
		free(m->calls[i].call_id);
		buf_fini(&m->calls[i].output);
		buf_fini(&m->calls[i].replies);
	}
	m->ncalls = 0;
}

bool
results_whole(const struct model *m)
{
	size_t i;

	for (i = 0; i < m->ncalls; i++)
		if (!m->calls[i].answered)
			return false;
	return true;
}

/* A NUL is valid in JSON, but no reader that we know of takes it: what a
 * command prints must not make the whole conversation unreadable. */
void
results_answer(struct model *m, struct model_call *c, struct bytes text)
{
	const uint8_t *nul;
	size_t n;

	(void)m;
	buf_clear(&c->output);
	(void)buf_addc(&c->output, '"');
	while (text.len > 0) {
		nul = memchr(text.p, '\0', text.len);
		n = nul == NULL ? text.len : (size_t)(nul - text.p);
		(void)jsonw_escape(&c->output, text.p, n);
		if (nul != NULL) {
			(void)buf_adds(&c->output, "\xEF\xBF\xBD");
			n++;
		}
		text.p += n;
		text.len -= n;
	}
	(void)buf_addc(&c->output, '"');
	c->answered = true;
}

/* The types that gate's own tool tells apart; anything else stays text. */
static const char *const image_types[] = {
    "image/png", "image/jpeg", "image/gif", "image/webp"};

static const char *
results_image_type(struct bytes mime)
{
	size_t i;

	for (i = 0; i < sizeof(image_types) / sizeof(image_types[0]); i++)
		if (bytes_is(mime, image_types[i]))
			return image_types[i];
	return NULL;
}

/* An image, as a part of the output: a data URL. */
static void
results_image(struct model_call *c, const char *type, struct bytes data)
{
	buf_clear(&c->output);
	(void)buf_addf(&c->output,
	    "[{\"type\":\"input_image\",\"detail\":\"auto\","
	    "\"image_url\":\"data:%s;base64,",
	    type);
	(void)jsonw_b64(&c->output, data.p, data.len);
	(void)buf_adds(&c->output, "\"}]");
	c->answered = true;
}

int
results_flush(struct model *m)
{
	struct jsonw w;
	struct buf b;
	size_t i;
	int r = 0;

	buf_init(&b, RESULT_MAX + 4096);
	for (i = 0; r == 0 && i < m->ncalls; i++) {
		struct model_call *c = &m->calls[i];

		buf_clear(&b);
		jsonw_init(&w, &b);
		jsonw_object(&w);
		jsonw_kstr(&w, "type",
		    c->custom ? "custom_tool_call_output"
			      : "function_call_output");
		jsonw_kstr(&w, "call_id", c->call_id);
		jsonw_name(&w, "output");
		jsonw_raw(&w, buf_data(&c->output), c->output.len);
		jsonw_end(&w);
		r = buf_err(&b);
		if (r == 0)
			r = history_add_text(
			    m, (struct bytes){buf_data(&b), b.len});
	}
	buf_fini(&b);
	results_clear(m);
	return r;
}

static void
results_set(struct model *m, struct model_call *c, const struct msg_result *msg)
{
	struct bytes text = msg->text;
	struct buf whole;

	buf_init(&whole, RESULT_MAX);
	if (msg->whole != -1) {
		if (fd_read_memfd(msg->whole, &whole) != 0)
			text = bytes_of("the output could not be read");
		else
			text = (struct bytes){buf_data(&whole), whole.len};
	}
	if (results_image_type(msg->mime) != NULL)
		results_image(c, results_image_type(msg->mime), text);
	else
		results_answer(m, c, text);
	buf_fini(&whole);
}

static int
on_result(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct msg_result *msg = message;
	struct model *m = arg;
	struct model_call *c = results_find(m, id);

	(void)ch;
	if (c != NULL && !c->answered)
		results_set(m, c, msg);
	fd_close(&msg->whole);
	if (c != NULL && m->state == TURN_CALLING && results_whole(m))
		turn_event(m, TE_RESULTS);
	return 0;
}

static int
on_context(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct msg_context *msg = message;
	struct model *m = arg;
	int r;

	(void)ch;
	(void)id;
	if (m->context)
		return ERR_STATE;
	r = history_begin(m, msg);
	fd_close(&msg->documents);
	if (r != 0)
		return r;
	m->context = true;
	if (m->queued)
		turn_event(m, TE_PROMPT);
	m->queued = false;
	return 0;
}

static int
on_offer(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct model *m = arg;

	(void)ch;
	(void)id;
	return m->context ? ERR_STATE : tools_offer(&m->offers, message);
}

const struct chan_handler model_from_gate[] = {{MSG_RESULT, on_result},
    {MSG_OFFER, on_offer}, {MSG_CONTEXT, on_context}, {0, NULL}};

void
results_resume(struct model *m, const struct json *item)
{
	const char *type = json_str(item, "type");
	const char *id = json_str(item, "call_id");
	struct model_call *c;
	size_t i;

	if (str_ends(type, "_call_output")) {
		for (i = 0; i < m->ncalls; i++)
			if (strcmp(m->calls[i].call_id, id) == 0)
				break;
		if (i == m->ncalls)
			return;
		c = &m->calls[i];
		free(c->call_id);
		buf_fini(&c->output);
		buf_fini(&c->replies);
		*c = m->calls[--m->ncalls];
	} else if (*id != '\0' && str_ends(type, "_call") &&
		   m->ncalls < MODEL_CALLS_MAX) {
		c = &m->calls[m->ncalls++];
		*c = (struct model_call){.call_id = xstrdup(id),
		    .custom = strcmp(type, "custom_tool_call") == 0};
		buf_init(&c->output, RESULT_MAX);
		buf_init(&c->replies, RESULT_MAX);
	}
}

int
results_resume_end(struct model *m)
{
	size_t i;

	for (i = 0; i < m->ncalls; i++)
		results_answer(m, &m->calls[i],
		    bytes_of("the session ended before this call did; what it "
			     "was to do may be done in part"));
	return results_flush(m);
}
