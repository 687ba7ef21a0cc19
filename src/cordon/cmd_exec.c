/* SPDX-License-Identifier: Apache-2.0 */

/* cordon exec: one prompt, nobody there, and an exit status. */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"
#include "conf/paths.h"

#include "cordon/cmd.h"
#include "cordon/front.h"
#include "cordon/launch.h"
#include "cordon/session.h"
#include "cordon/session_args.h"
#include "cordon/store.h"
#include "policy/net.h"

#define PROMPT_MAX    (16u * 1024 * 1024) /* bytes, with standard input */
#define BUDGET_DIGITS 6  /* before the point: under a million dollars */
#define GRANTS_MAX    64 /* as many as gate keeps */

struct exec_args {
	struct session_args session;
	struct opt_list grants;
	const char *color;
	const char *last;
	const char *schema;
	const char *budget_usd;
	const char *thread_source; /* Codex's SDK gives it; not needed */
	uint64_t budget_tokens;
	uint64_t deadline;
	bool json;
	bool ephemeral;
	bool any_dir;
};

#define AT(member) .off = offsetof(struct exec_args, member)

static const struct opt exec_opts[] = {
    {.kind = OPT_TABLE, .table = session_opts, AT(session)},
    {"json", '\0', OPT_FLAG, NULL, "print events as JSON lines", AT(json)},
    {"experimental-json", '\0', OPT_FLAG, NULL, "the same", AT(json),
	.flags = OPT_HIDDEN},
    {"output-schema", '\0', OPT_STR, "FILE",
	"have the last message follow this JSON schema", AT(schema)},
    {"output-last-message", 'o', OPT_STR, "FILE",
	"write the last message to FILE", AT(last)},
    {"skip-git-repo-check", '\0', OPT_FLAG, NULL,
	"work outside of a git repository too", AT(any_dir)},
    {"ephemeral", '\0', OPT_FLAG, NULL,
	"keep no transcript; the audit log is kept", AT(ephemeral)},
    {"color", '\0', OPT_ENUM, "auto|always|never", "when to use colours",
	AT(color)},
    {"approve-with", '\0', OPT_STR, "PROGRAM",
	"have PROGRAM answer what the policy asks a person",
	AT(session.approve_with)},
    {"grant", '\0', OPT_LIST, "COMMAND",
	"say yes when the policy asks about exactly COMMAND, "
	"connect:HOST:PORT or mcp:SERVER/TOOL",
	AT(grants)},
    {"budget-tokens", '\0', OPT_NUM, "N", "end after N tokens",
	AT(budget_tokens), .min = 1},
    {"budget-usd", '\0', OPT_STR, "AMOUNT", "end when it costs more",
	AT(budget_usd)},
    {"deadline", '\0', OPT_TIME, "TIME", "end after TIME, such as 90s or 10m",
	AT(deadline)},
    {"thread-source", '\0', OPT_STR, "NAME", "who started it",
	AT(thread_source), .flags = OPT_HIDDEN},
    {0}};

/* Whether standard input has something to say: what it is, or its end. */
static bool
stdin_speaks(void)
{
	struct stat st;

	if (isatty(STDIN_FILENO) || fstat(STDIN_FILENO, &st) == -1)
		return false;
	return S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) ||
	       S_ISSOCK(st.st_mode);
}

static int
read_stdin(struct buf *b)
{
	int r = fd_read_all(STDIN_FILENO, b);

	if (r == 0 && !utf8_valid_str(buf_data(b), b->len)) {
		log_error("standard input is not UTF-8 text; convert it, as "
			  "with iconv");
		return EX_DATAERR;
	}
	if (r == ERR_SPACE) {
		log_error("standard input is over %u MiB; name a file in the "
			  "prompt instead",
		    PROMPT_MAX >> 20);
		return EX_DATAERR;
	}
	if (r != 0)
		log_error("standard input: %s", err_sys(errno));
	return r == 0 ? EX_OK : EX_IOERR;
}

/* The argument, standard input, or both; man page, "The prompt". */
static int
read_prompt(const char *arg, struct buf *prompt)
{
	struct buf in;
	int r = EX_OK;

	if (arg == NULL && !stdin_speaks()) {
		log_error("a prompt is missing; give it as an argument or on "
			  "standard input");
		return EX_USAGE;
	}
	if (arg == NULL || strcmp(arg, "-") == 0) {
		r = read_stdin(prompt);
		if (r == EX_OK && prompt->len == 0) {
			log_error("no prompt came on standard input; give it "
				  "as an argument");
			return EX_USAGE;
		}
		return r;
	}
	if (*arg == '\0' && !stdin_speaks()) {
		log_error("the prompt is empty; say what is to be done");
		return EX_USAGE;
	}
	if (!utf8_valid_str((const uint8_t *)arg, strlen(arg))) {
		log_error(
		    "the prompt is not UTF-8 text; convert it, as with iconv");
		return EX_DATAERR;
	}
	(void)buf_adds(prompt, arg);
	if (!stdin_speaks())
		return EX_OK;
	buf_init(&in, PROMPT_MAX);
	r = read_stdin(&in);
	if (r == EX_OK && in.len > 0) {
		const uint8_t *p = buf_data(&in);
		bool nl = p[in.len - 1] == '\n';

		(void)buf_adds(prompt, "\n\n<stdin>\n");
		(void)buf_add(prompt, p, in.len);
		(void)buf_adds(prompt, nl ? "</stdin>" : "\n</stdin>");
	}
	buf_fini(&in);
	return r;
}

