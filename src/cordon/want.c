/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: what the front cannot do itself.
 *
 * Each thing is done below a fork of main, so that nobody waits for it but
 * the person; what it writes to a pipe is the answer.  A fork reads no byte
 * of the front's but the text of that one message.
 *
 * A program that gets to the person's desktop is on record before it starts,
 * and its end before anybody has what it printed.
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
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cordon/cmd_policy.h"
#include "cordon/editor.h"
#include "cordon/recorded.h"
#include "cordon/session.h"
#include "cordon/start.h"
#include "cordon/want.h"

#define ANSWER_MAX (8u << 20) /* bytes */
#define TEXT_MAX   (8u << 20) /* bytes of what comes with the wish */
#define TEXT_FD    3          /* in the child: what came with the wish */
#define ANSWER_FD  4          /* and where the answer goes */
#define ERROR_MAX  400        /* bytes, as GIVE has it */
#define SESSIONS   "--limit=200"
#define IMAGE_MS   250  /* at least, from one to the next */
#define NOT_RUN    0xff /* the fork's status where no program has one */

void
want_init(struct want *w, struct session *s)
{
	w->session = s;
	w->pipe = w->image = -1;
	w->child = -1;
	w->call = RECORDED_IDS - 1;
	buf_init(&w->answer, ANSWER_MAX);
}

void
want_fini(struct want *w)
{
	fd_close(&w->pipe);
	fd_close(&w->image);
	clipboard_fini(&w->clipboard);
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

/* To the memfd of main's; the answer is its type. */
static int
take_image(const struct want *w)
{
	const char *type;
	char why[ERROR_MAX];
	int code = clipboard_run(
	    &w->clipboard, w->paths, w->tier, TEXT_FD, &type, why, sizeof(why));

	if (type != NULL)
		say(type);
	else
		(void)fd_write_all(ANSWER_FD, why, strlen(why));
	return code == -EX_TEMPFAIL ? 124 : code < 0 ? NOT_RUN : code;
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
    [WANT_IMAGE] = take_image,
};

static _Noreturn void
want_child(const struct want *w, enum want_what what, int out, int text)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), r;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (text == -1)
		text = null;
	/* Its answer is its own; what else is said goes nowhere. */
	if (what == WANT_IMAGE && (dup2(null, STDOUT_FILENO) == -1 ||
				      dup2(null, STDERR_FILENO) == -1))
		_exit(1);
	/* The editor has the terminal; the others have nothing of it. */
	out = fcntl(out, F_DUPFD_CLOEXEC, ANSWER_FD + 1);
	text = fcntl(text, F_DUPFD_CLOEXEC, ANSWER_FD + 1);
	if (out == -1 || text == -1 || dup2(text, TEXT_FD) == -1 ||
	    dup2(out, ANSWER_FD) == -1 ||
	    syscall(SYS_close_range, ANSWER_FD + 1u, ~0u, 0u) == -1)
		_exit(1);
	if (what != WANT_EDIT && what != WANT_IMAGE &&
	    (dup2(ANSWER_FD, STDOUT_FILENO) == -1 ||
		dup2(ANSWER_FD, STDERR_FILENO) == -1))
		_exit(1);
	session_forget();
	r = wants[what](w);
	(void)fflush(stdout);
	_exit(what == WANT_IMAGE ? r : r != 0);
}

/* In main. */

/* The image is in the memfd, and its type is the text. */
static void
give_image(struct want *w, struct msg_give *m, struct bytes type)
{
	m->mime = type;
	if (fd_memfd_seal(w->image) == 0) {
		m->text = w->image;
		w->image = -1;
	}
}

static void
give(struct want *w, const char *error)
{
	struct chan *ui = session_chan(w->session, ROLE_UI);
	struct bytes b = {buf_data(&w->answer), w->answer.len};
	struct msg_give m = {
	    .what = (uint8_t)w->what, .text = -1, .error = bytes_of(error)};

	if (*error == '\0' && b.len > 0 && b.p[0] == '\0') {
		b = (struct bytes){b.p + 1, b.len - 1};
		if (w->what == WANT_IMAGE)
			give_image(w, &m, b);
		else
			m.text = fd_memfd("answer", b.p, b.len);
	} else if (*error == '\0')
		m.error = b.len > 0 && b.len <= ERROR_MAX
			      ? b
			      : bytes_of("it ended early");
	if (ui != NULL)
		(void)chan_send(ui, 0, MSG_GIVE, &m);
	fd_close(&m.text);
	fd_close(&w->image);
	buf_clear(&w->answer);
	w->phase = WANT_IDLE;
}

static void
give_answer(struct want *w)
{
	if (w->left)
		give(w, "no image");
	else
		give(w,
		    buf_err(&w->answer) == 0 ? "" : "the answer is too long");
}

