/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_CMD_POLICY_H
#define CORDON_CMD_POLICY_H

#include "cordon/cmd.h"

/* Sub-commands of cordon policy that have files of their own. */
extern const struct cmd policy_diff;

#endif /* CORDON_CMD_POLICY_H */
