/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process: the cell.
 *
 * It starts commands and makes no choice: what may run is decided by gate,
 * and what it may do can only be less than the ceiling that the world was
 * built to.  It holds the capabilities of its own user namespace, which each
 * command's process gives up before it executes.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "cell/cell.h"
#include "sandbox/confine.h"
#include "sandbox/filter.h"
#include "sandbox/group.h"
#include "sandbox/userns.h"

static struct cell cell = {
    .group = -1, .watch = {.fd = -1}, .world = WORLD_NONE};

/* The person's own command is given all of it, so that is seen once. */
static int
cell_ceiling(struct cell *c, struct bytes encoded)
{
	int r;

	spec_fini(&c->ceiling);
	spec_fini(&c->grant);
	buf_clear(&c->encoded);
	r = spec_decode(&c->ceiling, encoded);
	if (r != 0)
		return r;
	spec_copy(&c->grant, &c->ceiling);
	return buf_add(&c->encoded, encoded.p, encoded.len);
}

static int
cell_conf(void *arg, const struct msg_conf *m)
{
	struct cell *c = arg;

	if (bytes_is(m->key, "session.ceiling"))
		return cell_ceiling(c, m->value);
	if (bytes_is(m->key, "cell.tier")) {
		c->tier = bytes_is(m->value, tier_word(TIER_LSM)) ? TIER_LSM
								  : TIER_FULL;
		return 0;
	}
	if (bytes_is(m->key, "cell.tell")) {
		c->tell = bytes_is(m->value, "writes") ? CHILD_TELL_WRITES
						       : CHILD_TELL_ALL;
		return 0;
	}
	if (bytes_is(m->key, "cell.home"))
		return bytes_copy(c->home, sizeof(c->home), m->value);
	if (bytes_is(m->key, "cell.store"))
		return bytes_copy(c->store, sizeof(c->store), m->value);
	return 0;
}

static void
cell_stat(struct cell *c, const char *key, const char *value)
{
	struct msg_stat m = {bytes_of(key), bytes_of(value)};

	(void)chan_send(c->proc.main, 0, MSG_STAT, &m);
}

/* The walls of tier full. */
static int
cell_build(struct cell *c)
{
	struct world_conf conf = {.ceiling = &c->ceiling,
	    .home = c->home[0] == '\0' ? NULL : c->home,
	    .store = c->store[0] == '\0' ? NULL : c->store,
	    .uid = getuid(),
	    .found = guard_repo,
	    .arg = c};
	int r = world_enter(&c->world, &conf);

	if (r != 0) {
		log_error("cannot build the cell: %s", c->world.why);
		proc_stop(&c->proc, EX_UNAVAILABLE);
	}
	return r;
}

int
cell_confine(struct cell *c)
{
	if (c->confined)
		return 0;
	c->confined = true;
	return filter_load(filter_of(
	    c->tier == TIER_LSM ? FILTER_FOR_BROKER : FILTER_FOR_CELL));
}

/*
 * Whether the filter is loaded behind the start of the first command, which
 * has one of its own that refuses more: main alone speaks to us then, and
 * loading it takes as long as that command may.
 */
static bool
cell_waits(const struct cell *c)
{
	return c->tell == CHILD_TELL_ALL ||
	       (c->tier == TIER_FULL && c->proc.peers[ROLE_GATE] == NULL);
}

static int
cell_start(void *arg)
{
	static const char *const ids[] = {[WORLD_SAME_UID] = "own",
	    [WORLD_MAPPED] = "mapped",
	    [WORLD_ROOT] = "root"};
	struct cell *c = arg;
	bool lsm = c->tier == TIER_LSM;
	int r;

	/* The end of main is seen by its channel, and then there is something
	 * to undo; so it does not end us as it ends the others. */
	if (prctl(PR_SET_PDEATHSIG, 0) == -1)
		return ERR_IO;
	c->group = group_cell(getuid() == 0 && !lsm ? USERNS_BASE : getgid());
	c->world.id = getuid() == 0 ? WORLD_ROOT : WORLD_SAME_UID;
	if (lsm)
		world_drop(&c->world);
	r = lsm ? lsm_begin(c) : cell_build(c);
	if (r != 0)
		return r;
	if (c->group >= 0 && group_begin(c->group) != 0)
		fd_close(&c->group);
	confine_drop_bounding();
	r = guard_begin(c);
	if (r == 0 && lsm)
		r = confine_drop_caps();
	if (r != 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return ERR_IO;
	r = cell_waits(c) ? 0 : cell_confine(c);
	if (r == 0)
		cell_stat(c, "cell.uid", ids[c->world.id]);
	return r;
}

static void
cell_stop(void *arg)
{
	struct cell *c = arg;

	proc_stop(&c->proc, 0);
}

/* What still runs when the session ends is undone as anything else is. */
static void
cell_undo(struct cell *c)
{
	char *line, *save = NULL;
	struct buf text;

	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	buf_init(&text, CELL_LINES_CAP);
	guard_check(c, &text);
	for (line = strtok_r(buf_cstr(&text), "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		log_warn("%s", line);
	buf_fini(&text);
}

/* Main takes the end of the channel, which follows, for ours. */
static void
cell_end(void *arg)
{
	struct cell *c = arg;

	if (cell_stop_all(c))
		cell_undo(c);
	lsm_end(c);
}

/* Without gate nobody may ask any more. */
static const struct proc_peer cell_peers[] = {
    {ROLE_GATE, cell_handlers, true}, {ROLE_COUNT, NULL, false}};

static const struct proc_ops cell_ops = {.conf = cell_conf,
    .start = cell_start,
    .stop = cell_stop,
    .end = cell_end,
    .peers = cell_peers,
    .main = cell_handlers};

int
main(void)
{
	int code;

	proc_init(&cell.proc, ROLE_CELL, &cell_ops, &cell);
	world_begin(&cell.world); /* what takes longest goes first */
	buf_init(&cell.encoded, MSG_FRAME_MAX);
	buf_init(&cell.words, CELL_WORDS_CAP);
	code = proc_run(&cell.proc);
	lsm_end(&cell);
	world_leave(&cell.world);
	guard_fini(&cell);
	fd_close(&cell.group);
	spec_fini(&cell.ceiling);
	spec_fini(&cell.grant);
	buf_fini(&cell.encoded);
	buf_fini(&cell.words);
	return code;
}
