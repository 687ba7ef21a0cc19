#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A process of a session is stopped (SIGSTOP) while a command runs: Ctrl-C and
# the deadline end the session all the same, nothing is left of it, and what
# is on record is whole.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

marker=620.$$ # seconds that only our sleep sleeps
scenario <<EOS
m.exec("sleep $marker", yield_ms=30000)
while True:
    m.step()
EOS

# begin NAME [OPTIONS]: one session
begin() {
	"$doubles/cordon" exec --json "${@:2}" x >"$tap_dir/$1.out" \
		2>"$tap_dir/$1.err" </dev/null &
	pids[$1]=$!
}

declare -A pids
cases="int-gate int-cell int-audit int-model int-net int-ui late-gate
	late-model"
for case in $cases; do
	case $case in
	int-*) begin "$case" ;;
	late-*) begin "$case" --deadline 2s ;;
	esac
done

# runs CASE: its command does.  On a busy machine a deadline may pass before it
# does; then there is another session, which has four times as long.
runs() {
	grep -q '"item.started"' "$tap_dir/$1.out" && return
	kill -0 "${pids[$1]}" 2>/dev/null && return 1
	seconds=$((seconds * 4))
	begin "$1" --deadline ${seconds}s
	return 1
}
ours=()
for case in $cases; do
	seconds=2
	until_so runs "$case"
	ok $? "$case: a command runs"
	pid=${pids[$case]}
	mapfile -t -O ${#ours[@]} ours < <(pgrep -P "$pid")
	kill -STOP "$(role_pid "$pid" "${case#*-}")"
	[ "${case%-*}" = late ] || kill -INT "$pid" "$(role_pid "$pid" ui)"
done
for case in $cases; do
	timeout 120 tail --pid="${pids[$case]}" -f /dev/null
	kill -9 "${pids[$case]}" 2>/dev/null && echo "# $case had to be killed"
	wait "${pids[$case]}" 2>/dev/null
	case $case in
	int-*) is $? 130 "$case: it is interrupted" ;;
	late-*) is $? 124 "$case: the deadline holds" ;;
	esac
done
all_gone "${ours[@]}"
ok $? "no process of ours is left"
none_left "^sleep $marker\$"
ok $? "and none of the commands"

for log in "$XDG_STATE_HOME"/cordon/audit/*/*/*/*.jsonl; do
	grep -q '"type":"intent".*"sleep '"$marker" "$log" || continue
	"$CORDON" audit verify "$(basename "$log" .jsonl)" >"$tap_dir/verify" 2>&1
	ok $? "the intent of ${log##*/} is on record, and the log is whole"
done
[ "$tap_n" -ge 26 ]
ok $? "of each session"

done_testing
