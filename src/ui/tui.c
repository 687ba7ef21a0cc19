/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: a person at a terminal.
 *
 * What is finished goes into the terminal's own scrollback, once, and into
 * the transcript that the pager shows; the rest is the live region, painted
 * at most every FRAME_MS while text flows and at once after a key.  Nothing
 * wakes us when nothing happens.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"

#include "ui/tui.h"

#define PROMPT_MAX  (32u << 20) /* bytes */
#define MESSAGE_MAX (64u << 20) /* bytes of one message of the model */
#define DRAFT_MAX   (1u << 20)  /* bytes of a kept draft */
#define EXIT_HANGUP 129         /* the terminal is gone */

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

/* Showing. */

void
tui_keep(struct tui *t, const struct text *line, size_t indent)
{
	struct text lead = {0};

	text_blanks(&lead, ST_PLAIN, indent);
	store_add(&t->store, &lead, line, indent);
	text_fini(&lead);
}

void
tui_put(struct tui *t, const struct text *line, const struct text *first,
    const struct text *rest)
{
	screen_wrap(&t->screen, line, first, rest);
	store_add(&t->store, first, line,
	    rest == NULL ? 0 : text_width(rest->c, rest->n));
	tui_dirty(t);
}

void
tui_say(struct tui *t, unsigned style, const char *fmt, ...)
{
	struct text line = {0};
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n == -1)
		return;
	text_add(&line, style, s, (size_t)n, 0);
	tui_put(t, &line, NULL, NULL);
	text_fini(&line);
	free(s);
}

void
tui_gap(struct tui *t)
{
	static const struct text none;

	tui_put(t, &none, NULL, NULL);
}

void
tui_notice(struct tui *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	free(t->notice);
	t->notice = NULL;
	if (fmt != NULL) {
		va_start(ap, fmt);
		n = vasprintf(&t->notice, fmt, ap);
		va_end(ap);
		if (n == -1)
			t->notice = NULL;
	}
	tui_dirty(t);
}

void
tui_paint(struct tui *t)
{
	if (t->leaving)
		return;
	loop_timer_del(t->f->proc.loop, t->frame_timer);
	t->frame_timer = 0;
	t->frame_at = clock_mono_ms();
	screen_begin(&t->screen);
	t->view->draw(t);
	screen_flush(&t->screen);
}

static void
on_frame(void *arg)
{
	struct tui *t = arg;

	t->frame_timer = 0;
	tui_paint(t);
}

void
tui_dirty(struct tui *t)
{
	uint64_t now = clock_mono_ms(), due = t->frame_at + FRAME_MS;

	if (t->frame_timer != 0 || t->leaving)
		return;
	t->frame_timer =
	    loop_timer(t->f->proc.loop, due > now ? due - now : 0, on_frame, t);
}

static void
on_tick(void *arg)
{
	struct tui *t = arg;

	t->tick_timer = 0;
	if (!t->running && t->calls == NULL)
		return;
	t->spin = (t->spin + 1) % SPINNER_FRAMES;
	t->tick_timer = loop_timer(t->f->proc.loop, TICK_MS, on_tick, t);
	tui_dirty(t);
}

static void
tick(struct tui *t)
{
	if (t->tick_timer == 0)
		t->tick_timer =
		    loop_timer(t->f->proc.loop, TICK_MS, on_tick, t);
}

void
tui_view(struct tui *t, const struct view *v)
{
	if (v == &view_main && t->asks != NULL)
		v = &view_ask;
	else if (v == &view_main && t->questions != NULL)
		v = &view_question;
	t->view = v;
	tui_dirty(t);
}

void
tui_attention(struct tui *t, const char *what)
{
	if (t->conf.notifications && !t->term.focused)
		term_notify(&t->term, t->conf.notify, what);
}

/* The answer. */

static void
put_item_line(void *arg, const struct text *line, const struct text *first,
    const struct text *rest)
{
	struct tui *t = arg;
	static struct text lead1, lead2, dim; /* kept: every line is here */
	size_t i;

	text_clear(&lead1);
	text_clear(&lead2);
	if (t->item_reason) {
		text_clear(&dim);
		text_cells(&dim, line->c, line->n);
		for (i = 0; i < dim.n; i++)
			dim.c[i].style = ST_QUOTE;
		line = &dim;
	}
	if (t->item_first)
		text_adds(&lead1, t->item_reason ? ST_DIM : ST_ACCENT, "• ");
	else if (line->n > 0 || first != NULL)
		text_blanks(&lead1, ST_PLAIN, 2);
	text_blanks(&lead2, ST_PLAIN, 2);
	if (first != NULL)
		text_cells(&lead1, first->c, first->n);
	if (rest != NULL)
		text_cells(&lead2, rest->c, rest->n);
	tui_put(t, line, &lead1, &lead2);
	t->item_first = false;
}

