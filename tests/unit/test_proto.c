/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the schema's own rules, the codec against every truncation and
 * every flipped byte of every message, the channel's four steps. */

#include "config.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/loop.h"
#include "proto/chan.h"
#include "proto/codec.h"
#include "proto/schema.h"

static void
schema_keeps_its_rules(void **state)
{
	const struct msg_def *d;
	size_t i, j, nfds;

	(void)state;
	for (i = 0; i < schema_len; i++) {
		d = &schema[i];
		assert_in_range(d->cap, MSG_HDR, MSG_FRAME_MAX);
		assert_true(d->from != 0 && d->to != 0);
		assert_in_range(d->type, 1, 255);
		for (j = i + 1; j < schema_len; j++) {
			assert_true(schema[j].type != d->type);
			assert_string_not_equal(schema[j].name, d->name);
		}
		for (nfds = j = 0; j < d->nfields; j++) {
			if (d->fields[j].kind == KIND_FD)
				nfds++;
			else if (d->fields[j].kind != KIND_BOOL)
				assert_true(d->fields[j].max > 0);
			if (d->fields[j].kind == KIND_STR ||
			    d->fields[j].kind == KIND_BYTES)
				assert_true(d->fields[j].max < d->cap);
		}
		assert_true(nfds <= MSG_FD_MAX);
		assert_int_equal(nfds > 0, (d->flags & MSG_F_FDS) != 0);
	}
}

/* A message with something in every field. */
static struct bytes sample_items[2];

static void
sample_fill(const struct msg_def *d, union msg *m, int fd)
{
	const struct msg_field *f;
	struct msg_list list = {2, sample_items};
	struct bytes b = bytes_of("sample");
	uint64_t n64;
	uint32_t n32;
	size_t j;
	char *at;

	sample_items[0] = bytes_of("one");
	sample_items[1] = bytes_of("");
	memset(m, 0, sizeof(*m));
	for (j = 0; j < d->nfields; j++) {
		f = &d->fields[j];
		at = (char *)m + f->offset;
		n64 = f->max;
		n32 = (uint32_t)f->max;
		switch (f->kind) {
		case KIND_U8:
		case KIND_ENUM:
			*(uint8_t *)at = (uint8_t)f->max;
			break;
		case KIND_BOOL:
			*(bool *)at = true;
			break;
		case KIND_U32:
			memcpy(at, &n32, sizeof(n32));
			break;
		case KIND_U64:
			memcpy(at, &n64, sizeof(n64));
			break;
		case KIND_STR:
		case KIND_BYTES:
			memcpy(at, &b, sizeof(b));
			break;
		case KIND_LIST:
			memcpy(at, &list, sizeof(list));
			break;
		case KIND_FD:
			memcpy(at, &fd, sizeof(fd));
			break;
		}
	}
}

