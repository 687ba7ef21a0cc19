/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_VIS_H
#define BASE_VIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Makes untrusted text printable.  What could move the cursor, change modes,
 * hide or reorder text becomes visible:
 *   C0, DEL, C1       \n \t kept if asked, else \xHH or \n \r \t \e
 *   bad UTF-8 bytes   \xHH
 *   bidi controls, zero-width, tag characters, variation selectors beyond
 *   the emoji one, other Cf, Co, Cn, Cs, Zl, Zp   \u{HEX}
 * With VIS_STRICT the backslash itself is doubled, so that the result decodes
 * back to exactly the input; that is for what people approve.
 */
enum vis_flags {
	VIS_NL = 1,     /* newline passes */
	VIS_TAB = 2,    /* tab passes */
	VIS_STRICT = 4, /* reversible: backslash doubled; joiners, combining
			   marks at the start and all non-ASCII blanks shown */
};

int vis_add(struct buf *out, const void *p, size_t len, unsigned flags);
/* Where a long text may be cut, near want, so that its pieces come out as the
 * whole would. */
size_t vis_cut(const void *p, size_t len, size_t want);
/* Cuts at size; always ends with NUL.  Returns false if it was cut. */
bool vis_str(char *dst, size_t size, const char *src);
bool
vis_bytes(char *dst, size_t size, const void *p, size_t len, unsigned flags);

/* True if the letters of a word come from more than one of Latin, Greek,
 * Cyrillic, ...: such a name may be a look-alike. */
bool vis_mixed_script(const void *p, size_t len);

#endif /* BASE_VIS_H */
