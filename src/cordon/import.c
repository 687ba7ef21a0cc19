/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: what other programs' settings are called here. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cordon/import.h"

#define RULE_WORDS 32 /* of one command line */
#define MCP_RULE   "mcp__"
#define NO_TOKEN   "no token stands in a file; use auth.command or env_key"

#define NO_HOOKS "a policy decides in their place; see cordon-policy(5)"

static const struct import_row codex_rows[] = {
    {"mcp_servers.*", IMPORT_SERVER, NULL},
    {"tools.web_search", IMPORT_SEARCH, "web_search"},
    {"model_providers.*.experimental_bearer_token", IMPORT_NONE, NO_TOKEN},
    {"projects.*.trust_level", IMPORT_NONE,
	"no folder is trusted, so none has to be"},
    {"notify", IMPORT_NONE, "see tui.notifications"},
    {"features.web_search_request", IMPORT_SEARCH, "web_search"},
    {"sandbox_workspace_write.exclude_slash_tmp", IMPORT_NONE,
	"commands have a /tmp of their own"},
    {NULL, IMPORT_NONE, NULL}};

static const struct import_row claude_rows[] = {
    {"mcpServers.*", IMPORT_SERVER, NULL}, {"hooks.*", IMPORT_TABLE, NO_HOOKS},
    {"model", IMPORT_MODEL, "model"},
    {"env.ANTHROPIC_MODEL", IMPORT_MODEL, "model"},
    {"env.ANTHROPIC_BASE_URL", IMPORT_NONE,
	"set model_providers.anthropic.base_url, with /v1 at its end"},
    {"env.ANTHROPIC_AUTH_TOKEN", IMPORT_NONE, NO_TOKEN},
    {"env.ANTHROPIC_API_KEY", IMPORT_NONE, NO_TOKEN},
    {"apiKeyHelper", IMPORT_SHELL, "model_providers.anthropic.auth"},
    {"permissions.allow", IMPORT_RULES, "allow"},
    {"permissions.ask", IMPORT_RULES, "ask"},
    {"permissions.deny", IMPORT_RULES, "forbid"},
    {"permissions.additionalDirectories", IMPORT_SAME,
	"sandbox_workspace_write.writable_roots"},
    {"permissions.defaultMode", IMPORT_MODE, "sandbox_mode"},
    {"$schema", IMPORT_DROP, NULL},
    {"env.*", IMPORT_NONE,
	"commands get an environment made from nothing; see cordon-policy(5)"},
    {NULL, IMPORT_NONE, NULL}};

static const struct import_set claude_fixed[] = {
    {"model_provider", "anthropic"}, {NULL, NULL}};

static const struct import_row gemini_rows[] = {
    {"mcpServers.*", IMPORT_SERVER, NULL}, {"hooks.*", IMPORT_TABLE, NO_HOOKS},
    {"model", IMPORT_SAME, "model"}, {"tools.allowed", IMPORT_RULES, "allow"},
    {"tools.exclude", IMPORT_RULES, "forbid"},
    {"model.name", IMPORT_SAME, "model"},
    {"vimMode", IMPORT_SAME, "tui.vim_mode_default"},
    {"general.vimMode", IMPORT_SAME, "tui.vim_mode_default"},
    {"ui.accessibility.screenReader", IMPORT_SAME, "tui.screen_reader"},
    {"includeDirectories", IMPORT_SAME,
	"sandbox_workspace_write.writable_roots"},
    {"context.includeDirectories", IMPORT_SAME,
	"sandbox_workspace_write.writable_roots"},
    {NULL, IMPORT_NONE, NULL}};

static const struct import_set gemini_fixed[] = {{"model_provider", "gemini"},
    {"model_providers.gemini.name", "Gemini"},
    {"model_providers.gemini.base_url",
	"https://generativelanguage.googleapis.com/v1beta/openai"},
    {"model_providers.gemini.wire_api", "chat"},
    {"model_providers.gemini.env_key", "GEMINI_API_KEY"}, {NULL, NULL}};

