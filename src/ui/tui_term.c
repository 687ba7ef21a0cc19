/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: the terminal: keys, its size, and its going away.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/err.h"

#include "ui/tui.h"

#define EXIT_HANGUP 129 /* the terminal is gone */

static void
on_escape(void *arg)
{
	struct tui *t = arg;

	t->esc_timer = 0;
	keys_idle(&t->keys);
	tui_paint(t);
}

void
tui_event(void *arg, const struct event *ev)
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
	tui_refill(t);
	tui_dirty(t);
}

int
tui_back(struct tui *t)
{
	if (term_open(&t->term) != 0)
		return ERR_IO;
	if (t->conf.alt_screen)
		screen_own(&t->screen);
	tui_resized(t);
	return 0;
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

int
tui_watch_keys(struct tui *t)
{
	return loop_fd(t->f->proc.loop, STDIN_FILENO, POLLIN, on_input, t);
}

void
tui_unwatch(struct tui *t)
{
	loop_fd_del(t->f->proc.loop, STDIN_FILENO);
}

int
tui_watch(struct tui *t)
{
	static const struct {
		int signo;
		loop_signal_fn *fn;
	} signals[] = {{SIGWINCH, on_winch}, {SIGHUP, on_ended},
	    {SIGTERM, on_ended}, {SIGINT, on_sigint}};
	struct loop *loop = t->f->proc.loop;
	size_t i;
	int r = tui_watch_keys(t);

	for (i = 0; r == 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		r = loop_signal(loop, signals[i].signo, signals[i].fn, t);
	return r;
}
