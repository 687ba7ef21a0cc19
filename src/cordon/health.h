/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_HEALTH_H
#define CORDON_HEALTH_H

#include <stdbool.h>

#define HEALTH_CHECKS 7

/* One thing that a session needs beside the sandbox. */
struct health {
	const char *name;
	bool good;
	char text[512]; /* what was found, or what to do; never a secret */
};

/*
 * Looks at the configuration, the policy, the provider, the terminal, the
 * state folder's disk, the clock and the editor.  Nothing is connected to,
 * created or changed.
 */
void health_look(struct health out[HEALTH_CHECKS]);

#endif /* CORDON_HEALTH_H */
