/* SPDX-License-Identifier: Apache-2.0 */

/* Model: server-sent events, from any pieces, within limits. */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "model/sse.h"

#define SSE_KEEP (1u << 20) /* bytes of an event whose memory is kept */

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
		r = s->fn(s->arg, s->name, &s->data);
	if (s->data.size > SSE_KEEP)
		buf_fini(&s->data);
	buf_clear(&s->data);
	s->has_data = s->unwanted = 0;
	json_skim_init(&s->skim, NULL);
	s->dropped = 0;
	s->name[0] = '\0';
	return r;
}

/* Bytes of data, or of a line that has come in pieces. */
static int
sse_add(struct sse *s, struct buf *to, const char *p, size_t len, bool data)
{
	int r = 0;

	if (!data)
		return buf_add(to, p, len);
	if (!s->unwanted && s->skim.name == NULL)
		return buf_add(to, p, len);
	if (!s->unwanted)
		r = json_skim(&s->skim, to, p, len);
	s->dropped += len;
	return s->dropped > SSE_EVENT_MAX ? ERR_SPACE : r;
}

/* The data behind skip bytes of a line.  A long one, which has come in pieces,
 * is not copied when it is the event's only one: the buffers change places. */
static int
sse_data(struct sse *s, const char *line, size_t skip, size_t len)
{
	bool joined = line == (const char *)buf_data(&s->line);
	struct buf swap = s->data;

	if (s->unwanted)
		return 0;
	if (s->has_data)
		(void)buf_addc(&s->data, '\n');
	else if (joined) {
		s->has_data = 1;
		buf_drain(&s->line, skip);
		s->data = s->line;
		s->line = swap;
		return 0;
	}
	s->has_data = 1;
	return sse_add(s, &s->data, line + skip, len - skip, !joined);
}

static int
sse_field(struct sse *s, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len), *value = line + len;
	size_t n = colon == NULL ? len : (size_t)(colon - line);

	s->said += n;
	if (colon != NULL) {
		value = colon + 1;
		if (value < line + len && *value == ' ')
			value++;
	}
	if (n == 4 && memcmp(line, "data", 4) == 0)
		return sse_data(s, line, (size_t)(value - line), len);
	if (n == 5 && memcmp(line, "event", 5) == 0) {
		n = (size_t)(line + len - value);
		if (n >= sizeof(s->name)) /* no event that we know */
			n = 0;
		memcpy(s->name, value, n);
		s->name[n] = '\0';
		s->unwanted = s->wants != NULL &&
			      !s->wants(s->arg, s->name, &s->skim.name);
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

/* A line that goes on in a later piece: of data only what is wanted. */
static int
sse_keep(struct sse *s, const char *p, size_t len)
{
	static const char field[] = "data:";
	const size_t all = sizeof(field) - 1;
	size_t n = s->line.len < all ? all - s->line.len : 0;

	if (n > len)
		n = len;
	(void)buf_add(&s->line, p, n);
	s->said += *buf_data(&s->line) != ':';
	return sse_add(s, &s->line, p + n, len - n,
	    s->line.len >= all && memcmp(buf_data(&s->line), field, all) == 0);
}

/* Ends a line that began in an earlier piece. */
static int
sse_joined(struct sse *s, const char *p, size_t len)
{
	int r = sse_keep(s, p, len);

	if (r == 0)
		r = sse_line(s, (const char *)buf_data(&s->line), s->line.len);
	buf_clear(&s->line);
	return r;
}

/* The first line end from p on.  Each kind is looked for only when the last
 * one found lies behind us, so that no mixture makes us search for long. */
struct line_ends {
	const char *lf, *cr;
};

static const char *
sse_line_end(struct line_ends *e, const char *p, const char *end)
{
	if ((e->lf == NULL || e->lf < p) &&
	    (e->lf = memchr(p, '\n', (size_t)(end - p))) == NULL)
		e->lf = end;
	if ((e->cr == NULL || e->cr < p) &&
	    (e->cr = memchr(p, '\r', (size_t)(end - p))) == NULL)
		e->cr = end;
	return e->lf < e->cr ? e->lf : e->cr;
}

int
sse_feed(struct sse *s, const void *data, size_t len)
{
	const char *p = data, *end = p + len, *eol;
	struct line_ends ends = {NULL, NULL};

	while (s->err == 0 && p < end) {
		if (s->skip_lf && *p == '\n')
			p++;
		s->skip_lf = 0;
		if (p == end)
			break;
		eol = sse_line_end(&ends, p, end);
		if (eol == end) {
			s->err = sse_keep(s, p, (size_t)(end - p));
			break;
		}
		s->skip_lf = *eol == '\r';
		s->err = s->line.len > 0 ? sse_joined(s, p, (size_t)(eol - p))
					 : sse_line(s, p, (size_t)(eol - p));
		p = eol + 1;
	}
	return s->err;
}
