/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon doctor: what this machine gives, and whether it holds.
 *
 * Each primitive is tried in a process of its own, so that nothing is said
 * of a kernel that was not seen.  The self-test then runs real commands in a
 * real cell and looks from outside whether anything got out.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/str.h"
#include "cordon/cmd.h"
#include "cordon/health.h"
#include "cordon/selftest.h"
#include "sandbox/group.h"
#include "sandbox/holder.h"
#include "sandbox/landlock.h"
#include "sandbox/mnt.h"
#include "sandbox/tier.h"
#include "sandbox/userns.h"

#define DOCTOR_JSON_CAP (64u * 1024)
#define DOCTOR_LSM      1 /* exit status of the lesser tier */

struct doctor_args {
	bool json;
};

static const struct opt doctor_opts[] = {
    {"json", '\0', OPT_FLAG, NULL, "report as JSON",
	.off = offsetof(struct doctor_args, json)},
    {0}};

/* The probes; each runs in a child and returns 0 or an errno. */

static int
probe_errno(long r)
{
	return r == -1 ? errno : 0;
}

static int
probe_userns(int flag)
{
	if (userns_own(getuid(), getgid()) != 0)
		return errno;
	return flag == 0 ? 0 : probe_errno(unshare(flag));
}

static int
probe_idmap(int flag)
{
	struct holder h = HOLDER_NONE;
	int fd, userns;

	(void)flag;
	if (getuid() != 0)
		return 0; /* only a root session needs it */
	if (holder_start(&h, HOLDER_MAPPED, NULL) != 0)
		return errno;
	userns = holder_userns(&h);
	fd = mnt_clone(AT_FDCWD, "/", false);
	if (userns < 0 || fd < 0)
		return errno;
	return mnt_idmap(fd, userns) == 0 ? 0 : errno;
}

static int
probe_overlay(int flag)
{
	static const char *const opts[] = {"lowerdir", "/usr", "upperdir",
	    "/tmp/u", "workdir", "/tmp/w", "userxattr", "", NULL};
	int fd, e = probe_userns(CLONE_NEWNS);

	(void)flag;
	if (e != 0)
		return e;
	fd = mnt_tmpfs(0, "0755");
	if (fd < 0 || mnt_place(fd, AT_FDCWD, "/tmp") != 0 ||
	    mkdir("/tmp/u", 0755) == -1 || mkdir("/tmp/w", 0755) == -1)
		return errno;
	return mnt_fs("overlay", opts) < 0 ? errno : 0;
}

/* The kernel's Landlock is at least of that version. */
static int
probe_landlock(int flag)
{
	return landlock_abi() >= flag ? 0 : EOPNOTSUPP;
}

