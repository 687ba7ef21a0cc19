/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: what the front cannot do itself.
 *
 * Each thing is done below a fork of main, so that nobody waits for it but
 * the person; what it writes to a pipe is the answer.  A fork reads no byte
 * of the front's but the text of that one message.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cordon/cmd_policy.h"
#include "cordon/editor.h"
#include "cordon/session.h"
#include "cordon/start.h"
#include "cordon/want.h"

#define ANSWER_MAX (8u << 20) /* bytes */
#define TEXT_MAX   (8u << 20) /* bytes of what comes with the wish */
#define TEXT_FD    3          /* in the child: what came with the wish */
#define ANSWER_FD  4          /* and where the answer goes */
#define ERROR_MAX  400        /* bytes, as GIVE has it */
#define SESSIONS   "--limit=200"

void
want_init(struct want *w, struct session *s)
{
	w->session = s;
	w->pipe = -1;
	buf_init(&w->answer, ANSWER_MAX);
}

void
want_fini(struct want *w)
{
	fd_close(&w->pipe);
	buf_fini(&w->answer);
}

/* In the child: what it writes is the answer, behind one byte that says
 * whether it is one, or the reason why there is none. */

static void
say(const char *s)
{
	(void)!write(ANSWER_FD, "", 1);
	(void)fd_write_all(ANSWER_FD, s, strlen(s));
}

/* A command of the groups sessions and audit, for one session or for all. */
static int
report(const struct want *w, const char *group, const char *name,
    const char *option, const char *id)
{
	char *argv[8];
	size_t n = 0;

	argv[n++] = xstrdup("cordon: report");
	argv[n++] = xstrdup(group);
	argv[n++] = xstrdup(name);
	argv[n++] = xasprintf("--state=%s", w->paths->state);
	if (option != NULL)
		argv[n++] = xstrdup(option);
	if (id != NULL) {
		argv[n++] = xstrdup("--");
		argv[n++] = xstrdup(id);
	}
	argv[n] = NULL;
	return start_become(ROLE_REPORT, argv);
}

static int
list_sessions(const struct want *w)
{
	say("");
	return report(w, "sessions", "list", SESSIONS, NULL);
}

/* The session that the text names. */
static int
show_session(const struct want *w)
{
	struct buf id;
	int r;

	buf_init(&id, SESSION_ID_SIZE);
	r = fd_read_memfd(TEXT_FD, &id);
	say("");
	if (r == 0 && id.len > 0)
		r = report(w, "sessions", "show", NULL, buf_cstr(&id));
	buf_fini(&id);
	return r;
}

static int
show_audit(const struct want *w)
{
	say("");
	return report(w, "audit", "show", NULL, session_id(w->session));
}

static int
show_policy(const struct want *w)
{
	say("");
	return policy_show_files(&w->policy);
}

/* A file of ours below the folder for state, in a folder made for such. */
static int
own_file(const struct want *w, const char *dir, const char *name, char *path)
{
	if (str_fmt(path, PATH_MAX, "%s/%s", w->paths->state, dir) != 0)
		return ERR_SPACE;
	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return ERR_IO;
	return str_fmt(path, PATH_MAX, "%s/%s/%s", w->paths->state, dir, name);
}

static int
export_session(const struct want *w)
{
	const char *id = session_id(w->session);
	char name[64], path[PATH_MAX], output[PATH_MAX + 16];
	int status = -1, r;
	pid_t pid;

	(void)str_fmt(name, sizeof(name), "%s.md", id);
	r = own_file(w, "exports", name, path);
	if (r != 0 || str_fmt(output, sizeof(output), "--output=%s", path) != 0)
		return ERR_IO;
	pid = fork();
	if (pid == 0)
		_exit(report(w, "sessions", "export", output, id) == 0 ? 0 : 1);
	if (pid == -1 || waitpid(pid, &status, 0) != pid || status != 0)
		return ERR_IO; /* it has said why */
	say(path);
	return 0;
}

/* What a person wants its makers to know goes to a file, and nowhere else. */
static int
keep_feedback(const struct want *w)
{
	char path[PATH_MAX];
	struct buf text;
	int fd = -1, r;

	buf_init(&text, TEXT_MAX);
	r = fd_read_memfd(TEXT_FD, &text);
	if (r == 0)
		r = own_file(w, "feedback", "feedback.txt", path);
	if (r == 0)
		fd = open(path,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd == -1 || fd_write_all(fd, buf_data(&text), text.len) != 0)
		r = ERR_IO;
	fd_close(&fd);
	if (r == 0)
		say(path);
	buf_fini(&text);
	return r;
}

