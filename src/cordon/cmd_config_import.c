/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon config import: the settings of another program.
 *
 * What has an equivalent is printed as TOML, what has none is named; nothing
 * is changed without --write, and even then only what is not set yet.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "conf/layer.h"
#include "conf/paths.h"
#include "cordon/cmd_config.h"
#include "cordon/import.h"
#include "cordon/load.h"
#include "cordon/policy.h"
#include "cordon/servers.h"
#include "cordon/settings.h"

#define IMPORT_MAX  (1u << 20) /* bytes of what is printed */
#define POLICY_HEAD "version = 1\n"

struct import_args {
	const char *from;
	bool write;
};

#define AT(member) .off = offsetof(struct import_args, member)

static const struct opt import_opts[] = {
    {"from", '\0', OPT_ENUM, "codex|claude|gemini", "whose settings they are",
	AT(from)},
    {"write", '\0', OPT_FLAG, NULL, "set what is not set yet in your files",
	AT(write)},
    {0}};

/* One setting of the other program. */
struct found {
	char *name, **v; /* owned */
	size_t n;
	enum value_kind kind;
	bool list;
};

struct import {
	const struct import_program *program; /* borrowed */
	struct found *found;                  /* owned */
	size_t n;
	struct config_set *sets; /* owned */
	size_t nsets;
	char table[KEY_SIZE]; /* the last that had none as a whole */
	struct buf policy;    /* its head, and the rules */
	bool write;
	int code;
};

/* Elements of an array come one after the other. */
static void
take(void *arg, const struct msg_conf *m)
{
	struct import *im = arg;
	char name[KEY_SIZE];
	struct found *f = im->n == 0 ? NULL : &im->found[im->n - 1];

	if (bytes_copy(name, sizeof(name), m->key) != 0)
		return;
	if (f == NULL || !m->list || strcmp(f->name, name) != 0) {
		im->found = xreallocarray(im->found, im->n + 1, sizeof(*f));
		f = &im->found[im->n++];
		*f = (struct found){.name = xstrdup(name),
		    .kind = (enum value_kind)m->kind,
		    .list = m->list};
	}
	if (m->kind == CONF_EMPTY)
		return;
	f->v = xreallocarray(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n++] = xstrndup((const char *)m->value.p, m->value.len);
}

static void
none(const struct found *f, const char *why)
{
	(void)fprintf(stderr, "no equivalent: %s%s%s\n", f->name,
	    why == NULL ? "" : ": ", why == NULL ? "" : why);
}

/* Once for all that is in it. */
static void
none_table(struct import *im, const struct import_row *row,
    struct key_path *path, const char *why)
{
	struct found f = {.name = im->table};
	char name[KEY_SIZE];
	const char *dot = row->from;

	for (path->n = 1; (dot = strchr(dot, '.')) != NULL; dot++)
		path->n++;
	if (key_join(name, sizeof(name), path, 0) != 0 ||
	    strcmp(name, im->table) == 0)
		return;
	(void)strlcpy(im->table, name, sizeof(im->table));
	none(&f, why);
}

/* Our key with the other's parts in its stars. */
static int
fill_name(char *dst, size_t size, const char *to, const char *const star[2])
{
	unsigned stars = 0;
	struct buf b;
	int r;

	buf_init(&b, size - 1);
	for (; *to != '\0'; to++) {
		if (*to == '*' && stars < 2 && star[stars] != NULL)
			(void)toml_put_part(&b, star[stars++]);
		else
			(void)buf_addc(&b, *to);
	}
	r = buf_err(&b);
	(void)strlcpy(dst, r == 0 ? buf_cstr(&b) : "", size);
	buf_fini(&b);
	return r;
}

/* Prints a setting, and remembers it for --write. */
static void
put(struct import *im, const char *name, const char *literal)
{
	const struct key *key = key_named(name);

	(void)printf("%s = %s\n", name,
	    key != NULL && (key->flags & KEY_HIDDEN) != 0 ? "\"(hidden)\""
							  : literal);
	im->sets = xreallocarray(im->sets, im->nsets + 1, sizeof(*im->sets));
	im->sets[im->nsets++] = (struct config_set){
	    .name = xstrdup(name), .literal = xstrdup(literal)};
}