/* Filters know that action. */
static int
probe_seccomp(int flag)
{
	uint32_t action = (uint32_t)flag;

	return probe_errno(
	    syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
}

static int
probe_openat2(int flag)
{
	(void)flag;
	return tier_has_openat2() ? 0 : ENOSYS;
}

static int
probe_mounts(int flag)
{
	int fd, e = probe_userns(CLONE_NEWNS);

	(void)flag;
	if (e != 0)
		return e;
	fd = mnt_clone(AT_FDCWD, "/", true);
	if (fd < 0 || mnt_flags(fd, MOUNT_ATTR_RDONLY, 0, true) != 0)
		return errno;
	return 0;
}

/* A call has a /proc of its own; one that is covered in parts, as containers
 * have it, cannot be made anew. */
static int
probe_proc(int flag)
{
	int status, e = probe_userns(CLONE_NEWNS | CLONE_NEWPID);
	pid_t pid;

	(void)flag;
	if (e != 0)
		return e;
	pid = fork();
	if (pid == 0)
		_exit(probe_errno(mount("proc", "/proc", "proc",
			  MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) &
		      0xff);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EFAULT;
}

/* The broker of tier lsm takes the caller's socket. */
static int
probe_getfd(int flag)
{
	int fd, pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	(void)flag;
	if (pidfd == -1)
		return errno;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, pidfd, 0);
	return probe_errno(fd);
}

static int
probe_group(int flag)
{
	int fd = group_own(getppid());

	(void)flag;
	return fd >= 0 ? 0 : fd == ERR_NOENT ? ENOENT : EACCES;
}

/* What a primitive is for: without it nothing is confined, there is no tier
 * full, no tier lsm, or only less comfort. */
enum need { NEED_ANY, NEED_FULL, NEED_LSM, NEED_SOME };

struct primitive {
	const char *name;
	const char *since; /* the kernel that has it */
	enum need need;
	int (*probe)(int flag);
	int flag;
	const char *without; /* what is missing then */
	const char *fix;     /* what gives it; NULL: doctor_fix looks */
};

static const struct primitive primitives[] = {
    {"landlock", "5.13", NEED_ANY, probe_landlock, 1,
	"no command can be held to its files",
	"boot with landlock first in lsm=, before what "
	"/sys/kernel/security/lsm lists (CONFIG_SECURITY_LANDLOCK=y); in a "
	"container permit landlock_create_ruleset(2) and its kin"},
    {"seccomp", "4.14", NEED_ANY, probe_seccomp, (int)SECCOMP_RET_KILL_PROCESS,
	"no system call can be refused",
	"a kernel with CONFIG_SECCOMP_FILTER=y"},
    {"openat2", "5.6", NEED_ANY, probe_openat2, 0,
	"no path can be resolved once and for all",
	"leave the cell that this shell runs in; in a container permit "
	"openat2(2)"},
    {"user namespace", "3.8", NEED_FULL, probe_userns, 0,
	"no command has walls of its own", NULL},
    {"mount namespace", "3.8", NEED_FULL, probe_userns, CLONE_NEWNS,
	"nothing can be made read-only or covered", NULL},
    {"pid namespace", "3.8", NEED_FULL, probe_userns, CLONE_NEWPID,
	"other processes can be seen", NULL},
    {"net namespace", "3.8", NEED_FULL, probe_userns, CLONE_NEWNET,
	"no loopback of a command's own", NULL},
    {"ipc namespace", "3.8", NEED_FULL, probe_userns, CLONE_NEWIPC,
	"System V IPC of the host can be reached", NULL},
    {"uts namespace", "3.8", NEED_FULL, probe_userns, CLONE_NEWUTS,
	"the host's name is seen", NULL},
    {"cgroup namespace", "4.6", NEED_SOME, probe_userns, CLONE_NEWCGROUP,
	"names of control groups are seen", NULL},
    {"proc of one's own", "3.8", NEED_FULL, probe_proc, 0,
	"a call's own processes cannot be shown alone", NULL},
    {"mount_setattr", "5.12", NEED_FULL, probe_mounts, 0,
	"the host cannot be made read-only as a whole", NULL},
    {"overlay", "5.11", NEED_SOME, probe_overlay, 0,
	"the home is read-only instead of private", "modprobe overlay"},
    {"id-mapped mounts", "5.12", NEED_SOME, probe_idmap, 0,
	"commands of root are uid 0 outside too, without capabilities",
	"run cordon as an ordinary user"},
    {"landlock scopes", "6.12", NEED_LSM, probe_landlock, TIER_LSM_ABI,
	"without namespaces signals would reach outside",
	"a kernel from Linux 6.12 on"},
    {"seccomp notify", "5.0", NEED_LSM, probe_seccomp,
	(int)SECCOMP_RET_USER_NOTIF,
	"without namespaces nobody could answer for what Landlock lacks",
	"a kernel from Linux 5.0 on"},
    {"pidfd_getfd", "5.6", NEED_SOME, probe_getfd, 0,
	"in tier lsm no socket can be bound or connected",
	"a kernel from Linux 5.6 on; in a container permit pidfd_getfd(2)"},
    {"control group", "5.14", NEED_SOME, probe_group, 0,
	"memory and processes are counted by looking, every 50 ms",
	"start it in a control group (version 2) of its own, such as "
	"systemd-run --user --scope -p Delegate=yes cordon"}};

#define PRIMITIVES (sizeof(primitives) / sizeof(primitives[0]))

/* Switches that keep user namespaces from an ordinary user. */
static const struct {
	const char *file;
	const char *off; /* the value that does */
	const char *fix;
} switches[] = {{"/proc/sys/kernel/unprivileged_userns_clone", "0",
		    "sysctl -w kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
	"sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
    {"/proc/sys/user/max_user_namespaces", "0",
	"sysctl -w user.max_user_namespaces=15000"}};

struct doctor {
	int err[PRIMITIVES]; /* of each probe */
	const char *tier;
	const char *fix; /* or NULL: what gives tier full */
	int code;
	struct selftest tests[SELFTESTS];
	bool tested, held;
	struct health health[HEALTH_CHECKS];
};

static int
doctor_probe(const struct primitive *p)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == -1)
		return errno;
	if (pid == 0)
		_exit(p->probe(p->flag) & 0xff);
	if (waitpid(pid, &status, 0) == -1)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EFAULT;
}

