/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: buf, str, utf8, jsonw, clock, fdio. */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
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
#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/image.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/xmem.h"

static void
err_has_a_text_for_each(void **state)
{
	int e;

	(void)state;
	for (e = 0; e >= ERR_CONFLICT; e--)
		assert_non_null(err_str(e));
	assert_string_equal(err_str(1), "unknown error");
	assert_string_equal(err_str(-1000), "unknown error");
	assert_string_equal(err_str(INT_MIN + 1), "unknown error");
}

static void
buf_stops_at_its_cap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(buf_adds(&b, "0123456789"), 0);
	assert_int_equal(buf_addc(&b, 'x'), ERR_SPACE);
	assert_int_equal(b.len, 10);
	/* Sticky: what would fit again is still refused. */
	buf_drain(&b, 5);
	assert_int_equal(buf_addc(&b, 'x'), ERR_SPACE);
	buf_clear(&b);
	assert_int_equal(buf_addf(&b, "%d", 1234567890), 0);
	assert_string_equal(buf_cstr(&b), "1234567890");
	assert_int_equal(buf_addf(&b, "%d", 1), ERR_SPACE);
	assert_null(buf_cstr(&b));
	buf_fini(&b);
}

static void
buf_keeps_order_over_drains(void **state)
{
	struct buf b;
	uint8_t want = 0, next = 0;
	unsigned i, j;

	(void)state;
	buf_init(&b, 4096);
	for (i = 0; i < 2000; i++) {
		for (j = 0; j < i % 7; j++)
			assert_int_equal(buf_add_u8(&b, next++), 0);
		for (j = 0; j < i % 5 && b.len > 0; j++) {
			assert_int_equal(*buf_data(&b), want++);
			buf_drain(&b, 1);
		}
		if (b.len > 3000)
			break;
	}
	while (b.len > 0) {
		assert_int_equal(*buf_data(&b), want++);
		buf_drain(&b, 1);
	}
	assert_int_equal(want, next);
	buf_fini(&b);
}

/* A bulk is in a memfd once it is long, whole and in order; and what it was
 * made of is given up, but for what nobody has taken. */
