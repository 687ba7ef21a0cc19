/* SPDX-License-Identifier: Apache-2.0 */

/* Part of attempt: what the person's tools would obey later. */

#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"

static long
plant_in(const char *dir, const char *name)
{
	char *p = beneath(dir, name), *slash;
	long r;

	for (slash = p + strlen(dir) + 1; (slash = strchr(slash, '/')) != NULL;
	     slash++) {
		*slash = '\0';
		(void)mkdir(p, 0755);
		*slash = '/';
	}
	r = put(open(p, O_WRONLY | O_CREAT | O_APPEND, 0755));
	(void)chmod(p, 0755);
	return r;
}

static long
plant(const char *name)
{
	return plant_in(where("WORK"), name);
}

static long
plant_home(const char *name)
{
	return plant_in(where("HOME"), name);
}

static long
move_git(void)
{
	if (rename(beneath(where("WORK"), ".git"),
		beneath(where("WORK"), "git2")) == -1)
		return -1;
	return plant(".git/hooks/pre-commit");
}

static long
move_sub(void)
{
	(void)rename(
	    beneath(where("WORK"), "sub"), beneath(where("WORK"), "sub2"));
	return plant("sub/.git/hooks/post-checkout");
}

static long
git_file(void)
{
	char *p = beneath(where("WORK"), ".git");

	(void)rename(p, beneath(where("WORK"), "git2"));
	return symlink("/tmp", p);
}

#define PLANT(name)                                                            \
	{                                                                      \
		"plant:" name, SHOWS_STATE, .with = plant                      \
	}
#define HOME(name)                                                             \
	{                                                                      \
		"home:" name, SHOWS_STATE, .with = plant_home                  \
	}

const struct attempt attempts_persistence[] = {PLANT(".git/hooks/pre-commit"),
    PLANT(".git/config"), PLANT(".git/config.worktree"),
    PLANT(".git/info/attributes"), PLANT(".git/commondir"),
    PLANT("sub/.git/hooks/post-checkout"), PLANT("sub/.git/config"),
    PLANT("bare.git/hooks/update"), PLANT("bare.git/config"),
    PLANT(".gitmodules"), PLANT(".vscode/tasks.json"),
    PLANT(".idea/workspace.xml"), PLANT(".devcontainer/devcontainer.json"),
    PLANT(".vim/vimrc"), PLANT(".exrc"), PLANT(".envrc"), PLANT(".bashrc"),
    PLANT(".mcp.json"), PLANT("opencode.json"), PLANT(".claude/settings.json"),
    PLANT(".codex/config.toml"), PLANT(".cursor/mcp.json"),
    PLANT(".cordon/policy.toml"), {"move-git", SHOWS_STATE, .run = move_git},
    {"move-sub", SHOWS_STATE, .run = move_sub},
    {"git-symlink", SHOWS_STATE, .run = git_file}, HOME(".bashrc"),
    HOME(".profile"), HOME(".zshenv"), HOME(".vimrc"), HOME(".gitconfig"),
    HOME(".config/git/config"), HOME(".ssh/authorized_keys"), HOME("bin/git"),
    HOME(".local/bin/git"), HOME(".config/autostart/x.desktop"),
    HOME(".config/systemd/user/x.service"), HOME(".config/cordon/policy.toml"),
    {0}};
