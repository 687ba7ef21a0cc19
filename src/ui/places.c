/* SPDX-License-Identifier: Apache-2.0 */

/* Front: where symbolic links lead what is asked about. */

#include "config.h"

#include <string.h>

#include "ui/places.h"

struct bytes
place_of(const struct msg_list *links, struct bytes path)
{
	size_t i;

	for (i = 0; i + 1 < links->n; i += 2)
		if (bytes_eq(links->v[i], path))
			return links->v[i + 1];
	return path;
}

void
place_add(struct text *t, const struct msg_list *links, struct bytes path)
{
	struct bytes place = place_of(links, path);

	text_add(t, ST_CODE, path.p, path.len, TEXT_EXACT);
	if (bytes_eq(place, path))
		return;
	text_adds(t, ST_WARN, " → ");
	text_add(t, ST_WARN, place.p, place.len, TEXT_EXACT);
	text_adds(t, ST_WARN, " (a link)");
}

static bool
listed(const struct msg_list *l, struct bytes path)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (bytes_eq(l->v[i], path))
			return true;
	return false;
}

bool
place_named(const struct msg_ask *m, struct bytes path)
{
	return bytes_eq(m->cwd, path) || listed(&m->writes, path) ||
	       listed(&m->reads, path);
}
