/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_ERRAND_H
#define CORDON_ERRAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "sandbox/spec.h"

struct session;

/*
 * A program of the person's own that a session needs: it prints the token, or
 * it answers a question.  A fork of main runs it in a cell of its own (see
 * oneshot.h), so that a slow one keeps nobody waiting but the one who needs
 * it; what it has to say passes through one buffer here, which is wiped.
 */
#define ERRAND_MAX 65536 /* bytes of an answer */

/* ok: answer is what the fork had to give; else one line about why not. */
typedef void errand_done_fn(void *arg, bool ok, struct bytes answer);

struct errand {
	struct session *session; /* borrowed, as is arg */
	errand_done_fn *done;
	void *arg;
	int pipe; /* owned: from the fork; -1: none runs */
	uint8_t answer[ERRAND_MAX];
	size_t len;
};

/* In the fork: does the work and ends in errand_answer or errand_refuse.
 * input is a duplicate of what errand_start was given, or -1. */
typedef void errand_run_fn(const void *what, int input);

void errand_init(
    struct errand *e, struct session *s, errand_done_fn *done, void *arg);
void errand_fini(struct errand *e);
bool errand_runs(const struct errand *e);
/* what is borrowed until the function returns; input until done is called. */
int
errand_start(struct errand *e, errand_run_fn *run, const void *what, int input);

_Noreturn void errand_answer(const void *p, size_t len);
_Noreturn void
errand_refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The rights of such a program: everything as the person has it, but not the
 * workspace, for ms and with at most max bytes of output.  s is new.
 */
int
errand_spec(struct spec *s, const char *workspace, uint64_t ms, uint64_t max);

#endif /* CORDON_ERRAND_H */
