/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: the namespaces and mounts of a cell.
 *
 * What is to be writable is copied, as a detached mount, before anything else
 * changes; then a read-only copy of the host becomes the root and the pieces
 * are put in place.  So nothing is ever writable for a moment that is not to
 * be, and nothing is looked up by a name that somebody could have changed in
 * between.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"
#include "sandbox/mnt.h"
#include "sandbox/names.h"
#include "sandbox/userns.h"
#include "sandbox/world.h"
#include "sandbox/world_int.h"

#define WORLD_TMP_DEFAULT (1ULL << 30) /* bytes of /tmp without a limit */
#define WORLD_FIXED       (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

/* A folder of which the host's content is replaced by an empty one. */
struct fresh {
	const char *path;
	const char *mode;
	bool readonly;
};

static const struct fresh fresh_dirs[] = {{"/run", "0755", true},
    {"/tmp", "1777", false}, {"/var/tmp", "1777", false},
    {"/sys", "0755", true}};

static const char *const device_nodes[] = {
    "null", "zero", "full", "random", "urandom", "tty"};

/* What of /sys programs ask: how many processors there are. */
static const char *const sys_dirs[] = {
    "/sys/devices/system/cpu", "/sys/devices/system/node"};

void
world_source(struct build *b, int fd, const char *path)
{
	b->sources =
	    xreallocarray(b->sources, b->nsources + 1, sizeof(b->sources[0]));
	b->sources[b->nsources++] = (struct source){fd, xstrdup(path)};
}

bool
world_is_fresh(const char *path)
{
	size_t i;

	for (i = 0; i < sizeof(fresh_dirs) / sizeof(fresh_dirs[0]); i++)
		if (strcmp(path, fresh_dirs[i].path) == 0)
			return true;
	return spec_beneath(path, "/dev") || spec_beneath(path, "/proc") ||
	       spec_beneath(path, "/sys");
}

/* A detached copy of the mount at path, shown through the id map. */
static int
world_copy(struct build *b, const char *path, bool whole)
{
	int at, fd;

	at = mnt_open(AT_FDCWD, path, false);
	if (at < 0)
		return at;
	fd = mnt_clone(at, "", whole && b->userns == -1);
	(void)close(at);
	if (fd < 0 || b->userns == -1)
		return fd;
	if (mnt_idmap(fd, b->userns) == 0)
		return fd;
	(void)close(fd);
	return ERR_UNSUPP;
}

/* Whether a row that only reads would vanish under a fresh folder. */
static bool
world_is_covered(const struct spec_path *p)
{
	return (p->access & SPEC_READ) != 0 &&
	       (spec_beneath(p->path, "/tmp") ||
		   spec_beneath(p->path, "/var/tmp") ||
		   spec_beneath(p->path, "/run"));
}

/* Copies of all that commands may write, or read beneath what is fresh, and
 * of what they write home to. */
static int
world_writable_sources(struct build *b)
{
	const struct spec *s = b->conf->ceiling;
	size_t i;
	int fd;

	for (i = 0; i < s->npaths; i++) {
		const struct spec_path *p = &s->paths[i];

		bool writable = (p->access & SPEC_WRITE) != 0;

		if ((!writable && !world_is_covered(p)) ||
		    world_is_fresh(p->path))
			continue;
		fd = world_copy(b, p->path, true);
		if (fd >= 0 && !writable &&
		    mnt_flags(fd, MOUNT_ATTR_RDONLY | WORLD_FIXED, 0, true) !=
			0) {
			(void)close(fd);
			fd = ERR_IO;
		}
		if (fd < 0) {
			(void)snprintf(
			    b->w->why, sizeof(b->w->why), "%s", p->path);
			return fd;
		}
		world_source(b, fd, p->path);
	}
	if (b->conf->store != NULL) {
		b->store = world_copy(b, b->conf->store, false);
		if (b->store < 0)
			return b->store;
	}
	return 0;
}

/* mountinfo's fifth field, octal escapes undone (proc(5)). */
static bool
world_mount_point(char *line, char *path, size_t size)
{
	char *p = line, *end;
	size_t n = 0;
	int i;

	for (i = 0; i < 4; i++) {
		p = strchr(p, ' ');
		if (p == NULL)
			return false;
		p++;
	}
	end = strchr(p, ' ');
	if (end == NULL)
		return false;
	for (; p < end && n < size - 1; p++) {
		if (p[0] == '\\' && end - p > 3) {
			path[n++] = (char)((p[1] - '0') << 6 |
					   (p[2] - '0') << 3 | (p[3] - '0'));
			p += 3;
		} else
			path[n++] = *p;
	}
	path[n] = '\0';
	return n > 0;
}

