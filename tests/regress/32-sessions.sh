#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cordon sessions: over transcripts as the model process writes them.
. "$(dirname "$0")/lib.sh"

dir=$XDG_STATE_HOME/cordon/sessions
cordon() { "$CORDON_BUILD/cordon" "$@"; }

# transcript ID DAY TEXT
transcript() {
	local file=$dir/$2/$1.jsonl t=${2//\//-}T10:00:00.000000Z
	mkdir -p "$dir/$2"
	cat >"$file" <<EOF
{"time":"$t","type":"session","id":"$1","cwd":"/home/x/project","model":"m","resumed":false}
{"time":"$t","type":"item","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>\n</environment_context>"}]}}
{"time":"$t","type":"item","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"$3\nsecond line"}]}}
{"time":"$t","type":"item","item":{"type":"function_call","name":"exec_command","arguments":"{\"cmd\":\"ls \`\`\`\"}","call_id":"c1"}}
{"time":"$t","type":"item","item":{"type":"function_call_output","call_id":"c1","output":"a\u001b[31m<b>"}}
{"time":"$t","type":"item","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Answer to $3"}]}}
{"type":"turn_end"}
EOF
}
a=01936f2a-5b1c-7000-8000-00000000000a
b=01936f2b-5b1c-7000-8000-00000000000b

is "$(cordon sessions list 2>&1)" 'cordon: there is no session yet; '\''cordon exec PROMPT'\'' makes one' 'none yet'
transcript $a 2026/11/27 'fix the zebra parser'
transcript $b 2026/11/28 'add a flamingo'
is "$(cordon sessions list | cut -c1-36 | tr '\n' ' ')" "$b $a " \
	'the newest comes first'
like "$(cordon sessions list -n 1)" \
	"^$b  2026-11-28T10:00 +1 turns  add a flamingo  \(/home/x/project\)\$" \
	'title and folder'
like "$(cordon sessions search zebra parser)" "^$a" 'all words are looked for'
is "$(cordon sessions search zebra flamingo)" '' 'all of them'
is "$(cordon sessions search '"; DROP TABLE' 'x* OR y')" '' \
	'words are words and no query'
cordon sessions list --json | python3 -c 'import json, sys
assert [json.loads(x)["turns"] for x in sys.stdin] == [1, 1]'
ok $? 'list --json'

# What is found again after the transcript has grown.
printf '%s\n' '{"type":"item","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"now a walrus"}]}}' \
	'{"type":"turn_end"}' >>"$dir/2026/11/27/$a.jsonl"
like "$(cordon sessions search walrus)" "^$a .* 2 turns" \
	'a transcript that has grown is taken up'
# The same of a folder that has been as it is for long.
touch -d '1 hour ago' "$dir/2026/11/27" "$dir/2026/11/28"
cordon sessions list >/dev/null
printf '%s\n' '{"type":"item","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"then an okapi"}]}}' \
	'{"type":"turn_end"}' >>"$dir/2026/11/27/$a.jsonl"
like "$(cordon sessions search okapi)" "^$a .* 3 turns" \
	'one that grows in a folder of old is, too'
# A list does not look at each file, but at one that is being written.
note() { # TEXT
	printf '{"time":"2026-11-30T10:00:00.000000Z","type":"title","text":"%s"}\n' \
		"$1" >>"$dir/2026/11/27/$a.jsonl"
}
exec 9<"$dir/2026/11/27/$a.jsonl"
flock -s 9
touch "$dir/2026/11/27/$a.jsonl" "$dir/2026/11/27"
cordon sessions list -n 1 >/dev/null
sleep 0.2 # until the time of the folder cannot come again
like "$(cordon sessions list -n 1)" "^$b" 'what is written by another'
note 'An okapi'
like "$(cordon sessions list -n 1)" "^$a .* An okapi" 'is looked at again'
exec 9<&-
note 'A last word'
like "$(cordon sessions list -n 1)" "^$a .* A last word" \
	'and to the last line'
