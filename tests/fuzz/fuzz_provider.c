/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: an answer of a provider, as bytes of its stream.  The first
 * byte chooses the API.  Whatever comes, its items can be put into the words
 * of every API, and those are JSON; and the same bytes in two pieces mean the
 * same as in one.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json/json.h"
#include "model/provider.h"
#include "model/sse.h"

#include "fuzz.h"

#define FUZZ_MAX (8u << 20)

static const char *const apis[] = {"responses", "chat", "messages"};
#define APIS (sizeof(apis) / sizeof(apis[0]))

struct run {
	const struct provider *provider;
	struct reply reply;
	struct buf words[APIS];
	size_t items;
};

static void
on_delta(void *arg, uint32_t item, struct bytes delta)
{
	(void)arg;
	(void)item;
	(void)delta;
}

static int
on_item(void *arg, uint32_t item, const struct json *j)
{
	struct run *r = arg;
	size_t i;

	(void)item;
	r->items++;
	for (i = 0; i < APIS; i++)
		(void)provider_find(apis[i])->add(&r->words[i], j);
	return 0;
}

static void
on_usage(void *arg, const struct usage *u)
{
	(void)arg;
	(void)u;
}

static const struct reply_ops ops = {on_delta, on_delta, on_item, on_usage};

static int
on_event(void *arg, const char *name, struct buf *data)
{
	struct run *r = arg;

	return provider_read(r->provider, &r->reply, name, data);
}

static void
run_init(struct run *r, uint8_t choice)
{
	size_t i;

	memset(r, 0, sizeof(*r));
	r->provider = provider_find(apis[choice % APIS]);
	r->reply = (struct reply){.ops = &ops, .arg = r};
	for (i = 0; i < APIS; i++)
		buf_init(&r->words[i], FUZZ_MAX);
}

static void
run_feed(struct run *r, const uint8_t *p, size_t len, size_t cut)
{
	struct sse s;

	sse_init(&s, on_event, r);
	(void)sse_feed(&s, p, cut);
	(void)sse_feed(&s, p + cut, len - cut);
	sse_fini(&s);
	provider_end(r->provider, &r->reply);
}

/* The words between brackets are an array. */
static void
run_check(const struct run *r)
{
	struct json *j;
	struct buf b;
	size_t i;
	int err;

	for (i = 0; i < APIS; i++) {
		if (buf_err(&r->words[i]) != 0)
			continue;
		buf_init(&b, FUZZ_MAX + 2);
		(void)buf_addc(&b, '[');
		(void)buf_add(&b, buf_data(&r->words[i]), r->words[i].len);
		(void)buf_addc(&b, ']');
		j = json_parse(buf_data(&b), b.len, FUZZ_MAX + 2, &err);
		if (j == NULL)
			fuzz_abort();
		json_free(j);
		buf_fini(&b);
	}
}

static void
run_fini(struct run *r)
{
	size_t i;

	for (i = 0; i < APIS; i++)
		buf_fini(&r->words[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run one, two;

	if (size < 2)
		return 0;
	run_init(&one, data[0]);
	run_init(&two, data[0]);
	run_feed(&one, data + 2, size - 2, size - 2);
	run_feed(&two, data + 2, size - 2, data[1] % (size - 1));
	run_check(&one);
	if (one.items != two.items || one.reply.end != two.reply.end)
		fuzz_abort();
	run_fini(&one);
	run_fini(&two);
	return 0;
}
