/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_SIGNIN_H
#define CORDON_SIGNIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "conf/layer.h"
#include "conf/paths.h"

#define SIGNIN_FILE       "signed-in" /* in the configuration folder, 0600 */
#define SIGNIN_LOCK       "signed-in.lock"
#define SIGNIN_FILE_MAX   65536 /* bytes */
#define SIGNIN_TOKEN_MAX  20000 /* bytes */
#define SIGNIN_EARLY      300   /* seconds before its end it is renewed */
#define SIGNIN_RENEW_MS   30000
#define SIGNIN_DIGEST_LEN 32

/* What an issuer has given, and its file: lines of a name and a value. */
struct signin {
	struct buf access, refresh;
	char account[129];
	uint64_t expires; /* seconds since 1970; 0: it is not known */
};

void signin_init(struct signin *s);
void signin_fini(struct signin *s); /* wipes */
bool signin_stale(const struct signin *s, uint64_t now);

/* ERR_FORMAT: a line is none of ours.  Pure. */
int signin_parse(struct signin *s, struct bytes text);
/* ERR_NOENT if nobody has signed in; else ERR_* with the reason. */
int
signin_read(const struct paths *p, struct signin *s, char *why, size_t size);
int signin_write(
    const struct paths *p, const struct signin *s, char *why, size_t size);
int signin_forget(const struct paths *p); /* ERR_NOENT, ERR_IO */
bool signin_there(const struct paths *p);

/* Of a token, so that one can be told from another without keeping it. */
void signin_digest(uint8_t digest[SIGNIN_DIGEST_LEN], struct bytes token);

/*
 * Signs in with cordon-login: mode "browser" or "device", or "refresh" with
 * what s holds.  show is told what the person has to open, and to type there
 * (or NULL).  0 with s filled; otherwise ERR_* with the reason.
 */
typedef void signin_show_fn(const char *url, const char *code);
int signin_run(const struct conf *c, const char *mode, struct signin *s,
    signin_show_fn *show, char *why, size_t size);

/*
 * Reads the file and renews it where it is stale, or where its token is the
 * one that was refused (NULL: none was).  One process at a time does so, and
 * the old file stays until there is a new one.
 */
int signin_renew(const struct conf *c, const struct paths *p,
    const uint8_t *refused, struct signin *s, char *why, size_t size);

#endif /* CORDON_SIGNIN_H */
