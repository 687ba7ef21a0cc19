#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# MCP servers: what the model is told, who is asked, what is on record, what a
# server may do, and servers that lie, flood, hang and die.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

# The cell has a /tmp of its own, so what it is to run lies elsewhere.
place=$(folder_outside_tmp) || exit 1
trap 'server_stop; tap_cleanup; rm -rf "$place"' EXIT
chmod 755 "$place"
cp "$CORDON_SRC/tests/helper/mcp_server.py" "$place/"
secret=canary-5e0c77d1b2

# serve NAME MODE [LINES]: a server of the configuration
serve() {
	printf '[mcp_servers.%s]\ncommand = "python3"\n' "$1"
	printf 'args = ["%s/mcp_server.py", "%s"]\n' "$place" "$2"
	[[ "${*:3}" = *startup_timeout* ]] || echo 'startup_timeout_sec = 120'
	printf '%s\n' "${@:3}"
}
policy() { # the person's, on standard input
	{
		echo 'version = 1'
		cat
	} >"$conf/policy.toml"
}
all='[[rule]]
id = "all-tools"
effect = "allow"
mcp = "*"'
calls() { # NAME=ARGUMENTS ...: the model calls these, one after the other
	local c sep=''
	printf '['
	for c; do
		printf '%s{"calls": [{"name": "mcp__%s", "arguments": %s}]}' \
			"$sep" "${c%%=*}" "${c#*=}"
		sep=,
	done
	printf ', {"text": "done"}]\n'
}
records() { cat "$XDG_STATE_HOME"/cordon/audit/*/*/*/*.jsonl; }
forget() { rm -rf "$XDG_STATE_HOME/cordon"; }
# result N: status, error and text of the Nth call, one a line
results() {
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
    e = json.loads(line)
    i = e.get("item", {})
    if e["type"] == "item.completed" and i["type"] == "mcp_tool_call":
        text = (i["result"] or {"content": [{"text": ""}]})["content"][0]["text"]
        print(i["server"], i["tool"][:20], i["status"],
              (i["error"] or {"message": "-"})["message"], text[:400])
' "$tap_dir/out"
}
warnings() {
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
    i = json.loads(line).get("item", {})
    if i.get("type") == "error":
        print(i["message"])' "$tap_dir/out" | sort
}
# As is of no use to know while it still may be ending.
leftovers() { none_left "$place/mcp_server.py" && echo 0; }

# One that is as it should be, with each API.
server < <(calls 't__echo={"text": "hi"}' 't__env={"name": "API_KEY"}')
policy <<<"$all"
for api in responses chat messages; do
	server < <(calls 't__echo={"text": "hi"}' 't__env={"name": "API_KEY"}')
	configure $api < <(serve t good '[mcp_servers.t.env]' \
		"API_KEY = \"$secret\"" 'HOME = "/nowhere"')
	forget
	run --json x
	is "$code" 0 "$api: a session with a server ends well"
	is "$(results)" "t echo completed - echo: hi
t env completed - $secret" "$api: its tools answer, and it has its variables"
	is "$(body 0 'sorted(n for n in [t.get("name") or t["function"]["name"]
		for t in b["tools"]] if n.startswith("mcp"))')" \
		"['mcp__t__echo', 'mcp__t__env', 'mcp__t__sleep', 'mcp__t__write']" \
		"$api: the model is told of them, from both pages"
	like "$(body 1 'json.dumps(b)')" 'echo: hi' "$api: and of the answer"
done
like "$(body 0 'json.dumps(b["tools"])')" "server's words about it, no instr" \
	"a description says whose words it is"
is "$(records | grep -c "$secret")" 0 "the value of a variable is on no record"
like "$(records | grep '"tool":"mcp_server"' | grep '"type":"intent"')" \
	'"API_KEY"' "its name is"
is "$(records | python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    if r["data"].get("tool") in ("mcp_server", "mcp"):
        print(r["type"], r["data"]["tool"], end=", ")')" \
	'call mcp_server, decision mcp_server, intent mcp_server, call mcp, decision mcp, intent mcp, result mcp, call mcp, decision mcp, intent mcp, result mcp, result mcp_server, ' \
	"each is on record, the server from its start to its end"
like "$(records | grep '"tool":"mcp_server"' | grep decision)" \
	'"rights":"narrow"' "without a rule it has the narrowest rights"
like "$(records | grep '"tool":"mcp"' | grep call)" \
	'"argv":\["t/echo","\{\\"text\\":\\"hi\\"\}"\]' \
	"a call with its arguments"
is "$(leftovers)" 0 "no server is left"
server < <(calls 't__echo={"text": "hi"}')
run x
like "$err" 'tool t/echo .\{"text":"hi"\}.' "people are shown the call"
like "$err" 'echo: hi' "and the answer"

# The variables are its own.
server <<<'[{"calls": [{"name": "exec_command", "arguments":
	{"cmd": "env; cat /proc/*/environ"}}]}, {"text": "done"}]'
run --json x
is "$(grep -c "$secret" "$log" "$tap_dir/out" | cut -d: -f2 | tr '\n' ' ')" \
	"0 0 " "a command has none of them"
run_config() { "$CORDON" config "$@" 2>&1; }
like "$(run_config show | grep API_KEY)" '= "\(hidden\)"' \
	"config show does not show them"

# Tools that are left out.
server < <(calls 't__echo={"text": "hi"}' 't__write={}')
configure responses < <(serve t good 'enabled_tools = ["echo", "env", "write"]' \
	'disabled_tools = ["write"]')
run --json x
is "$(body 0 '[t["name"] for t in b["tools"] if t["name"].startswith("mcp")]')" \
	"['mcp__t__echo', 'mcp__t__env']" "only some tools, and some not"
like "$(body 2 'json.dumps(b["input"][-1])')" 'no such tool' \
	"what was not offered cannot be called"

# Who is asked.
three() {
	server < <(calls 't__echo={"text": "one"}' \
		't__echo={"text": "two\u001b[2J"}' 't__env={"name": "HOME"}')
}
three
configure responses < <(serve t good)
rm "$conf/policy.toml"
forget
run --json x
is "$(results | cut -d' ' -f1-8 | sort -u)" \
	"t echo failed a person has to be
t env failed a person has to be" "nobody is there to ask: refused"
is "$(records | grep -c '"type":"intent".*"tool":"mcp"')" 0 "and not called"
policy <<'P'
[[rule]]
id = "no-env"
effect = "forbid"
reason = "it tells too much"
mcp = "t/env"
P
prog=$HOME/approver
printf '#!/bin/sh\ncat >>%s\necho "{\\"verdict\\": \\"session\\"}"\n' \
	"$HOME/asked" >"$prog"
chmod 700 "$prog"
forget
three
run --json --approve-with "$prog" x
is "$(results)" "t echo completed - echo: one
t echo completed - echo: two$(printf '\033[2J')
t env failed it tells too much " \
	"a yes for the session is for the tool, whatever the arguments"
is "$(grep -c . "$HOME/asked")" 1 "so it is asked for once"
like "$(cat "$HOME/asked")" '"what":"tool"' "as a tool"
like "$(cat "$HOME/asked")" '"argv":\["t/echo","\{\\"text\\":\\"one\\"\}"\]' \
	"with the whole arguments"
like "$(records | grep '"type":"approval"')" '"answer":"session"' \
	"the answer is on record"
printf '#!/bin/sh\ncat >/dev/null\necho "{\\"verdict\\": \\"no\\"}"\n' >"$prog"
three
run --json --approve-with "$prog" x
like "$(results | head -1)" '^t echo failed the approving program said no' \
	"a no is a no"
is "$(sed 's/.*"arguments"/x/' "$tap_dir/out" | grep -c "$(printf '\033')")" 0 \
	"no escape of an argument is printed"

explain() { "$CORDON" policy explain --mcp "$1" | tr -s ' \n' ' '; }
like "$(explain t/env)" '^verdict forbid reason it tells too much .*no-env' \
	"policy explain knows the rule"
like "$(explain t/echo)" '^verdict ask .*a rule with mcp' \
	"and what there would have to be"

# A server that a rule forbids, or asks about, is a command like others.
policy <<P
$all
[[rule]]
id = "no-python"
effect = "forbid"
reason = "no snakes"
exec = "python3"
P
server < <(calls 't__echo={"text": "one"}')
run --json x
is "$code $(warnings)" "0 MCP server t: no snakes" \
	"a server that a rule forbids is named, and the session goes on"
is "$(records | grep '"tool":"mcp_server"' | tail -1 |
	grep -c '"type":"refusal"')" 1 "and refused on record"

