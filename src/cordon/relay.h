/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_RELAY_H
#define CORDON_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "base/loop.h"
#include "proto/chan.h"

/*
 * The standard descriptors of a command in a cell.  Files, pipes and sockets
 * are handed over as they are; a terminal or another device never is: its
 * bytes are carried through a pipe or, where both input and output are a
 * terminal, through a terminal of the cell's own, which is its standard error
 * too unless that leads elsewhere.
 */
struct relay_copy {
	struct relay *relay; /* borrowed */
	int from, to; /* from owned, to borrowed or owned as below; -1: done */
	bool own_to;
	char buf[16384];
	size_t len, off; /* read, and of that written */
};

struct relay {
	struct loop *loop; /* borrowed */
	struct chan *cell; /* borrowed */
	uint32_t call;
	bool tty; /* the command gets a terminal */
	bool raw; /* ours is in raw mode */
	struct termios saved;
	int child[3]; /* owned: for SPAWN; -1: the terminal */
	struct relay_copy copies[3];
	bool ready;
	int lost; /* errno: output could not be written where it leads; or 0 */
};

/* ERR_FD: a descriptor is a folder. */
int relay_start(
    struct relay *r, struct loop *loop, struct chan *cell, uint32_t call);
void relay_handed(struct relay *r); /* SPAWN was sent: our copies close */
/* Our ends of the command's terminal (owned from here on; -1 without). */
void relay_terminal(struct relay *r, int in, int out);
/* The command is gone: carries over what is left and restores the
 * terminal. */
void relay_finish(struct relay *r);
void relay_fini(struct relay *r);

#endif /* CORDON_RELAY_H */
