/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: connections, with a resolver of the test's own. */

#include "config.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/dial.h"
#include "net/resolve.h"

#define ADDRS_MAX 10

/* What each resolution answers, one row after the other. */
static const char *const (*rows)[ADDRS_MAX];
static unsigned asked;

struct resolve *
resolve_start(struct loop *loop, const char *name, uint16_t port,
    resolve_done_fn *answer, void *arg)
{
	struct address v[RESOLVE_MAX] = {{.len = 0}};
	struct sockaddr_in *four;
	const char *const *row;
	size_t n = 0;

	(void)loop;
	(void)name;
	for (row = rows[asked++]; *row != NULL && n < RESOLVE_MAX; row++) {
		four = (struct sockaddr_in *)&v[n].sa;
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, *row, &four->sin_addr), 1);
		v[n++].len = sizeof(*four);
	}
	answer(arg, v, n, "no such name");
	return NULL;
}

void
resolve_free(struct resolve *r)
{
	(void)r;
}

struct end {
	struct loop *loop;
	int fd;
	enum netfail why;
	char text[256];
};

static void
done(void *arg, int fd, enum netfail why, const char *text)
{
	struct end *e = arg;

	e->fd = fd;
	e->why = why;
	(void)strlcpy(e->text, text, sizeof(e->text));
	loop_stop(e->loop);
}

static struct end
dial_to(const char *host, uint16_t port, enum dial_reach reach,
    const char *const (*answers)[ADDRS_MAX])
{
	struct end e = {.loop = loop_new(), .fd = -1};

	rows = answers;
	asked = 0;
	(void)dial_start(e.loop, bytes_of(host), port, reach, NULL, done, &e);
	assert_int_equal(loop_run(e.loop), 0);
	loop_free(e.loop);
	return e;
}

static struct end
dial(const char *host, uint16_t port, const char *const (*answers)[ADDRS_MAX])
{
	return dial_to(host, port, REACH_SPELLED, answers);
}

static uint16_t
listen_here(int *fd)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(*fd, 5), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

/* A name that answers with a public address first and a private one when it
 * is asked again finds nobody who asks again. */
static void
a_name_is_resolved_once(void **state)
{
	static const char *const answers[][ADDRS_MAX] = {
	    {"127.0.0.2"}, {"169.254.169.254"}};
	uint16_t port;
	struct end e;
	int fd;

	(void)state;
	port = listen_here(&fd);
	e = dial("localhost", port, answers);
	assert_int_equal(asked, 1);
	assert_int_equal(e.fd, -1);
	assert_int_equal(e.why, NETFAIL_CONNECT);
	(void)close(fd);
}

static void
a_name_does_not_lead_inside(void **state)
{
	static const char *const answers[][ADDRS_MAX] = {
	    {"93.184.216.34", "169.254.169.254"}, {"127.0.0.1"}};
	uint16_t port;
	struct end e;
	int fd;

	(void)state;
	port = listen_here(&fd);
	e = dial("a.test", port, answers);
	assert_int_equal(e.why, NETFAIL_ADDRESS);
	assert_int_equal(e.fd, -1);
	e = dial("a.test", port, answers + 1);
	assert_int_equal(e.why, NETFAIL_ADDRESS);
	asked = 0; /* unless the person says that it is to */
	e = dial_to("a.test", port, REACH_PRIVATE, answers + 1);
	assert_true(e.fd >= 0);
	(void)close(e.fd);
	e = dial_to("127.0.0.1", port, REACH_PUBLIC, answers + 1);
	assert_int_equal(e.why, NETFAIL_ADDRESS);
	(void)close(fd);
}

/* One that refuses and one that says nothing keep nobody waiting long. */
static void
the_first_that_answers_wins(void **state)
{
	static const char *const answers[][ADDRS_MAX] = {
	    {"127.0.0.9", "127.0.0.8", "127.0.0.1"}};
	uint64_t start = clock_mono_ms();
	uint16_t port;
	struct end e;
	int fd;

	(void)state;
	port = listen_here(&fd);
	e = dial("localhost", port, answers);
	assert_true(e.fd >= 0);
	assert_true(clock_mono_ms() - start < 9000); /* of ten seconds */
	(void)close(e.fd);
	(void)close(fd);
}

static void
a_name_without_an_address(void **state)
{
	static const char *const answers[][ADDRS_MAX] = {{NULL}};
	struct end e;

	(void)state;
	e = dial("a.test", 1, answers);
	assert_int_equal(e.fd, -1);
	assert_int_equal(e.why, NETFAIL_RESOLVE);
	assert_string_equal(e.text, "a.test: no such name; check the name");
}

static void
more_addresses_than_are_tried(void **state)
{
	static const char *const answers[][ADDRS_MAX] = {
	    {"127.0.0.9", "127.0.0.9", "127.0.0.9", "127.0.0.9", "127.0.0.9",
		"127.0.0.9", "127.0.0.9", "127.0.0.9", "127.0.0.1"}};
	uint16_t port;
	struct end e;
	int fd;

	(void)state;
	port = listen_here(&fd);
	e = dial("127.0.0.9", port, answers);
	assert_int_equal(e.fd, -1);
	assert_int_equal(e.why, NETFAIL_CONNECT);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_name_is_resolved_once),
	    cmocka_unit_test(a_name_does_not_lead_inside),
	    cmocka_unit_test(the_first_that_answers_wins),
	    cmocka_unit_test(a_name_without_an_address),
	    cmocka_unit_test(more_addresses_than_are_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
