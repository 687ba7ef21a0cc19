/* SPDX-License-Identifier: Apache-2.0 */

/* Model: server-sent events, from any pieces, within limits. */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "model/sse.h"

void
sse_init(struct sse *s, sse_event_fn *fn, void *arg)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->line, SSE_EVENT_MAX);
	buf_init(&s->data, SSE_EVENT_MAX);
	s->fn = fn;
	s->arg = arg;
}

void
sse_fini(struct sse *s)
{
	buf_fini(&s->line);
	buf_fini(&s->data);
}

/* A blank line ends the event; without data it was none. */
static int
sse_dispatch(struct sse *s)
{
	int r = 0;

	if (s->has_data)
		r = s->fn(s->arg, s->name,
		    (struct bytes){buf_data(&s->data), s->data.len});
	buf_clear(&s->data);
	s->has_data = 0;
	s->name[0] = '\0';
	return r;
}

static int
sse_field(struct sse *s, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len), *value = line + len;
	size_t n = colon == NULL ? len : (size_t)(colon - line);

	if (colon != NULL) {
		value = colon + 1;
		if (value < line + len && *value == ' ')
			value++;
	}
	if (n == 4 && memcmp(line, "data", 4) == 0) {
		if (s->has_data)
			(void)buf_addc(&s->data, '\n');
		s->has_data = 1;
		return buf_add(&s->data, value, (size_t)(line + len - value));
	}
	if (n == 5 && memcmp(line, "event", 5) == 0) {
		n = (size_t)(line + len - value);
		if (n >= sizeof(s->name)) /* no event that we know */
			n = 0;
		memcpy(s->name, value, n);
		s->name[n] = '\0';
	}
	return 0; /* a comment, an id, a retry time, something newer */
}

static int
sse_line(struct sse *s, const char *line, size_t len)
{
	if (s->lines++ == 0 && len >= 3 &&
	    memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
		line += 3;
		len -= 3;
	}
	return len == 0 ? sse_dispatch(s) : sse_field(s, line, len);
}

/* Ends a line that began in an earlier piece. */
static int
sse_joined(struct sse *s, const char *p, size_t len)
{
	int r = buf_add(&s->line, p, len);

	if (r == 0)
		r = sse_line(s, (const char *)buf_data(&s->line), s->line.len);
	buf_clear(&s->line);
	return r;
}

int
sse_feed(struct sse *s, const void *data, size_t len)
{
	const char *p = data, *end = p + len, *eol;

	while (s->err == 0 && p < end) {
		if (s->skip_lf && *p == '\n')
			p++;
		s->skip_lf = 0;
		if (p == end)
			break;
		for (eol = p; eol < end && *eol != '\n' && *eol != '\r';)
			eol++;
		if (eol == end) {
			s->err = buf_add(&s->line, p, (size_t)(end - p));
			break;
		}
		s->skip_lf = *eol == '\r';
		s->err = s->line.len > 0 ? sse_joined(s, p, (size_t)(eol - p))
					 : sse_line(s, p, (size_t)(eol - p));
		p = eol + 1;
	}
	return s->err;
}
