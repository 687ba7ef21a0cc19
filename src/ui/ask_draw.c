/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front, mode tui: a question on the screen: a page of what is asked, and what
 * can be answered.
 */

#include "config.h"

#include <string.h>

#include "ui/ask_state.h"
#include "ui/mislead.h"
#include "ui/words.h"

static void
wrap_text(struct tui *t, const struct ask_text *text, struct lines *rows)
{
	struct text rest = {0};
	size_t i;

	for (i = 0; i < text->n; i++) {
		const struct ask_line *l = &text->v[i];

		text_clear(&rest);
		text_blanks(&rest, ST_PLAIN, text_width(l->lead.c, l->lead.n));
		if (rest.n * 2 > t->term.cols)
			text_clear(&rest);
		(l->prose ? lines_wrap : lines_fill)(
		    rows, &l->text, t->term.cols, &l->lead, &rest);
	}
	text_fini(&rest);
}

/* A path as it is from the folder of the session. */
static void
add_path(struct text *line, const struct ask *a, const char *path)
{
	size_t n = strlen(a->q.scope.root);

	if (strncmp(path, a->q.scope.root, n) == 0 && path[n] == '/')
		path += n + 1;
	text_add(line, ST_CODE, path, strlen(path), TEXT_EXACT);
}

static void
list_file(const struct ask *a, size_t n, struct text *line)
{
	const struct ask_file *file = &a->files[n];
	size_t adds, dels;

	text_adds(line, ST_ACCENT, n == a->file ? "› " : "  ");
	text_adds(
	    line, file->no ? ST_BAD : ST_OK, file->no ? "no   " : "yes  ");
	add_path(line, a, file->path);
	if (file->moved != NULL) {
		text_adds(line, ST_DIM, " → ");
		add_path(line, a, file->moved);
	}
	words_count(file->text, &adds, &dels);
	text_addf(line, ST_ADD, "  +%zu", adds);
	text_addf(line, ST_DEL, " -%zu", dels);
}

/* The files, as far as half a page has room, and what changes in the one that
 * is chosen. */
static void
wrap_files(struct tui *t, struct ask *a, struct lines *rows)
{
	size_t max = a->page > 8 ? a->page / 2 : a->page - 1, i, from;
	struct bytes text = a->files[a->file].text, line;
	struct lines diff = {0};
	struct text one = {0}, warn = {0};

	text_adds(lines_new(rows), ST_HEAD, "Which files may be changed?");
	i = a->file < max ? 0 : a->file + 1 - max;
	for (from = i; i < a->nfiles && i < from + max; i++)
		list_file(a, i, lines_new(rows));
	(void)lines_new(rows);
	text_adds(&warn, ST_WARN, "⚠ ");
	while (bytes_line(&text, &line)) {
		text_clear(&one);
		lines_fill(&diff, &one, t->term.cols,
		    mislead_show(&one, line) ? NULL : &warn, NULL);
	}
	text_fini(&warn);
	a->sub_page = a->page > rows->n ? a->page - rows->n : 0;
	if (a->sub_top + a->sub_page > diff.n)
		a->sub_top = diff.n > a->sub_page ? diff.n - a->sub_page : 0;
	for (i = a->sub_top; i < diff.n && i < a->sub_top + a->sub_page; i++)
		text_cells(lines_new(rows), diff.v[i].c, diff.v[i].n);
	text_fini(&one);
	lines_fini(&diff);
}

/* What it is for, besides what it names. */
static const struct {
	const char *exact, *wide, *widest;
} scope_words[] = {
    [ASK_EXEC] = {"exactly as it is, with the same files and rights",
	"in this folder, with the rights that were shown, whatever the files "
	"hold that it names, and only where the same rule asks",
	"That is anything that this program can do there."},
    [ASK_PATCH] = {"exactly this patch",
	"whatever a patch does there, and only where the same rule asks",
	"That is every file below this folder."},
    [ASK_READ] = {"exactly this",
	"whatever is there then, and only where the same rule asks",
	"That is every file below this folder."},
    [ASK_WRITE] = {"a command that cannot write there runs again, from its "
		   "beginning, in a sandbox of its own that may write below "
		   "this folder, and only where the same rule asks",
	"a command that cannot write there runs again, from its beginning, "
	"in a sandbox of its own that may write below this folder, and only "
	"where the same rule asks",
	"What other programs obey may lie there."},
    [ASK_NET] = {"this host and port alone",
	"every name below it, and only where the same rule asks",
	"That is every machine that its owner names."},
    [ASK_TOOL] = {"this tool alone, whatever it is told", NULL, NULL},
};