/* A .git in the working directory or above it; its content is not read. */
static bool
in_repository(const char *cd)
{
	char dir[PATH_MAX], git[PATH_MAX + 8], *slash;
	struct stat st;

	if (realpath(cd == NULL ? "." : cd, dir) == NULL)
		return true; /* what is wrong with it is said later */
	for (;;) {
		(void)snprintf(git, sizeof(git), "%s/.git", dir);
		if (lstat(git, &st) == 0)
			return true;
		slash = strrchr(dir, '/');
		if (slash == NULL)
			return false;
		*slash = '\0';
	}
}

static bool
use_color(const struct exec_args *a)
{
	if (a->color != NULL && strcmp(a->color, "auto") != 0)
		return strcmp(a->color, "always") == 0;
	return front_color(STDERR_FILENO);
}

/* What is given by its path is meant from here, whatever --cd says. */
static int
exec_approver(struct session_args *args)
{
	static char real[PATH_MAX];
	const char *given = args->approve_with;

	if (given == NULL || strchr(given, '/') == NULL)
		return EX_OK;
	if (realpath(given, real) == NULL) {
		log_error("--approve-with: %s: %s", given, err_sys(errno));
		return EX_NOINPUT;
	}
	args->approve_with = real;
	return EX_OK;
}

static bool
is_place(const char *s)
{
	char host[NI_MAXHOST];
	unsigned port;

	return policy_host(s, host, sizeof(host), &port) && port != 0 &&
	       strpbrk(s, "* ") == NULL;
}

static bool
is_tool(const char *s)
{
	size_t n = strcspn(s, "/");

	return n > 0 && s[n] == '/' && s[n + 1] != '\0';
}

/* A grant that can never be meant would only look like one. */
static int
exec_grants(const struct opt_list *grants)
{
	static const struct {
		const char *word;
		bool (*is)(const char *s);
		const char *form;
	} forms[] = {{"connect:", is_place, "connect:HOST:PORT"},
	    {"mcp:", is_tool, "mcp:SERVER/TOOL"}};
	size_t i, k;

	if (grants->n > GRANTS_MAX) {
		log_error("exec: --grant is given %zu times; there may be %d",
		    grants->n, GRANTS_MAX);
		return EX_USAGE;
	}
	for (i = 0; i < grants->n; i++)
		for (k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
			const char *s = grants->v[i];

			if (!str_starts(s, forms[k].word) ||
			    forms[k].is(s + strlen(forms[k].word)))
				continue;
			log_error("exec: --grant takes %s, not '%s'",
			    forms[k].form, s);
			return EX_USAGE;
		}
	return EX_OK;
}

/* The model's process would refuse it in its own way, and end. */
static int
exec_budget(const char *usd)
{
	size_t whole;

	if (usd == NULL)
		return EX_OK;
	whole = strspn(usd, "0123456789");
	if (whole > 0 && whole <= BUDGET_DIGITS &&
	    (usd[whole] == '\0' ||
		(usd[whole] == '.' && usd[whole + 1] != '\0' &&
		    usd[whole + 1 + strspn(usd + whole + 1, "0123456789")] ==
			'\0')))
		return EX_OK;
	log_error(
	    "exec: --budget-usd takes an amount such as 0.50, not '%s'", usd);
	return EX_USAGE;
}

static int
exec_go(const struct exec_args *a, struct bytes prompt, const char *resume)
{
	struct session_args args = a->session;
	struct launch l = {
	    .args = &args,
	    .mode = a->json ? "json" : "human",
	    .prompt = prompt,
	    .resume = resume,
	    .last = a->last,
	    .schema = a->schema,
	    .budget_usd = a->budget_usd,
	    .budget_tokens = a->budget_tokens,
	    .deadline_ms = a->deadline,
	    .grants = &a->grants,
	    .headless = true,
	    .ephemeral = a->ephemeral,
	    .color = use_color(a),
	};
	int r = exec_grants(&a->grants);

	if (r == EX_OK)
		r = exec_budget(a->budget_usd);
	if (r != EX_OK)
		return r;
	if (!a->any_dir && !in_repository(a->session.cd)) {
		log_error("not inside a git repository; "
			  "--skip-git-repo-check works anyway");
		return 1;
	}
	r = exec_approver(&args);
	return r == EX_OK ? launch_run(&l) : r;
}

