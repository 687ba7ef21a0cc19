/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon completion SHELL: a completion script, made from the same tables as
 * --help.  The script is complete in itself and never calls cordon.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/str.h"
#include "cordon/cmd.h"

enum value_kind { VALUE_NONE, VALUE_FILE, VALUE_DIR, VALUE_WORDS };

/* What a shell offers behind an option or as operand, by its placeholder. */
static enum value_kind
value_kind(const char *arg)
{
	if (strstr(arg, "FILE") != NULL)
		return VALUE_FILE;
	if (strstr(arg, "DIR") != NULL || strstr(arg, "PATH") != NULL)
		return VALUE_DIR;
	if (strchr(arg, '|') != NULL && strchr(arg, ' ') == NULL)
		return VALUE_WORDS;
	return VALUE_NONE;
}

/* Calls fn for a command and all below it. */
typedef void level_fn(struct cmd_line *line);

static void
each_level(struct cmd_line *line, level_fn *fn)
{
	const struct cmd *const *sub;

	fn(line);
	for (sub = line->cmd->subs; sub != NULL && *sub != NULL; sub++) {
		struct cmd_line level = {.cmd = *sub, .parent = line};

		if (!((*sub)->flags & CMD_HIDDEN))
			each_level(&level, fn);
	}
}

/* "one|two|three" as "one two three". */
static void
put_words(const char *arg)
{
	for (; *arg != '\0'; arg++)
		(void)putchar(*arg == '|' ? ' ' : *arg);
}

/* The text of a help line inside single quotes of any of the shells. */
static void
put_quoted(const char *text, const char *escape)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			continue; /* our own texts do without */
		if (strchr(escape, *text) != NULL)
			(void)putchar('\\');
		(void)putchar(*text);
	}
}

/* bash: one case for each command, one for the option before the cursor. */

static int
bash_name(void *arg, const struct opt *opt, void *slot)
{
	(void)arg, (void)slot;
	if (opt->flags & OPT_HIDDEN)
		return 0;
	if (opt->letter != '\0')
		printf(" -%c", opt->letter);
	printf(" --%s", opt->name);
	return 0;
}

static int
bash_value(void *arg, const struct opt *opt, void *slot)
{
	(void)arg, (void)slot;
	if (opt->arg == NULL || (opt->flags & OPT_HIDDEN))
		return 0;
	printf("\t\t--%s", opt->name);
	if (opt->letter != '\0')
		printf(" | -%c", opt->letter);
	printf(")\n\t\t\t");
	switch (value_kind(opt->arg)) {
	case VALUE_FILE:
		printf("_cordon_files -f");
		break;
	case VALUE_DIR:
		printf("_cordon_files -d");
		break;
	case VALUE_WORDS:
		printf("_cordon_words \"");
		put_words(opt->arg);
		printf("\"");
		break;
	case VALUE_NONE:
		printf(":");
		break;
	}
	printf("\n\t\t\treturn ;;\n");
	return 0;
}

static void
bash_level(struct cmd_line *line)
{
	const struct cmd *const *sub;
	char path[64];

	cmd_path(line, path, sizeof(path));
	printf("\t\"%s\")\n\t\tcase $prev in\n", path);
	(void)opt_visit(line, bash_value, NULL);
	printf("\t\tesac\n\t\tcase $cur in\n\t\t-*) _cordon_words \"");
	(void)opt_visit(line, bash_name, NULL);
	printf("\" ;;\n");
	if (line->cmd->subs != NULL) {
		printf("\t\t*) _cordon_words \"");
		for (sub = line->cmd->subs; *sub != NULL; sub++)
			if (!((*sub)->flags & CMD_HIDDEN))
				printf(" %s", (*sub)->name);
		printf("\" ;;\n");
	} else if (line->cmd->operands != NULL) {
		if (value_kind(line->cmd->operands) == VALUE_WORDS) {
			printf("\t\t*) _cordon_words \"");
			put_words(line->cmd->operands);
			printf("\" ;;\n");
		} else
			printf("\t\t*) _cordon_files -f ;;\n");
	}
	printf("\t\tesac ;;\n");
}

