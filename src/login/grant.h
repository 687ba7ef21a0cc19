/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LOGIN_GRANT_H
#define LOGIN_GRANT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define GRANT_TOKEN_MAX 20000 /* bytes of one token */

/* What an issuer gives for a code or a refresh token (RFC 6749, 5.1). */
struct grant {
	struct buf access, refresh; /* refresh: empty if it stays as it was */
	char account[129];
	uint64_t expires; /* seconds since 1970; 0: it was not said */
	char why[256];    /* of a refusal: the issuer's words, untrusted */
};

void grant_init(struct grant *g);
void grant_fini(struct grant *g); /* wipes */
/* ERR_FORMAT if it is no grant; why may say more. */
int grant_read(struct grant *g, struct bytes json, uint64_t now);

/* Appends base64url without padding (RFC 4648, 5). */
int grant_b64url(struct buf *out, const void *p, size_t len);
/* name=value of a form, behind & if something is there (WHATWG URL, 5). */
int grant_form(struct buf *out, const char *name, struct bytes value);

#endif /* LOGIN_GRANT_H */
