/* SPDX-License-Identifier: Apache-2.0 */

/* Library: JSON writer.  Reading JSON is elsewhere (src/json), and not for
 * every process. */

#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/utf8.h"

void
jsonw_init(struct jsonw *w, struct buf *out)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
}

/* The comma before a value or name, where one is due. */
static void
jsonw_sep(struct jsonw *w)
{
	if (w->named) {
		w->named = false;
		return;
	}
	if (w->depth == 0)
		return;
	assert(w->open[w->depth - 1] == '[');
	if (!w->first[w->depth - 1])
		(void)buf_addc(w->out, ',');
	w->first[w->depth - 1] = false;
}

static void
jsonw_open(struct jsonw *w, char c)
{
	jsonw_sep(w);
	assert(w->depth < JSONW_DEPTH);
	w->open[w->depth] = c;
	w->first[w->depth++] = true;
	(void)buf_addc(w->out, c);
}

void
jsonw_object(struct jsonw *w)
{
	jsonw_open(w, '{');
}

void
jsonw_array(struct jsonw *w)
{
	jsonw_open(w, '[');
}

void
jsonw_end(struct jsonw *w)
{
	assert(w->depth > 0 && !w->named);
	(void)buf_addc(w->out, w->open[--w->depth] == '{' ? '}' : ']');
}

void
jsonw_name(struct jsonw *w, const char *name)
{
	jsonw_namen(w, name, strlen(name));
}

void
jsonw_namen(struct jsonw *w, const void *name, size_t len)
{
	assert(w->depth > 0 && w->open[w->depth - 1] == '{' && !w->named);
	if (!w->first[w->depth - 1])
		(void)buf_addc(w->out, ',');
	w->first[w->depth - 1] = false;
	(void)buf_addc(w->out, '"');
	(void)jsonw_escape(w->out, name, len);
	(void)buf_adds(w->out, "\":");
	w->named = true;
}

static void
jsonw_escape_char(struct buf *out, uint8_t c)
{
	static const char letters[] = "btn\0fr", hex[] = "0123456789abcdef";
	char text[] = {'\\', (char)c, '0', '0', hex[c >> 4], hex[c & 15]};
	size_t len = 2;

	if (c >= 8 && c <= 13 && letters[c - 8] != '\0') {
		text[1] = letters[c - 8];
	} else if (c != '"' && c != '\\') {
		text[1] = 'u';
		len = sizeof(text);
	}
	(void)buf_add(out, text, len);
}

int
jsonw_escape(struct buf *out, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i, run, n;
	uint32_t cp;

	for (i = run = 0; i < len; i += n) {
		n = utf8_plain(p + i, len - i);
		if (n > 0)
			continue;
		if (p[i] >= 0x80 && (n = utf8_decode(p + i, len - i, &cp)) > 0)
			continue;
		(void)buf_add(out, p + run, i - run);
		if (p[i] < 0x80)
			jsonw_escape_char(out, p[i]);
		else
			(void)buf_adds(out, "\xEF\xBF\xBD");
		n = 1;
		run = i + 1;
	}
	(void)buf_add(out, p + run, len - run);
	return buf_err(out);
}

void
jsonw_strn(struct jsonw *w, const void *p, size_t len)
{
	jsonw_sep(w);
	(void)buf_addc(w->out, '"');
	(void)jsonw_escape(w->out, p, len);
	(void)buf_addc(w->out, '"');
}

void
jsonw_str(struct jsonw *w, const char *s)
{
	jsonw_strn(w, s, strlen(s));
}

int
jsonw_b64(struct buf *out, const uint8_t *p, size_t len)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t v;
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		v = (uint32_t)p[i] << 16;
		if (n > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			v |= p[i + 2];
		(void)buf_addc(out, abc[v >> 18]);
		(void)buf_addc(out, abc[v >> 12 & 63]);
		(void)buf_addc(out, n > 1 ? abc[v >> 6 & 63] : '=');
		(void)buf_addc(out, n > 2 ? abc[v & 63] : '=');
	}
	return buf_err(out);
}

void
jsonw_bytes(struct jsonw *w, const void *p, size_t len)
{
	if (utf8_valid(p, len)) {
		jsonw_strn(w, p, len);
		return;
	}
	jsonw_sep(w);
	(void)buf_adds(w->out, "{\"b64\":\"");
	(void)jsonw_b64(w->out, p, len);
	(void)buf_adds(w->out, "\"}");
}

void
jsonw_u64(struct jsonw *w, uint64_t n)
{
	jsonw_sep(w);
	(void)buf_addf(w->out, "%" PRIu64, n);
}

void
jsonw_i64(struct jsonw *w, int64_t n)
{
	jsonw_sep(w);
	(void)buf_addf(w->out, "%" PRId64, n);
}

void
jsonw_bool(struct jsonw *w, bool b)
{
	jsonw_sep(w);
	(void)buf_adds(w->out, b ? "true" : "false");
}

void
jsonw_null(struct jsonw *w)
{
	jsonw_sep(w);
	(void)buf_adds(w->out, "null");
}

void
jsonw_raw(struct jsonw *w, const void *p, size_t len)
{
	jsonw_sep(w);
	(void)buf_add(w->out, p, len);
}

void
jsonw_kstr(struct jsonw *w, const char *name, const char *s)
{
	jsonw_name(w, name);
	jsonw_str(w, s);
}

void
jsonw_kstrn(struct jsonw *w, const char *name, struct bytes b)
{
	jsonw_name(w, name);
	jsonw_strn(w, b.p, b.len);
}

void
jsonw_ku64(struct jsonw *w, const char *name, uint64_t n)
{
	jsonw_name(w, name);
	jsonw_u64(w, n);
}

void
jsonw_ki64(struct jsonw *w, const char *name, int64_t n)
{
	jsonw_name(w, name);
	jsonw_i64(w, n);
}

void
jsonw_kbool(struct jsonw *w, const char *name, bool b)
{
	jsonw_name(w, name);
	jsonw_bool(w, b);
}
