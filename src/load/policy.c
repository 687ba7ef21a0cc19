/* SPDX-License-Identifier: Apache-2.0 */

/* Part of cordon-load: policy files and built-in profiles as RULE frames. */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "conf/toml.h"
#include "load/load.h"
#include "policy/profiles.h"
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

int
policy_profile(struct load *l, struct bytes name)
{
	struct load_source src = {.name = "", .layer = POLICY_BUILTIN};
	const struct profile *p;
	char all[256] = "";

	/* What holds in every profile comes first, but where there is no cell
	 * it would say what is not so. */
	src.text = bytes_of(profile_text("base"));
	if (!bytes_is(name, "danger") && read_policy(l, &src) != 0)
		return ERR_FORMAT;
	for (p = profiles; p->name != NULL; p++) {
		if (strcmp(p->name, "base") == 0)
			continue;
		if (bytes_is(name, p->name)) {
			src.text = bytes_of(p->text);
			return read_policy(l, &src);
		}
		(void)strlcat(all, all[0] == '\0' ? "" : ", ", sizeof(all));
		(void)strlcat(all, p->name, sizeof(all));
	}
	return load_fail(l, "there is no policy profile %.*s; there are %s",
	    (int)name.len, (const char *)name.p, all);
}

int
policy_network(struct load *l)
{
	const struct defaults d = {.net = THREE_YES};
	struct buf body;
	int r;

	buf_init(&body, READ_BODY_MAX);
	r = defaults_encode(&d, POLICY_BUILTIN, &body);
	if (r == 0)
		r = emit(l, &body);
	buf_fini(&body);
	return r;
}

const struct load_kind load_policy = {"policy", TOML_SIZE_MAX, read_policy};
