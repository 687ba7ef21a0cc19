/* SPDX-License-Identifier: Apache-2.0 */

/* Control groups: what is read of them, and one that is killed as a whole. */

#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fdio.h"
#include "sandbox/group.h"

static void
test_path(void **state)
{
	char path[64];

	(void)state;
	assert_int_equal(group_path("0::/\n", path, sizeof(path)), 0);
	assert_string_equal(path, "/");
	assert_int_equal(
	    group_path("9:name=systemd:/x\n8:pids:/0::/y\n0::/a b/c.scope\n",
		path, sizeof(path)),
	    0);
	assert_string_equal(path, "/a b/c.scope");
	assert_int_equal(group_path("10::/x\n", path, sizeof(path)), ERR_NOENT);
	assert_int_equal(
	    group_path("0::/../x\n", path, sizeof(path)), ERR_NOENT);
	assert_int_equal(group_path("", path, sizeof(path)), ERR_NOENT);
	assert_int_not_equal(group_path("0::/abc\n", path, 4), 0);
}

static void
test_controllers(void **state)
{
	(void)state;
	assert_true(group_has_all("cpuset cpu io memory hugetlb pids rdma\n"));
	assert_true(group_has_all("pids memory"));
	assert_false(group_has_all("cpu memory\n"));
	assert_false(group_has_all("memory1 pids\n"));
	assert_false(group_has_all("\nmemory pids\n"));
	assert_false(group_has_all(""));
}

static int top = -1; /* of the test, without controllers */
static char place[64];

static int
setup(void **state)
{
	static const char *const mounts[] = {
	    "/sys/fs/cgroup/unified", "/sys/fs/cgroup"};
	size_t i;

	(void)state;
	for (i = 0; top == -1 && i < 2; i++) {
		(void)snprintf(place, sizeof(place), "%s/cordon-test-%d",
		    mounts[i], (int)getpid());
		if (mkdir(place, 0755) == 0)
			top = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (top != -1 && faccessat(top, "cgroup.kill", W_OK, 0) == -1)
			fd_close(&top);
		if (top == -1)
			(void)rmdir(place);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	if (top != -1 && rmdir(place) == -1)
		return -1;
	fd_close(&top);
	return 0;
}

/* Goes in and leaves somebody behind who would outlive it; the pipe is open
 * as long as one of them lives. */
static void
in_group(int group, int fd)
{
	if (group_enter(group) != 0)
		_exit(1);
	if (fork() == 0)
		(void)setsid();
	(void)!write(fd, "", 1);
	for (;;)
		(void)pause();
}

static void
test_kill(void **state)
{
	const struct spec_limits none = {0};
	int fds[2], group, status, i;
	char byte;
	pid_t pid;

	(void)state;
	if (top == -1)
		skip(); /* no control groups that we may make */
	group = group_call(top, 3, &none);
	assert_true(group >= 0);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0)
		in_group(group, fds[1]);
	(void)close(fds[1]);
	for (i = 0; i < 2; i++)
		assert_int_equal(read(fds[0], &byte, 1), 1);
	group_call_end(top, 3); /* not while it is in use */
	assert_int_equal(faccessat(top, "3", F_OK, 0), 0);
	group_kill(group);
	assert_int_equal(read(fds[0], &byte, 1), 0); /* both are gone */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(group_hit(group), GROUP_NOTHING);
	(void)close(group);
	(void)close(fds[0]);
	for (i = 0; i < 3000 && faccessat(top, "3", F_OK, 0) == 0; i++) {
		group_call_end(top, 3);
		(void)usleep(10000);
	}
	assert_int_equal(faccessat(top, "3", F_OK, 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_path),
	    cmocka_unit_test(test_controllers), cmocka_unit_test(test_kill)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