/* Root's view: each mount of the host by itself, for only so can it be
 * mapped.  One that cannot be shows its files as nobody's. */
static int
world_mapped_mounts(struct build *b)
{
	char path[PATH_MAX], *line, *save = NULL;
	struct buf text;
	int fd;

	buf_init(&text, 4u << 20);
	if (fd_read_file(AT_FDCWD, "/proc/self/mountinfo", &text) != 0) {
		buf_fini(&text);
		return ERR_IO;
	}
	for (line = strtok_r(buf_cstr(&text), "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!world_mount_point(line, path, sizeof(path)) ||
		    strcmp(path, "/") == 0 || world_is_fresh(path) ||
		    spec_beneath(path, "/run") || spec_beneath(path, "/tmp") ||
		    spec_beneath(path, "/var/tmp"))
			continue;
		fd = world_copy(b, path, false);
		if (fd == ERR_UNSUPP)
			fd = mnt_clone(AT_FDCWD, path, false);
		if (fd < 0)
			continue; /* covered by another: not visible either */
		if (mnt_flags(fd, MOUNT_ATTR_RDONLY | WORLD_FIXED, 0, false) !=
		    0) {
			buf_fini(&text);
			return ERR_IO;
		}
		world_source(b, fd, path);
	}
	buf_fini(&text);
	return 0;
}

static void
world_drop_sources(struct build *b)
{
	size_t i;

	for (i = 0; i < b->nsources; i++) {
		fd_close(&b->sources[i].fd);
		free(b->sources[i].path);
	}
	free(b->sources);
	b->sources = NULL;
	b->nsources = 0;
	fd_close(&b->root);
	fd_close(&b->store);
}

/*
 * Root only: tries to show the host through a map onto unprivileged ids, so
 * that no command is uid 0 for the kernel.  Where a file system cannot be
 * mapped, root without any capability has to do.
 */
static int
step_mapped(struct build *b)
{
	if (b->conf->uid != 0 || b->w->holder.pid == 0)
		return 0;
	b->userns = holder_userns(&b->w->holder);
	if (b->userns < 0) {
		b->userns = -1;
		return 0;
	}
	b->root = world_copy(b, "/", false);
	if (b->root >= 0 && world_mapped_mounts(b) == 0 &&
	    world_writable_sources(b) == 0) {
		b->w->id = WORLD_MAPPED;
		return 0;
	}
	world_drop_sources(b);
	fd_close(&b->userns);
	b->w->why[0] = '\0';
	return 0;
}

/* What is mapped for root is of use to nothing else. */
static int
step_user(struct build *b)
{
	int kinds = CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWUTS, r = 0;
	struct holder *h = &b->w->holder;

	if (b->conf->ceiling->net != SPEC_NET_HOST)
		kinds |= CLONE_NEWNET;
	if (b->conf->uid == 0 && b->w->id != WORLD_MAPPED)
		holder_end(h);
	if (h->pid == 0)
		r = holder_start(h, HOLDER_OWN);
	if (r == 0)
		r = holder_join(h, kinds);
	if (r == 0 && b->w->id == WORLD_MAPPED)
		r = userns_root();
	return r;
}

static int
step_mounts(struct build *b)
{
	(void)b;
	if (unshare(CLONE_NEWNS) == -1)
		return ERR_IO;
	(void)unshare(CLONE_NEWCGROUP); /* where they exist */
	(void)unshare(CLONE_NEWTIME);
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ? ERR_IO
								       : 0;
}

static int
step_sources(struct build *b)
{
	char path[PATH_MAX];
	size_t i;
	int r = 0;

	if (b->w->id != WORLD_MAPPED) {
		b->root = mnt_clone(AT_FDCWD, "/", true);
		if (b->root < 0)
			return b->root;
		r = world_writable_sources(b);
	}
	b->proc = mnt_clone(AT_FDCWD, "/proc", true);
	if (b->proc < 0)
		return b->proc;
	for (i = 0; r == 0 && i < DEVICES; i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s", device_nodes[i]);
		b->devices[i] = mnt_clone(AT_FDCWD, path, false);
		if (b->devices[i] < 0)
			r = ERR_IO;
	}
	for (i = 0; r == 0 && i < SYSDIRS; i++)
		b->sysdirs[i] = mnt_clone(AT_FDCWD, sys_dirs[i], false);
	return r;
}

