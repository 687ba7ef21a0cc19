/* SPDX-License-Identifier: Apache-2.0 */

/* Small questions about the table of commands. */

#include "config.h"

#include <assert.h>
#include <string.h>

#include "base/str.h"
#include "cordon/cmd.h"

#define CMD_SUBS_MAX 64 /* sub-commands of one command, for the hint */

const void *
cmd_args(const struct cmd_line *line, const struct cmd *cmd)
{
	for (; line != NULL; line = line->parent)
		if (line->cmd == cmd)
			return line->args;
	assert(false && "not a level of this command line");
	return NULL;
}

const struct cmd *
cmd_sub(const struct cmd *cmd, const char *name)
{
	const struct cmd *const *sub;

	for (sub = cmd->subs; sub != NULL && *sub != NULL; sub++)
		if (strcmp((*sub)->name, name) == 0)
			return *sub;
	return NULL;
}

const char *
cmd_nearest(const struct cmd *cmd, const char *name)
{
	const char *names[CMD_SUBS_MAX + 1] = {NULL};
	const struct cmd *const *sub;
	size_t n = 0;

	for (sub = cmd->subs; sub != NULL && *sub != NULL; sub++)
		if (n < CMD_SUBS_MAX && !((*sub)->flags & CMD_HIDDEN))
			names[n++] = (*sub)->name;
	return str_nearest(name, names);
}

void
cmd_path(const struct cmd_line *line, char *dst, size_t size)
{
	dst[0] = '\0';
	if (line->parent != NULL) {
		cmd_path(line->parent, dst, size);
		(void)strlcat(dst, " ", size);
	}
	(void)strlcat(dst, line->cmd->name, size);
}
