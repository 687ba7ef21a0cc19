/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_ENTRY_H
#define REPORT_ENTRY_H

#include "audit/record.h"
#include "json/json.h"
#include "report/report.h"
#include "report/store.h"

/*
 * The records of logs, taken apart, as the reading commands want them.  They
 * read what stands there; whether it is true is verify's business, and a line
 * that is no record is shown as one that is damaged.
 */
struct entry {
	struct record r;
	struct json *data; /* owned; NULL if it cannot be read */
	struct bytes line; /* borrowed, without the newline */
	char hash[STR_HEX_SIZE(RECORD_HASH_LEN)]; /* of r, in hex */
	bool damaged; /* the line is no record; the rest is empty */
};

typedef int entry_fn(void *arg, const struct entry *e);

/* Each line of one file that the arguments' --type and --since let through. */
int entry_each(const struct args *a, int fd, entry_fn *fn, void *arg);
/* Of the log that the word names, NULL the last.  An exit status; the two
 * steps of it, for who has to write something in between: with EX_OK from the
 * first the second is due, which closes fd. */
int
entry_of_log(const struct args *a, const char *word, entry_fn *fn, void *arg);
int entry_open(
    const struct args *a, const char *word, struct store_entry *se, int *fd);
int entry_read(const struct args *a, const struct store_entry *se, int fd,
    entry_fn *fn, void *arg);
/* The same of lines that have come since, where more are to come. */
struct lines;
int entry_lines(const struct args *a, struct lines *l, entry_fn *fn, void *arg);
/* Takes one line apart; false if --type or --since leaves it out.  Then, and
 * after its use, entry_fini. */
bool entry_init(struct entry *e, const struct args *a, struct bytes line);
void entry_fini(struct entry *e);

/* --since as records have times; false if it was not given. */
bool entry_since(char time[RECORD_TIME_SIZE], const struct args *a);
/* Checks --type and --since.  EX_OK, or EX_USAGE after a line. */
int entry_check(const struct args *a);

#define ENTRY_WORDS_MAX (1u << 20) /* bytes of a record in words */

/* One line of words that says what the record's data says, without time and
 * type.  For people, as yet unprintable; appended to out. */
void entry_words(struct buf *out, const struct entry *e);

/* The words of a list, with blanks between; nothing if there are none. */
void entry_items(struct buf *out, const struct json *data, const char *before,
    const char *name);
/* How the command of a result ended, as a shell says it: 128 and the number
 * of a signal.  Below 0 if it has not ended by itself. */
int entry_exit_code(const struct json *data);

#endif /* REPORT_ENTRY_H */