/* From here on "/" is the new root; nothing of the old one is reachable. */
static int
step_root(struct build *b)
{
	if (mnt_flags(b->root, MOUNT_ATTR_RDONLY | WORLD_FIXED, 0, true) != 0)
		return ERR_IO;
	/* Any folder that every Linux has will do to hang it up. */
	if (mnt_place(b->root, AT_FDCWD, "/proc") != 0 || fchdir(b->root) == -1)
		return ERR_IO;
	if (syscall(SYS_pivot_root, ".", ".") == -1 ||
	    umount2(".", MNT_DETACH) == -1 || chdir("/") == -1)
		return ERR_IO;
	return 0;
}

/* What a mount is put on is made first, where the place is ours to write. */
int
world_place(int mnt, const char *path)
{
	char parent[PATH_MAX];
	struct stat st;
	int fd;

	if (fstatat(mnt, "", &st, AT_EMPTY_PATH) == -1 ||
	    strlcpy(parent, path, sizeof(parent)) >= sizeof(parent))
		return ERR_IO;
	if (S_ISDIR(st.st_mode))
		(void)mnt_mkdirs(AT_FDCWD, path);
	else {
		*strrchr(parent, '/') = '\0';
		(void)mnt_mkdirs(AT_FDCWD, parent);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL, 0600);
		fd_close(&fd);
	}
	return mnt_place(mnt, AT_FDCWD, path);
}

static int
world_fresh(const char *path, const char *mode, uint64_t size)
{
	struct stat st;
	int fd, r;

	if (lstat(path, &st) == -1 || !S_ISDIR(st.st_mode))
		return 0; /* a link to one of the others, or not there */
	fd = mnt_tmpfs(size, mode);
	if (fd < 0)
		return fd;
	r = mnt_place(fd, AT_FDCWD, path);
	(void)close(fd);
	return r;
}

static int
step_fresh(struct build *b)
{
	uint64_t size = b->conf->ceiling->limits.tmp;
	size_t i;
	int r = mnt_place(b->proc, AT_FDCWD, "/proc");

	if (size == 0)
		size = WORLD_TMP_DEFAULT;
	for (i = 0; r == 0 && i < sizeof(fresh_dirs) / sizeof(fresh_dirs[0]);
	     i++)
		r = world_fresh(fresh_dirs[i].path, fresh_dirs[i].mode, size);
	for (i = 0; r == 0 && i < SYSDIRS; i++) {
		if (b->sysdirs[i] < 0)
			continue;
		r = mnt_flags(
		    b->sysdirs[i], MOUNT_ATTR_RDONLY | WORLD_FIXED, 0, false);
		if (r == 0)
			r = world_place(b->sysdirs[i], sys_dirs[i]);
	}
	return r;
}

static int
world_devpts(void)
{
	static const char *const opts[] = {
	    "newinstance", "", "ptmxmode", "0666", "mode", "0620", NULL};
	int fd, r;

	if (mkdir("/dev/pts", 0755) == -1)
		return ERR_IO;
	fd = mnt_fs("devpts", opts);
	if (fd < 0)
		return fd;
	/* Its nodes are devices, of which a terminal is made. */
	r = mnt_flags(
	    fd, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NODEV, false);
	if (r == 0)
		r = mnt_place(fd, AT_FDCWD, "/dev/pts");
	(void)close(fd);
	if (r == 0 && symlink("pts/ptmx", "/dev/ptmx") == -1)
		r = ERR_IO;
	return r;
}

static int
step_devices(struct build *b)
{
	static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"},
	    {"fd/0", "/dev/stdin"}, {"fd/1", "/dev/stdout"},
	    {"fd/2", "/dev/stderr"}};
	char path[PATH_MAX];
	size_t i;
	int r = world_fresh("/dev", "0755", 1u << 20);

	for (i = 0; r == 0 && i < DEVICES; i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s", device_nodes[i]);
		r = mnt_flags(b->devices[i],
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, false);
		if (r == 0)
			r = world_place(b->devices[i], path);
	}
	for (i = 0; r == 0 && i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][0], links[i][1]) == -1)
			r = ERR_IO;
	if (r == 0)
		r = world_devpts();
	if (r == 0 && mkdir("/dev/shm", 01777) == -1)
		r = ERR_IO;
	if (r == 0)
		r = world_fresh("/dev/shm", "1777", WORLD_TMP_DEFAULT);
	return r;
}

