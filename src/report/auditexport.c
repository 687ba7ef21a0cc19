/* SPDX-License-Identifier: Apache-2.0 */

/* cordon audit export. */

#include "config.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "report/format.h"
#include "report/html.h"
#include "report/report.h"

struct writing {
	const struct format *f;
	bool any;
};

static int
export_one(void *arg, const struct entry *e)
{
	struct writing *w = arg;
	struct buf out;

	buf_init(&out, FORMAT_RECORD_MAX);
	if (w->any && w->f->between != NULL)
		(void)buf_adds(&out, w->f->between);
	w->f->add(&out, e);
	put_raw(buf_data(&out), out.len);
	buf_fini(&out);
	w->any = true;
	return 0;
}

static int
export_html_one(void *arg, const struct entry *e)
{
	struct buf words;

	(void)arg;
	buf_init(&words, ENTRY_WORDS_MAX);
	entry_words(&words, e);
	html_entry(format_word(e), e->r.time,
	    (struct bytes){buf_data(&words), words.len}, e->line, "record");
	buf_fini(&words);
	return 0;
}

/* Nothing is lost of the file where there is nothing to write. */
int
report_export_prepare(const struct args *a)
{
	struct store_entry se;
	int fd, r = entry_open(a, args_session(a), &se, &fd);

	if (r != EX_OK)
		return r;
	if (fd != a->file)
		(void)close(fd);
	return export_to_output(a);
}

/* The page, which can leave out each type, and what is none. */
static int
export_page(const struct args *a, const struct store_entry *se, int fd)
{
	const char *kinds[AUDIT_TYPES + 2] = {NULL};
	unsigned i;
	int r;

	for (i = 0; i < AUDIT_TYPES; i++)
		kinds[i] = record_word((enum audit_type)i);
	kinds[AUDIT_TYPES] = "damaged";
	html_begin("Audit log", se->id, kinds);
	r = entry_read(a, se, fd, export_html_one, NULL);
	html_end();
	return r;
}

int
report_export(const struct args *a)
{
	const char *name = a->format == NULL ? "jsonl" : a->format;
	struct writing w = {format_find(name), false};
	struct store_entry se;
	int fd, r = entry_open(a, args_session(a), &se, &fd);

	if (r != EX_OK)
		return r;
	if (w.f == NULL)
		return export_page(a, &se, fd);
	if (w.f->begin != NULL)
		put("%s", w.f->begin);
	r = entry_read(a, &se, fd, export_one, &w);
	if (w.f->end != NULL)
		put("%s", w.f->end);
	return r;
}
