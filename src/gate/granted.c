/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: the rights of one call, as the cell and the record want them.
 *
 * A session's commands have few different ones, and each names all that the
 * ceiling does: they are written once and copied from then on.
 */

#include "config.h"

#include <string.h>

#include "proto/msg.h"

#include "gate/granted.h"

/* Bytes; each of the spec may be escaped. */
#define SUMMARY_MAX (8 * MSG_FRAME_MAX)

void
granted_init(struct granted *gr)
{
	memset(gr, 0, sizeof(*gr));
	buf_init(&gr->spec, MSG_FRAME_MAX);
	buf_init(&gr->summary, SUMMARY_MAX);
}

void
granted_fini(struct granted *gr)
{
	buf_fini(&gr->spec);
	buf_fini(&gr->summary);
}

void
granted_clear(struct granted *gr)
{
	buf_clear(&gr->spec);
	buf_clear(&gr->summary);
	gr->sha256[0] = '\0';
	gr->net = SPEC_NET_NONE;
}

static void
summarise(struct granted *gr, const struct spec *s)
{
	static const char *const nets[] = {
	    [SPEC_NET_NONE] = "none",
	    [SPEC_NET_PROXY] = "proxy",
	    [SPEC_NET_HOST] = "host",
	};
	struct jsonw w;
	size_t i;

	jsonw_init(&w, &gr->summary);
	jsonw_object(&w);
	jsonw_name(&w, "write");
	jsonw_array(&w);
	for (i = 0; i < s->npaths; i++)
		if ((s->paths[i].access & SPEC_WRITE) != 0)
			jsonw_bytes(&w, s->paths[i].path, s->paths[i].len);
	jsonw_end(&w);
	jsonw_kstr(&w, "net", nets[s->net]);
	jsonw_kstr(&w, "sha256", gr->sha256);
	jsonw_end(&w);
}

int
granted_set(struct granted *gr, const struct spec *s)
{
	int r;

	granted_clear(gr);
	r = spec_encode(s, &gr->spec);
	if (r != 0)
		return r;
	(void)SHA256Data(buf_data(&gr->spec), gr->spec.len, gr->sha256);
	gr->net = s->net;
	summarise(gr, s);
	return buf_err(&gr->summary);
}

int
granted_copy(struct granted *gr, const struct granted *from)
{
	int r;

	granted_clear(gr);
	memcpy(gr->sha256, from->sha256, sizeof(gr->sha256));
	gr->net = from->net;
	r = buf_add(&gr->spec, buf_data(&from->spec), from->spec.len);
	return r != 0 ? r
		      : buf_add(&gr->summary, buf_data(&from->summary),
			    from->summary.len);
}

void
granted_print(const struct granted *gr, struct jsonw *w, bool whole)
{
	jsonw_name(w, "grant");
	if (whole) {
		jsonw_raw(w, buf_data(&gr->summary), gr->summary.len);
		return;
	}
	jsonw_object(w);
	jsonw_kstr(w, "sha256", gr->sha256);
	jsonw_end(w);
}
