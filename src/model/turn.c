/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Model: the turn, a state machine in a table.
 *
 * A turn is a row of steps: ask, answer, call, results, ask again, until an
 * answer calls nothing.  A call goes to gate only when the answer that holds
 * it is whole, so a cut stream never executes anything; what a broken answer
 * had begun is taken out of the conversation before it is asked for again.
 */

#include "config.h"

#include <sys/random.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "json/json.h"
#include "model/model.h"
#include "model/tools.h"

#define EXIT_LATE        124 /* as timeout(1) has it */
#define BACKOFF_FIRST_MS 200
#define BACKOFF_LAST_MS  30000
#define AFTER_MAX_MS     120000 /* of a Retry-After that we obey */
#define PENDING_MAX      (64u << 20)

void
turn_fail(struct model *m, int code, bool retrying, const char *fmt, ...)
{
	struct msg_fail msg = {(uint8_t)code, retrying, bytes_of("")};
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	msg.text = bytes_of(text);
	if (m->proc.peers[ROLE_UI] != NULL)
		(void)chan_send(m->proc.peers[ROLE_UI], 0, MSG_FAIL, &msg);
	if (!retrying) {
		m->compact.wanted = m->compact.only = false;
		m->state = TURN_IDLE;
		front_turn(m, TURN_FAILED);
	}
}

/* Ends the turn; words that came meanwhile begin the next. */
static enum turn_state
turn_end(struct model *m, enum turn_phase phase)
{
	history_turn_end(m);
	m->state = TURN_IDLE;
	front_turn(m, phase);
	if (m->queued) {
		m->queued = false;
		turn_event(m, TE_PROMPT);
		return m->state;
	}
	return TURN_IDLE;
}

/* The person's words become part of the conversation. */
static int
turn_take_prompt(struct model *m)
{
	int r;

	if (m->prompt.len == 0)
		return 0;
	m->prompt.len--; /* the comma behind its last part */
	(void)buf_adds(&m->prompt, "]}");
	r = history_add_text(
	    m, (struct bytes){buf_data(&m->prompt), m->prompt.len});
	buf_clear(&m->prompt);
	m->queued = false;
	return r;
}

/* What the session may still take, or a text that says what is used up. */
static const char *
turn_over_budget(const struct model *m)
{
	const struct settings *s = &m->settings;

	if (s->budget_tokens != 0 &&
	    m->used.input + m->used.output >= s->budget_tokens)
		return "the session's token budget is used up";
	if (s->budget_microusd != 0 && settings_price(s, s->model) == NULL)
		return "the budget is in dollars, and this model has no "
		       "prices";
	if (s->budget_microusd != 0 && m->cost >= s->budget_microusd)
		return "the session's cost budget is used up";
	return NULL;
}

/* An interval of 0 means that only a 401 makes a token old. */
static bool
turn_token_fresh(const struct model *m)
{
	uint64_t interval = m->settings.refresh_ms;

	return token_there(m->token) &&
	       (interval == 0 || clock_mono_ms() - m->token_at < interval);
}

void
turn_want_token(struct model *m, enum token_reason reason)
{
	struct msg_token_wanted msg = {(uint8_t)reason};

	(void)chan_send(m->proc.main, 0, MSG_TOKEN_WANTED, &msg);
}

/* States' entries: each returns the state that follows. */

static enum turn_state
begin_step(struct model *m)
{
	const char *over = turn_over_budget(m);

	if (m->late) {
		turn_fail(m, EXIT_LATE, false, "the deadline has passed");
		return TURN_IDLE;
	}
	if (over != NULL) {
		turn_fail(m, EX_NOPERM, false, "%s", over);
		return TURN_IDLE;
	}
	m->compact.asking = compact_due(m);
	if ((m->compact.asking ? compact_ask(m) : turn_take_prompt(m)) != 0) {
		turn_fail(m, EX_DATAERR, false,
		    "the conversation cannot take this text");
		return TURN_IDLE;
	}
	if (m->settings.wants_token && !turn_token_fresh(m)) {
		turn_want_token(
		    m, token_there(m->token) ? TOKEN_STALE : TOKEN_FIRST);
		return TURN_TOKEN;
	}
	m->state = TURN_ASKING;
	ask_start(m);
	return m->state;
}