static void
buf_bulk_is_elsewhere(void **state)
{
	const size_t len = 5u << 20, piece = 1000;
	struct buf from, b, back;
	size_t i;
	int fd;

	(void)state;
	buf_init(&from, len);
	for (i = 0; i < len / 4; i++)
		(void)buf_add_u32(&from, (uint32_t)i);
	buf_init_bulk(&b, len + 1);
	assert_int_equal(buf_bulk(&b, &fd), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(buf_addc(&b, 'x'), 0);
	assert_int_equal(buf_bulk(&b, &fd), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(b.len, 1);
	buf_from(&b, &from);
	for (i = 0; i < len; i += piece)
		(void)buf_add(
		    &b, buf_data(&from) + i, len - i < piece ? len - i : piece);
	assert_int_equal(buf_err(&b), 0);
	assert_int_equal(buf_data(&from)[len / 2 + 3], 0);
	assert_true(b.size <= 2 * BUF_BULK);
	assert_int_equal(buf_bulk(&b, &fd), 0);
	buf_init(&back, len + 2);
	assert_int_equal(fd_read_memfd(fd, &back), 0);
	assert_int_equal(back.len, len + 1);
	for (i = 0; i < len / 4; i++)
		assert_int_equal(buf_data(&back)[1 + 4 * i + 3], i & 0xFF);
	(void)close(fd);
	/* Others have no memfd to hand over. */
	assert_int_equal(buf_bulk(&back, &fd), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(back.len, len + 1);
	/* And the cap holds for all of it. */
	buf_from(&b, NULL);
	assert_int_equal(buf_add(&b, buf_data(&back), len + 1), 0);
	assert_int_equal(buf_addc(&b, 'x'), 0);
	assert_int_equal(buf_bulk(&b, &fd), ERR_SPACE);
	buf_fini(&b);
	buf_fini(&back);
	buf_fini(&from);
}

static void
buf_integers_are_big_endian(void **state)
{
	static const uint8_t want[] = {
	    1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4};
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	(void)buf_add_u8(&b, 1);
	(void)buf_add_u16(&b, 2);
	(void)buf_add_u32(&b, 3);
	(void)buf_add_u64(&b, 4);
	assert_int_equal(b.len, sizeof(want));
	assert_memory_equal(buf_data(&b), want, sizeof(want));
	buf_fini(&b);
}

static void
str_nearest_finds_slips_only(void **state)
{
	static const char *const names[] = {"exec", "policy", "audit", NULL};

	(void)state;
	assert_string_equal(str_nearest("exce", names), "exec");
	assert_string_equal(str_nearest("polcy", names), "policy");
	assert_string_equal(str_nearest("audti", names), "audit");
	assert_null(str_nearest("kubernetes", names));
	assert_null(str_nearest("zzzz", names));
}

static void
str_reads_quantities(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(str_size("2G", &n), 0);
	assert_int_equal(n, 2ULL << 30);
	assert_int_equal(str_size("512", &n), 0);
	assert_int_equal(n, 512);
	assert_int_equal(str_size("", &n), ERR_FORMAT);
	assert_int_equal(str_size("-1", &n), ERR_FORMAT);
	assert_int_equal(str_size("1GB", &n), ERR_FORMAT);
	assert_int_equal(str_size("99999999999999999999", &n), ERR_RANGE);
	assert_int_equal(str_size("999999999999T", &n), ERR_RANGE);
	assert_int_equal(str_duration("250ms", &n), 0);
	assert_int_equal(n, 250);
	assert_int_equal(str_duration("5m", &n), 0);
	assert_int_equal(n, 300000);
	assert_int_equal(str_duration("60", &n), 0);
	assert_int_equal(n, 60000);
}

static void
str_hex_round_trip(void **state)
{
	uint8_t in[256], out[256];
	char hex[STR_HEX_SIZE(256)];
	unsigned i;

	(void)state;
	for (i = 0; i < 256; i++)
		in[i] = (uint8_t)i;
	str_hex(hex, in, sizeof(in));
	assert_int_equal(str_unhex(out, sizeof(out), hex), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(str_unhex(out, 255, hex), ERR_LENGTH);
	hex[7] = 'g';
	assert_int_equal(str_unhex(out, sizeof(out), hex), ERR_FORMAT);
}

static void
bytes_line_takes_each_line_once(void **state)
{
	struct bytes rest = bytes_of("one\n\ntwo"), line;

	(void)state;
	assert_true(bytes_line(&rest, &line) && bytes_is(line, "one"));
	assert_true(bytes_line(&rest, &line) && bytes_is(line, ""));
	assert_true(bytes_line(&rest, &line) && bytes_is(line, "two"));
	assert_false(bytes_line(&rest, &line));
	rest = bytes_of("last\n");
	assert_true(bytes_line(&rest, &line) && bytes_is(line, "last"));
	assert_false(bytes_line(&rest, &line));
}

static void
bytes_copy_refuses_nul_and_cut(void **state)
{
	char dst[4];

	(void)state;
	assert_int_equal(bytes_copy(dst, 4, bytes_of("abc")), 0);
	assert_string_equal(dst, "abc");
	assert_int_equal(bytes_copy(dst, 4, bytes_of("abcd")), ERR_SPACE);
	assert_int_equal(
	    bytes_copy(dst, 4, (struct bytes){(const uint8_t *)"a\0", 2}),
	    ERR_FORMAT);
}

static void
utf8_is_strict(void **state)
{
	static const char *const bad[] = {"\xC0\x80", "\xC1\xBF",
	    "\xE0\x80\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80",
	    "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xBF", "\xFF",
	    "\xC2", "\xE2\x82", "\xF0\x9F\x98"};
	uint8_t enc[UTF8_MAX];
	uint32_t cp, got;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    utf8_decode((const uint8_t *)bad[i], strlen(bad[i]), &cp),
		    0);
	for (cp = 0; cp <= 0x10FFFF; cp++) {
		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		n = utf8_put(enc, cp);
		assert_int_equal(utf8_decode(enc, n, &got), n);
		assert_int_equal(got, cp);
		if (n > 1)
			assert_int_equal(utf8_decode(enc, n - 1, &got), 0);
	}
	assert_true(utf8_valid((const uint8_t *)"a\0b", 3));
	assert_false(utf8_valid_str((const uint8_t *)"a\0b", 3));
}

/* Each byte at each place, so that no way of going faster misses one. */
static void
utf8_plain_ends_at_the_first_that_is_not(void **state)
{
	uint8_t text[40];
	unsigned c, at;
	bool plain;

	(void)state;
	for (at = 0; at < sizeof(text); at++)
		for (c = 0; c < 256; c++) {
			memset(text, 'a', sizeof(text));
			text[at] = (uint8_t)c;
			plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
			assert_int_equal(utf8_plain(text, sizeof(text) - 1),
			    plain || at == sizeof(text) - 1 ? sizeof(text) - 1
							    : at);
		}
	assert_int_equal(utf8_plain(text, 0), 0);
}

static void
utf8_complete_cuts_between_code_points(void **state)
{
	const uint8_t *s = (const uint8_t *)"a\xC3\xA9\xE2\x82\xAC";

	(void)state;
	assert_int_equal(utf8_complete(s, 6), 6);
	assert_int_equal(utf8_complete(s, 5), 3);
	assert_int_equal(utf8_complete(s, 4), 3);
	assert_int_equal(utf8_complete(s, 3), 3);
	assert_int_equal(utf8_complete(s, 2), 1);
	assert_int_equal(utf8_complete(s, 0), 0);
}

static void
utf8_graphemes_have_widths(void **state)
{
	const char *family = "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9x";
	int w;

	(void)state;
	assert_int_equal(
	    utf8_grapheme((const uint8_t *)"e\xCC\x81x", 4, &w), 3);
	assert_int_equal(w, 1);
	assert_int_equal(
	    utf8_grapheme((const uint8_t *)family, strlen(family), &w), 11);
	assert_int_equal(w, 2);
	assert_int_equal(
	    utf8_grapheme((const uint8_t *)"\xE4\xB8\xAD", 3, &w), 3);
	assert_int_equal(w, 2);
}

static void
jsonw_writes_compact_json(void **state)
{
	struct jsonw w;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "s", "a\"\\\n\x01\x7f\xC3\xA9");
	jsonw_ku64(&w, "n", UINT64_MAX);
	jsonw_ki64(&w, "i", -5);
	jsonw_name(&w, "a");
	jsonw_array(&w);
	jsonw_bool(&w, true);
	jsonw_null(&w);
	jsonw_object(&w);
	jsonw_end(&w);
	jsonw_end(&w);
	jsonw_name(&w, "bad");
	jsonw_str(&w, "\xFF");
	jsonw_name(&w, "raw");
	jsonw_bytes(&w, "\xFF\xFE", 2);
	jsonw_end(&w);
	assert_string_equal(buf_cstr(&b),
	    "{\"s\":\"a\\\"\\\\\\n\\u0001\\u007f\xC3\xA9\","
	    "\"n\":18446744073709551615,\"i\":-5,"
	    "\"a\":[true,null,{}],\"bad\":\"\xEF\xBF\xBD\","
	    "\"raw\":{\"b64\":\"//4=\"}}");
	buf_fini(&b);
}

static void
clock_formats_utc(void **state)
{
	char s[CLOCK_RFC3339_SIZE];

	(void)state;
	clock_rfc3339(s, sizeof(s), 0);
	assert_string_equal(s, "1970-01-01T00:00:00.000000Z");
	clock_rfc3339(s, sizeof(s), 4102444799999999999ULL);
	assert_string_equal(s, "2099-12-31T23:59:59.999999Z");
	assert_true(clock_mono_ns() <= clock_mono_ns());
}

static void
memfd_travels_only_sealed(void **state)
{
	struct buf b;
	int fd;

	(void)state;
	buf_init(&b, 100);
	fd = fd_memfd("test", "hello", 5);
	assert_true(fd >= 0);
	assert_int_equal(fd_read_memfd(fd, &b), 0);
	assert_string_equal(buf_cstr(&b), "hello");
	assert_int_equal(write(fd, "x", 1), -1);
	(void)close(fd);
	fd = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(fd_read_memfd(fd, &b), ERR_FD);
	(void)close(fd);
	buf_fini(&b);
}

static void
file_reader_refuses_what_is_no_file(void **state)
{
	char dir[] = "/tmp/test-base-XXXXXX", path[64];
	struct buf b;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	buf_init(&b, 8);
	assert_int_equal(fd_read_file(AT_FDCWD, path, &b), ERR_TYPE);
	(void)unlink(path);
	assert_int_equal(fd_read_file(AT_FDCWD, path, &b), ERR_NOENT);
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	assert_int_equal(
	    fd_replace_file(AT_FDCWD, path, "12345678", 8, 0600), 0);
	assert_int_equal(fd_read_file(AT_FDCWD, path, &b), 0);
	assert_string_equal(buf_cstr(&b), "12345678");
	buf_clear(&b);
	assert_int_equal(
	    fd_replace_file(AT_FDCWD, path, "123456789", 9, 0600), 0);
	assert_int_equal(fd_read_file(AT_FDCWD, path, &b), ERR_SPACE);
	buf_fini(&b);
	(void)unlink(path);
	(void)rmdir(dir);
}

static void
what_was_added_is_taken(void **state)
{
	struct bytes all, part = {NULL, 0};
	struct buf b;
	uint64_t n;

	(void)state;
	buf_init(&b, 64);
	(void)buf_add_u8(&b, 0xfe);
	(void)buf_add_u64(&b, 0x0102030405060708);
	(void)buf_add_u32(&b, 3);
	(void)buf_adds(&b, "abc");
	(void)buf_add_u32(&b, 2);
	(void)buf_adds(&b, "x");
	all = (struct bytes){buf_data(&b), b.len};
	assert_int_equal(bytes_take_number(&all, 1, &n), 0);
	assert_int_equal(n, 0xfe);
	assert_int_equal(bytes_take_number(&all, 8, &n), 0);
	assert_int_equal(n, 0x0102030405060708);
	assert_int_equal(bytes_take(&all, &part), 0);
	assert_true(bytes_is(part, "abc"));
	assert_int_equal(bytes_take(&all, &part), ERR_TRUNC);
	assert_true(bytes_is(part, "abc"));
	assert_true(bytes_is(all, "x"));
	assert_int_equal(bytes_take_number(&all, 4, &n), ERR_TRUNC);
	assert_int_equal(bytes_take_number(&all, 1, &n), 0);
	assert_int_equal(n, 'x');
	assert_int_equal(bytes_take_number(&all, 1, &n), ERR_TRUNC);
	buf_fini(&b);
}

/* Of each kind, and of none when it is cut before its size. */
static void
images_are_known_by_their_heads(void **state)
{
	static const struct {
		const char *head;
		size_t len, enough; /* of it */
		const char *type;
	} kinds[] = {
	    {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\3\0\0\0\2", 24, 24,
		"image/png"},
	    {"GIF89a\3\0\2\0", 10, 10, "image/gif"},
	    {"\xff\xd8\xff\xe0\0\4ab\xff\xff\xc0\0\21\10\0\2\0\3\3", 19, 18,
		"image/jpeg"},
	    {"RIFF\0\0\0\0WEBPVP8X\12\0\0\0\0\0\0\0\2\0\0\1\0\0", 30, 30,
		"image/webp"},
	};
	struct image im;
	uint8_t *p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (n = 0; n <= kinds[i].len; n++) {
			p = xmemdup(kinds[i].head, n); /* for sanitizers */
			assert_int_equal(
			    image_sniff(p, n, &im), n >= kinds[i].enough);
			free(p);
			if (n < kinds[i].enough)
				continue;
			assert_string_equal(im.type, kinds[i].type);
			assert_int_equal(im.width, 3);
			assert_int_equal(im.height, 2);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(err_has_a_text_for_each),
	    cmocka_unit_test(buf_stops_at_its_cap),
	    cmocka_unit_test(buf_keeps_order_over_drains),
	    cmocka_unit_test(buf_bulk_is_elsewhere),
	    cmocka_unit_test(buf_integers_are_big_endian),
	    cmocka_unit_test(str_nearest_finds_slips_only),
	    cmocka_unit_test(str_reads_quantities),
	    cmocka_unit_test(str_hex_round_trip),
	    cmocka_unit_test(bytes_copy_refuses_nul_and_cut),
	    cmocka_unit_test(bytes_line_takes_each_line_once),
	    cmocka_unit_test(utf8_is_strict),
	    cmocka_unit_test(utf8_plain_ends_at_the_first_that_is_not),
	    cmocka_unit_test(utf8_complete_cuts_between_code_points),
	    cmocka_unit_test(utf8_graphemes_have_widths),
	    cmocka_unit_test(jsonw_writes_compact_json),
	    cmocka_unit_test(clock_formats_utc),
	    cmocka_unit_test(memfd_travels_only_sealed),
	    cmocka_unit_test(what_was_added_is_taken),
	    cmocka_unit_test(file_reader_refuses_what_is_no_file),
	    cmocka_unit_test(images_are_known_by_their_heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
