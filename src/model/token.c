/* SPDX-License-Identifier: Apache-2.0 */

/* Model: the token, in two locked pages. */

#include "config.h"

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/xmem.h"
#include "model/token.h"

#define TOKEN_MAX  65000 /* bytes */
#define TOKEN_AREA (1u << 17)
#define TOKEN_HALF (TOKEN_AREA / 2)

struct token {
	char *area; /* owned: the token, and behind TOKEN_HALF its header */
	size_t len, head_len;
};

struct token *
token_new(void)
{
	struct token *t = xcalloc(1, sizeof(*t));

	t->area = mmap(NULL, TOKEN_AREA, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->area == MAP_FAILED)
		fatal("no memory for the token");
	/* Where the lock limit is low, the pages still stay out of dumps. */
	(void)mlock(t->area, TOKEN_AREA);
	(void)madvise(t->area, TOKEN_AREA, MADV_DONTDUMP);
	return t;
}

void
token_free(struct token *t)
{
	if (t == NULL)
		return;
	explicit_bzero(t->area, TOKEN_AREA);
	(void)munmap(t->area, TOKEN_AREA);
	free(t);
}

int
token_set(struct token *t, struct bytes value)
{
	size_t i;

	if (value.len == 0 || value.len > TOKEN_MAX)
		return ERR_LENGTH;
	for (i = 0; i < value.len; i++)
		if (value.p[i] < 0x21 || value.p[i] > 0x7E)
			return ERR_FORMAT;
	explicit_bzero(t->area, TOKEN_AREA);
	memcpy(t->area, value.p, value.len);
	t->len = value.len;
	return 0;
}

bool
token_there(const struct token *t)
{
	return t->len > 0;
}

struct bytes
token_head(struct token *t, const char *prefix)
{
	char *at = t->area + TOKEN_HALF;
	struct bytes head = bytes_of(prefix);

	memcpy(at, head.p, head.len);
	memcpy(at + head.len, t->area, t->len);
	t->head_len = head.len + t->len;
	return (struct bytes){(uint8_t *)at, t->head_len};
}

void
token_unhead(struct token *t)
{
	explicit_bzero(t->area + TOKEN_HALF, t->head_len);
	t->head_len = 0;
}
