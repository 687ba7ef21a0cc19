/* SPDX-License-Identifier: Apache-2.0 */

/* Tool library: where paths lead. */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#include "tool/place.h"

#define LINKS_MAX 40 /* as the kernel has it */

struct walk {
	char *place;         /* so far, without a slash at its end */
	char rest[PATH_MAX]; /* what is to be gone yet */
	unsigned links;
};

static int
step_down(struct walk *w, const char *name, size_t n)
{
	size_t len = strlen(w->place);

	if (len + 1 + n >= PATH_MAX)
		return -ENAMETOOLONG;
	w->place[len] = '/';
	memcpy(w->place + len + 1, name, n);
	w->place[len + 1 + n] = '\0';
	return 0;
}

static void
step_up(struct walk *w)
{
	char *slash = strrchr(w->place, '/');

	if (slash != NULL)
		*slash = '\0';
}

/* What was stepped on is a link: its text comes before the rest. */
static int
follow(struct walk *w, const char *text, const char *rest)
{
	char whole[PATH_MAX];

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (str_fmt(whole, sizeof(whole), "%s/%s", text, rest) != 0)
		return -ENAMETOOLONG;
	if (*text == '/')
		w->place[0] = '\0';
	else
		step_up(w);
	(void)strlcpy(w->rest, whole, sizeof(w->rest));
	return 0;
}

static int
walk(char place[PATH_MAX], const char *path, bool look)
{
	char text[PATH_MAX], *name;
	struct walk w = {.place = place};
	size_t n;
	ssize_t len;
	int r = 0;

	place[0] = '\0';
	if (strlcpy(w.rest, path, sizeof(w.rest)) >= sizeof(w.rest))
		return -ENAMETOOLONG;
	while (r == 0 && w.rest[0] != '\0') {
		name = w.rest + strspn(w.rest, "/");
		n = strcspn(name, "/");
		if (n == 2 && name[0] == '.' && name[1] == '.')
			step_up(&w);
		else if (n > 0 && (n != 1 || *name != '.'))
			r = step_down(&w, name, n);
		memmove(w.rest, name + n, strlen(name + n) + 1);
		len = -1;
		if (r == 0 && look && n > 0 && !str_starts(place, "/proc/"))
			len = readlink(place, text, sizeof(text) - 1);
		if (len < 0)
			continue;
		text[len] = '\0';
		r = follow(&w, text, w.rest);
	}
	if (place[0] == '\0')
		(void)strlcpy(place, "/", PATH_MAX);
	return r;
}

int
place_real(char place[PATH_MAX], const char *path)
{
	return walk(place, path, true);
}

int
place_plain(char place[PATH_MAX], const char *path)
{
	return walk(place, path, false);
}

bool
place_same(const char *real, const char *plain)
{
	return strcmp(real, plain) == 0 ||
	       (str_starts(real, "/usr/") &&
		   (str_starts(plain, "/usr/") || str_starts(plain, "/bin/") ||
		       str_starts(plain, "/sbin/") ||
		       str_starts(plain, "/lib")));
}
