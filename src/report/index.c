/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the index of transcripts, by sqlite3.
 *
 * The database has no journal and no locks of its own: one lock on the folder
 * keeps two of us apart, and a database that a crash broke is made anew.
 *
 * To look at each file would take most of the time of a list.  A folder with
 * the time that it had has the same files; of them those may have grown that
 * were being written, and who begins to write one that was not gives the
 * folder a new time (fd_hold).
 */

#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "report/index.h"
#include "report/store.h"
#include "report/transcript.h"

#define INDEX_VERSION 3
#define SETTLED_NS    100000000LL  /* since a folder was last changed */
#define COARSE_NS     2000000000LL /* the same where times are whole seconds */
#define BODY_MAX      (8u << 20)   /* bytes of one session that are searched */

/* What the index knows of a file: it is unchanged if these are. */
struct known {
	int64_t row, folder; /* its inode number */
	char id[STORE_ID_SIZE];
	int64_t size, mtime;
	bool live; /* it was being written */
	bool seen;
};

/* A folder with the same time still has the same files. */
struct known_folder {
	int64_t inode, mtime;
	bool seen;
};

struct known_list {
	struct known *v; /* owned */
	size_t n;
};

struct index {
	sqlite3 *db;               /* owned */
	int lock;                  /* owned */
	struct known_list watched; /* files to look at wherever they are */
	struct known_list here;    /* files of the folder that is read, by id */
	struct known_folder *folders; /* owned, sorted by inode */
	size_t nfolders;
	const struct store_folder *at; /* borrowed: the one that is read */
	const char *state;             /* borrowed */
	uint64_t page;
	bool broken;
};

static const char schema[] =
    "CREATE TABLE folders(inode INTEGER PRIMARY KEY, mtime INTEGER);"
    "CREATE TABLE sessions(n INTEGER PRIMARY KEY, id TEXT,"
    " folder INTEGER, size INTEGER, mtime INTEGER, live INTEGER,"
    " created TEXT, updated TEXT, cwd TEXT, model TEXT, title TEXT,"
    " turns INTEGER, archived INTEGER);"
    "CREATE INDEX by_file ON sessions(folder, id);"
    "CREATE INDEX by_live ON sessions(n) WHERE live;"
    "CREATE INDEX by_time ON sessions(archived, updated, id);"
    "CREATE VIRTUAL TABLE words USING fts5(body);";

static bool
exec(struct index *x, const char *sql)
{
	if (sqlite3_exec(x->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	x->broken = true;
	return false;
}

static sqlite3_stmt *
prepare(struct index *x, const char *sql)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(x->db, sql, -1, &s, NULL) != SQLITE_OK)
		x->broken = true;
	return s;
}

/* Runs a statement that gives no rows, and ends it. */
static void
run(struct index *x, sqlite3_stmt *s)
{
	if (sqlite3_step(s) != SQLITE_DONE)
		x->broken = true;
	(void)sqlite3_finalize(s);
}

static void
bind(sqlite3_stmt *s, int i, const char *text)
{
	(void)sqlite3_bind_text(s, i, text, -1, SQLITE_TRANSIENT);
}

static const char *
column(sqlite3_stmt *s, int i)
{
	const unsigned char *text = sqlite3_column_text(s, i);

	return text == NULL ? "" : (const char *)text;
}

static int
file_path(char dst[PATH_MAX], const char *state)
{
	return str_fmt(dst, PATH_MAX, "%s/sessions/index.sqlite", state);
}

int
index_delete(const char *state)
{
	char path[PATH_MAX];

	if (file_path(path, state) != 0)
		return ERR_SPACE;
	(void)unlink(path);
	return 0;
}