/* What a yes for the session would be. */
static void
wrap_scope(const struct ask *a, struct lines *rows)
{
	const struct scope *s = &a->q.scope;
	bool has = s->what <= ASK_NET || s->what == ASK_TOOL;
	size_t row = has ? s->what : ASK_EXEC, i;

	text_adds(lines_new(rows), ST_HEAD,
	    "Until this session ends, without asking again:");
	(void)lines_new(rows);
	if (s->to.n == 0)
		text_adds(lines_new(rows), ST_CODE, s->exact);
	else if (s->what == ASK_EXEC) {
		struct text *line = lines_new(rows);

		words_add(line, ST_CODE, &s->to, false, TEXT_EXACT);
		text_adds(line, ST_WARN, " … and any words");
	} else
		for (i = 0; i < s->to.n; i++)
			text_add(lines_new(rows), ST_CODE, s->to.v[i].p,
			    s->to.v[i].len, TEXT_EXACT);
	(void)lines_new(rows);
	text_adds(lines_new(rows), ST_DIM,
	    s->wide > 0 ? scope_words[row].wide : scope_words[row].exact);
	if (s->wide > 0 && s->wide == s->widest)
		text_adds(lines_new(rows), ST_WARN, scope_words[row].widest);
	text_adds(
	    lines_new(rows), ST_DIM, "/grants lists it and takes it back.");
}

static void
wrap_rule(const struct ask *a, struct lines *rows)
{
	size_t i;

	text_adds(lines_new(rows), ST_HEAD,
	    "This rule in your policy would allow it without asking:");
	(void)lines_new(rows);
	if (a->has_rule)
		lines_split(rows, ST_CODE,
		    (struct bytes){buf_data(&a->rule), a->rule.len}, 0);
	else
		text_adds(lines_new(rows), ST_WARN,
		    "No simple rule allows this: one has to be "
		    "written by hand.");
	(void)lines_new(rows);
	if (a->effect.n > 0)
		text_adds(lines_new(rows), ST_HEAD,
		    "What would be decided otherwise with it:");
	for (i = 0; i < a->effect.n; i++)
		text_cells(lines_new(rows), a->effect.v[i].c, a->effect.v[i].n);
	if (a->effect.n > 0)
		(void)lines_new(rows);
	text_adds(lines_new(rows), ST_DIM,
	    "Add it to ~/.config/cordon/policy.toml yourself: nothing in a "
	    "session can.");
}

/* What can be answered: in three columns, */
static void
keys_all(const struct ask *a, struct lines *l)
{
	static const size_t columns[] = {2, 18, 56};
	struct text *line = NULL;
	size_t i, n = 0;

	for (i = 0; i < ASK_KEYS; i++) {
		if (!ask_key_works(a, &ask_keys[i]))
			continue;
		if (n % 3 == 0)
			line = lines_new(l);
		text_blanks(line, ST_PLAIN,
		    columns[n++ % 3] - text_width(line->c, line->n));
		text_adds(line, ST_ACCENT, ask_keys[i].key);
		text_addf(line, ST_PLAIN, " %s", ask_keys[i].help);
	}
}

/* or in a row, or on a tiny screen the keys alone. */
static void
keys_row(const struct ask *a, struct text *line, bool tiny)
{
	size_t i;

	for (i = 0; i < ASK_KEYS; i++) {
		if (!ask_key_works(a, &ask_keys[i]))
			continue;
		text_blanks(line, ST_PLAIN, line->n == 0 ? 0 : tiny ? 1 : 2);
		text_adds(line, ST_ACCENT, ask_keys[i].key);
		if (!tiny)
			text_addf(line, ST_PLAIN, " %s", ask_keys[i].word);
	}
}

