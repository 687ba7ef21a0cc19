/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of cordon-load: another program's JSON settings as CONF frames, in the
 * same shape as a configuration file, for `cordon config import`.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "conf/toml.h"
#include "json/json.h"
#include "load/load.h"

static int json_walk(struct walk *w, const struct json *j, bool list);

static int
json_number_emit(struct walk *w, const struct json *j, bool list)
{
	struct leaf leaf = {.line = 0};
	char text[32];
	struct buf real;
	int r;

	if (json_kind(j) == JSON_T_INT) {
		(void)snprintf(text, sizeof(text), "%" PRId64, json_number(j));
		leaf.text = bytes_of(text);
		return walk_emit(w, &leaf, CONF_INT, list);
	}
	buf_init(&real, sizeof(text));
	(void)json_write(&real, j);
	leaf.text = (struct bytes){buf_data(&real), real.len};
	r = walk_emit(w, &leaf, CONF_FLOAT, list);
	buf_fini(&real);
	return r;
}

static int
json_below(struct walk *w, const struct json *j, struct bytes part)
{
	const struct leaf at = {.line = 0};
	size_t len = w->key.len;
	int r = walk_into(w, &at, part);

	if (r == 0)
		r = json_walk(w, j, false);
	w->key.len = len;
	return r;
}

static int
json_pair(void *arg, const char *key, const struct json *value)
{
	return json_below(arg, value, bytes_of(key));
}

static int
json_elements(struct walk *w, const struct json *array)
{
	const struct leaf none = {.line = 0};
	const struct json *j;
	char number[32];
	size_t i;
	int r = 0;

	if (json_length(array) == 0)
		return walk_emit(w, &none, CONF_EMPTY, false);
	for (i = 0; r == 0 && i < json_length(array); i++) {
		j = json_item(array, i);
		if (json_kind(j) != JSON_T_OBJECT &&
		    json_kind(j) != JSON_T_ARRAY) {
			r = json_walk(w, j, true);
			continue;
		}
		(void)snprintf(number, sizeof(number), "%zu", i);
		r = json_below(w, j, bytes_of(number));
	}
	return r;
}

static int
json_walk(struct walk *w, const struct json *j, bool list)
{
	struct leaf leaf = {.line = 0};

	switch (json_kind(j)) {
	case JSON_T_NULL:
		return 0;
	case JSON_T_BOOL:
		leaf.text = bytes_of(json_bool(j) ? "true" : "false");
		return walk_emit(w, &leaf, CONF_BOOL, list);
	case JSON_T_INT:
	case JSON_T_REAL:
		return json_number_emit(w, j, list);
	case JSON_T_STR:
		leaf.text = json_text(j);
		return walk_emit(w, &leaf, CONF_STR, list);
	case JSON_T_ARRAY:
		return json_elements(w, j);
	case JSON_T_OBJECT:
		return json_each(j, json_pair, w);
	}
	return ERR_TYPE;
}

static int
json_read(struct load *l, const struct load_source *src)
{
	struct walk w = {.load = l, .src = src};
	struct json *j;
	int r;

	j = json_parse(src->text.p, src->text.len, TOML_SIZE_MAX, &r);
	if (j == NULL)
		return load_fail(l,
		    "%s is no JSON: %s; mend it, or name another file",
		    src->name, err_str(r));
	if (json_kind(j) != JSON_T_OBJECT)
		r = load_fail(l, "%s holds no object", src->name);
	else {
		buf_init(&w.key, WALK_KEY_MAX);
		r = json_walk(&w, j, false);
		buf_fini(&w.key);
	}
	json_free(j);
	return r;
}

const struct load_kind load_json = {"json", TOML_SIZE_MAX, json_read};
