/* SPDX-License-Identifier: Apache-2.0 */

/* Model: what the person says, and what the person is shown. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/xmem.h"
#include "json/json.h"
#include "model/model.h"

#define PROMPT_MAX  (64u << 20)
#define BRANCH_MAX  400   /* bytes; as PLACE has it */
#define PLACE_PATHS 64    /* as PLACE has it */
#define DELTA_MAX   32768 /* bytes of one TEXT or REASON */
#define ITEM_INLINE 32768 /* bytes; beyond, the text goes as a memfd */

static void
front_send(struct model *m, enum msg_type type, const void *msg)
{
	if (m->proc.peers[ROLE_UI] != NULL)
		(void)chan_send(m->proc.peers[ROLE_UI], 0, type, msg);
}

void
front_turn(struct model *m, enum turn_phase phase)
{
	struct msg_turn msg = {(uint8_t)phase, m->turn};

	front_send(m, MSG_TURN, &msg);
}

uint64_t
front_cost(const struct model *m, const struct usage *used)
{
	const struct price *p = settings_price(&m->settings, m->settings.model);
	uint64_t fresh =
	    used->input > used->cached ? used->input - used->cached : 0;

	if (p == NULL)
		return 0;
	return fresh * p->in / 1000000 + used->cached * p->cached / 1000000 +
	       used->output * p->out / 1000000;
}

void
front_usage(struct model *m)
{
	struct msg_usage msg = {m->used.input, m->used.cached,
	    m->used.cache_write, m->used.output, m->used.reasoning,
	    m->settings.window, m->window_used, m->cost};

	front_send(m, MSG_USAGE, &msg);
}

/* The paths of a list of CONTEXT. */
static struct msg_list
place_paths(const struct json *list, struct bytes *paths)
{
	size_t i, n = json_length(list);

	for (i = 0; i < n && i < PLACE_PATHS; i++)
		paths[i] = bytes_of(json_str(json_item(list, i), "path"));
	return (struct msg_list){(uint32_t)i, paths};
}

void
front_place(struct model *m, const struct json *facts)
{
	struct bytes given[PLACE_PATHS], cut[PLACE_PATHS];
	struct msg_place msg = {
	    .branch = bytes_of(json_str(json_member(facts, "git"), "branch"))};

	if (msg.branch.len > BRANCH_MAX)
		msg.branch.len = 0;
	if (!m->settings.resume) {
		msg.documents =
		    place_paths(json_member(facts, "documents"), given);
		msg.cut = place_paths(json_member(facts, "cut"), cut);
	}
	front_send(m, MSG_PLACE, &msg);
}

void
front_item(
    struct model *m, uint32_t item, enum item_kind kind, struct bytes text)
{
	struct msg_item msg = {item, (uint8_t)kind, text, -1};

	front_flush(m);
	if (text.len > ITEM_INLINE) {
		msg.text = bytes_of("");
		msg.whole = fd_memfd("item", text.p, text.len);
	}
	front_send(m, MSG_ITEM, &msg);
	fd_close(&msg.whole);
}

void
front_delta(
    struct model *m, enum msg_type type, uint32_t item, struct bytes delta)
{
	size_t n;

	if (m->delta.type != type || m->delta.item != item)
		front_flush(m);
	m->delta.type = type;
	m->delta.item = item;
	for (; delta.len > 0; delta.p += n, delta.len -= n) {
		n = DELTA_MAX - m->delta.text.len;
		if (n > delta.len)
			n = delta.len;
		(void)buf_add(&m->delta.text, delta.p, n);
		if (m->delta.text.len == DELTA_MAX)
			front_flush(m);
	}
}

void
front_flush(struct model *m)
{
	struct bytes text = {buf_data(&m->delta.text), m->delta.text.len};
	struct msg_reason reason = {m->delta.item, text};
	struct msg_text words = {m->delta.item, text};

	if (text.len > 0)
		front_send(m, m->delta.type,
		    m->delta.type == MSG_TEXT ? (void *)&words
					      : (void *)&reason);
	buf_clear(&m->delta.text);
}

/* The person's item stays open until the next step takes it: what is said
 * meanwhile is a further part of it. */
static void
prompt_open(struct buf *b)
{
	if (b->len > 0)
		return;
	(void)buf_adds(
	    b, "{\"type\":\"message\",\"role\":\"user\",\"content\":[");
}

