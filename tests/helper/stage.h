/* SPDX-License-Identifier: Apache-2.0 */

#ifndef HELPER_STAGE_H
#define HELPER_STAGE_H

#include <stdio.h>

#include "base/loop.h"
#include "base/str.h"
#include "proto/chan.h"

/* What stage.c, which plays the script, and stage_log.c, which answers the
 * front and logs what it sends, both know. */
struct stage {
	struct loop *loop;
	struct chan *main, *model, *gate;
	FILE *log;
	char *script, *next;
	char waiting[32]; /* what the script waits for */
	struct bytes cwd, write, host, rule, file, why, words, scope, patch,
	    outside, denial, changed, grant, known, links, top;
	size_t flood_left, flood_chunk;
	int code;
};
extern struct stage st;

/* Goes on with the script until it waits; stage.c. */
void run_script(void *arg);

/* A line of the log; the script goes on if it waited for that word. */
void note(const char *word, struct bytes text);

extern const struct chan_handler stage_main[], stage_model[], stage_gate[];

#endif /* HELPER_STAGE_H */
