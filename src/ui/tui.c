/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: a person at a terminal.
 *
 * What is finished goes into the terminal's own scrollback, once, and into
 * the transcript that the pager shows; the rest is the live region.  Nothing
 * wakes us when nothing happens.
 */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/ask.h"
#include "ui/picker.h"
#include "ui/tui.h"
#include "ui/words.h"

#define PROMPT_MAX  (32u << 20) /* bytes */
#define DRAFT_MAX   (1u << 20)  /* bytes of a kept draft */
#define CHANGED_MAX (1u << 20)  /* bytes of the names of changed files */

static struct tui *
tui_of(struct front *f)
{
	struct tui *t = f->state;

	if (t != NULL)
		return t;
	t = f->state = xcalloc(1, sizeof(*t));
	t->f = f;
	t->draft_fd = t->history.fd = -1;
	tui_conf_init(&t->conf);
	return t;
}

/* From the gate. */

static int
tui_begin(struct front *f, uint32_t id, struct msg_begin *m)
{
	struct tui *t = f->state;

	tui_end_item(t);
	tui_tick(t);
	return call_begin(t, id, m);
}

static int
tui_output(struct front *f, uint32_t id, struct msg_output *m)
{
	return call_output(f->state, id, m);
}

static int
tui_done(struct front *f, uint32_t id, struct msg_done *m)
{
	struct tui *t = f->state;

	tui_end_item(t);
	return call_done(t, id, m);
}

static int
tui_ask(struct front *f, uint32_t id, struct msg_ask *m)
{
	struct tui *t = f->state;

	if (asked_known(f, id, m))
		return 0;
	tui_end_item(t);
	term_title(&t->term, "cordon: a question waits");
	tui_attention(t, "An approval waits.");
	return ask_open(t, id, m);
}

static int
tui_withdraw(struct front *f, uint32_t id, struct msg_withdraw *m)
{
	(void)m;
	ask_withdraw(f->state, id);
	return 0;
}

static int
tui_question(struct front *f, uint32_t id, struct msg_question *m)
{
	struct tui *t = f->state;

	tui_end_item(t);
	tui_attention(t, "The model asks a question.");
	return question_open(t, id, m);
}

/* The draft survives us. */

static void
write_draft(struct tui *t)
{
	loop_timer_del(t->f->proc.loop, t->draft_timer);
	t->draft_timer = 0;
	if (!t->draft_dirty || t->draft_fd == -1)
		return;
	t->draft_dirty = false;
	if (ftruncate(t->draft_fd, 0) == -1 ||
	    lseek(t->draft_fd, 0, SEEK_SET) == -1)
		return;
	if (t->composer.len <= DRAFT_MAX)
		(void)fd_write_all(t->draft_fd, t->composer.s, t->composer.len);
}

static void
on_draft(void *arg)
{
	struct tui *t = arg;

	t->draft_timer = 0;
	write_draft(t);
}

void
tui_changed(struct tui *t)
{
	t->complete_off = false;
	t->complete_at = 0;
	t->draft_dirty = true;
	if (t->draft_timer == 0 && t->draft_fd != -1)
		t->draft_timer =
		    loop_timer(t->f->proc.loop, DRAFT_MS, on_draft, t);
}

static void
read_draft(struct tui *t)
{
	char *mem;
	ssize_t n;

	if (t->draft_fd == -1)
		return;
	mem = xmalloc(DRAFT_MAX);
	n = pread(t->draft_fd, mem, DRAFT_MAX, 0);
	if (n > 0)
		composer_paste(
		    &t->composer, (struct bytes){(uint8_t *)mem, (size_t)n});
	free(mem);
}

bool
tui_newly_named(struct tui *t, struct bytes file)
{
	struct bytes all = {buf_data(&t->changed), t->changed.len}, line;

	while (bytes_line(&all, &line))
		if (bytes_eq(line, file))
			return false;
	(void)buf_add(&t->changed, file.p, file.len);
	(void)buf_addc(&t->changed, '\n');
	return true;
}

/* Behind a turn: what was not yet named, for patches have shown theirs. */
static void
name_changes(struct tui *t, const struct msg_changed *m)
{
	size_t i, n = 0;

	for (i = 0; i < m->files.n; i++)
		if (tui_newly_named(t, m->files.v[i]) && n++ < CHANGED_ROWS)
			tui_say(t, ST_DIM, "%s%.*s",
			    n == 1 ? "• changed: " : "  ",
			    (int)m->files.v[i].len,
			    (const char *)m->files.v[i].p);
	if (n > CHANGED_ROWS)
		tui_say(t, ST_DIM, "  and %zu more; /undo-hint lists all",
		    n - CHANGED_ROWS);
	if (n > 0)
		tui_gap(t);
}

/* What /undo-hint asked for. */
static int
tui_on_changed(struct front *f, uint32_t id, struct msg_changed *m)
{
	struct tui *t = f->state;
	size_t i;

	if (id == TUI_TURN_OVER) {
		name_changes(t, m);
		return 0;
	}
	tui_say(t, ST_HEAD, "Changed since the session began");
	for (i = 0; i < m->files.n; i++)
		tui_say(t, ST_PLAIN, "  %.*s", (int)m->files.v[i].len,
		    (const char *)m->files.v[i].p);
	if (m->cut)
		tui_say(t, ST_WARN, "  and more");
	tui_say(t, ST_DIM,
	    m->files.n == 0 ? "  nothing"
			    : "  !git diff -- FILE shows what; in a shell of "
			      "your own git restore -- FILE takes it back");
	tui_gap(t);
	return 0;
}

/* Life. */