static int
on_image(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct msg_image *msg = message;
	struct model *m = arg;
	struct buf data;

	(void)ch;
	(void)id;
	buf_init(&data, PROMPT_MAX);
	if (fd_read_memfd(msg->data, &data) == 0) {
		prompt_open(&m->prompt);
		(void)buf_adds(&m->prompt,
		    "{\"type\":\"input_image\",\"detail\":\"auto\","
		    "\"image_url\":\"data:");
		(void)jsonw_escape(&m->prompt, msg->mime.p, msg->mime.len);
		(void)buf_adds(&m->prompt, ";base64,");
		(void)jsonw_b64(&m->prompt, buf_data(&data), data.len);
		(void)buf_adds(&m->prompt, "\"},");
	}
	buf_fini(&data);
	fd_close(&msg->data);
	return 0;
}

/* Text of a sealed memfd as the rest of the item. */
static int
prompt_text(struct model *m, int fd)
{
	struct buf text;
	int r;

	buf_init(&text, PROMPT_MAX);
	r = fd_read_memfd(fd, &text);
	if (r == 0) {
		prompt_open(&m->prompt);
		(void)buf_adds(
		    &m->prompt, "{\"type\":\"input_text\",\"text\":\"");
		(void)jsonw_escape(&m->prompt, buf_data(&text), text.len);
		(void)buf_adds(&m->prompt, "\"},");
		r = buf_err(&m->prompt);
	}
	buf_fini(&text);
	return r;
}

static int
on_prompt(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct msg_prompt *msg = message;
	struct model *m = arg;
	int r;

	(void)ch;
	(void)id;
	r = msg->text == -1 ? ERR_FD : prompt_text(m, msg->text);
	fd_close(&msg->text);
	if (r != 0)
		return r;
	if (m->context && m->state == TURN_IDLE)
		turn_event(m, TE_PROMPT);
	else
		m->queued = true;
	return 0;
}

static int
on_steer(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct msg_steer *msg = message;
	struct msg_prompt prompt = {msg->text, 0};

	/* Words for a running turn wait for its next step. */
	return on_prompt(arg, ch, id, &prompt);
}

static int
on_interrupt(void *arg, struct chan *ch, uint32_t id, void *message)
{
	(void)ch;
	(void)id;
	(void)message;
	turn_event(arg, TE_CANCEL);
	return 0;
}

static int
on_compact(void *arg, struct chan *ch, uint32_t id, void *message)
{
	struct model *m = arg;

	(void)ch;
	(void)id;
	(void)message;
	if (m->history.len > m->opening.len)
		turn_event(m, TE_COMPACT);
	return 0;
}

static int
on_reply(void *arg, struct chan *ch, uint32_t id, void *message)
{
	const struct msg_reply *msg = message;
	struct model *m = arg;
	struct model_call *c = results_find(m, id);

	(void)ch;
	if (c == NULL || c->questions == 0 || c->answered)
		return 0;
	(void)buf_addf(&c->replies, "%.*s: %.*s\n", (int)msg->id.len,
	    (const char *)msg->id.p, (int)msg->answer.len,
	    (const char *)msg->answer.p);
	if (--c->questions > 0)
		return 0;
	results_answer(
	    m, c, (struct bytes){buf_data(&c->replies), c->replies.len});
	if (m->state == TURN_CALLING && results_whole(m))
		turn_event(m, TE_RESULTS);
	return 0;
}

static int
on_setting(void *arg, struct chan *ch, uint32_t id, void *message)
{
	const struct msg_setting *msg = message;
	struct model *m = arg;

	(void)ch;
	(void)id;
	/* Of the session only what changes how the model answers. */
	if (bytes_is(msg->key, "model") ||
	    bytes_is(msg->key, "model_reasoning_effort") ||
	    bytes_is(msg->key, "model_reasoning_summary") ||
	    bytes_is(msg->key, "model_verbosity"))
		(void)settings_set(&m->settings, msg->key, msg->value);
	return 0;
}

const struct chan_handler model_from_front[] = {{MSG_PROMPT, on_prompt},
    {MSG_IMAGE, on_image}, {MSG_STEER, on_steer}, {MSG_INTERRUPT, on_interrupt},
    {MSG_COMPACT, on_compact}, {MSG_REPLY, on_reply}, {MSG_SETTING, on_setting},
    {MSG_MODELS, models_on_ask}, {0, NULL}};