/* The shell's own view of which command is being typed: a list of paths. */
static void
bash_path(struct cmd_line *line)
{
	char path[64];

	if (line->parent == NULL)
		return;
	cmd_path(line, path, sizeof(path));
	printf("\t\t\"%s\") at=$path ;;\n", path);
}

static void
bash_print(struct cmd_line *root)
{
	printf("# bash completion for cordon; made by"
	       " 'cordon completion bash'.\n\n"
	       "_cordon_words() {\n"
	       "\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
	       "}\n\n"
	       "_cordon_files() {\n"
	       "\tcompopt -o filenames\n"
	       "\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
	       "}\n\n"
	       "_cordon() {\n"
	       "\tlocal cur prev at path i\n"
	       "\tCOMPREPLY=()\n"
	       "\tcur=${COMP_WORDS[COMP_CWORD]}\n"
	       "\tprev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	       "\tat=cordon\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tpath=\"$at ${COMP_WORDS[i]}\"\n"
	       "\t\tcase $path in\n");
	each_level(root, bash_path);
	printf("\t\tesac\n\tdone\n\tcase $at in\n");
	each_level(root, bash_level);
	printf("\tesac\n}\n\ncomplete -F _cordon cordon\n");
}

/* zsh: _arguments for each command. */

static int
zsh_option(void *arg, const struct opt *opt, void *slot)
{
	(void)arg, (void)slot;
	if (opt->flags & OPT_HIDDEN)
		return 0;
	printf(" \\\n\t\t\t");
	if (opt->letter != '\0')
		printf("{-%c%s,--%s%s}'", opt->letter,
		    opt->arg == NULL ? "" : "+", opt->name,
		    opt->arg == NULL ? "" : "=");
	else
		printf("'--%s%s", opt->name, opt->arg == NULL ? "" : "=");
	printf("[");
	put_quoted(opt->help, "[]");
	printf("]");
	if (opt->arg != NULL) {
		switch (value_kind(opt->arg)) {
		case VALUE_FILE:
			printf(":file:_files");
			break;
		case VALUE_DIR:
			printf(":folder:_files -/");
			break;
		case VALUE_WORDS:
			printf(":value:(");
			put_words(opt->arg);
			printf(")");
			break;
		case VALUE_NONE:
			printf(":value: ");
			break;
		}
	}
	printf("'");
	return 0;
}

static void
zsh_level(struct cmd_line *line)
{
	const struct cmd *const *sub;
	char path[64];

	cmd_path(line, path, sizeof(path));
	printf("\t\"%s\")\n\t\t_arguments -s -S", path);
	(void)opt_visit(line, zsh_option, NULL);
	if (line->cmd->subs != NULL) {
		printf(" \\\n\t\t\t'*:command:((");
		for (sub = line->cmd->subs; *sub != NULL; sub++) {
			if ((*sub)->flags & CMD_HIDDEN)
				continue;
			printf(" %s\\:\"", (*sub)->name);
			put_quoted((*sub)->summary, "():\"");
			printf("\"");
		}
		printf("))'");
	} else if (line->cmd->operands != NULL &&
		   value_kind(line->cmd->operands) == VALUE_WORDS) {
		printf(" \\\n\t\t\t'*:value:(");
		put_words(line->cmd->operands);
		printf(")'");
	} else if (line->cmd->operands != NULL)
		printf(" \\\n\t\t\t'*:operand:_files'");
	printf(" ;;\n");
}

static void
zsh_print(struct cmd_line *root)
{
	printf("#compdef cordon\n"
	       "# zsh completion for cordon; made by"
	       " 'cordon completion zsh'.\n\n"
	       "_cordon() {\n"
	       "\tlocal at=cordon path\n"
	       "\tlocal -i i n=1\n"
	       "\tfor ((i = 2; i < CURRENT; i++)); do\n"
	       "\t\tpath=\"$at ${words[i]}\"\n"
	       "\t\tcase $path in\n");
	each_level(root, bash_path);
	printf("\t\tesac\n"
	       "\t\t[[ $at == \"$path\" ]] && n=i\n"
	       "\tdone\n"
	       "\twords=(\"${words[@]:$((n - 1))}\")\n"
	       "\t((CURRENT -= n - 1))\n"
	       "\tcase $at in\n");
	each_level(root, zsh_level);
	printf("\tesac\n}\n\n_cordon \"$@\"\n");
}

