/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: the records of a command of the person's own. */

#include "config.h"

#include <sha2.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"

#include "cordon/opt.h"
#include "cordon/recorded.h"
#include "cordon/session.h"
#include "proto/order.h"
#include "sandbox/spec.h"

#define RECORD_MAX    (16u << 20) /* bytes of one */
#define RECORD_INLINE 60000       /* beyond, it travels as a memfd */
#define GRANT_MAX     60000       /* bytes of one, encoded */

struct record {
	struct buf body;
	struct jsonw w;
};

static void
record_open(struct record *r, uint32_t call, const char *tool)
{
	buf_init(&r->body, RECORD_MAX);
	jsonw_init(&r->w, &r->body);
	jsonw_object(&r->w);
	jsonw_ku64(&r->w, "call", call);
	jsonw_kstr(&r->w, "tool", tool);
}

static int
record_send(
    struct session *s, uint32_t call, struct record *r, enum audit_type type)
{
	struct chan *audit = session_chan(s, ROLE_AUDIT);
	struct msg_record m = {.type = (uint8_t)type, .whole = -1};
	int err;

	jsonw_end(&r->w);
	err = audit == NULL ? ERR_EOF : buf_err(&r->body);
	if (r->body.len <= RECORD_INLINE)
		m.payload = (struct bytes){buf_data(&r->body), r->body.len};
	else
		m.whole = fd_memfd("record", buf_data(&r->body), r->body.len);
	if (err == 0 && m.payload.len == 0 && m.whole < 0)
		err = m.whole;
	if (err == 0)
		err = chan_send(audit, call, MSG_RECORD, &m);
	fd_close(&m.whole);
	buf_fini(&r->body);
	return err;
}

/* What it may write and reach; the hash is over all of it. */
static void
record_grant(struct jsonw *w, const struct spec *s)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	struct buf b;
	size_t i;

	buf_init(&b, GRANT_MAX);
	(void)spec_encode(s, &b);
	jsonw_name(w, "grant");
	jsonw_object(w);
	jsonw_name(w, "write");
	jsonw_array(w);
	for (i = 0; i < s->npaths; i++)
		if ((s->paths[i].access & SPEC_WRITE) != 0)
			jsonw_bytes(
			    w, s->paths[i].path, strlen(s->paths[i].path));
	jsonw_end(w);
	jsonw_kstr(w, "net", s->net == SPEC_NET_HOST ? "host" : "none");
	jsonw_kstr(w, "sha256", SHA256Data(buf_data(&b), b.len, hex));
	jsonw_end(w);
	buf_fini(&b);
}

int
recorded_intent(struct session *s, uint32_t call, const struct recorded *what)
{
	struct record r;
	size_t i;

	record_open(&r, call, what->tool);
	jsonw_name(&r.w, "argv");
	jsonw_array(&r.w);
	for (i = 0; i < what->argv->n; i++)
		jsonw_bytes(&r.w, what->argv->v[i], strlen(what->argv->v[i]));
	jsonw_end(&r.w);
	jsonw_name(&r.w, "cwd");
	jsonw_bytes(&r.w, what->cwd, strlen(what->cwd));
	jsonw_name(&r.w, "env"); /* names alone */
	jsonw_array(&r.w);
	for (i = 0; i < what->env.n; i++) {
		struct bytes v = what->env.v[i];
		const uint8_t *end = memchr(v.p, '=', v.len);

		jsonw_bytes(
		    &r.w, v.p, end == NULL ? v.len : (size_t)(end - v.p));
	}
	jsonw_end(&r.w);
	record_grant(&r.w, what->grant);
	return record_send(s, call, &r, AUDIT_INTENT);
}

/* One text of lines, as a gate has it. */
static void
add_lines(struct buf *b, const struct msg_list *l)
{
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		(void)buf_add(b, l->v[i].p, l->v[i].len);
		(void)buf_addc(b, '\n');
	}
}

static void
record_lines(struct jsonw *w, const char *name, const struct msg_list *one,
    const struct msg_list *two)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	add_lines(&b, one);
	if (two != NULL)
		add_lines(&b, two);
	if (b.len > 0)
		jsonw_kstrn(w, name, (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
}

int
recorded_result(struct session *s, uint32_t call, const char *tool,
    const struct msg_exit *m)
{
	struct record r;

	record_open(&r, call, tool);
	jsonw_kstr(&r.w, "how", exit_word((enum exit_how)m->how));
	jsonw_ku64(&r.w, "status", m->status);
	jsonw_ku64(&r.w, "wall_us", m->wall_us);
	jsonw_ku64(&r.w, "user_us", m->user_us);
	jsonw_ku64(&r.w, "sys_us", m->sys_us);
	jsonw_ku64(&r.w, "rss_kib", m->rss_kib);
	if (m->error.len > 0)
		jsonw_kstrn(&r.w, "error", m->error);
	record_lines(&r.w, "denials", &m->denials, &m->violations);
	record_lines(&r.w, "guesses", &m->guesses, NULL);
	return record_send(s, call, &r, AUDIT_RESULT);
}