/* Whether a file has the text, at its start or behind a newline. */
static bool
doctor_says(const char *file, const char *text)
{
	struct buf b;
	const char *p;
	bool says;

	buf_init(&b, 65536);
	says = fd_read_file(AT_FDCWD, file, &b) == 0;
	p = says ? strstr(buf_cstr(&b), text) : NULL;
	says = p != NULL && (p == buf_cstr(&b) || p[-1] == '\n');
	buf_fini(&b);
	return says;
}

static bool
doctor_lacks(const struct doctor *d, int (*probe)(int), int flag)
{
	size_t i;

	for (i = 0; i < PRIMITIVES; i++)
		if (primitives[i].probe == probe && primitives[i].flag == flag)
			return d->err[i] != 0;
	return false;
}

/* What is most likely to be in the way of namespaces, and how it goes. */
static const char *
doctor_fix_namespaces(const struct doctor *d)
{
	char text[8];
	size_t i;

	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s\n", switches[i].off);
		if (doctor_says(switches[i].file, text))
			return switches[i].fix;
	}
	if (access("/proc/self/ns/user", F_OK) == -1)
		return "a kernel with CONFIG_USER_NS=y";
	if (doctor_says("/proc/self/status", "Seccomp:\t2"))
		return "in a container: start it with a seccomp profile that "
		       "permits unshare(2), clone(2), mount(2) and their kin, "
		       "such as --security-opt seccomp=unconfined";
	if (!doctor_lacks(d, probe_userns, CLONE_NEWNS))
		return "in a container: start it so that nothing covers parts "
		       "of /proc, such as --security-opt "
		       "systempaths=unconfined";
	return "leave what confines this shell: chroot(2) or a profile of "
	       "SELinux or AppArmor that forbids user namespaces";
}

/* What gives a primitive that is missing. */
static const char *
doctor_fix_of(const struct doctor *d, size_t i)
{
	return primitives[i].fix != NULL ? primitives[i].fix
					 : doctor_fix_namespaces(d);
}

/* The first thing to do for tier full, or NULL if that is there. */
static const char *
doctor_fix(const struct doctor *d)
{
	size_t i;

	for (i = 0; i < PRIMITIVES; i++)
		if (d->err[i] != 0 && primitives[i].need <= NEED_FULL)
			return doctor_fix_of(d, i);
	return NULL;
}

static void
doctor_look(struct doctor *d)
{
	bool missing[NEED_SOME + 1] = {false};
	size_t i;

	for (i = 0; i < PRIMITIVES; i++) {
		d->err[i] = doctor_probe(&primitives[i]);
		if (d->err[i] != 0)
			missing[primitives[i].need] = true;
	}
	d->fix = doctor_fix(d);
	if (missing[NEED_ANY] || (missing[NEED_FULL] && missing[NEED_LSM])) {
		d->tier = "none";
		d->code = EX_UNAVAILABLE;
		return;
	}
	d->tier = tier_word(missing[NEED_FULL] ? TIER_LSM : TIER_FULL);
	d->code = missing[NEED_FULL] ? DOCTOR_LSM : EX_OK;
	d->tested = true;
	d->held = selftest_run(d->tests) == 0;
	if (!d->held)
		d->code = EX_UNAVAILABLE;
}

/* As what the kernel sees a command. */
static const char *
doctor_executor(const struct doctor *d)
{
	size_t i;

	bool full = strcmp(d->tier, tier_word(TIER_FULL)) == 0;

	if (getuid() != 0)
		return full ? "your own uid, in a user namespace without "
			      "capabilities"
			    : "your own uid, without capabilities";
	for (i = 0; i < PRIMITIVES; i++)
		if (d->err[i] != 0 && (primitives[i].probe == probe_idmap ||
					  primitives[i].need == NEED_FULL))
			return "uid 0 without capabilities; better run "
			       "cordon as an ordinary user";
	return "an unprivileged uid that is shown as root; where a file "
	       "system cannot be mapped, uid 0 without capabilities";
}

