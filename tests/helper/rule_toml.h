/* SPDX-License-Identifier: Apache-2.0 */

#ifndef RULE_TOML_H
#define RULE_TOML_H

struct buf;
struct rule;

/* The rule as TOML, which reads back as the same rule. */
int rule_toml(const struct rule *r, struct buf *out);

#endif /* RULE_TOML_H */
