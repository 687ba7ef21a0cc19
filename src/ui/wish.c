/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: what is wanted of main, since this process has no files
 * and starts nothing: the list of sessions, the person's editor, what a rule
 * would change, records and rules to read, the image in the clipboard.  One
 * thing at a time.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/picker.h"
#include "ui/tui.h"
#include "ui/words.h"

#define ANSWER_MAX  (8u << 20) /* bytes */
#define ID_LEN      36         /* of a session; its line begins with it */
#define EXIT_HANGUP 129
#define SLOW_MS     300 /* what takes longer is told */

bool
wish(struct tui *t, enum want_what what, struct bytes text)
{
	struct msg_want m = {.what = (uint8_t)what};

	if (t->wanting) {
		tui_notice(t, "one thing at a time");
		return false;
	}
	m.text = fd_memfd("text", text.p, text.len);
	if (m.text < 0) {
		tui_notice(t, "there is no memory for it");
		return false;
	}
	t->wanting = chan_send(t->f->proc.main, 0, MSG_WANT, &m) == 0;
	fd_close(&m.text);
	return t->wanting;
}

bool
wish_rule(struct tui *t, struct bytes toml)
{
	struct buf file;
	bool asked;

	buf_init(&file, ANSWER_MAX);
	(void)buf_adds(&file, "version = 1\n");
	(void)buf_add(&file, toml.p, toml.len);
	asked = wish(t, WANT_RULE, (struct bytes){buf_data(&file), file.len});
	buf_fini(&file);
	return asked;
}

/* The terminal is somebody else's until GIVE comes. */
static void
wish_away(struct tui *t, enum want_what what, struct bytes text)
{
	screen_leave(&t->screen, true);
	term_close(&t->term);
	if (wish(t, what, text)) {
		t->away = t->screen.away = true;
		tui_unwatch(t);
	} else if (tui_back(t) != 0)
		tui_quit(t, EXIT_HANGUP);
}

void
wish_editor(struct tui *t)
{
	size_t len;
	char *s = composer_take(&t->composer, &len);

	composer_set(&t->composer, s, len);
	wish_away(t, WANT_EDIT, (struct bytes){(uint8_t *)s, len});
	free(s);
}

void
wish_stop(struct tui *t)
{
	wish_away(t, WANT_STOP, bytes_of(""));
}

static void
on_slow(void *arg)
{
	struct tui *t = arg;

	t->want_timer = 0;
	tui_notice(t, "waiting for the clipboard; %s leaves it",
	    bind_hint(ACT_CANCEL));
}

void
wish_image(struct tui *t)
{
	if (!wish(t, WANT_IMAGE, bytes_of("")))
		return;
	t->want_image = true;
	tui_notice(t, NULL);
	t->want_timer = loop_timer(t->f->proc.loop, SLOW_MS, on_slow, t);
}

bool
wish_leave(struct tui *t)
{
	struct msg_want m = {.what = WANT_LEAVE, .text = -1};

	if (t->want_image)
		(void)chan_send(t->f->proc.main, 0, MSG_WANT, &m);
	return t->want_image;
}

/* It goes along with a prompt that has its name, as with those of files. */
static void
pasted(struct tui *t, struct msg_give *m)
{
	char name[32];

	do
		(void)snprintf(name, sizeof(name), "[Image #%u]", ++t->pasted);
	while (strstr(t->composer.s, name) != NULL);
	images_add(name, m->mime, m->text);
	m->text = -1;
	tui_notice(t, NULL);
	composer_put(&t->composer, bytes_of(name));
	composer_insert(&t->composer, " ", 1);
	tui_changed(t);
}

static void
come_back(struct tui *t)
{
	t->away = t->screen.away = false;
	if (tui_back(t) != 0 || tui_watch_keys(t) != 0)
		tui_quit(t, EXIT_HANGUP);
}

static void
edited(struct tui *t, struct bytes text)
{
	composer_set(&t->composer, "", 0);
	composer_put(&t->composer, text);
	tui_changed(t);
}

static void
resume(struct tui *t, const char *line)
{
	char id[ID_LEN + 1];

	(void)strlcpy(id, line, sizeof(id));
	if (strcmp(id, t->f->proc.session) == 0)
		tui_notice(t, "this is that session");
	else
		tui_go_to(t, NEXT_RESUME, id);
}

static bool
look(struct tui *t, const char *line)
{
	return !t->wanting &&
	       wish(t, WANT_SESSION,
		   (struct bytes){(const uint8_t *)line, ID_LEN});
}

/* Those of this folder in which something was said. */
static void
picked(struct tui *t, struct bytes rest)
{
	static const struct picker_what what = {"Go on with which session?",
	    "no other session of this folder", ID_LEN + 2, resume, look};
	char *here =
	    xasprintf("  (%s)", t->conf.cwd == NULL ? "" : t->conf.cwd);
	struct bytes line;
	size_t n = strlen(here);
	struct buf kept;

	buf_init(&kept, ANSWER_MAX);
	while (bytes_line(&rest, &line)) {
		if (line.len < n ||
		    memcmp(line.p + line.len - n, here, n) != 0 ||
		    memmem(line.p, line.len, "(no prompt)", 11) != NULL)
			continue;
		(void)buf_add(&kept, line.p, line.len - n);
		(void)buf_addc(&kept, '\n');
	}
	picker_open(t, &what, (struct bytes){buf_data(&kept), kept.len});
	buf_fini(&kept);
	free(here);
}

static void
show_audit(struct tui *t, struct bytes text)
{
	pager_open_text(t, "audit records", "", text);
}

static void
show_policy(struct tui *t, struct bytes text)
{
	pager_open_text(t, "rules in force", "", text);
}

static void
written(struct tui *t, struct bytes path)
{
	tui_say(t, ST_PLAIN, "  written to %.*s", (int)path.len,
	    (const char *)path.p);
	tui_gap(t);
}

static void
stopped(struct tui *t, struct bytes text)
{
	(void)t;
	(void)text;
}

/* What is done with the answers. */
static void (*const gives[])(struct tui *t, struct bytes text) = {
    [WANT_SESSIONS] = picked,
    [WANT_EDIT] = edited,
    [WANT_RULE] = ask_effect,
    [WANT_SESSION] = picker_preview,
    [WANT_AUDIT] = show_audit,
    [WANT_POLICY] = show_policy,
    [WANT_EXPORT] = written,
    [WANT_FEEDBACK] = written,
    [WANT_STOP] = stopped,
};

int
tui_on_give(struct front *f, uint32_t id, struct msg_give *m)
{
	struct tui *t = f->state;
	struct buf b;
	int r = 0;

	(void)id;
	buf_init(&b, ANSWER_MAX);
	if (!t->wanting || m->what >= WANT_LEAVE ||
	    (m->what == WANT_IMAGE) != t->want_image)
		r = ERR_STATE;
	t->wanting = t->want_image = false;
	loop_timer_del(t->f->proc.loop, t->want_timer);
	t->want_timer = 0;
	if (r == 0 && m->what == WANT_IMAGE && m->text != -1)
		pasted(t, m);
	else if (r == 0 && m->text != -1)
		r = fd_read_memfd(m->text, &b);
	fd_close(&m->text);
	if (t->away && !t->leaving)
		come_back(t);
	if (r == 0 && m->error.len > 0)
		tui_notice(
		    t, "%.*s", (int)m->error.len, (const char *)m->error.p);
	else if (r == 0 && m->what != WANT_IMAGE)
		gives[m->what](t, (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
	return r;
}
