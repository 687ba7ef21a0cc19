/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: naming a file in the prompt by a few letters behind an @.
 *
 * The names come from the gate, which has them listed in the cell; they are
 * asked for when an @ is typed and the list is old.
 */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fdio.h"
#include "base/xmem.h"

#include "ui/fuzzy.h"
#include "ui/picker.h"
#include "ui/tui.h"
#include "ui/words.h"

#define LIST_MAX (16u << 20) /* bytes of names */
#define FRESH_MS 15000       /* a list is asked for again after this */

struct mention {
	struct buf mem;
	struct bytes *names; /* owned, into mem */
	size_t n;
	bool asked;
	bool pick;   /* a list of them is to be opened when they come */
	uint64_t at; /* when it came; 0: never */
};

void
mention_free(struct tui *t)
{
	if (t->mention == NULL)
		return;
	free(t->mention->names);
	buf_fini(&t->mention->mem);
	free(t->mention);
	t->mention = NULL;
}

static struct mention *
mention_of(struct tui *t)
{
	if (t->mention == NULL) {
		t->mention = xcalloc(1, sizeof(*t->mention));
		buf_init(&t->mention->mem, LIST_MAX);
	}
	return t->mention;
}

/* Where the @ stands whose word the cursor is in. */
static bool
mention_from(const struct composer *d, size_t *from)
{
	size_t i = d->cur;

	while (
	    i > 0 && !isspace((unsigned char)d->s[i - 1]) && d->s[i - 1] != '@')
		i--;
	if (i == 0 || d->s[i - 1] != '@' ||
	    (i > 1 && !isspace((unsigned char)d->s[i - 2])))
		return false;
	*from = i - 1;
	return true;
}

static void
ask(struct tui *t, struct mention *m)
{
	if (m->asked || (m->at != 0 && clock_mono_ms() - m->at < FRESH_MS))
		return;
	m->asked = true;
	front_send(t->f, ROLE_GATE, 0, MSG_FILES, &(struct msg_files){});
}

static void
picked(struct tui *t, const char *name)
{
	composer_insert(&t->composer, name, strlen(name));
	composer_insert(&t->composer, " ", 1);
	(void)look_image(t, name);
	tui_changed(t);
}

void
mention_pick(struct tui *t)
{
	struct mention *m = mention_of(t);

	m->pick = true;
	m->at = 0; /* anew: a list that is open does not grow */
	ask(t, m);
}

int
tui_on_names(struct front *f, uint32_t id, struct msg_names *msg)
{
	static const struct picker_what what = {
	    "Which file?", "there are no files here", 0, picked, look_file};
	struct tui *t = f->state;
	struct mention *m = mention_of(t);
	struct bytes rest, line;
	size_t size = 0;
	int r = 0;

	(void)id;
	m->n = 0;
	m->asked = false;
	m->at = clock_mono_ms();
	buf_clear(&m->mem);
	if (msg->list != -1)
		r = fd_read_memfd(msg->list, &m->mem);
	fd_close(&msg->list);
	rest = (struct bytes){buf_data(&m->mem), m->mem.len};
	while (r == 0 && bytes_line(&rest, &line)) {
		if (m->n == size) {
			size = size == 0 ? 1024 : 2 * size;
			m->names =
			    xreallocarray(m->names, size, sizeof(*m->names));
		}
		m->names[m->n++] = line;
	}
	if (r == 0 && m->pick)
		picker_open(
		    t, &what, (struct bytes){buf_data(&m->mem), m->mem.len});
	m->pick = false;
	tui_dirty(t);
	return r;
}

size_t
mention_complete(struct tui *t, struct lines *rows, size_t max, size_t chosen,
    size_t *from, char *dst, size_t size)
{
	const struct composer *d = &t->composer;
	struct bytes typed, name;
	struct mention *m;
	struct text *row;
	size_t best[COMPLETE_MAX], n, i;

	if (!mention_from(d, from))
		return 0;
	m = mention_of(t);
	ask(t, m);
	typed = (struct bytes){
	    (const uint8_t *)d->s + *from + 1, d->cur - *from - 1};
	n = fuzzy_best(typed, m->names, m->n, best,
	    max < COMPLETE_MAX ? max : COMPLETE_MAX);
	for (i = 0; i < n; i++) {
		name = m->names[best[i]];
		row = lines_new(rows);
		text_adds(row, ST_ACCENT, i == chosen ? "› " : "  ");
		text_add(
		    row, i == chosen ? ST_USER : ST_PLAIN, name.p, name.len, 0);
		if (i == chosen)
			(void)snprintf(dst, size, "%.*s ", (int)name.len,
			    (const char *)name.p);
	}
	return n;
}
