/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LOGIN_CALLBACK_H
#define LOGIN_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

#define CALLBACK_PATH     "/auth/callback"
#define CALLBACK_TEXT_MAX 2048 /* bytes of a parameter, NUL included */

/* What the browser brought back from the issuer (RFC 6749, 4.1.2). */
struct callback {
	char code[CALLBACK_TEXT_MAX], state[CALLBACK_TEXT_MAX];
	char error[CALLBACK_TEXT_MAX];
};

enum callback_result {
	CALLBACK_MORE,  /* the request is not whole yet */
	CALLBACK_OTHER, /* it asks for something else, such as an icon */
	CALLBACK_BAD,   /* it is no request of a browser to us */
	CALLBACK_GOOD
};

/* Reads a request as far as it has come; out is filled if it is good. */
enum callback_result
callback_parse(const char *p, size_t len, uint16_t port, struct callback *out);

/*
 * A listening socket on the loopback address that waits for the one request
 * with the right state; others are answered and forgotten.  done is called
 * once, and then nothing listens any more.
 */
struct callback_server;
typedef void callback_fn(void *arg, const struct callback *c);

struct callback_server *callback_listen(struct loop *loop, int fd,
    uint16_t port, const char *state, callback_fn *done, void *arg);
void callback_close(struct callback_server *s); /* accepts NULL */

#endif /* LOGIN_CALLBACK_H */
