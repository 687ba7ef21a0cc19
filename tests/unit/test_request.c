/* SPDX-License-Identifier: Apache-2.0 */

/* Unit test: what a command says to its proxy. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "net/request.h"

static struct request rq;
static struct buf b;

static int
take(const char *text)
{
	buf_fini(&b);
	buf_init(&b, 65536);
	memset(&rq, 0, sizeof(rq));
	assert_int_equal(buf_adds(&b, text), 0);
	return request_take(&rq, &b);
}

#define END " HTTP/1.1\r\n\r\n"

static void
a_tunnel(void **state)
{
	(void)state;
	assert_int_equal(take("CONNECT A.test:443" END), 1);
	assert_string_equal(rq.host, "a.test");
	assert_int_equal(rq.port, 443);
	assert_true(rq.tunnel);
	assert_int_equal(b.len, 0);
	assert_int_equal(
	    take("CONNECT a.test.:1 HTTP/1.0\r\nHost: b.test:443\r\n\r\nbytes"),
	    1);
	assert_string_equal(rq.host, "a.test"); /* not what Host says */
	assert_string_equal(buf_cstr(&b), "bytes");
	assert_int_equal(take("CONNECT [2001:DB8::1]:80" END), 1);
	assert_string_equal(rq.host, "2001:db8::1");
	assert_int_equal(take("CONNECT 127.0.0.1:80" END), 1);
	assert_string_equal(rq.host, "127.0.0.1");
}

static void
a_plain_request(void **state)
{
	(void)state;
	assert_int_equal(
	    take("POST http://a.test:81/p?q=http://b.test/ HTTP/1.1\r\n"
		 "Host: b.test\r\nProxy-Authorization: Basic eA==\r\n"
		 "Connection: keep-alive\r\nX: y\r\nContent-Length: "
		 "2\r\n\r\nhi"),
	    1);
	assert_string_equal(rq.host, "a.test");
	assert_int_equal(rq.port, 81);
	assert_false(rq.tunnel);
	assert_string_equal(buf_cstr(&b),
	    "POST /p?q=http://b.test/ HTTP/1.1\r\nHost: a.test:81\r\n"
	    "Connection: close\r\nX: y\r\nContent-Length: 2\r\n\r\nhi");
	assert_int_equal(take("GET http://a.test?x" END), 1);
	assert_int_equal(rq.port, 80);
	assert_string_equal(buf_cstr(&b),
	    "GET /?x HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
}

static void
more_is_to_come(void **state)
{
	static const char whole[] =
	    "GET http://a.test/x HTTP/1.1\r\nA: b\r\n\r\n";
	char part[sizeof(whole)];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(whole) - 1; i++) {
		(void)strlcpy(part, whole, i + 1);
		assert_int_equal(take(part), 0);
	}
	assert_int_equal(take(whole), 1);
}

static void
nothing_else(void **state)
{
	static const char *const bad[] = {"\r\n\r\n", "GET" END, "GET /" END,
	    "GET https://a.test/" END, "GET ftp://a.test/" END,
	    "GET http://" END, "GET http:///x" END,
	    "GET http://a.test/\r\n\r\n", "GET http://me@a.test/" END,
	    "GET http://a.test:0/" END, "GET http://a.test:65536/" END,
	    "GET http://a.test:8o/" END, "GET http://a_b/" END,
	    "GET http://0x7f.1/" END, "GET http://2130706433/" END,
	    "GET http://a.test/ HTTP/2\r\n\r\n", "CONNECT a.test" END,
	    "CONNECT a.test:" END, "CONNECT :443" END,
	    "CONNECT a.test:443:443" END, "CONNECT a.test:443 x" END,
	    "CONNECT  a.test:443" END, "CONNECT a.test:443\t" END,
	    "CONNECT http://a.test:443" END, "CONNECT [::1:443" END,
	    "CONNECT ::1:443" END, "CONNECT [a.test]x:443" END,
	    "CONNECT 0177.0.0.1:443" END,
	    "CONNECT a.test:443 HTTP/1.1x\r\n\r\n", "\x16\x03\x01" END,
	    "SSH-2.0-x\r\n\r\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (take(bad[i]) != ERR_FORMAT)
			fail_msg("taken: %s", bad[i]);
	buf_clear(&b);
	(void)buf_add(&b, "CONNECT a\0", 10);
	assert_int_equal(request_take(&rq, &b), ERR_FORMAT);
}

static void
too_much(void **state)
{
	size_t i;

	(void)state;
	buf_fini(&b);
	buf_init(&b, 65536);
	for (i = 0; i < REQUEST_HEAD_MAX; i++)
		(void)buf_addc(&b, 'x');
	assert_int_equal(request_take(&rq, &b), ERR_SPACE);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_tunnel),
	    cmocka_unit_test(a_plain_request),
	    cmocka_unit_test(more_is_to_come),
	    cmocka_unit_test(nothing_else),
	    cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
