#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A person who lets commands write a folder for the session: all real
# processes, a scripted model server, a real terminal.
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

wide=$(folder_outside_tmp) || exit 1
widened_cleanup() {
	person_stop
	server_stop
	rm -rf "$wide"
	tap_cleanup
}
trap widened_cleanup EXIT
mkdir -p "$wide/top/one" "$wide/top/two" "$wide/other" "$wide/real"
ln -s "$wide/other" "$wide/top/link"
ln -s "$wide/real" "$wide/name"

try() { # FILE TEXT: a command of the model's
	printf '{"calls": [{"name": "exec_command", "arguments": {"cmd":
		"echo %s >%s && echo done %s"}}]},\n' "$2" "$wide/$1" "$2"
}
{
	echo '['
	try top/one/a first
	try top/two/b second
	try top/link/c third
	try name/d fourth
	echo '{"text": "It is over.\n"},'
	try top/one/e fifth
	echo '{"text": "It is all over.\n"}]'
} >"$tap_dir/calls"
server <"$tap_dir/calls"
configure responses </dev/null

person "'$CORDON' 'write there'"
seen 'Run this again, and let it write there' && seen "→ $wide/top/one$"
ok $? 'what could not be written is asked about'
press s 'write there' 'Until this session ends'
seen "^  $wide/top/one$" && keys Left
seen "^  $wide/top$"
ok $? 'for the session it can be the folder, or the one above'
press y 'Until this session' '│ done second'
ok $? 'then a later command that needs it runs without a question'
is "$(cat "$wide/top/one/a" "$wide/top/two/b" | tr '\n' ' ')" 'first second ' \
	'and both have written'
seen "→ $wide/(top/link|other)( |$)"
ok $? 'a link from there leads nowhere that was granted: it is asked about'
[ ! -e "$wide/other/c" ]
ok $? 'and nothing was written'
press n 'top/link|/other' "→ $wide/(name|real)"
ok $? 'a folder that is a link is asked about'
screen=$(T capture-pane -p -J | tr -d '\n')
like "$screen" "$wide/real" 'by its place'
press n '/name|/real' 'It is over'
ok $? 'and refused'
type_in '/grants'
keys Enter
seen "1  run again what cannot write below $wide/top"
ok $? '/grants lists it'
type_in '/grants 1'
keys Enter
seen 'nothing; s at a question grants something'
ok $? 'and takes it back'
type_in 'again'
keys Enter
seen "→ $wide/top/one$"
ok $? 'after which it is asked about again'
press n "→ $wide/top/one$" 'It is all over'
ok $? 'and refused'
[ ! -e "$wide/top/one/e" ]
ok $? 'then nothing is written'
person_records | python3 -c '
import json, sys
log = list(map(json.loads, sys.stdin))
said = [(r["data"]["answer"], r["data"].get("channel"), r["data"].get("grant"))
        for r in log if r["type"] == "approval"]
assert said == [("session", "terminal", 1), ("once", "preset", 1),
    ("no", "terminal", None), ("no", "terminal", None), ("revoked", None, 1),
    ("no", "terminal", None)], said
ran = [r["data"]["argv"] for r in log if r["type"] == "intent"
       and "sandbox" in r["data"]["argv"][:3]]
folders = [a[a.index("-C") - 1] for a in ran]
assert folders == [sys.argv[1] + "/top/one", sys.argv[1] + "/top"], folders' "$wide"
ok $? 'who said so is on record, and which cell each run was in'
keys C-d
done_testing
