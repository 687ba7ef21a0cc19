/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: finding the policy files and having them read. */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cordon/load.h"
#include "cordon/policy.h"
#include "policy/profile.h"

struct loading {
	struct policy *policy; /* borrowed, as is the rest */
	policy_body_fn *body;
	void *arg;
	int err;
};

static int
take_body(void *arg, struct bytes body)
{
	struct loading *lg = arg;
	int r = policy_decode(lg->policy, body);

	if (r == 0 && lg->body != NULL)
		lg->body(lg->arg, body);
	return r;
}

static void
on_rule(void *arg, const struct msg_rule *m)
{
	struct loading *lg = arg;
	int r = take_body(arg, m->body);

	if (lg->err == 0)
		lg->err = r;
}

static void
on_conf(void *arg, const struct msg_conf *m)
{
	(void)arg;
	(void)m; /* a policy has no settings */
}

static const struct load_ops ops = {on_conf, on_rule};

/* Not even a link that leads nowhere: who made one wants a policy. */
static bool
is_absent(const char *path)
{
	struct stat st;

	return lstat(path, &st) == -1 && (errno == ENOENT || errno == ENOTDIR);
}

/* A file whose owner and mode are believed, or none; one that must be there was
 * named by the person, not by us. */
static int
add_trusted(struct load *l, const char *path, enum policy_layer layer,
    bool must, char *why, size_t size)
{
	int fd = path_open_trusted(path, why, size);

	if (fd == ERR_NOENT && !must && is_absent(path))
		return 0;
	if (fd == ERR_NOENT || fd == ERR_IO)
		(void)snprintf(why, size, "%s: %s", path,
		    fd == ERR_NOENT ? err_sys(ENOENT) : err_sys(errno));
	if (must && (fd == ERR_NOENT || fd == ERR_IO))
		return EX_NOINPUT;
	if (fd < 0)
		return EX_CONFIG;
	return load_file(l, "policy", (uint8_t)layer, fd, path) == 0
		   ? 0
		   : EX_SOFTWARE;
}

/* The workspace's own: it may only tighten, so it need not be trusted; but
 * what is there and cannot be read is not passed over, for it might. */
static int
add_project(struct load *l, const char *workspace, char *why, size_t size)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	if (str_fmt(path, sizeof(path), "%s/.cordon/policy.toml", workspace) !=
	    0)
		return 0;
	fd = open(
	    path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		(void)snprintf(why, size, "%s: %s", path,
		    fd == -1 && errno != ELOOP
			? err_sys(errno)
			: "is no plain file; replace it by one");
		fd_close(&fd);
		return EX_CONFIG;
	}
	return load_file(l, "policy", POLICY_PROJECT, fd, path) == 0
		   ? 0
		   : EX_SOFTWARE;
}

static int
run(struct load *l, struct loading *lg, char *why, size_t size)
{
	int r = load_idle(l) ? 0 : load_run(l, &ops, lg, why, size);

	if (r == 0 && lg->err != 0) {
		(void)snprintf(why, size, "the policy cannot be used: %s",
		    err_str(lg->err));
		r = EX_CONFIG;
	}
	return r;
}

/* The network of the host, where the profile has none: files may take it. */
static int
add_network(struct loading *lg)
{
	const struct defaults d = {.net = THREE_YES};
	struct buf body;
	int r;

	buf_init(&body, POLICY_BODY_MAX);
	r = defaults_encode(&d, POLICY_BUILTIN, &body);
	if (r == 0)
		r = take_body(lg, (struct bytes){buf_data(&body), body.len});
	buf_fini(&body);
	return r;
}

/* What is built in, which needs no reader. */
static int
add_builtin(
    struct loading *lg, const struct policy_files *f, char *why, size_t size)
{
	const char *name = f->profile == NULL ? POLICY_PROFILE : f->profile;
	char all[128];

	lg->err = profile_emit(name, take_body, lg);
	if (lg->err == 0 && f->network)
		lg->err = add_network(lg);
	if (lg->err != ERR_NOENT)
		return 0;
	profile_names(all, sizeof(all));
	(void)snprintf(why, size, "there is no policy profile %s; there are %s",
	    name, all);
	return EX_CONFIG;
}

struct named {
	const struct rule *rule; /* borrowed */
};

static int
by_id(const void *a, const void *b)
{
	const struct named *na = a, *nb = b;

	return strcmp(na->rule->id, nb->rule->id);
}

/* An id names one rule of all layers: it stands in records and answers. */
static int
check_ids(const struct policy *p, char *why, size_t size)
{
	struct named *v = xcalloc(p->nrules + 1, sizeof(*v));
	const struct rule *a, *b;
	size_t i;
	int r = 0;

	for (i = 0; i < p->nrules; i++)
		v[i].rule = &p->rules[i];
	qsort(v, p->nrules, sizeof(*v), by_id);
	for (i = 1; r == 0 && i < p->nrules; i++) {
		a = v[i - 1].rule;
		b = v[i].rule;
		if (strcmp(a->id, b->id) != 0)
			continue;
		(void)snprintf(why, size,
		    "the id %s is taken twice: by %s %s:%u and by %s %s:%u; "
		    "rename one",
		    a->id, policy_layer_name(a->layer), a->file, a->line,
		    policy_layer_name(b->layer), b->file, b->line);
		r = EX_CONFIG;
	}
	free(v);
	return r;
}

int
policy_load(struct policy *p, const struct policy_files *f,
    policy_body_fn *body, void *arg, char *why, size_t size)
{
	struct loading lg = {p, body, arg, 0};
	struct load *l = load_new();
	char path[PATH_MAX];
	int r;

	policy_init(p);
	r = add_builtin(&lg, f, why, size);
	if (r == 0 && f->user == NULL)
		r = add_trusted(l, CORDON_SYSCONFDIR "/policy.toml",
		    POLICY_SYSTEM, false, why, size);
	else if (r == 0)
		r = add_trusted(l, f->user,
		    f->system ? POLICY_SYSTEM : POLICY_USER, true, why, size);
	if (r == 0 && f->user == NULL && f->paths != NULL &&
	    str_fmt(path, sizeof(path), "%s/policy.toml", f->paths->config) ==
		0)
		r = add_trusted(l, path, POLICY_USER, false, why, size);
	if (r == 0 && f->more > 0)
		r = load_file(l, "policy", POLICY_USER, dup(f->more),
			"this rule") == 0
			? 0
			: EX_SOFTWARE;
	if (r == 0 && f->cli != NULL)
		r = add_trusted(l, f->cli, POLICY_CLI, true, why, size);
	if (r == 0 && f->workspace != NULL)
		r = add_project(l, f->workspace, why, size);
	if (r == 0)
		r = run(l, &lg, why, size);
	if (r == 0)
		r = check_ids(p, why, size);
	load_free(l);
	return r;
}

int
policy_load_file(struct policy *p, const char *file, enum policy_layer layer,
    char *why, size_t size)
{
	struct loading lg = {p, NULL, NULL, 0};
	struct load *l = load_new();
	int r;

	policy_init(p);
	r = add_trusted(l, file, layer, true, why, size);
	if (r == 0)
		r = run(l, &lg, why, size);
	load_free(l);
	return r;
}
