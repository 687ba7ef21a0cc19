/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool library: facts about a git repository.
 *
 * git itself would obey the repository's configuration (fsmonitor, hooks,
 * filters), so it is not run: HEAD, the refs and the index are read here,
 * as the hostile files that they are, with a bound on each.
 */

#include "config.h"

#include <sys/stat.h>

#include <endian.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/str.h"

#include "tool/git.h"
#include "tool/tree.h"

#define REF_MAX     4096                /* bytes of HEAD or a ref */
#define PACKED_MAX  (8u * 1024 * 1024)  /* bytes of packed-refs */
#define INDEX_MAX   (64u * 1024 * 1024) /* bytes of the index */
#define ENTRIES_MAX 100000              /* index entries compared */

#define INDEX_HEADER 12 /* bytes: "DIRC", version, entries */
#define ENTRY_FIXED  62 /* bytes of an entry before its name, SHA-1 */
#define ENTRY_LONG   0x4000
#define MODE_LINK    0120000u
#define MODE_MODULE  0160000u

/* The first line of a small file, without its end; false if there is none. */
static bool
read_line(int dir, const char *path, char *dst, size_t size)
{
	struct bytes rest, line;
	struct buf b;
	bool ok = false;

	buf_init(&b, REF_MAX);
	if (fd_read_file(dir, path, &b) == 0) {
		rest = (struct bytes){buf_data(&b), b.len};
		ok = bytes_line(&rest, &line) &&
		     bytes_copy(dst, size, line) == 0;
	}
	buf_fini(&b);
	return ok;
}