static int64_t
version_of(struct index *x)
{
	sqlite3_stmt *s = prepare(x, "PRAGMA user_version");
	int64_t v = -1;

	if (s != NULL && sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return v;
}

static void
database_open(struct index *x)
{
	char path[PATH_MAX], sql[64];
	int64_t version;

	x->broken = file_path(path, x->state) != 0 ||
		    sqlite3_open_v2(path, &x->db,
			SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			    SQLITE_OPEN_NOMUTEX,
			"unix-none") != SQLITE_OK;
	if (x->broken ||
	    !exec(x, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
		     "PRAGMA temp_store=MEMORY;"))
		return;
	version = version_of(x);
	if (version == INDEX_VERSION)
		return;
	(void)snprintf(
	    sql, sizeof(sql), "PRAGMA user_version=%d;", INDEX_VERSION);
	if (version != 0)
		x->broken = true;
	else if (exec(x, schema))
		(void)exec(x, sql);
}

/* Taking up. */

/* Room for one more in an array of n members of this size. */
static void *
grown(void *array, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return array;
	return xreallocarray(array, n == 0 ? 1 : 2 * n, size);
}

/* What the index knows of the files that an SQL condition on two numbers
 * chooses. */
static void
load_known(struct index *x, struct known_list *to, const char *sql, int64_t n)
{
	sqlite3_stmt *s = prepare(x, sql);
	struct known *k;

	to->n = 0;
	if (s != NULL)
		(void)sqlite3_bind_int64(s, 1, n);
	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		to->v = grown(to->v, to->n, sizeof(*k));
		k = &to->v[to->n++];
		memset(k, 0, sizeof(*k));
		k->row = sqlite3_column_int64(s, 0);
		k->folder = sqlite3_column_int64(s, 1);
		(void)strlcpy(k->id, column(s, 2), sizeof(k->id));
		k->size = sqlite3_column_int64(s, 3);
		k->mtime = sqlite3_column_int64(s, 4);
		k->live = sqlite3_column_int(s, 5) != 0;
	}
	(void)sqlite3_finalize(s);
}

#define KNOWN  "SELECT n, folder, id, size, mtime, live FROM sessions "
#define NEWEST "SELECT n FROM sessions WHERE archived="

/* All that is being written or would be on the page. */
static void
load_watched(struct index *x)
{
	load_known(x, &x->watched,
	    KNOWN "WHERE n IN (SELECT n FROM sessions WHERE live)"
		  " OR n IN (" NEWEST "0 ORDER BY updated DESC LIMIT ?1)"
		  " OR n IN (" NEWEST "1 ORDER BY updated DESC LIMIT ?1)",
	    (int64_t)x->page);
}

static void
load_folders(struct index *x)
{
	sqlite3_stmt *s =
	    prepare(x, "SELECT inode, mtime FROM folders ORDER BY inode");

	while (s != NULL && sqlite3_step(s) == SQLITE_ROW) {
		x->folders =
		    grown(x->folders, x->nfolders, sizeof(*x->folders));
		x->folders[x->nfolders++] =
		    (struct known_folder){sqlite3_column_int64(s, 0),
			sqlite3_column_int64(s, 1), false};
	}
	(void)sqlite3_finalize(s);
}

static int64_t
mtime_of(const struct stat *st)
{
	return st->st_mtim.tv_sec * 1000000000LL + st->st_mtim.tv_nsec;
}

static int
by_id(const void *a, const void *b)
{
	const struct known *k = a, *m = b;

	return strcmp(k->id, m->id);
}

static int
by_inode(const void *a, const void *b)
{
	const struct known_folder *f = a, *m = b;

	return f->inode < m->inode ? -1 : f->inode > m->inode;
}

static bool
is_same(const struct known *k, const struct stat *st)
{
	return k->size == st->st_size && k->mtime == mtime_of(st);
}

/* Runs a statement about one number. */
static void
run_for(struct index *x, const char *sql, int64_t n)
{
	sqlite3_stmt *s = prepare(x, sql);

	if (s == NULL)
		return;
	(void)sqlite3_bind_int64(s, 1, n);
	run(x, s);
}

