/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_MESSAGES_H
#define MODEL_MESSAGES_H

#include "model/provider.h"

/* What stands around the conversation in a request of the Messages API; as
 * struct provider has them. */
int messages_head(struct buf *out, const struct request *r);
int messages_tail(struct buf *out, const struct request *r);

#endif /* MODEL_MESSAGES_H */
