/* SPDX-License-Identifier: Apache-2.0 */

/* Library: schema.def as tables. */

#include "config.h"

#include <endian.h>
#include <sha2.h>
#include <string.h>

#include "proto/schema.h"

/* The words of schema.def's from, to and flags columns. */
enum {
	MAIN = ROLE_BIT(ROLE_MAIN),
	LOAD = ROLE_BIT(ROLE_LOAD),
	UI = ROLE_BIT(ROLE_UI),
	MODEL = ROLE_BIT(ROLE_MODEL),
	NET = ROLE_BIT(ROLE_NET),
	GATE = ROLE_BIT(ROLE_GATE),
	CELL = ROLE_BIT(ROLE_CELL),
	OPEN = ROLE_BIT(ROLE_OPEN),
	AUDIT = ROLE_BIT(ROLE_AUDIT),
	REPORT = ROLE_BIT(ROLE_REPORT),
	LOGIN = ROLE_BIT(ROLE_LOGIN),
	ANY = (1u << ROLE_COUNT) - 1,
	ONCE = MSG_F_ONCE,
	FDS = MSG_F_FDS
};

#define FIELD(msg, kind, field, max)                                           \
	{#field, KIND_##kind, (max), offsetof(struct msg_##msg, field)},
#define MESSAGE(NAME, name, type, from, to, flags, cap, ...)                   \
	static const struct msg_field fields_##name[] = {                      \
	    __VA_ARGS__{NULL, KIND_U8, 0, 0}};
#include "proto/schema.def"
#undef MESSAGE
#undef FIELD

#define FIELD(msg, kind, field, max)
#define MESSAGE(NAME, name, type, from, to, flags, cap, ...)                   \
	{MSG_##NAME, #NAME, (from), (to), (flags), (cap), fields_##name,       \
	    sizeof(fields_##name) / sizeof(fields_##name[0]) - 1},
const struct msg_def schema[] = {
#include "proto/schema.def"
};
#undef MESSAGE
#undef FIELD

const size_t schema_len = sizeof(schema) / sizeof(schema[0]);

const struct msg_def *
schema_find(unsigned type)
{
	size_t i;

	for (i = 0; i < schema_len; i++)
		if ((unsigned)schema[i].type == type)
			return &schema[i];
	return NULL;
}

static void
hash_text(SHA2_CTX *ctx, const char *s)
{
	SHA256Update(ctx, (const uint8_t *)s, strlen(s) + 1);
}

static void
hash_number(SHA2_CTX *ctx, uint64_t n)
{
	n = htobe64(n);
	SHA256Update(ctx, (const uint8_t *)&n, sizeof(n));
}

/* Every process computes it when it starts, so nothing is printed for it. */
static void
hash_schema(uint8_t hash[SCHEMA_HASH_LEN])
{
	const struct msg_field *f;
	SHA2_CTX ctx;
	size_t i, j;

	SHA256Init(&ctx);
	for (i = 0; i < schema_len; i++) {
		hash_text(&ctx, schema[i].name);
		hash_number(&ctx, schema[i].type);
		hash_number(&ctx, schema[i].from);
		hash_number(&ctx, schema[i].to);
		hash_number(&ctx, schema[i].flags);
		hash_number(&ctx, schema[i].cap);
		hash_number(&ctx, schema[i].nfields);
		for (j = 0; j < schema[i].nfields; j++) {
			f = &schema[i].fields[j];
			hash_text(&ctx, f->name);
			hash_number(&ctx, f->kind);
			hash_number(&ctx, f->max);
		}
	}
	SHA256Final(hash, &ctx);
}

void
schema_hash(uint8_t hash[SCHEMA_HASH_LEN])
{
	static uint8_t known[SCHEMA_HASH_LEN];
	static bool done;

	if (!done)
		hash_schema(known); /* main says it to each role */
	done = true;
	memcpy(hash, known, sizeof(known));
}
