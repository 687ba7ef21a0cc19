/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon help [TOPIC]: the manual page of a command or a file on a terminal,
 * else (or where man(1) or the page is missing) the text of --help.
 */

#include "config.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "cordon/cmd.h"

/* Pages that are not about a command. */
static const char *const topics[] = {
    "tutorial", "policy", "audit", "sandbox", "proto", "toml", NULL};
static const char *const pages[] = {"cordon-tutorial", "cordon-policy",
    "cordon-audit", "cordon-sandbox", "cordon-proto", "cordon.toml"};

static const char *
topic_page(const char *topic)
{
	size_t i;

	for (i = 0; topics[i] != NULL; i++)
		if (strcmp(topics[i], topic) == 0)
			return pages[i];
	return NULL;
}

/* Returns whether man(1) has shown the page. */
static bool
show_page(const char *page)
{
	pid_t pid;
	int status, null;

	pid = fork();
	if (pid == -1)
		return false;
	if (pid == 0) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (null != -1)
			(void)dup2(null, STDERR_FILENO);
		(void)execlp("man", "man", page, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) == -1)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A topic that is no command has a page or nothing. */
static int
help_topic(const char *topic)
{
	const char *page = topic_page(topic), *near;

	if (page != NULL) {
		if (show_page(page))
			return EX_OK;
		log_error("help: man cannot show %s; is it installed?", page);
		return EX_UNAVAILABLE;
	}
	near = cmd_nearest(&cmd_cordon, topic);
	if (near == NULL)
		near = str_nearest(topic, topics);
	if (near == NULL)
		log_error("help: nothing about '%s'", topic);
	else
		log_error("help: nothing about '%s'; did you mean '%s'?", topic,
		    near);
	return EX_USAGE;
}

static int
help_run(const struct cmd_line *line)
{
	struct cmd_line root = {.cmd = &cmd_cordon}, level = {.parent = &root};
	const struct cmd *cmd;
	char page[64];

	if (line->given.n == 0) {
		help_print(&root, stdout);
		return EX_OK;
	}
	cmd = cmd_sub(&cmd_cordon, line->given.v[0]);
	if (cmd == NULL)
		return help_topic(line->given.v[0]);
	if (cmd->man != NULL && isatty(STDOUT_FILENO)) {
		(void)snprintf(page, sizeof(page), "%.*s",
		    (int)strcspn(cmd->man, "("), cmd->man);
		if (show_page(page))
			return EX_OK;
	}
	level.cmd = cmd;
	help_print(&level, stdout);
	return EX_OK;
}

const struct cmd cmd_help = {
    .name = "help",
    .summary = "Show the manual page of a command or topic.",
    .operands = "[TOPIC]",
    .man = "cordon(1)",
    .max = 1,
    .run = help_run,
};
