/* SPDX-License-Identifier: Apache-2.0 */

/* cordon sessions export: a transcript as Markdown, HTML or JSON lines. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/vis.h"
#include "report/html.h"
#include "report/report.h"
#include "report/store.h"
#include "report/transcript.h"

int
export_to_output(const struct args *a)
{
	int fd;

	if (a->output == NULL)
		return EX_OK;
	fd = open(a->output,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd == -1 || dup2(fd, STDOUT_FILENO) == -1) {
		log_error("%s: %s", a->output, err_sys(errno));
		return EX_CANTCREAT;
	}
	(void)close(fd);
	return EX_OK;
}

/* Nothing is lost of the file where there is nothing to write. */
int
sessions_export_prepare(const struct args *a)
{
	struct store_entry e;
	int fd, r = sessions_open(a, &e, &fd);

	if (r != EX_OK)
		return r;
	(void)close(fd);
	return export_to_output(a);
}

/* A fence that is longer than any run of backquotes in the text. */
static void
put_fenced(const struct buf *text)
{
	const uint8_t *p = buf_data(text);
	size_t i, run = 0, most = 2;

	for (i = 0; i < text->len; i++) {
		run = p[i] == '`' ? run + 1 : 0;
		if (run > most)
			most = run;
	}
	for (i = 0; i <= most; i++)
		put("`");
	put("\n");
	put_vis(p, text->len, VIS_NL | VIS_TAB);
	put("\n");
	for (i = 0; i <= most; i++)
		put("`");
	put("\n\n");
}

static int
markdown_note(void *arg, const struct note *n)
{
	const uint8_t *p = buf_data(&n->text);

	(void)arg;
	switch (n->kind) {
	case NOTE_SESSION:
		put("# Session ");
		put_vis(json_str(n->line, "id"),
		    strlen(json_str(n->line, "id")), 0);
		put("\n\n");
		break;
	case NOTE_USER:
		put("## You\n\n");
		put_vis(p, n->text.len, VIS_NL | VIS_TAB);
		put("\n\n");
		break;
	case NOTE_ASSISTANT:
		put("## Model\n\n");
		put_vis(p, n->text.len, VIS_NL | VIS_TAB);
		put("\n\n");
		break;
	case NOTE_CALL:
		put("### Call ");
		put_vis(n->name, strlen(n->name), 0);
		put("\n\n");
		put_fenced(&n->text);
		break;
	case NOTE_RESULT:
		put("### Result\n\n");
		put_fenced(&n->text);
		break;
	case NOTE_OTHER:
	case NOTE_TURN_END:
	case NOTE_TITLE:
	case NOTE_ARCHIVE:
		break;
	}
	return 0;
}

static int
html_note(void *arg, const struct note *n)
{
	const char *word = note_word(n->kind);

	(void)arg;
	if (word != NULL)
		html_entry(word, n->time, bytes_of(n->name),
		    (struct bytes){buf_data(&n->text), n->text.len}, NULL);
	return 0;
}

static int
json_note(void *arg, const struct note *n)
{
	struct buf out;

	(void)arg;
	if (n->line == NULL)
		return 0;
	buf_init(&out, 2 * NOTE_TEXT_MAX);
	if (json_write(&out, n->line) == 0) {
		put_raw(buf_data(&out), out.len);
		put("\n");
	}
	buf_fini(&out);
	return 0;
}

int
sessions_export(const struct args *a)
{
	static const char *const kinds[] = {
	    "you", "model", "call", "result", NULL};
	const char *format = a->format == NULL ? "md" : a->format;
	struct store_entry e;
	int fd, r = sessions_open(a, &e, &fd);

	if (r != EX_OK)
		return r;
	if (strcmp(format, "jsonl") == 0)
		return sessions_read(&e, fd, json_note);
	if (strcmp(format, "md") == 0)
		return sessions_read(&e, fd, markdown_note);
	html_begin("Transcript", e.id, kinds);
	r = sessions_read(&e, fd, html_note);
	html_end();
	return r;
}
