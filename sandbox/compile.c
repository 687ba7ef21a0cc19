/* SPDX-License-Identifier: Apache-2.0 */

/*
 * For the build: compiles the system call filters.
 *
 * Nothing that runs for the person compiles one: the build's mkfilters does
 * it once, with libseccomp, and the programs link the result (filter.c).
 *
 * The filter of commands: the default is to permit, since any list of what
 * programs need would be wrong tomorrow; what is refused is listed here, and
 * calls newer than the last that this file knows get ENOSYS, for which
 * libraries have an answer. What each number gets stands in
 * tests/data/syscalls.tsv, and a test holds it against the kernel.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "sandbox/compile.h"

#define FILTER_X32 0x40000000u /* a bit of other numbers, asm/unistd.h */
#define FILTER_ASK 0xFFFFFFFFu /* personality(2)'s question */

/* Of IPPROTO_*, what <netinet/in.h> lacks. */
#define PROTO_L2TP 115
#define PROTO_SMC  256

/* Numbers that older headers lack; include/uapi/asm-generic/unistd.h. */
#define NR_fchmodat2    452
#define NR_listmount    458
#define NR_statmount    457
#define NR_lsm_set_self 460

#define FCNTL_SETDELEG (F_SETLEASE + 16) /* include/uapi/linux/fcntl.h */

#define KIND(name) (1u << FILTER_FOR_##name)
#define KIND_LSM   (KIND(COMMAND_LSM) | KIND(COMMAND_NET))
#define KIND_RUN   (KIND(COMMAND) | KIND_LSM)
#define KIND_ALL   ((1u << FILTER_KINDS) - 1)
/* All but the cell, which builds walls. */
#define KIND_COMMANDS (KIND_ALL & ~KIND(CELL))

struct refusal {
	int nr;
	int err;
	unsigned kinds; /* for whom */
};