void
tui_end_item(struct tui *t)
{
	if (!t->item_open)
		return;
	md_end(&t->md);
	md_fini(&t->md);
	t->item_open = false;
	if (!t->item_first)
		tui_gap(t);
}

static void
feed_item(struct tui *t, uint32_t item, bool reason, struct bytes b)
{
	if (t->item_open && (t->item != item || t->item_reason != reason))
		tui_end_item(t);
	if (!t->item_open) {
		md_init(&t->md, put_item_line, t,
		    t->term.cols > 4 ? t->term.cols - 2 : 2);
		t->item_open = t->item_first = true;
		t->item = item;
		t->item_reason = reason;
		if (!reason)
			buf_clear(&t->last);
	}
	if (!reason) /* if it is too long for a clipboard, it is not kept */
		(void)buf_add(&t->last, b.p, b.len);
	md_feed(&t->md, b.p, b.len);
	tui_dirty(t);
}

static int
tui_text(struct front *f, uint32_t id, struct msg_text *m)
{
	(void)id;
	feed_item(f->state, m->item, false, m->delta);
	return 0;
}

static int
tui_reason(struct front *f, uint32_t id, struct msg_reason *m)
{
	struct tui *t = f->state;

	(void)id;
	if (!t->conf.hide_reasoning)
		feed_item(t, m->item, true, m->delta);
	return 0;
}

static int
item_text(struct msg_item *m, struct buf *b)
{
	int r;

	buf_init(b, MESSAGE_MAX);
	if (m->whole == -1)
		return buf_add(b, m->text.p, m->text.len);
	r = fd_read_memfd(m->whole, b);
	fd_close(&m->whole);
	return r;
}

static void
item_whole(struct tui *t, const struct msg_item *m, const struct buf *b)
{
	struct bytes text = {buf_data(b), b->len};
	bool reason = m->kind == ITEM_REASONING;
	static char word[] = "searched: ";

	if (m->kind == ITEM_MESSAGE || reason) {
		/* What streamed in is shown already. */
		if (!t->item_open || t->item != m->item) {
			if (b->len == 0 || (reason && t->conf.hide_reasoning))
				return;
			feed_item(t, m->item, reason, text);
		}
		tui_end_item(t);
		return;
	}
	tui_end_item(t);
	if (m->kind == ITEM_WARNING)
		tui_say(t, ST_WARN, "warning: %.*s", (int)text.len,
		    (const char *)text.p);
	else if (m->kind == ITEM_WEB_SEARCH)
		tui_say(t, ST_DIM, "• %s%.*s", word, (int)text.len,
		    (const char *)text.p);
}

static int
tui_item(struct front *f, uint32_t id, struct msg_item *m)
{
	struct buf b;
	int r;

	(void)id;
	r = item_text(m, &b);
	if (r == 0 && m->phase == ITEM_COMPLETED)
		item_whole(f->state, m, &b);
	buf_fini(&b);
	return r;
}

static int
tui_plan(struct front *f, uint32_t id, struct msg_plan *m)
{
	static const struct {
		const char *state, *mark;
		unsigned style;
	} marks[] = {{"completed", "✓ ", ST_DIM},
	    {"in_progress", "▸ ", ST_USER}, {"", "· ", ST_PLAIN}};
	struct tui *t = f->state;
	struct text line = {0};
	size_t i, k;

	(void)id;
	tui_end_item(t);
	tui_say(t, ST_ACCENT, "• Plan");
	for (i = 0; i < m->steps.n && i < m->states.n; i++) {
		for (k = 0; *marks[k].state != '\0' &&
			    !bytes_is(m->states.v[i], marks[k].state);
		     k++)
			;
		text_clear(&line);
		text_blanks(&line, ST_PLAIN, 2);
		text_adds(&line, ST_ACCENT, marks[k].mark);
		text_add(&line, marks[k].style, m->steps.v[i].p,
		    m->steps.v[i].len, 0);
		tui_put(t, &line, NULL, NULL);
	}
	tui_gap(t);
	text_fini(&line);
	return 0;
}

static int
tui_usage(struct front *f, uint32_t id, struct msg_usage *m)
{
	struct tui *t = f->state;

	(void)id;
	t->usage = *m;
	tui_dirty(t);
	return 0;
}

/* Turns. */

static void
next_queued(struct tui *t)
{
	char *s;

	if (t->nqueue == 0)
		return;
	s = t->queue[0];
	memmove(t->queue, t->queue + 1, --t->nqueue * sizeof(*t->queue));
	tui_prompt(t, s, strlen(s));
	free(s);
}

