/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process cordon-ui: the front.
 *
 * It is the only one that holds the person's terminal or standard output,
 * and the only one that the gate believes an approval from.  It has no
 * files, no network and starts nothing.
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"
#include "sandbox/confine.h"

#include "ui/caps.h"
#include "ui/front.h"

#define GATE_READS_MAX 64 /* of what gate said before the model did */

static const struct front_mode *const modes[] = {
    &front_human,
    &front_json,
    &front_tui,
    &front_plain,
};

void
front_send(struct front *f, enum role peer, uint32_t id, enum msg_type type,
    const void *m)
{
	struct chan *ch = f->proc.peers[peer];

	if (ch != NULL && chan_send(ch, id, type, m) != 0)
		log_warn("%s does not take what it is sent", role_word(peer));
}

void
front_exit(struct front *f, int code)
{
	front_exit_to(f, code, NEXT_END, "");
}

void
front_exit_to(struct front *f, int code, enum front_next next, const char *id)
{
	struct msg_exiting m = {.code = (uint8_t)code,
	    .next = (uint8_t)next,
	    .session = bytes_of(id)};

	/* Main hears it once; what is said while that is under way is not
	 * what ended us. */
	if (!f->exiting)
		(void)chan_send(f->proc.main, 0, MSG_EXITING, &m);
	f->exiting = true;
}

void
front_given(const struct msg_place *m, struct buf *lines)
{
	struct bytes path;
	uint32_t i, k;

	for (i = 0; i < m->documents.n; i++) {
		path = m->documents.v[i];
		for (k = 0; k < m->cut.n && !bytes_eq(m->cut.v[k], path); k++)
			;
		(void)buf_addf(lines, "%.*s%s\n", (int)path.len,
		    (const char *)path.p,
		    k < m->cut.n ? " (its beginning)" : "");
	}
}

/*
 * Gate tells us how a call ended before it tells the model, so what the model
 * says next belongs behind it, on whichever channel we look first.
 */
static void
front_hear_gate(struct front *f)
{
	int i;

	for (i = 0; i < GATE_READS_MAX && f->proc.peers[ROLE_GATE] != NULL; i++)
		if (!chan_take(f->proc.peers[ROLE_GATE]))
			break;
}

/* A further piece of what was heard of already. */
static bool
front_goes_on(struct front *f, enum msg_type type, const void *m)
{
	const struct msg_text *text = m;
	bool same = type == MSG_TEXT && f->text && text->item == f->item;

	f->text = type == MSG_TEXT;
	if (f->text)
		f->item = text->item;
	return same;
}

/* One handler a message: the mode's function, or the message is dropped. */
#define FRONT_ON(name, NAME)                                                   \
	static int on_##name(void *arg, struct chan *ch, uint32_t id, void *m) \
	{                                                                      \
		struct front *f = arg;                                         \
                                                                               \
		if (chan_peer(ch) == ROLE_MODEL &&                             \
		    !front_goes_on(f, MSG_##NAME, m))                          \
			front_hear_gate(f);                                    \
		if (f->mode->name != NULL)                                     \
			return f->mode->name(f, id, m);                        \
		codec_close_fds(schema_find(MSG_##NAME), m);                   \
		return 0;                                                      \
	}

FRONT_ON(text, TEXT)
FRONT_ON(reason, REASON)
FRONT_ON(item, ITEM)
FRONT_ON(plan, PLAN)
FRONT_ON(usage, USAGE)
FRONT_ON(turn, TURN)
FRONT_ON(fail, FAIL)
FRONT_ON(place, PLACE)
FRONT_ON(model_list, MODEL_LIST)
FRONT_ON(question, QUESTION)
FRONT_ON(ask, ASK)
FRONT_ON(withdraw, WITHDRAW)
FRONT_ON(begin, BEGIN)
FRONT_ON(output, OUTPUT)
FRONT_ON(done, DONE)
FRONT_ON(grant, GRANT)
FRONT_ON(changed, CHANGED)
FRONT_ON(names, NAMES)
FRONT_ON(seen, SEEN)
FRONT_ON(tool, TOOL)
FRONT_ON(server, SERVER)
FRONT_ON(give, GIVE)

static const struct chan_handler from_model[] = {{MSG_TEXT, on_text},
    {MSG_REASON, on_reason}, {MSG_ITEM, on_item}, {MSG_PLAN, on_plan},
    {MSG_USAGE, on_usage}, {MSG_TURN, on_turn}, {MSG_FAIL, on_fail},
    {MSG_QUESTION, on_question}, {MSG_PLACE, on_place},
    {MSG_MODEL_LIST, on_model_list}, {0, NULL}};

static const struct chan_handler from_gate[] = {{MSG_ASK, on_ask},
    {MSG_WITHDRAW, on_withdraw}, {MSG_BEGIN, on_begin}, {MSG_OUTPUT, on_output},
    {MSG_DONE, on_done}, {MSG_GRANT, on_grant}, {MSG_CHANGED, on_changed},
    {MSG_NAMES, on_names}, {MSG_SEEN, on_seen}, {MSG_TOOL, on_tool},
    {MSG_SERVER, on_server}, {0, NULL}};

static const struct chan_handler from_main[] = {{MSG_GIVE, on_give}, {0, NULL}};
static const struct chan_handler from_audit[] = {{0, NULL}};
static const struct chan_handler from_open[] = {{0, NULL}};

static const struct proc_peer peers[] = {{ROLE_MODEL, from_model, false},
    {ROLE_GATE, from_gate, false}, {ROLE_AUDIT, from_audit, true},
    {ROLE_OPEN, from_open, true}, {ROLE_COUNT, NULL, false}};

static int
ui_mode(struct front *f, struct bytes name)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (bytes_is(name, modes[i]->name)) {
			f->mode = modes[i];
			return 0;
		}
	return ERR_NOENT;
}

/* The mode comes first: the other settings are its. */
static int
ui_conf(void *arg, const struct msg_conf *m)
{
	struct front *f = arg;
	char key[256];

	if (bytes_is(m->key, "front.mode"))
		return ui_mode(f, m->value);
	if (f->mode == NULL)
		return ERR_STATE;
	if (f->mode->conf == NULL)
		return 0;
	if (bytes_copy(key, sizeof(key), m->key) != 0)
		return ERR_FORMAT;
	return f->mode->conf(f, key, m->value);
}

static int
ui_start(void *arg)
{
	struct front *f = arg;

	if (f->mode == NULL)
		return ERR_STATE;
	return f->mode->start == NULL ? 0 : f->mode->start(f);
}

static void
ui_stop(void *arg)
{
	struct front *f = arg;

	if (f->mode->stop != NULL)
		f->mode->stop(f);
	proc_stop(&f->proc, 0);
}

static void
ui_lost(void *arg, enum role peer, int err)
{
	struct front *f = arg;

	(void)err;
	if (f->mode->lost != NULL)
		f->mode->lost(f, peer);
}

static const struct proc_ops ops = {
    .conf = ui_conf,
    .start = ui_start,
    .stop = ui_stop,
    .lost = ui_lost,
    .peers = peers,
    .main = from_main,
};

int
main(void)
{
	static struct front f;

	proc_init(&f.proc, ROLE_UI, &ops, &f);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		caps_load(STDOUT_FILENO); /* files are out of reach later */
	confine_role_or_die("ui", NULL);
	return proc_run(&f.proc);
}
