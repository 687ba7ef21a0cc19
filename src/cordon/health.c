/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: what cordon doctor finds out about everything but the walls.
 * Each check says one line; one that is not good says what to do.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cordon/health.h"
#include "cordon/person.h"
#include "cordon/policy.h"
#include "cordon/provider.h"
#include "cordon/settings.h"
#include "cordon/token.h"

#define HEALTH_DISK_MIB 64 /* the audit log keeps 16 of them back */

struct looking {
	struct paths paths;
	struct conf *conf; /* owned; NULL: it has a mistake */
};

static bool __attribute__((format(printf, 2, 3)))
found(struct health *h, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(h->text, sizeof(h->text), fmt, ap);
	va_end(ap);
	return true;
}

static bool
look_config(struct health *h, const struct looking *l)
{
	char path[PATH_MAX];

	if (l->conf == NULL)
		return !found(
		    h, "has the mistake named above; cordon config edit");
	if (str_fmt(path, sizeof(path), "%s/config.toml", l->paths.config) !=
		0 ||
	    access(path, F_OK) != 0)
		return found(h,
		    "%s/config.toml is not there: all is as built "
		    "in",
		    l->paths.config);
	return found(h, "%s", path);
}

static bool
look_policy(struct health *h, const struct looking *l)
{
	const struct policy_files files = {.paths = &l->paths};
	struct policy p;
	char why[400];
	int r;

	policy_init(&p);
	r = policy_load(&p, &files, NULL, NULL, why, sizeof(why));
	if (r != 0)
		(void)found(h, "%s", why);
	else
		(void)found(h, "%zu rules", p.nrules);
	policy_fini(&p);
	return r == 0;
}

/* Only where a token comes from is said, and of a login that it is there. */
static bool
look_provider(struct health *h, const struct looking *l)
{
	static const char *const sources[] = {[TOKEN_NONE] = "needs no token",
	    [TOKEN_ENV] = "token from the environment or cordon login",
	    [TOKEN_COMMAND] = "token from a command"};

	if (l->conf == NULL)
		return !found(h, "unknown without a configuration");
	if (provider_missing(l->conf, &l->paths) != NULL)
		return !found(h, "none: set OPENAI_API_KEY or "
				 "ANTHROPIC_API_KEY, cordon login, or start "
				 "Ollama or LM Studio");
	return found(h, "%s, %s", conf_text(l->conf, "model_provider"),
	    sources[token_source(l->conf)]);
}

static bool
look_terminal(struct health *h, const struct looking *l)
{
	const char *term = getenv("TERM");
	struct winsize ws = {0};

	(void)l;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return found(h, "none: plain lines");
	if (term == NULL || *term == '\0')
		return !found(h, "TERM is not set: only plain lines");
	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws);
	if (setlocale(LC_CTYPE, "") == NULL ||
	    strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return !found(h,
		    "%s %ux%u, but the locale is not UTF-8: set "
		    "LANG=C.UTF-8",
		    term, ws.ws_col, ws.ws_row);
	return found(h, "%s %ux%u, UTF-8", term, ws.ws_col, ws.ws_row);
}

/* The first folder on the way up to / that is there. */
static void
existing(char *path)
{
	char *slash;

	while (access(path, F_OK) != 0 &&
	       (slash = strrchr(path, '/')) != NULL && slash != path)
		*slash = '\0';
}

static bool
look_disk(struct health *h, const struct looking *l)
{
	char path[PATH_MAX];
	struct statvfs vfs;
	unsigned long long mib;

	(void)strlcpy(path, l->paths.state, sizeof(path));
	existing(path);
	if (statvfs(path, &vfs) == -1)
		return !found(h, "%s: %s", path, strerror(errno));
	if (access(path, W_OK) != 0)
		return !found(h,
		    "%s cannot be written, so nothing can be "
		    "recorded and nothing will run",
		    path);
	mib = (unsigned long long)vfs.f_bavail * vfs.f_frsize / 1048576;
	if (mib < HEALTH_DISK_MIB)
		return !found(h, "%llu MiB are free in %s; a session wants %d",
		    mib, l->paths.state, HEALTH_DISK_MIB);
	return found(h, "%llu MiB free in %s", mib, l->paths.state);
}

/* Certificates and the times of the audit log rest on it: adjtimex(2). */
static bool
look_clock(struct health *h, const struct looking *l)
{
	struct timex tx = {.modes = 0};
	int state = adjtimex(&tx);

	(void)l;
	if (state == -1)
		return found(h, "whether it is set right is not told here");
	if (state == TIME_ERROR)
		return found(h, "runs without a time server, as far as the "
				"kernel knows");
	return found(h, "kept by a time server");
}

/* As execvp(3) would find the first word of what is set. */
static bool
in_path(const char *program)
{
	const char *dirs = getenv("PATH"), *end;
	char path[PATH_MAX];

	if (strchr(program, '/') != NULL)
		return access(program, X_OK) == 0;
	for (; dirs != NULL; dirs = *end == '\0' ? NULL : end + 1) {
		end = strchrnul(dirs, ':');
		if (str_fmt(path, sizeof(path), "%.*s/%s", (int)(end - dirs),
			dirs, program) == 0 &&
		    access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static bool
look_editor(struct health *h, const struct looking *l)
{
	const char *editor = person_editor();
	char word[256];

	(void)l;
	if (str_fmt(word, sizeof(word), "%.*s", (int)strcspn(editor, " "),
		editor) != 0 ||
	    !in_path(word))
		return !found(h, "%s is not found; set VISUAL or EDITOR", word);
	return found(h, "%s", editor);
}

static const struct check {
	const char *name;
	bool (*look)(struct health *h, const struct looking *l);
} checks[] = {{"configuration", look_config}, {"policy", look_policy},
    {"provider", look_provider}, {"terminal", look_terminal},
    {"disk", look_disk}, {"clock", look_clock}, {"editor", look_editor}};

_Static_assert(sizeof(checks) / sizeof(checks[0]) == HEALTH_CHECKS,
    "as many as the header says");

void
health_look(struct health out[HEALTH_CHECKS])
{
	const struct session_args args = {0};
	struct looking l = {0};
	char why[512];
	size_t i;
	int r = paths_find(&l.paths, why, sizeof(why));

	if (r == 0)
		l.conf = settings_read(&args, &l.paths);
	for (i = 0; i < HEALTH_CHECKS; i++) {
		out[i] = (struct health){.name = checks[i].name};
		if (r != 0)
			(void)found(&out[i], "%s", why);
		else
			out[i].good = checks[i].look(&out[i], &l);
	}
	conf_free(l.conf);
	paths_fini(&l.paths);
}