static void
turn_over(struct tui *t, enum turn_phase phase)
{
	uint64_t s = (clock_mono_ms() - t->turn_since) / 1000;

	tui_end_item(t);
	tui_notice(t, NULL);
	t->running = false;
	if (phase == TURN_CUT)
		tui_say(t, ST_WARN, "■ Interrupted.");
	if (phase == TURN_FAILED)
		tui_say(t, ST_BAD, "■ The turn failed.");
	if (s >= 60) {
		tui_say(t, ST_DIM, "  worked for %um %02us", (unsigned)(s / 60),
		    (unsigned)(s % 60));
		tui_gap(t);
	}
	term_title(&t->term, "cordon");
	tui_attention(t, "The turn is over.");
	if (phase == TURN_COMPLETED)
		next_queued(t);
}

static int
tui_turn(struct front *f, uint32_t id, struct msg_turn *m)
{
	struct tui *t = f->state;

	(void)id;
	if (m->phase != TURN_STARTED) {
		turn_over(t, (enum turn_phase)m->phase);
		return 0;
	}
	if (!t->running)
		t->turn_since = clock_mono_ms();
	t->running = true;
	term_title(&t->term, "cordon: working");
	tick(t);
	tui_dirty(t);
	return 0;
}

static int
tui_fail(struct front *f, uint32_t id, struct msg_fail *m)
{
	struct tui *t = f->state;

	(void)id;
	if (m->retrying) {
		tui_notice(t, "%.*s; trying again", (int)m->text.len,
		    (const char *)m->text.p);
		return 0;
	}
	tui_end_item(t);
	tui_notice(t, NULL);
	tui_say(t, ST_BAD, "failed: %.*s", (int)m->text.len,
	    (const char *)m->text.p);
	return 0;
}

/* The prompt as it stands in the scrollback. */
static void
put_prompt(struct tui *t, const char *s, size_t len, const char *mark)
{
	struct lines l = {0};
	struct text first = {0}, rest = {0};
	size_t i;

	text_adds(&first, ST_ACCENT, mark);
	text_blanks(&rest, ST_PLAIN, text_width(first.c, first.n));
	lines_split(
	    &l, ST_USER, (struct bytes){(const uint8_t *)s, len}, TEXT_TABS);
	for (i = 0; i < l.n; i++)
		tui_put(t, &l.v[i], i == 0 ? &first : &rest, &rest);
	if (!t->item_open)
		tui_gap(t);
	lines_fini(&l);
	text_fini(&first);
	text_fini(&rest);
}

void
tui_prompt(struct tui *t, const char *s, size_t len)
{
	struct msg_prompt prompt = {.images = 0};
	struct msg_steer steer;
	int fd = fd_memfd("prompt", s, len);

	if (fd < 0) {
		tui_notice(t, "the prompt cannot be passed on");
		return;
	}
	if (t->running) {
		steer.text = fd;
		tui_gap(t);
		put_prompt(t, s, len, "↳ ");
		front_send(t->f, ROLE_MODEL, 0, MSG_STEER, &steer);
	} else {
		tui_end_item(t);
		put_prompt(t, s, len, "› ");
		prompt.text = fd;
		front_send(t->f, ROLE_MODEL, 0, MSG_PROMPT, &prompt);
		t->running = true; /* TURN confirms it */
		t->turn_since = clock_mono_ms();
		tick(t);
	}
	(void)close(fd);
	tui_notice(t, NULL);
}

