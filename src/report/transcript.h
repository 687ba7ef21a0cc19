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
	struct json *line; /* owned; NULL if it is no JSON */
	struct buf text;   /* owned: what was said, called or answered */
	const char *time;  /* borrowed; "" if there is none */
	const char *name;  /* of the tool, for a call; else "" */
};

void note_init(struct note *n, struct bytes line);
void note_fini(struct note *n);

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
