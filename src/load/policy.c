/* SPDX-License-Identifier: Apache-2.0 */

/* Part of cordon-load: policy files as RULE frames. */

#include "config.h"

#include "base/err.h"
#include "conf/toml.h"
#include "load/load.h"
#include "policy/read.h"

static int
emit(void *arg, const struct buf *body)
{
	struct msg_rule m = {{buf_data(body), body->len}};

	return load_send(arg, MSG_RULE, &m);
}

static int
read_policy(struct load *l, const struct load_source *src)
{
	char error[READ_ERROR_MAX];

	if (src->layer > POLICY_PROJECT)
		return ERR_RANGE;
	if (policy_read(src->text, src->name, (enum policy_layer)src->layer,
		emit, l, error) == 0)
		return 0;
	return load_fail(l, "%s:%s", src->name, error);
}

const struct load_kind load_policy = {"policy", TOML_SIZE_MAX, read_policy};
