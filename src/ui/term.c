/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: the terminal's modes.
 *
 * What is switched on here is switched off by one string, written by
 * term_close, at exit, and by the handler of signals that kill.
 */

#include "config.h"

#include <sys/ioctl.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/vis.h"

#include "ui/caps.h"
#include "ui/term.h"

#define ROWS_DEFAULT 24
#define COLS_DEFAULT 80

/* Bracketed paste; focus reports. */
static const char modes_on[] = "\033[?2004h\033[?1004h";
/* Also: end of a synchronised update, wrapping, the cursor, plain text. */
static const char modes_off[] =
    "\033[?2026l\033[?2004l\033[?1004l\033[?7h\033[?25h\033[0m";
/* The keyboard protocol's state, the background, the device itself. */
static const char questions[] = "\033[?u\033]11;?\033\\\033[c";
static const char kitty_on[] = "\033[>1u";
static const char kitty_off[] = "\033[<u";

static struct term *term_now; /* for signals and exit */

bool
term_usable(int in, int out)
{
	const char *name = getenv("TERM");

	return isatty(in) && isatty(out) && name != NULL &&
	       strcmp(name, "dumb") != 0 && caps_enough();
}

void
term_init(struct term *t, int in, int out, bool color)
{
	const char *name = getenv("TERM");

	memset(t, 0, sizeof(*t));
	t->in = in;
	t->out = out;
	t->rows = ROWS_DEFAULT;
	t->cols = COLS_DEFAULT;
	t->focused = true;
	t->console = name != NULL && strcmp(name, "linux") == 0;
	t->theme = color && caps_colors() >= 8 ? THEME_DARK : THEME_NONE;
}

void
term_write(struct term *t, const void *p, size_t len)
{
	if (t->open)
		(void)fd_write_all(t->out, p, len);
}

void
term_resize(struct term *t)
{
	struct winsize ws;

	if (ioctl(t->out, TIOCGWINSZ, &ws) == -1)
		return;
	if (ws.ws_row > 0)
		t->rows = ws.ws_row;
	if (ws.ws_col > 0)
		t->cols = ws.ws_col;
}

/* The last words: where they cannot be written, nothing is left to do. */
static void
term_last(int fd, const char *text, size_t len)
{
	ssize_t n = write(fd, text, len);

	(void)n;
}

/* Async-signal-safe: only write(2) and ioctl(2). */
static void
term_restore(void)
{
	struct term *t = term_now;

	if (t == NULL)
		return;
	term_now = NULL;
	if (t->kitty)
		term_last(t->out, kitty_off, sizeof(kitty_off) - 1);
	term_last(t->out, modes_off, sizeof(modes_off) - 1);
	/* Flushing takes answers along that nobody would read any more. */
	(void)tcsetattr(t->in, t->asked ? TCSAFLUSH : TCSADRAIN, &t->saved);
	t->kitty = false;
	t->open = false;
}

static void
on_killed(int signo)
{
	(void)signo;
	term_restore(); /* SA_RESETHAND: returning kills us */
}

static void
catch_killers(void)
{
	static const int killers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
	struct sigaction sa = {
	    .sa_handler = on_killed, .sa_flags = (int)SA_RESETHAND};
	size_t i;

	for (i = 0; i < sizeof(killers) / sizeof(killers[0]); i++)
		(void)sigaction(killers[i], &sa, NULL);
	(void)atexit(term_restore);
}

int
term_open(struct term *t)
{
	static bool caught;
	struct termios raw;

	if (tcgetattr(t->in, &t->saved) == -1)
		return ERR_IO;
	raw = t->saved;
	raw.c_iflag &= ~(
	    tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP | IXON | BRKINT | PARMRK);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (!caught)
		catch_killers();
	caught = true;
	term_now = t;
	if (tcsetattr(t->in, TCSADRAIN, &raw) == -1)
		return ERR_IO;
	t->open = true;
	term_resize(t);
	if (t->console)
		return 0;
	term_write(t, modes_on, sizeof(modes_on) - 1);
	term_write(t, questions, sizeof(questions) - 1);
	t->asked = true;
	return 0;
}

void
term_close(struct term *t)
{
	if (!t->open)
		return;
	if (t->has_title)
		term_title(t, "");
	term_restore();
}

void
term_keyboard(struct term *t)
{
	if (t->kitty)
		return;
	term_write(t, kitty_on, sizeof(kitty_on) - 1);
	t->kitty = true;
}

/* An operating system command: number, printable text, end. */
static void
term_osc(struct term *t, const char *head, const char *text, size_t max)
{
	char shown[512];
	struct buf b;

	if (t->console)
		return;
	if (max > sizeof(shown))
		max = sizeof(shown);
	(void)vis_str(shown, max, text);
	buf_init(&b, 1024);
	(void)buf_addf(&b, "\033]%s%s\033\\", head, shown);
	term_write(t, buf_data(&b), b.len);
	buf_fini(&b);
}

void
term_title(struct term *t, const char *title)
{
	t->has_title = title[0] != '\0';
	term_osc(t, "2;", title, TERM_TITLE_MAX);
}

void
term_notify(struct term *t, enum notify how, const char *text)
{
	static const char *const heads[] = {
	    [NOTIFY_OSC9] = "9;",
	    [NOTIFY_OSC777] = "777;notify;cordon;",
	    [NOTIFY_OSC99] = "99;;",
	};

	if (how == NOTIFY_BEL)
		term_write(t, "\a", 1);
	else
		term_osc(t, heads[how], text, 256);
}

int
term_copy(struct term *t, const void *data, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = data;
	struct buf b;
	uint32_t v;
	size_t i;

	if (len > TERM_COPY_MAX || t->console)
		return ERR_LENGTH;
	buf_init(&b, 2 * (size_t)TERM_COPY_MAX);
	(void)buf_adds(&b, "\033]52;c;");
	for (i = 0; i < len; i += 3) {
		v = (uint32_t)p[i] << 16;
		v |= i + 1 < len ? (uint32_t)p[i + 1] << 8 : 0;
		v |= i + 2 < len ? p[i + 2] : 0;
		(void)buf_addc(&b, digits[v >> 18]);
		(void)buf_addc(&b, digits[v >> 12 & 63]);
		(void)buf_addc(&b, i + 1 < len ? digits[v >> 6 & 63] : '=');
		(void)buf_addc(&b, i + 2 < len ? digits[v & 63] : '=');
	}
	(void)buf_adds(&b, "\033\\");
	term_write(t, buf_data(&b), b.len);
	buf_fini(&b);
	return 0;
}
