/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The table of configuration keys: data only.
 *
 * Names are Codex's where it has the setting, so that people can move their
 * file.  A row exists when some process reads it; tests/lint/keys.sh holds
 * that.  What a project may set is PROJECT_*: never a provider, an address,
 * a token, a program or anything that widens.
 */

#include "config.h"

#include "conf/keys.h"

#define MS_MAX     86400000 /* a day */
#define TOKENS_MAX 1000000000

const struct key keys[] = {
    {"model", KEY_STR, .env = "CORDON_MODEL",
	.help = "The model to ask, by the provider's name for it."},
    {"model_provider", KEY_STR, .def = "openai",
	.help = "The provider to ask: openai, anthropic, ollama, lmstudio or"
		" one of [model_providers]; unless set, the first of these"
		" that has a key in the environment, a login or, on this"
		" machine, a server."},
    {"model_reasoning_effort", KEY_STR,
	.help = "How long the model may think: minimal, low, medium, high or"
		" what the provider offers."},
    {"model_reasoning_summary", KEY_ENUM,
	.values = "auto|concise|detailed|none",
	.help = "Which summary of its thinking to ask for."},
    {"model_verbosity", KEY_ENUM, .values = "low|medium|high",
	.help = "How long the model's answers are to be."},
    {"model_context_window", KEY_INT, .min = 1024, .max = TOKENS_MAX,
	.help = "The model's context window in tokens, where Cordon does not"
		" know it."},
    {"model_max_output_tokens", KEY_INT, .min = 1, .max = TOKENS_MAX,
	.help = "The most tokens that one answer may have."},
    {"model_auto_compact_token_limit", KEY_INT, .min = 1, .max = TOKENS_MAX,
	.help = "Summarise the conversation when it is longer than this,"
		" whatever its share of the window."},
    {"model_auto_compact_percent", KEY_INT, .min = 1, .max = 100, .def = "90",
	.help = "Summarise the conversation when it fills this share of the"
		" model's context window."},
    {"model_instructions_file", KEY_STR,
	.help = "A file that replaces Cordon's own instructions for the"
		" model."},
    {"developer_instructions", KEY_STR, .flags = KEY_EMPTY,
	.help = "Text for the model behind Cordon's own instructions."},
    {"web_search", KEY_ENUM, .values = "disabled|cached|live",
	.def = "disabled", .project = PROJECT_TIGHTEN,
	.help = "Whether the provider may search the web for the model."},
    {"tool_output_token_limit", KEY_INT, .min = 100, .max = 1000000,
	.def = "10000", .project = PROJECT_TIGHTEN,
	.help = "The most tokens of a command's output that the model is"
		" shown."},

    {"approval_policy", KEY_ENUM,
	.values = "untrusted|on-failure|on-request|never", .def = "on-request",
	.help = "When a person is asked: with untrusted about every command"
		" not known to only read, with on-request and on-failure as"
		" the policy says; with never, what would be asked is"
		" refused."},
    {"danger", KEY_ENUM, .values = "forbid|allow", .def = "forbid",
	.help = "With allow in the person's own config.toml, and only there,"
		" danger-full-access runs commands without any sandbox."},
    {"approve.command", KEY_STR,
	.help = "A program that answers in cordon exec what the policy asks a"
		" person; as --approve-with."},
    {"approve.args", KEY_LIST, .flags = KEY_EMPTY, .help = "Its arguments."},
    {"approve.timeout_ms", KEY_INT, .min = 1, .max = MS_MAX, .def = "60000",
	.help = "How long it may take for one answer; later is a no."},
    {"approve.session_ms", KEY_INT, .min = 1, .max = MS_MAX, .def = "28800000",
	.help = "How long an answer for the session holds."},
    {"sandbox_mode", KEY_ENUM,
	.values = "read-only|workspace-write|danger-full-access",
	.def = "workspace-write", .project = PROJECT_TIGHTEN,
	.env = "CORDON_SANDBOX_MODE",
	.help = "What commands may change: nothing, the workspace, or"
		" without any sandbox everything, see danger."},
    {"sandbox_tier", KEY_ENUM, .values = "auto|full|lsm", .def = "auto",
	.help =
	    "What holds commands: the better tier that the machine gives, or"
	    " this one and nothing else; see cordon-sandbox(7)."},
    {"sandbox_workspace_write.writable_roots", KEY_LIST,
	.help = "Folders besides the workspace that commands may write."},
    {"sandbox_workspace_write.network_access", KEY_BOOL, .def = "false",
	.project = PROJECT_TIGHTEN,
	.help = "Whether commands have the network."},
    {"budget.tokens", KEY_INT, .min = 1, .max = INT64_MAX,
	.project = PROJECT_TIGHTEN,
	.help = "A session ends before it takes more tokens than this."},
    {"budget.usd", KEY_FLOAT, .min = 0, .max = 1000000,
	.project = PROJECT_TIGHTEN,
	.help = "A session ends before it costs more than this; needs"
		" [model_prices]."},
    {"budget.wall_ms", KEY_INT, .min = 1, .max = INT64_MAX,
	.project = PROJECT_TIGHTEN,
	.help = "A session ends when it has taken this many milliseconds."},
    {"model_prices.*.input", KEY_FLOAT, .max = 1000000,
	.help = "US dollars for a million input tokens of that model."},
    {"model_prices.*.cached_input", KEY_FLOAT, .max = 1000000,
	.help = "The same for input that the provider had cached; by default"
		" as for input."},
    {"model_prices.*.output", KEY_FLOAT, .max = 1000000,
	.help = "The same for output."},

    {"model_providers.*.name", KEY_STR,
	.help = "What people call the provider."},
    {"model_providers.*.base_url", KEY_STR, .form = FORM_URL,
	.help = "Where its API is, such as https://host/v1; http only for"
		" this machine, or with private_address."},
    {"model_providers.*.private_address", KEY_BOOL, .def = "false",
	.help = "Whether the name in base_url may lead to a private address,"
		" as that of a gateway in one's own network does."},
    {"model_providers.*.default_model", KEY_STR,
	.help = "The model to ask where model is not set."},
    {"model_providers.*.wire_api", KEY_ENUM,
	.values = "responses|chat|messages", .def = "responses",
	.help = "The API that it speaks."},
    {"model_providers.*.env_key", KEY_STR, .form = FORM_VARIABLE,
	.help = "The environment variable that holds the token."},
    {"model_providers.*.env_key_instructions", KEY_STR,
	.help = "What to tell a person who has not set it."},
    {"model_providers.*.requires_openai_auth", KEY_BOOL, .def = "false",
	.help = "Use what cordon login keeps."},
    {"model_providers.*.query_params.*", KEY_STR, .flags = KEY_EMPTY,
	.help = "A query parameter for each request."},
    {"model_providers.*.http_headers.*", KEY_STR, .flags = KEY_EMPTY,
	.help = "A header for each request."},
    {"model_providers.*.env_http_headers.*", KEY_STR, .form = FORM_VARIABLE,
	.help = "A header whose value is in that environment variable."},
    {"model_providers.*.request_max_retries", KEY_INT, .max = 100, .def = "4",
	.help = "How often a failed request is repeated."},
    {"model_providers.*.stream_max_retries", KEY_INT, .max = 100, .def = "5",
	.help = "How often a broken answer is asked for again."},
    {"model_providers.*.stream_idle_timeout_ms", KEY_INT, .min = 1,
	.max = MS_MAX, .def = "300000",
	.help = "How long a stream may be silent before it counts as"
		" broken."},
    {"model_providers.*.auth.command", KEY_STR, .flags = KEY_REQUIRED,
	.help = "A program that prints the token; run without a shell, the"
		" workspace hidden from it."},
    {"model_providers.*.auth.args", KEY_LIST, .flags = KEY_EMPTY,
	.help = "Its arguments."},
    {"model_providers.*.auth.cwd", KEY_STR,
	.help = "Its folder; by default the one of this file."},
    {"model_providers.*.auth.timeout_ms", KEY_INT, .min = 1, .max = MS_MAX,
	.def = "5000", .help = "How long it may take."},
    {"model_providers.*.auth.refresh_interval_ms", KEY_INT, .min = 0,
	.max = INT64_MAX, .def = "300000",
	.help = "A token older than this is refreshed before its next use; 0"
		" means never: the cached token is used until the backend"
		" answers 401."},

    {"login.issuer", KEY_STR, .form = FORM_URL,
	.def = "https://auth.openai.com",
	.help = "Where cordon login signs in."},
    {"login.client_id", KEY_STR, .def = "app_EMoamEEZ73f0CkXaXp7hrann",
	.help = "As which program, by the issuer's public name for it."},
    {"login.scopes", KEY_STR, .def = "openid profile email offline_access",
	.help = "What is asked for, separated by blanks."},
    {"login.port", KEY_INT, .min = 1, .max = 65535, .def = "1455",
	.help = "The port of this machine to which the browser comes back;"
		" issuers may know but one."},
    {"login.timeout_ms", KEY_INT, .min = 1, .max = MS_MAX, .def = "600000",
	.help = "How long cordon login waits for a person."},
    {"login.base_url", KEY_STR, .form = FORM_URL,
	.def = "https://chatgpt.com/backend-api/codex",
	.help = "Where the built-in provider openai is asked by those who"
		" are signed in."},

    {"mcp_servers.*.command", KEY_STR, .flags = KEY_REQUIRED,
	.help = "The program of an MCP server of that name, which serves over"
		" its standard input and output; run as a command is, in the"
		" cell, by default with no right to write or to connect."},
    {"mcp_servers.*.args", KEY_LIST, .flags = KEY_EMPTY,
	.help = "Its arguments."},
    {"mcp_servers.*.env.*", KEY_STR, .flags = KEY_HIDDEN | KEY_EMPTY,
	.help = "A variable that it has, and no other command; it may be a"
		" secret, and is not shown."},
    {"mcp_servers.*.cwd", KEY_STR,
	.help = "Its folder; by default the session's, from which a relative"
		" one counts."},
    {"mcp_servers.*.enabled", KEY_BOOL, .def = "true",
	.help = "Whether it is started at all."},
    {"mcp_servers.*.startup_timeout_sec", KEY_FLOAT, .min = 0, .max = 3600,
	.def = "10",
	.help = "How long it may take to say which tools it has; the first"
		" turn waits for that."},
    {"mcp_servers.*.tool_timeout_sec", KEY_FLOAT, .min = 0, .max = 86400,
	.def = "60", .help = "How long a call of one of its tools may take."},
    {"mcp_servers.*.enabled_tools", KEY_LIST,
	.help = "Its tools that the model is told of, by its own names; by"
		" default all."},
    {"mcp_servers.*.disabled_tools", KEY_LIST,
	.help = "Those that the model is not told of."},

    {"history.persistence", KEY_ENUM, .values = "none|save-all",
	.def = "save-all", .project = PROJECT_TIGHTEN,
	.help = "Whether the composer remembers what was typed."},
    {"hide_agent_reasoning", KEY_BOOL, .def = "false",
	.help = "Do not show the summaries of the model's thinking."},

    {"tui.theme", KEY_ENUM, .values = "auto|dark|light", .def = "auto",
	.help = "Colours for which background."},
    {"tui.alternate_screen", KEY_BOOL, .def = "false",
	.help = "Use the terminal's second screen instead of writing into"
		" its scrollback."},
    {"tui.vim_mode_default", KEY_BOOL, .def = "false",
	.help = "Edit the prompt with the keys of vi."},
    {"tui.notifications", KEY_BOOL, .def = "true",
	.help = "Notify when a turn ends or a question waits and the"
		" terminal has no focus."},
    {"tui.notification_method", KEY_ENUM,
	.values = "auto|osc9|osc99|osc777|bel", .def = "auto",
	.help = "How to notify."},
    {"tui.status_line", KEY_LIST,
	.values = "model|profile|sandbox|directory|branch|context|cost|tokens",
	.help = "What the status line shows, in this order."},
    {"tui.screen_reader", KEY_BOOL, .def = "false",
	.help = "Words instead of signs, and nothing drawn twice."},
    {"tui.image_command", KEY_LIST,
	.help = "The program, and its arguments, that prints the image in the"
		" clipboard; unless set that is wl-paste or xclip, as the"
		" desktop has it."},
    {"tui.image_timeout_ms", KEY_INT, .min = 1, .max = MS_MAX, .def = "5000",
	.help = "How long it may take."},
    {"tui.keymap.*", KEY_STR,
	.names = "left|right|word-left|word-right|line-start|line-end|"
		 "delete-back|delete|delete-word|delete-next-word|kill-line|"
		 "kill-start|yank|undo|newline|submit|up|down|search|complete|"
		 "cancel|interrupt|quit|transcript|redraw|suspend|editor|"
		 "image",
	.help = "The key of an action, such as ctrl-x; cordon(1) lists the"
		" actions."},

    {"locked", KEY_LIST, .flags = KEY_SYSTEM,
	.help = "Keys and tables that no other file, variable or option may"
		" set."},
    {.name = NULL}};
