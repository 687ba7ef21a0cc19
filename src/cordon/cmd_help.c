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

static int
help_run(const struct cmd_line *line)
{
	struct cmd_line root = {.cmd = &cmd_cordon}, level = {.parent = &root};
	const char *topic = line->given.n == 0 ? NULL : line->given.v[0];
	const char *near;
	char page[64];

	if (topic == NULL) {
		help_print(&root, stdout);
		return EX_OK;
	}
	level.cmd = cmd_sub(&cmd_cordon, topic);
	if (level.cmd == NULL && topic_page(topic) == NULL) {
		near = cmd_nearest(&cmd_cordon, topic);
		if (near == NULL)
			near = str_nearest(topic, topics);
		log_error("help: nothing about '%s'%s%s%s", topic,
		    near == NULL ? "" : "; did you mean '",
		    near == NULL ? "" : near, near == NULL ? "" : "'?");
		return EX_USAGE;
	}
	if (topic_page(topic) != NULL)
		(void)strlcpy(page, topic_page(topic), sizeof(page));
	else if (level.cmd->man != NULL)
		(void)snprintf(page, sizeof(page), "%.*s",
		    (int)strcspn(level.cmd->man, "("), level.cmd->man);
	else
		page[0] = '\0';
	if (page[0] != '\0' && (level.cmd == NULL || isatty(STDOUT_FILENO)) &&
	    show_page(page))
		return EX_OK;
	if (level.cmd == NULL) {
		log_error("help: the page %s is not installed or man(1) is"
			  " missing",
		    page);
		return EX_UNAVAILABLE;
	}
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
