/* SPDX-License-Identifier: Apache-2.0 */

/* Library: rights of a command as data.  No I/O; paths are compared as the
 * bytes they are, since whoever adds them has resolved them. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xmem.h"
#include "sandbox/spec.h"

#define SPEC_VERSION     1
#define SPEC_ABSTRACT    0x80u
#define SPEC_GRANTS      (SPEC_READ | SPEC_WRITE | SPEC_EXEC | SPEC_PRIVATE)
#define SPEC_ALL         (SPEC_GRANTS | SPEC_HIDE | SPEC_PROTECT)
#define SPEC_NUMBERS     8 /* of struct spec_limits */
#define SPEC_PATH_LIMIT  4095
#define SPEC_ROOM        256 /* rows at first: what most have */
#define SPEC_FOLDERS_MAX 256 /* that spec_for_files names one by one */

void
spec_init(struct spec *s)
{
	memset(s, 0, sizeof(*s));
}

void
spec_fini(struct spec *s)
{
	size_t i;

	for (i = 0; i < s->npaths; i++)
		free(s->paths[i].path);
	free(s->paths);
	spec_init(s);
}

/* Absolute without ".", "..", "//" or a slash at the end. */
static bool
spec_plain(struct bytes p)
{
	size_t i, start;

	if (p.len == 0 || p.len > SPEC_PATH_LIMIT || p.p[0] != '/' ||
	    memchr(p.p, '\0', p.len) != NULL)
		return false;
	for (i = start = 1; i <= p.len; i++) {
		if (i < p.len && p.p[i] != '/')
			continue;
		if (i == start && p.len > 1)
			return false;
		if (i - start == 1 && p.p[start] == '.')
			return false;
		if (i - start == 2 && p.p[start] == '.' &&
		    p.p[start + 1] == '.')
			return false;
		start = i + 1;
	}
	return true;
}

static bool
spec_name(struct bytes p, unsigned access)
{
	return access == SPEC_PROTECT && p.len > 0 && p.len < 256 &&
	       memchr(p.p, '\0', p.len) == NULL && p.p[0] != '/' &&
	       !bytes_is(p, ".") && !bytes_is(p, "..");
}

/* FNV-1a: tells nearly all rows apart at a glance. */
static unsigned
spec_hash(struct bytes path)
{
	unsigned h = 2166136261u;
	size_t i;

	for (i = 0; i < path.len; i++)
		h = (h ^ path.p[i]) * 16777619u;
	return h;
}

int
spec_add(struct spec *s, struct bytes path, unsigned access)
{
	unsigned hash = spec_hash(path);
	size_t i;

	if ((access & ~(unsigned)SPEC_ALL) != 0 ||
	    (!spec_plain(path) && !spec_name(path, access)))
		return ERR_FORMAT;
	for (i = 0; i < s->npaths; i++)
		if (hash == s->paths[i].hash && path.len == s->paths[i].len &&
		    memcmp(path.p, s->paths[i].path, path.len) == 0) {
			s->paths[i].access |= access;
			return 0;
		}
	if (s->npaths == SPEC_PATHS_MAX)
		return ERR_SPACE;
	if (s->npaths == s->room) { /* or each row copies those before it */
		s->room = s->room == 0 ? SPEC_ROOM : 2 * s->room;
		s->paths =
		    xreallocarray(s->paths, s->room, sizeof(s->paths[0]));
	}
	s->paths[s->npaths++] = (struct spec_path){
	    xmemdup(path.p, path.len), path.len, access, hash};
	return 0;
}

int
spec_adds(struct spec *s, const char *path, unsigned access)
{
	return spec_add(s, bytes_of(path), access);
}

void
spec_copy(struct spec *dst, const struct spec *src)
{
	size_t i;

	*dst = *src;
	dst->room = src->npaths;
	dst->paths = xcalloc(src->npaths, sizeof(dst->paths[0]));
	for (i = 0; i < src->npaths; i++) {
		dst->paths[i] = src->paths[i];
		dst->paths[i].path =
		    xmemdup(src->paths[i].path, src->paths[i].len);
	}
}

bool
spec_beneath(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return path[0] == '/';
	return strncmp(path, dir, n) == 0 &&
	       (path[n] == '\0' || path[n] == '/');
}

/* Whether one of the protected names is the n bytes at name. */
static bool
spec_is_protected(const struct spec *s, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < s->npaths; i++)
		if (s->paths[i].len == n && s->paths[i].path[0] != '/' &&
		    memcmp(s->paths[i].path, name, n) == 0)
			return true;
	return false;
}