static void
literal_found(struct buf *out, const struct key *key, const struct found *f)
{
	size_t i;

	if (key->type != KEY_LIST) {
		if (key->type == KEY_STR || key->type == KEY_ENUM)
			(void)toml_put_string(out, f->v[0]);
		else
			(void)buf_adds(out, f->v[0]);
		return;
	}
	(void)buf_addc(out, '[');
	for (i = 0; i < f->n; i++) {
		if (i > 0)
			(void)buf_adds(out, ", ");
		(void)toml_put_string(out, f->v[i]);
	}
	(void)buf_addc(out, ']');
}

/* Whether our table takes it: of an array, each element. */
static int
check_found(const struct key *key, const struct found *f, bool list, char *why,
    size_t size)
{
	size_t i = 0;
	int r;

	do
		r = key_check(key, f->kind, list && f->kind != VALUE_EMPTY,
		    f->n == 0 ? "" : f->v[i], why, size);
	while (r == 0 && ++i < f->n);
	return r;
}

/* The value under our name, if our table takes it. */
static void
put_same(struct import *im, const char *name, const struct found *f)
{
	bool list = f->list || f->kind == VALUE_EMPTY;
	const struct key *key = key_named(name);
	struct buf literal;
	char why[256];

	if (key == NULL || (key->flags & KEY_SYSTEM)) {
		none(f, NULL);
		return;
	}
	if (key->type == KEY_LIST && !list && f->kind == VALUE_STR)
		list = true; /* one where several could stand */
	if (check_found(key, f, list, why, sizeof(why)) != 0) {
		none(f, why);
		return;
	}
	buf_init(&literal, IMPORT_MAX);
	literal_found(&literal, key, f);
	if (buf_err(&literal) == 0)
		put(im, name, buf_cstr(&literal));
	buf_fini(&literal);
}

static void
put_text(struct import *im, const char *name, const char *text)
{
	const struct found f = {.name = NULL,
	    .kind = VALUE_STR,
	    .n = 1,
	    .v = (char *[]){(char *)(uintptr_t)text}};

	put_same(im, name, &f);
}

/* A line for the shell: our commands are run without one. */
static void
put_shell(struct import *im, const char *table, const struct found *f)
{
	char name[KEY_SIZE + 16];
	struct buf args;

	if (f->kind != VALUE_STR || f->list) {
		none(f, "it should be a string");
		return;
	}
	(void)snprintf(name, sizeof(name), "%s.command", table);
	put_text(im, name, "/bin/sh");
	(void)snprintf(name, sizeof(name), "%s.args", table);
	buf_init(&args, IMPORT_MAX);
	(void)buf_adds(&args, "[\"-c\", ");
	(void)toml_put_string(&args, f->v[0]);
	(void)buf_addc(&args, ']');
	if (buf_err(&args) == 0)
		put(im, name, buf_cstr(&args));
	buf_fini(&args);
}

/* "opus" and "sonnet[1m]" are names of that program's own. */
static void
put_model(struct import *im, const char *name, const struct found *f)
{
	if (f->n == 1 && (strpbrk(f->v[0], "0123456789") == NULL ||
			     strchr(f->v[0], '[') != NULL))
		none(f, "name the model in full");
	else
		put_same(im, name, f);
}

static void
put_mode(struct import *im, const char *name, const struct found *f)
{
	if (f->n == 1 && strcmp(f->v[0], "plan") == 0)
		put_text(im, name, "read-only");
	else if (f->n == 1 && strcmp(f->v[0], "bypassPermissions") == 0)
		none(f, "no configuration takes the walls away; see"
			" cordon(1), OPTIONS");
	else if (f->n == 1)
		put_text(im, name, "workspace-write");
}

/* Whether the rules so far are a policy: one that cannot be used would stop
 * every session. */
static int
check_policy(const struct buf *policy, char *why, size_t size)
{
	struct policy_files files = {.profile = NULL};
	struct policy p;
	int fd, r;

	fd = fd_memfd("policy.toml", buf_data(policy), policy->len);
	if (fd < 0) {
		(void)strlcpy(why, err_str(fd), size);
		return EX_OSERR;
	}
	files.more = fd;
	r = policy_load(&p, &files, NULL, NULL, why, size);
	policy_fini(&p);
	fd_close(&fd);
	return r;
}

