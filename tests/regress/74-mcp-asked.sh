#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A person who is asked about the tools of an MCP server: all real processes, a
# scripted model server, a real terminal.
# shellcheck source=tests/regress/lib.sh
. "${CORDON_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/regress/lib.sh"

for need in tmux python3; do
	command -v "$need" >/dev/null && continue
	echo "1..0 # SKIP there is no $need"
	exit 0
done
# shellcheck source=tests/regress/server.sh
. "$CORDON_SRC/tests/regress/server.sh"

# shellcheck source=tests/regress/person.sh
. "$CORDON_SRC/tests/regress/person.sh"

# The cell has a /tmp of its own, so what it is to run lies elsewhere.
place=$(folder_outside_tmp) || exit 1
asked_cleanup() {
	person_stop
	server_stop
	rm -rf "$place"
	tap_cleanup
}
trap asked_cleanup EXIT
chmod 755 "$place"
cp "$CORDON_SRC/tests/helper/mcp_server.py" "$place/"

server <<'EOS'
[{"calls": [{"name": "mcp__t__echo", "arguments":
  {"text": "one\u001b[2J\u202e n\u0430me \\ 'end'"}}]},
 {"calls": [{"name": "mcp__t__echo", "arguments": {"text": "two"}}]},
 {"calls": [{"name": "mcp__t__echo", "arguments": {"text": "three"}}]},
 {"calls": [{"name": "mcp__t__env", "arguments": {"name": "HOME"}}]},
 {"text": "It is over.\n"},
 {"calls": [{"name": "mcp__t__echo", "arguments": {"text": "four"}}]},
 {"text": "It is all over.\n"}]
EOS
configure responses <<EOC
[mcp_servers.t]
command = "python3"
args = ["$place/mcp_server.py", "good"]
startup_timeout_sec = 120
EOC

person "'$CORDON' 'use the tools'"
seen 'Let this tool of an MCP server do this' &&
	seen '^  server t$' && seen '^  tool   echo$'
ok $? 'a tool is asked about, by its server and its name'
screen=$(T capture-pane -p)
like "$screen" '^  with   \{"text":"one' 'with its arguments'
like "$screen" 'with .*\\u\{202e\}|\\\\u202e' 'an order of letters is spelled'
like "$screen" "\\\\\\\\ 'end'" 'a backslash is told from an escape'
is "$(T capture-pane -p | grep -c 'tool of an MCP')" 1 'and nothing is erased'
is "$(person_records | grep -c '"type":"intent".*"tool":"mcp"')" 0 \
	'nothing is called before the answer'
press n 'with .*one' 'You said no'
seen 'with .*two'
ok $? 'a no is a no, and the next call is asked about'
is "$(person_records | grep -c '"type":"intent".*"tool":"mcp"')" 0 \
	'what was refused is not called'
press y 'with .*two' 'with .*three'
ok $? 'a yes is for once: the next one is asked about'
like "$(person_records | grep '"type":"approval"' | tail -1)" '"answer":"once"' \
	'as it is on record'
press s 'with .*three' 'Until this session ends'
seen 'call t/echo, with whatever arguments' && seen 'this tool alone'
ok $? 'for the session says for what'
press y 'Until this session' '^  tool   env$'
ok $? 'another tool is asked about all the same'
press n 'tool   env' 'It is over'
ok $? 'and refused'
type_in '/grants'
keys Enter
seen '1  call t/echo, with whatever arguments, for [0-9]+ minutes'
ok $? '/grants shows it'
type_in '/mcp'
keys Enter
seen '^  t  ready: ' && seen '^    echo$' && seen '^    env$'
ok $? '/mcp lists the server with its tools'
type_in '/grants 1'
keys Enter
seen 'nothing; s at a question grants something'
ok $? 'and it is taken back'
type_in 'again'
keys Enter
seen 'with .*four'
ok $? 'after which it is asked about again'
press y 'with .*four' 'It is all over'
ok $? 'and answered'
is "$(person_records | python3 -c '
import json, sys
said = [r["data"]["answer"] for r in map(json.loads, sys.stdin)
        if r["type"] == "approval"]
print(*said)')" 'no once session no revoked once' 'all of it is on record'
keys C-d
done_testing
