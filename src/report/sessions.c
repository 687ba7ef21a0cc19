/* SPDX-License-Identifier: Apache-2.0 */

/* cordon sessions: the transcripts, listed, read, searched and kept tidy. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/vis.h"
#include "report/index.h"
#include "report/report.h"
#include "report/store.h"
#include "report/transcript.h"

#define LIST_LIMIT 20   /* sessions, unless told */
#define NOTE_MAX   8192 /* bytes of a line that we add */
#define ROW_MAX    (1u << 20)
#define SHORT_MAX  2000 /* bytes of a call or result that show prints */

static void
put_text(const char *s)
{
	put_vis(s, strlen(s), 0);
}

static void
put_json_row(const struct index_row *row)
{
	struct buf out;
	struct jsonw w;

	buf_init(&out, ROW_MAX);
	jsonw_init(&w, &out);
	jsonw_object(&w);
	jsonw_kstr(&w, "id", row->id);
	jsonw_kstr(&w, "created", row->created);
	jsonw_kstr(&w, "updated", row->updated);
	jsonw_kstr(&w, "cwd", row->cwd);
	jsonw_kstr(&w, "model", row->model);
	jsonw_kstr(&w, "title", row->title);
	jsonw_ku64(&w, "turns", row->turns);
	jsonw_kbool(&w, "archived", row->archived);
	if (row->found[0] != '\0')
		jsonw_kstr(&w, "found", row->found);
	jsonw_end(&w);
	(void)buf_addc(&out, '\n');
	put_raw(buf_data(&out), out.len);
	buf_fini(&out);
}

static int
put_row(void *arg, const struct index_row *row)
{
	const struct args *a = arg;

	if (a->json) {
		put_json_row(row);
		return 0;
	}
	put("%s  %.16s  %3" PRIu64 " turns  ", row->id, row->updated,
	    row->turns);
	put_text(row->title[0] != '\0' ? row->title : "(no prompt)");
	put("  (");
	put_text(row->cwd);
	put(")\n");
	if (row->found[0] != '\0') {
		put("    ");
		put_text(row->found);
		put("\n");
	}
	return 0;
}

int
sessions_list(const struct args *a)
{
	uint64_t page = a->all ? 0 : a->limit > 0 ? a->limit : LIST_LIMIT;
	struct index *x = index_open(a->state, page);
	struct args copy = *a;
	int r;

	if (x == NULL)
		return EX_NOINPUT;
	r = index_list(x, a->archived, page, put_row, &copy);
	index_close(x);
	return r == 0 ? EX_OK : EX_IOERR;
}

int
sessions_search(const struct args *a)
{
	struct index *x = index_open(a->state, 0);
	const char *words[65] = {NULL};
	struct args copy = *a;
	int r;

	if (x == NULL)
		return EX_NOINPUT;
	memcpy(words, a->operands.v, a->operands.n * sizeof(words[0]));
	r = index_search(
	    x, words, a->limit > 0 ? a->limit : LIST_LIMIT, put_row, &copy);
	index_close(x);
	if (r == ERR_SPACE) {
		log_error("sessions search: the words are too long; give "
			  "fewer");
		return EX_USAGE;
	}
	return r == 0 ? EX_OK : EX_IOERR;
}

int
sessions_reindex(const struct args *a)
{
	struct index *x;

	(void)index_delete(a->state);
	x = index_open(a->state, 0);
	index_close(x);
	return x == NULL ? EX_NOINPUT : EX_OK;
}

/* Reading one. */

static int
show_note(void *arg, const struct note *n)
{
	const char *word = note_word(n->kind);
	size_t len = n->text.len;
	bool cut = n->kind >= NOTE_CALL && len > SHORT_MAX;

	(void)arg;
	if (word == NULL)
		return 0;
	put("--- %s %.19s %s%s", word, n->time, n->name,
	    *n->name == '\0' ? "" : " ");
	put("---\n");
	put_vis(buf_data(&n->text), cut ? SHORT_MAX : len, VIS_NL | VIS_TAB);
	put("%s\n", cut ? "\n(shortened)" : "");
	return 0;
}

int
sessions_open(const struct args *a, struct store_entry *e, int *fd)
{
	*fd = store_open_say(a->state, STORE_SESSIONS, args_session(a), e);
	return *fd == -1 ? EX_NOINPUT : EX_OK;
}

int
sessions_read(const struct store_entry *e, int fd, note_fn *fn)
{
	int r = note_each(fd, fn, NULL);

	if (r < 0)
		log_error("%s: %s", e->path, err_str(r));
	(void)close(fd);
	return r < 0 ? EX_IOERR : EX_OK;
}

int
sessions_show(const struct args *a)
{
	struct store_entry e;
	int fd, r = sessions_open(a, &e, &fd);

	return r != EX_OK ? r : sessions_read(&e, fd, show_note);
}

/* Changing: a line is added, since the transcript is the truth. */

static int
append_line(const struct args *a, struct buf *line)
{
	struct store_entry e;
	int fd, r;

	(void)buf_addc(line, '\n');
	r = sessions_open(a, &e, &fd);
	if (r != EX_OK)
		return r;
	(void)close(fd);
	fd = open(
	    e.path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	r = fd == -1 ? ERR_IO : buf_err(line);
	if (r == 0)
		fd_hold(fd, e.path);
	if (r == 0)
		r = fd_write_all(fd, buf_data(line), line->len);
	if (r == 0 && fdatasync(fd) == -1)
		r = ERR_IO;
	if (r != 0)
		log_error("%s: %s", e.path, err_file(r));
	fd_close(&fd);
	return r == 0 ? EX_OK : EX_IOERR;
}

static void
begin_line(struct jsonw *w, struct buf *line, const char *type)
{
	char when[CLOCK_RFC3339_SIZE];

	clock_rfc3339(when, sizeof(when), clock_wall_ns());
	buf_init(line, NOTE_MAX);
	jsonw_init(w, line);
	jsonw_object(w);
	jsonw_kstr(w, "time", when);
	jsonw_kstr(w, "type", type);
}

int
sessions_rename(const struct args *a)
{
	struct buf line;
	struct jsonw w;
	int r;

	begin_line(&w, &line, "title");
	jsonw_kstr(&w, "text", a->operands.v[1]);
	jsonw_end(&w);
	r = append_line(a, &line);
	buf_fini(&line);
	return r;
}

int
sessions_archive(const struct args *a)
{
	struct buf line;
	struct jsonw w;
	int r;

	begin_line(&w, &line, "archive");
	jsonw_kbool(&w, "archived", !a->undo);
	jsonw_end(&w);
	r = append_line(a, &line);
	buf_fini(&line);
	return r;
}

int
sessions_rm(const struct args *a)
{
	struct store_entry e;
	int fd, r = sessions_open(a, &e, &fd);

	if (r != EX_OK)
		return r;
	(void)close(fd);
	if (unlink(e.path) == -1) {
		log_error("%s: %s", e.path, err_sys(errno));
		return EX_IOERR;
	}
	put("%s is deleted; its audit log is kept\n", e.id);
	return EX_OK;
}
