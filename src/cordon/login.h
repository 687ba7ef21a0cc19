/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_LOGIN_H
#define CORDON_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "conf/paths.h"

/*
 * The key of cordon login: one line in one file of the configuration folder,
 * readable by the person alone.  Who reads it wipes the buf.
 */
#define LOGIN_FILE    "api-key"
#define LOGIN_KEY_MAX 65000 /* bytes */

/* Trims it in place; ERR_FORMAT if it could not stand in a header,
 * ERR_LENGTH if there is none. */
int login_trim(struct buf *key);
/* ERR_NOENT if nobody has logged in; else ERR_* with the reason. */
int login_read(const struct paths *p, struct buf *key, char *why, size_t size);
int login_write(
    const struct paths *p, const struct buf *key, char *why, size_t size);
int login_forget(const struct paths *p); /* ERR_NOENT, ERR_IO */

#endif /* CORDON_LOGIN_H */