const struct import_program import_programs[] = {
    {"codex", ".codex/config.toml", "config", codex_rows, NULL, true},
    {"claude", ".claude/settings.json", "json", claude_rows, claude_fixed,
	false},
    {"gemini", ".gemini/settings.json", "json", gemini_rows, gemini_fixed,
	false},
    {NULL, NULL, NULL, NULL, NULL, false}};

/* What the three call the settings of an MCP server. */
const struct import_row import_server_rows[] = {
    {"command", IMPORT_SAME, "command"}, {"args", IMPORT_SAME, "args"},
    {"env.*", IMPORT_SAME, "env.*"}, {"cwd", IMPORT_SAME, "cwd"},
    {"enabled", IMPORT_SAME, "enabled"},
    {"startup_timeout_sec", IMPORT_SAME, "startup_timeout_sec"},
    {"startup_timeout_ms", IMPORT_MS, "startup_timeout_sec"},
    {"tool_timeout_sec", IMPORT_SAME, "tool_timeout_sec"},
    {"timeout", IMPORT_MS, "tool_timeout_sec"},
    {"enabled_tools", IMPORT_SAME, "enabled_tools"},
    {"includeTools", IMPORT_SAME, "enabled_tools"},
    {"disabled_tools", IMPORT_SAME, "disabled_tools"},
    {"excludeTools", IMPORT_SAME, "disabled_tools"},
    {"type", IMPORT_DROP, NULL},
    {"env_vars", IMPORT_NONE, "name each with its value in its env"},
    {"trust", IMPORT_NONE, "a rule with mcp says which calls are not asked"},
    {"required", IMPORT_NONE, "a session goes on without a server"},
    {NULL, IMPORT_NONE, NULL}};

/* Whether a row's name has exactly the parts of the path, or those of a table
 * above it. */
static bool
row_matches(const struct import_row *row, const struct key_path *path,
    const char *star[2])
{
	const char *from = row->from;
	unsigned i, stars = 0;
	size_t n;

	star[0] = star[1] = NULL;
	for (i = 0; i < path->n && *from != '\0'; i++) {
		n = strcspn(from, ".");
		if (n == 1 && *from == '*' && stars < 2)
			star[stars++] = path->part[i];
		else if (strlen(path->part[i]) != n ||
			 strncmp(from, path->part[i], n) != 0)
			return false;
		from += n + (from[n] == '.');
	}
	return *from == '\0' && (i == path->n || row->how == IMPORT_TABLE ||
				    row->how == IMPORT_SERVER);
}

const struct import_row *
import_find(const struct import_row *rows, const struct key_path *path,
    const char *star[2])
{
	const struct import_row *row;

	for (row = rows; row->from != NULL; row++)
		if (row_matches(row, path, star))
			return row;
	return NULL;
}

/* Words of a plain command line; 0 if it is none or there are too many. */
static size_t
plain_words(const char *text, size_t len, struct bytes words[RULE_WORDS])
{
	const char *end = text + len, *p;
	size_t n = 0;

	for (p = text; p < end; p++)
		if (strchr("|&;<>()$`\\\"'*?[]{}~#!=\n\r\t", *p) != NULL)
			return 0;
	while (text < end) {
		for (p = text; p < end && *p != ' '; p++)
			continue;
		if (p > text) {
			if (n == RULE_WORDS)
				return 0;
			words[n++] = (struct bytes){
			    (const uint8_t *)text, (size_t)(p - text)};
		}
		text = p + (p < end);
	}
	return n;
}

static void
put_word(struct buf *out, struct bytes word)
{
	(void)buf_addc(out, '"');
	(void)buf_add(out, word.p, word.len);
	(void)buf_addc(out, '"');
}

/* A command line, and with open whatever follows it. */
static int
put_exec(struct buf *out, const char *text, size_t len, bool open)
{
	struct bytes words[RULE_WORDS];
	size_t n = plain_words(text, len, words), i;

	if (n == 0)
		return ERR_UNSUPP;
	(void)buf_adds(out, "exec = { program = ");
	put_word(out, words[0]);
	(void)buf_adds(out, ", args = [");
	for (i = 1; i < n; i++) {
		if (i > 1)
			(void)buf_adds(out, ", ");
		put_word(out, words[i]);
	}
	if (open)
		(void)buf_addf(out, "%s\"...\"", n > 1 ? ", " : "");
	return buf_adds(out, "] }\n");
}