# What a rule gives it has.
policy <<P
$all
[[rule]]
id = "may-write"
effect = "allow"
exec = { program = "python3", args = ["$place/mcp_server.py", "..."] }
write = "."
P
server < <(calls 't__write={"path": "made"}')
run --json x
is "$(results)|$(cat made)" "t write completed - written|written" \
	"a rule gives a server a right"
like "$out" '"files":\[.*made' "and the session names the file"
rm -f made
policy <<<"$all"
server < <(calls 't__write={"path": "made"}')
run --json x
like "$(results)" 't write failed - .*(Read-only|Permission)' \
	"without it, there is none"
is "$(ls)" "" "and no file"

# Time.
server < <(calls 't__sleep={"s": 300}' 't__echo={"text": "after"}')
configure responses < <(serve t good 'tool_timeout_sec = 0.5')
forget
run --json x
is "$(results | cut -d' ' -f1-3)" "t sleep failed
t echo failed" "a call has an end, whatever the server does"
like "$(body 1 'json.dumps(b["input"][-1])')" 'the time limit was reached' \
	"of which the model is told"

# The process that speaks to it dies; the server does; the session goes on.
server < <(calls 't__sleep={"s": 300}')
configure responses < <(serve t good 'tool_timeout_sec = 600'; serve u good)
: >"$tap_dir/out"
"$CORDON" exec --json x >"$tap_dir/out" 2>"$tap_dir/err" </dev/null &
main=$!
until_so grep -q '"in_progress"' "$tap_dir/out"
is "$(pgrep -cP "$main" -f '^cordon: mcp$')" 2 "one process for each server"
pid=$(pgrep -P "$main" -f '^cordon: mcp$' | head -1)
is "$(sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$pid/status")" 2 \
	"with a system call filter"
