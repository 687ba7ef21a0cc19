/* SPDX-License-Identifier: Apache-2.0 */

#ifndef REPORT_OCSF_H
#define REPORT_OCSF_H

#include "base/buf.h"
#include "report/entry.h"

/* One event of the Open Cybersecurity Schema Framework, on a line. */
void ocsf_add(struct buf *out, const struct entry *e);

#endif /* REPORT_OCSF_H */