static enum turn_state
on_prompt(struct model *m)
{
	m->turn++;
	m->tries = m->rejected = 0;
	m->unreached = 0;
	front_turn(m, TURN_STARTED);
	return begin_step(m);
}

static enum turn_state
on_no_token(struct model *m)
{
	(void)m; /* TOKEN's handler has said why */
	return TURN_IDLE;
}

/* Sends the calls of a whole answer, in their order. */
static void
turn_send_calls(struct model *m)
{
	const struct json *item;
	struct json *items;
	struct buf out;
	size_t i;
	int err;

	(void)buf_addc(&m->pending, ']');
	items = json_parse(
	    buf_data(&m->pending), m->pending.len, PENDING_MAX, &err);
	buf_init(&out, 1u << 20);
	for (i = 0; i < m->ncalls; i++) {
		item = json_item(items, i);
		buf_clear(&out);
		if (toolcall_send(m, m->calls[i].id, item, &out) ==
		    TOOLCALL_ANSWER)
			results_answer(m, &m->calls[i],
			    (struct bytes){buf_data(&out), out.len});
	}
	buf_fini(&out);
	json_free(items);
	buf_clear(&m->pending);
}

static enum turn_state
on_results(struct model *m)
{
	if (results_flush(m) != 0) {
		turn_fail(m, EX_SOFTWARE, false,
		    "the conversation is over its limit");
		return TURN_IDLE;
	}
	return begin_step(m);
}

/* By hand, without a prompt. */
static enum turn_state
on_compact(struct model *m)
{
	m->compact.wanted = m->compact.only = true;
	return on_prompt(m);
}

static enum turn_state
on_compact_later(struct model *m)
{
	m->compact.wanted = true;
	return m->state;
}

static enum turn_state
on_summary(struct model *m)
{
	bool only = m->compact.only && !m->queued;

	m->compact.only = false;
	if (compact_done(m) != 0) {
		turn_fail(m, EX_DATAERR, false, "the model gave no summary");
		return TURN_IDLE;
	}
	m->item_base += 1000;
	return only ? turn_end(m, TURN_COMPLETED) : begin_step(m);
}

static enum turn_state
on_answer(struct model *m)
{
	m->tries = m->rejected = 0;
	if (m->compact.asking)
		return on_summary(m);
	notes_release(m);
	m->item_base += 1000; /* items of the next answer have other numbers */
	if (m->ncalls == 0) {
		/* Steered: the turn goes on with new words. */
		if (m->queued || m->reply.paused)
			return begin_step(m);
		return turn_end(m, TURN_COMPLETED);
	}
	m->state = TURN_CALLING;
	turn_send_calls(m);
	if (results_whole(m))
		return on_results(m);
	return TURN_CALLING;
}

/* Takes back what an answer that broke off had added. */
static void
turn_take_back(struct model *m)
{
	history_drop(m);
	results_clear(m);
	buf_clear(&m->pending);
	m->item_base += 1000;
}

/* Exponential, capped, with up to a tenth more or less. */
static uint64_t
turn_backoff(const struct model *m)
{
	uint64_t ms = BACKOFF_FIRST_MS, jitter = 0;
	uint32_t i;

	if (m->reply.after_ms > 0)
		return m->reply.after_ms < AFTER_MAX_MS ? m->reply.after_ms
							: AFTER_MAX_MS;
	for (i = 1; i < m->tries && ms < BACKOFF_LAST_MS; i++)
		ms *= 2;
	if (ms > BACKOFF_LAST_MS)
		ms = BACKOFF_LAST_MS;
	(void)!getrandom(&jitter, sizeof(jitter), GRND_NONBLOCK);
	return ms - ms / 10 + jitter % (ms / 5 + 1);
}

static void
turn_timer(void *arg)
{
	struct model *m = arg;

	m->timer = 0;
	turn_event(m, TE_TIMER);
}

