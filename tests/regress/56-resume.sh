#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Each process of a session is killed in each state of a turn.  Going on, the
# model is told what it was told before, nothing is carried out twice, and the
# audit log of both runs is whole.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

# until COMMAND ...: waits for it to be true
until_so() {
	for _ in $(seq 300); do
		"$@" && return 0
		sleep 0.02
	done
	return 1
}
asked() { [ "$(requests)" -ge "$1" ]; }
traced() { grep -q . trace; }
down() { ! pgrep -f "^cordon: [a-z]+\$" -s "$1" >/dev/null; }

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

# answers STATE: for each role, those of a run that hangs there, and of the
# one that goes on
answers() {
	call='{"text": "so", "calls": [{"name": "exec_command", "arguments":
		{"login": false, "cmd": "echo x >>trace'
	hang='{"delay": 5, "text": "late"}'
	resumed='{"text": "resumed"}'
	sep='['
	for _ in $roles; do
		case $1 in
		asking) echo "$sep $hang, $resumed" ;;
		running) echo "$sep $call; sleep 64\"}}]}, $resumed" ;;
		between) echo "$sep $call\"}}]}, $hang, $resumed" ;;
		esac
		sep=,
	done
	echo ']'
}

one() { # ROLE STATE
	rm -f trace
	touch trace
	at=$(requests)
	setsid "$CORDON" exec --json first >"$tap_dir/out" 2>"$tap_dir/err" \
		</dev/null &
	pid=$!
	case $2 in
	asking) until_so asked $((at + 1)) ;;
	running) until_so traced ;;
	between) until_so asked $((at + 2)) ;;
	esac
	kill -9 "$(role_pid $pid "$1")"
	wait $pid 2>/dev/null
	why=
	until_so down $pid || why="processes are left; "
	lines=$(wc -l <trace)
	at=$(requests)
	run resume --last 'go on'
	[ "$code:$out" = 0:resumed ] || why="${why}exit $code, '$out', $err; "
	[ "$(wc -l <trace)" = "$lines" ] || why="${why}carried out again; "
	[ "$lines" -le 1 ] || why="${why}carried out twice; "
	why=$why$(python3 "$tap_dir/compare.py" "$log" "$at" 2>&1)
	id=$(basename "$(find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl' |
		sort | tail -1)" .jsonl)
	"$CORDON" audit verify "$id" >"$tap_dir/verify" 2>&1 ||
		why="$why; $(cat "$tap_dir/verify")"
	is "$why" "the same" "$1 killed while $2"
}

for state in asking running between; do
	server < <(answers $state)
	configure responses </dev/null
	for role in $roles; do
		one $role $state
	done
done
is "$(pgrep -fc 'sleep 6[4]')" 0 "nothing is left running"
done_testing