/* clang-format off */
static const struct refusal refusals[] = {
    /* other processes */
    {__NR_process_vm_readv, EPERM, KIND_ALL},
    {__NR_process_vm_writev, EPERM, KIND_ALL},
    {__NR_process_madvise, EPERM, KIND_ALL}, {__NR_kcmp, EPERM, KIND_ALL},
    {__NR_pidfd_getfd, EPERM, KIND_RUN},
    {__NR_migrate_pages, EPERM, KIND_ALL}, {__NR_move_pages, EPERM, KIND_ALL},
    /* kernel surface */
    {__NR_bpf, EPERM, KIND_ALL}, {__NR_perf_event_open, EPERM, KIND_ALL},
    {__NR_userfaultfd, EPERM, KIND_ALL},
    {__NR_io_uring_setup, ENOSYS, KIND_ALL},
    {__NR_io_uring_enter, ENOSYS, KIND_ALL},
    {__NR_io_uring_register, ENOSYS, KIND_ALL},
    {__NR_add_key, EPERM, KIND_COMMANDS},
    {__NR_request_key, EPERM, KIND_COMMANDS},
    {__NR_keyctl, EPERM, KIND_COMMANDS},
    {__NR_modify_ldt, EPERM, KIND_ALL}, {__NR_vmsplice, EPERM, KIND_ALL},
    {__NR_fanotify_init, EPERM, KIND_ALL},
    {__NR_fanotify_mark, EPERM, KIND_ALL},
    {__NR_lookup_dcookie, EPERM, KIND_ALL},
    {__NR_memfd_secret, ENOSYS, KIND_ALL},
    {__NR_uselib, ENOSYS, KIND_ALL}, {__NR__sysctl, ENOSYS, KIND_ALL},
    {__NR_ustat, ENOSYS, KIND_ALL}, {__NR_sysfs, ENOSYS, KIND_ALL},
    {__NR_nfsservctl, ENOSYS, KIND_ALL}, {__NR_vserver, ENOSYS, KIND_ALL},
    {NR_lsm_set_self, EPERM, KIND_ALL},
    /* the machine */
    {__NR_init_module, EPERM, KIND_ALL},
    {__NR_finit_module, EPERM, KIND_ALL},
    {__NR_delete_module, EPERM, KIND_ALL},
    {__NR_create_module, ENOSYS, KIND_ALL},
    {__NR_kexec_load, EPERM, KIND_ALL},
    {__NR_kexec_file_load, EPERM, KIND_ALL}, {__NR_reboot, EPERM, KIND_ALL},
    {__NR_swapon, EPERM, KIND_ALL}, {__NR_swapoff, EPERM, KIND_ALL},
    {__NR_acct, EPERM, KIND_ALL}, {__NR_quotactl, EPERM, KIND_ALL},
    {__NR_quotactl_fd, EPERM, KIND_ALL}, {__NR_syslog, EPERM, KIND_ALL},
    {__NR_settimeofday, EPERM, KIND_ALL},
    {__NR_clock_settime, EPERM, KIND_ALL},
    {__NR_clock_adjtime, EPERM, KIND_COMMANDS},
    {__NR_adjtimex, EPERM, KIND_COMMANDS}, {__NR_iopl, EPERM, KIND_ALL},
    {__NR_ioperm, EPERM, KIND_ALL}, {__NR_vhangup, EPERM, KIND_ALL},
    {__NR_setdomainname, EPERM, KIND_COMMANDS},
    {__NR_sethostname, EPERM, KIND_COMMANDS},
    /* mounts and namespaces */
    {__NR_mount, EPERM, KIND_COMMANDS}, {__NR_umount2, EPERM, KIND_COMMANDS},
    {__NR_pivot_root, EPERM, KIND_COMMANDS},
    {__NR_chroot, EPERM, KIND_COMMANDS}, {__NR_setns, EPERM, KIND_COMMANDS},
    {__NR_unshare, EPERM, KIND_COMMANDS},
    {__NR_open_tree, EPERM, KIND_COMMANDS},
    {__NR_move_mount, EPERM, KIND_COMMANDS},
    {__NR_fsopen, EPERM, KIND_COMMANDS},
    {__NR_fsconfig, EPERM, KIND_COMMANDS},
    {__NR_fsmount, EPERM, KIND_COMMANDS},
    {__NR_fspick, EPERM, KIND_COMMANDS},
    {__NR_mount_setattr, EPERM, KIND_COMMANDS},
    {NR_statmount, ENOSYS, KIND_COMMANDS},
    {NR_listmount, ENOSYS, KIND_COMMANDS},
    /* its arguments are behind a pointer: libc falls back to clone */
    {__NR_clone3, ENOSYS, KIND_COMMANDS},
    /* likewise: the mode of a new file; programs fall back to openat */
    {__NR_openat2, ENOSYS, KIND_RUN},
    {__NR_open_by_handle_at, EPERM, KIND_ALL},
    {__NR_name_to_handle_at, EPERM, KIND_COMMANDS},
    /* objects that no namespace keeps from those of the host */
    {__NR_shmget, EPERM, KIND_LSM}, {__NR_shmat, EPERM, KIND_LSM},
    {__NR_shmctl, EPERM, KIND_LSM}, {__NR_msgget, EPERM, KIND_LSM},
    {__NR_msgsnd, EPERM, KIND_LSM}, {__NR_msgrcv, EPERM, KIND_LSM},
    {__NR_msgctl, EPERM, KIND_LSM}, {__NR_semget, EPERM, KIND_LSM},
    {__NR_semop, EPERM, KIND_LSM}, {__NR_semtimedop, EPERM, KIND_LSM},
    {__NR_semctl, EPERM, KIND_LSM}, {__NR_mq_open, EPERM, KIND_LSM},
    {__NR_mq_unlink, EPERM, KIND_LSM},
};

/* Socket families that commands may use; all others are refused.  Netlink
 * without namespaces would show the host's interfaces. */
static const int families[] = {
    AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}; /* ascending */
#define FAMILIES_LSM 3

/* Transports over IP that hardly anybody uses, each a module of the kernel's
 * that socket(2) would load. */
static const int transports[] = {
    IPPROTO_DCCP, PROTO_L2TP, IPPROTO_SCTP, IPPROTO_UDPLITE, PROTO_SMC};

/* The arguments that hold a file mode. */
static const struct {
	int nr;
	unsigned arg;
} modes[] = {
    {__NR_chmod, 1}, {__NR_fchmod, 1}, {__NR_fchmodat, 2},
    {NR_fchmodat2, 2}, {__NR_open, 2}, {__NR_openat, 3}, {__NR_creat, 1},
    {__NR_mkdir, 1}, {__NR_mkdirat, 2}, {__NR_mknod, 1}, {__NR_mknodat, 2},
};

/* The arguments that hold the flags of a message. */
static const struct {
	int nr;
	unsigned arg;
} urgent[] = {{__NR_sendto, 3}, {__NR_recvfrom, 3}, {__NR_sendmsg, 2},
    {__NR_recvmsg, 2}, {__NR_sendmmsg, 3}, {__NR_recvmmsg, 3}};

