/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: syscalls command|lsm TABLE
 *
 * What the filter of commands answers to every system call, by real calls in
 * a child.  Nothing is executed: a filter that answers EXFULL to everything
 * is loaded first, and of two filters that answer with an errno the newer
 * one's counts, so EXFULL means that the filter of commands permits it.
 *
 * Prints each call that does not get the verdict of its line in TABLE
 * (tests/data/syscalls.tsv) and each number that has none; status 1 if there
 * is one.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "sandbox/filter.h"

#define LAST      600 /* number that each entry must have a line for */
#define X32_BIT   0x40000000
#define ARGS      6
#define TEXT_MAX  (1u << 20)
#define CALLS_MAX 8192
#define SHOWN     20 /* missing numbers that are told */

enum entry { ENTRY_X86_64, ENTRY_X32, ENTRY_I386, ENTRIES };

static const char *const entries[ENTRIES] = {"x86-64", "x32", "i386"};

/* One call, and how it ended; lives in memory that is shared with the child. */
struct call {
	enum entry entry;
	long nr;
	unsigned long arg[ARGS];
	long result; /* -errno, or 1: killed */
	int done;
};

static const struct filter *filter;

static long
call_x86_64(long nr, const unsigned long a[ARGS])
{
	register unsigned long r10 __asm__("r10") = a[3];
	register unsigned long r8 __asm__("r8") = a[4];
	register unsigned long r9 __asm__("r9") = a[5];
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10),
			 "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}

static long
call_i386(long nr)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(0L), "c"(0L), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

static long
call(const struct call *c)
{
	if (c->entry == ENTRY_I386)
		return call_i386(c->nr);
	return call_x86_64(
	    c->entry == ENTRY_X32 ? c->nr | X32_BIT : c->nr, c->arg);
}