static int
take_null(void *arg)
{
	int *count = arg;

	if (*count == 0)
		return -1;
	(*count)--;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int
decode(const uint8_t *p, size_t len, union msg *m, int nfds)
{
	struct codec_header h;
	int r = codec_header(p, len, &h);

	if (r != 0)
		return r;
	r = codec_decode(h.def, p, len, take_null, &nfds, m);
	if (r == 0)
		codec_close_fds(h.def, m);
	if (r == 0 && nfds != 0)
		r = ERR_FD;
	return r;
}

static void
codec_survives_every_message_cut_and_flipped(void **state)
{
	int fds[MSG_FD_MAX], fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const struct msg_def *d;
	union msg m, got;
	uint8_t *copy;
	struct buf b;
	size_t i, n, k, nfds;

	(void)state;
	buf_init(&b, 2 * MSG_FRAME_MAX);
	for (i = 0; i < schema_len; i++) {
		d = &schema[i];
		sample_fill(d, &m, fd);
		buf_clear(&b);
		assert_int_equal(codec_encode(&b, d, 7, &m, fds, &nfds), 0);
		n = b.len - sizeof(uint32_t);
		/* A copy of its exact size, so that a sanitizer sees a read
		 * one byte too far. */
		for (k = 0; k < n; k++) {
			copy = malloc(k == 0 ? 1 : k);
			memcpy(copy, buf_data(&b) + 4, k);
			assert_true(decode(copy, k, &got, (int)nfds) < 0);
			free(copy);
		}
		copy = malloc(n + 1);
		memcpy(copy, buf_data(&b) + 4, n);
		assert_int_equal(decode(copy, n, &got, (int)nfds), 0);
		assert_true(decode(copy, n + 1, &got, (int)nfds) < 0);
		if (nfds > 0)
			assert_int_equal(decode(copy, n, &got, 0), ERR_FD);
		for (k = 0; k < n * 8; k++) {
			copy[k / 8] ^= (uint8_t)(1 << k % 8);
			(void)decode(copy, n, &got, (int)nfds);
			copy[k / 8] ^= (uint8_t)(1 << k % 8);
		}
		free(copy);
	}
	buf_fini(&b);
	(void)close(fd);
}

static void
codec_round_trip_is_exact(void **state)
{
	struct msg_call_exec in = {.call = bytes_of("call_1"),
	    .cmd = bytes_of("echo hi"),
	    .workdir = bytes_of("/tmp"),
	    .login = true,
	    .yield_ms = 1000,
	    .max_tokens = 99};
	int fds[MSG_FD_MAX], none = 0;
	struct codec_header h;
	union msg m;
	struct buf b;
	size_t nfds;

	(void)state;
	buf_init(&b, MSG_FRAME_MAX);
	assert_int_equal(
	    codec_encode(&b, schema_find(MSG_CALL_EXEC), 42, &in, fds, &nfds),
	    0);
	assert_int_equal(codec_header(buf_data(&b) + 4, b.len - 4, &h), 0);
	assert_int_equal(h.id, 42);
	assert_int_equal(codec_decode(h.def, buf_data(&b) + 4, b.len - 4,
			     take_null, &none, &m),
	    0);
	assert_true(bytes_is(m.call_exec.cmd, "echo hi"));
	assert_true(bytes_is(m.call_exec.shell, ""));
	assert_true(m.call_exec.login && !m.call_exec.tty);
	assert_int_equal(m.call_exec.yield_ms, 1000);
	buf_fini(&b);
}

static void
codec_refuses_to_send_what_breaks_the_schema(void **state)
{
	struct msg_hello hello = {bytes_of("short"), 0, bytes_of("\xFF")};
	struct msg_steer steer = {0};
	struct msg_answer answer = {.answer = 9};
	int fds[MSG_FD_MAX];
	struct buf b;
	size_t nfds;

	(void)state;
	buf_init(&b, MSG_FRAME_MAX);
	assert_int_equal(
	    codec_encode(&b, schema_find(MSG_HELLO), 0, &hello, fds, &nfds),
	    ERR_UTF8);
	assert_int_equal(
	    codec_encode(&b, schema_find(MSG_STEER), 0, &steer, fds, &nfds),
	    ERR_FD);
	assert_int_equal(
	    codec_encode(&b, schema_find(MSG_ANSWER), 0, &answer, fds, &nfds),
	    ERR_RANGE);
	assert_int_equal(b.len, 0);
	buf_fini(&b);
}

/* Channels. */

struct end {
	struct chan *ch;
	int got;
	int err;
	int fd;
	char text[64];
};

static int
on_steer(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_steer *m = msg;
	struct end *e = arg;

	(void)ch;
	(void)id;
	e->got++;
	e->fd = m->text;
	return 0;
}

static int
on_setting(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct msg_setting *m = msg;
	struct end *e = arg;

	(void)ch;
	(void)id;
	e->got++;
	return bytes_copy(e->text, sizeof(e->text), m->value);
}

static int
on_turn(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct end *e = arg;

	(void)ch;
	(void)id;
	(void)msg;
	e->got++;
	return 0;
}

static int
on_reply(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	(void)arg;
	(void)ch;
	(void)id;
	(void)msg;
	return 0;
}

static void
on_closed(void *arg, struct chan *ch, int err)
{
	struct end *e = arg;

	e->err = err;
	e->ch = NULL;
	chan_free(ch);
}

static const struct chan_handler model_side[] = {{MSG_STEER, on_steer},
    {MSG_SETTING, on_setting}, {MSG_REPLY, on_reply}, {0, NULL}};
static const struct chan_handler ui_side[] = {{MSG_TURN, on_turn}, {0, NULL}};

static struct loop *
pair(struct end *ui, struct end *model, int *raw)
{
	struct loop *l = loop_new();
	int fds[2];

	memset(ui, 0, sizeof(*ui));
	memset(model, 0, sizeof(*model));
	assert_int_equal(fd_pair(fds), 0);
	model->ch = chan_new(
	    l, fds[1], ROLE_MODEL, ROLE_UI, model_side, on_closed, model);
	if (raw != NULL)
		*raw = fds[0];
	else
		ui->ch = chan_new(
		    l, fds[0], ROLE_UI, ROLE_MODEL, ui_side, on_closed, ui);
	return l;
}

static void
turns(struct loop *l)
{
	int i;

	for (i = 0; i < 20; i++)
		assert_int_equal(loop_once(l, 0), 0);
}

static void
chan_carries_descriptors_in_order(void **state)
{
	struct end ui, model;
	struct loop *l = pair(&ui, &model, NULL);
	struct msg_setting set = {bytes_of("k"), bytes_of("v")};
	struct msg_steer steer;
	char c[2] = "";
	int i;

	(void)state;
	for (i = 0; i < 30; i++) {
		char text[2] = {(char)('a' + i % 26), '\0'};

		assert_int_equal(chan_send(ui.ch, 1, MSG_SETTING, &set), 0);
		steer.text = fd_memfd("t", text, 1);
		assert_int_equal(chan_send(ui.ch, 2, MSG_STEER, &steer), 0);
		(void)close(steer.text);
		turns(l);
		assert_int_equal(model.got, 2 * (i + 1));
		assert_int_equal(read(model.fd, c, 1), 1);
		assert_int_equal(c[0], text[0]);
		(void)close(model.fd);
	}
	assert_string_equal(model.text, "v");
	chan_free(ui.ch);
	turns(l);
	assert_int_equal(model.err, ERR_EOF);
	loop_free(l);
}

static void
chan_takes_what_has_come(void **state)
{
	struct end ui, model;
	struct loop *l = pair(&ui, &model, NULL);
	struct msg_setting set = {bytes_of("k"), bytes_of("v")};

	(void)state;
	assert_false(chan_take(model.ch));
	assert_int_equal(chan_send(ui.ch, 0, MSG_SETTING, &set), 0);
	assert_int_equal(chan_send(ui.ch, 0, MSG_SETTING, &set), 0);
	assert_true(chan_take(model.ch));
	assert_int_equal(model.got, 2);
	assert_false(chan_take(model.ch));
	assert_int_equal(chan_send(ui.ch, 0, MSG_SETTING, &set), 0);
	chan_free(ui.ch);
	while (model.ch != NULL && chan_take(model.ch))
		;
	assert_int_equal(model.got, 3);
	assert_int_equal(model.err, ERR_EOF);
	loop_free(l);
}

static void
chan_queues_for_a_slow_reader(void **state)
{
	struct end ui, model;
	struct loop *l = pair(&ui, &model, NULL);
	char big[3000];
	struct msg_setting set = {
	    bytes_of("k"), {(const uint8_t *)big, sizeof(big)}};
	int n = 0, r;

	(void)state;
	memset(big, 'x', sizeof(big));
	while ((r = chan_send(ui.ch, 1, MSG_SETTING, &set)) == 0)
		n++;
	assert_int_equal(r, ERR_SPACE);
	assert_true(chan_waiting(ui.ch) > 0);
	model.text[0] = '\0';
	/* The value is longer than the handler's text: dropped as a breach. */
	turns(l);
	assert_int_equal(model.err, ERR_SPACE);
	assert_int_equal(model.got, 1);
	turns(l);
	assert_int_equal(ui.err, ERR_EOF);
	assert_true(n > 100);
	loop_free(l);
}

/* Who says a last word and ends, with much unread, is still heard. */
static void
chan_hears_the_last_word(void **state)
{
	struct end ui, model;
	struct loop *l = pair(&ui, &model, NULL);
	struct msg_setting set = {bytes_of("k"), bytes_of("v")};
	struct msg_turn turn = {0};

	(void)state;
	while (chan_send(ui.ch, 1, MSG_SETTING, &set) == 0)
		;
	assert_true(chan_waiting(ui.ch) > 0);
	assert_int_equal(chan_send(model.ch, 0, MSG_TURN, &turn), 0);
	chan_free(model.ch);
	turns(l);
	assert_int_equal(ui.got, 1);
	assert_int_equal(ui.err, ERR_EOF);
	loop_free(l);
}

static void
frame_put(struct buf *b, unsigned type, const void *m)
{
	int fds[MSG_FD_MAX];
	size_t nfds;

	assert_int_equal(
	    codec_encode(b, schema_find(type), 1, m, fds, &nfds), 0);
}

static void
breach(const void *p, size_t len, int want)
{
	struct end ui, model;
	int raw;
	struct loop *l = pair(&ui, &model, &raw);

	assert_int_equal(write(raw, p, len), len);
	turns(l);
	assert_int_equal(model.err, want);
	assert_null(model.ch);
	(void)close(raw);
	loop_free(l);
}

static void
chan_drops_whoever_breaks_the_rules(void **state)
{
	struct msg_call_exec exec = {.call = bytes_of("x")};
	struct msg_text text = {0};
	struct msg_interrupt interrupt;
	struct buf b;

	(void)state;
	buf_init(&b, MSG_FRAME_MAX);
	breach("\0\0\0\0", 4, ERR_LENGTH);
	breach("\xFF\xFF\xFF\xFF", 4, ERR_LENGTH);
	breach("\0\0\0\1x", 5, ERR_LENGTH);
	breach("\0\0\0\10\0\xFA\0\0\0\0\0\0", 12, ERR_TYPE);
	/* Not from ui to model at all, and the other direction. */
	frame_put(&b, MSG_CALL_EXEC, &exec);
	breach(buf_data(&b), b.len, ERR_STATE);
	buf_clear(&b);
	frame_put(&b, MSG_TEXT, &text);
	breach(buf_data(&b), b.len, ERR_STATE);
	/* Permitted by the schema, without a handler here. */
	buf_clear(&b);
	frame_put(&b, MSG_INTERRUPT, &interrupt);
	breach(buf_data(&b), b.len, ERR_STATE);
	/* Unknown flag bits. */
	buf_clear(&b);
	frame_put(&b, MSG_COMPACT, &interrupt);
	b.mem[6] = 1;
	breach(buf_data(&b), b.len, ERR_FORMAT);
	buf_fini(&b);
}

static void
chan_takes_frames_byte_by_byte(void **state)
{
	struct msg_setting set = {bytes_of("k"), bytes_of("slow")};
	struct end ui, model;
	int raw;
	struct loop *l = pair(&ui, &model, &raw);
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, MSG_FRAME_MAX);
	frame_put(&b, MSG_SETTING, &set);
	frame_put(&b, MSG_SETTING, &set);
	for (i = 0; i < b.len; i++) {
		assert_int_equal(write(raw, buf_data(&b) + i, 1), 1);
		assert_int_equal(loop_once(l, 0), 0);
	}
	assert_int_equal(model.got, 2);
	assert_string_equal(model.text, "slow");
	/* Half a frame and gone. */
	assert_int_equal(write(raw, buf_data(&b), 9), 9);
	(void)close(raw);
	turns(l);
	assert_int_equal(model.err, ERR_TRUNC);
	buf_fini(&b);
	loop_free(l);
}

