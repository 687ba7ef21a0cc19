/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: the life of a call.
 *
 * The table below is all of it.  The one rule that everything rests on:
 * nothing leads to cell_spawn but the acknowledgement that the intent is on
 * disk.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define NO_LOG   "the audit log cannot be written"
#define DRAIN_MS 1000 /* at most, for output that is still in a pipe */

typedef int event_fn(struct gate *g, struct call *c);

/* A patch has the tree to itself, and so has what runs outside the cell:
 * nobody changes its files between the last look at them and the start.
 * Commands may run beside each other. */
static bool
is_alone(const struct call *c)
{
	return c->tool == TOOL_PATCH || c->subject.escalate;
}

static bool
may_start(struct gate *g, const struct call *c)
{
	struct call *d = NULL;

	if (c->own)
		return true;
	while ((d = call_next(g, d)) != NULL) {
		if (d == c || d->order > c->order || d->answered || d->own ||
		    d->tool == TOOL_STDIN || d->state == CALL_REFUSED ||
		    d->state == CALL_WIDENING)
			continue;
		if (is_alone(c) || is_alone(d))
			return false;
	}
	return true;
}

static void
turn_others(struct gate *g)
{
	struct call *c = NULL;

	while ((c = call_next(g, c)) != NULL)
		if (c->state == CALL_QUEUED)
			(void)call_event(g, c, EV_TURN);
}

static void
call_over(struct gate *g, struct call *c)
{
	call_free(g, c);
	if (!g->stopping)
		turn_others(g);
}

/* Transitions. */

static void
on_yield(void *arg)
{
	struct call *c = arg;

	c->timer = 0;
	(void)call_event(gate_self(), c, EV_TIMER);
}

void
call_wait(struct gate *g, struct call *c, uint32_t ms)
{
	if (c->timer > 0)
		loop_timer_del(g->proc.loop, c->timer);
	c->timer = loop_timer(g->proc.loop, ms, on_yield, c);
}

static int
refuse(struct gate *g, struct call *c)
{
	c->waits = record_refusal(g, c, c->decision.why);
	c->state = CALL_REFUSED;
	return 0;
}

static int
denied(struct gate *g, struct call *c)
{
	c->verdict = VERDICT_FORBID;
	return refuse(g, c);
}

static int
denied_for(struct gate *g, struct call *c, const char *why)
{
	(void)strlcpy(c->decision.why, why, sizeof(c->decision.why));
	return denied(g, c);
}

static void
not_started(struct call *c, const char *why)
{
	free(c->error);
	c->error = xstrdup(why);
	c->exit.how = EXIT_NOSTART;
	c->state = CALL_RESULT;
}

static int
launch(struct gate *g, struct call *c)
{
	bool mcp = c->tool == TOOL_MCP;

	if (g->lost || g->stopping ||
	    (mcp ? mcp_send(g, c) : cell_spawn(g, c)) != 0) {
		not_started(c, g->lost ? NO_LOG
			       : mcp   ? "the MCP server has ended"
				       : "the cell does not answer");
		c->waits = record_result(g, c);
		return 0;
	}
	c->started = c->looked = clock_mono_ns();
	c->state = CALL_STARTING;
	return mcp ? call_event(g, c, EV_SPAWNED) : 0;
}

static void
halt(struct gate *g, struct call *c)
{
	if (c->tool == TOOL_MCP)
		mcp_cancel(g, c);
	else
		cell_kill(g, c);
}

/* What runs beside all else and may change files: a session left running,
 * which nobody waits for, or an MCP server with such a right. */
static const struct call *
left_running(struct gate *g)
{
	struct call *c = NULL;

	while ((c = call_next(g, c)) != NULL &&
	       (c->state != CALL_RUNNING ||
		   !(c->answered || (c->own && mcp_writes(c)))))
		;
	return c;
}

