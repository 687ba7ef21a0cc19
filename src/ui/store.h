/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_STORE_H
#define UI_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#include "ui/text.h"

/*
 * The lines shown so far, for the pager, outside our own memory: two memfds,
 * of which the older is dropped when the newer is full.  What is kept in
 * memory is one offset for every STORE_STEP lines.
 */
#define STORE_PART_MAX (24u << 20) /* bytes of one memfd */
#define STORE_STEP     64

struct store_part {
	int fd;        /* owned; -1 if there is none */
	uint64_t size; /* bytes */
	size_t lines;
	uint64_t *index; /* owned: where each STORE_STEPth line begins */
	size_t nindex;
};

struct store {
	struct store_part old, now;
	struct buf held; /* of now, not yet written: a line is small */
};

void store_init(struct store *s);
void store_fini(struct store *s);
/* t with the marks of its first row in front; rows after the first are to be
 * indented by rest. */
void store_add(struct store *s, const struct text *first, const struct text *t,
    size_t rest);
size_t store_lines(const struct store *s);
/* Line n into t; ERR_NOENT if it is gone. */
int store_get(struct store *s, size_t n, struct text *t, size_t *rest);

#endif /* UI_STORE_H */