static void
doctor_print(const struct doctor *d)
{
	struct utsname un;
	size_t i;

	if (uname(&un) == -1)
		(void)strlcpy(un.release, "?", sizeof(un.release));
	(void)printf("tier      %s\nkernel    %s, Landlock ABI %d\n"
		     "commands  run as %s\n\n",
	    d->tier, un.release, landlock_abi(), doctor_executor(d));
	for (i = 0; i < PRIMITIVES; i++) {
		const struct primitive *p = &primitives[i];

		(void)printf("%-17s %-8s (Linux %s)\n", p->name,
		    d->err[i] == 0 ? "yes" : "MISSING", p->since);
		if (d->err[i] != 0)
			(void)printf("    %s: %s%s%s\n", strerror(d->err[i]),
			    p->without, p->fix == NULL ? "" : "; to have it: ",
			    p->fix == NULL ? "" : p->fix);
	}
	if (d->fix != NULL)
		(void)printf("\nfor tier full: %s\n", d->fix);
	for (i = 0; d->tested && i < SELFTESTS; i++)
		(void)printf("%s%-40s %s%s%s\n", i == 0 ? "\n" : "",
		    d->tests[i].name, selftest_word(&d->tests[i]),
		    d->tests[i].why[0] == '\0' ? "" : ": ", d->tests[i].why);
	for (i = 0; i < HEALTH_CHECKS; i++)
		(void)printf("%s%-14s %-7s %s\n", i == 0 ? "\n" : "",
		    d->health[i].name, d->health[i].good ? "ok" : "LOOK",
		    d->health[i].text);
}

static void
doctor_json(const struct doctor *d)
{
	struct jsonw w;
	struct buf b;
	size_t i;

	buf_init(&b, DOCTOR_JSON_CAP);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "tier", d->tier);
	jsonw_ki64(&w, "landlock_abi", landlock_abi());
	jsonw_kstr(&w, "runs_as", doctor_executor(d));
	if (d->fix != NULL)
		jsonw_kstr(&w, "fix", d->fix);
	jsonw_name(&w, "primitives");
	jsonw_array(&w);
	for (i = 0; i < PRIMITIVES; i++) {
		jsonw_object(&w);
		jsonw_kstr(&w, "name", primitives[i].name);
		jsonw_kstr(&w, "since", primitives[i].since);
		jsonw_kbool(&w, "present", d->err[i] == 0);
		if (d->err[i] != 0) {
			jsonw_kstr(&w, "error", strerror(d->err[i]));
			jsonw_kstr(&w, "without", primitives[i].without);
			jsonw_kstr(&w, "fix", doctor_fix_of(d, i));
		}
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_name(&w, "self_test");
	jsonw_array(&w);
	for (i = 0; d->tested && i < SELFTESTS; i++) {
		jsonw_object(&w);
		jsonw_kstr(&w, "attempt", d->tests[i].name);
		jsonw_kstr(&w, "result", selftest_word(&d->tests[i]));
		if (d->tests[i].why[0] != '\0')
			jsonw_kstr(&w, "why", d->tests[i].why);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_name(&w, "health");
	jsonw_array(&w);
	for (i = 0; i < HEALTH_CHECKS; i++) {
		jsonw_object(&w);
		jsonw_kstr(&w, "name", d->health[i].name);
		jsonw_kbool(&w, "good", d->health[i].good);
		jsonw_kstr(&w, "text", d->health[i].text);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_end(&w);
	(void)buf_addc(&b, '\n');
	(void)fwrite(buf_data(&b), 1, b.len, stdout);
	buf_fini(&b);
}

static int
doctor_main(const struct cmd_line *line)
{
	const struct doctor_args *args = line->args;
	struct doctor d = {.tier = "none"};

	doctor_look(&d);
	health_look(d.health);
	if (args->json)
		doctor_json(&d);
	else
		doctor_print(&d);
	if (fflush(stdout) != 0) {
		log_error("standard output: %s", err_sys(errno));
		return EX_IOERR;
	}
	if (d.tested && !d.held)
		log_error("the self-test failed: do not rely on the sandbox");
	return d.code;
}

const struct cmd cmd_doctor = {
    .name = "doctor",
    .summary = "Test what this machine can hold commands with, and the set-up.",
    .man = "cordon-doctor(1)",
    .opts = doctor_opts,
    .args_size = sizeof(struct doctor_args),
    .run = doctor_main,
};
