/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_PROVIDER_H
#define CORDON_PROVIDER_H

#include "conf/layer.h"
#include "conf/paths.h"
#include "cordon/session_args.h"

/*
 * Which provider a run asks, where nobody said it: a key in the environment,
 * a login, a local server that listens, in this order.  Before conf_finish;
 * what the person configured beats it.  A diagnosis says when --oss finds no
 * server.
 */
void provider_choose(
    struct conf *c, const struct paths *paths, const struct session_args *args);

/*
 * After conf_finish: whether the provider can be asked at all, as far as can
 * be told without asking; otherwise the lines that say what a person can do.
 * Nothing is printed.
 */
const char *provider_missing(const struct conf *c, const struct paths *paths);

/* A key of the provider in force ("auth.args"); NULL if unset. */
const struct conf_value *provider_value(const struct conf *c, const char *leaf);
/* The text of a key of the provider in force ("base_url"); NULL if unset. */
const char *provider_text(const struct conf *c, const char *leaf);

#endif /* CORDON_PROVIDER_H */
