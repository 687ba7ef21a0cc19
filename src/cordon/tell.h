/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_TELL_H
#define CORDON_TELL_H

#include <stddef.h>

#include "conf/layer.h"
#include "cordon/launch.h"
#include "cordon/session.h"

/*
 * Tells the model process the provider in force, resolved ("provider.*", as
 * src/model/settings.c reads it), and net the one host that it may connect
 * to.  Values of variables that headers come from are read here; tokens are
 * not (token.h).  ERR_* with a line in why.
 */
int tell_provider(const struct conf *c, const struct paths *paths,
    struct session *s, char *why, size_t size);

/*
 * Tells the model process what it must know besides: the model, its prices
 * and the person's instructions, budgets, the workspace.  As above.
 */
int
tell_model(const struct conf *c, const struct paths *paths, struct session *s,
    const struct launch *l, const char *cwd, char *why, size_t size);

#endif /* CORDON_TELL_H */