/* How the program ended, as the fork's status tells. */
static void
record_image(struct want *w)
{
	int code = WIFEXITED(w->status) ? WEXITSTATUS(w->status) : NOT_RUN;
	struct msg_exit m = {
	    .how = EXIT_STATUS, .wall_us = (clock_mono_ms() - w->began) * 1000};

	if (w->left)
		m.how = EXIT_KILLED;
	else if (code == NOT_RUN)
		m.how = EXIT_NOSTART;
	else if (code == 124)
		m.how = EXIT_TIMEOUT;
	else if (code == 128 + SIGXFSZ)
		m.how = EXIT_FSIZE;
	else
		m.status = (uint32_t)(code > 128 ? code - 128 : code << 8);
	w->phase = WANT_RESULT;
	if (recorded_result(w->session, w->call, CLIPBOARD_TOOL, &m) != 0)
		want_lost(w);
}

/* Nothing more is to come, neither of its words nor of its status. */
static void
want_over(struct want *w)
{
	if (w->pipe != -1 || w->child != -1)
		return;
	if (w->what == WANT_IMAGE)
		record_image(w);
	else
		give_answer(w);
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
	want_over(w);
}

static void
want_reaped(void *arg, pid_t pid, int status)
{
	struct want *w = arg;

	if (pid != w->child)
		return;
	w->child = -1;
	w->status = status;
	want_over(w);
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

/* Does it below a fork, which has the text. */
static void
want_start(struct want *w, int text)
{
	struct loop *loop = session_loop(w->session);
	int p[2] = {-1, -1};
	pid_t pid = -1;

	w->phase = WANT_RUNS;
	if (pipe2(p, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0)
		want_child(w, w->what, p[1], text);
	fd_close(&p[1]);
	w->pipe = p[0];
	w->child = pid;
	if (pid != -1 && loop_child(loop, pid, -1, want_reaped, w) == 0 &&
	    loop_fd(loop, w->pipe, POLLIN, want_ready, w) == 0)
		return;
	fd_close(&w->pipe);
	if (pid == -1)
		give(w, "no process can be started");
}

/* The program that will print the image goes on record. */
static void
want_image(struct want *w)
{
	uint64_t now = clock_mono_ms();
	char why[ERROR_MAX];
	struct recorded what = {.tool = CLIPBOARD_TOOL, .cwd = CLIPBOARD_CWD};
	struct bytes env[CLIPBOARD_ENV];
	size_t i;
	int r;

	if (w->lost || (w->began != 0 && now - w->began < IMAGE_MS)) {
		give(w, w->lost ? "nothing runs any more"
				: "one image after the other; try again");
		return;
	}
	w->began = now;
	w->left = false;
	clipboard_fini(&w->clipboard);
	r = clipboard_find(
	    &w->clipboard, w->conf, w->workspace, why, sizeof(why));
	w->image = r == 0 ? fd_memfd_new("image") : -1;
	if (w->image < 0) {
		w->image = -1;
		give(w, *why == '\0' ? "there is no memory for it" : why);
		return;
	}
	for (i = 0; i < w->clipboard.nenv; i++)
		env[i] = bytes_of(w->clipboard.env[i]);
	what.argv = &w->clipboard.argv;
	what.env = (struct msg_list){(uint32_t)i, env};
	what.grant = &w->clipboard.spec;
	w->phase = WANT_INTENT;
	if (recorded_intent(w->session, ++w->call, &what) != 0)
		give(w, "nothing is run, for it cannot be recorded");
}

void
want_acked(struct want *w, uint32_t call)
{
	if (call != w->call)
		return;
	if (w->phase == WANT_INTENT && w->left)
		record_image(w);
	else if (w->phase == WANT_INTENT)
		want_start(w, w->image);
	else if (w->phase == WANT_RESULT)
		give_answer(w);
}

void
want_lost(struct want *w)
{
	w->lost = true;
	if (w->phase == WANT_INTENT || w->phase == WANT_RESULT)
		give(w, "no image, for it cannot be recorded");
}

/* The person waits no more; the fork's end ends the program's cell. */
static void
want_leave(struct want *w)
{
	if (w->what != WANT_IMAGE || w->phase == WANT_IDLE || w->left)
		return;
	w->left = true;
	if (w->phase == WANT_RUNS && w->child != -1)
		(void)kill(w->child, SIGKILL);
}

int
want_asked(struct want *w, struct msg_want *m)
{
	int text = m->text;

	if (m->what == WANT_LEAVE && text == -1) {
		want_leave(w);
		return 0;
	}
	if (w->phase != WANT_IDLE || m->what >= WANT_LEAVE) {
		fd_close(&text);
		return ERR_STATE;
	}
	buf_clear(&w->answer);
	w->what = (enum want_what)m->what;
	if (w->what == WANT_STOP)
		want_stop(w);
	else if (w->what == WANT_IMAGE)
		want_image(w);
	else
		want_start(w, text);
	fd_close(&text);
	return 0;
}