/* What was approved is compared when nothing is before it any more. */
static int
start(struct gate *g, struct call *c)
{
	const struct call *other = left_running(g);

	if (changes_pending(g, c) || !may_start(g, c)) {
		c->state = CALL_QUEUED;
		return 0;
	}
	if (c->approved[0] == '\0')
		return launch(g, c);
	if (c->subject.escalate && other != NULL) {
		if (other->own)
			(void)strlcpy(c->decision.why,
			    "an MCP server that may write runs in the sandbox "
			    "and could change what was approved",
			    sizeof(c->decision.why));
		else
			(void)snprintf(c->decision.why, sizeof(c->decision.why),
			    "session %u still runs in the sandbox and could "
			    "change what was approved; end it first",
			    other->session);
		return denied(g, c);
	}
	c->state = CALL_CHECKING;
	own_digest(g, c);
	return 0;
}

/* Nothing has run yet: it is forgotten, and the record says so. */
static int
cancel_early(struct gate *g, struct call *c)
{
	c->cancelled = true;
	(void)strlcpy(c->decision.why, "cancelled before it started",
	    sizeof(c->decision.why));
	return refuse(g, c);
}

/* Whoever was asked need not answer any more. */
static int
cancel_asking(struct gate *g, struct call *c)
{
	(void)gate_send(
	    g, ROLE_UI, c->id, MSG_WITHDRAW, &(struct msg_withdraw){});
	return cancel_early(g, c);
}

static int
look_over(struct gate *g, struct call *c)
{
	answer_chunk(g, c, c->target);
	call_over(g, c);
	return 0;
}

/* What was to be seen stays for the next look. */
static int
cancel_look(struct gate *g, struct call *c)
{
	c->cancelled = true;
	return look_over(g, c);
}

/* The intent of input is on disk: the target gets it, and is looked at. */
static int
look(struct gate *g, struct call *c)
{
	if (c->target == NULL)
		return look_over(g, c);
	if (c->chars_len > 0) {
		(void)buf_add(&c->target->input, c->chars, c->chars_len);
		cell_feed(g, c->target);
	}
	c->state = CALL_LOOKING;
	c->looked = clock_mono_ns();
	call_wait(g, c, c->yield_ms);
	return 0;
}

static int
intent_acked(struct gate *g, struct call *c)
{
	c->waits = 0;
	c->seq = g->seq;
	if (c->tool == TOOL_STDIN)
		return look(g, c);
	if (c->cancelled)
		return cancel_early(g, c);
	if (c->tool != TOOL_CONNECT)
		return start(g, c);
	connect_allow(g, c);
	call_over(g, c);
	return 0;
}

/* What runs must be what was approved, to the byte of each script. */
static int
checked(struct gate *g, struct call *c)
{
	if (c->digest[0] != '\0' && strcmp(c->digest, c->approved) == 0)
		return launch(g, c);
	return denied_for(
	    g, c, "a file of this command was changed after it was approved");
}

/* Whether an approval is bound to what the files of its words hold. */
static bool
has_files(const struct call *c)
{
	return c->tool != TOOL_CONNECT && c->tool != TOOL_MCP;
}

static int
approved(struct gate *g, struct call *c)
{
	if (has_files(c))
		(void)strlcpy(c->approved, c->digest, sizeof(c->approved));
	c->verdict = VERDICT_APPROVED;
	c->waits = record_intent(g, c);
	c->state = CALL_INTENT;
	return 0;
}

/* Everything that an answer is bound to is known: ask, unless it was answered
 * for the whole session. */
static int
hashed(struct gate *g, struct call *c)
{
	if (c->digest[0] == '\0')
		return denied_for(
		    g, c, "the files of this command cannot be looked at");
	if (c->subject.widen != NULL && !widen_settle(g, c))
		return denied_for(g, c, "that folder may not be written");
	judge_bind(&c->subject, &c->decision, c->digest, c->hash);
	if (approve_known(g, c))
		return approved(g, c);
	c->state = CALL_ASKING;
	if (approve_ask(g, c) == 0)
		return 0;
	return denied_for(g, c, "nobody could be asked about it");
}

