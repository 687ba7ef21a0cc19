#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A person at cordon itself: all real processes, a scripted model server, a
# real terminal with job control.
# shellcheck source=tests/regress/lib.sh
. "${CORDON_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/regress/lib.sh"

for need in tmux python3; do
	command -v "$need" >/dev/null && continue
	echo "1..0 # SKIP there is no $need"
	exit 0
done

sock=cordon-71-$$
server=
T() { timeout 60 tmux -L "$sock" -f /dev/null "$@"; }
session_cleanup() {
	T kill-server 2>/dev/null
	[ -z "$server" ] || kill "$server" 2>/dev/null
	rm -rf "$wide"
	tap_cleanup
}
trap session_cleanup EXIT

seen() {
	until_so on_screen "$1" && return 0
	echo "# never seen: $1"
	T capture-pane -p | sed 's/^/# /'
	return 1
}
on_screen() { T capture-pane -p 2>/dev/null | grep -qE -- "$1"; }
off_screen() { ! on_screen "$1"; }
gone() { until_so off_screen "$1"; } # TEXT

# say_yes TEXT: to a question that has this; on a busy machine it may be deaf
# for longer, and then the key is not heard.
say_yes() {
	local i j
	for ((i = 0; i < 10; i++)); do
		sleep 0.6
		keys y
		for ((j = 0; j < 40; j++)); do
			off_screen "$1" && return
			sleep 0.05
		done
	done
}
# The newest cordon of this test, and the processes that it has started.
main_pid() { pgrep -n -f "^$CORDON .*127.0.0.1:$(cat "$tap_dir/port")/"; }
roles() { pgrep -P "$(main_pid)" | tr '\n' ' '; }
alive() { # PIDS: how many of them there still are
	local p n=0
	for p in $1; do [ -d "/proc/$p" ] && n=$((n + 1)); done
	echo "$n"
}
all_ended() { # PIDS, which are words
	# shellcheck disable=SC2086
	all_gone $1
}
keys() { T send-keys "$@"; }
type_in() { T send-keys -l -- "$1"; }

mkdir "$tap_dir/repo"
cd "$tap_dir/repo" || exit 1
git init -q .
echo hello >a.txt
echo 'Be brief.' >AGENTS.md
# No cell has a copy of its own of this folder.
wide=$(mktemp -d /srv/cordon-XXXXXX 2>/dev/null ||
	mktemp -d "$(getent passwd "$(id -u)" | cut -d : -f 6)/cordon-XXXXXX")
cat >"$tap_dir/scenario" <<EOS
[
 {"calls": [{"name": "exec_command",
   "arguments": {"cmd": "(echo >/dev/tcp/192.0.2.1/80) 2>/dev/null; true"}}]},
 {"calls": [{"name": "exec_command",
   "arguments": {"cmd": "touch mine; echo here >$wide/x && echo written"}}]},
 {"text": "It is there.\\n"},
EOS
cat >>"$tap_dir/scenario" <<'EOS'
 {"reasoning": "Looking.", "text": "I look at the **file** first.\n",
  "calls": [{"name": "exec_command",
   "arguments": {"cmd": "touch made; echo out of the cell"}}],
  "usage": {"input": 1000, "output": 50, "cached": 0}},
 {"calls": [{"name": "apply_patch", "input":
  "*** Begin Patch\n*** Update File: a.txt\n@@\n-hello\n+hello world\n*** End Patch\n"}]},
 {"text": "It is done.\n"},
 {"calls": [{"name": "exec_command",
   "arguments": {"cmd": "echo sleeping; sleep 307.@PID@"}}]},
 {"text": "Woken up.\n"}
]
EOS
sed -i "s/@PID@/$$/" "$tap_dir/scenario"
python3 "$CORDON_SRC/tests/helper/mock_model.py" "$tap_dir/scenario" \
	--port-file "$tap_dir/port" --log "$tap_dir/requests" \
	--models scripted,other-1,other-2 &
server=$!
until_so test -s "$tap_dir/port"

