/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_EDIT_H
#define CONF_EDIT_H

#include "base/buf.h"
#include "base/str.h"
#include "conf/keys.h"

/*
 * Changes one key in the text of a TOML file and leaves every other byte,
 * comments and order included, as it is.  The text is only scanned, not
 * checked: the caller has it parsed before and the result after.
 *
 * literal is the value as TOML, NULL to take the key out.  Appends the new
 * text to out.  ERR_NOENT if there is nothing to take out, ERR_CONFLICT if
 * the key lies inside an inline table or an array of tables, ERR_FORMAT if
 * the text is no TOML.
 */
int edit_key(struct buf *out, struct bytes text, const struct key_path *path,
    const char *literal);

#endif /* CONF_EDIT_H */
