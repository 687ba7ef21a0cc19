/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PATCH_PATCH_H
#define PATCH_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

#define PATCH_TEXT_MAX (8u * 1024 * 1024) /* bytes of one patch */
#define PATCH_FILE_MAX 20000              /* files of one patch */
#define PATCH_WHY_SIZE 512                /* bytes of an error text */

enum patch_kind { PATCH_ADD, PATCH_UPDATE, PATCH_DELETE };

/* One line of a change: op is ' ', '+' or '-'; text has no newline. */
struct patch_line {
	struct bytes text; /* borrowed from the patch */
	char op;
};

/*
 * One change of an update: its lines stand together in the file, somewhere
 * behind the change before it and behind the lines that scopes name.
 */
struct patch_change {
	struct bytes *scopes; /* owned array: the "@@ text" lines */
	size_t nscopes;
	struct patch_line *lines; /* owned array */
	size_t nlines;
	bool at_end; /* "*** End of File": nothing follows */
};

struct patch_file {
	enum patch_kind kind;
	struct bytes section; /* borrowed: all of its lines */
	struct bytes path;    /* borrowed, as written */
	struct bytes move_to; /* borrowed; p is NULL without a move */
	struct bytes *added;  /* owned: the lines of an added file */
	size_t nadded;
	struct patch_change *changes; /* owned: of an update */
	size_t nchanges;
};

struct patch {
	struct patch_file *files; /* owned array */
	size_t nfiles;
	char why[PATCH_WHY_SIZE]; /* after a failed parse: one line */
};

/*
 * Reads a patch; the text must outlive it.  Returns 0, or ERR_FORMAT or
 * ERR_SPACE with why filled.  patch_fini is due in either case.
 */
int patch_parse(struct patch *p, struct bytes text);
void patch_fini(struct patch *p);
/* The same patch without the files that are dropped, one for each file. */
void patch_without(const struct patch *p, const bool *dropped, struct buf *to);

/*
 * True if a command line is nothing but apply_patch with its patch as the
 * argument or as a here-document; *text is then the patch within it.
 */
bool patch_in_command(struct bytes cmd, struct bytes *text);

/* How far a match had to be tolerant, in this order. */
enum patch_match {
	PATCH_EXACT,
	PATCH_TRAILING, /* trailing blanks ignored */
	PATCH_BLANKS,   /* leading and trailing blanks ignored */
	PATCH_PUNCT /* ... and Unicode dashes, quotes and blanks made plain */
};

/*
 * Applies the changes of one update to the content of its file.  Lines that
 * the patch keeps stay byte for byte as they are in the file; added lines
 * get the file's line ending.  Remarks about places that were ambiguous or
 * matched only tolerantly are added to notes.  Returns 0, ERR_NOENT with why
 * filled when a place is not found, or ERR_SPACE.
 */
int patch_update(const struct patch_file *f, struct bytes old,
    struct buf *content, struct buf *notes, struct buf *why);

/* The content of an added file. */
int patch_added(const struct patch_file *f, struct buf *content);

#endif /* PATCH_PATCH_H */