cat >"$tap_dir/rc" <<EOS
PS1='shell> '
export VISUAL='touch $tap_dir/repo/by-editor; sed -i s/draft/edited/'
HISTFILE=
c() {
	"$CORDON" --model scripted --config model_provider=script \
		--config model_providers.script.name=script \
		--config model_prices.other-2.input=1000000 \
		--config model_providers.script.base_url=http://127.0.0.1:$(cat "$tap_dir/port")/v1 \
		"\$@"
}
EOS
T new-session -d -x 80 -y 30 "bash --noprofile --rcfile '$tap_dir/rc' -i"
seen 'shell>'
type_in 'stty -a >../before; c "write there"'
keys Enter
seen 'Run this again, and let it write there' && seen "→ $wide$"
ok $? 'what the sandbox refused to write is offered'
[ ! -e "$wide/x" ]
ok $? 'and nothing is written before the answer'
say_yes 'Run this again'
seen '│ written' && seen 'It is there'
ok $? 'the command runs again'
is "$(cat "$wide/x")" here 'and writes where it could not'
is "$(T capture-pane -p -S - | grep -c 'kept it from: network')" 1 \
	'a call is not told what one before it was kept from'
find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl' -exec cat {} + |
	python3 -c '
import json, sys
log = list(map(json.loads, sys.stdin))
calls = {r["data"]["call"]: r["data"] for r in log if r["type"] == "call"}
again = [c for c in calls.values() if "again" in c]
assert len(again) == 1 and calls[again[0]["again"]]["tool"] == "exec_command"
assert "sandbox" in again[0]["argv"], again
end = [r["data"]["status"] for r in log if r["type"] == "result"
       and r["data"]["call"] in (again[0]["call"], again[0]["again"])]
assert end[0] != 0 and end[1] == 0, end'
ok $? 'both runs are on record'
keys C-d
seen 'shell>$'
type_in 'clear; c -a untrusted "please look"'
keys Enter
seen '› please look'
ok $? 'the prompt of the command line is sent'
seen 'Run this command in the cordon'
ok $? 'the policy has it asked'
like "$(T capture-pane -p)" 'instructions: /.*/repo/AGENTS\.md' \
	'the person is told whose instructions the model was given'
[ ! -e made ]
ok $? 'and nothing has run'
say_yes 'Run this command in the cordon'
seen '│ out of the cell'
ok $? 'a command runs and its output is seen'
seen 'Make these changes'
ok $? 'a patch is asked, too'
say_yes 'Make these changes'
seen '│ \+hello world'
ok $? 'and shown when it is made'
seen 'It is done\.'
ok $? 'the answer is seen'
is "$(cat a.txt)" 'hello world' 'the patch is made'
find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl' | sort | xargs cat |
	python3 -c '
import hashlib, json, sys
said = [r["data"] for r in map(json.loads, sys.stdin) if r["type"] == "approval"]
assert [d["channel"] for d in said] == ["terminal"] * 3, said
for d, words in zip(said, ("echo here >", "touch made; echo out of the cell", "hello world")):
    shown = d["request"].encode()
    assert words in d["request"], d
    assert hashlib.sha256(shown).hexdigest() == d["shown"], d'
ok $? 'what was shown is on record, to the byte, and who answered'
until_so grep -qrE '"tool":"changed".*"kind":"A","path":"made"' \
	"$XDG_STATE_HOME/cordon/audit"
ok $? 'what the command of the turn made is on record when the turn is over'

type_in 'again'
keys Enter
seen '│ sleeping' && keys Escape
seen 'Interrupted'
ok $? 'Esc interrupts a command that runs'
none_left "^sleep 307[.]$$"
ok $? 'and it is gone'

keys C-z
seen '^shell>.*$' && seen 'Stopped'
ok $? 'Ctrl-Z gives the shell back'
type_in 'stty -a >../stopped'
keys Enter
until_so test -s ../stopped
type_in 'fg'
keys Enter
seen 'Ask for something' && type_in 'draft text'
seen '› draft text'
ok $? 'fg brings it back'

type_in ' @atx'
seen '› a\.txt$'
ok $? 'a file is found behind an @'
keys Escape
gone '› a\.txt$'
keys C-w
keys C-g
seen '› edited text'
ok $? 'Ctrl-G gives it to the editor'
[ ! -e by-editor ]
ok $? 'which is in a cell'

