#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Each process of a session is killed in each state of a turn.  Going on, the
# model is told what it was told before, nothing is carried out twice, and the
# audit log of both runs is whole.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

down() { ! pgrep -f "^cordon: [a-z]+\$" -s "$1" >/dev/null; }
settled() { # no patch of this folder is being made
	local p
	for p in $(pgrep -f 'cordon-tool [p]atch'); do
		[ ! "/proc/$p/cwd" -ef "$work" ] || return 1
	done
}
exists() { compgen -G "$1" >/dev/null; }

roles="main ui model net gate cell audit"

# What the first run sent last must begin what the second sends, and of each
# call there is one answer.
cat >"$tap_dir/compare.py" <<'PY'
import json, sys
lines = open(sys.argv[1]).readlines()
def sent(n):
    return json.loads(json.loads(lines[n])["body"])["input"]
def plain(items):
    return [json.dumps(i, sort_keys=True) for i in items]
old, new = sent(int(sys.argv[2]) - 1), sent(-1)
why = []
if plain(new)[:len(old)] != plain(old):
    why.append("another beginning")
calls = [i["call_id"] for i in new if i["type"].endswith("_call")]
answers = [i["call_id"] for i in new if i["type"].endswith("_call_output")]
if sorted(calls) != sorted(set(calls)) or sorted(calls) != sorted(answers):
    why.append("calls %s, answers %s" % (calls, answers))
texts = [c.get("text") for i in new if i.get("role") == "user"
         for c in i["content"]]
if texts[-1] != "go on":
    why.append("the new prompt is not last")
print("; ".join(why) or "the same")
PY

files=400
patch=$(
	printf '*** Update File: p/old\\n@@\\n-old\\n+new\\n'
	seq $files | sed 's:.*:*** Add File\: p/&\\n+&\\n:' | tr -d '\n'
)

# answers JSON: those of the requests from now on
answers() {
	echo "[$1]" >"$tap_dir/scenario.new"
	mv "$tap_dir/scenario.new" "$tap_dir/scenario"
}

# hangs STATE: the answer to a run that hangs there
hangs() {
	call='{"calls": [{"name": "exec_command", "arguments": {"login": false,'
	call="$call \"cmd\": \"echo x >>trace"
	case $1 in
	waiting) echo '{"delay": 90, "text": "late"}' ;;
	streaming) echo '{"text": ["be", "gun"], "fault": {"stall": 90}}' ;;
	asking) echo "${call}; ./asked\"}}]}" ;;
	running) echo "${call}; sleep 640.$$\"}}]}" ;;
	staging | applying) echo '{"calls": [{"name": "apply_patch", "input":' \
		'"*** Begin Patch\n'"$patch"'*** End Patch"}]}' ;;
	between) echo "${call}\"}}]}" ;;
	esac
}

# What is written beside is there for a moment; who looks too late sees it
# renamed, which is a state to be killed in as well.
staged() { exists 'p/.cordon-*' || exists 'p/[0-9]*'; }

# reached STATE: the run is there, or soon; $at requests were before it
reached() {
	case $1 in
	waiting) asked $((at + 1)) ;;
	streaming) asked $((at + 1)) && sleep 0.1 ;;
	asking) until_so exists "$HOME/asked" ;;
	running) until_so exists 'trace' ;;
	staging) until_so staged ;;
	applying) until_so exists "p/[0-9]*" ;;
	between) asked $((at + 2)) ;;
	esac
}

# What was approved by nobody has not run, a command has once, a patch is
# applied or it is not.
effects() { # STATE
	traces=$(cat trace 2>/dev/null)
	patched="$(find p -type f | wc -l) $(cat p/old)"
	case $1:$traces:$patched in
	running:x:"1 old" | between:x:"1 old") ;;
	staging::"1 old" | applying::"1 old") ;;
	staging::"$((files + 1)) new" | applying::"$((files + 1)) new") ;;
	[wsa]*::"1 old") ;;
	*) echo "trace '$traces', files $patched; " ;;
	esac
}

one() { # ROLE STATE
	rm -rf trace p "$HOME/asked"
	mkdir p
	echo old >p/old
	at=$(requests)
	answers "$(hangs "$2"), {\"delay\": 90, \"text\": \"late\"}"
	setsid "$CORDON" exec --json --approve-with "$HOME/bin/asks" first \
		>"$tap_dir/out" 2>"$tap_dir/err" </dev/null &
	pid=$!
	why=
	reached "$2" || why="it is not reached; "
	kill -9 "$(role_pid $pid "$1")"
	wait $pid 2>/dev/null
	until_so down $pid || why="processes are left; "
	until_so settled || why="${why}the patch goes on; "
	why=$why$(effects "$2")
	before=$(find p | sort; cat trace 2>/dev/null)
	at=$(requests)
	answers '{"text": "resumed"}'
	run resume --last 'go on'
	[ "$code:$out" = 0:resumed ] || why="${why}exit $code, '$out', $err; "
	[ "$(find p | sort; cat trace 2>/dev/null)" = "$before" ] ||
		why="${why}carried out again; "
	why=$why$(python3 "$tap_dir/compare.py" "$log" "$at" 2>&1)
	id=$(basename "$(find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl' |
		sort | tail -1)" .jsonl)
	"$CORDON" audit verify "$id" >"$tap_dir/verify" 2>&1 ||
		why="$why; $(cat "$tap_dir/verify")"
	is "$why" "the same" "$1 killed while $2"
}

mkdir -p "$HOME/bin"
chmod 700 "$HOME/bin"
printf '#!/bin/sh\n>>%s/asked\nsleep 640.%s\n' "$HOME" $$ >"$HOME/bin/asks"
chmod 700 "$HOME/bin/asks"
printf 'version = 1\n[[rule]]\nid = "asks"\neffect = "ask"\nexec = "./asked"\n' \
	>"$conf/policy.toml"
chmod 600 "$conf/policy.toml"
server <<<'[{"text": "none"}]'
configure responses </dev/null
for state in waiting streaming asking running staging applying between; do
	for role in $roles; do
		one $role $state
	done
done
none_left "sleep 640[.]$$"
ok $? "nothing is left running"
done_testing