/* Terminal requests that act on somebody else's terminal. */
static const unsigned long ttys[] = {
    TIOCSTI, TIOCLINUX, TIOCSETD, TIOCCONS, TIOCSSERIAL};

/* Promises about a file that is only read, which make who writes it wait. */
static const unsigned long leases[] = {F_SETLEASE, FCNTL_SETDELEG};

static const unsigned long namespaces[] = {CLONE_NEWNS, CLONE_NEWCGROUP,
    CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET};
/* clang-format on */

int
filter_when(scmp_filter_ctx ctx, int err, int nr, unsigned arg, uint64_t mask,
    uint64_t value)
{
	struct scmp_arg_cmp cmp = {arg, SCMP_CMP_MASKED_EQ, mask, value};

	return seccomp_rule_add_exact_array(
	    ctx, SCMP_ACT_ERRNO((uint32_t)err), nr, 1, &cmp);
}

/* The call is socket(2) or socketpair(2), which load the same modules. */
static int
filter_families(scmp_filter_ctx ctx, enum filter_kind kind, int call)
{
	size_t n = kind == FILTER_FOR_COMMAND_LSM ? FAMILIES_LSM
						  : COUNT(families),
	       i;
	/* Compared with all 64 bits, so garbage above the int is refused. */
	struct scmp_arg_cmp above = {
	    0, SCMP_CMP_GT, (uint64_t)families[n - 1], 0};
	/* Of netlink only the routing family, which asks harmless things. */
	struct scmp_arg_cmp odd[2] = {
	    {0, SCMP_CMP_MASKED_EQ, LOW32, AF_NETLINK},
	    {2, SCMP_CMP_GT, NETLINK_ROUTE, 0}};
	int family, r = 0;

	for (family = 0; r == 0 && family < families[n - 1]; family++) {
		for (i = 0; i < n && families[i] != family; i++)
			;
		if (i == n)
			r = filter_when(ctx, EAFNOSUPPORT, call, 0, LOW32,
			    (uint64_t)family);
	}
	if (r == 0)
		r = seccomp_rule_add_exact_array(
		    ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1, &above);
	if (r == 0 && n == COUNT(families))
		r = seccomp_rule_add_exact_array(
		    ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 2, odd);
	return r;
}

static int
filter_sockets(scmp_filter_ctx ctx, enum filter_kind kind)
{
	size_t i;
	int r;

	r = filter_families(ctx, kind, __NR_socket);
	if (r == 0)
		r = filter_families(ctx, kind, __NR_socketpair);
	for (i = 0; r == 0 && i < COUNT(transports); i++)
		r = filter_when(ctx, EPROTONOSUPPORT, __NR_socket, 2, LOW32,
		    (uint64_t)transports[i]);
	/* Of urgent data nothing has come but faults of the kernel. */
	for (i = 0; r == 0 && i < COUNT(urgent); i++)
		r = filter_when(ctx, EOPNOTSUPP, urgent[i].nr, urgent[i].arg,
		    MSG_OOB, MSG_OOB);
	return r;
}

static int
filter_arguments(scmp_filter_ctx ctx, enum filter_kind kind)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < COUNT(modes); i++) {
		if (((1u << kind) & KIND_LSM) != 0 &&
		    filter_lsm_supervises(modes[i].nr))
			continue; /* the broker looks at the bits */
		r = filter_when(
		    ctx, EPERM, modes[i].nr, modes[i].arg, S_ISUID, S_ISUID);
		if (r == 0)
			r = filter_when(ctx, EPERM, modes[i].nr, modes[i].arg,
			    S_ISGID, S_ISGID);
	}
	for (i = 0; r == 0 && i < COUNT(ttys); i++)
		r = filter_when(ctx, EPERM, __NR_ioctl, 1, LOW32, ttys[i]);
	for (i = 0; r == 0 && i < COUNT(leases); i++)
		r = filter_when(ctx, EPERM, __NR_fcntl, 1, LOW32, leases[i]);
	for (i = 0; r == 0 && i < COUNT(namespaces); i++)
		if (kind != FILTER_FOR_CELL)
			r = filter_when(ctx, EPERM, __NR_clone, 0,
			    namespaces[i], namespaces[i]);
	return r;
}