static enum turn_state
on_broken(struct model *m)
{
	uint32_t max = m->stream ? m->settings.stream_retries
				 : m->settings.request_retries;
	bool unreached = m->status == 0;
	bool late = m->unreached != 0 &&
		    clock_mono_ms() - m->unreached >= m->settings.connect_ms;

	turn_take_back(m);
	if (late || m->tries++ >= max) {
		turn_fail(m,
		    unreached || m->reply.end == REPLY_BROKEN ? EX_UNAVAILABLE
							      : EX_TEMPFAIL,
		    false, "%s", m->reply.why);
		return TURN_IDLE;
	}
	turn_fail(m, EX_TEMPFAIL, true, "Reconnecting... %u/%u (%s)", m->tries,
	    max, m->reply.why);
	m->timer = loop_timer(m->proc.loop, turn_backoff(m), turn_timer, m);
	return TURN_WAITING;
}

/* 401: one new token, one more try; a second 401 is final. */
static enum turn_state
on_denied(struct model *m)
{
	turn_take_back(m);
	if (m->settings.wants_token && m->rejected++ == 0) {
		turn_want_token(m, TOKEN_REJECTED);
		return TURN_TOKEN;
	}
	turn_fail(m, EX_NOPERM, false,
	    "the provider refused the token (401): %s",
	    m->reply.why[0] != '\0' ? m->reply.why
				    : "sign in again or check the key");
	return TURN_IDLE;
}

static enum turn_state
on_failed(struct model *m)
{
	int code = m->reply.end == REPLY_DENIED ? EX_NOPERM : EX_DATAERR;

	turn_take_back(m);
	turn_fail(m, code, false, "%s", m->reply.why);
	return TURN_IDLE;
}

/* The turn stops where it is; gate hears of it from the front itself. */
static enum turn_state
on_cancel(struct model *m)
{
	size_t i;

	loop_timer_del(m->proc.loop, m->timer);
	if (m->state == TURN_ASKING) {
		ask_stop(m);
		turn_take_back(m);
	}
	for (i = 0; i < m->ncalls; i++)
		if (!m->calls[i].answered)
			results_answer(
			    m, &m->calls[i], bytes_of("aborted by user"));
	(void)results_flush(m);
	m->compact.wanted = m->compact.only = false;
	return turn_end(m, TURN_CUT);
}

static enum turn_state
again(struct model *m)
{
	return begin_step(m);
}

typedef enum turn_state turn_fn(struct model *m);

/* What an event does in a state; where nothing stands it does nothing: it
 * came too late. */
static turn_fn *const table[TURN_STATES][TURN_EVENTS] = {
    [TURN_IDLE] = {[TE_PROMPT] = on_prompt, [TE_COMPACT] = on_compact},
    [TURN_TOKEN] = {[TE_TOKEN] = again,
	[TE_NO_TOKEN] = on_no_token,
	[TE_COMPACT] = on_compact_later,
	[TE_CANCEL] = on_cancel},
    [TURN_ASKING] = {[TE_ANSWER] = on_answer,
	[TE_BROKEN] = on_broken,
	[TE_DENIED] = on_denied,
	[TE_FAILED] = on_failed,
	[TE_COMPACT] = on_compact_later,
	[TE_CANCEL] = on_cancel},
    [TURN_CALLING] = {[TE_RESULTS] = on_results,
	[TE_COMPACT] = on_compact_later,
	[TE_CANCEL] = on_cancel},
    [TURN_WAITING] = {[TE_TIMER] = again,
	[TE_COMPACT] = on_compact_later,
	[TE_CANCEL] = on_cancel},
};

void
turn_event(struct model *m, enum turn_event ev)
{
	turn_fn *fn = table[m->state][ev];

	if (fn != NULL)
		m->state = fn(m);
}

static void
turn_out_of_time(void *arg)
{
	struct model *m = arg;

	m->deadline = 0;
	m->late = true;
	if (m->state == TURN_IDLE)
		return;
	ask_stop(m);
	loop_timer_del(m->proc.loop, m->timer);
	turn_fail(m, EXIT_LATE, false, "the deadline has passed");
}

void
turn_deadline(struct model *m)
{
	if (m->settings.budget_ms > 0)
		m->deadline = loop_timer(
		    m->proc.loop, m->settings.budget_ms, turn_out_of_time, m);
}
