/* SPDX-License-Identifier: Apache-2.0 */

/*
 * For the build: what the filter of commands has besides where there are no
 * namespaces (tier lsm).
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <netinet/in.h>
#include <termios.h>

#include "sandbox/compile.h"

#define NR_fchmodat2 452         /* asm-generic/unistd.h */
#define TYPE_MASK    15          /* SOCK_TYPE_MASK of linux/net.h */
#define FASTOPEN     0x20000000u /* MSG_FASTOPEN: connects */

/* clang-format off */
/*
 * In tier lsm the broker (broker.c) answers for these.  With an argument,
 * only where it is not 0: for another process than the caller.
 */
#define WHOLE (-1)
static const struct {
	int nr;
	int arg;
} supervised[] = {
    {__NR_connect, WHOLE}, {__NR_bind, WHOLE}, {__NR_listen, WHOLE},
    {__NR_chmod, WHOLE}, {__NR_fchmod, WHOLE}, {__NR_fchmodat, WHOLE},
    {NR_fchmodat2, WHOLE}, {__NR_chown, WHOLE}, {__NR_lchown, WHOLE},
    {__NR_fchown, WHOLE}, {__NR_fchownat, WHOLE}, {__NR_utime, WHOLE},
    {__NR_utimes, WHOLE}, {__NR_futimesat, WHOLE}, {__NR_utimensat, WHOLE},
    {__NR_setxattr, WHOLE}, {__NR_lsetxattr, WHOLE}, {__NR_fsetxattr, WHOLE},
    {__NR_removexattr, WHOLE}, {__NR_lremovexattr, WHOLE},
    {__NR_fremovexattr, WHOLE}, {__NR_setpriority, WHOLE},
    {__NR_ioprio_set, WHOLE}, {__NR_prlimit64, 0},
    {__NR_sched_setaffinity, 0}, {__NR_sched_setscheduler, 0},
    {__NR_sched_setparam, 0}, {__NR_sched_setattr, 0},
};

/* Requests that change a file, or the file system, through a descriptor that
 * is open for reading: a read-only mount would refuse them. */
static const unsigned long changes[] = {FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR,
    FS_IOC_SETVERSION, FS_IOC_SETFSLABEL, FS_IOC32_SETFLAGS,
    FS_IOC32_SETVERSION, FIFREEZE, FITHAW, FITRIM, FS_IOC_ENABLE_VERITY,
    FS_IOC_SET_ENCRYPTION_POLICY, BTRFS_IOC_SNAP_CREATE,
    BTRFS_IOC_SUBVOL_CREATE, BTRFS_IOC_SNAP_DESTROY, BTRFS_IOC_SNAP_CREATE_V2,
    BTRFS_IOC_SUBVOL_CREATE_V2, BTRFS_IOC_SNAP_DESTROY_V2,
    BTRFS_IOC_SUBVOL_SETFLAGS, BTRFS_IOC_SET_RECEIVED_SUBVOL};

/* The argument that holds the flags of a message. */
static const struct {
	int nr;
	unsigned arg;
} messages[] = {{__NR_sendto, 3}, {__NR_sendmsg, 2}, {__NR_sendmmsg, 3}};
/* clang-format on */

bool
filter_lsm_supervises(int nr)
{
	size_t i;

	for (i = 0; i < COUNT(supervised); i++)
		if (supervised[i].nr == nr)
			return true;
	return false;
}

static int
filter_supervised(scmp_filter_ctx ctx)
{
	struct scmp_arg_cmp other = {0, SCMP_CMP_NE, 0, 0};
	/* The other end of a terminal that the caller made: by its path it
	 * could not be told from the terminals of the host. */
	struct scmp_arg_cmp peer = {1, SCMP_CMP_MASKED_EQ, LOW32, TIOCGPTPEER};
	size_t i;
	int r = 0;

	r = seccomp_rule_add_exact_array(
	    ctx, SCMP_ACT_NOTIFY, __NR_ioctl, 1, &peer);
	for (i = 0; r == 0 && i < COUNT(supervised); i++)
		r = seccomp_rule_add_exact_array(ctx, SCMP_ACT_NOTIFY,
		    supervised[i].nr, supervised[i].arg == WHOLE ? 0 : 1,
		    supervised[i].arg == WHOLE ? NULL : &other);
	return r;
}

/* Refuses one type of sockets of a family. */
static int
filter_type(scmp_filter_ctx ctx, int err, int call, int family, int type)
{
	struct scmp_arg_cmp cmp[2] = {
	    {0, SCMP_CMP_MASKED_EQ, LOW32, (scmp_datum_t)family},
	    {1, SCMP_CMP_MASKED_EQ, TYPE_MASK, (scmp_datum_t)type}};

	return seccomp_rule_add_exact_array(
	    ctx, SCMP_ACT_ERRNO((uint32_t)err), call, 2, cmp);
}

/*
 * Without a network namespace a datagram could name a socket of the host
 * behind a pointer, so there are none of UNIX's, and of the Internet's only
 * where the host's network is granted; streams go where the broker connects
 * them, or nowhere.
 */
static int
filter_types(scmp_filter_ctx ctx, enum filter_kind kind)
{
	/* Transports that Landlock does not know, such as MPTCP. */
	struct scmp_arg_cmp odd[2] = {{0, SCMP_CMP_MASKED_EQ, LOW32, AF_INET},
	    {2, SCMP_CMP_GT, IPPROTO_TCP, 0}};
	bool shut = kind == FILTER_FOR_COMMAND_LSM;
	int type, r = 0;

	for (type = 0; r == 0 && type <= TYPE_MASK; type++) {
		if (type == SOCK_STREAM)
			continue;
		if (type != SOCK_SEQPACKET)
			r = filter_type(
			    ctx, EPROTONOSUPPORT, __NR_socket, AF_UNIX, type);
		if (r == 0 && type != SOCK_SEQPACKET)
			r = filter_type(ctx, EPROTONOSUPPORT, __NR_socketpair,
			    AF_UNIX, type);
		if (r == 0 && shut)
			r = filter_type(
			    ctx, EACCES, __NR_socket, AF_INET, type);
		if (r == 0 && shut)
			r = filter_type(
			    ctx, EACCES, __NR_socket, AF_INET6, type);
	}
	if (r == 0 && shut)
		r = seccomp_rule_add_exact_array(
		    ctx, SCMP_ACT_ERRNO(EACCES), __NR_socket, 2, odd);
	odd[0].datum_b = AF_INET6;
	if (r == 0 && shut)
		r = seccomp_rule_add_exact_array(
		    ctx, SCMP_ACT_ERRNO(EACCES), __NR_socket, 2, odd);
	return r;
}

int
filter_lsm(scmp_filter_ctx ctx, enum filter_kind kind)
{
	struct scmp_arg_cmp unlike = {0, SCMP_CMP_NE, AF_UNIX, 0};
	size_t i;
	int r;

	r = seccomp_rule_add_exact_array(
	    ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), __NR_socketpair, 1, &unlike);
	if (r == 0)
		r = filter_types(ctx, kind);
	for (i = 0; r == 0 && i < COUNT(messages); i++)
		r = filter_when(ctx, EOPNOTSUPP, messages[i].nr,
		    messages[i].arg, FASTOPEN, FASTOPEN);
	for (i = 0; r == 0 && i < COUNT(changes); i++)
		r = filter_when(ctx, EPERM, __NR_ioctl, 1, LOW32, changes[i]);
	return r == 0 ? filter_supervised(ctx) : r;
}