void
tui_interrupt(struct tui *t)
{
	front_send(
	    t->f, ROLE_GATE, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
	front_send(
	    t->f, ROLE_MODEL, 0, MSG_INTERRUPT, &(struct msg_interrupt){});
	tui_notice(t, "interrupting");
}

/* From the gate. */

static int
tui_begin(struct front *f, uint32_t id, struct msg_begin *m)
{
	struct tui *t = f->state;

	tui_end_item(t);
	tick(t);
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

	tui_end_item(t);
	term_title(&t->term, "cordon: a question waits");
	tui_attention(t, "An approval waits.");
	return ask_open(t, id, m);
}

static int
tui_question(struct front *f, uint32_t id, struct msg_question *m)
{
	struct tui *t = f->state;

	tui_end_item(t);
	tui_attention(t, "The model asks a question.");
	return question_open(t, id, m);
}

static int
tui_place(struct front *f, uint32_t id, struct msg_place *m)
{
	struct tui *t = f->state;

	(void)id;
	free(t->conf.branch);
	t->conf.branch = xstrndup((const char *)m->branch.p, m->branch.len);
	tui_dirty(t);
	return 0;
}

static int
tui_grant(struct front *f, uint32_t id, struct msg_grant *m)
{
	struct tui *t = f->state;

	(void)id;
	if (m->last)
		tui_say(t, ST_DIM, "  /grants NUMBER takes one back");
	else
		tui_say(t, ST_PLAIN, "  %u  %.*s", m->number, (int)m->text.len,
		    (const char *)m->text.p);
	return 0;
}

/* The terminal. */

static void
on_escape(void *arg)
{
	struct tui *t = arg;

	t->esc_timer = 0;
	keys_idle(&t->keys);
	tui_paint(t);
}

static void
on_event(void *arg, const struct event *ev)
{
	struct tui *t = arg;

	if (t->leaving)
		return;
	if (ev->kind == EV_FOCUS)
		t->term.focused = ev->key != 0;
	else if (ev->kind == EV_KITTY)
		term_keyboard(&t->term);
	else if (ev->kind == EV_DEVICE)
		t->term.asked = false;
	else if (ev->kind == EV_BACKGROUND) {
		/* Perceived brightness, ITU-R BT.601, in thousandths. */
		unsigned y = (ev->key >> 16 & 0xff) * 299 +
			     (ev->key >> 8 & 0xff) * 587 +
			     (ev->key & 0xff) * 114;

		if (t->conf.theme_auto && t->term.theme != THEME_NONE)
			t->term.theme = y > 128000 ? THEME_LIGHT : THEME_DARK;
	} else
		t->view->event(t, ev);
}

static void
on_input(void *arg, int fd, short events)
{
	struct tui *t = arg;
	char mem[4096];
	ssize_t n;

	n = read(fd, mem, sizeof(mem));
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR) ||
	    (n == -1 && (events & (POLLHUP | POLLERR)) != 0)) {
		loop_fd_del(t->f->proc.loop, fd);
		t->term.open = false; /* nobody is there to write to */
		tui_quit(t, EXIT_HANGUP);
		return;
	}
	if (n < 0)
		return;
	loop_timer_del(t->f->proc.loop, t->esc_timer);
	t->esc_timer = 0;
	keys_feed(&t->keys, mem, (size_t)n);
	if (t->leaving)
		return;
	if (keys_waiting(&t->keys))
		t->esc_timer =
		    loop_timer(t->f->proc.loop, ESCAPE_MS, on_escape, t);
	tui_paint(t);
}

void
tui_resized(struct tui *t)
{
	screen_resized(&t->screen);
	tui_dirty(t);
}

static void
on_winch(void *arg, int signo)
{
	(void)signo;
	tui_resized(arg);
}

/* Somebody ends us, or the terminal goes away. */
static void
on_ended(void *arg, int signo)
{
	tui_quit(arg, 128 + signo);
}

static void
on_sigint(void *arg, int signo)
{
	(void)signo;
	tui_interrupt(arg);
}

/* Stops us and, since it waits for us, the command; fg brings both back. */
void
tui_suspend(struct tui *t)
{
	struct msg_stat m = {.key = bytes_of("front.suspend")};

	screen_leave(&t->screen, true);
	term_close(&t->term);
	(void)chan_send(t->f->proc.main, 0, MSG_STAT, &m);
	(void)chan_flush(t->f->proc.main, 500);
	(void)kill(getpid(), SIGSTOP);
	if (term_open(&t->term) != 0)
		tui_quit(t, EXIT_HANGUP);
	tui_dirty(t);
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

/* Life. */

void
tui_quit(struct tui *t, int code)
{
	if (t->leaving)
		return;
	write_draft(t);
	screen_leave(&t->screen, true);
	t->leaving = true;
	loop_fd_del(t->f->proc.loop, t->term.in);
	term_close(&t->term);
	front_exit(t->f, code);
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
watch(struct tui *t)
{
	static const struct {
		int signo;
		loop_signal_fn *fn;
	} signals[] = {{SIGWINCH, on_winch}, {SIGHUP, on_ended},
	    {SIGTERM, on_ended}, {SIGINT, on_sigint}};
	struct loop *loop = t->f->proc.loop;
	size_t i;
	int r = loop_fd(loop, STDIN_FILENO, POLLIN, on_input, t);

	for (i = 0; r == 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		r = loop_signal(loop, signals[i].signo, signals[i].fn, t);
	return r;
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
	keys_init(&t->keys, on_event, t);
	composer_init(&t->composer);
	history_init(&t->history, handed(FRONT_FD_HISTORY));
	t->hist_at = t->history.n;
	store_init(&t->store);
	buf_init(&t->last, TERM_COPY_MAX + 1);
	buf_init(&t->needle, 1024);
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
	return watch(t);
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
	keys_fini(&t->keys);
	composer_fini(&t->composer);
	history_fini(&t->history);
	store_fini(&t->store);
	screen_fini(&t->screen);
	buf_fini(&t->last);
	buf_fini(&t->needle);
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
    .text = tui_text,
    .reason = tui_reason,
    .item = tui_item,
    .plan = tui_plan,
    .usage = tui_usage,
    .turn = tui_turn,
    .fail = tui_fail,
    .question = tui_question,
    .ask = tui_ask,
    .begin = tui_begin,
    .output = tui_output,
    .done = tui_done,
    .grant = tui_grant,
    .place = tui_place,
};
