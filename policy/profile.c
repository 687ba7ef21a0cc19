/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the built-in profiles by their names. */

#include "config.h"

#include <string.h>

#include "base/err.h"
#include "policy/profile.h"

/* What holds in every profile; but where there is no cell it would say what is
 * not so. */
#define BASE    "base"
#define NO_CELL "danger"

static const struct profile *
find(const char *name)
{
	const struct profile *p;

	for (p = profiles; p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static int
emit(const struct profile *p, profile_fn *fn, void *arg)
{
	const struct bytes *b;
	int r = 0;

	for (b = p->bodies; r == 0 && b->len > 0; b++)
		r = fn(arg, *b);
	return r;
}

int
profile_emit(const char *name, profile_fn *fn, void *arg)
{
	const struct profile *p = find(name);
	int r = 0;

	if (p == NULL || strcmp(name, BASE) == 0)
		return ERR_NOENT;
	if (strcmp(name, NO_CELL) != 0)
		r = emit(find(BASE), fn, arg);
	return r == 0 ? emit(p, fn, arg) : r;
}

void
profile_names(char *dst, size_t size)
{
	const struct profile *p;

	dst[0] = '\0';
	for (p = profiles; p->name != NULL; p++) {
		if (strcmp(p->name, BASE) == 0)
			continue;
		(void)strlcat(dst, dst[0] == '\0' ? "" : ", ", size);
		(void)strlcat(dst, p->name, size);
	}
}