c=01936f2b-5b1c-7000-8000-00000000000c
transcript $c 2026/11/27 'a platypus'
like "$(cordon sessions search platypus)" "^$c" 'and a new one there'
rm "$dir/2026/11/27/$c.jsonl"
is "$(cordon sessions search platypus)" '' 'or one that is gone'
cordon sessions rename "${a:0:14}" 'Zebras, and more'
like "$(cordon sessions list)" 'Zebras, and more' 'rename'
cordon sessions archive $a
is "$(cordon sessions list | wc -l)" 1 'archive leaves it out'
like "$(cordon sessions list --archived)" "^$a" '--archived lists it'
cordon sessions archive --undo $a
is "$(cordon sessions list | wc -l)" 2 '--undo'

# The index is derived.
echo garbage >"$dir/index.sqlite"
is "$(cordon sessions list | wc -l)" 2 'a broken index is made anew'
rm "$dir/index.sqlite"
like "$(cordon sessions search walrus)" "^$a" 'so is one that was deleted'
is "$(stat -c %a "$dir/index.sqlite")" 600 'it is for its owner'
cordon sessions reindex
ok $? 'reindex'
like "$(cordon sessions list)" 'Zebras, and more' \
	'and the title is in the transcript'

# A line that a crash tore.
printf '{"type":"item","it' >>"$dir/2026/11/28/$b.jsonl"
is "$(cordon sessions list | wc -l)" 2 'a torn line is passed over'

# A line longer than any that is written, and one of the longest.
long=01936f2c-5b1c-7000-8000-00000000000d
transcript $long 2026/11/29 'a long story'
{
	printf '{"type":"item","item":{"type":"message","role":"user","text":"'
	head -c 85000000 /dev/zero | tr '\0' x
} >"$tap_dir/long"
{
	head -c 79000000 "$tap_dir/long"
	printf '"}}\n{"time":"2026-11-29T11:00:00.000000Z","type":"turn_end"}\n'
} >>"$dir/2026/11/29/$long.jsonl"
like "$(cordon sessions list 2>&1)" "^$long  2026-11-29T11:00 +2 turns" \
	'a transcript with a very long line is listed'
cat "$tap_dir/long" >>"$dir/2026/11/29/$long.jsonl"
rm "$tap_dir/long"
out=$(cordon sessions list 2>&1)
like "$out" "^cordon: .*$long.jsonl: .*listed by what stands before" \
	'one that cannot be read to its end is named'
like "$out" "^$long .* 2 turns  a long story" 'and listed'
rm "$dir/2026/11/29/$long.jsonl"

# Reading and exporting.
like "$(cordon sessions show $a)" 'fix the zebra parser' 'show'
case $(cordon sessions show $a) in *$'\e'*) bad=1 ;; *) bad=0 ;; esac
ok $bad 'without the escapes of what was run'
cordon sessions export $a >"$tap_dir/a.md"
like "$(cat "$tap_dir/a.md")" '^````$' 'Markdown: a fence that holds'
is "$(grep -c environment_context "$tap_dir/a.md")" 0 \
	'what the person did not say is left out'
cordon sessions export -f html -o "$tap_dir/a.html" $a
is "$(grep -ciE '<script|src=|href=|<b>' "$tap_dir/a.html")" 0 \
	'HTML: nothing from elsewhere, nothing unquoted'
cordon sessions export -f jsonl $a | python3 -c '
import json, sys
a, b = ([json.loads(x) for x in f] for f in (sys.stdin, open(sys.argv[1])))
assert a == b' "$dir/2026/11/27/$a.jsonl"
ok $? 'JSON lines: all of them'
cordon sessions show 01936f2 2>/dev/null
is $? 66 'an id that more than one has'
cordon sessions rm '' 2>/dev/null
is "$?:$(find "$dir" -name '*.jsonl' | wc -l)" 66:2 \
	'an id that is empty is none, and not the last'
cordon sessions rm $b >/dev/null
is "$(find "$dir" -name '*.jsonl' | wc -l)" 1 'rm'
is "$(cordon sessions list | wc -l)" 1 'and it is gone from the list'

done_testing
