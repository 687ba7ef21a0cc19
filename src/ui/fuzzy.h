/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_FUZZY_H
#define UI_FUZZY_H

#include <stddef.h>

#include "base/str.h"

/*
 * How well what was typed names something: its characters stand in it in this
 * order, case aside.  More for runs, beginnings of words, the last component of
 * a path and short names; below 0: it does not.
 */
int fuzzy_score(struct bytes typed, struct bytes name);

/* The best of a list: at most max, the best first.  An empty typed takes the
 * first ones.  v gets their indices. */
size_t fuzzy_best(struct bytes typed, const struct bytes *names, size_t n,
    size_t *v, size_t max);

#endif /* UI_FUZZY_H */
