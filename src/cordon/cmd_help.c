/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon help [TOPIC]: the manual page of a command or a topic, in the
 * pager of a terminal.  The build renders the pages to text, which lies with
 * the programs: no man(1) is needed, and it is never another version's page.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "cordon/cmd.h"
#include "cordon/output.h"
#include "cordon/person.h"
#include "cordon/start.h"

#define PAGE_MAX (1u << 20) /* bytes of a page */

/* Pages that are not about a command, by a name and by the page's own. */
static const struct topic {
	const char *name, *page, *about;
} topics[] = {
    {"tutorial", "cordon-tutorial(7)", "from install to an audit report"},
    {"cordon", "cordon(1)", "the terminal interface, files, environment"},
    {"config-file", "cordon.toml(5)", "every key of config.toml"},
    {"policy-file", "cordon-policy(5)", "the rules of policy.toml"},
    {"audit-log", "cordon-audit(5)", "the records and how they are chained"},
    {"cell", "cordon-sandbox(7)", "what holds a command"},
    {"protocol", "cordon-proto(7)", "the messages between the processes"},
};
#define TOPICS (sizeof(topics) / sizeof(topics[0]))

/* A topic by its name, or by its page with or without the section. */
static const char *
topic_page(const char *topic)
{
	size_t i, n = strlen(topic);

	for (i = 0; i < TOPICS; i++) {
		const char *page = topics[i].page;

		if (strcmp(topics[i].name, topic) == 0 ||
		    strcmp(page, topic) == 0 ||
		    (strncmp(page, topic, n) == 0 && page[n] == '('))
			return page;
	}
	return NULL;
}

/* The page of a command of one or more words; the first may be joined to
 * ours as in the page's name.  A sub-command has that of its parent. */
static const char *
command_page(const struct opt_list *words)
{
	const struct cmd *cmd = &cmd_cordon;
	const char *word, *page = NULL;
	size_t i;

	for (i = 0; i < words->n; i++) {
		word = words->v[i];
		if (i == 0 && strncmp(word, "cordon-", 7) == 0)
			word += 7;
		cmd = cmd_sub(cmd, word);
		if (cmd == NULL)
			return NULL;
		if (cmd->man != NULL)
			page = cmd->man;
	}
	return page;
}

static int
help_unknown(const struct opt_list *words)
{
	const char *names[TOPICS + 1] = {NULL}, *near;
	size_t i;

	near = cmd_nearest(&cmd_cordon, words->v[0]);
	for (i = 0; i < TOPICS; i++)
		names[i] = topics[i].name;
	if (near == NULL)
		near = str_nearest(words->v[0], names);
	if (words->n > 1 || near == NULL)
		log_error("help: nothing about '%s'; 'cordon help' lists what "
			  "there is",
		    words->v[words->n - 1]);
	else
		log_error("help: nothing about '%s'; did you mean '%s'?",
		    words->v[0], near);
	return EX_USAGE;
}

/* The text of "cordon-exec(1)" is cordon-exec.1.txt; in a build tree it lies
 * beside the page. */
static int
page_find(char *file, size_t size, const char *page)
{
	int name = (int)strcspn(page, "(");
	char base[64];

	if (str_fmt(base, sizeof(base), "%.*s.%c.txt", name, page,
		page[name + 1]) != 0)
		return ERR_SPACE;
	if (start_beside(file, size, "/../share/cordon/help/", base) == 0 ||
	    start_beside(file, size, "/man/", base) == 0)
		return 0;
	return str_fmt(file, size, CORDON_DATADIR "/help/%s", base);
}

static int
page_show(const char *page)
{
	char file[PATH_MAX];
	struct buf text;

	if (page_find(file, sizeof(file), page) != 0)
		return EX_SOFTWARE;
	if (isatty(STDOUT_FILENO) && person_run(person_pager(), file) == 0)
		return EX_OK;
	buf_init(&text, PAGE_MAX);
	if (fd_read_file(AT_FDCWD, file, &text) == 0)
		return output_text(&text);
	log_error("help: %s cannot be read: %s; reinstall cordon", file,
	    strerror(errno));
	buf_fini(&text);
	return EX_UNAVAILABLE;
}

/* What there is besides commands. */
static void
list_topics(void)
{
	size_t i;

	(void)printf("\nTopics:\n");
	for (i = 0; i < TOPICS; i++)
		(void)printf("  %-11s %s, %s\n", topics[i].name, topics[i].page,
		    topics[i].about);
}

static int
help_run(const struct cmd_line *line)
{
	struct cmd_line root = {.cmd = &cmd_cordon};
	const struct opt_list *words = &line->given;
	const char *page;

	if (words->n == 0) {
		help_print(&root, stdout);
		list_topics();
		return EX_OK;
	}
	page = command_page(words);
	if (page == NULL && words->n == 1)
		page = topic_page(words->v[0]);
	return page == NULL ? help_unknown(words) : page_show(page);
}

const struct cmd cmd_help = {
    .name = "help",
    .summary = "Show the manual page of a command or topic.",
    .operands = "[TOPIC | COMMAND ...]",
    .man = "cordon(1)",
    .max = CMD_ANY,
    .run = help_run,
};
