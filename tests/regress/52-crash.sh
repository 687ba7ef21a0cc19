#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# When a process of a session is killed, the others end in good time and what
# they ran is gone, whatever the call was doing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

marker=610.$$ # seconds that only our sleep sleeps

wait_for() { until_so grep -qE "$2" "$1"; } # FILE REGEX

begin() {
	: >"$tap_dir/out" # of the run before, until the new one has opened it
	"$doubles/cordon" exec --json x >"$tap_dir/out" 2>"$tap_dir/err" \
		</dev/null &
	pid=$!
}

# ended: waits; false if that had no end
ended() {
	local in_time=0
	until_so eval '! kill -0 "$pid" 2>/dev/null' || {
		in_time=1
		kill -9 "$pid"
	}
	wait "$pid" 2>/dev/null
	code=$?
	return $in_time
}

scenario <<EOS
m.exec("sleep $marker", yield_ms=30000)
EOS
for role in gate cell audit model net ui; do
	begin
	wait_for "$tap_dir/out" '"item.started"'
	ok $? "a command runs"
	# One that helped to start them may end late.
	until_so eval 'mapfile -t ours < <(pgrep -P $pid)
		[ "${#ours[@]}" = 6 ]'
	is "${#ours[@]}" 6 "six processes work on it"
	kill -9 "$(role_pid $pid $role)"
	ended
	ok $? "$role killed: the session is down"
	is "$([ "$code" -ne 0 ]; echo $?)" 0 "with an exit status that says so"
	like "$(cat "$tap_dir/err")" "^cordon: $role was killed by signal 9 \
.Killed.; 'cordon resume [0-9a-f-]{36}' goes on\$" "one line says why"
	none_left "^sleep $marker\$"
	ok $? "and nothing is left running"
	is "$(grep -c 'item.completed.*"exit_code":0' "$tap_dir/out")" 0 \
		"the command is not said to have gone well"
	all_gone "${ours[@]}"
	ok $? "no process of ours"
done

begin
wait_for "$tap_dir/out" '"item.started"'
kill -9 $pid
wait $pid 2>/dev/null
none_left "^sleep $marker\$"
ok $? "main killed: nothing is left running"
none_left "$doubles"
ok $? "no process of ours"

# The record of what was begun is there.
log=$(find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl' | sort | tail -1)
like "$(grep '"type":"intent"' "$log" | tail -1)" "sleep $marker" \
	"the intent is on record"
# Its end may be, if gate heard of it first; then it is that end.
is "$(grep '"type":"result"' "$log" | grep '"tool":"exec_command"' |
	grep -vcE '"how":"killed"|"status":9[,}]')" 0 \
	"no other end of it than that it was killed is"
"$CORDON" audit verify "$(basename "$log" .jsonl)" >"$tap_dir/verify" 2>&1
is $? 0 "and the log is whole"
# The audit process stopped: nothing runs, and it is not forgotten either.
scenario <<'EOS'
import os, time
open("ready", "w").close()
while not os.path.exists("go"):
    time.sleep(0.01)
m.exec("touch ran", yield_ms=30000)
EOS
begin
until_so test -e ready
audit=$(role_pid $pid audit)
kill -STOP "$audit"
touch go
sleep 0.5
is "$([ -e ran ]; echo $?)" 1 "audit stopped: nothing runs"
kill -CONT "$audit"
ended
is "$code:$([ -e ran ]; echo $?)" 0:0 "until it goes on"
rm -f ready go ran

begin
until_so test -e ready
kill -9 "$(role_pid $pid audit)"
touch go
ended
is "$([ -e ran ]; echo $?)" 1 "audit killed: nothing runs"
is "$([ "$code" -ne 0 ]; echo $?)" 0 "and the session ends"
rm -f ready go

# Ctrl-C: the command is killed, the turn is cut, the exit status is 130.
scenario <<EOS
i = m.call("exec", cmd="sleep $marker", yield_ms=30000)
m.result(i)
if m.interrupted:
    m.ui.send("turn", 0, phase=3, number=1)
    while True:
        m.step()
EOS
begin
wait_for "$tap_dir/out" '"item.started"'
kill -INT "$(role_pid $pid ui)"
ended
is "$code" 130 "interrupted: exit status 130"
none_left "^sleep $marker\$"
ok $? "and nothing is left running"
like "$(cat "$tap_dir/out")" '"item.completed".*"status":"failed"' \
	"the item is completed all the same"

# No room for the log: nothing begins, and the exit status is of I/O.
if unshare -m true 2>/dev/null; then
	rm -f ran
	scenario <<<'m.exec("touch ran")'
	mkdir -p "$XDG_STATE_HOME"
	# shellcheck disable=SC2016 # the inner shell expands them
	unshare -m bash -c 'mount -t tmpfs -o size=64k small "$1" &&
		head -c 1M /dev/zero >"$1/full" 2>/dev/null
		"$2" exec --json x' - "$XDG_STATE_HOME" "$doubles/cordon" \
		>"$tap_dir/out" 2>"$tap_dir/err" </dev/null
	is $? 74 "a full disk: exit status 74"
	like "$(cat "$tap_dir/err")" \
		'^cordon: audit: .*No space left on device; make room there' \
		"which is said"
	is "$([ -e ran ]; echo $?)" 1 "and nothing ran"
else
	skip 'no mount namespace' 'a full disk'
fi

done_testing