/* The repository's own directory: .git, or where a gitfile points. */
static int
open_gitdir(int root)
{
	char line[PATH_MAX];
	int fd;

	fd = openat(root, ".git", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1)
		return fd;
	if (!read_line(root, ".git", line, sizeof(line)) ||
	    !str_starts(line, "gitdir: "))
		return -1;
	return openat(root, line + strlen("gitdir: "),
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Linked work trees keep their refs in the main repository. */
static int
open_common(int gitdir)
{
	char line[PATH_MAX];

	if (!read_line(gitdir, "commondir", line, sizeof(line)))
		return dup(gitdir);
	return openat(gitdir, line, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool
is_oid(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return s[n] == '\0' && (n == 40 || n == 64);
}

/* "OID SP REF LF" lines, "#" comments and "^" peelings. */
static bool
find_packed(int common, const char *ref, char *oid)
{
	struct buf b;
	const char *p, *nl;
	size_t n, len = strlen(ref);
	bool found = false;

	buf_init(&b, PACKED_MAX);
	if (fd_read_file(common, "packed-refs", &b) == 0 &&
	    (p = buf_cstr(&b)) != NULL)
		for (; !found && (nl = strchr(p, '\n')) != NULL; p = nl + 1) {
			n = strspn(p, "0123456789abcdef");
			if ((n != 40 && n != 64) || p[n] != ' ' ||
			    (size_t)(nl - p) != n + 1 + len ||
			    memcmp(p + n + 1, ref, len) != 0)
				continue;
			found =
			    str_fmt(oid, GIT_OID_MAX, "%.*s", (int)n, p) == 0;
		}
	buf_fini(&b);
	return found;
}

static void
read_head(int gitdir, struct git_facts *g)
{
	char line[REF_MAX], oid[REF_MAX];
	const char *ref;
	int common;

	if (!read_line(gitdir, "HEAD", line, sizeof(line)))
		return;
	if (is_oid(line)) {
		(void)str_fmt(g->head, sizeof(g->head), "%s", line);
		return;
	}
	if (!str_starts(line, "ref: refs/"))
		return;
	ref = line + strlen("ref: ");
	if (tree_check(ref) != 0)
		return;
	if (str_starts(ref, "refs/heads/"))
		(void)str_fmt(g->branch, sizeof(g->branch), "%s",
		    ref + strlen("refs/heads/"));
	common = open_common(gitdir);
	if (common == -1)
		return;
	if (read_line(common, ref, oid, sizeof(oid)) && is_oid(oid))
		(void)str_fmt(g->head, sizeof(g->head), "%s", oid);
	else if (!find_packed(common, ref, g->head))
		g->head[0] = '\0';
	(void)close(common);
}

static uint32_t
word(const uint8_t *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return be32toh(n);
}

/* One entry's recorded stat data against the file's. */
static enum git_dirty
compare(int root, const uint8_t *e, const char *name)
{
	uint32_t mode = word(e + 24), size = word(e + 36);
	struct stat st;

	if ((mode & 0170000u) == MODE_MODULE)
		return GIT_CLEAN;
	if (fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return GIT_DIRTY;
	if (S_ISLNK(st.st_mode) != ((mode & 0170000u) == MODE_LINK) ||
	    (S_ISREG(st.st_mode) &&
		((st.st_mode & S_IXUSR) != 0) != ((mode & 0100) != 0)))
		return GIT_DIRTY;
	if ((uint32_t)st.st_size != size)
		return size == 0 ? GIT_UNKNOWN : GIT_DIRTY;
	if ((uint32_t)st.st_mtim.tv_sec != word(e + 8))
		return GIT_UNKNOWN; /* touched; same content perhaps */
	return GIT_CLEAN;
}

/* Version 4 cuts names against their predecessor. */
static const uint8_t *
name_v4(const uint8_t *p, const uint8_t *end, char *name)
{
	size_t cut = 0, len = strlen(name), n;
	const uint8_t *nul;

	for (;; p++) {
		if (p >= end || cut > PATH_MAX)
			return NULL;
		cut = (cut << 7) + (*p & 127);
		if ((*p & 128) == 0)
			break;
		cut++;
	}
	p++;
	nul = memchr(p, '\0', (size_t)(end - p));
	if (nul == NULL || cut > len)
		return NULL;
	n = (size_t)(nul - p);
	if (len - cut + n >= PATH_MAX)
		return NULL;
	memcpy(name + len - cut, p, n + 1);
	return nul + 1;
}

/* Versions 2 and 3: the name, then one to eight NULs to a multiple of 8. */
static const uint8_t *
name_v2(const uint8_t *e, const uint8_t *p, const uint8_t *end, char *name)
{
	const uint8_t *nul = memchr(p, '\0', (size_t)(end - p));
	size_t n, whole;

	if (nul == NULL)
		return NULL;
	n = (size_t)(nul - p);
	if (n >= PATH_MAX)
		return NULL;
	memcpy(name, p, n + 1);
	whole = ((size_t)(p - e) + n + 8) & ~(size_t)7;
	return whole > (size_t)(end - e) ? NULL : e + whole;
}

static enum git_dirty
walk_index(int root, const uint8_t *p, size_t len)
{
	uint32_t version = word(p + 4), n = word(p + 8);
	const uint8_t *end = p + len, *e = p + INDEX_HEADER, *at;
	enum git_dirty d, all = GIT_CLEAN;
	char name[PATH_MAX] = "";

	if (n > ENTRIES_MAX)
		return GIT_UNKNOWN;
	for (; n > 0; n--) {
		if (end - e < ENTRY_FIXED + 2)
			return GIT_UNKNOWN;
		at = e + ENTRY_FIXED;
		if (version >= 3 && ((e[60] << 8 | e[61]) & ENTRY_LONG) != 0)
			at += 2;
		at = version == 4 ? name_v4(at, end, name)
				  : name_v2(e, at, end, name);
		if (at == NULL || tree_check(name) != 0)
			return GIT_UNKNOWN;
		d = compare(root, e, name);
		if (d == GIT_DIRTY)
			return d;
		if (d == GIT_UNKNOWN)
			all = d;
		e = at;
	}
	return all;
}

static enum git_dirty
read_index(int root, int gitdir)
{
	enum git_dirty d = GIT_UNKNOWN;
	struct buf b;
	uint32_t version;

	buf_init(&b, INDEX_MAX);
	if (fd_read_file(gitdir, "index", &b) == 0 && b.len >= INDEX_HEADER &&
	    memcmp(buf_data(&b), "DIRC", 4) == 0) {
		version = word(buf_data(&b) + 4);
		if (version >= 2 && version <= 4)
			d = walk_index(root, buf_data(&b), b.len);
	}
	buf_fini(&b);
	return d;
}

bool
git_read(const char *root, struct git_facts *g)
{
	int dir, gitdir = -1;

	memset(g, 0, sizeof(*g));
	g->dirty = GIT_UNKNOWN;
	dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return false;
	gitdir = open_gitdir(dir);
	if (gitdir != -1) {
		read_head(gitdir, g);
		g->dirty = read_index(dir, gitdir);
		(void)close(gitdir);
	}
	(void)close(dir);
	return gitdir != -1;
}