/* spec_beneath, for a row; most are told apart by one byte. */
static bool
spec_covers(const struct spec_path *row, const char *path, size_t len)
{
	if (row->path[0] != '/' || row->len > len)
		return false;
	if (row->len == 1)
		return path[0] == '/';
	return (path[row->len] == '/' || path[row->len] == '\0') &&
	       memcmp(path, row->path, row->len) == 0;
}

unsigned
spec_access(const struct spec *s, const char *path)
{
	unsigned grants = 0, bits = 0;
	size_t i, best = 0, len = strlen(path);
	const char *top;

	for (i = 0; i < s->npaths; i++) {
		const struct spec_path *row = &s->paths[i];

		if (!spec_covers(row, path, len))
			continue;
		bits |= row->access & (SPEC_HIDE | SPEC_PROTECT);
		if (row->len >= best && (row->access & SPEC_GRANTS) != 0) {
			best = row->len;
			grants = row->access & SPEC_GRANTS;
		}
		/* A protected name at the top of what may be written. */
		top = path + row->len;
		if ((row->access & SPEC_WRITE) != 0 && *top == '/' &&
		    spec_is_protected(s, top + 1, strcspn(top + 1, "/")))
			bits |= SPEC_PROTECT;
	}
	if (bits & SPEC_HIDE)
		return SPEC_HIDE;
	if (bits & SPEC_PROTECT)
		return (grants & ~(unsigned)SPEC_WRITE) | SPEC_PROTECT;
	return grants;
}

static bool
spec_limit_within(uint64_t inner, uint64_t outer)
{
	return outer == 0 || (inner != 0 && inner <= outer);
}

/* The limits by number, as they are encoded. */
static uint64_t *
spec_limit_at(struct spec_limits *l, size_t i)
{
	uint64_t *const all[SPEC_NUMBERS] = {&l->mem, &l->procs, &l->cpu_ms,
	    &l->wall_ms, &l->fsize, &l->disk, &l->nofile, &l->tmp};

	return all[i];
}

static uint64_t
spec_limit(struct spec_limits l, size_t i)
{
	return *spec_limit_at(&l, i);
}

bool
spec_protects(const struct spec *s)
{
	size_t i;

	for (i = 0; i < s->npaths; i++)
		if ((s->paths[i].access & SPEC_PROTECT) != 0)
			return true;
	return false;
}

/* Row i of both is of the same path. */
static bool
spec_same_path(const struct spec *a, const struct spec *b, size_t i)
{
	return i < a->npaths && i < b->npaths &&
	       a->paths[i].len == b->paths[i].len &&
	       memcmp(a->paths[i].path, b->paths[i].path, a->paths[i].len) == 0;
}

/* The same rows say the same of every path. */
static bool
spec_same_rows(const struct spec *a, const struct spec *b)
{
	size_t i;

	if (a->npaths != b->npaths)
		return false;
	for (i = 0; i < a->npaths; i++)
		if (a->paths[i].access != b->paths[i].access ||
		    !spec_same_path(a, b, i))
			return false;
	return true;
}

/*
 * Both directions matter: what inner grants must be granted by outer at that
 * path, and what outer hides or protects beneath an inner grant must be
 * hidden or protected by inner as well.
 */
bool
spec_within(const struct spec *inner, const struct spec *outer)
{
	unsigned in, out;
	size_t i;

	if (inner->net > outer->net || (inner->abstract && !outer->abstract))
		return false;
	for (i = 0; i < SPEC_NUMBERS; i++)
		if (!spec_limit_within(spec_limit(inner->limits, i),
			spec_limit(outer->limits, i)))
			return false;
	/* Most grants are made of a copy of what they have to be within. */
	if (spec_same_rows(inner, outer))
		return true;
	for (i = 0; i < inner->npaths; i++) {
		if (inner->paths[i].path[0] != '/' ||
		    (inner->paths[i].access & SPEC_HIDE) != 0)
			continue; /* nothing is granted there */
		in = spec_access(inner, inner->paths[i].path) & SPEC_GRANTS;
		out = spec_access(outer, inner->paths[i].path);
		if ((in & ~out) != 0)
			return false;
	}
	for (i = 0; i < outer->npaths; i++) {
		if (outer->paths[i].path[0] != '/' ||
		    spec_same_path(inner, outer, i))
			continue;
		in = spec_access(inner, outer->paths[i].path) & SPEC_GRANTS;
		out = spec_access(outer, outer->paths[i].path);
		if ((in & ~out) != 0)
			return false;
	}
	return true;
}

