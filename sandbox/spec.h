/* SPDX-License-Identifier: Apache-2.0 */

#ifndef SANDBOX_SPEC_H
#define SANDBOX_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * What a command may do, as data: the ceiling of a session (what any command
 * in it could ever be given) and the grant of one call (a subset of it).
 * policy/ computes both, the cell enforces them and can only narrow.
 */

enum spec_access {
	SPEC_READ = 1,     /* files and directories beneath */
	SPEC_WRITE = 2,    /* create, change, remove beneath */
	SPEC_EXEC = 4,     /* execute files beneath */
	SPEC_HIDE = 8,     /* nothing beneath is visible (secrets) */
	SPEC_PRIVATE = 32, /* as WRITE, into a copy that the host never sees */
	SPEC_PROTECT = 16  /* never writable, also when it does not exist yet;
			      a name without a slash: anywhere at the top of a
			      writable path */
};

struct spec_path {
	char *path;      /* owned: absolute bytes, or a protected name */
	size_t len;      /* of path */
	unsigned access; /* SPEC_* */
	unsigned hash;   /* of path */
};

enum spec_net {
	SPEC_NET_NONE,  /* a loopback of its own */
	SPEC_NET_PROXY, /* that, and the proxy socket of net */
	SPEC_NET_HOST   /* the host's network */
};

/* 0 means no limit of ours. */
struct spec_limits {
	uint64_t mem;    /* bytes resident, all processes of the call */
	uint64_t procs;  /* processes and threads */
	uint64_t cpu_ms; /* of each process */
	uint64_t wall_ms;
	uint64_t fsize;  /* bytes of one file */
	uint64_t disk;   /* bytes that the workspace's disk may lose */
	uint64_t nofile; /* descriptors of each process */
	uint64_t tmp;    /* bytes of /tmp; of the ceiling only */
};

struct spec {
	struct spec_path *paths; /* owned */
	size_t npaths, room;
	enum spec_net net;
	bool abstract; /* of the host's local sockets also those without a
			  path, such as a display has; else never */
	struct spec_limits limits;
};

#define SPEC_PATHS_MAX 4096

void spec_init(struct spec *s); /* nothing is permitted, no limit is set */
void spec_fini(struct spec *s);
/* Adds bits to a path (one row a path); ERR_FORMAT unless it is absolute and
 * plain (no "." or "..", no double or trailing slash) or a protected name;
 * ERR_SPACE. */
int spec_add(struct spec *s, struct bytes path, unsigned access);
int spec_adds(struct spec *s, const char *path, unsigned access);
void spec_copy(struct spec *dst, const struct spec *src); /* dst is new */

/*
 * What the spec says of one absolute path: the bits of the deepest row that
 * holds it, HIDE and PROTECT winning over READ, WRITE and EXEC.  An exact
 * protected name counts at the top of every writable path.
 */
unsigned spec_access(const struct spec *s, const char *path);
/* Whether it protects anything: what is written without that is the person's
 * own doing, and no repository is looked for. */
bool spec_protects(const struct spec *s);
/* Whether everything that inner permits is permitted by outer too. */
bool spec_within(const struct spec *inner, const struct spec *outer);
/*
 * The grant of a tool of ours that reads what the ceiling reads and writes the
 * files (absolute), each beside its place: their folders, or root where they
 * are too many to name.  g is new.
 */
int spec_for_files(struct spec *g, const struct spec *ceiling,
    char *const *files, size_t n, const char *root);
/* Sets each limit to the smaller of both (0 being none). */
void spec_limits_min(struct spec_limits *l, const struct spec_limits *other);

/* Takes over each limit of other that is not 0. */
void spec_limits_set(struct spec_limits *l, const struct spec_limits *other);

/* The encoded form, as SPAWN and CONF carry it. */
int spec_encode(const struct spec *s, struct buf *out);
int spec_decode(struct spec *s, struct bytes b); /* s is new, freed on error */

/* True if path is dir itself or beneath it. */
bool spec_beneath(const char *path, const char *dir);

#endif /* SANDBOX_SPEC_H */
