/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Gate: patches.  What one writes is known from its text, so it is judged, and
 * asked about, by its files; a person may say yes to some of them.
 */

#include "config.h"

#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "patch/patch.h"

#include "gate/gate.h"

#define LEFT_OUT_MAX 4096 /* bytes of what the model hears of refused files */

/* One path that the patch writes; false if it leads out. */
static bool
add_target(struct gate *g, struct call *c, char kind, struct bytes path)
{
	size_t n = strlen(g->cwd);
	char *s = xstrndup((const char *)path.p, path.len), *whole;
	bool out = *s == '/' || strcmp(s, "..") == 0 || str_starts(s, "../") ||
		   strstr(s, "/../") != NULL || str_ends(s, "/..");

	whole = out ? NULL : subject_path(c->subject.cwd, path);
	if (whole != NULL) {
		subject_write(&c->subject, whole);
		if (strncmp(whole, g->cwd, n) != 0 || whole[n] != '/')
			n = 0;
		call_change(c,
		    xasprintf("%c %s", kind, n == 0 ? whole : whole + n + 1));
	}
	free(whole);
	free(s);
	return whole != NULL;
}

static bool
add_targets(struct gate *g, struct call *c, const struct patch *p)
{
	static const char kinds[] = {
	    [PATCH_ADD] = 'A', [PATCH_UPDATE] = 'M', [PATCH_DELETE] = 'D'};
	const struct patch_file *f;
	size_t i;

	for (i = 0; i < p->nfiles; i++) {
		f = &p->files[i];
		if (!add_target(g, c,
			f->move_to.p == NULL ? kinds[f->kind] : 'R', f->path))
			return false;
		if (f->move_to.p != NULL && !add_target(g, c, 'A', f->move_to))
			return false;
	}
	return true;
}

/* What c runs: our program, with this text as its input. */
static const char *
set_patch(struct gate *g, struct call *c, struct bytes text)
{
	static char why[PATCH_WHY_SIZE + 64];
	struct patch p;
	bool inside = false;
	int r = patch_parse(&p, text);

	(void)snprintf(why, sizeof(why),
	    "apply_patch verification failed: invalid patch: %s", p.why);
	if (r == 0)
		inside = add_targets(g, c, &p);
	patch_fini(&p);
	if (r != 0)
		return why;
	if (!inside)
		return "patch rejected: writing outside of the project; use "
		       "paths relative to the working directory, without ..";
	c->input_fd = fd_memfd("patch", text.p, text.len);
	if (c->input_fd < 0)
		return "the patch cannot be passed on";
	(void)SHA256Data(text.p, text.len, c->subject.input);
	request_tool(g, c, "patch");
	subject_args(&c->subject, "--hashes");
	return NULL;
}

int
patches_request(
    struct gate *g, struct call *c, struct bytes text, struct bytes workdir)
{
	const char *why;

	call_is(c, TOOL_PATCH);
	if (!request_cwd(g, c, workdir))
		return request_bad(g, c, "the working directory is no path");
	why = set_patch(g, c, text);
	if (why != NULL)
		return request_bad(g, c, why);
	call_go(g, c);
	return 0;
}

int
patches_on_call(void *arg, struct chan *ch, uint32_t id, void *msg)
{
	struct gate *g = arg;
	struct msg_call_patch *m = msg;
	struct call *c;
	struct buf b;
	int r, err;

	(void)ch;
	buf_init(&b, PATCH_TEXT_MAX);
	r = m->patch == -1 ? ERR_FD : fd_read_memfd(m->patch, &b);
	fd_close(&m->patch);
	c = request_new(g, TOOL_PATCH, id, m->call, &err);
	if (c != NULL && r == ERR_SPACE)
		err = request_bad(g, c, "the patch is too large");
	else if (c != NULL && r != 0)
		err = r;
	else if (c != NULL)
		err = patches_request(g, c, (struct bytes){buf_data(&b), b.len},
		    (struct bytes){NULL, 0});
	buf_fini(&b);
	return err;
}

/* A yes to some. */

static bool
is_listed(const struct msg_list *l, const char *path)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (bytes_is(l->v[i], path))
			return true;
	return false;
}

/* Each that is refused is one of the patch's. */
static bool
all_known(const struct subject *s, const struct msg_list *refused)
{
	size_t i, k;

	for (i = 0; i < refused->n; i++) {
		for (k = 0; k < s->nwrites; k++)
			if (bytes_is(refused->v[i], s->writes[k]))
				break;
		if (k == s->nwrites)
			return false;
	}
	return true;
}

/*
 * The text without the files that are refused, each with whatever it is moved
 * to or from; the number of those that stay.  What the subject writes is what
 * the files name, in their order.
 */
static size_t
leave_out(struct call *c, const struct patch *p, const struct approval *a,
    struct buf *text)
{
	bool *dropped = xcalloc(p->nfiles, sizeof(*dropped));
	struct buf names;
	size_t i, k, n, kept = 0;

	buf_init(&names, LEFT_OUT_MAX);
	for (i = k = 0; i < p->nfiles; i++) {
		for (n = p->files[i].move_to.p == NULL ? 1 : 2; n > 0; n--, k++)
			dropped[i] |=
			    is_listed(&a->refused, c->subject.writes[k]);
		kept += !dropped[i];
		if (dropped[i])
			(void)buf_addf(&names, "%s%s",
			    names.len > 0 ? ", " : "", c->changes[k - 1] + 2);
	}
	patch_without(p, dropped, text);
	free(dropped);
	c->left_out = xasprintf("%.*s%s%s%.*s", (int)names.len,
	    (const char *)buf_data(&names),
	    buf_err(&names) == 0 ? "" : " and more",
	    a->message.len > 0 ? ": " : "", (int)a->message.len,
	    (const char *)a->message.p);
	buf_fini(&names);
	return kept;
}

/* The call becomes that of another patch, which is judged anew. */
static int
become(struct gate *g, struct call *c, struct bytes text)
{
	char *cwd = c->subject.cwd;

	c->subject.cwd = NULL;
	subject_fini(&c->subject);
	c->subject.cwd = cwd;
	call_is(c, TOOL_PATCH);
	call_changes_free(c);
	fd_close(&c->input_fd);
	if (set_patch(g, c, text) != NULL)
		return ERR_FORMAT;
	judge_decide(&g->judge, &c->subject, &c->decision);
	return c->decision.verdict == VERDICT_FORBID ? ERR_PERM : 0;
}

int
patches_narrow(struct gate *g, struct call *c, const struct approval *a)
{
	struct buf whole, text;
	struct patch p = {};
	int r;

	if (c->tool != TOOL_PATCH || !all_known(&c->subject, &a->refused))
		return ERR_CONFLICT;
	buf_init(&whole, PATCH_TEXT_MAX);
	buf_init(&text, PATCH_TEXT_MAX + 64);
	r = fd_read_memfd(c->input_fd, &whole);
	if (r == 0)
		r = patch_parse(
		    &p, (struct bytes){buf_data(&whole), whole.len});
	if (r == 0 && leave_out(c, &p, a, &text) == 0)
		r = ERR_NOENT;
	if (r == 0)
		r = buf_err(&text);
	if (r == 0)
		r = become(g, c, (struct bytes){buf_data(&text), text.len});
	patch_fini(&p);
	buf_fini(&whole);
	buf_fini(&text);
	return r;
}