until_so grep -rqF 'edited text' "$XDG_STATE_HOME"
kill -KILL "$(pgrep -P "$(main_pid)" -f '^cordon: ui$')"
seen 'ui was killed by signal 9'
ok $? 'a killed front ends the session with a word'
type_in 'stty -a >../after; echo "status $?"'
keys Enter
seen 'status 0'
is "$(cat ../after)" "$(cat ../before)" 'and the terminal is as it was'
is "$(cat ../stopped)" "$(cat ../before)" 'as it was while stopped'

type_in 'clear; c resume --last'
keys Enter
seen '› edited text'
ok $? 'the draft has survived'
seen '› please look'
ok $? 'what was said is shown again'
keys C-c
sleep 0.2
type_in '/status'
keys Enter
seen 'approvals'
ok $? '/status answers'
pids=$(roles)
is "$(alive "$pids")" "$(wc -w <<<"$pids")" 'its processes are there'
type_in '/agents'
keys Enter
seen 'none; a session that is gone on with has'
ok $? '/agents says that a session that is gone on with is given none'
type_in '/mcp'
keys Enter
seen 'none; .mcp_servers.NAME. in config.toml adds one'
ok $? '/mcp says that there is none'
type_in '/policy'
keys Enter
seen 'rules in force, line 1 of' && seen '# other-user, built-in'
ok $? '/policy shows the rules in force'
keys q
type_in '/audit'
keys Enter
seen 'audit records, line 1 of' && seen 'open +cordon'
ok $? '/audit the records of this session'
keys q
type_in '/export'
keys Enter
seen 'state/cordon/exports/'
grep -q 'please look' "$XDG_STATE_HOME"/cordon/exports/*.md
ok $? '/export writes it into a file'
type_in '/feedback-to-file it is slow'
keys Enter
seen 'feedback/feedback.txt'
grep -q '^it is slow' "$XDG_STATE_HOME/cordon/feedback/feedback.txt"
ok $? '/feedback-to-file keeps words in one'
type_in '/fork'
keys Enter
seen 'audit: .* record' && seen 'Ask for something' &&
	seen '› please look'
ok $? '/fork goes on with a copy'
all_ended "$pids"
ok $? 'the processes of the first session are gone'
type_in '/resume'
keys Enter
seen 'Go on with which session'
seen 'please look'
ok $? '/resume lists the sessions of this folder'
keys Escape
gone 'Go on with which session'
pids=$(roles)
keys C-d
seen 'shell>'
ok $? 'Ctrl-D leaves'
all_ended "$pids"
ok $? 'no process is left'

printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1 and so on' >../dot.png
type_in 'clear; c -i ../dot.png'
keys Enter
seen 'Ask for something' && type_in '/model'
keys Enter
seen 'other-2  .1000000.00 in' && type_in '2'
seen '› 2' && keys Enter
seen 'from the next turn on: other-2'
ok $? '/model lists those of the provider, with prices'
python3 - <<'EOP'
import struct, zlib
def chunk(t, d):
    return struct.pack(">I", len(d)) + t + d + \
        struct.pack(">I", zlib.crc32(t + d))
with open("small.png", "wb") as f:
    f.write(b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b""))
EOP
type_in 'what is it @smal'
seen '› small.png' && keys Tab
seen '^  image small.png'
ok $? 'an image behind an @ goes with the prompt'
keys Enter
seen 'image ../dot.png' && seen 'Woken up'
ok $? 'an image goes with the first prompt'
is "$(grep -o 'input_image' "$tap_dir/requests" | wc -l)" 2 \
	'and reaches the model, and so does the other'
seen 'other-2 .* \$[1-9][0-9]*\.00$'
ok $? 'and is asked, and paid for, from the next turn on'
is "$(grep -c 'model.*other-2' "$tap_dir/requests")" 1 \
	'the chosen model gets the prompt'
pids=$(roles) && T kill-server
all_ended "$pids"
ok $? 'nor after the terminal has gone'

done_testing