/* c is over, and so is the call that it was the second run of. */
static void
second_over(struct gate *g, struct call *c)
{
	struct call *first = c->first;

	if (first == NULL)
		return;
	widen_take(c);
	c->first = NULL;
	answer_result(g, first);
	call_over(g, first);
}

static int
refusal_acked(struct gate *g, struct call *c)
{
	c->waits = 0;
	c->seq = g->seq;
	answer_refused(g, c);
	second_over(g, c);
	call_over(g, c);
	return 0;
}

static int
spawned(struct gate *g, struct call *c)
{
	c->state = CALL_RUNNING;
	answer_begin(g, c);
	cell_feed(g, c);
	if (c->tool == TOOL_SERVER)
		mcp_running(g, c);
	if (c->tool == TOOL_EXEC)
		call_wait(g, c, c->yield_ms);
	else if (c->limit_ms > 0)
		call_wait(g, c, c->limit_ms);
	if (c->cancelled)
		halt(g, c);
	return 0;
}

/* The model has waited long enough: it gets a number to ask with.  Of the
 * older shell tool the time is up; an MCP server was told so, in vain. */
static int
waited(struct gate *g, struct call *c)
{
	if (c->tool == TOOL_MCP) {
		c->exit.how = EXIT_TIMEOUT;
		return call_event(g, c, EV_EXIT);
	}
	if (c->tool != TOOL_EXEC) {
		cell_kill(g, c);
		return 0;
	}
	c->session = g->next_session++;
	answer_chunk(g, c, c);
	c->answered = true;
	turn_others(g);
	return 0;
}

static int
exited(struct gate *g, struct call *c)
{
	c->state = CALL_DRAINING;
	connect_end(g, c);
	if (c->out == -1)
		return call_event(g, c, EV_DRAINED);
	call_wait(g, c, DRAIN_MS);
	return 0;
}

static void
wake_looks(struct gate *g, struct call *target)
{
	struct call *c = NULL;

	while ((c = call_next(g, c)) != NULL) {
		if (c->target != target)
			continue;
		if (c->state == CALL_LOOKING) {
			answer_chunk(g, c, target);
			call_over(g, c);
		} else {
			c->target = NULL;
		}
	}
}

static int
drained(struct gate *g, struct call *c)
{
	call_close(g, c);
	c->state = CALL_RESULT;
	if (answer_status(c) == RESULT_OK)
		changes_read(c);
	c->waits = record_result(g, c);
	if (!c->own)
		return 0;
	/* Of what we look at ourselves nobody is told: it need not wait. */
	answer_result(g, c);
	c->answered = true;
	turn_others(g);
	return 0;
}

static int
result_acked(struct gate *g, struct call *c)
{
	c->waits = 0;
	c->seq = g->seq;
	answer_done(g, c, answer_status(c), NULL); /* people hear it first */
	wake_looks(g, c);
	if (widen_offer(g, c))
		return 0;
	if (!c->answered)
		answer_result(g, c);
	second_over(g, c);
	call_over(g, c);
	return 0;
}

static int
cancel_second(struct gate *g, struct call *c)
{
	c->cancelled = true;
	return call_event(g, widen_second(g, c), EV_CANCEL);
}

/* The intent is on its way to disk; what to do is known when it is there. */
static int
cancel_later(struct gate *g, struct call *c)
{
	(void)g;
	c->cancelled = true;
	return 0;
}

static int
cancel_running(struct gate *g, struct call *c)
{
	c->cancelled = true;
	halt(g, c);
	return 0;
}

static int
ignore(struct gate *g, struct call *c)
{
	(void)g;
	(void)c;
	return 0;
}

