/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Test helper: compares what shell_split says with what a real shell runs.
 *
 *	shelldiff SHELL RECORDER DIR SEED COUNT
 *
 * Makes lines from SEED until COUNT understood ones have been run by SHELL in
 * an empty directory below DIR, with nothing in PATH but RECORDER under the
 * names that lines use.  What was run, with which arguments and which input,
 * and which files have been written, must be what the split predicts.  A line
 * is run only if no path in it leaves that directory.  Shows the lines that
 * differ and exits 1.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/vis.h"
#include "base/xmem.h"
#include "shell/split.h"

#include "shellgen.h"

#define RECORDS_MAX  512
#define RECORD_INPUT 0xFE /* recorder.c */
#define RECORD_END   0xFF
#define HOME_PATH    "/nowhere"
#define SECONDS_MAX  60 /* of one line */
#define SHOWN_MAX    10 /* lines that differ */

/* Texts to be compared as a set with repetitions. */
struct bag {
	struct buf *items; /* owned array */
	size_t n;
};

static struct {
	const char *shell; /* borrowed: the path of it */
	bool dash;         /* it has no extensions of bash */
	char *dir;         /* owned: DIR */
	char *record;      /* owned */
	struct bag want, got;
	struct bag files_want, files_got;
	bool may_fail; /* a redirection could: only check that nothing else
			  runs than what was predicted */
	bool glob;
	int status; /* of every recorder */
} d;

static struct buf *
bag_add(struct bag *b)
{
	if (b->items == NULL)
		b->items = xcalloc(RECORDS_MAX, sizeof(*b->items));
	if (b->n == RECORDS_MAX)
		errx(1, "too many records");
	buf_init(&b->items[b->n], 1u << 20);
	return &b->items[b->n++];
}

static void
bag_clear(struct bag *b)
{
	while (b->n > 0)
		buf_fini(&b->items[--b->n]);
}