int
spec_for_files(struct spec *g, const struct spec *ceiling, char *const *files,
    size_t n, const char *root)
{
	const unsigned access = SPEC_READ | SPEC_WRITE;
	char *dir, *slash;
	size_t i, before;
	int r = 0;

	spec_copy(g, ceiling);
	g->net = SPEC_NET_NONE;
	g->abstract = false;
	for (i = 0; i < g->npaths; i++)
		g->paths[i].access &= ~(unsigned)(SPEC_WRITE | SPEC_PRIVATE);
	before = g->npaths;
	for (i = 0; i < n && r == 0; i++) {
		dir = xstrdup(files[i]);
		slash = strrchr(dir, '/');
		if (slash == NULL)
			r = ERR_FORMAT;
		else {
			slash[slash == dir] = '\0';
			r = spec_adds(g, dir, access);
		}
		free(dir);
		if (g->npaths > before + SPEC_FOLDERS_MAX)
			return spec_adds(g, root, access);
	}
	return r;
}

void
spec_limits_min(struct spec_limits *l, const struct spec_limits *other)
{
	uint64_t *a;
	uint64_t b;
	size_t i;

	for (i = 0; i < SPEC_NUMBERS; i++) {
		a = spec_limit_at(l, i);
		b = spec_limit(*other, i);
		if (b != 0 && (*a == 0 || b < *a))
			*a = b;
	}
}

void
spec_limits_set(struct spec_limits *l, const struct spec_limits *other)
{
	size_t i;

	for (i = 0; i < SPEC_NUMBERS; i++)
		if (spec_limit(*other, i) != 0)
			*spec_limit_at(l, i) = spec_limit(*other, i);
}

/* u8 version, u8 net, perhaps with SPEC_ABSTRACT, u64 each limit, u32 count,
 * and of each path u8 access, u32 length, bytes. */
int
spec_encode(const struct spec *s, struct buf *out)
{
	size_t i;

	(void)buf_add_u8(out, SPEC_VERSION);
	(void)buf_add_u8(
	    out, (uint8_t)(s->net | (s->abstract ? SPEC_ABSTRACT : 0u)));
	for (i = 0; i < SPEC_NUMBERS; i++)
		(void)buf_add_u64(out, spec_limit(s->limits, i));
	(void)buf_add_u32(out, (uint32_t)s->npaths);
	for (i = 0; i < s->npaths; i++) {
		(void)buf_add_u8(out, (uint8_t)s->paths[i].access);
		(void)buf_add_u32(out, (uint32_t)strlen(s->paths[i].path));
		(void)buf_adds(out, s->paths[i].path);
	}
	return buf_err(out);
}

static int
spec_take_path(struct spec *s, struct bytes *b)
{
	struct bytes path;
	uint64_t access;

	if (bytes_take_number(b, 1, &access) != 0 || bytes_take(b, &path) != 0)
		return ERR_TRUNC;
	return spec_add(s, path, (unsigned)access);
}

int
spec_decode(struct spec *s, struct bytes b)
{
	uint64_t version, net = SPEC_NET_NONE, n;
	uint32_t i;
	int r;

	spec_init(s);
	r = bytes_take_number(&b, 1, &version);
	if (r == 0)
		r = bytes_take_number(&b, 1, &net);
	s->abstract = r == 0 && (net & SPEC_ABSTRACT) != 0;
	net &= ~(uint64_t)SPEC_ABSTRACT;
	if (r == 0 && (version != SPEC_VERSION || net > SPEC_NET_HOST))
		r = ERR_FORMAT;
	s->net = r == 0 ? (enum spec_net)net : SPEC_NET_NONE;
	for (i = 0; r == 0 && i < SPEC_NUMBERS; i++)
		r = bytes_take_number(
		    &b, sizeof(uint64_t), spec_limit_at(&s->limits, i));
	if (r == 0)
		r = bytes_take_number(&b, sizeof(uint32_t), &n);
	for (i = 0; r == 0 && i < n; i++)
		r = spec_take_path(s, &b);
	if (r == 0 && b.len != 0)
		r = ERR_LENGTH;
	if (r != 0)
		spec_fini(s);
	return r;
}