static void
put_rule(struct import *im, const char *effect, unsigned number,
    const struct found *f, const char *rule)
{
	char why[512] = "";
	struct buf with;

	buf_init(&with, IMPORT_MAX);
	(void)buf_add(&with, buf_data(&im->policy), im->policy.len);
	if (f->kind == VALUE_STR &&
	    import_rule(&with, effect, number, rule) == 0 &&
	    buf_err(&with) == 0 && check_policy(&with, why, sizeof(why)) == 0) {
		buf_clear(&im->policy);
		(void)buf_add(&im->policy, buf_data(&with), with.len);
	} else
		(void)fprintf(stderr, "no equivalent: %s: %s%s%s\n", f->name,
		    rule, *why == '\0' ? "" : ": ", why);
	buf_fini(&with);
}

static void
put_rules(struct import *im, const char *effect, const struct found *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		put_rule(im, effect, (unsigned)i + 1, f, f->v[i]);
}

static void
put_seconds(struct import *im, const char *name, const struct found *f)
{
	char text[32];
	struct found s = {.name = f->name,
	    .kind = VALUE_FLOAT,
	    .n = 1,
	    .v = (char *[]){text}};

	if (f->kind != VALUE_INT || f->list) {
		none(f, "it should be a whole number");
		return;
	}
	(void)snprintf(
	    text, sizeof(text), "%.3f", strtod(f->v[0], NULL) / 1000);
	put_same(im, name, &s);
}

/* Whether the table that a setting stands in has one of that name. */
static bool
has_beside(const struct import *im, struct key_path path, const char *leaf)
{
	char name[KEY_SIZE];
	size_t i;

	path.n = 2;
	path.part[path.n++] = leaf;
	if (key_join(name, sizeof(name), &path, 0) != 0)
		return false;
	for (i = 0; i < im->n; i++)
		if (strcmp(im->found[i].name, name) == 0)
			return true;
	return false;
}

/* What is set of an MCP server, unless that as a whole cannot be one of
 * ours. */
static void
put_server(struct import *im, const struct import_row *of,
    const struct found *f, struct key_path *path)
{
	const struct import_row *row;
	struct key_path rest = *path;
	const char *star[2];
	char name[KEY_SIZE], leaf[KEY_SIZE];
	unsigned i;

	if (!servers_name(path->part[1])) {
		none_table(im, of, path, SERVERS_NAME);
		return;
	}
	if (!has_beside(im, *path, "command")) {
		none_table(im, of, path,
		    "Cordon speaks to servers that it starts, not over HTTP");
		return;
	}
	for (i = 2; i < path->n; i++)
		rest.part[i - 2] = path->part[i];
	rest.n = path->n - 2;
	row = import_find(import_server_rows, &rest, star);
	if (row == NULL || row->how == IMPORT_NONE)
		none(f, row == NULL ? NULL : row->to);
	else if (row->how != IMPORT_DROP &&
		 fill_name(leaf, sizeof(leaf), row->to, star) == 0 &&
		 str_fmt(name, sizeof(name), "mcp_servers.%s.%s", path->part[1],
		     leaf) == 0) {
		if (row->how == IMPORT_MS)
			put_seconds(im, name, f);
		else
			put_same(im, name, f);
	}
}

/* What a row says that has no key of ours for the value itself. */
static bool
put_nothing(struct import *im, const struct import_row *row,
    const struct found *f, struct key_path *path)
{
	if (row->how == IMPORT_NONE)
		none(f, row->to);
	else if (row->how == IMPORT_TABLE)
		none_table(im, row, path, row->to);
	else if (row->how == IMPORT_SERVER)
		put_server(im, row, f, path);
	else
		return row->how == IMPORT_DROP;
	return true;
}

static void
convert(struct import *im, const struct found *f)
{
	const struct import_row *row;
	const char *star[2];
	struct key_path path;
	char name[KEY_SIZE];

	if (key_split(&path, f->name) != 0) {
		none(f, "the name is too long");
		return;
	}
	row = import_find(im->program->rows, &path, star);
	if (row == NULL) {
		if (im->program->same)
			put_same(im, f->name, f);
		else
			none(f, NULL);
		return;
	}
	if (put_nothing(im, row, f, &path))
		return;
	if (fill_name(name, sizeof(name), row->to, star) != 0) {
		none(f, "the name is too long");
		return;
	}
	switch (row->how) {
	case IMPORT_SAME:
		put_same(im, name, f);
		break;
	case IMPORT_SHELL:
		put_shell(im, name, f);
		break;
	case IMPORT_MODEL:
		put_model(im, name, f);
		break;
	case IMPORT_SEARCH:
		put_text(im, name,
		    f->n == 1 && strcmp(f->v[0], "true") == 0 ? "live"
							      : "disabled");
		break;
	case IMPORT_MODE:
		put_mode(im, name, f);
		break;
	case IMPORT_RULES:
		put_rules(im, name, f);
		break;
	case IMPORT_MS:
	case IMPORT_SERVER:
	case IMPORT_DROP:
	case IMPORT_NONE:
	case IMPORT_TABLE:
		break;
	}
}