static int
buf_cmp(const void *pa, const void *pb)
{
	const struct buf *a = pa, *b = pb;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = n == 0 ? 0 : memcmp(buf_data(a), buf_data(b), n);

	return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

/* Sorts both.  Every item of got is in want, and if all, the reverse. */
static bool
bag_within(struct bag *got, struct bag *want, bool all)
{
	size_t i = 0, j;

	if (got->n > 0)
		qsort(got->items, got->n, sizeof(*got->items), buf_cmp);
	if (want->n > 0)
		qsort(want->items, want->n, sizeof(*want->items), buf_cmp);
	for (j = 0; j < got->n; j++) {
		while (i < want->n &&
		       buf_cmp(&want->items[i], &got->items[j]) != 0) {
			if (all)
				return false;
			i++;
		}
		if (i++ == want->n)
			return false;
	}
	return !all || i == want->n;
}

/* What the split predicts. */

static void
want_word(struct buf *b, const struct shell_word *w)
{
	size_t skip = (w->flags & SHELL_TILDE) != 0;

	if (skip > 0)
		(void)buf_adds(b, HOME_PATH);
	(void)buf_add(b, w->s + skip, w->len - skip);
}

static bool
is_output(enum shell_redir_op op)
{
	return op == SHELL_OUT || op == SHELL_CLOBBER || op == SHELL_APPEND ||
	       op == SHELL_BOTH || op == SHELL_BOTH_APPEND || op == SHELL_RDWR;
}

/* The files that the redirections make. */
static void
want_files(const struct shell_command *c)
{
	const struct shell_word *w;
	size_t i, j;

	for (i = 0; i < c->nredirs; i++) {
		w = &c->redirs[i].word;
		if (!is_output(c->redirs[i].op) ||
		    strcmp(w->s, "/dev/null") == 0)
			continue;
		for (j = 0; j < d.files_want.n; j++)
			if (d.files_want.items[j].len == w->len &&
			    memcmp(buf_data(&d.files_want.items[j]), w->s,
				w->len) == 0)
				break;
		if (j == d.files_want.n)
			want_word(bag_add(&d.files_want), w);
	}
}

static void
want_command(const struct shell_command *c)
{
	const struct shell_redir *r;
	struct buf *b;
	size_t i, input = 0;

	want_files(c);
	if (c->nwords == 0)
		return;
	b = bag_add(&d.want);
	for (i = 0; i < c->nwords; i++) {
		want_word(b, &c->words[i]);
		(void)buf_addc(b, '\0');
	}
	if (d.may_fail)
		return;
	(void)buf_add_u8(b, RECORD_INPUT);
	for (i = 0; i < c->nredirs; i++)
		if (c->redirs[i].fd == 0)
			input = i + 1;
	if (input == 0)
		return;
	r = &c->redirs[input - 1];
	if (r->op == SHELL_HEREDOC || r->op == SHELL_HERESTR)
		want_word(b, &r->word);
	if (r->op == SHELL_HERESTR)
		(void)buf_addc(b, '\n');
}

static int
want_list(const struct shell_split *sp, size_t *i, unsigned depth, bool run);

/* A command, or a group with all that is in it. */
static int
want_element(const struct shell_split *sp, size_t *i, unsigned depth, bool run)
{
	const struct shell_command *c;
	int status = -1;

	if (sp->commands[*i].depth > depth)
		status = want_list(sp, i, depth + 1, run);
	c = &sp->commands[(*i)++];
	if (run)
		want_command(c);
	if (status >= 0)
		return status;
	return c->nwords == 0 ? 0 : d.status;
}

/* The commands from *i on that are at least that deep: their status. */
static int
want_list(const struct shell_split *sp, size_t *i, unsigned depth, bool run)
{
	enum shell_join join = SHELL_SEQ;
	int status = 0, got;
	bool go, negated;

	while (*i < sp->ncommands && sp->commands[*i].depth >= depth) {
		go = run && (join == SHELL_AND     ? status == 0
				: join == SHELL_OR ? status != 0
						   : true);
		do {
			got = want_element(sp, i, depth, go);
			join = sp->commands[*i - 1].join;
			negated = sp->commands[*i - 1].negated;
		} while (join == SHELL_PIPE || join == SHELL_PIPE_BOTH);
		if (join == SHELL_BACKGROUND)
			got = 0;
		else if (negated)
			got = got == 0;
		if (go)
			status = got;
		/* What stands behind the group belongs to who called. */
		if (join == SHELL_END)
			break;
	}
	return status;
}

/* May this redirection fail, or bring input that is not known here? */
static bool
doubtful(const struct shell_redir *r)
{
	if (r->fd > 2)
		return true;
	if (r->op == SHELL_DUP_IN || r->op == SHELL_DUP_OUT)
		return r->fd == 0 || r->word.s[0] == '-' ||
		       r->word.s[0] > '2' || r->word.s[0] == '0';
	if (r->op == SHELL_IN)
		return strcmp(r->word.s, SHELLGEN_FILE) != 0;
	return is_output(r->op) &&
	       (r->fd == 0 || (r->word.flags & SHELL_TILDE) != 0 ||
		   r->word.len == 0 || r->word.len > 200 ||
		   strcmp(r->word.s, ".") == 0 ||
		   strcmp(r->word.s, "..") == 0 ||
		   strcmp(r->word.s, SHELLGEN_FILE) == 0 ||
		   strcmp(r->word.s, SHELLGEN_DIR) == 0 ||
		   strchr(r->word.s, '/') != NULL) &&
	       strcmp(r->word.s, "/dev/null") != 0;
}

/* Is every program of the line a recorder, and dash able to read it? */
static bool
runnable(const struct shell_split *sp)
{
	const struct shell_command *c;
	size_t i, j;

	d.glob = d.may_fail = false;
	for (i = 0; i < sp->nredirs; i++) {
		d.may_fail = d.may_fail || doubtful(&sp->redirs[i]);
		if (d.dash && (sp->redirs[i].op == SHELL_BOTH ||
				  sp->redirs[i].op == SHELL_BOTH_APPEND ||
				  sp->redirs[i].op == SHELL_HERESTR))
			return false;
	}
	for (i = 0; i < sp->nwords; i++)
		if ((sp->words[i].flags & SHELL_GLOB) != 0)
			d.glob = true;
	for (i = 0; i < sp->ncommands; i++) {
		c = &sp->commands[i];
		if (d.dash && c->join == SHELL_PIPE_BOTH)
			return false;
		/* A group's redirections come before what is in it. */
		if (c->group && c->nredirs > 0)
			d.may_fail = true;
		if (c->nwords == 0)
			continue;
		for (j = 0; shellgen_names[j] != NULL; j++)
			if (strcmp(shellgen_names[j], c->words[0].s) == 0)
				break;
		if (shellgen_names[j] == NULL)
			return false;
	}
	return true;
}

/* No path of the line leads out of the directory that it is run in. */
static bool
stays_inside(const char *s, size_t len)
{
	static const char null[] = "/dev/null", sub[] = SHELLGEN_DIR "/";
	static const char ends[] = " \t\n;&|<>()";
	size_t i, n;

	for (i = 0; i < len; i++) {
		if (s[i] != '/')
			continue;
		if (i >= sizeof(sub) - 2 &&
		    memcmp(s + i - (sizeof(sub) - 2), sub, sizeof(sub) - 1) ==
			0 &&
		    memmem(s + i, len - i, "..", 2) == NULL)
			continue;
		n = sizeof(null) - 1;
		if (len - i < n || memcmp(s + i, null, n) != 0 ||
		    (i > 0 && strchr(ends, s[i - 1]) == NULL) ||
		    (i + n < len && strchr(ends, s[i + n]) == NULL))
			return false;
		i += n - 1;
	}
	return memmem(s, len, "cd", 2) == NULL;
}

/* What happens. */

static void
clean_dir(const char *path, bool look)
{
	DIR *dp = opendir(path);
	const struct dirent *e;

	if (dp == NULL)
		err(1, "%s", path);
	while ((e = readdir(dp)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    strcmp(e->d_name, SHELLGEN_FILE) == 0 ||
		    strcmp(e->d_name, SHELLGEN_DIR) == 0)
			continue;
		if (look)
			(void)buf_adds(bag_add(&d.files_got), e->d_name);
		if (unlinkat(dirfd(dp), e->d_name, 0) != 0)
			err(1, "%s/%s", path, e->d_name);
	}
	(void)closedir(dp);
}

static void
child(const char *line)
{
	char *path = xasprintf("PATH=%s/bin", d.dir);
	char *record = xasprintf("RECORD=%s", d.record);
	char *status = xasprintf("RECORD_STATUS=%d", d.status);
	char *tmp = xasprintf("TMPDIR=%s/tmp", d.dir), *flag;
	char *env[] = {path, record, status, tmp, NULL, NULL, NULL};
	const char *argv[] = {d.dash ? "dash" : "bash", "-c", line, NULL, NULL};
	struct rlimit size = {1 << 20, 1 << 20};
	int null = open("/dev/null", O_RDWR);

	env[4] = xstrdup("HOME=" HOME_PATH);
	env[5] = xstrdup("LC_ALL=C.UTF-8");
	flag = xstrdup("-fc");
	if (d.glob)
		argv[1] = flag;
	(void)setrlimit(RLIMIT_FSIZE, &size);
	(void)alarm(SECONDS_MAX);
	if (chdir("run") != 0 || null < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(125);
	(void)close_range(3, ~0U, 0);
	(void)execve(d.shell, (char *const *)(uintptr_t)argv, env);
	_exit(125);
}

static void
read_records(void)
{
	struct buf all;
	const uint8_t *p, *end;
	size_t n;
	int fd = open(d.record, O_RDONLY | O_CLOEXEC);

	buf_init(&all, 16u << 20);
	if (fd < 0 || fd_read_all(fd, &all) != 0)
		err(1, "%s", d.record);
	(void)close(fd);
	for (p = buf_data(&all); all.len > 0; buf_drain(&all, n + 1)) {
		p = buf_data(&all);
		end = memchr(p, RECORD_END, all.len);
		if (end == NULL)
			errx(1, "half a record");
		n = (size_t)(end - p);
		if (d.may_fail)
			end = memchr(p, RECORD_INPUT, n);
		(void)buf_add(bag_add(&d.got), p, (size_t)(end - p));
	}
	buf_fini(&all);
}

/* Runs a line and waits for all that it has started. */
static void
run(const char *line)
{
	int fd = open(d.record, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
	pid_t pid;

	if (fd < 0)
		err(1, "%s", d.record);
	(void)close(fd);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		child(line);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	read_records();
	clean_dir("run", true);
	clean_dir("run/" SHELLGEN_DIR, false);
}

static void
show_bag(const char *title, const struct bag *b)
{
	char text[512];
	size_t i;

	for (i = 0; i < b->n; i++) {
		(void)vis_bytes(text, sizeof(text), buf_data(&b->items[i]),
		    b->items[i].len, 0);
		printf("    %s %s\n", title, text);
	}
}

/* Runs the line; is it what the split predicts? */
static bool
matches(const char *line, const struct shell_split *sp)
{
	size_t i = 0;

	bag_clear(&d.want);
	bag_clear(&d.got);
	bag_clear(&d.files_want);
	bag_clear(&d.files_got);
	if (!d.may_fail)
		(void)want_list(sp, &i, 0, true);
	else
		for (; i < sp->ncommands; i++)
			want_command(&sp->commands[i]);
	run(line);
	return bag_within(&d.got, &d.want, !d.may_fail) &&
	       bag_within(&d.files_got, &d.files_want, !d.may_fail);
}

/* A machine that is too busy cuts a line off; what differs does so again. */
static bool
compare(const char *line, size_t len, const struct shell_split *sp)
{
	char shown[2048];

	if (matches(line, sp) || matches(line, sp))
		return true;
	(void)vis_bytes(shown, sizeof(shown), line, len, 0);
	printf("differs: %s (status %d%s)\n", shown, d.status,
	    d.may_fail ? ", part" : "");
	show_bag("want", &d.want);
	show_bag("ran ", &d.got);
	show_bag("want file", &d.files_want);
	show_bag("made file", &d.files_got);
	return false;
}

static void
set_up(const char *recorder)
{
	const char *const dirs[] = {"bin", "tmp", "run", ("run/" SHELLGEN_DIR)};
	char path[64];
	size_t i;
	int fd;

	if (chdir(d.dir) != 0)
		err(1, "%s", d.dir);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdir(dirs[i], 0700) != 0 && errno != EEXIST)
			err(1, "%s", dirs[i]);
	for (i = 0; shellgen_names[i] != NULL; i++) {
		(void)snprintf(path, sizeof(path), "bin/%s", shellgen_names[i]);
		if (symlink(recorder, path) != 0 && errno != EEXIST)
			err(1, "%s", path);
	}
	fd = open("run/" SHELLGEN_FILE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		err(1, "%s", SHELLGEN_FILE);
	(void)close(fd);
	d.record = xasprintf("%s/record", d.dir);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		err(1, "subreaper");
}

int
main(int argc, char **argv)
{
	struct shellgen g;
	struct shell_split sp;
	unsigned long count, ran = 0, made = 0, bad = 0, part = 0;
	const char *line, *why;
	uint64_t seed;

	if (argc != 6)
		errx(64, "usage: shelldiff SHELL RECORDER DIR SEED COUNT");
	d.shell = argv[1];
	d.dash = strstr(argv[1], "dash") != NULL;
	d.dir = xstrdup(argv[3]);
	seed = (uint64_t)strtonum(argv[4], 0, INT64_MAX, &why);
	if (why == NULL)
		count = (unsigned long)strtonum(argv[5], 1, INT32_MAX, &why);
	if (why != NULL)
		errx(64, "SEED or COUNT is %s", why);
	set_up(argv[2]);
	shellgen_init(&g, seed);
	for (; ran < count && bad < SHOWN_MAX; made++) {
		shellgen_line(&g);
		line = buf_cstr(&g.out);
		if (line == NULL || !stays_inside(line, g.out.len))
			continue;
		shell_split(&sp, line, g.out.len);
		d.status = (int)(made % 2);
		if (sp.understood && runnable(&sp)) {
			ran++;
			part += d.may_fail;
			bad += !compare(line, g.out.len, &sp);
		}
		shell_split_fini(&sp);
	}
	printf("%lu lines made, %lu understood and run (%lu checked only for "
	       "what else runs), %lu differ\n",
	    made, ran, part, bad);
	shellgen_fini(&g);
	return bad == 0 ? 0 : 1;
}