static void
leave(struct tui *t)
{
	write_draft(t);
	screen_leave(&t->screen, true);
	t->leaving = true;
	tui_unwatch(t);
	term_close(&t->term);
}

void
tui_quit(struct tui *t, int code)
{
	if (t->leaving)
		return;
	leave(t);
	front_exit(t->f, code);
}

void
tui_go_to(struct tui *t, enum front_next next, const char *id)
{
	if (t->leaving)
		return;
	leave(t);
	front_exit_to(t->f, 0, next, id);
}

static int
handed(int fd)
{
	return fcntl(fd, F_GETFD) == -1 ? -1 : fd;
}

static void
greet(struct tui *t)
{
	struct text line = {0};

	text_adds(&line, STYLE_BOLD, "Cordon");
	if (t->conf.version != NULL)
		text_addf(&line, ST_DIM, " %s", t->conf.version);
	tui_put(t, &line, NULL, NULL);
	text_clear(&line);
	tui_status_text(t, &line, t->term.cols);
	tui_put(t, &line, NULL, NULL);
	if (tui_conf_open(&t->conf))
		tui_say(t, ST_BAD,
		    "There is no cordon: commands run with all your rights.");
	else
		tui_say(t, ST_DIM,
		    "Commands run inside the cordon; what it does not "
		    "allow is asked or refused.  /help");
	tui_gap(t);
	text_fini(&line);
}

/* The prompt of the command line, if there is one. */
static void
first_prompt(struct tui *t)
{
	struct buf b;

	buf_init(&b, PROMPT_MAX);
	if (handed(FRONT_FD_PROMPT) != -1) {
		if (fd_read_memfd(FRONT_FD_PROMPT, &b) == 0 && b.len > 0)
			tui_prompt(t, buf_cstr(&b), b.len);
		(void)close(FRONT_FD_PROMPT);
	}
	buf_fini(&b);
}

static int
tui_start(struct front *f)
{
	struct tui *t = tui_of(f);
	int r;

	if (!term_usable(STDIN_FILENO, STDOUT_FILENO) ||
	    t->conf.screen_reader) {
		f->mode = &front_plain;
		return front_plain.start(f);
	}
	term_init(&t->term, STDIN_FILENO, STDOUT_FILENO, t->conf.color);
	if (t->term.theme != THEME_NONE && !t->conf.theme_auto)
		t->term.theme = t->conf.theme;
	screen_init(&t->screen, &t->term);
	keys_init(&t->keys, tui_event, t);
	composer_init(&t->composer);
	history_init(&t->history, handed(FRONT_FD_HISTORY));
	t->hist_at = t->history.n;
	store_init(&t->store);
	buf_init(&t->last, TERM_COPY_MAX + 1);
	buf_init(&t->needle, 1024);
	buf_init(&t->changed, CHANGED_MAX);
	buf_init(&t->given, FRONT_GIVEN_MAX);
	t->draft_fd = handed(FRONT_FD_DRAFT);
	t->view = &view_main;
	r = term_open(&t->term);
	if (r != 0)
		return r;
	read_draft(t);
	if (t->conf.alt_screen)
		screen_own(&t->screen);
	greet(t);
	first_prompt(t);
	tui_paint(t);
	return tui_watch(t);
}

static void
tui_stop(struct front *f)
{
	struct tui *t = f->state;

	if (t == NULL || t->view == NULL)
		return;
	if (!t->leaving) { /* somebody else ends the session */
		write_draft(t);
		tui_end_item(t);
		screen_leave(&t->screen, true);
		term_close(&t->term);
		t->leaving = true;
	}
	call_free_all(t);
	ask_free_all(t);
	question_free_all(t);
	pager_free(t);
	picker_free(t);
	mention_free(t);
	look_fini(t);
	keys_fini(&t->keys);
	composer_fini(&t->composer);
	history_fini(&t->history);
	store_fini(&t->store);
	screen_fini(&t->screen);
	buf_fini(&t->last);
	buf_fini(&t->needle);
	buf_fini(&t->changed);
	buf_fini(&t->given);
	tui_conf_fini(&t->conf);
	while (t->nqueue > 0)
		free(t->queue[--t->nqueue]);
	free(t->notice);
	free(t->stash);
	fd_close(&t->draft_fd);
	free(t);
	f->state = NULL;
}

static void
tui_lost(struct front *f, enum role peer)
{
	struct tui *t = f->state;

	if (peer != ROLE_MODEL || t == NULL || t->leaving)
		return;
	tui_end_item(t);
	tui_say(t, ST_BAD, "✗ The model process ended.");
	t->running = false;
}

static int
tui_set(struct front *f, const char *key, struct bytes value)
{
	return tui_conf(tui_of(f), key, value);
}

const struct front_mode front_tui = {
    .name = "tui",
    .conf = tui_set,
    .start = tui_start,
    .stop = tui_stop,
    .lost = tui_lost,
    .text = tui_on_text,
    .reason = tui_on_reason,
    .item = tui_on_item,
    .plan = tui_on_plan,
    .usage = tui_on_usage,
    .turn = tui_on_turn,
    .fail = tui_on_fail,
    .question = tui_question,
    .ask = tui_ask,
    .withdraw = tui_withdraw,
    .begin = tui_begin,
    .output = tui_output,
    .done = tui_done,
    .grant = tui_on_grant,
    .changed = tui_on_changed,
    .give = tui_on_give,
    .names = tui_on_names,
    .seen = tui_on_seen,
    .tool = tui_on_tool,
    .server = tui_on_server,
    .place = tui_on_place,
    .model_list = tui_on_model_list,
};
