/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TOOL_PLACE_H
#define TOOL_PLACE_H

#include <limits.h>
#include <stdbool.h>

/*
 * Where an absolute path leads, whether or not there is anything yet: each
 * link is followed, "." and ".." are taken as the kernel takes them, and what
 * is not there stays as it is named.  Links of /proc are left: whither they
 * lead is another place for each who asks.  0; -ELOOP; or -ENAMETOOLONG.
 */
int place_real(char place[PATH_MAX], const char *path);
/* The same without looking: what the path says. */
int place_plain(char place[PATH_MAX], const char *path);
/* Whether there is nothing to say of it: they are the same, or the system has
 * a program of its own by more than one name, as /bin/sh. */
bool place_same(const char *real, const char *plain);

#endif /* TOOL_PLACE_H */
