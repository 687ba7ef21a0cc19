/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_TRANSCRIPT_H
#define REPORT_TRANSCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "json/json.h"

/* What a line of a transcript is, for readers; cordon-sessions(1), FILES. */
enum note_kind {
	NOTE_OTHER, /* nothing to show; also what a crash tore */
	NOTE_SESSION,
	NOTE_USER,
	NOTE_ASSISTANT,
	NOTE_CALL,
	NOTE_RESULT,
	NOTE_TURN_END,
	NOTE_TITLE,
	NOTE_ARCHIVE
};

#define NOTE_TEXT_MAX (81u << 20) /* bytes of one text, as LINES_MAX */

struct note {
	enum note_kind kind;
	struct bytes raw;  /* borrowed: the line as it stands */
	struct json *line; /* owned; NULL if it is no JSON */
	struct buf text;   /* owned: what was said, called or answered */
	const char *time;  /* borrowed; "" if there is none */
	const char *name;  /* of the tool, for a call; else "" */
};

/* What show and export call a note of this kind; NULL: they leave it out. */
const char *note_word(enum note_kind kind);

/* Each line of a transcript, until fn answers nonzero.  0, or what it answered,
 * or an error of lines_next. */
typedef int note_fn(void *arg, const struct note *n);
int note_each(int fd, note_fn *fn, void *arg);

/* What a whole transcript comes to. */
struct summary {
	char cwd[4096];
	char model[128];
	char title[256]; /* given, or the beginning of the first prompt */
	char created[32], updated[32];
	uint64_t turns;
	bool named, archived;
};

void summary_add(struct summary *s, const struct note *n);

#endif /* REPORT_TRANSCRIPT_H */
