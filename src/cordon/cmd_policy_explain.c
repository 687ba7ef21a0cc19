/* SPDX-License-Identifier: Apache-2.0 */

/* cordon policy explain: what the policies in force decide, and why. */

#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/explain.h"
#include "policy/decide.h"
#include "policy/net.h"

struct explain_args {
	struct opt_list read, write, connect;
	const char *cd, *mcp;
	bool json, batch;
};

static const struct opt explain_opts[] = {
    {"read", '\0', OPT_LIST, "PATH", "ask about reading PATH",
	OPT_AT(explain_args, read)},
    {"write", '\0', OPT_LIST, "PATH", "ask about writing PATH",
	OPT_AT(explain_args, write)},
    {"connect", '\0', OPT_LIST, "HOST:PORT", "ask about a connection",
	OPT_AT(explain_args, connect)},
    {"mcp", '\0', OPT_STR, "SERVER/TOOL",
	"ask about a call of a tool of an MCP server",
	OPT_AT(explain_args, mcp)},
    {"batch", '\0', OPT_FLAG, NULL,
	"read JSON strings, one a line, and answer each with one of JSON",
	OPT_AT(explain_args, batch)},
    {"cd", 'C', OPT_STR, "DIR", "as if the command were to run in DIR",
	OPT_AT(explain_args, cd)},
    {"json", '\0', OPT_FLAG, NULL, "answer as JSON",
	OPT_AT(explain_args, json)},
    {0}};

static int
explain_batch(const struct in_force *f, const struct request *where)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int r = EX_OK;

	while ((n = getline(&line, &size, stdin)) > 0) {
		if (explain_json_line(&f->policy, where, line, (size_t)n) != 0)
			r = EX_DATAERR;
	}
	free(line);
	return fflush(stdout) == 0 ? r : EX_IOERR;
}

/* Paths as a rule sees them; false if one is too long. */
static bool
explain_paths(
    const struct in_force *f, const struct opt_list *given, struct words *paths)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < given->n; i++) {
		if (!path_resolve(path, sizeof(path), given->v[i], f->workspace,
			f->paths.home))
			return false;
		words_add(paths, bytes_of(path));
	}
	return true;
}

static int
explain_host(const char *given, char *host, size_t size, unsigned *port)
{
	if (policy_host(given, host, size, port) && *port != 0)
		return EX_OK;
	log_error("--connect %s: give HOST:PORT", given);
	return EX_USAGE;
}

/* The command's words as one line, as `bash -c` would get them. */
static int
explain_given(const struct in_force *f, const struct explain_args *a,
    const struct opt_list *given, const struct request *where)
{
	struct words reads = {NULL, 0}, writes = {NULL, 0};
	struct request rq = *where;
	char host[300] = "";
	int r = EX_OK;

	rq.argv = given->n > 0 ? given->v : NULL;
	rq.argc = given->n;
	if (given->n == 1 && strpbrk(given->v[0], " ;|&\n") != NULL) {
		rq.argv = NULL;
		rq.argc = 0;
		rq.line = given->v[0];
	}
	if (!explain_paths(f, &a->read, &reads) ||
	    !explain_paths(f, &a->write, &writes)) {
		log_error("policy explain: a path is over %d bytes; give a "
			  "shorter one",
		    PATH_MAX - 1);
		r = EX_USAGE;
	}
	if (r == EX_OK && a->connect.n > 0)
		r = explain_host(a->connect.v[0], host, sizeof(host), &rq.port);
	rq.host = a->connect.n > 0 ? host : NULL;
	rq.mcp = a->mcp;
	rq.reads = (const char *const *)reads.v;
	rq.nreads = reads.n;
	rq.writes = (const char *const *)writes.v;
	rq.nwrites = writes.n;
	if (r == EX_OK)
		r = explain_request(&f->policy, &rq, a->json);
	words_fini(&reads);
	words_fini(&writes);
	return r;
}

static int
run_explain(const struct cmd_line *line)
{
	const struct explain_args *a = line->args;
	struct in_force f = {.workspace = ""};
	struct request where = {.workspace = f.workspace};
	char cwd[PATH_MAX];
	int r;

	if (!a->batch && a->mcp == NULL &&
	    line->given.n + a->read.n + a->write.n + a->connect.n == 0) {
		log_error("say what to explain: a command behind --, --read, "
			  "--write, --connect or --mcp");
		return EX_USAGE;
	}
	r = policy_in_force(&f, line);
	where.home = f.paths.home;
	if (r == EX_OK && a->cd != NULL) {
		where.cwd = cwd;
		if (!path_resolve(
			cwd, sizeof(cwd), a->cd, f.workspace, f.paths.home))
			r = EX_USAGE;
	}
	if (r == EX_OK)
		r = a->batch ? explain_batch(&f, &where)
			     : explain_given(&f, a, &line->given, &where);
	policy_out_of_force(&f);
	return r;
}

const struct cmd policy_explain = {
    .name = "explain",
    .summary = "Say what the policies in force decide, and why.",
    .operands = "[COMMAND [ARG ...]]",
    .opts = explain_opts,
    .args_size = sizeof(struct explain_args),
    .max = CMD_ANY,
    .flags = CMD_INHERIT | CMD_VERBATIM,
    .run = run_explain,
};
