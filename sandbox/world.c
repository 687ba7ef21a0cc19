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
#include "sandbox/mnt.h"
#include "sandbox/userns.h"
#include "sandbox/world.h"
#include "sandbox/world_int.h"

/* What is mapped for root is of use to nothing else. */
static int
step_user(struct build *b)
{
	int kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
	int r = 0;
	struct holder *h = &b->w->holder;

	if (b->conf->ceiling->net != SPEC_NET_HOST)
		kinds |= CLONE_NEWNET;
	if (b->conf->uid == 0 && b->w->id != WORLD_MAPPED)
		holder_end(h);
	if (h->pid == 0)
		r = holder_start(h, HOLDER_OWN, world_overlay);
	if (r == 0)
		r = holder_join(h, kinds);
	if (r == 0 && b->w->id == WORLD_MAPPED)
		r = userns_root();
	(void)unshare(CLONE_NEWCGROUP); /* where they exist */
	(void)unshare(CLONE_NEWTIME);
	return r;
}

/* From here on "/" is the new root; the host's is the working directory. */
static int
step_root(struct build *b)
{
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), r = ERR_IO;

	/* Any folder that every Linux has will do to hang it up. */
	if (host != -1 &&
	    mnt_flags(b->root, MOUNT_ATTR_RDONLY | WORLD_FIXED, 0, true) == 0 &&
	    mnt_place(b->root, AT_FDCWD, "/proc") == 0 &&
	    fchdir(b->root) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
	    fchdir(host) == 0)
		r = world_proc();
	fd_close(&host);
	return r;
}

/* From here on nothing of it is reachable; the kernel waits until no processor
 * is at it any more. */
static int
step_leave(struct build *b)
{
	if (!b->overlay)
		fd_close(&b->w->holder.sock); /* it ends meanwhile */
	return umount2(".", MNT_DETACH) == -1 || chdir("/") == -1 ? ERR_IO : 0;
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

static const struct step steps[] = {{"id map", world_map, false},
    {"local sockets", world_find_sockets, false},
    {"namespaces", step_user, true}, {"copies of mounts", world_sources, false},
    {"root", step_root, false}, {"home", world_home, false},
    {"private folders", world_folders, false},
    {"devices", world_devices, false}, {"the host's root", step_leave, false},
    {"overlay of the home", world_home_done, false},
    {"writable folders", step_pieces, false},
    {"protected names", world_protect, false}, {"secrets", world_hide, true},
    {"read-only folders", world_seal, false}, {"host name", step_name, false}};

void
world_begin(struct world *w)
{
	(void)holder_start(&w->holder,
	    getuid() == 0 ? HOLDER_MAPPED : HOLDER_OWN, world_overlay);
}

void
world_drop(struct world *w)
{
	holder_end(&w->holder);
}

int
world_enter(struct world *w, const struct world_conf *conf)
{
	struct build b = {
	    .w = w, .conf = conf, .userns = -1, .root = -1, .store = -1};
	char detail[128];
	size_t i;
	int r = 0;

	w->why[0] = '\0';
	w->walked = false;
	w->work = -1;
	w->id = conf->uid == 0 ? WORLD_ROOT : WORLD_SAME_UID;
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
	fd_close(&b.userns);
	for (i = 0; i < b.nsockets; i++)
		free(b.sockets[i]);
	free(b.sockets);
	free(b.gone);
	return r;
}
