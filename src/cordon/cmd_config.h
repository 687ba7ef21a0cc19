/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_CMD_CONFIG_H
#define CORDON_CMD_CONFIG_H

/* Between the files of `cordon config` only. */

#include <stdbool.h>

#include "conf/keys.h"
#include "cordon/cmd.h"

extern const struct cmd config_set;
extern const struct cmd config_unset;
extern const struct cmd config_edit;
extern const struct cmd config_import;

/* The row of a key, which may be a profile's; NULL after a line that says
 * what is wrong with the name. */
const struct key *
config_key(const char *command, const char *name, bool of_profile);
/* One key that is to be set, its value as TOML. */
struct config_set {
	char *name, *literal; /* owned */
};

/*
 * Sets those keys that the person's file does not have, all or, after a line
 * that says what would be wrong, none.  A sysexits code.
 */
int config_add(const struct config_set *sets, size_t n);

#endif /* CORDON_CMD_CONFIG_H */
