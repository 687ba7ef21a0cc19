/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_RECORDED_H
#define CORDON_RECORDED_H

#include <stdint.h>

#include "base/str.h"
#include "proto/msg.h"

struct msg_exit;
struct opt_list;
struct session;
struct spec;

/* From here on the calls of main's own are numbered. */
#define RECORDED_IDS 0xf0000000u

/*
 * A command of the person's own in an audit log: what a gate would write of
 * it, written by main.  Both are acknowledged (MSG_ACK) when they are on the
 * disk; the first one before the command may start.
 */
struct recorded {
	const char *tool;            /* borrowed */
	const struct opt_list *argv; /* borrowed */
	const char *cwd;             /* borrowed */
	struct msg_list env;         /* borrowed: NAME=VALUE */
	const struct spec *grant;    /* borrowed */
};

int
recorded_intent(struct session *s, uint32_t call, const struct recorded *what);
int recorded_result(struct session *s, uint32_t call, const char *tool,
    const struct msg_exit *m);

#endif /* CORDON_RECORDED_H */
