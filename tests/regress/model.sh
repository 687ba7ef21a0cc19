# SPDX-License-Identifier: Apache-2.0
# Sourced after lib.sh by the tests that script the model's calls: the real
# programs, but cordon-model and cordon-net are doubles (tests/helper).
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

doubles=$tap_dir/bin
work=$tap_dir/work
mkdir -p "$doubles" "$work/.git"
cp "$CORDON_BUILD/cordon" "$doubles/"
for p in gate cell open tool ui audit load report; do
	[ -e "$CORDON_BUILD/cordon-$p" ] &&
		cp "$CORDON_BUILD/cordon-$p" "$doubles/"
done
cp "$CORDON_SRC/tests/helper/proto.py" "$CORDON_SRC/src/proto/schema.def" \
	"$doubles/"
cp "$CORDON_SRC/tests/helper/model_double.py" "$doubles/cordon-model"
cp "$CORDON_SRC/tests/helper/idle_double.py" "$doubles/cordon-net"
chmod +x "$doubles/cordon-model" "$doubles/cordon-net"
export OPENAI_API_KEY=not-a-key # a provider is there, in name
cd "$work" || exit 1

# scenario: its body, Python, on standard input; m is the model double, and
# @PID@ ours, so that what it leaves running is told from another's
scenario() {
	{
		echo 'def run(m):'
		echo '    def check(what, got, *wanted):'
		echo '        text = got.decode() if isinstance(got, bytes) else str(got)'
		echo '        good = all(str(w) in text for w in wanted)'
		echo '        m.say(("good: " if good else "BAD: ") + what +'
		echo '              ("" if good else " got " + text))'
		sed "s/^/    /; s/@PID@/$$/g"
	} >"$doubles/scenario.py"
}

# run [OPTIONS]: out, err and code of cordon exec
run() {
	timeout 180 "$doubles/cordon" exec "$@" >"$tap_dir/out" 2>"$tap_dir/err" \
		</dev/null
	code=$?
	out=$(cat "$tap_dir/out") err=$(cat "$tap_dir/err")
}

# checks: one test for each check of the scenario, by name; none may be bad
checks() {
	while IFS= read -r line; do
		case $line in
		"good: "*) ok 0 "${line#good: }" ;;
		"BAD: "*) ok 1 "${line#BAD: }" ;;
		esac
	done < <(python3 -c '
import json, sys
for line in sys.stdin:
    item = json.loads(line).get("item", {})
    if item.get("type") == "agent_message":
        print(item["text"].replace("\n", "\\n"))' <"$tap_dir/out")
	! grep -h 'scenario: ' "$tap_dir/out" "$tap_dir/err" ||
		ok 1 "the scenario came to its end"
}

audit_log() { cat "$XDG_STATE_HOME"/cordon/audit/*/*/*/*.jsonl; }
# records TYPE: those of all sessions; forget: the sessions
records() { audit_log | grep "\"type\":\"$1\""; }
forget() { rm -rf "$XDG_STATE_HOME/cordon"; }

# approver [VERDICT]: makes prog, a program of the person's that answers so, or
# does what its body, a shell script on standard input, says; what it was asked
# is in the file asked, a question a line
prog=$HOME/bin/approver
asked=$HOME/asked
approver() {
	mkdir -p "$HOME/bin"
	chmod 700 "$HOME/bin"
	rm -f "$asked"
	{
		printf '#!/bin/sh\ncat >>%s\n' "$asked"
		if [ $# -gt 0 ]; then
			printf "echo '{\"verdict\": \"%s\"}'\n" "$1"
		else
			cat
		fi
	} >"$prog"
	chmod 700 "$prog"
}