static void
draw_keys(struct tui *t, const struct ask *a, struct lines *keys)
{
	static const char *const help[] = {
	    [MODE_MESSAGE] = "Enter sends no with these words, Esc goes back",
	    [MODE_FILES] =
		"Space yes or no, ↑↓ choose, PgDn more, Esc goes back",
	    [MODE_RULE] = "c copies it, Esc goes back",
	    [MODE_SCOPE] = "y allows it for the session, Esc goes back",
	};
	struct text line = {0};
	bool small = t->term.cols < 76 || t->term.rows < 16;
	bool tiny = t->term.cols < 50 || t->term.rows < 10;

	if (t->notice != NULL)
		text_adds(&line, ST_WARN, t->notice);
	else if (a->mode != MODE_KEYS) {
		text_adds(&line, ST_DIM, help[a->mode]);
		if (a->q.scope.widest > 0 && a->mode >= MODE_RULE)
			text_adds(&line, ST_DIM, ", ← wider, → narrower");
	} else if (!a->seen)
		text_adds(&line, ST_WARN,
		    tiny ? "Space: more; n m"
			 : "Space shows more; yes works at the end   "
			   "n no   m no, and say why");
	else if (tiny || small)
		keys_row(a, &line, tiny);
	else
		keys_all(a, keys);
	if (line.n > 0)
		lines_wrap(keys, &line, t->term.cols, NULL, NULL);
	text_fini(&line);
}

static void
draw_message(struct tui *t, struct ask *a)
{
	struct lines l = {0};
	struct text line = {0};
	size_t row, col, i, from = t->screen.next.rows;

	composer_show(&a->message, t->term.cols > 3 ? t->term.cols - 2 : 1, 3,
	    &l, &row, &col);
	for (i = 0; i < l.n; i++) {
		text_clear(&line);
		text_adds(&line, ST_ACCENT, i == 0 ? "› " : "  ");
		text_cells(&line, l.v[i].c, l.v[i].n);
		screen_row(&t->screen, line.c, line.n);
	}
	screen_cursor(&t->screen, from + row, col + 2);
	lines_fini(&l);
	text_fini(&line);
}

static void
ask_rows(struct tui *t, struct ask *a, struct lines *rows)
{
	struct lines l = {0};
	struct text lead = {0};
	size_t i;

	if (a->mode == MODE_FILES)
		wrap_files(t, a, rows);
	else if (a->mode == MODE_RULE)
		wrap_rule(a, &l);
	else if (a->mode == MODE_SCOPE)
		wrap_scope(a, &l);
	else
		wrap_text(t, a->explained ? a->whole : a->q.text, rows);
	text_blanks(&lead, ST_PLAIN, 2);
	for (i = 0; i < l.n; i++)
		lines_wrap(rows, &l.v[i], t->term.cols,
		    l.v[i].n > 0 && l.v[i].c[0].style != ST_HEAD ? &lead : NULL,
		    &lead);
	lines_fini(&l);
	text_fini(&lead);
}

/* A page of the rows; returns the row behind it. */
static size_t
draw_page(struct tui *t, struct ask *a, const struct lines *rows)
{
	size_t zero = 0, *top = a->mode == MODE_FILES ? &zero : ask_top(a), i;

	if (*top + a->page > rows->n)
		*top = rows->n > a->page ? rows->n - a->page : 0;
	for (i = *top; i < rows->n && i < *top + a->page; i++)
		screen_row(&t->screen, rows->v[i].c, rows->v[i].n);
	return i;
}

void
ask_draw(struct tui *t)
{
	struct ask *a = t->asks;
	struct lines rows = {0}, keys = {0};
	struct text mark = {0};
	size_t i, left;

	draw_keys(t, a, &keys);
	left = keys.n + 1 + (a->mode == MODE_MESSAGE ? 3 : 0);
	a->page = t->term.rows > left ? t->term.rows - left : 1;
	ask_rows(t, a, &rows);
	i = draw_page(t, a, &rows);
	if (i == rows.n && !ask_aside(a))
		a->seen = true;
	if (rows.n > a->page)
		text_addf(&mark, ST_WARN, "  (%zu of %zu lines%s)", i, rows.n,
		    a->seen && i < rows.n ? ", Space: more" : "");
	screen_row(&t->screen, mark.c, mark.n);
	if (a->mode == MODE_MESSAGE)
		draw_message(t, a);
	for (i = 0; i < keys.n; i++)
		screen_row(&t->screen, keys.v[i].c, keys.v[i].n);
	a->drawn = true;
	if (!a->hearing && t->deaf_timer == 0)
		ask_stay_deaf(t);
	lines_fini(&rows);
	lines_fini(&keys);
	text_fini(&mark);
}
