/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: the image in the clipboard.
 *
 * What the program prints stays in the fork unless it is an image: whoever has
 * taken over the front gets no text that the person has copied.
 */

#include "config.h"

#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/image.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cordon/clipboard.h"
#include "cordon/errand.h"
#include "cordon/oneshot.h"

#define CLIPBOARD_KEY "tui.image_command"
#define CLIPBOARD_MS  5000 /* as the table of keys has it */

/* What a desktop's own program is started with, the preferred one first. */
static const struct {
	const char *variable; /* that says that there is this desktop */
	const char *argv[8];
} programs[] = {
    {"WAYLAND_DISPLAY",
	{"wl-paste", "--no-newline", "--type", "image/png", NULL}},
    {"DISPLAY",
	{"xclip", "-selection", "clipboard", "-t", "image/png", "-o", NULL}},
};

#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

/* Given to this program alone: no role and no cell has those of a desktop. */
static const char *const passed[] = {"HOME", "USER", "LOGNAME", "PATH", "LANG",
    "LC_ALL", "LC_CTYPE", "TMPDIR", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR",
    "DISPLAY", "XAUTHORITY"};

static uint64_t
clipboard_ms(const struct conf *c)
{
	const char *text = conf_text(c, "tui.image_timeout_ms"), *why;
	long long ms = text == NULL ? 0 : strtonum(text, 1, INT32_MAX, &why);

	return ms > 0 ? (uint64_t)ms : CLIPBOARD_MS;
}

static bool
is_set(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0';
}

/* Whether PATH has such a program; an empty entry is none, as in exec_path. */
static bool
is_there(const char *name)
{
	const char *dirs = getenv("PATH"), *end;
	char path[4096];
	bool found = false;

	for (; dirs != NULL && *dirs != '\0' && !found;
	     dirs = *end == ':' ? end + 1 : end) {
		end = dirs + strcspn(dirs, ":");
		found = end > dirs &&
			str_fmt(path, sizeof(path), "%.*s/%s",
			    (int)(end - dirs), dirs, name) == 0 &&
			access(path, X_OK) == 0;
	}
	return found;
}

static int
find_default(struct clipboard *cb, char *why, size_t size)
{
	const char *const *arg;
	bool desktop = false;
	size_t i;

	for (i = 0; i < PROGRAMS; i++) {
		if (!is_set(programs[i].variable))
			continue;
		desktop = true;
		if (!is_there(programs[i].argv[0]))
			continue;
		for (arg = programs[i].argv; *arg != NULL; arg++)
			cb->args[cb->argv.n++] = *arg;
		return 0;
	}
	(void)strlcpy(why,
	    desktop ? "for images install wl-clipboard or xclip, or "
		      "set " CLIPBOARD_KEY
		    : "no desktop's clipboard here; " CLIPBOARD_KEY
		      " can name a program",
	    size);
	return ERR_NOENT;
}

