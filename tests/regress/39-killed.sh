#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# kill -9 of each process of a session, and of all, at random instants: what
# ran is on record, and what was told as recorded is.  The test's own account
# are the files that the commands made and what the front had printed.
# CORDON_TEST_KILLS says how often (make soak: 10,000).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

kills=${CORDON_TEST_KILLS:-${CORDON_SOAK:+10000}}
kills=${kills:-28}
seed=${CORDON_TEST_SEED:-$RANDOM}
RANDOM=$seed
victims=(audit gate cell ui model main all)

cat >"$tap_dir/account.py" <<'EOF'
import json, os, sys
# usage: account.py LOG EVENTS FILES...: both of what ran and of what was told
log = {}
calls = set()
ended = set()
for line in open(sys.argv[1], errors="replace"):
    try:
        r = json.loads(line)
    except ValueError:
        continue  # what the crash tore: verify knows
    log[r["seq"]] = r
    if r["type"] == "intent":
        calls.add(r["data"]["argv"][-1])
for line in open(sys.argv[2], errors="replace"):
    try:
        e = json.loads(line)
    except ValueError:
        continue
    own = e.get("item", {}).get("cordon")
    if own is None or e["item"]["type"] != "command_execution":
        continue
    wanted = {"item.started": "intent", "item.completed": "result"}[e["type"]]
    r = log.get(own["seq"])
    if r is None or r["type"] != wanted:
        sys.exit("told, and not on record: %s" % line)
for name in sys.argv[3:]:
    if "touch " + name not in calls:
        sys.exit("ran, and not on record: " + name)
EOF

# The process of a role of the session whose main is $1.
role_pid() {
	case $2 in
	model) pgrep -P "$1" -f "cordon-model\$" ;;
	*) pgrep -P "$1" -f "^cordon: $2\$" ;;
	esac
}

scenario <<'EOS'
for i in range(1000):
    m.exec("touch ran-%d" % i)
EOS
bad=0
ran=0
torn=0
for i in $(seq "$kills"); do
	victim=${victims[i % ${#victims[@]}]}
	rm -rf ran-* "$XDG_STATE_HOME/cordon"
	# A job of its own: all of it can be killed at once.
	setsid "$doubles/cordon" exec --json x >"$tap_dir/out" \
		2>"$tap_dir/err" </dev/null &
	pid=$!
	disown $pid
	# At any time of its start, or while commands run.
	for _ in $(seq $((i % 4 * 50))); do
		grep -q item.started "$tap_dir/out" && break
		sleep 0.02
	done
	sleep "0.$((RANDOM % 2))$((RANDOM % 10))$((RANDOM % 10))"
	case $victim in
	main) kill -9 $pid ;;
	all) kill -9 -$pid ;;
	*)
		# It may not be there yet.
		for p in $(role_pid $pid "$victim"); do kill -9 "$p"; done
		[ "$(role_pid $pid "$victim")" ] || kill -9 -$pid
		;;
	esac 2>/dev/null
	for _ in $(seq 60); do
		kill -0 $pid 2>/dev/null || break
		sleep 0.05
	done
	kill -9 -$pid 2>/dev/null
	log=$(find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl' 2>/dev/null)
	made=$(ls -d ran-* 2>/dev/null)
	ran=$((ran + $(wc -w <<<"$made")))
	if [ -z "$log" ]; then
		[ -z "$made" ] || { bad=1; echo "# $i: no log"; }
		continue
	fi
	# shellcheck disable=SC2086
	python3 "$tap_dir/account.py" "$log" "$tap_dir/out" $made ||
		{ bad=1; echo "# $i: $victim"; cp "$log" "$tap_dir/bad"; }
	[ -s "$log" ] || continue
	"$CORDON" audit verify --json >"$tap_dir/v"
	if grep -q '"kind":"torn"' "$tap_dir/v"; then
		torn=$((torn + 1))
		"$CORDON_BUILD/tests/bin/auditlog" -a -n 1 "$log" \
			"$(basename "$log" .jsonl)" \
			"$CORDON_BUILD/cordon-audit" >/dev/null
		"$CORDON" audit verify --json >"$tap_dir/v"
	fi
	grep -q '"damage":null' "$tap_dir/v" ||
		{ bad=1; echo "# $i: $victim: $(cat "$tap_dir/v")"; }
done
is $bad 0 "$kills kills (seed $seed): all that ran or was told is on record"
is "$([ "$ran" -gt 0 ]; echo $?)" 0 "$ran commands ran, $torn logs were torn"
is "$(pgrep -fc "$doubles/cordon")" 0 'and nothing of ours is left'

done_testing
