#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cordon config import: what has an equivalent, what has none, and --write.
. "$(dirname "$0")/lib.sh"

cordon=$CORDON_BUILD/cordon
data=$CORDON_SRC/tests/data/import
chmod go-w "$tap_dir" "$HOME"
cd "$tap_dir" || exit 1
user=$XDG_CONFIG_HOME/cordon

is "$("$cordon" config import --from codex "$data/codex.toml" 2>err)" \
'# config.toml
model = "gpt-5"
web_search = "live"
model_providers.old.base_url = "https://old.example/v1"
mcp_servers.docs.command = "docs"
mcp_servers.docs.tool_timeout_sec = 60
mcp_servers.docs.startup_timeout_sec = 2.500' 'codex: what has an equivalent'
is "$(sort err)" \
'no equivalent: mcp_servers.docs.env_vars: name each with its value in its env
no equivalent: mcp_servers.remote: Cordon speaks to servers that it starts, not over HTTP
no equivalent: model_providers.old.experimental_bearer_token: no token stands in a file; use auth.command or env_key
no equivalent: model_verbosity: must be one of low|medium|high, not "huge"
no equivalent: notify: see tui.notifications
no equivalent: projects."/home/me/x".trust_level: no folder is trusted, so none has to be' \
	'codex: what has none'
grep -rq sk-secret err
is $? 1 'a token is not repeated'

out=$("$cordon" config import --from claude "$data/claude.json" 2>err)
like "$out" '^model_providers.anthropic.auth.args = \["-c", "pass show anthropic"\]$' \
	'claude: a helper is run by a shell'
like "$out" '^sandbox_mode = "read-only"$' 'claude: the plan mode'
is "$(grep -c mcpServers err) $(grep mcpServers err)" \
	'2 no equivalent: mcpServers."my srv": a server'"'"'s name has at most 32 letters, digits, - and single _ between them
no equivalent: mcpServers.web: Cordon speaks to servers that it starts, not over HTTP' \
	'claude: servers of tools that cannot be ours, each once'
is "$(grep '^mcp_servers' <<<"$out")" \
'mcp_servers.docs.command = "npx"
mcp_servers.docs.args = ["-y", "docs"]
mcp_servers.docs.env.DOCS_KEY = "(hidden)"' 'claude: and one that can'
is "$(grep '^mcp = ' <<<"$out")" 'mcp = "a/b_c"
mcp = "docs/*"' 'claude: rules on their tools'
like "$out" '^exec = \{ program = "npm", args = \["run", "test", "..."\] \}$' \
	'claude: a rule with a prefix'
like "$out" '^exec = \{ program = "git", args = \["diff"\] \}$' \
	'claude: a rule without'
like "$out" '^net = \["example.com:443"\]$' 'claude: a host'
like "$out" '^exec = \{ program = "ls", args = \["..."\] \}$' \
	'claude: another way to write a prefix'
like "$(cat err)" '^no equivalent: permissions.deny: Bash\(git push --force\*\)$' \
	'claude: a pattern that is none of ours'
like "$out" '^read = \["./\*\*/.env\*"\]$' 'claude: a path in the workspace'
like "$out" '^read = \["/etc/secret"\]$' 'claude: an absolute path'
like "$(cat err)" '^no equivalent: permissions.deny: Read\(\.\./\*\*\)$' \
	'claude: a path outside'
like "$(cat err)" '^no equivalent: permissions.deny: Read\(\.env\): .*never reached' \
	'claude: a rule that another one contains'
like "$(cat err)" '^no equivalent: env.ANTHROPIC_MODEL: name the model in full$' \
	'claude: an alias'
like "$(cat err)" '^no equivalent: env.ANTHROPIC_AUTH_TOKEN: no token' \
	'claude: a token'
grep -q sk-secret err
is $? 1 'which is not repeated'
like "$(cat err)" '^no equivalent: hooks.PreToolUse: a policy' 'claude: hooks'
is "$(find "$HOME" -type f)" '' 'nothing is written without --write'

out=$("$cordon" config import --from gemini "$data/gemini.json" 2>err)
like "$out" '^model_providers.gemini.wire_api = "chat"$' 'gemini: its API'
like "$out" '^tui.vim_mode_default = true$' 'gemini: a setting'
like "$out" '^tui.screen_reader = true$' 'gemini: another'
like "$out" '^exec = \{ program = "git", args = \["status", "..."\] \}$' \
	'gemini: a command that is allowed'
like "$out" '^effect = "forbid"$' 'gemini: and one that is not'
like "$(cat err)" '^no equivalent: tools.exclude: write_file$' \
	'gemini: a tool that is not'
is "$(grep '^mcp_servers' <<<"$out")" \
'mcp_servers.files.command = "files"
mcp_servers.files.tool_timeout_sec = 1.500
mcp_servers.files.enabled_tools = ["read"]' 'gemini: a server of tools'
like "$(cat err)" '^no equivalent: mcpServers.files.trust: a rule' \
	'gemini: that none of its calls is asked about'

mkdir -p "$user"
printf '# mine\nmodel = "kept"\n' > "$user/config.toml"
got=$("$cordon" config import --from claude --write "$data/claude.json" 2>&1 >/dev/null |
	grep already)
is "$got" "cordon: $user/config.toml has model already; it stays" \
	'what is set already stays'
is "$(head -n 2 "$user/config.toml")" "$(printf '# mine\nmodel = "kept"')" \
	'with its comments'
is "$("$cordon" config get sandbox_mode)" read-only 'the rest is set'
is "$("$cordon" config check 2>&1)" '' 'and the result is good'
is "$("$cordon" config get mcp_servers.docs.env.DOCS_KEY)" sk-secret \
	'a variable of a server is as it was'
is "$("$cordon" policy check "$user/policy.toml" 2>&1)" \
	"$user/policy.toml: 11 rules, no mistake" 'the rules are a policy'
echo mine > "$user/policy.toml"
like "$("$cordon" config import --from claude --write "$data/claude.json" 2>&1)" \
	'policy.toml is not changed; add the rules by hand$' \
	'that replaces none'

printf '{"a": 1, "a": 2}' > bad.json
"$cordon" config import --from claude bad.json 2>err
is "$? $(cat err)" "65 cordon: config import: bad.json is no JSON: malformed; mend it, or name another file" 'no JSON'
"$cordon" config import --from claude missing.json 2>/dev/null
is $? 66 'no file'
"$cordon" config import 2>err
is "$? $(cat err)" '64 cordon: config import: say whose settings with --from codex, claude or gemini' \
	'nobody named'
done_testing