/* EXFULL for everything but loading one more filter. */
static int
load_answer(void)
{
	struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					 offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_prctl, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, args[0])),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXFULL)};
	struct sock_fprog prog = {sizeof(code) / sizeof(code[0]), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

/* The child can neither write nor exit: it tells by memory, and dies. */
static _Noreturn void
child(struct call *calls, size_t n)
{
	size_t i;

	if (load_answer() == 0 && filter_load(filter) == 0)
		for (i = 0; i < n; i++) {
			if (calls[i].done)
				continue;
			calls[i].result = call(&calls[i]);
			calls[i].done = 1;
		}
	for (;;)
		__builtin_trap();
}

/* Runs all calls; each that kills takes a child of its own with it. */
static int
run(struct call *calls, size_t n)
{
	size_t i = 0;
	int status;
	pid_t pid;

	for (;;) {
		while (i < n && calls[i].done)
			i++;
		if (i == n)
			return 0;
		pid = fork();
		if (pid == 0)
			child(calls, n);
		if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
			return ERR_IO;
		while (i < n && calls[i].done)
			i++;
		if (i == n)
			return 0;
		if (WTERMSIG(status) != SIGSYS) {
			(void)fprintf(stderr,
			    "syscalls: %ld ended by signal %d\n", calls[i].nr,
			    WTERMSIG(status));
			return ERR_IO;
		}
		calls[i].result = 1;
		calls[i].done = 1;
	}
}

static const char *
verdict(const struct call *c)
{
	if (c->result == 1)
		return "kill";
	if (c->result == -EXFULL)
		return "permit";
	return c->result < 0 && c->result > -4096
		   ? strerrorname_np((int)-c->result)
		   : "strange";
}

/* entry, name, number or FIRST-LAST, arguments (joined by blanks, or "-"),
 * verdict ("-": not asked), and that of the tier lsm where it differs;
 * separated by tabs. */
#define FIELDS     5
#define FIELDS_LSM 6

struct table {
	struct call *calls; /* owned: mapped */
	const char **want;  /* owned; each borrowed */
	const char **name;  /* owned; each borrowed */
	size_t n;
};

static unsigned long
number(const char *text)
{
	unsigned long n;
	int used = 0;

	if (sscanf(text, str_starts(text, "0x") ? "%lx%n" : "%lu%n", &n,
		&used) != 1 ||
	    text[used] != '\0')
		errx(1, "%s: not a number", text);
	return n;
}

static enum entry
entry_of(const char *word)
{
	unsigned e;

	for (e = 0; e < ENTRIES; e++)
		if (strcmp(entries[e], word) == 0)
			return (enum entry)e;
	errx(1, "%s: no such entry", word);
}

static void
table_line(struct table *t, char *line, bool lsm)
{
	char *f[FIELDS_LSM], *last, *word;
	unsigned long nr, end;
	struct call c = {0};
	size_t i;

	for (i = 0; i < FIELDS_LSM; i++) {
		f[i] = strsep(&line, "\t");
		if (f[i] == NULL && i < FIELDS)
			errx(1, "line %zu: too few fields", t->n);
	}
	c.entry = entry_of(f[0]);
	last = strchr(f[2], '-');
	if (last != NULL)
		*last++ = '\0';
	nr = number(f[2]);
	end = last == NULL ? nr : number(last);
	for (i = 0; f[3] != NULL && strcmp(f[3], "-") != 0 && i < ARGS; i++) {
		word = strsep(&f[3], " ");
		c.arg[i] = number(word);
	}
	for (; nr <= end && t->n < CALLS_MAX; nr++) {
		c.nr = (long)nr;
		t->calls[t->n] = c;
		t->calls[t->n].done = strcmp(f[4], "-") == 0;
		t->want[t->n] = lsm && f[5] != NULL ? f[5] : f[4];
		t->name[t->n++] = f[1];
	}
}

static void
table_read(struct table *t, const char *path, struct buf *text, bool lsm)
{
	char *line, *save = NULL;

	t->calls = mmap(NULL, CALLS_MAX * sizeof(struct call),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t->calls == MAP_FAILED)
		err(1, "mmap");
	t->want = xcalloc(CALLS_MAX, sizeof(*t->want));
	t->name = xcalloc(CALLS_MAX, sizeof(*t->name));
	if (fd_read_file(AT_FDCWD, path, text) != 0)
		err(1, "%s", path);
	for (line = strtok_r(buf_cstr(text), "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (line[0] != '#')
			table_line(t, line, lsm);
}

/* No number may be without a line. */
static size_t
table_missing(const struct table *t)
{
	size_t i, missing = 0;
	unsigned e;
	long nr;

	for (e = 0; e < ENTRIES; e++)
		for (nr = 0; nr <= LAST; nr++) {
			for (i = 0; i < t->n; i++)
				if (t->calls[i].entry == (enum entry)e &&
				    t->calls[i].nr == nr)
					break;
			if (i == t->n && missing++ < SHOWN)
				(void)printf("%s %ld: not in the table\n",
				    entries[e], nr);
		}
	return missing;
}

int
main(int argc, char *argv[])
{
	struct table t = {0};
	struct buf text;
	size_t i, wrong;
	bool lsm;

	if (argc != 3)
		errx(2, "usage: syscalls command|lsm TABLE");
	lsm = strcmp(argv[1], "lsm") == 0;
	filter = filter_of(lsm ? FILTER_FOR_COMMAND_LSM : FILTER_FOR_COMMAND);
	buf_init(&text, TEXT_MAX);
	table_read(&t, argv[2], &text, lsm);
	wrong = table_missing(&t);
	if (run(t.calls, t.n) != 0)
		return 1;
	for (i = 0; i < t.n; i++)
		if (strcmp(t.want[i], "-") != 0 &&
		    strcmp(verdict(&t.calls[i]), t.want[i]) != 0) {
			wrong++;
			(void)printf("%s\t%s\t%ld\tis %s, not %s\n",
			    entries[t.calls[i].entry], t.name[i], t.calls[i].nr,
			    verdict(&t.calls[i]), t.want[i]);
		}
	(void)printf("%zu calls, %zu wrong\n", t.n, wrong);
	return wrong != 0;
}