static int
exec_prompt(const struct exec_args *a, const char *arg, const char *resume)
{
	struct buf prompt;
	int r;

	buf_init(&prompt, PROMPT_MAX + 64);
	r = read_prompt(arg, &prompt);
	if (r == EX_OK)
		r = exec_go(
		    a, (struct bytes){buf_data(&prompt), prompt.len}, resume);
	buf_fini(&prompt);
	return r;
}

static int
exec_run(const struct cmd_line *line)
{
	return exec_prompt(
	    line->args, line->given.n > 0 ? line->given.v[0] : NULL, NULL);
}

/* exec resume */

static int
resume_run(const struct cmd_line *line)
{
	const struct exec_args *a = cmd_args(line, &cmd_exec);
	const char *prompt;
	char id[SESSION_ID_SIZE];
	int r = resume_session(line, false, a->session.cd, id, &prompt);

	return r == EX_OK ? exec_prompt(a, prompt, id) : r;
}

static const struct cmd exec_resume = {
    .name = "resume",
    .summary = "Go on with a session that was kept.",
    .operands = "[ID] [PROMPT | -]",
    .opts = resume_opts,
    .args_size = sizeof(struct resume_args),
    .max = 2,
    .flags = CMD_INHERIT,
    .run = resume_run,
};

/* exec review */

struct review_args {
	const char *base;
	const char *commit;
	bool uncommitted;
};

static const struct opt review_opts[] = {
    {"base", '\0', OPT_STR, "REF", "what this branch changes against REF",
	.off = offsetof(struct review_args, base)},
    {"commit", '\0', OPT_STR, "SHA", "what this commit changes",
	.off = offsetof(struct review_args, commit)},
    {"uncommitted", '\0', OPT_FLAG, NULL,
	"what is not committed yet (unless told otherwise)",
	.off = offsetof(struct review_args, uncommitted)},
    {0}};

static int
review_run(const struct cmd_line *line)
{
	static const char ask[] =
	    "Review the change described below as a strict but fair "
	    "colleague. Read the diff first, then as much of the code around "
	    "it as you need. Report what is wrong: bugs, security holes, "
	    "broken promises of documentation, missing tests; each with file "
	    "and line, how it shows, and how to mend it; the gravest first. "
	    "Do not praise, do not restate the change, and do not edit "
	    "files. If nothing is wrong, say so in one sentence.\n\n";
	struct exec_args a =
	    *(const struct exec_args *)cmd_args(line, &cmd_exec);
	const struct review_args *ra = line->args;
	struct buf prompt;
	int r;

	if (a.session.sandbox == NULL) /* who reads need not write */
		a.session.sandbox = "read-only";
	if ((ra->base != NULL) + (ra->commit != NULL) + ra->uncommitted > 1) {
		log_error("exec review: give only one of --base, --commit and "
			  "--uncommitted");
		return EX_USAGE;
	}
	buf_init(&prompt, PROMPT_MAX);
	(void)buf_adds(&prompt, ask);
	if (ra->base != NULL)
		(void)buf_addf(&prompt,
		    "The change: what the current branch adds to %s, as `git "
		    "diff %s...HEAD` shows it.\n",
		    ra->base, ra->base);
	else if (ra->commit != NULL)
		(void)buf_addf(&prompt,
		    "The change: commit %s, as `git show %s` shows it.\n",
		    ra->commit, ra->commit);
	else
		(void)buf_adds(&prompt,
		    "The change: everything that is not committed, as `git "
		    "diff HEAD` and the untracked files in `git status` show "
		    "it.\n");
	if (line->given.n > 0)
		(void)buf_addf(&prompt, "\n%s\n", line->given.v[0]);
	r = exec_go(&a, (struct bytes){buf_data(&prompt), prompt.len}, NULL);
	buf_fini(&prompt);
	return r;
}

static const struct cmd exec_review = {
    .name = "review",
    .summary = "Have a change reviewed.",
    .operands = "[INSTRUCTIONS]",
    .opts = review_opts,
    .args_size = sizeof(struct review_args),
    .max = 1,
    .flags = CMD_INHERIT,
    .run = review_run,
};

static const struct cmd *const exec_subs[] = {&exec_resume, &exec_review, NULL};

const struct cmd cmd_exec = {
    .name = "exec",
    .summary = "Work on one prompt, with nobody there to ask.",
    .operands = "[PROMPT | -]",
    .man = "cordon-exec(1)",
    .opts = exec_opts,
    .args_size = sizeof(struct exec_args),
    .subs = exec_subs,
    .max = 1,
    .run = exec_run,
};