static int give_path(struct spec *s, unsigned access, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* What exists of that name, links resolved. */
static int
give_path(struct spec *s, unsigned access, const char *fmt, ...)
{
	char path[PATH_MAX], real[PATH_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(path) || realpath(path, real) == NULL)
		return 0;
	return spec_adds(s, real, access);
}

/*
 * The desktop's sockets by name: where there are no walls (tier lsm) nothing
 * of /run and /tmp is anybody's, whatever is above them.
 */
static int
give_sockets(struct spec *s)
{
	const char *wayland = getenv("WAYLAND_DISPLAY");
	const char *dir = getenv("XDG_RUNTIME_DIR"), *x = getenv("DISPLAY");
	const char *authority = getenv("XAUTHORITY");
	int r = 0;

	if (wayland != NULL && (*wayland == '/' || dir != NULL))
		r = give_path(s, SPEC_READ | SPEC_WRITE, "%s%s%s",
		    *wayland == '/' ? "" : dir, *wayland == '/' ? "" : "/",
		    wayland);
	if (r == 0 && x != NULL && str_starts(x, "unix"))
		x += strlen("unix");
	if (r == 0 && x != NULL && *x == ':')
		r = give_path(s, SPEC_READ | SPEC_WRITE, "/tmp/.X11-unix/X%.*s",
		    (int)strspn(x + 1, "0123456789"), x + 1);
	if (r == 0 && authority != NULL)
		r = give_path(s, SPEC_READ, "%s", authority);
	return r;
}

int
clipboard_find(struct clipboard *cb, const struct conf *c,
    const char *workspace, char *why, size_t size)
{
	const struct conf_value *v = conf_get(c, CLIPBOARD_KEY);
	size_t i;
	int r = 0;

	memset(cb, 0, sizeof(*cb));
	cb->argv.v = cb->args;
	spec_init(&cb->spec);
	*why = '\0';
	if (v == NULL || v->n == 0)
		r = find_default(cb, why, size);
	for (i = 0; v != NULL && i < v->n && i < CLIPBOARD_ARGS; i++)
		cb->args[cb->argv.n++] = v->v[i];
	for (i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		if (is_set(passed[i]))
			cb->env[cb->nenv++] =
			    xasprintf("%s=%s", passed[i], getenv(passed[i]));
	if (r == 0)
		r = errand_spec(
		    &cb->spec, workspace, clipboard_ms(c), IMAGE_MAX + 4096);
	cb->spec.abstract = true; /* which X programs try first */
	return r == 0 ? give_sockets(&cb->spec) : r;
}

void
clipboard_fini(struct clipboard *cb)
{
	size_t i;

	for (i = 0; i < cb->nenv; i++)
		free((void *)(uintptr_t)cb->env[i]);
	spec_fini(&cb->spec);
	memset(cb, 0, sizeof(*cb));
}

/* Why there is none. */
static void
no_image(const char *name, int code, uint64_t ms, const struct buf *out,
    char *why, size_t size)
{
	if (code == 124 || code == -EX_TEMPFAIL)
		(void)snprintf(why, size,
		    "no image: %.99s took more than %llu ms", name,
		    (unsigned long long)ms);
	else if (code < 0 || code == 126 || code == 127)
		(void)snprintf(why, size,
		    "no image: %.99s cannot be run (" CLIPBOARD_KEY ")", name);
	else if (code == 128 + SIGXFSZ || out->len > IMAGE_MAX)
		(void)snprintf(why, size, "the image is larger than %u MiB",
		    IMAGE_MAX >> 20);
	else if (code != 0)
		(void)snprintf(why, size,
		    "no image in the clipboard: %.99s ended with status %d",
		    name, code);
	else if (out->len == 0)
		(void)strlcpy(why, "no image in the clipboard", size);
	else
		(void)strlcpy(why,
		    "no image in the clipboard: not a PNG, JPEG, GIF or WebP",
		    size);
}

int
clipboard_run(const struct clipboard *cb, const struct paths *paths,
    const char *tier, int to, const char **type, char *why, size_t size)
{
	const struct oneshot o = {.argv = cb->argv.v,
	    .cwd = CLIPBOARD_CWD,
	    .paths = paths,
	    .ceiling = &cb->spec,
	    .grant = &cb->spec,
	    .tier = tier,
	    .in = -1,
	    .env = cb->env,
	    .quiet = true};
	struct image im = {0};
	struct buf out;
	int code;

	buf_init(&out, IMAGE_MAX + 8192);
	code = oneshot_run(&o, &out);
	if (code != 0 || out.len > IMAGE_MAX ||
	    !image_sniff(buf_data(&out), out.len, &im)) {
		no_image(cb->argv.v[0], code, cb->spec.limits.wall_ms, &out,
		    why, size);
		im.type = NULL;
	} else if (fd_write_all(to, buf_data(&out), out.len) != 0) {
		(void)strlcpy(why, "there is no memory for the image", size);
		im.type = NULL;
	}
	*type = im.type;
	buf_fini(&out);
	return code;
}