static const char *const kind_words[] = {
    [KIND_U8] = "u8",
    [KIND_U32] = "u32",
    [KIND_U64] = "u64",
    [KIND_BOOL] = "bool",
    [KIND_ENUM] = "enum",
    [KIND_STR] = "str",
    [KIND_BYTES] = "bytes",
    [KIND_LIST] = "list",
    [KIND_FD] = "fd",
};

#define COPIES_MAX (64u << 20) /* bytes of one mapping */

static uintptr_t
take_hex(char **p)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;
	uintptr_t n = 0;

	while (**p != '\0' && (at = strchr(digits, **p)) != NULL) {
		n = n << 4 | (uintptr_t)(at - digits);
		(*p)++;
	}
	(*p)++; /* what stands behind it */
	return n;
}

/* The allocator writes over the beginning of what is freed. */
#define TOKEN_LEN  64
#define TOKEN_TAIL 48

/* memmem(3) over all there is: a sanitizer would see a read between two
 * variables, and be right. */
__attribute__((no_sanitize("address"))) static const uint8_t *
find_bytes(
    const uint8_t *p, const uint8_t *end, const uint8_t *text, size_t len)
{
	size_t i;

	for (; (size_t)(end - p) >= len; p++) {
		for (i = 0; i < len && p[i] == text[i]; i++)
			;
		if (i == len)
			return p;
	}
	return NULL;
}

