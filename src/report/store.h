/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_STORE_H
#define REPORT_STORE_H

#include <sys/stat.h>

#include <limits.h>
#include <stddef.h>

#define STORE_ID_SIZE 37 /* a UUID and NUL */

/* Where logs and transcripts lie: STATE/KIND/YYYY/MM/DD/ID.jsonl. */
enum store_kind { STORE_AUDIT, STORE_SESSIONS };

struct store_entry {
	char id[STORE_ID_SIZE];
	char path[PATH_MAX];
	struct stat st;
};

/* The folder of a day, open while fn runs. */
struct store_folder {
	int fd;
	char path[PATH_MAX];
	struct stat st;
};

typedef int store_fn(void *arg, const struct store_entry *e);
typedef int store_folder_fn(void *arg, const struct store_folder *f);

/*
 * Calls fn for each folder, file of a folder, or file, the newest first, until
 * it answers nonzero, which is the result; 0 at the end and where there is
 * nothing.
 */
int store_folders(
    const char *state, enum store_kind kind, store_folder_fn *fn, void *arg);
int store_files(const struct store_folder *f, store_fn *fn, void *arg);
int
store_each(const char *state, enum store_kind kind, store_fn *fn, void *arg);
/* The file of this id, if it is there. */
int store_file(
    const struct store_folder *f, const char *id, store_fn *fn, void *arg);

/*
 * Opens the one whose id begins with word; NULL or "last": the newest.  A
 * descriptor, or a line that says what is wrong and -1.
 */
int store_open_say(const char *state, enum store_kind kind, const char *word,
    struct store_entry *e);

#endif /* REPORT_STORE_H */