/* The host's other mounts (root's view only), then what is writable. */
static int
step_pieces(struct build *b)
{
	const struct spec *s = b->conf->ceiling;
	size_t i, j;
	int r = 0;

	for (i = 0; r == 0 && i < b->nsources; i++) {
		bool writable = false;

		for (j = 0; j < s->npaths; j++)
			if ((s->paths[j].access & SPEC_WRITE) != 0 &&
			    strcmp(s->paths[j].path, b->sources[i].path) == 0)
				writable = true;
		if (writable)
			r = mnt_flags(b->sources[i].fd, WORLD_FIXED, 0, true);
		if (r == 0 &&
		    world_place(b->sources[i].fd, b->sources[i].path) != 0 &&
		    writable) {
			(void)snprintf(b->w->why, sizeof(b->w->why), "%s",
			    b->sources[i].path);
			r = ERR_IO;
		}
	}
	return r;
}

static int
step_name(struct build *b)
{
	if (b->conf->ceiling->net == SPEC_NET_HOST)
		return 0;
	return sethostname("cordon", 6) == -1 ? ERR_IO : 0;
}

/* What is made read-only after the fact: the empty folders of ours. */
static int
step_seal(struct build *b)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	size_t i;

	(void)b;
	for (i = 0; i < sizeof(fresh_dirs) / sizeof(fresh_dirs[0]); i++)
		if (fresh_dirs[i].readonly &&
		    mount_setattr(AT_FDCWD, fresh_dirs[i].path, 0, &attr,
			sizeof(attr)) == -1 &&
		    errno != ENOENT && errno != EINVAL)
			return ERR_IO;
	return 0;
}

struct step {
	const char *name;
	int (*run)(struct build *b);
	bool open; /* taken in an open world too */
};

bool
world_open(const struct world_conf *conf)
{
	return (spec_access(conf->ceiling, "/") & SPEC_WRITE) != 0;
}

static const struct step steps[] = {{"id map", step_mapped, false},
    {"local sockets", world_find_sockets, false},
    {"namespaces", step_user, true}, {"mount namespace", step_mounts, true},
    {"copies of mounts", step_sources, false}, {"root", step_root, false},
    {"private folders", step_fresh, false}, {"devices", step_devices, false},
    {"home", world_home, false}, {"writable folders", step_pieces, false},
    {"protected names", world_protect, false}, {"secrets", world_hide, true},
    {"read-only folders", step_seal, false}, {"host name", step_name, false}};

void
world_begin(struct world *w)
{
	(void)holder_start(
	    &w->holder, getuid() == 0 ? HOLDER_MAPPED : HOLDER_OWN);
}

void
world_drop(struct world *w)
{
	holder_end(&w->holder);
}

int
world_enter(struct world *w, const struct world_conf *conf)
{
	struct build b = {.w = w,
	    .conf = conf,
	    .userns = -1,
	    .root = -1,
	    .proc = -1,
	    .store = -1};
	char detail[128];
	size_t i;
	int r = 0;

	w->why[0] = '\0';
	w->walked = false;
	w->work = -1;
	w->id = conf->uid == 0 ? WORLD_ROOT : WORLD_SAME_UID;
	for (i = 0; i < DEVICES; i++)
		b.devices[i] = -1;
	for (i = 0; i < SYSDIRS; i++)
		b.sysdirs[i] = -1;
	for (i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (world_open(conf) && !steps[i].open)
			continue;
		errno = 0;
		r = steps[i].run(&b);
	}
	if (r != 0) {
		(void)snprintf(detail, sizeof(detail), "%.60s%s%.60s", w->why,
		    w->why[0] == '\0' ? "" : ": ",
		    errno == 0 ? err_str(r) : strerror(errno));
		(void)snprintf(w->why, sizeof(w->why), "%s: %s",
		    steps[i - 1].name, detail);
	}
	holder_end(&w->holder);
	world_drop_sources(&b);
	fd_close(&b.proc);
	fd_close(&b.userns);
	for (i = 0; i < DEVICES; i++)
		fd_close(&b.devices[i]);
	for (i = 0; i < SYSDIRS; i++)
		fd_close(&b.sysdirs[i]);
	for (i = 0; i < b.nsockets; i++)
		free(b.sockets[i]);
	free(b.sockets);
	free(b.gone);
	return r;
}
