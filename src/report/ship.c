/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon audit ship: what is new, to a collector.
 *
 * The logs are the spool: STATE/ship/HASH says for each log up to which byte
 * this collector has it, and moves on only when the collector has taken what
 * was sent.  A record may so come twice, never not at all; log and seq tell.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "report/entry.h"
#include "report/lines.h"
#include "report/report.h"
#include "report/sink.h"
#include "report/store.h"

#define CURSOR_MAX (64u << 20) /* bytes of the file of positions */

/* How far the collector has one log. */
struct position {
	char id[STORE_ID_SIZE];
	uint64_t bytes;
};

static struct {
	struct sink *sink;                      /* owned */
	int dir;                                /* owned: STATE/ship */
	char name[SHA256_DIGEST_STRING_LENGTH]; /* of the positions in it */
	struct position *positions;             /* owned */
	size_t npositions, room;
	uint64_t sent;
} ship = {.dir = -1};

/* Everything that needs a path or a socket, before confinement. */
int
report_ship_prepare(const struct args *a)
{
	char dir[PATH_MAX];

	if (a->to == NULL) {
		log_error("audit ship: --to is missing; see 'cordon audit ship "
			  "--help'");
		return EX_USAGE;
	}
	(void)SHA256Data((const uint8_t *)a->to, strlen(a->to), ship.name);
	if (str_fmt(dir, sizeof(dir), "%s/ship", a->state) != 0 ||
	    (mkdir(dir, 0700) == -1 && errno != EEXIST) ||
	    (ship.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		log_error("%s: %s", dir, err_sys(errno));
		return EX_CANTCREAT;
	}
	return sink_open(&ship.sink, a->to);
}

static void
add_position(const char *id, uint64_t bytes)
{
	struct position *p;

	if (ship.npositions == ship.room) {
		ship.room = ship.room == 0 ? 64 : 2 * ship.room;
		ship.positions = xreallocarray(
		    ship.positions, ship.room, sizeof(*ship.positions));
	}
	p = &ship.positions[ship.npositions++];
	(void)strlcpy(p->id, id, sizeof(p->id));
	p->bytes = bytes;
}

static struct position *
find_position(const char *id)
{
	size_t i;

	for (i = ship.npositions; i > 0; i--)
		if (strcmp(ship.positions[i - 1].id, id) == 0)
			return &ship.positions[i - 1];
	return NULL;
}

/* Lines of "ID BYTES". */
static int
read_positions(void)
{
	const char *bad = NULL;
	struct buf b;
	char *line, *rest, *number;
	int r;

	buf_init(&b, CURSOR_MAX);
	r = fd_read_file(ship.dir, ship.name, &b);
	rest = r == 0 ? buf_cstr(&b) : NULL;
	while ((line = strsep(&rest, "\n")) != NULL) {
		number = strchr(line, ' ');
		if (number == NULL)
			continue;
		*number++ = '\0';
		add_position(
		    line, (uint64_t)strtonum(number, 0, INT64_MAX, &bad));
		if (bad != NULL)
			r = ERR_FORMAT;
	}
	buf_fini(&b);
	return r == ERR_NOENT ? 0 : r;
}

static int
write_positions(void)
{
	struct buf b;
	size_t i;
	int r;

	buf_init(&b, CURSOR_MAX);
	for (i = 0; i < ship.npositions; i++)
		(void)buf_addf(&b, "%s %" PRIu64 "\n", ship.positions[i].id,
		    ship.positions[i].bytes);
	r = buf_err(&b);
	if (r == 0)
		r = fd_replace_file(
		    ship.dir, ship.name, buf_data(&b), b.len, 0600);
	buf_fini(&b);
	return r;
}

/* The new lines of one log.  A torn last line waits for its end, and so does
 * one that is longer than any record: the other logs do not wait for it. */
static int
ship_log(
    const struct args *a, const struct store_entry *se, struct position *at)
{
	const uint8_t *line;
	struct entry e;
	struct lines l;
	size_t len;
	int fd, r = 0, more = 1;

	fd = open(se->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (fd == -1 || lseek(fd, (off_t)at->bytes, SEEK_SET) == -1) {
		fd_close(&fd);
		return ERR_IO;
	}
	lines_init(&l, fd, RECORD_LINE_MAX);
	while (r == 0 && (more = lines_next(&l, &line, &len)) == 1) {
		(void)entry_init(&e, a, (struct bytes){line, len});
		r = sink_put(ship.sink, &e);
		entry_fini(&e);
		at->bytes += len + 1;
		ship.sent++;
	}
	lines_fini(&l);
	(void)close(fd);
	if (r == 0 && more == ERR_SPACE) {
		log_error("%s: what stands behind byte %" PRIu64
			  " is no record and is not sent; 'cordon audit "
			  "verify' says more",
		    se->path, at->bytes);
		return 0;
	}
	return r != 0 ? r : more;
}

struct found {
	struct store_entry *v; /* owned */
	size_t n, room;
};

/* Logs that have something new. */
static int
collect(void *arg, const struct store_entry *e)
{
	struct position *at = find_position(e->id);
	struct found *f = arg;

	if (at != NULL && at->bytes >= (uint64_t)e->st.st_size)
		return 0;
	if (f->n == f->room) {
		f->room = f->room == 0 ? 16 : 2 * f->room;
		f->v = xreallocarray(f->v, f->room, sizeof(*f->v));
	}
	f->v[f->n++] = *e;
	return 0;
}

int
report_ship(const struct args *a)
{
	const struct args all = {.state = a->state};
	struct found f = {NULL, 0, 0};
	struct position *at;
	size_t i;
	int r = read_positions();

	if (r == 0)
		r = store_each(a->state, STORE_AUDIT, collect, &f);
	for (i = f.n; r == 0 && i > 0; i--) { /* the oldest first */
		at = find_position(f.v[i - 1].id);
		if (at == NULL) {
			add_position(f.v[i - 1].id, 0);
			at = &ship.positions[ship.npositions - 1];
		}
		r = ship_log(&all, &f.v[i - 1], at);
	}
	if (r == 0)
		r = sink_finish(ship.sink);
	if (r == 0)
		r = write_positions();
	if (r != 0)
		log_error("%s: %s; the next run sends these records again",
		    a->to,
		    r == ERR_IO     ? err_sys(errno)
		    : r == ERR_PERM ? "the collector refuses"
				    : err_str(r));
	else
		put("%" PRIu64 " records sent\n", ship.sent);
	sink_free(ship.sink);
	free(ship.positions);
	free(f.v);
	return r == 0 ? EX_OK : EX_UNAVAILABLE;
}