/* How often a text is in the memory of this process. */
static size_t
copies_of(const uint8_t *text, size_t len)
{
	char line[512], *at;
	FILE *f = fopen("/proc/self/maps", "r");
	uintptr_t from, to;
	size_t n = 0;
	const uint8_t *p;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		at = line;
		from = take_hex(&at);
		to = take_hex(&at);
		/* What can be written to; not the test's own stack, nor
		 * what a sanitizer has set aside. */
		if (strncmp(at, "rw", 2) != 0 || to - from > COPIES_MAX ||
		    strstr(line, "[stack]") != NULL)
			continue;
		p = (const uint8_t *)from;
		while ((p = find_bytes(p, (const uint8_t *)to, text, len)) !=
		       NULL) {
			n++;
			p++;
		}
	}
	(void)fclose(f);
	return n;
}

static int
on_token(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	const struct msg_token *m = msg;

	(void)ch;
	(void)id;
	((struct end *)arg)->got += m->token.len == TOKEN_LEN;
	assert_int_equal(
	    copies_of(m->token.p + TOKEN_TAIL, TOKEN_LEN - TOKEN_TAIL), 1);
	return 0;
}

static void
chan_wipes_what_carried_a_secret(void **state)
{
	static const struct chan_handler from_main[] = {
	    {MSG_TOKEN, on_token}, {0, NULL}};
	static const struct chan_handler from_model[] = {{0, NULL}};
	struct end main_end = {0}, model = {0};
	struct loop *l = loop_new();
	struct msg_token m = {.account = bytes_of(""), .error = bytes_of("")};
	uint8_t token[TOKEN_LEN];
	int fds[2];

	(void)state;
	assert_int_equal(fd_pair(fds), 0);
	main_end.ch = chan_new(
	    l, fds[0], ROLE_MAIN, ROLE_MODEL, from_model, on_closed, &main_end);
	model.ch = chan_new(
	    l, fds[1], ROLE_MODEL, ROLE_MAIN, from_main, on_closed, &model);
	arc4random_buf(token, sizeof(token));
	m.token = (struct bytes){token, sizeof(token)};
	assert_int_equal(chan_send(main_end.ch, 0, MSG_TOKEN, &m), 0);
	assert_int_equal(
	    copies_of(token + TOKEN_TAIL, TOKEN_LEN - TOKEN_TAIL), 0);
	turns(l);
	assert_int_equal(model.got, 1);
	assert_int_equal(
	    copies_of(token + TOKEN_TAIL, TOKEN_LEN - TOKEN_TAIL), 0);
	chan_free(main_end.ch);
	chan_free(model.ch);
	loop_free(l);
}