/* fish: one complete line for each option of each command. */

static int
fish_option(void *arg, const struct opt *opt, void *slot)
{
	const char *condition = arg;

	(void)slot;
	if (opt->flags & OPT_HIDDEN)
		return 0;
	printf("complete -c cordon -n '%s' -l %s", condition, opt->name);
	if (opt->letter != '\0')
		printf(" -s %c", opt->letter);
	if (opt->arg != NULL) {
		switch (value_kind(opt->arg)) {
		case VALUE_FILE:
			printf(" -r -F");
			break;
		case VALUE_DIR:
			printf(" -x -a '(__fish_complete_directories)'");
			break;
		case VALUE_WORDS:
			printf(" -x -a '");
			put_words(opt->arg);
			printf("'");
			break;
		case VALUE_NONE:
			printf(" -x");
			break;
		}
	}
	printf(" -d '");
	put_quoted(opt->help, "\\");
	printf("'\n");
	return 0;
}

static void
fish_level(struct cmd_line *line)
{
	const struct cmd *const *sub;
	char path[64], condition[96];

	cmd_path(line, path, sizeof(path));
	(void)snprintf(
	    condition, sizeof(condition), "__cordon_at \"%s\"", path);
	(void)opt_visit(line, fish_option, condition);
	for (sub = line->cmd->subs; sub != NULL && *sub != NULL; sub++) {
		if ((*sub)->flags & CMD_HIDDEN)
			continue;
		printf("complete -c cordon -n '%s' -f -a %s -d '", condition,
		    (*sub)->name);
		put_quoted((*sub)->summary, "\\");
		printf("'\n");
	}
	if (line->cmd->operands != NULL &&
	    value_kind(line->cmd->operands) == VALUE_WORDS) {
		printf("complete -c cordon -n '%s' -f -a '", condition);
		put_words(line->cmd->operands);
		printf("'\n");
	}
}

static void
fish_path(struct cmd_line *line)
{
	char path[64];

	if (line->parent == NULL)
		return;
	cmd_path(line, path, sizeof(path));
	printf(" '%s'", path);
}

static void
fish_print(struct cmd_line *root)
{
	printf("# fish completion for cordon; made by"
	       " 'cordon completion fish'.\n\n"
	       "function __cordon_at\n"
	       "\tset -l at cordon\n"
	       "\tset -l known");
	each_level(root, fish_path);
	printf("\n\tfor word in (commandline -opc)[2..-1]\n"
	       "\t\tif contains -- \"$at $word\" $known\n"
	       "\t\t\tset at \"$at $word\"\n"
	       "\t\tend\n"
	       "\tend\n"
	       "\ttest \"$at\" = \"$argv[1]\"\n"
	       "end\n\n");
	each_level(root, fish_level);
}

struct shell {
	const char *name;
	void (*print)(struct cmd_line *root);
};

static const struct shell shells[] = {
    {"bash", bash_print}, {"zsh", zsh_print}, {"fish", fish_print}};

static int
completion_run(const struct cmd_line *line)
{
	struct cmd_line root = {.cmd = &cmd_cordon};
	size_t i;

	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(shells[i].name, line->given.v[0]) == 0) {
			shells[i].print(&root);
			return EX_OK;
		}
	log_error("completion: no script for '%s'; there are bash, zsh and"
		  " fish",
	    line->given.v[0]);
	return EX_USAGE;
}

const struct cmd cmd_completion = {
    .name = "completion",
    .summary = "Print a completion script for a shell.",
    .operands = "bash|zsh|fish",
    .man = "cordon(1)",
    .min = 1,
    .max = 1,
    .run = completion_run,
};
