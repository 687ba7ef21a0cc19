/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_CMD_CONFIG_H
#define CORDON_CMD_CONFIG_H

/* Between the files of `cordon config` only. */

#include <stdbool.h>

#include "cordon/cmd.h"

extern const struct cmd config_set;
extern const struct cmd config_unset;
extern const struct cmd config_edit;

/* Says what is wrong with the name of a key; true if nothing is. */
bool config_known(const char *command, const char *name);

#endif /* CORDON_CMD_CONFIG_H */
