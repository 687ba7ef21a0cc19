/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_MESSAGES_H
#define MODEL_MESSAGES_H

#include "model/provider.h"

/* What stands around the conversation in a request of the Messages API; as
 * struct provider has them. */
int messages_head(struct buf *out, const struct settings *s,
    const char *session, struct bytes schema);
int messages_tail(struct buf *out, const struct settings *s, struct bytes tools,
    struct bytes schema);

#endif /* MODEL_MESSAGES_H */
