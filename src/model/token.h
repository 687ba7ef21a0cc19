/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_TOKEN_H
#define MODEL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The provider's token.  It lives here and nowhere else: locked in memory,
 * kept out of dumps, wiped when it is replaced and at the end.  There is no
 * function that prints it.
 */
struct token;

struct token *token_new(void);
void token_free(struct token *t); /* accepts NULL */
/* ERR_LENGTH when it is empty or too long, ERR_FORMAT when it could not
 * stand in a header. */
int token_set(struct token *t, struct bytes value);
bool token_there(const struct token *t);
/* prefix and token, for one header of one request; the caller gives it back
 * with token_unhead as soon as it is sent. */
struct bytes token_head(struct token *t, const char *prefix);
void token_unhead(struct token *t);

#endif /* MODEL_TOKEN_H */
