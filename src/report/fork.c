/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon sessions fork: a new transcript that begins like another.
 *
 * Main has made the id and the folder.  Nothing is written before the other
 * one is known to have the turn.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "report/lines.h"
#include "report/report.h"
#include "report/store.h"
#include "report/transcript.h"

#define LINE_MAX_BYTES (LINES_MAX + 1024)

struct fork {
	const char *from, *to; /* borrowed: the ids */
	uint64_t at;           /* turns to keep; 0: all */
	uint64_t turns;        /* that there are, of those */
	uint64_t lines, seen;  /* of this pass: lines, and ends of turns */
	int out;               /* owned; -1: they are only counted */
};

/* The first line names the session; the place of its id in it. */
static int
put_session(const struct fork *f, struct bytes line)
{
	const uint8_t *at = memmem(line.p, line.len, f->from, strlen(f->from));
	struct buf b;
	struct jsonw w;
	char when[CLOCK_RFC3339_SIZE];
	size_t n;
	int r;

	if (at == NULL)
		return ERR_FORMAT;
	n = (size_t)(at - line.p);
	buf_init(&b, LINE_MAX_BYTES);
	(void)buf_add(&b, line.p, n);
	(void)buf_adds(&b, f->to);
	n += strlen(f->from);
	(void)buf_add(&b, line.p + n, line.len - n);
	(void)buf_addc(&b, '\n');
	clock_rfc3339(when, sizeof(when), clock_wall_ns());
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "time", when);
	jsonw_kstr(&w, "type", "fork");
	jsonw_kstr(&w, "from", f->from);
	jsonw_ku64(&w, "turns", f->turns);
	jsonw_end(&w);
	r = buf_addc(&b, '\n');
	if (r == 0)
		r = fd_write_all(f->out, buf_data(&b), b.len);
	buf_fini(&b);
	return r;
}

/* What a title or the archive says is about the other one. */
static int
put_line(const struct fork *f, const struct note *n)
{
	if (n->kind == NOTE_TITLE || n->kind == NOTE_ARCHIVE || n->line == NULL)
		return 0;
	if (fd_write_all(f->out, n->raw.p, n->raw.len) != 0 ||
	    fd_write_all(f->out, "\n", 1) != 0)
		return ERR_IO;
	return 0;
}

/* 1 at the end of the last turn that is kept. */
static int
fork_note(void *arg, const struct note *n)
{
	struct fork *f = arg;
	int r = 0;

	if (f->out != -1)
		r = f->lines == 0 ? put_session(f, n->raw) : put_line(f, n);
	f->lines++;
	f->seen += n->kind == NOTE_TURN_END;
	return r != 0 ? r : f->at != 0 && f->seen == f->at;
}

/* Reads the lines up to the end of the turn, and writes them if there is
 * where to. */
static int
fork_pass(struct fork *f, int fd)
{
	int r;

	f->lines = f->seen = 0;
	r = note_each(fd, fork_note, f);
	f->turns = f->seen;
	return r < 0 ? r : 0;
}

static int
fork_write(struct fork *f, int in, const char *path)
{
	int r;

	f->out = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->out != -1)
		fd_hold(f->out, path);
	r = f->out == -1 || lseek(in, 0, SEEK_SET) == -1 ? ERR_IO
							 : fork_pass(f, in);
	if (r == 0 && fdatasync(f->out) == -1)
		r = ERR_IO;
	if (r != 0) {
		log_error("%s: %s", path, err_file(r));
		if (f->out != -1)
			(void)unlink(path);
	}
	fd_close(&f->out);
	return r == 0 ? EX_OK : EX_IOERR;
}

int
sessions_fork(const struct args *a)
{
	struct store_entry e;
	struct fork f = {.at = a->at, .out = -1};
	int in, r;

	if (a->session == NULL || a->output == NULL)
		return EX_USAGE;
	in = store_open_say(a->state, STORE_SESSIONS, a->operands.v[0], &e);
	if (in == -1)
		return EX_NOINPUT;
	f.from = e.id;
	f.to = a->session;
	r = fork_pass(&f, in);
	if (r != 0) {
		log_error("%s: %s", e.path, err_str(r));
		r = EX_IOERR;
	} else if (f.turns < f.at || f.turns == 0) {
		log_error("%s has %" PRIu64 " turns; give --at one of them",
		    e.id, f.turns);
		r = EX_DATAERR;
	} else {
		f.at = f.turns;
		r = fork_write(&f, in, a->output);
	}
	(void)close(in);
	if (r == EX_OK)
		put("%s\n", f.to);
	return r;
}
