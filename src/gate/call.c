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
#include <sys/wait.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"

#include "gate/gate.h"

#define DRAIN_MS 1000 /* at most, for output that is still in a pipe */

typedef int event_fn(struct gate *g, struct call *c);

struct call *
call_new(struct gate *g, enum tool tool, uint32_t id)
{
	struct call *c;
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++)
		if (g->calls[i].state == CALL_FREE)
			break;
	if (i == GATE_CALLS_MAX)
		return NULL;
	c = &g->calls[i];
	memset(c, 0, sizeof(*c));
	c->tool = tool;
	c->id = id;
	c->order = g->arrived++;
	c->in = c->out = c->input_fd = -1;
	c->tokens = OUTPUT_TOKENS;
	buf_init(&c->input, 1u << 20);
	buf_init(&c->denials, 16384);
	buf_init(&c->decision.grant, MSG_FRAME_MAX);
	output_init(&c->output);
	c->looked = c->started = clock_mono_ns();
	return c;
}

static void
call_close(struct gate *g, struct call *c)
{
	if (c->out != -1)
		loop_fd_del(g->proc.loop, c->out);
	if (c->in != -1 && c->in != c->out)
		loop_fd_del(g->proc.loop, c->in);
	if (c->in != c->out)
		fd_close(&c->in);
	c->in = -1;
	fd_close(&c->out);
}

void
call_free(struct gate *g, struct call *c)
{
	size_t i;

	if (c->timer > 0)
		loop_timer_del(g->proc.loop, c->timer);
	call_close(g, c);
	fd_close(&c->input_fd);
	for (i = 0; i < GATE_CALLS_MAX; i++) /* a digest for it is for nobody */
		if (g->calls[i].state != CALL_FREE && g->calls[i].target == c)
			g->calls[i].target = NULL;
	for (i = 0; i < c->nchanges; i++)
		free(c->changes[i]);
	free(c->changes);
	free(c->hashes);
	free(c->ident);
	free(c->error);
	free(c->chars);
	subject_fini(&c->subject);
	decision_fini(&c->decision);
	buf_fini(&c->input);
	buf_fini(&c->denials);
	output_fini(&c->output);
	c->state = CALL_FREE;
}

void
call_change(struct call *c, char *text)
{
	c->changes =
	    xreallocarray(c->changes, c->nchanges + 1, sizeof(*c->changes));
	c->changes[c->nchanges++] = text;
}

struct call *
call_find(struct gate *g, uint32_t id)
{
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++)
		if (g->calls[i].state != CALL_FREE && g->calls[i].id == id)
			return &g->calls[i];
	return NULL;
}

struct call *
call_session(struct gate *g, uint32_t session)
{
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++)
		if (g->calls[i].state != CALL_FREE && session != 0 &&
		    g->calls[i].session == session)
			return &g->calls[i];
	return NULL;
}

struct call *
call_waiting(struct gate *g, uint32_t record)
{
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++)
		if (g->calls[i].state != CALL_FREE && record != 0 &&
		    g->calls[i].waits == record)
			return &g->calls[i];
	return NULL;
}

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
	const struct call *d;
	size_t i;

	if (c->own)
		return true;
	for (i = 0; i < GATE_CALLS_MAX; i++) {
		d = &g->calls[i];
		if (d->state == CALL_FREE || d == c || d->order > c->order ||
		    d->answered || d->own || d->tool == TOOL_STDIN ||
		    d->state == CALL_REFUSED)
			continue;
		if (is_alone(c) || is_alone(d))
			return false;
	}
	return true;
}

static void
turn_others(struct gate *g)
{
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++)
		if (g->calls[i].state == CALL_QUEUED)
			(void)call_event(g, &g->calls[i], EV_TURN);
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
denied(struct gate *g, struct call *c)
{
	c->verdict = VERDICT_FORBID;
	c->waits = record_refusal(g, c, c->decision.why);
	c->state = CALL_REFUSED;
	return 0;
}