static event_fn *const table[CALL_STATES][CALL_EVENTS] = {
    [CALL_HASHING] = {[EV_DIGEST] = hashed, [EV_CANCEL] = cancel_early},
    [CALL_CHECKING] = {[EV_DIGEST] = checked, [EV_CANCEL] = cancel_early},
    [CALL_ASKING] =
	{[EV_YES] = approved, [EV_NO] = denied, [EV_CANCEL] = cancel_asking},
    [CALL_INTENT] = {[EV_ACK] = intent_acked, [EV_CANCEL] = cancel_later},
    [CALL_QUEUED] = {[EV_TURN] = start, [EV_CANCEL] = cancel_early},
    [CALL_STARTING] = {[EV_SPAWNED] = spawned,
	[EV_EXIT] = exited,
	[EV_CANCEL] = cancel_running},
    [CALL_RUNNING] = {[EV_EXIT] = exited,
	[EV_TIMER] = waited,
	[EV_CANCEL] = cancel_running,
	[EV_DRAINED] = ignore},
    [CALL_DRAINING] = {[EV_DRAINED] = drained,
	[EV_TIMER] = drained,
	[EV_CANCEL] = cancel_later},
    /* The model is told what is on record. */
    [CALL_RESULT] = {[EV_ACK] = result_acked, [EV_CANCEL] = ignore},
    [CALL_REFUSED] = {[EV_ACK] = refusal_acked, [EV_CANCEL] = ignore},
    [CALL_WIDENING] = {[EV_CANCEL] = cancel_second},
    [CALL_LOOKING] = {[EV_TIMER] = look_over, [EV_CANCEL] = cancel_look},
};

int
call_event(struct gate *g, struct call *c, enum call_event ev)
{
	event_fn *fn = table[c->state][ev];

	return fn == NULL ? ERR_STATE : fn(g, c);
}

void
call_go(struct gate *g, struct call *c)
{
	if (c->tool == TOOL_STDIN) {
		c->verdict = VERDICT_ALLOW;
		c->waits = record_input(g, c);
		c->state = CALL_INTENT;
		return;
	}
	if (c->tool == TOOL_CONNECT)
		judge_connect(&g->judge, &c->target->decision.said, &c->subject,
		    &c->decision);
	else
		judge_decide(&g->judge, &c->subject, &c->decision);
	if (c->decision.verdict == VERDICT_ASK && !approve_possible(g, c)) {
		c->decision.verdict = VERDICT_FORBID;
		(void)strlcat(c->decision.why, " (nobody is there to ask)",
		    sizeof(c->decision.why));
	}
	c->verdict = c->decision.verdict;
	if (c->tool != TOOL_CONNECT)
		(void)record_call(g, c);
	(void)record_decision(g, c);
	switch (c->verdict) {
	case VERDICT_ALLOW:
	case VERDICT_APPROVED:
		c->waits = record_intent(g, c);
		c->state = CALL_INTENT;
		break;
	case VERDICT_ASK:
		c->state = CALL_HASHING;
		if (has_files(c)) {
			own_digest(g, c);
			break;
		}
		(void)strlcpy(c->digest, "no files", sizeof(c->digest));
		(void)hashed(g, c);
		break;
	case VERDICT_FORBID:
		(void)denied(g, c);
		break;
	}
}

void
call_stop_all(struct gate *g)
{
	struct call *c = NULL;

	while ((c = call_next(g, c)) != NULL)
		if (c->tool != TOOL_SERVER || g->stopping)
			(void)call_event(g, c, EV_CANCEL);
}

void
call_lost(struct gate *g, struct call *c)
{
	if (c->state == CALL_RESULT || c->state == CALL_REFUSED) {
		(void)call_event(g, c, EV_ACK);
		return;
	}
	if (c->state != CALL_INTENT)
		return;
	if (c->tool == TOOL_STDIN && c->target != NULL) {
		(void)look_over(g, c); /* without the input */
		return;
	}
	if (c->tool == TOOL_CONNECT) {
		(void)strlcpy(c->decision.why, NO_LOG, sizeof(c->decision.why));
		connect_refuse(g, c);
		call_over(g, c);
		return;
	}
	not_started(c, NO_LOG);
	c->waits = 0;
}