static int
edit_text(const struct want *w)
{
	struct buf text;
	char why[256] = "";
	int r;

	buf_init(&text, TEXT_MAX);
	r = fd_read_memfd(TEXT_FD, &text);
	if (r == 0)
		r = editor_run(w->paths, w->tier, &text, why, sizeof(why));
	if (r == 0) {
		(void)!write(ANSWER_FD, "", 1);
		(void)fd_write_all(ANSWER_FD, buf_data(&text), text.len);
	} else
		(void)fd_write_all(ANSWER_FD, why, strlen(why));
	return r;
}

static int
try_rule(const struct want *w)
{
	struct policy_files with = w->policy;

	say("");
	with.more = TEXT_FD;
	return policy_diff_files(&w->policy, &with, w->workspace);
}

static int (*const wants[])(const struct want *) = {
    [WANT_SESSIONS] = list_sessions,
    [WANT_EDIT] = edit_text,
    [WANT_RULE] = try_rule,
    [WANT_SESSION] = show_session,
    [WANT_AUDIT] = show_audit,
    [WANT_POLICY] = show_policy,
    [WANT_EXPORT] = export_session,
    [WANT_FEEDBACK] = keep_feedback,
};

static _Noreturn void
want_child(const struct want *w, enum want_what what, int out, int text)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), r;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (text == -1)
		text = null;
	/* The editor has the terminal; the others have nothing of it. */
	out = fcntl(out, F_DUPFD_CLOEXEC, ANSWER_FD + 1);
	text = fcntl(text, F_DUPFD_CLOEXEC, ANSWER_FD + 1);
	if (out == -1 || text == -1 || dup2(text, TEXT_FD) == -1 ||
	    dup2(out, ANSWER_FD) == -1 ||
	    syscall(SYS_close_range, ANSWER_FD + 1u, ~0u, 0u) == -1)
		_exit(1);
	if (what != WANT_EDIT && (dup2(ANSWER_FD, STDOUT_FILENO) == -1 ||
				     dup2(ANSWER_FD, STDERR_FILENO) == -1))
		_exit(1);
	session_forget();
	r = wants[what](w);
	(void)fflush(stdout);
	_exit(r == 0 ? 0 : 1);
}

/* In main. */

static void
give(struct want *w, const char *error)
{
	struct chan *ui = session_chan(w->session, ROLE_UI);
	struct bytes b = {buf_data(&w->answer), w->answer.len};
	struct msg_give m = {
	    .what = (uint8_t)w->what, .text = -1, .error = bytes_of(error)};

	if (*error == '\0' && b.len > 0 && b.p[0] == '\0')
		m.text = fd_memfd("answer", b.p + 1, b.len - 1);
	else if (*error == '\0')
		m.error = b.len > 0 && b.len <= ERROR_MAX
			      ? b
			      : bytes_of("it ended early");
	if (ui != NULL)
		(void)chan_send(ui, 0, MSG_GIVE, &m);
	fd_close(&m.text);
	buf_clear(&w->answer);
}

static void
want_ready(void *arg, int fd, short events)
{
	struct want *w = arg;
	char mem[8192];
	ssize_t n;

	(void)events;
	n = read(fd, mem, sizeof(mem));
	if (n > 0) {
		(void)buf_add(&w->answer, mem, (size_t)n);
		return;
	}
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	loop_fd_del(session_loop(w->session), fd);
	fd_close(&w->pipe);
	give(w, buf_err(&w->answer) == 0 ? "" : "the answer is too long");
}

static void
want_reaped(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status; /* what it printed says why */
}

/*
 * Ctrl-Z.  The signal stops us within kill, and the front with us, wherever
 * it stands: it does not stop itself, for one that did so after it was
 * continued would never wake.  Without job control nothing stops, and the
 * front goes on at once.
 */
static void
want_stop(struct want *w)
{
	(void)kill(0, SIGTSTP);
	(void)kill(0, SIGCONT);
	(void)buf_addc(&w->answer, '\0');
	give(w, "");
}

int
want_asked(struct want *w, struct msg_want *m)
{
	struct loop *loop = session_loop(w->session);
	int p[2] = {-1, -1}, text = m->text;
	pid_t pid = -1;

	if (w->pipe != -1 || m->what > WANT_STOP) {
		fd_close(&text);
		return ERR_STATE;
	}
	buf_clear(&w->answer);
	w->what = (enum want_what)m->what;
	if (w->what == WANT_STOP) {
		fd_close(&text);
		want_stop(w);
		return 0;
	}
	if (pipe2(p, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0)
		want_child(w, w->what, p[1], text);
	fd_close(&text);
	fd_close(&p[1]);
	w->pipe = p[0];
	if (pid == -1 || loop_child(loop, pid, -1, want_reaped, w) != 0 ||
	    loop_fd(loop, w->pipe, POLLIN, want_ready, w) != 0) {
		fd_close(&w->pipe);
		give(w, "no process can be started");
	}
	return 0;
}