static int
filter_rules(scmp_filter_ctx ctx, enum filter_kind kind)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < COUNT(refusals); i++)
		if ((refusals[i].kinds & (1u << kind)) != 0)
			r = seccomp_rule_add_exact_array(ctx,
			    SCMP_ACT_ERRNO((uint32_t)refusals[i].err),
			    refusals[i].nr, 0, NULL);
	if (r == 0)
		r = filter_arguments(ctx, kind);
	if (r == 0 && ((1u << kind) & KIND_RUN) != 0)
		r = filter_sockets(ctx, kind);
	if (r == 0 && ((1u << kind) & KIND_LSM) != 0)
		r = filter_lsm(ctx, kind);
	return r;
}

/*
 * What libseccomp cannot say, put before what it compiled, of which all jumps
 * are relative.  Numbers behind COMPILE_LAST get ENOSYS; personality(2) may ask
 * and name PER_LINUX or PER_LINUX32, since any other bit would switch off
 * randomisation or make data executable.  What comes by another architecture
 * is left for the rest, which kills it.
 */
static const struct sock_filter before[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 10),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FILTER_X32, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, COMPILE_LAST, 6, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_personality, 0, 6),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ASK, 4, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PER_LINUX, 3, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PER_LINUX32, 2, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)};

/* Appends what libseccomp made of the rules to the words in f. */
static int
compile_export(scmp_filter_ctx ctx, struct compiled *f)
{
	size_t have = f->len * sizeof(f->code[0]), room;
	ssize_t n = -1;
	int fd;

	fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd == -1)
		return ERR_IO;
	room = sizeof(f->code) - have;
	if (seccomp_export_bpf(ctx, fd) == 0)
		n = pread(fd, (char *)f->code + have, room, 0);
	(void)close(fd);
	if (n <= 0 || (size_t)n == room) /* it may be cut off */
		return ERR_IO;
	f->len += (size_t)n / sizeof(f->code[0]);
	return 0;
}

/* A filter of what other architectures are killed by. */
static scmp_filter_ctx
compile_new(uint32_t action)
{
	scmp_filter_ctx ctx = seccomp_init(action);

	if (ctx != NULL &&
	    (seccomp_attr_set(
		 ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0 ||
		seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0)) {
		seccomp_release(ctx);
		return NULL;
	}
	return ctx;
}

int
compile_kind(struct compiled *f, enum filter_kind kind)
{
	scmp_filter_ctx ctx = compile_new(SCMP_ACT_ALLOW);
	int r = ERR_IO;

	if (ctx == NULL)
		return ERR_IO;
	memcpy(f->code, before, sizeof(before));
	f->len = COUNT(before);
	if (filter_rules(ctx, kind) == 0)
		r = compile_export(ctx, f);
	seccomp_release(ctx);
	return r;
}

static int
compile_right(scmp_filter_ctx ctx, const struct sys_right *right)
{
	uint32_t action = right->err == 0
			      ? SCMP_ACT_ALLOW
			      : SCMP_ACT_ERRNO((uint32_t)right->err);
	struct scmp_arg_cmp cmp;

	if (right->arg == SYS_ANY)
		return seccomp_rule_add_array(ctx, action, right->nr, 0, NULL);
	cmp = (struct scmp_arg_cmp){(unsigned)right->arg, SCMP_CMP_MASKED_EQ,
	    right->mask, right->value};
	return seccomp_rule_add_array(ctx, action, right->nr, 1, &cmp);
}

/*
 * Put before what a role may do.  A tracer that makes a call fail puts number
 * -1 in its place (strace(1), inject), which the kernel carries out for nobody:
 * it is let through, so that the role sees the error and not its end.
 */
static const struct sock_filter before_role[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

int
compile_role(struct compiled *f, const struct role_rights *rr)
{
	scmp_filter_ctx ctx = compile_new(SCMP_ACT_KILL_PROCESS);
	const struct sys_right *right;
	size_t i;
	int r = 0;

	if (ctx == NULL)
		return ERR_IO;
	memcpy(f->code, before_role, sizeof(before_role));
	f->len = COUNT(before_role);
	for (i = 0; r == 0 && i < ROLE_SETS_MAX && rr->sets[i] != NULL; i++)
		for (right = rr->sets[i]->rights; r == 0 && right->nr != -1;
		     right++)
			if (compile_right(ctx, right) != 0)
				r = ERR_IO;
	if (r == 0)
		r = compile_export(ctx, f);
	seccomp_release(ctx);
	return r;
}