static int
launch(struct gate *g, struct call *c)
{
	if (g->lost || g->stopping || cell_spawn(g, c) != 0) {
		free(c->error);
		c->error = xstrdup(g->lost ? "the audit log cannot be written"
					   : "the cell does not answer");
		c->exit.how = EXIT_NOSTART;
		c->state = CALL_RESULT;
		c->waits = record_result(g, c);
		return 0;
	}
	c->started = c->looked = clock_mono_ns();
	c->state = CALL_STARTING;
	return 0;
}

/* A session left running, which nobody waits for. */
static const struct call *
left_running(const struct gate *g)
{
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++)
		if (g->calls[i].state == CALL_RUNNING && g->calls[i].answered)
			return &g->calls[i];
	return NULL;
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
		(void)snprintf(c->decision.why, sizeof(c->decision.why),
		    "session %u still runs in the sandbox and could change "
		    "what was approved; end it first",
		    other->session);
		return denied(g, c);
	}
	c->state = CALL_CHECKING;
	request_digest(g, c);
	return 0;
}

/* Nothing has run yet: it is forgotten, and the record says so. */
static int
cancel_early(struct gate *g, struct call *c)
{
	c->cancelled = true;
	(void)strlcpy(c->decision.why, "cancelled before it started",
	    sizeof(c->decision.why));
	c->waits = record_refusal(g, c, c->decision.why);
	c->state = CALL_REFUSED;
	return 0;
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
	(void)strlcpy(c->decision.why,
	    "a file of this command was changed after it was approved",
	    sizeof(c->decision.why));
	return denied(g, c);
}

static int
approved(struct gate *g, struct call *c)
{
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
	if (c->digest[0] == '\0') {
		(void)strlcpy(c->decision.why,
		    "the files of this command cannot be looked at",
		    sizeof(c->decision.why));
		return denied(g, c);
	}
	judge_bind(&c->subject, &c->decision, c->digest, c->hash);
	if (approve_known(g, c))
		return approved(g, c);
	c->state = CALL_ASKING;
	if (approve_ask(g, c) == 0)
		return 0;
	(void)strlcpy(c->decision.why, "nobody could be asked about it",
	    sizeof(c->decision.why));
	return denied(g, c);
}

static int
refusal_acked(struct gate *g, struct call *c)
{
	c->waits = 0;
	c->seq = g->seq;
	answer_refused(g, c);
	call_over(g, c);
	return 0;
}

static int
spawned(struct gate *g, struct call *c)
{
	c->state = CALL_RUNNING;
	answer_begin(g, c);
	cell_feed(g, c);
	if (c->tool == TOOL_EXEC)
		call_wait(g, c, c->yield_ms);
	else if (c->limit_ms > 0)
		call_wait(g, c, c->limit_ms);
	if (c->cancelled)
		cell_kill(g, c);
	return 0;
}

/* The model has waited long enough: it gets a number to ask with.  Of the
 * older shell tool the time is up. */
static int
waited(struct gate *g, struct call *c)
{
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
	struct call *c;
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++) {
		c = &g->calls[i];
		if (c->state == CALL_FREE || c->target != target)
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
	if (!c->answered)
		answer_result(g, c);
	call_over(g, c);
	return 0;
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
	cell_kill(g, c);
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
	{[EV_YES] = approved, [EV_NO] = denied, [EV_CANCEL] = cancel_early},
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
		if (c->tool != TOOL_CONNECT) {
			request_digest(g, c);
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
	size_t i;

	for (i = 0; i < GATE_CALLS_MAX; i++)
		if (g->calls[i].state != CALL_FREE)
			(void)call_event(g, &g->calls[i], EV_CANCEL);
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
		(void)strlcpy(c->decision.why,
		    "the audit log cannot be written", sizeof(c->decision.why));
		connect_refuse(g, c);
		call_over(g, c);
		return;
	}
	free(c->error);
	c->error = xstrdup("the audit log cannot be written");
	c->exit.how = EXIT_NOSTART;
	c->waits = 0;
	c->state = CALL_RESULT;
}
