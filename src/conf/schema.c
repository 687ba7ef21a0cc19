/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the table of keys as a JSON Schema.
 *
 * The rows that begin with the same parts stand together in the table, so a
 * level of the tree is a run of rows and each of its members a shorter run.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "conf/keys.h"
#include "conf/schema.h"

struct walk {
	struct jsonw *w;
	bool profile; /* what may stand in a profile only */
};

static void
put_table(const struct walk *walk, const struct key *key, size_t prefix);

static void
put_default(struct jsonw *w, const struct key *key)
{
	if (key->def == NULL)
		return;
	jsonw_name(w, "default");
	if (key->type == KEY_STR || key->type == KEY_ENUM)
		jsonw_str(w, key->def);
	else
		jsonw_raw(w, key->def, strlen(key->def));
}

static void
put_enum(struct jsonw *w, const char *values)
{
	size_t n;

	jsonw_name(w, "enum");
	jsonw_array(w);
	for (;; values += n + 1) {
		n = strcspn(values, "|");
		jsonw_strn(w, values, n);
		if (values[n] == '\0')
			break;
	}
	jsonw_end(w);
}

/* What a string must be, or each of an array. */
static void
put_text(struct jsonw *w, const struct key *key)
{
	if (key->values != NULL)
		put_enum(w, key->values);
	else if (!(key->flags & KEY_EMPTY))
		jsonw_ki64(w, "minLength", 1);
}

static void
put_leaf(struct jsonw *w, const struct key *key)
{
	static const char *const types[] = {
	    [KEY_STR] = "string",
	    [KEY_ENUM] = "string",
	    [KEY_INT] = "integer",
	    [KEY_FLOAT] = "number",
	    [KEY_BOOL] = "boolean",
	    [KEY_LIST] = "array",
	};

	jsonw_object(w);
	jsonw_kstr(w, "description", key->help);
	jsonw_kstr(w, "type", types[key->type]);
	if (key->type == KEY_STR || key->type == KEY_ENUM)
		put_text(w, key);
	if (key->type == KEY_INT || key->type == KEY_FLOAT) {
		jsonw_ki64(w, "minimum", key->min);
		if (key->max != INT64_MAX)
			jsonw_ki64(w, "maximum", key->max);
	}
	if (key->type == KEY_LIST) {
		jsonw_name(w, "items");
		jsonw_object(w);
		jsonw_kstr(w, "type", "string");
		put_text(w, key);
		jsonw_end(w);
	}
	put_default(w, key);
	jsonw_end(w);
}

static size_t
part_len(const char *p)
{
	return strcspn(p, ".");
}

static bool
is_member(const struct walk *walk, const struct key *key)
{
	return !walk->profile || !(key->flags & KEY_SYSTEM);
}

/* The first row from key on that begins with other than its first len bytes,
 * a whole number of parts. */
static const struct key *
run_end(const struct key *key, size_t len)
{
	const char *name = key->name;

	while (key->name != NULL && strncmp(key->name, name, len) == 0 &&
	       (len == 0 || key->name[len] == '.' || key->name[len] == '\0' ||
		   key->name[len - 1] == '.'))
		key++;
	return key;
}

static void
put_member(const struct walk *walk, const struct key *key, size_t len)
{
	if (key->name[len] == '\0')
		put_leaf(walk->w, key);
	else
		put_table(walk, key, len + 1);
}

static void
put_profiles(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_kstr(w, "description", "Settings that -p NAME adds.");
	jsonw_kstr(w, "type", "object");
	jsonw_name(w, "additionalProperties");
	jsonw_object(w);
	jsonw_kstr(w, "$ref", "#/$defs/profile");
	jsonw_end(w);
	jsonw_end(w);
}

/* The properties below a table: rows that agree in their first prefix bytes,
 * of which key is the first. */
static void
put_members(const struct walk *walk, const struct key *key, size_t prefix)
{
	const struct key *end = run_end(key, prefix), *star = NULL;
	char name[KEY_SIZE];
	size_t len;

	jsonw_name(walk->w, "properties");
	jsonw_object(walk->w);
	for (; key < end; key = run_end(key, len)) {
		len = prefix + part_len(key->name + prefix);
		if (key->name[prefix] == '*') {
			star = key;
			continue;
		}
		if (!is_member(walk, key))
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)(len - prefix),
		    key->name + prefix);
		jsonw_name(walk->w, name);
		put_member(walk, key, len);
	}
	if (prefix == 0 && !walk->profile) {
		jsonw_name(walk->w, "profiles");
		put_profiles(walk->w);
	}
	jsonw_end(walk->w);
	jsonw_name(walk->w, "additionalProperties");
	if (star == NULL) {
		jsonw_bool(walk->w, false);
		return;
	}
	put_member(walk, star, prefix + 1);
	if (star->names == NULL)
		return;
	jsonw_name(walk->w, "propertyNames");
	jsonw_object(walk->w);
	put_enum(walk->w, star->names);
	jsonw_end(walk->w);
}

static void
put_required(const struct walk *walk, const struct key *key, size_t prefix)
{
	const struct key *end = run_end(key, prefix);

	for (; key < end; key++)
		if ((key->flags & KEY_REQUIRED) &&
		    strchr(key->name + prefix, '.') == NULL) {
			jsonw_name(walk->w, "required");
			jsonw_array(walk->w);
			jsonw_str(walk->w, key->name + prefix);
			jsonw_end(walk->w);
			return; /* no table has two yet */
		}
}

static void
put_table(const struct walk *walk, const struct key *key, size_t prefix)
{
	jsonw_object(walk->w);
	jsonw_kstr(walk->w, "type", "object");
	put_members(walk, key, prefix);
	put_required(walk, key, prefix);
	jsonw_end(walk->w);
}

int
schema_write(struct buf *out)
{
	struct jsonw w;
	struct walk walk = {.w = &w};

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_kstr(
	    &w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	jsonw_kstr(&w, "title", "Cordon configuration (config.toml)");
	jsonw_kstr(&w, "type", "object");
	put_members(&walk, keys, 0);
	jsonw_name(&w, "$defs");
	jsonw_object(&w);
	jsonw_name(&w, "profile");
	walk.profile = true;
	put_table(&walk, keys, 0);
	jsonw_end(&w);
	jsonw_end(&w);
	return buf_addc(out, '\n');
}