static void
forget(struct index *x, int64_t row)
{
	run_for(x, "DELETE FROM sessions WHERE n=?", row);
	run_for(x, "DELETE FROM words WHERE rowid=?", row);
}

static void
add_body(struct buf *body, const struct note *n)
{
	if (n->kind != NOTE_USER && n->kind != NOTE_ASSISTANT &&
	    n->kind != NOTE_CALL && n->kind != NOTE_TITLE)
		return;
	if (body->len + n->text.len + 1 > BODY_MAX)
		return;
	(void)buf_add(body, buf_data(&n->text), n->text.len);
	(void)buf_addc(body, '\n');
}

/* What is indexed of one transcript. */
struct reading {
	struct summary sum;
	struct buf body;
};

static int
read_note(void *arg, const struct note *n)
{
	struct reading *r = arg;

	summary_add(&r->sum, n);
	add_body(&r->body, n);
	return 0;
}

static void
insert(struct index *x, const char *id, const struct stat *st, bool live,
    const struct reading *what)
{
	const struct summary *sum = &what->sum;
	const struct buf *body = &what->body;
	sqlite3_stmt *s;

	s = prepare(
	    x, "INSERT INTO sessions VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?)");
	if (s == NULL)
		return;
	bind(s, 1, id);
	(void)sqlite3_bind_int64(s, 2, (int64_t)x->at->st.st_ino);
	(void)sqlite3_bind_int64(s, 3, st->st_size);
	(void)sqlite3_bind_int64(s, 4, mtime_of(st));
	(void)sqlite3_bind_int(s, 5, live);
	bind(s, 6, sum->created);
	bind(s, 7, sum->updated);
	bind(s, 8, sum->cwd);
	bind(s, 9, sum->model);
	bind(s, 10, sum->title);
	(void)sqlite3_bind_int64(s, 11, (int64_t)sum->turns);
	(void)sqlite3_bind_int(s, 12, sum->archived);
	run(x, s);
	s = prepare(x, "INSERT INTO words(rowid, body) VALUES(?,?)");
	if (s == NULL)
		return;
	(void)sqlite3_bind_int64(s, 1, sqlite3_last_insert_rowid(x->db));
	(void)sqlite3_bind_text(s, 2, (const char *)buf_data(body),
	    (int)body->len, SQLITE_TRANSIENT);
	run(x, s);
}

/* Who writes a transcript holds it locked (fd_hold). */
static bool
is_written(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return true;
	(void)flock(fd, LOCK_UN);
	return false;
}

/* What cannot be read to its end is listed as far as it can. */
static void
take_up_open(
    struct index *x, const struct known *k, const struct store_entry *e, int fd)
{
	bool live = is_written(fd);
	struct reading *what;
	struct stat st;
	int r;

	/* What it is now: who ended between was seen to write. */
	if (fstat(fd, &st) == -1 ||
	    (k != NULL && is_same(k, &st) && k->live == live))
		return;
	if (k != NULL)
		forget(x, k->row);
	what = xcalloc(1, sizeof(*what));
	buf_init(&what->body, BODY_MAX);
	r = note_each(fd, read_note, what);
	if (r < 0)
		log_warn("%s: %s; it is listed by what stands before", e->path,
		    err_str(r));
	insert(x, e->id, &st, live, what);
	buf_fini(&what->body);
	free(what);
}