/* Only where there is no policy yet. */
static int
write_policy(const struct import *im)
{
	char path[PATH_MAX];
	struct paths paths;
	int fd, r = EX_OK;

	if (settings_paths(&paths) != EX_OK)
		return EX_CONFIG;
	(void)snprintf(path, sizeof(path), "%s/policy.toml", paths.config);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		(void)fprintf(stderr,
		    "kept: %s is not changed; add the rules by hand\n", path);
	else if (fd_write_all(fd, buf_data(&im->policy), im->policy.len) != 0) {
		log_error("%s: %s", path, err_sys(errno));
		(void)unlink(path);
		r = EX_IOERR;
	}
	fd_close(&fd);
	paths_fini(&paths);
	return r;
}

static int
read_program(struct import *im, const char *path)
{
	static const struct load_ops ops = {.conf = take};
	struct load *l;
	char error[1024];
	struct stat st;
	int fd, code;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (fd == -1)
			log_error(
			    "config import: %s: %s", path, err_sys(errno));
		else
			log_error(
			    "config import: %s is no regular file; name one",
			    path);
		fd_close(&fd);
		return EX_NOINPUT;
	}
	l = load_new();
	(void)load_file(l, im->program->kind, LAYER_USER, fd, path);
	code = load_run(l, &ops, im, error, sizeof(error));
	load_free(l);
	if (code != EX_OK)
		log_error("config import: %s", error);
	return code == EX_CONFIG ? EX_DATAERR : code;
}

static void
convert_all(struct import *im)
{
	const struct import_set *set;
	bool rules = false;
	size_t i;

	(void)buf_adds(&im->policy, POLICY_HEAD);
	(void)printf("# config.toml\n");
	for (set = im->program->fixed; set != NULL && set->name != NULL; set++)
		put_text(im, set->name, set->value);
	for (i = 0; i < im->n; i++)
		convert(im, &im->found[i]);
	if (im->policy.len > sizeof(POLICY_HEAD) - 1) {
		(void)printf("\n# policy.toml\n%s", buf_cstr(&im->policy));
		rules = true;
	}
	if (im->write && im->code == EX_OK)
		im->code = config_add(im->sets, im->nsets);
	if (im->write && im->code == EX_OK && rules)
		im->code = write_policy(im);
}

static void
import_free(struct import *im)
{
	size_t i, j;

	for (i = 0; i < im->n; i++) {
		for (j = 0; j < im->found[i].n; j++)
			free(im->found[i].v[j]);
		free(im->found[i].v);
		free(im->found[i].name);
	}
	for (i = 0; i < im->nsets; i++) {
		free(im->sets[i].name);
		free(im->sets[i].literal);
	}
	free(im->found);
	free(im->sets);
	buf_fini(&im->policy);
}

static int
import_run(const struct cmd_line *line)
{
	const struct import_args *args = line->args;
	const char *home = getenv("HOME");
	struct import im = {.program = import_programs, .write = args->write};
	char path[PATH_MAX];

	if (args->from == NULL) {
		log_error("config import: say whose settings with --from"
			  " codex, claude or gemini");
		return EX_USAGE;
	}
	while (strcmp(im.program->name, args->from) != 0)
		im.program++;
	if (line->given.n > 0)
		(void)strlcpy(path, line->given.v[0], sizeof(path));
	else
		(void)snprintf(path, sizeof(path), "%s/%s",
		    home == NULL ? "" : home, im.program->file);
	buf_init(&im.policy, IMPORT_MAX);
	im.code = read_program(&im, path);
	if (im.code == EX_OK)
		convert_all(&im);
	import_free(&im);
	return im.code;
}

const struct cmd config_import = {
    .name = "import",
    .summary = "Show or take over the settings of another agent.",
    .operands = "[FILE]",
    .opts = import_opts,
    .args_size = sizeof(struct import_args),
    .max = 1,
    .run = import_run,
};
