/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process cordon-report: reads what was written down.
 *
 * It is started by the audit and sessions commands of cordon, which have read
 * the command line; it has the JSON reader and the index that cordon itself
 * must not have, and of the file system only the state folder.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/vis.h"
#include "sandbox/confine.h"
#include "sandbox/landlock.h"

#include "report/report.h"

enum kind { ARG_FLAG, ARG_STR, ARG_LIST, ARG_NUM };

/* The options as cordon passes them on: --name or --name=value. */
static const struct {
	const char *name;
	enum kind kind;
	size_t off;
} options[] = {
#define ARG(name, kind, member)                                                \
	{                                                                      \
		name, kind, offsetof(struct args, member)                      \
	}
    ARG("state", ARG_STR, state),
    ARG("session", ARG_STR, session),
    ARG("since", ARG_STR, since),
    ARG("format", ARG_STR, format),
    ARG("output", ARG_STR, output),
    ARG("to", ARG_STR, to),
    ARG("policy", ARG_STR, policy),
    ARG("type", ARG_LIST, type),
    ARG("head", ARG_LIST, head),
    ARG("remote-head", ARG_LIST, remote_head),
    ARG("json", ARG_FLAG, json),
    ARG("follow", ARG_FLAG, follow),
    ARG("all", ARG_FLAG, all),
    ARG("archived", ARG_FLAG, archived),
    ARG("undo", ARG_FLAG, undo),
    ARG("limit", ARG_NUM, limit),
    ARG("at", ARG_NUM, at),
};

static int
add_word(struct word_list *w, const char *s)
{
	if (w->n == sizeof(w->v) / sizeof(w->v[0]))
		return ERR_SPACE;
	w->v[w->n++] = s;
	return 0;
}

static int
set_option(struct args *a, const char *word)
{
	size_t i, n = strcspn(word, "=");
	const char *value = word[n] == '=' ? word + n + 1 : NULL;
	const char *bad = NULL;
	void *slot;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strlen(options[i].name) == n &&
		    memcmp(options[i].name, word, n) == 0)
			break;
	if (i == sizeof(options) / sizeof(options[0]) ||
	    (value == NULL) != (options[i].kind == ARG_FLAG))
		return ERR_FORMAT;
	slot = (char *)a + options[i].off;
	switch (options[i].kind) {
	case ARG_FLAG:
		*(bool *)slot = true;
		return 0;
	case ARG_STR:
		*(const char **)slot = value;
		return 0;
	case ARG_LIST:
		return add_word(slot, value);
	case ARG_NUM:
		*(uint64_t *)slot =
		    (uint64_t)strtonum(value, 0, INT64_MAX, &bad);
		return bad == NULL ? 0 : ERR_RANGE;
	}
	return ERR_FORMAT;
}

static int
parse(struct args *a, int argc, char *const argv[])
{
	bool ended = false;
	int i, r = 0;

	memset(a, 0, sizeof(*a));
	a->file = -1;
	for (i = 3; r == 0 && i < argc; i++) {
		if (!ended && strcmp(argv[i], "--") == 0)
			ended = true;
		else if (!ended && str_starts(argv[i], "--"))
			r = set_option(a, argv[i] + 2);
		else
			r = add_word(&a->operands, argv[i]);
	}
	return r == 0 && a->state == NULL ? ERR_FORMAT : r;
}

const char *
args_session(const struct args *a)
{
	return a->operands.n > 0 ? a->operands.v[0] : a->session;
}

void
put(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
}

void
put_raw(const void *p, size_t len)
{
	(void)fwrite(p, 1, len, stdout);
}

void
put_vis(const void *p, size_t len, unsigned flags)
{
	struct buf out;

	buf_init(&out, 12 * len + 1);
	if (vis_add(&out, p, len, flags) == 0)
		put_raw(buf_data(&out), out.len);
	buf_fini(&out);
}

int
report_flush(void)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return EX_OK;
	log_error("standard output: %s", err_sys(errno));
	return EX_IOERR;
}

/* A file of somebody's is opened before the process gives up its rights. */
static int
open_input(const struct command *c, struct args *a, const char *folder)
{
	const char *word = args_session(a);

	if (c->takes_file && word != NULL && strchr(word, '/') != NULL) {
		a->file = open(word, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (a->file == -1)
			log_error("%s: %s", word, err_sys(errno));
		return a->file == -1 ? EX_NOINPUT : EX_OK;
	}
	if (access(folder, F_OK) == 0)
		return EX_OK;
	log_error("there is no session yet; 'cordon exec PROMPT' makes one");
	return EX_NOINPUT;
}

static const struct command *
find_command(const char *group, const char *name)
{
	const struct command *c;

	for (c = commands; c->name != NULL; c++)
		if (strcmp(c->group, group) == 0 && strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

int
main(int argc, char *argv[])
{
	struct confine_path paths[3] = {{NULL, LL_FS_READ}};
	const struct command *c = NULL;
	char folder[PATH_MAX], ship[PATH_MAX];
	struct args args;
	int r = EX_OK;

	log_set_name("cordon");
	log_set_show(vis_str);
	if (argc >= 3)
		c = find_command(argv[1], argv[2]);
	if (c == NULL || parse(&args, argc, argv) != 0)
		fatalx(EX_USAGE, "this program is started by cordon only");
	(void)umask(077);
	tzset(); /* or the first localtime_r(3) would open a file */
	if (str_fmt(folder, sizeof(folder), "%s/%s", args.state, c->folder) !=
	    0)
		fatalx(EX_USAGE, "the path of the state folder is too long; "
				 "set XDG_STATE_HOME");
	r = open_input(c, &args, folder);
	if (r != EX_OK)
		return r;
	if (args.file == -1)
		paths[0].path = folder;
	if (c->writes)
		paths[0].access |= LL_FS_WRITE;
	if (args.to != NULL && /* how far a collector has come */
	    str_fmt(ship, sizeof(ship), "%s/ship", args.state) == 0)
		paths[1] =
		    (struct confine_path){ship, LL_FS_READ | LL_FS_WRITE};
	if (c->prepare != NULL)
		r = c->prepare(&args);
	confine_role_or_die("report", paths);
	if (r == EX_OK)
		r = c->run(&args);
	if (r == EX_OK)
		return report_flush();
	(void)fflush(stdout);
	return r;
}