/* PROTOCOL's rows are "NAME type from > to" lines and must be the table's. */
static void
protocol_page_names_every_message(void **state)
{
	const char *src = getenv("CORDON_SRC");
	char path[4096], row[128];
	struct buf b;
	size_t i;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/src/proto/PROTOCOL",
	    src == NULL ? "." : src);
	buf_init(&b, 1 << 20);
	assert_int_equal(fd_read_file(AT_FDCWD, path, &b), 0);
	for (i = 0; i < schema_len; i++) {
		const struct msg_def *d = &schema[i];
		const struct msg_field *f;
		const char *at;

		(void)snprintf(
		    row, sizeof(row), "\n%s (%d)", d->name, (int)d->type);
		at = strstr(buf_cstr(&b), row);
		if (at == NULL)
			fail_msg("PROTOCOL lacks the heading%s", row);
		for (f = d->fields; f->name != NULL; f++) {
			(void)snprintf(row, sizeof(row), "%s %s", f->name,
			    kind_words[f->kind]);
			at = strstr(at, row);
			if (at == NULL)
				fail_msg(
				    "PROTOCOL: %s lacks \"%s\"", d->name, row);
		}
	}
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(schema_keeps_its_rules),
	    cmocka_unit_test(codec_survives_every_message_cut_and_flipped),
	    cmocka_unit_test(codec_round_trip_is_exact),
	    cmocka_unit_test(codec_refuses_to_send_what_breaks_the_schema),
	    cmocka_unit_test(chan_carries_descriptors_in_order),
	    cmocka_unit_test(chan_takes_what_has_come),
	    cmocka_unit_test(chan_queues_for_a_slow_reader),
	    cmocka_unit_test(chan_hears_the_last_word),
	    cmocka_unit_test(chan_drops_whoever_breaks_the_rules),
	    cmocka_unit_test(chan_takes_frames_byte_by_byte),
	    cmocka_unit_test(chan_wipes_what_carried_a_secret),
	    cmocka_unit_test(protocol_page_names_every_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
