/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: the poll loop and the frame reader. */

#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/frame.h"
#include "base/loop.h"

struct seen {
	struct loop *loop;
	int count;
	int other; /* a descriptor to remove or signal number seen */
	int status;
};

static void
stop_at_three(void *arg)
{
	struct seen *s = arg;

	if (++s->count == 3)
		loop_stop(s->loop);
	else
		assert_true(loop_timer(s->loop, 5, stop_at_three, s) > 0);
}

static void
must_not_run(void *arg)
{
	(void)arg;
	fail_msg("a removed timer ran");
}

static void
timers_run_in_time_and_can_be_removed(void **state)
{
	struct seen s = {loop_new(), 0, 0, 0};
	uint64_t start = clock_mono_ms();
	int i, id;

	(void)state;
	assert_true(loop_timer(s.loop, 5, stop_at_three, &s) > 0);
	id = loop_timer(s.loop, 1, must_not_run, NULL);
	loop_timer_del(s.loop, id);
	assert_int_equal(loop_run(s.loop), 0);
	assert_true(clock_mono_ms() - start >= 15);
	for (i = 0; i < LOOP_TIMER_MAX; i++)
		assert_true(loop_timer(s.loop, 60000, must_not_run, NULL) > 0);
	assert_int_equal(loop_timer(s.loop, 1, must_not_run, NULL), ERR_SPACE);
	loop_free(s.loop);
}

/* Closes the other watched descriptor while both are ready, and reuses its
 * number: the stale event must not reach the new owner. */
static void
close_the_other(void *arg, int fd, short events)
{
	struct seen *s = arg;
	char c;

	(void)events;
	assert_int_equal(read(fd, &c, 1), 1);
	s->count++;
	loop_fd_del(s->loop, s->other);
	(void)close(s->other);
	assert_int_equal(dup(STDERR_FILENO), s->other);
	assert_int_equal(loop_fd(s->loop, s->other, 0, close_the_other, s), 0);
}

static void
stale_events_are_dropped(void **state)
{
	struct seen s = {loop_new(), 0, 0, 0};
	int a[2], b[2];

	(void)state;
	assert_int_equal(fd_pair(a), 0);
	assert_int_equal(fd_pair(b), 0);
	s.other = b[0];
	assert_int_equal(loop_fd(s.loop, a[0], POLLIN, close_the_other, &s), 0);
	assert_int_equal(loop_fd(s.loop, b[0], POLLIN, close_the_other, &s), 0);
	assert_int_equal(
	    loop_fd(s.loop, b[0], POLLIN, close_the_other, &s), ERR_DUP);
	assert_int_equal(
	    loop_fd(s.loop, -1, POLLIN, close_the_other, &s), ERR_FD);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	assert_int_equal(loop_once(s.loop, 0), 0);
	assert_int_equal(s.count, 1);
	loop_free(s.loop);
	(void)close(a[0]);
	(void)close(a[1]);
	(void)close(b[0]);
	(void)close(b[1]);
}

static void
note_signal(void *arg, int signo)
{
	struct seen *s = arg;

	s->other = signo;
	loop_stop(s->loop);
}

static void
signals_arrive_in_the_loop(void **state)
{
	struct seen s = {loop_new(), 0, 0, 0};

	(void)state;
	assert_int_equal(loop_signal(s.loop, SIGUSR1, note_signal, &s), 0);
	assert_int_equal(loop_signal(s.loop, SIGUSR2, note_signal, &s), 0);
	assert_int_equal(loop_signal(s.loop, 0, note_signal, &s), ERR_RANGE);
	(void)raise(SIGUSR2);
	assert_int_equal(loop_run(s.loop), 0);
	assert_int_equal(s.other, SIGUSR2);
	loop_free(s.loop);
}

static void
note_child(void *arg, pid_t pid, int status)
{
	struct seen *s = arg;

	(void)pid;
	s->count++;
	s->status = status;
	loop_stop(s->loop);
}

