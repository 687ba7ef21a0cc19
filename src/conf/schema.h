/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

#include "base/buf.h"

/* Appends the JSON Schema (2020-12) of config.toml, made from the table of
 * keys. */
int schema_write(struct buf *out);

#endif /* CONF_SCHEMA_H */
