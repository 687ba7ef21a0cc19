/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: host names and addresses. */

#include "config.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/host.h"

static void
names_are_ldh_labels(void **state)
{
	static const char *const names[] = {"api.example.org", "a", "a-b.c1",
	    "EXAMPLE.org.", "localhost", "1password.com", "xn--bcher-kva.de"};
	static const char *const bad[] = {"", ".", "a..b", "-a.b", "a-.b",
	    "a_b.c", "a b", "a/b", "a@b", "a:b", "ex\xC3\xA4mple.de", "1.2.3",
	    "0x7f.1", "017700000001", "2130706433", "a.b..", "%61.com",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	static const char *const addresses[] = {
	    "127.0.0.1", "::1", "2001:db8::1", "255.255.255.255"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(host_kind(bytes_of(names[i])), HOST_NAME);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(host_kind(bytes_of(bad[i])), HOST_BAD);
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		assert_int_equal(
		    host_kind(bytes_of(addresses[i])), HOST_ADDRESS);
	/* A NUL would end the name for the resolver alone. */
	assert_int_equal(host_kind((struct bytes){
			     (const uint8_t *)"evil.test\0.example.org", 22}),
	    HOST_BAD);
}

static void
names_are_compared_whole(void **state)
{
	(void)state;
	assert_true(host_same(bytes_of("A.b"), bytes_of("a.B.")));
	assert_false(host_same(bytes_of("a.b"), bytes_of("xa.b")));
	assert_false(host_same(bytes_of("a.b.evil"), bytes_of("a.b")));
}

static bool private(const char *text)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return host_private((struct sockaddr *)&four);
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	return host_private((struct sockaddr *)&six);
}

static void
private_addresses_are_known(void **state)
{
	static const char *const inside[] = {"0.0.0.0", "10.1.2.3",
	    "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254",
	    "172.16.0.1", "172.31.255.255", "192.168.1.1", "198.18.0.1",
	    "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
	    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
	    "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::10.0.0.1",
	    "2001:db8::1"};
	static const char *const outside[] = {"1.1.1.1", "172.15.0.1",
	    "172.32.0.1", "100.63.0.1", "192.167.0.1", "2606:4700::1111",
	    "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		assert_true(private(inside[i]));
	for (i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_false(private(outside[i]));
}

static bool
exempt(const char *list, const char *host)
{
	return host_exempt(list, bytes_of(host), 443);
}

static void
who_needs_no_proxy(void **state)
{
	(void)state;
	assert_true(exempt(NULL, "localhost"));
	assert_true(exempt("", "127.0.0.1"));
	assert_true(exempt("", "::1"));
	assert_false(exempt(NULL, "a.test"));
	assert_true(exempt("*", "a.test"));
	assert_true(exempt("b.test, A.test", "a.test."));
	assert_true(exempt(".test", "a.test"));
	assert_true(exempt("*.test", "a.test"));
	assert_true(exempt("a.test:443", "x.a.test"));
	assert_false(exempt("a.test:8443", "a.test"));
	assert_false(exempt("a.test:x,:,.,*.", "a.test"));
	assert_false(exempt("a.test", "evila.test"));
	assert_false(exempt("a.test.evil", "a.test"));
	assert_true(exempt("10.0.0.1", "10.0.0.1"));
	assert_false(exempt("0.0.1", "10.0.0.1"));
	assert_true(exempt("2001:db8::1", "2001:db8::1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_ldh_labels),
	    cmocka_unit_test(names_are_compared_whole),
	    cmocka_unit_test(private_addresses_are_known),
	    cmocka_unit_test(who_needs_no_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