/* WORDS, "WORDS:*" or "WORDS *". */
static int
rule_words(struct buf *out, const char *what, const char *text, size_t len)
{
	bool open = len > 2 && (strncmp(text + len - 2, ":*", 2) == 0 ||
				   strncmp(text + len - 2, " *", 2) == 0);

	(void)what;
	return put_exec(out, text, open ? len - 2 : len, open);
}

/* WORDS, which stand for whatever begins so. */
static int
rule_prefix(struct buf *out, const char *what, const char *text, size_t len)
{
	(void)what;
	return put_exec(out, text, len, true);
}

/* Two slashes begin an absolute path there, one that of the settings. */
static int
rule_paths(struct buf *out, const char *what, const char *text, size_t len)
{
	char path[512], here[520];
	bool rooted;

	if (len == 0 || len >= sizeof(path))
		return ERR_UNSUPP;
	(void)strlcpy(path, text, len + 1);
	rooted = str_starts(path, "//");
	if ((*path == '/' && !rooted) || str_starts(path, "../"))
		return ERR_UNSUPP;
	(void)snprintf(here, sizeof(here), "./%s", path);
	(void)buf_addf(out, "%s = [", what);
	if (rooted || str_starts(path, "~/") || str_starts(path, "./"))
		(void)toml_put_string(out, path + rooted);
	else
		(void)toml_put_string(out, here);
	return buf_adds(out, "]\n");
}

static int
rule_host(struct buf *out, const char *what, const char *text, size_t len)
{
	static const char domain[] = "domain:";
	size_t n = sizeof(domain) - 1;

	(void)what;
	if (len <= n || strncmp(text, domain, n) != 0)
		return ERR_UNSUPP;
	return buf_addf(
	    out, "net = [\"%.*s:443\"]\n", (int)(len - n), text + n);
}

/* The tools of the others whose rules have an equivalent. */
static const struct {
	const char *tool;
	int (*rule)(
	    struct buf *out, const char *what, const char *text, size_t len);
	const char *what;
} tools[] = {{"Bash(", rule_words, NULL},
    {"run_shell_command(", rule_prefix, NULL}, {"WebFetch(", rule_host, NULL},
    {"Read(", rule_paths, "read"}, {"Edit(", rule_paths, "write"},
    {"Write(", rule_paths, "write"}};

/* mcp__SERVER__TOOL, or mcp__SERVER for all that it has. */
static int
rule_mcp(struct buf *out, const char *rule)
{
	const char *server = rule + strlen(MCP_RULE);
	const char *tool = strstr(server, "__");

	if (tool == NULL)
		return buf_addf(out, "mcp = \"%s/*\"\n", server);
	return buf_addf(
	    out, "mcp = \"%.*s/%s\"\n", (int)(tool - server), server, tool + 2);
}

int
import_rule(
    struct buf *out, const char *effect, unsigned number, const char *rule)
{
	size_t len = strlen(rule), i, n;
	bool mcp = str_starts(rule, MCP_RULE);
	struct buf body;
	int r = ERR_UNSUPP;

	if (len == 0 || (rule[len - 1] != ')' && !mcp) ||
	    strpbrk(rule, "\"\\\n") != NULL)
		return ERR_UNSUPP;
	buf_init(&body, 8192);
	if (mcp)
		r = rule_mcp(&body, rule);
	for (i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		n = strlen(tools[i].tool);
		if (str_starts(rule, tools[i].tool))
			r = tools[i].rule(
			    &body, tools[i].what, rule + n, len - n - 1);
	}
	if (r == 0) {
		(void)buf_addf(out,
		    "\n[[rule]]\nid = \"imported-%s-%u\"\n"
		    "effect = \"%s\"\nreason = ",
		    effect, number, effect);
		(void)toml_put_string(out, rule);
		(void)buf_addf(out, "\n%s", buf_cstr(&body));
	}
	buf_fini(&body);
	return r;
}
