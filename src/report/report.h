/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

/* The words of a command line; cordon has checked which may be there. */
struct word_list {
	const char *v[64]; /* borrowed */
	size_t n;
};

struct args {
	const char *state; /* folder of sessions/ and audit/ */
	const char *session, *since, *format, *output, *to, *policy;
	struct word_list type, head, remote_head;
	bool json, follow, all, archived, undo;
	uint64_t limit, at;
	struct word_list operands;
	int file; /* owned: opened for a command that takes one; -1 */
};

/* The session that is meant; NULL: the last. */
const char *args_session(const struct args *a);

/* One command: what it reads and writes of the file system, and what it does.
 * Returns an exit status of sysexits.h. */
struct command {
	const char *group, *name;
	const char *folder; /* of the state folder, all that it can reach */
	bool writes;        /* there; the others only read */
	bool takes_file;    /* a word with a slash names one, not a session */
	/* What must be had before the process gives up its rights; NULL. */
	int (*prepare)(const struct args *a);
	int (*run)(const struct args *a);
};

extern const struct command commands[]; /* ended by a NULL name */

int report_verify(const struct args *a);
int report_verify_prepare(const struct args *a);
int report_list(const struct args *a);
int report_show(const struct args *a);
int report_tail(const struct args *a);
int report_head(const struct args *a);
int report_stats(const struct args *a);

int report_diff(const struct args *a);
int report_grants(const struct args *a);
int report_replay(const struct args *a);
int report_export(const struct args *a);
int report_ship(const struct args *a);
int report_ship_prepare(const struct args *a);
int sessions_list(const struct args *a);
int sessions_show(const struct args *a);
int sessions_search(const struct args *a);
int sessions_export(const struct args *a);
int sessions_rename(const struct args *a);
int sessions_archive(const struct args *a);
int sessions_fork(const struct args *a);
int sessions_rm(const struct args *a);
int sessions_reindex(const struct args *a);
/* The transcript that the first operand names, and each line of it.  An exit
 * status; with EX_OK sessions_read is due, which closes fd. */
struct note;
struct store_entry;
int sessions_open(const struct args *a, struct store_entry *e, int *fd);
int sessions_read(const struct store_entry *e, int fd,
    int (*fn)(void *arg, const struct note *));
int sessions_export_prepare(const struct args *a);
int report_export_prepare(const struct args *a);
/* Standard output becomes the file that --output names. */
int export_to_output(const struct args *a);

/* Writing to standard output, made printable; what fails is seen by
 * report_flush, which says it. */
void put(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void put_vis(const void *p, size_t len, unsigned flags); /* of base/vis.h */
void put_raw(const void *p, size_t len);
int report_flush(void);

#endif /* REPORT_REPORT_H */
