/* SPDX-License-Identifier: Apache-2.0 */

/* The options that every command which starts a session shares. */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/log.h"
#include "cordon/cmd.h"
#include "cordon/launch.h"
#include "cordon/session.h"
#include "cordon/session_args.h"
#include "cordon/settings.h"
#include "cordon/store.h"

#define AT(member) .off = offsetof(struct session_args, member)

const struct opt session_opts[] = {
    {"model", 'm', OPT_STR, "MODEL", "the model to ask", AT(model)},
    {"config", 'c', OPT_LIST, "KEY=VALUE",
	"set a configuration key for this run; the value is TOML, or else"
	" a string",
	AT(config)},
    {"profile", 'p', OPT_STR, "NAME", "use the settings of [profiles.NAME]",
	AT(profile)},
    {"sandbox", 's', OPT_ENUM, "read-only|workspace-write|danger-full-access",
	"what commands may touch", AT(sandbox)},
    {"tier", '\0', OPT_ENUM, "auto|full|lsm",
	"what holds commands: this tier, or refuse", AT(tier)},
    {"require-tier", '\0', OPT_ENUM, "full",
	"refuse where commands would be held by less", AT(require_tier)},
    {"ask-for-approval", 'a', OPT_ENUM, "untrusted|on-failure|on-request|never",
	"when to ask before acting", AT(approval)},
    {"full-auto", '\0', OPT_FLAG, NULL,
	"short for --sandbox workspace-write --ask-for-approval on-request",
	AT(full_auto)},
    {"dangerously-bypass-approvals-and-sandbox", '\0', OPT_FLAG, NULL,
	"no questions and no walls; for a machine that is itself disposable",
	AT(bypass)},
    {"policy", '\0', OPT_STR, "FILE",
	"one more policy file; rules that the system locks stay", AT(policy)},
    {"cd", 'C', OPT_STR, "DIR", "work in DIR instead of here", AT(cd)},
    {"add-dir", '\0', OPT_LIST, "DIR", "one more folder that is writable",
	AT(add_dir)},
    {"image", 'i', OPT_LIST, "FILE", "attach an image to the prompt",
	AT(image)},
    {"oss", '\0', OPT_FLAG, NULL,
	"use the local model server that answers (Ollama or LM Studio)",
	AT(oss)},
    {"local-provider", '\0', OPT_ENUM, "ollama|lmstudio",
	"which local model server --oss means", AT(local_provider)},
    {"search", '\0', OPT_FLAG, NULL, "let the provider search the web",
	AT(search)},
    {"alt-screen", '\0', OPT_FLAG, NULL,
	"draw on the terminal's second screen, not into its scrollback",
	AT(alt_screen)},
    {"strict-config", '\0', OPT_FLAG, NULL,
	"a configuration key that would be ignored is an error",
	AT(strict_config)},
    {0}};

const struct opt resume_opts[] = {
    {"last", '\0', OPT_FLAG, NULL, "the newest session of this folder",
	.off = offsetof(struct resume_args, last)},
    {0}};

/* The id of the newest session of a folder (NULL: the working directory), or
 * an exit status after a line that says what failed. */
static int
newest_session(const char *cd, char *id, size_t size)
{
	struct paths paths;
	char cwd[PATH_MAX];
	int r;

	if (realpath(cd == NULL ? "." : cd, cwd) == NULL) {
		log_error("%s: %s", cd == NULL ? "." : cd, err_sys(errno));
		return EX_NOINPUT;
	}
	if (settings_paths(&paths) != EX_OK)
		return EX_CONFIG;
	r = store_newest(id, size, paths.state, cwd);
	paths_fini(&paths);
	if (r == 0)
		return EX_OK;
	log_error("no session of %s is kept; 'cordon sessions list' has those "
		  "of other folders",
	    cwd);
	return EX_NOINPUT;
}

int
resume_session(const struct cmd_line *line, bool newest, const char *cd,
    char *id, const char **prompt)
{
	const struct resume_args *a = line->args;
	const struct opt_list *given = &line->given;
	size_t at = 0;
	int r = EX_OK;

	if (a->last || (newest && given->n == 0))
		r = newest_session(cd, id, SESSION_ID_SIZE);
	else if (given->n == 0) {
		log_error("say which session: its id, or --last");
		r = EX_USAGE;
	} else if (strlcpy(id, given->v[at++], SESSION_ID_SIZE) >=
		   SESSION_ID_SIZE) {
		log_error("%.40s is no session id; 'cordon sessions list' has "
			  "them",
		    given->v[0]);
		r = EX_USAGE;
	}
	*prompt = given->n > at ? given->v[at] : NULL;
	return r;
}