if [ "$(id -u)" -eq 0 ]; then
	is "$(for fd in /proc/"$pid"/fd/*; do readlink "$fd"; done |
		sed 's/:.*//' | sort | uniq -c | tr -s ' \n' ' ')" \
		" 3 /dev/null 2 pipe 2 socket " \
		"two pipes, main and gate, and nothing else"
	is "$(pgrep -P "$main" -f '^cordon: gate$' | while read -r g; do
		for fd in /proc/"$g"/fd/*; do readlink "$fd"; done; done |
		grep -c pipe)" 0 "gate keeps no end of a pipe"
fi
kill -KILL "$pid"
wait "$main"
is "$? $(warnings)" \
	"0 MCP server t: the process that speaks to it has ended" \
	"its process is killed: the person is told, and the session goes on"
is "$(results | cut -d' ' -f1-7)" "t sleep failed the MCP server has" \
	"the call under way fails"
is "$(leftovers)" 0 "and the server with it"

# Configuration.
bad() { # LINES WANTED DESCRIPTION
	configure responses <<<"$1"
	run x
	is "$code" 78 "$3"
	like "$err" "$2" "$3: with a reason"
}
server <<<'[{"text": "hello"}]'
bad '[mcp_servers.a__b]
command = "x"' 'mcp_servers.a__b: a server.s name has' "a name that could be two"
bad '[mcp_servers.x]
args = ["y"]' 'mcp_servers.x: command is missing' "no command"
bad "$(for i in 1 2 3 4 5 6 7 8 9; do serve "s$i" good; done)" \
	'no more than 8' "nine servers"
configure responses < <(serve t slow 'enabled = false')
run --json x
is "$code $(warnings)" "0 " "one that is not enabled is not started"
mkdir -p .cordon
serve evil good >.cordon/config.toml
configure responses </dev/null
run --json x
like "$err" 'mcp_servers.evil.command is ignored: a project' \
	"a project has no servers"
is "$(body 0 '[t["name"] for t in b["tools"] if t["name"].startswith("mcp")]')" \
	'[]' "so there are none"
rm -r .cordon

# Servers that mean no good, in each tier.
mkdir -p "$HOME/.ssh"
echo private >"$HOME/.ssh/id"
for tier in full lsm; do
	policy <<<"$all"
	server < <(calls 'noise__echo={"text": "n"}' 'wrong__echo={"text": "w"}' \
		'wrong__echo={"text": "w"}' 'asks__echo={"text": "a"}' \
		'large__echo={"text": "l"}' 'writes__try={}' \
		'poison__a_b={}' 'poison__exec_command={}')
	configure responses < <(for m in noise wrong asks large poison; do
		serve $m $m; done; serve writes writes '[mcp_servers.writes.env]' \
		"PORT = \"$port\"" "HOME = \"$HOME\""; serve old old)
	forget
	run --json -c sandbox_tier=$tier x
	is "$code" 0 "$tier: a session with bad servers ends well"
	is "$(warnings)" \
		"MCP server old: it speaks no revision of MCP that we know" \
		"$tier: one that cannot be understood is named"
	res=$(results)
	like "$res" '^noise echo completed - echo: n$' \
		"$tier: noise between the lines is passed over"
	is "$(grep -c '^wrong echo completed - $' <<<"$res")" 2 \
		"$tier: answers to what was not asked count for nothing"
	like "$(grep '^asks' <<<"$res")" \
		'"q0": \{\}, "q1": \{"code": -32601.*"q2": \{"code": -32601.*"q3": \{"code": -32601' \
		"$tier: a ping is answered, other wishes are not"
	like "$(grep '^large' <<<"$res")" 'completed - y{400}$' "$tier: much text"
	[ "$(body 5 'len(json.dumps(b["input"][-1]))')" -lt 60000 ]
	ok $? "$tier: of which the model gets as much as of any output"
	is "$(grep '^writes' <<<"$res")" "writes try completed - kept kept kept kept" \
		"$tier: no file is written, none is read that is hidden, no host reached"
	is "$(ls; find "$HOME" -name written)" "" "$tier: and nothing is there"
	names=$(body 0 '"\n".join(t["name"] for t in b["tools"])')
	is "$(grep -vcE '^[a-zA-Z0-9_-]{1,64}$' <<<"$names")" 0 \
		"$tier: every name is one that a provider takes"
	is "$(sort <<<"$names" | uniq -d)" "" "$tier: and none is there twice"
	is "$(grep -c '^mcp__poison' <<<"$names")" 8 \
		"$tier: like names are told apart, and what is no tool is left out"
	is "$(body 0 'json.dumps(b["tools"])' | grep -cP '\\u001b|\\u202e|\\udb40')" \
		0 "$tier: what is hidden in a description is not"
	like "$(body 0 'max(len(t.get("description", "")) for t in b["tools"])')" \
		'^4[0-9]{3}$' "$tier: and a description has a length"
	like "$res" '^poison exec_command completed - called exec_command$' \
		"$tier: a tool named like ours is the server's"
	is "$(leftovers)" 0 "$tier: no server is left"

	# Those that hang, flood and die.
	server < <(calls 'giant__echo={"text": "g"}' 'dies__echo={"text": "d"}' \
		'deaf__echo={"text": "e"}' 'good__echo={"text": "still"}')
	configure responses < <(serve giant giant; serve dies dies; serve flood flood
		serve deaf deaf 'tool_timeout_sec = 0.5'; serve endless endless
		serve silent silent 'startup_timeout_sec = 1.5'; serve good good
		printf '[mcp_servers.gone]\ncommand = "/no/such/program"\n')
	run --json -c sandbox_tier=$tier x
	is "$code" 0 "$tier: a session with worse servers ends well"
	is "$(warnings)" \
"MCP server dies: it has ended
MCP server endless: its list of tools has no end
MCP server flood: it says too much at once
MCP server giant: a line of it is longer than 4 MiB
MCP server gone: its program was not found
MCP server silent: it was not ready within 1.5 s" "$tier: each is named once"
	is "$(results)" \
"giant echo failed the MCP server has ended 
dies echo failed the MCP server has ended 
deaf echo failed - 
good echo completed - echo: still" "$tier: and what it was asked has an answer"
	is "$(leftovers)" 0 "$tier: none of them is left"
done
done_testing
