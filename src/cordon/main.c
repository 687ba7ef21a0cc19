/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cordon: the command that people type.
 *
 * main reads the command line against the table of commands and calls the
 * one that it names; each is a const struct of its own file.  Nothing is set
 * up before that, so that --version and --help cost nothing.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vis.h"
#include "cordon/cmd.h"
#include "cordon/commit.h"
#include "cordon/output.h"
#include "cordon/session_args.h"
#include "sandbox/tier.h"

#define ERROR_MAX   1024 /* bytes of a message about the command line */
#define VERSION_MAX 4096 /* bytes of --version --json */

struct cordon_args {
	bool version;
	bool json;
	struct session_args session;
};

#define AT(member) .off = offsetof(struct cordon_args, member)

static const struct opt cordon_opts[] = {
    {.kind = OPT_TABLE, .table = session_opts, AT(session)},
    {"version", 'V', OPT_FLAG, NULL, "print the version", AT(version)},
    {"json", '\0', OPT_FLAG, NULL, "with --version: print it as JSON", AT(json),
	.flags = OPT_LOCAL},
    {0}};

/* Every command.  The order is that of --help. */
static const struct cmd *const cordon_subs[] = {&cmd_exec, &cmd_resume,
    &cmd_fork, &cmd_sessions, &cmd_audit, &cmd_sandbox, &cmd_policy, &cmd_patch,
    &cmd_config, &cmd_login, &cmd_logout, &cmd_doctor, &cmd_completion,
    &cmd_help, NULL};

/* The libraries' versions stand in one string: "libcurl 7.88.1, ...". */
static void
version_libraries(struct jsonw *w)
{
	const char *p = CORDON_LIBRARIES;
	size_t name, n;

	jsonw_name(w, "libraries");
	jsonw_object(w);
	for (; *p != '\0'; p += n + strspn(p + n, ", ")) {
		char key[64];

		n = strcspn(p, ",");
		name = strcspn(p, " ");
		(void)snprintf(key, sizeof(key), "%.*s", (int)name, p);
		jsonw_name(w, key);
		jsonw_strn(w, p + name + 1, n - name - 1);
	}
	jsonw_end(w);
}

static int
version_print(bool json)
{
	enum tier tier;
	char why[512];
	struct buf out;
	struct jsonw w;

	buf_init(&out, VERSION_MAX);
	if (json) {
		jsonw_init(&w, &out);
		jsonw_object(&w);
		jsonw_kstr(&w, "version", PACKAGE_VERSION);
		jsonw_kstr(&w, "commit", CORDON_COMMIT);
		jsonw_kstr(&w, "tier",
		    tier_choose(&tier, NULL, why, sizeof(why)) == 0
			? tier_word(tier)
			: "none");
		version_libraries(&w);
		jsonw_end(&w);
		(void)buf_addc(&out, '\n');
	} else
		(void)buf_addf(&out, "cordon %s\n", PACKAGE_VERSION);
	return output_text(&out);
}

const struct session_args *
cordon_session(const struct cmd_line *line)
{
	const struct cordon_args *args = cmd_args(line, &cmd_cordon);

	return &args->session;
}

static int
cordon_run(const struct cmd_line *line)
{
	const struct cordon_args *args = line->args;

	if (args->version)
		return version_print(args->json);
	if (args->json) {
		log_error("--json goes with --version, or behind a command "
			  "such as exec");
		return EX_USAGE;
	}
	return tui_run(
	    &args->session, line->given.n > 0 ? line->given.v[0] : NULL);
}

const struct cmd cmd_cordon = {
    .name = "cordon",
    .summary = "A coding agent that cannot leave the cordon.",
    .operands = "[PROMPT]",
    .man = "cordon(1)",
    .opts = cordon_opts,
    .args_size = sizeof(struct cordon_args),
    .subs = cordon_subs,
    .max = 1,
    .flags = CMD_WORDS,
    .run = cordon_run,
};

/* A command that is also known by a name of its own. */
static const struct cmd *
main_root(const char *name)
{
	const char *slash = name == NULL ? NULL : strrchr(name, '/');

	if (slash != NULL)
		name = slash + 1;
	if (name != NULL && strcmp(name, "apply_patch") == 0)
		return &cmd_patch;
	return &cmd_cordon;
}

/* Errors and warnings are always said; what else happens, if asked. */
static void
main_log(void)
{
	const char *level = getenv("CORDON_LOG");

	if (level == NULL || level[0] == '\0')
		return;
	if (strcmp(level, "info") == 0)
		log_set_level(LOG_LVL_INFO);
	else
		log_warn("CORDON_LOG: \"%s\" is not info", level);
}

/* What was closed is /dev/null, or a file that is opened later would get its
 * number and be written to.  It cannot be written to itself, so that output
 * which goes nowhere is an error. */
static int
main_stdio(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", O_RDONLY) != fd) /* the lowest free one */
			return ERR_IO;
	return 0;
}

int
main(int argc, char *argv[])
{
	struct cmd_line root = {.cmd = main_root(argv[0])}, *line;
	char error[ERROR_MAX];
	int code = EX_OK;

	if (main_stdio() != 0)
		return EX_IOERR;
	log_set_show(vis_str);
	main_log();
	line = opt_parse(
	    &root, argc > 0 ? argc - 1 : 0, argv + 1, error, sizeof(error));
	if (line == NULL) {
		log_error("%s", error);
		return EX_USAGE;
	}
	if (line->help)
		help_print(line, stdout);
	else
		code = line->cmd->run(line);
	if (fflush(stdout) != 0 && code == EX_OK) {
		log_error("standard output: %s", err_sys(errno));
		code = EX_IOERR;
	}
	opt_free(line);
	return code;
}
