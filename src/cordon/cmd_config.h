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

/* Says what is wrong with the name of a key; true if nothing is. */
bool config_known(const char *command, const char *name);

/* The row of a key, perhaps below a profile; NULL if there is none. */
const struct key *config_row(const char *name);
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