static void
children_are_reaped(void **state)
{
	struct seen s = {loop_new(), 0, 0, 0};
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(7);
	assert_int_equal(loop_child(s.loop, pid, -1, note_child, &s), 0);
	assert_int_equal(loop_run(s.loop), 0);
	assert_int_equal(WEXITSTATUS(s.status), 7);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	loop_free(s.loop);
}

static void
frames_come_whole_from_any_pieces(void **state)
{
	static const char bytes[] = "\0\0\0\3abc\0\0\0\1d\0\0\0\4efgh";
	const uint8_t *payload;
	struct frame_reader fr;
	uint8_t mem[FRAME_HDR + 4];
	char got[16] = "";
	size_t i, len;
	int fds[2];

	(void)state;
	assert_int_equal(fd_pair(fds), 0);
	frame_init(&fr, fds[0], mem, sizeof(mem), 0);
	assert_int_equal(frame_fill(&fr), 0); /* nothing there yet */
	for (i = 0; i < sizeof(bytes) - 1; i++) {
		assert_int_equal(write(fds[1], bytes + i, 1), 1);
		assert_int_equal(frame_fill(&fr), 0);
		while (frame_next(&fr, &payload, &len) == 1)
			strncat(got, (const char *)payload, len);
	}
	assert_string_equal(got, "abcdefgh");
	(void)close(fds[1]);
	assert_int_equal(frame_fill(&fr), ERR_EOF);
	assert_int_equal(frame_next(&fr, &payload, &len), ERR_EOF);
	frame_fini(&fr);
	(void)close(fds[0]);
}

static void
frames_refuse_bad_lengths_for_good(void **state)
{
	static const char *const bad[] = {
	    "\0\0\0\0", "\0\0\0\5", "\xFF\xFF\xFF\xFF"};
	const uint8_t *payload;
	struct frame_reader fr;
	uint8_t mem[FRAME_HDR + 4];
	size_t i, len;
	int fds[2];

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(fd_pair(fds), 0);
		frame_init(&fr, fds[0], mem, sizeof(mem), 0);
		assert_int_equal(write(fds[1], bad[i], 4), 4);
		assert_int_equal(frame_fill(&fr), 0);
		assert_int_equal(frame_next(&fr, &payload, &len), ERR_LENGTH);
		assert_int_equal(write(fds[1], "\0\0\0\1x", 5), 5);
		assert_int_equal(frame_fill(&fr), ERR_LENGTH);
		(void)close(fds[0]);
		(void)close(fds[1]);
	}
}

static void
frames_refuse_descriptors_nobody_asked_for(void **state)
{
	union {
		char mem[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} ctl;
	char one[] = "\0\0\0\1x";
	struct iovec iov = {one, 5};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = ctl.mem,
	    .msg_controllen = sizeof(ctl.mem)};
	struct frame_reader fr;
	uint8_t mem[64];
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int fds[2], three[3] = {0, 1, 2}, before, after;

	(void)state;
	assert_int_equal(fd_pair(fds), 0);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(three));
	memcpy(CMSG_DATA(c), three, sizeof(three));
	assert_int_equal(sendmsg(fds[1], &msg, 0), 5);
	before = dup(STDERR_FILENO);
	(void)close(before);
	frame_init(&fr, fds[0], mem, sizeof(mem), 2);
	assert_int_equal(frame_fill(&fr), ERR_FD);
	frame_fini(&fr);
	/* None of the three is left open. */
	after = dup(STDERR_FILENO);
	(void)close(after);
	assert_int_equal(before, after);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timers_run_in_time_and_can_be_removed),
	    cmocka_unit_test(stale_events_are_dropped),
	    cmocka_unit_test(signals_arrive_in_the_loop),
	    cmocka_unit_test(children_are_reaped),
	    cmocka_unit_test(frames_come_whole_from_any_pieces),
	    cmocka_unit_test(frames_refuse_bad_lengths_for_good),
	    cmocka_unit_test(frames_refuse_descriptors_nobody_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
