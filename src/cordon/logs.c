/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: the audit log and the transcript, opened before anything runs.
 *
 * Audit is given descriptors to append to, and a file without a name that
 * holds some of the disk: when the disk is full it closes that file, and the
 * record that says so has room.  The space comes back by itself when the
 * process ends, whatever its end is.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/str.h"

#include "cordon/commit.h"
#include "cordon/logs.h"
#include "cordon/session.h"
#include "cordon/store.h"

#define RESERVE_BYTES  (16 << 20)   /* of the disk, for the last record */
#define OPEN_MAX       60000        /* bytes of what audit is told */
#define TRANSCRIPT_MAX (256u << 20) /* bytes of one that is copied */
#define ARGV_MAX       32768 /* bytes of our command line that are kept */

/* Slots of audit; src/audit/audit.c has the same. */
enum { SLOT_LOG, SLOT_NOTES, SLOT_RESERVE, SLOT_LOG_IN, SLOT_NOTES_IN };

/* Where nothing can be reserved the log is kept without. */
static void
hand_reserve(struct session *s, const char *state)
{
	int fd = open(state, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd == -1)
		return;
	if (fallocate(fd, 0, 0, RESERVE_BYTES) == -1)
		(void)close(fd);
	else
		session_extra(s, ROLE_AUDIT, SLOT_RESERVE, fd);
}

/* The transcript so far, whole lines of it, to the new one. */
static int
copy_transcript(const struct logs *l, int to, char *why, size_t size)
{
	int from = store_read(l->state, STORE_TRANSCRIPT, l->fork, why, size);
	struct buf text;
	int r;

	if (from < 0)
		return EX_NOINPUT;
	buf_init(&text, TRANSCRIPT_MAX);
	r = fd_read_all(from, &text);
	(void)close(from);
	while (r == 0 && text.len > 0 && buf_data(&text)[text.len - 1] != '\n')
		text.len--;
	if (r == 0)
		r = fd_write_all(to, buf_data(&text), text.len);
	buf_fini(&text);
	if (r != 0)
		(void)snprintf(
		    why, size, "the transcript of %s: %s", l->fork, err_str(r));
	return r == 0 ? EX_OK : EX_IOERR;
}

/* One file of the session to audit: to append to and, if it goes on, to read
 * where it ended. */
static int
hand_file(struct session *s, const struct logs *l, enum store_kind kind,
    unsigned slot, unsigned slot_in, char *why, size_t size)
{
	const char *id = session_id(s);
	bool again = l->again;
	int fd;

	fd = store_append(l->state, kind, id, !again, why, size);
	if (fd == ERR_NOENT && again && kind == STORE_AUDIT) {
		/* A fork has a transcript alone as yet. */
		again = false;
		fd = store_append(l->state, kind, id, true, why, size);
	}
	if (fd < 0)
		return EX_CANTCREAT;
	session_extra(s, ROLE_AUDIT, slot, fd);
	if (kind == STORE_TRANSCRIPT && l->fork != NULL)
		return copy_transcript(l, fd, why, size);
	if (!again)
		return EX_OK;
	fd = store_read(l->state, kind, id, why, size);
	if (fd < 0)
		return EX_NOINPUT;
	session_extra(s, ROLE_AUDIT, slot_in, fd);
	return EX_OK;
}

static void
add_argv(struct jsonw *w)
{
	struct buf line;
	const uint8_t *p;
	size_t n;

	buf_init(&line, ARGV_MAX);
	jsonw_name(w, "argv");
	jsonw_array(w);
	/* Too long a line is kept as far as it fits. */
	(void)fd_read_file(AT_FDCWD, "/proc/self/cmdline", &line);
	for (p = buf_data(&line); line.len > 0; p = buf_data(&line)) {
		n = strnlen((const char *)p, line.len);
		jsonw_bytes(w, p, n);
		buf_drain(&line, n < line.len ? n + 1 : n);
	}
	jsonw_end(w);
	buf_fini(&line);
}

/* Who runs what where. */
static int
tell_open(struct session *s, const struct logs *l)
{
	const struct passwd *pw = getpwuid(getuid());
	struct stat st;
	struct jsonw w;
	struct buf out;
	int r;

	buf_init(&out, OPEN_MAX);
	jsonw_init(&w, &out);
	jsonw_object(&w);
	jsonw_kstr(&w, "version", PACKAGE_VERSION);
	jsonw_kstr(&w, "commit", CORDON_COMMIT);
	jsonw_kstr(&w, "tier", l->tier);
	if (l->again)
		jsonw_kbool(&w, "resumed", true);
	if (l->danger)
		jsonw_kbool(&w, "danger", true);
	jsonw_kstr(&w, "policy", l->policy);
	if (l->fork != NULL)
		jsonw_kstr(&w, "copy_of", l->fork);
	add_argv(&w);
	jsonw_name(&w, "cwd");
	jsonw_bytes(&w, l->cwd, strlen(l->cwd));
	if (stat(l->cwd, &st) == 0) {
		jsonw_ku64(&w, "device", st.st_dev);
		jsonw_ku64(&w, "inode", st.st_ino);
	}
	jsonw_ku64(&w, "uid", getuid());
	if (pw != NULL)
		jsonw_kstr(&w, "user", pw->pw_name);
	jsonw_end(&w);
	r = buf_err(&out);
	if (r == 0)
		session_conf(s, ROLE_AUDIT, "audit.open",
		    (struct bytes){buf_data(&out), out.len});
	buf_fini(&out);
	return r;
}

/* What was said before, to the model. */
static int
hand_past(struct session *s, const struct logs *l, char *why, size_t size)
{
	int fd =
	    store_read(l->state, STORE_TRANSCRIPT, session_id(s), why, size);

	if (fd == ERR_NOENT)
		(void)snprintf(why, size,
		    "no session %s is kept; 'cordon sessions list' has them",
		    session_id(s));
	if (fd < 0)
		return EX_NOINPUT;
	session_extra(s, ROLE_MODEL, 0, fd);
	session_confs(s, ROLE_MODEL, "session.resume", "1");
	return EX_OK;
}

int
logs_hand(struct session *s, const struct logs *l, char *why, size_t size)
{
	int r = l->again ? hand_past(s, l, why, size) : EX_OK;

	if (r == EX_OK)
		r = hand_file(
		    s, l, STORE_AUDIT, SLOT_LOG, SLOT_LOG_IN, why, size);
	if (r == EX_OK && l->transcript)
		r = hand_file(s, l, STORE_TRANSCRIPT, SLOT_NOTES, SLOT_NOTES_IN,
		    why, size);
	if (r == EX_OK && l->fork != NULL)
		r = hand_past(s, l, why, size);
	if (r != EX_OK)
		return r;
	hand_reserve(s, l->state);
	if (tell_open(s, l) != 0) {
		(void)snprintf(
		    why, size, "the command line is too long to be recorded");
		return EX_USAGE;
	}
	return EX_OK;
}