static int
take_up(struct index *x, struct known *k, const struct store_entry *e)
{
	int fd;

	if (k != NULL) {
		k->seen = true;
		if (is_same(k, &e->st) && !k->live)
			return 0;
	}
	fd = open(e->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (fd == -1) {
		log_warn("%s: %s; it is not listed", e->path, err_sys(errno));
		return 0;
	}
	take_up_open(x, k, e, fd);
	(void)close(fd);
	return x->broken ? ERR_IO : 0;
}

static int
on_file(void *arg, const struct store_entry *e)
{
	struct index *x = arg;
	struct known key = {0}, *k = NULL;

	(void)strlcpy(key.id, e->id, sizeof(key.id));
	if (x->here.n > 0)
		k = bsearch(&key, x->here.v, x->here.n, sizeof(key), by_id);
	return take_up(x, k, e);
}

/* The time of a folder that has just been changed may stand for what comes,
 * too; 0 is no time that one has. */
static int64_t
settled(const struct stat *st)
{
	int64_t age = (int64_t)clock_wall_ns() - mtime_of(st);

	return age < (st->st_mtim.tv_nsec == 0 ? COARSE_NS : SETTLED_NS)
		   ? 0
		   : mtime_of(st);
}

/* Reads what files there are. */
static int
read_folder(struct index *x, const struct store_folder *f)
{
	int64_t mtime = settled(&f->st);
	sqlite3_stmt *s;
	size_t i;
	int r;

	load_known(x, &x->here, KNOWN "WHERE folder=? ORDER BY id",
	    (int64_t)f->st.st_ino);
	r = store_files(f, on_file, x);
	for (i = 0; r == 0 && i < x->here.n; i++)
		if (!x->here.v[i].seen)
			forget(x, x->here.v[i].row);
	s = prepare(x, "INSERT OR REPLACE INTO folders VALUES(?,?)");
	if (r != 0 || s == NULL)
		return ERR_IO;
	(void)sqlite3_bind_int64(s, 1, (int64_t)f->st.st_ino);
	(void)sqlite3_bind_int64(s, 2, mtime);
	run(x, s);
	return 0;
}

static int
on_watched(void *arg, const struct store_entry *e)
{
	struct index *x = arg;
	size_t i;

	for (i = 0; i < x->watched.n; i++)
		if (strcmp(x->watched.v[i].id, e->id) == 0)
			return take_up(x, &x->watched.v[i], e);
	return 0;
}

/* Of a folder that has not changed, only what is watched. */
static int
on_folder(void *arg, const struct store_folder *f)
{
	struct known_folder key = {.inode = (int64_t)f->st.st_ino};
	struct known_folder *known = NULL;
	struct index *x = arg;
	size_t i;
	int r = 0;

	x->at = f;
	if (x->nfolders > 0)
		known = bsearch(&key, x->folders, x->nfolders,
		    sizeof(*x->folders), by_inode);
	if (known != NULL)
		known->seen = true;
	if (x->page == 0 || known == NULL || known->mtime != mtime_of(&f->st))
		return read_folder(x, f);
	for (i = 0; r == 0 && i < x->watched.n; i++)
		if (x->watched.v[i].folder == key.inode)
			r = store_file(f, x->watched.v[i].id, on_watched, x);
	return r;
}

static void
forget_folder(struct index *x, int64_t inode)
{
	run_for(x,
	    "DELETE FROM words WHERE rowid IN"
	    " (SELECT n FROM sessions WHERE folder=?)",
	    inode);
	run_for(x, "DELETE FROM sessions WHERE folder=?", inode);
	run_for(x, "DELETE FROM folders WHERE inode=?", inode);
}

static void
refresh(struct index *x)
{
	size_t i;

	if (x->broken || !exec(x, "BEGIN"))
		return;
	load_folders(x);
	load_watched(x);
	(void)store_folders(x->state, STORE_SESSIONS, on_folder, x);
	for (i = 0; i < x->nfolders && !x->broken; i++)
		if (!x->folders[i].seen)
			forget_folder(x, x->folders[i].inode);
	(void)exec(x, "COMMIT");
}

static void
database_close(struct index *x)
{
	(void)sqlite3_close(x->db);
	x->db = NULL;
	free(x->watched.v);
	free(x->here.v);
	free(x->folders);
	x->watched = x->here = (struct known_list){NULL, 0};
	x->folders = NULL;
	x->nfolders = 0;
}

struct index *
index_open(const char *state, uint64_t page)
{
	struct index *x = xcalloc(1, sizeof(*x));
	char path[PATH_MAX];
	int tries;

	x->state = state;
	x->page = page;
	x->lock = -1;
	if (str_fmt(path, sizeof(path), "%s/sessions", state) == 0)
		x->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->lock == -1) {
		log_error(
		    "there is no session yet; 'cordon exec PROMPT' makes one");
		free(x);
		return NULL;
	}
	(void)flock(x->lock, LOCK_EX);
	for (tries = 0; tries < 2; tries++) {
		database_open(x);
		refresh(x);
		if (!x->broken)
			return x;
		database_close(x);
		(void)index_delete(state);
	}
	log_error(
	    "%s: the index cannot be made; check its mode and the room there",
	    path);
	index_close(x);
	return NULL;
}

