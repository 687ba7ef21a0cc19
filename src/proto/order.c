/* SPDX-License-Identifier: Apache-2.0 */

/* Library: what the two cells make of a SPAWN. */

#include "config.h"

#include <sys/ioctl.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"
#include "proto/order.h"

#define ORDER_PIPE (1 << 20) /* bytes that wait in an output pipe */

static void
order_free(char **v)
{
	size_t i;

	for (i = 0; v != NULL && v[i] != NULL; i++)
		free(v[i]);
	free(v);
}

/* NULL if one holds a NUL. */
static char **
order_strings(const struct msg_list *list)
{
	char **v = xcalloc((size_t)list->n + 1, sizeof(*v));
	uint32_t i;

	for (i = 0; i < list->n; i++) {
		if (memchr(list->v[i].p, '\0', list->v[i].len) != NULL) {
			order_free(v);
			return NULL;
		}
		v[i] = xmemdup(list->v[i].p, list->v[i].len);
	}
	return v;
}

/* NULL if the last is not ended. */
static char **
order_words(struct bytes words)
{
	const uint8_t *p, *end = words.p + words.len;
	char **v;
	size_t n = 0;

	for (p = words.p; p < end; p++)
		n += *p == '\0';
	if (words.len == 0 || end[-1] != '\0')
		return NULL;
	v = xcalloc(n + 1, sizeof(*v));
	for (p = words.p, n = 0; p < end; p += strlen(v[n++]) + 1)
		v[n] = xstrdup((const char *)p);
	return v;
}

int
order_init(struct order *od, const struct msg_spawn *m, struct bytes words)
{
	*od = (struct order){.ours = {-1, -1}, .child = {-1, -1, -1}};
	od->argv =
	    words.len == 0 ? order_strings(&m->argv) : order_words(words);
	od->env = order_strings(&m->env);
	od->cwd = xmemdup(m->cwd.p, m->cwd.len);
	if (od->argv == NULL || od->argv[0] == NULL || od->env == NULL ||
	    strlen(od->cwd) != m->cwd.len || od->cwd[0] != '/')
		return ERR_FORMAT;
	return 0;
}

void
order_fini(struct order *od)
{
	int i;

	order_free(od->argv);
	order_free(od->env);
	free(od->cwd);
	for (i = 0; i < 2; i++)
		fd_close(&od->ours[i]);
	for (i = 0; i < 3; i++)
		fd_close(&od->child[i]);
}

static int
order_pipes(struct order *od, struct msg_spawn *m)
{
	int in[2], out[2];

	if (m->stdio == STDIO_NULL_IN && m->in != -1) {
		od->child[0] = m->in;
		m->in = -1;
	} else if (m->stdio == STDIO_NULL_IN) {
		od->child[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (od->child[0] == -1)
			return ERR_IO;
	} else {
		if (pipe2(in, O_CLOEXEC) == -1)
			return ERR_IO;
		od->child[0] = in[0];
		od->ours[0] = in[1];
	}
	if (pipe2(out, O_CLOEXEC) == -1)
		return ERR_IO;
	/* Fewer wake-ups for much output; as large as it is allowed. */
	(void)fcntl(out[1], F_SETPIPE_SZ, ORDER_PIPE);
	od->ours[1] = out[0];
	od->child[1] = out[1];
	od->child[2] = fcntl(out[1], F_DUPFD_CLOEXEC, 3);
	return od->child[2] == -1 ? ERR_IO : 0;
}

void
order_resize(int terminal, uint32_t rows, uint32_t cols)
{
	struct winsize ws = {
	    .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	if (terminal != -1 && rows != 0 && cols != 0)
		(void)ioctl(terminal, TIOCSWINSZ, &ws);
}

/* err, if there is one, is the standard error instead of the terminal. */
static int
order_terminal(struct order *od, uint32_t rows, uint32_t cols, int err)
{
	int i;

	od->child[2] = err;
	od->ours[1] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (od->ours[1] == -1 || grantpt(od->ours[1]) == -1 ||
	    unlockpt(od->ours[1]) == -1)
		return ERR_IO;
	od->ours[0] = fcntl(od->ours[1], F_DUPFD_CLOEXEC, 3);
	od->child[0] =
	    ioctl(od->ours[1], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (od->ours[0] == -1 || od->child[0] == -1)
		return ERR_IO;
	order_resize(od->child[0], rows, cols);
	for (i = 1; i < 3; i++)
		if (od->child[i] == -1)
			od->child[i] = fcntl(od->child[0], F_DUPFD_CLOEXEC, 3);
	return od->child[1] == -1 || od->child[2] == -1 ? ERR_IO : 0;
}

int
order_stdio(struct order *od, struct msg_spawn *m)
{
	int r;

	switch ((enum spawn_stdio)m->stdio) {
	case STDIO_MERGED:
	case STDIO_NULL_IN:
		return order_pipes(od, m);
	case STDIO_PTY:
		r = order_terminal(od, m->rows, m->cols, m->err);
		m->err = -1;
		return r;
	case STDIO_PASSED:
		if (m->in == -1 || m->out == -1 || m->err == -1)
			return ERR_FD;
		od->child[0] = m->in;
		od->child[1] = m->out;
		od->child[2] = m->err;
		m->in = m->out = m->err = -1;
		return 0;
	}
	return ERR_TYPE;
}

const char *
exit_word(enum exit_how how)
{
	static const char *const words[] = {[EXIT_STATUS] = "exit",
	    [EXIT_NOTFOUND] = "not found",
	    [EXIT_NOEXEC] = "no exec",
	    [EXIT_NOSTART] = "no start",
	    [EXIT_TIMEOUT] = "time",
	    [EXIT_MEMORY] = "memory",
	    [EXIT_PROCS] = "processes",
	    [EXIT_FSIZE] = "file size",
	    [EXIT_KILLED] = "killed",
	    [EXIT_OUTPUT] = "output"};

	return words[how];
}
