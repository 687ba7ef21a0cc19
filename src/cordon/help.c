/* SPDX-License-Identifier: Apache-2.0 */

/* The text of --help, from the tables of cordon/cmd.h and cordon/opt.h. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cordon/cmd.h"
#include "cordon/opt.h"

#define HELP_LEFT  30 /* columns before the explanation of an option */
#define HELP_NAME  14 /* columns before the summary of a command */
#define HELP_WIDTH 79

/* Prints text from column col on, wrapped, with later lines at indent. */
static void
help_wrap(FILE *to, const char *text, size_t col, size_t indent)
{
	size_t n, gap = 0;

	while (*text != '\0') {
		n = strcspn(text, " ");
		if (col + gap + n > HELP_WIDTH && gap > 0) {
			(void)fprintf(to, "\n%*s", (int)indent, "");
			col = indent;
			gap = 0;
		}
		(void)fprintf(to, "%*s%.*s", (int)gap, "", (int)n, text);
		col += gap + n;
		text += n;
		gap = strspn(text, " ");
		text += gap;
	}
	(void)fputc('\n', to);
}

/* One line of a list: left, a gap, and the explanation in its column. */
static void
help_row(FILE *to, const char *left, size_t column, const char *text)
{
	size_t n = strlen(left);

	(void)fprintf(to, "  %s", left);
	if (n + 4 > column)
		(void)fprintf(to, "\n%*s", (int)column, "");
	else
		(void)fprintf(to, "%*s", (int)(column - n - 2), "");
	help_wrap(to, text, column, column);
}

static int
help_option(void *arg, const struct opt *opt, void *slot)
{
	char left[256], letter[5] = "    ";

	(void)slot;
	if (opt->flags & OPT_HIDDEN)
		return 0;
	if (opt->letter != '\0')
		(void)snprintf(letter, sizeof(letter), "-%c, ", opt->letter);
	(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, opt->name,
	    opt->arg == NULL ? "" : " ", opt->arg == NULL ? "" : opt->arg);
	help_row(arg, left, HELP_LEFT, opt->help);
	return 0;
}

void
help_print(struct cmd_line *line, FILE *to)
{
	const struct cmd *cmd = line->cmd;
	const struct cmd *const *sub;
	const char *sub_path;
	char path[64];

	cmd_path(line, path, sizeof(path));
	(void)fprintf(to, "usage: %s", path);
	if (cmd->run != NULL)
		(void)fprintf(to, " [OPTIONS]%s%s",
		    cmd->operands == NULL ? "" : " ",
		    cmd->operands == NULL ? "" : cmd->operands);
	if (cmd->subs != NULL)
		(void)fprintf(to, "%s%s%s COMMAND ...",
		    cmd->run == NULL ? "" : "\n       ",
		    cmd->run == NULL ? "" : path,
		    cmd->run == NULL ? "" : " [OPTIONS]");
	(void)fprintf(to, "\n\n");
	help_wrap(to, cmd->summary, 0, 0);
	if (cmd->subs != NULL) {
		(void)fprintf(to, "\nCommands:\n");
		for (sub = cmd->subs; *sub != NULL; sub++)
			if (!((*sub)->flags & CMD_HIDDEN))
				help_row(to, (*sub)->name, HELP_NAME,
				    (*sub)->summary);
	}
	(void)fprintf(to, "\nOptions:\n");
	(void)opt_visit(line, help_option, to);
	sub_path = strchr(path, ' '); /* none: cordon, or another name of it */
	if (cmd == &cmd_cordon)
		(void)fprintf(to, "\nMore: cordon help cordon, or a tutorial: "
				  "cordon help tutorial\n");
	else
		(void)fprintf(to, "\nMore: cordon help %s\n",
		    sub_path == NULL ? path : sub_path + 1);
}