void
index_close(struct index *x)
{
	if (x == NULL)
		return;
	database_close(x);
	fd_close(&x->lock);
	free(x);
}

/* Asking. */

static int
rows(struct index *x, sqlite3_stmt *s, index_fn *fn, void *arg)
{
	struct index_row row;
	int r = 0, step = SQLITE_DONE;

	while (s != NULL && r == 0 && (step = sqlite3_step(s)) == SQLITE_ROW) {
		row = (struct index_row){.id = column(s, 0),
		    .created = column(s, 1),
		    .updated = column(s, 2),
		    .cwd = column(s, 3),
		    .model = column(s, 4),
		    .title = column(s, 5),
		    .turns = (uint64_t)sqlite3_column_int64(s, 6),
		    .archived = sqlite3_column_int(s, 7) != 0,
		    .found = column(s, 8)};
		r = fn(arg, &row);
	}
	if (s == NULL || (r == 0 && step != SQLITE_DONE)) {
		log_error("index: %s", sqlite3_errmsg(x->db));
		r = ERR_IO;
	}
	(void)sqlite3_finalize(s);
	return r;
}

#define COLUMNS                                                                \
	"s.id, s.created, s.updated, s.cwd, s.model, s.title, s.turns,"        \
	" s.archived"

int
index_list(
    struct index *x, bool archived, uint64_t limit, index_fn *fn, void *arg)
{
	sqlite3_stmt *s = prepare(x,
	    "SELECT " COLUMNS ", '' FROM sessions s WHERE s.archived=?"
	    " ORDER BY s.updated DESC, s.id DESC LIMIT ?");

	if (s != NULL) {
		(void)sqlite3_bind_int(s, 1, archived);
		(void)sqlite3_bind_int64(
		    s, 2, limit == 0 ? -1 : (int64_t)limit);
	}
	return rows(x, s, fn, arg);
}

/* The words as FTS5 takes them literally: in quotes, all of them wanted. */
static int
query_of(struct buf *q, const char *const *words)
{
	const char *p;

	for (; *words != NULL; words++) {
		(void)buf_addc(q, '"');
		for (p = *words; *p != '\0'; p++)
			(void)buf_adds(
			    q, *p == '"' ? "\"\"" : (char[]){*p, '\0'});
		(void)buf_adds(q, "\" ");
	}
	return buf_addc(q, '\0');
}

int
index_search(struct index *x, const char *const *words, uint64_t limit,
    index_fn *fn, void *arg)
{
	sqlite3_stmt *s;
	struct buf q;
	int r;

	buf_init(&q, 65536);
	r = query_of(&q, words);
	if (r != 0) {
		buf_fini(&q);
		return r;
	}
	s = prepare(x,
	    "SELECT " COLUMNS ", snippet(words, 0, '>>', '<<', ' ... ', 12)"
	    " FROM words JOIN sessions s ON s.n = words.rowid"
	    " WHERE words MATCH ? ORDER BY rank LIMIT ?");
	if (s != NULL) {
		bind(s, 1, (const char *)buf_data(&q));
		(void)sqlite3_bind_int64(
		    s, 2, limit == 0 ? -1 : (int64_t)limit);
	}
	r = rows(x, s, fn, arg);
	buf_fini(&q);
	return r;
}
