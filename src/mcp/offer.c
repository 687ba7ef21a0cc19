/* SPDX-License-Identifier: Apache-2.0 */

/* Mcp: the tools that a server offers, and what they answer. */

#include "config.h"

#include <ctype.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vis.h"
#include "base/xmem.h"
#include "json/json.h"

#include "mcp/offer.h"

#define NAME_HASH 8 /* hexadecimal digits that tell like names apart */

void
offers_fini(struct offers *o)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		buf_fini(&o->v[i].description);
		buf_fini(&o->v[i].schema);
	}
	for (i = 0; i < o->nonly; i++)
		free(o->only[i]);
	for (i = 0; i < o->nwithout; i++)
		free(o->without[i]);
	free(o->v);
	free(o->only);
	free(o->without);
	memset(o, 0, sizeof(*o));
}

void
offers_named(struct offers *o, bool only, const char *tool)
{
	char ***v = only ? &o->only : &o->without;
	size_t *n = only ? &o->nonly : &o->nwithout;

	*v = xreallocarray(*v, *n + 1, sizeof(**v));
	(*v)[(*n)++] = xstrdup(tool);
}

static bool
among(char *const *v, size_t n, const char *tool)
{
	size_t i;

	for (i = 0; i < n && strcmp(v[i], tool) != 0; i++)
		;
	return i < n;
}

/* A name that had to be changed ends with a hash of what it was. */
void
offer_name(char dst[OFFER_NAME_MAX + 1], const char *server, const char *tool)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	size_t n =
	    (size_t)snprintf(dst, OFFER_NAME_MAX + 1, "mcp__%.32s__", server);
	bool changed = *tool == '\0' || strlen(tool) > OFFER_NAME_MAX - n;
	const char *p;

	for (p = tool; *p != '\0' && n < OFFER_NAME_MAX; p++) {
		bool plain =
		    isalnum((unsigned char)*p) || *p == '_' || *p == '-';

		changed |= !plain;
		dst[n++] = plain ? *p : '_';
	}
	dst[n] = '\0';
	if (!changed)
		return;
	(void)SHA256Data((const uint8_t *)tool, strlen(tool), hex);
	if (n > OFFER_NAME_MAX - NAME_HASH - 1)
		n = OFFER_NAME_MAX - NAME_HASH - 1;
	(void)snprintf(
	    dst + n, OFFER_NAME_MAX + 1 - n, "_%.*s", NAME_HASH, hex);
}

static bool
known(const struct offers *o, const struct offer *one)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (strcmp(o->v[i].name, one->name) == 0)
			return true;
	return false;
}

/* What is hidden in the server's words becomes visible. */
static void
add_words(struct buf *out, struct bytes words)
{
	size_t n = words.len > OFFER_WORDS_MAX
		       ? utf8_complete(words.p, OFFER_WORDS_MAX)
		       : words.len;

	(void)vis_add(out, words.p, n, VIS_NL | VIS_TAB);
}

static int
read_tool(struct offer *one, const char *server, const struct json *j)
{
	const struct json *schema = json_member(j, "inputSchema");
	struct bytes tool = json_text(json_member(j, "name"));

	if (tool.len == 0 ||
	    bytes_copy(one->tool, sizeof(one->tool), tool) != 0 ||
	    !json_is(schema, "type", "object"))
		return ERR_FORMAT;
	offer_name(one->name, server, one->tool);
	add_words(&one->description, json_text(json_member(j, "description")));
	return json_write(&one->schema, schema);
}

static void
add_tool(struct offers *o, const struct json *j)
{
	struct offer one;
	size_t bytes;

	buf_init(&one.description, 2 * OFFER_WORDS_MAX);
	buf_init(&one.schema, OFFER_SCHEMA_MAX);
	if (read_tool(&one, o->server, j) == 0 &&
	    buf_err(&one.description) == 0 && buf_err(&one.schema) == 0) {
		if ((o->nonly > 0 && !among(o->only, o->nonly, one.tool)) ||
		    among(o->without, o->nwithout, one.tool))
			goto out; /* as the person wants it */
		bytes = one.description.len + one.schema.len;
		if (!known(o, &one) && o->n < OFFER_TOOLS_MAX &&
		    bytes <= OFFER_ALL_MAX - o->bytes) {
			o->v = xreallocarray(o->v, o->n + 1, sizeof(*o->v));
			o->v[o->n++] = one;
			o->bytes += bytes;
			return;
		}
	}
	o->left_out++;
out:
	buf_fini(&one.description);
	buf_fini(&one.schema);
}

int
offers_add(struct offers *o, const struct json *result)
{
	const struct json *tools = json_member(result, "tools");
	size_t i;

	if (json_kind(tools) != JSON_T_ARRAY)
		return ERR_FORMAT;
	for (i = 0; i < json_length(tools); i++)
		add_tool(o, json_item(tools, i));
	return 0;
}

/* Text of one block of the content; of what is no text, what it is. */
static void
add_block(struct buf *out, const struct json *block)
{
	const struct json *resource = json_member(block, "resource");
	struct bytes text = json_text(json_member(block, "text"));
	const char *type = json_str(block, "type");

	if (out->len > 0)
		(void)buf_addc(out, '\n');
	if (resource != NULL)
		text = json_text(json_member(resource, "text"));
	if (strcmp(type, "text") == 0 || text.len > 0)
		(void)buf_add(out, text.p, text.len);
	else if (strcmp(type, "resource_link") == 0)
		(void)buf_addf(
		    out, "[resource: %.1000s]", json_str(block, "uri"));
	else
		(void)buf_addf(out, "[%.40s %.100s, not shown]", type,
		    json_str(block, "mimeType"));
}

bool
offer_result(struct buf *out, const struct json *result)
{
	const struct json *content = json_member(result, "content");
	const struct json *whole = json_member(result, "structuredContent");
	size_t i;

	for (i = 0; i < json_length(content); i++)
		add_block(out, json_item(content, i));
	if (out->len == 0 && whole != NULL)
		(void)json_write(out, whole);
	return !json_bool(json_member(result, "isError"));
}
