/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit tests: answers that servers of the three APIs gave, as they came.
 *
 * Each file API-NAME.sse in tests/data/streams has beside it what is made of
 * it: its items in canonical form, how much it cost and how it ended.
 */

#include "config.h"

#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "json/json.h"
#include "model/provider.h"
#include "model/sse.h"

#define STREAM_MAX (1u << 20)

static const char *const ends[] = {"open", "done", "length", "refused",
    "context", "later", "broken", "denied"};

struct stream {
	const struct provider *provider; /* borrowed */
	struct reply reply;
	struct usage usage;
	struct buf told; /* what is made of it */
	struct buf text; /* what was shown of its messages */
};

static void
on_text(void *arg, uint32_t item, struct bytes delta)
{
	struct stream *s = arg;

	(void)item;
	(void)buf_add(&s->text, delta.p, delta.len);
}

static void
on_reason(void *arg, uint32_t item, struct bytes delta)
{
	(void)arg;
	(void)item;
	(void)delta;
}

static int
on_item(void *arg, uint32_t item, const struct json *j)
{
	struct stream *s = arg;

	(void)item;
	(void)json_write(&s->told, j);
	return buf_addc(&s->told, '\n');
}

static void
on_usage(void *arg, const struct usage *u)
{
	((struct stream *)arg)->usage = *u;
}

static const struct reply_ops ops = {on_text, on_reason, on_item, on_usage};

static int
on_event(void *arg, const char *name, struct buf *data)
{
	struct stream *s = arg;

	return provider_read(s->provider, &s->reply, name, data);
}

/* What is made of a stream that comes in pieces of step bytes. */
static void
stream_read(struct stream *s, const struct buf *file, size_t step)
{
	const uint8_t *p = buf_data(file);
	struct sse sse;
	size_t at, n;

	s->reply = (struct reply){.ops = &ops, .arg = s};
	buf_init(&s->told, STREAM_MAX);
	buf_init(&s->text, STREAM_MAX);
	sse_init(&sse, on_event, s);
	for (at = 0; at < file->len; at += n) {
		n = file->len - at < step ? file->len - at : step;
		assert_int_equal(sse_feed(&sse, p + at, n), 0);
	}
	sse_fini(&sse);
	provider_end(s->provider, &s->reply);
	(void)buf_addf(&s->told, "shown: %s\n", buf_cstr(&s->text));
	(void)buf_addf(&s->told,
	    "tokens: %" PRIu64 " (%" PRIu64 " cached), %" PRIu64 " (%" PRIu64
	    " of thought)\n%s: %s\n",
	    s->usage.input, s->usage.cached, s->usage.output,
	    s->usage.reasoning, ends[s->reply.end], s->reply.why);
}

static void
stream_check(const char *path)
{
	static const size_t steps[] = {1, 7, 4096, STREAM_MAX};
	struct stream s;
	struct buf file, want;
	char other[4096], api[16];
	size_t i;

	(void)snprintf(api, sizeof(api), "%s", strrchr(path, '/') + 1);
	api[strcspn(api, "-")] = '\0';
	(void)snprintf(other, sizeof(other), "%.*s.items",
	    (int)(strlen(path) - strlen(".sse")), path);
	buf_init(&file, STREAM_MAX);
	buf_init(&want, STREAM_MAX);
	assert_int_equal(fd_read_file(AT_FDCWD, path, &file), 0);
	(void)fd_read_file(AT_FDCWD, other, &want);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		memset(&s, 0, sizeof(s));
		s.provider = provider_find(api);
		assert_non_null(s.provider);
		stream_read(&s, &file, steps[i]);
		assert_string_equal(buf_cstr(&s.told), buf_cstr(&want));
		buf_fini(&s.told);
		buf_fini(&s.text);
	}
	buf_fini(&file);
	buf_fini(&want);
}

static void
answers_as_they_came(void **state)
{
	const char *src = getenv("CORDON_SRC");
	char pattern[4096];
	glob_t found;
	size_t i;

	(void)state;
	(void)snprintf(pattern, sizeof(pattern), "%s/tests/data/streams/*.sse",
	    src == NULL ? ".." : src);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (i = 0; i < found.gl_pathc; i++)
		stream_check(found.gl_pathv[i]);
	globfree(&found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_as_they_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
