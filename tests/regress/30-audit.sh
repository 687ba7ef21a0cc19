#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The audit process and its readers, each the real program: nothing that was
# acknowledged is lost, whatever is killed and whichever write fails.
# CORDON_TEST_KILLS says how often is killed (make soak: 10,000).
. "$(dirname "$0")/lib.sh"

id=01936f2a-5b1c-7000-8000-00000000abcd
other=01936f2b-0000-7000-8000-000000000001
dir=$XDG_STATE_HOME/cordon/audit/2026/11/28
log=$dir/$id.jsonl
mkdir -p "$dir"
auditlog() { "$CORDON_BUILD/tests/bin/auditlog" "$@"; }
audit=$CORDON_BUILD/cordon-audit
verify() { "$CORDON" audit verify "$@" 2>&1; }

# lost: how many of the acknowledged records (in $tap_dir/acked) are missing
lost() {
	sed -n 's/^acked [0-9]* //p' "$tap_dir/acked" | sort >"$tap_dir/a"
	sed -n 's/.*"hash":"\([0-9a-f]*\)"}$/\1/p' "$log" | sort >"$tap_dir/b"
	comm -23 "$tap_dir/a" "$tap_dir/b" | wc -l
}

# A run that ends in order.
auditlog -n 100 -t "$tap_dir/notes" "$log" "$id" "$audit" >"$tap_dir/acked"
is $? 0 'a hundred records are acknowledged'
is "$(lost)" 0 'and in the log'
is "$(wc -l <"$tap_dir/notes")" 100 'notes are in the transcript'
like "$(verify)" '^L0, from the log alone: each of the 104 records' \
	'verify says what it verified'
like "$(verify)" '^not verified: that nobody wrote the whole log anew' \
	'and what it did not'
verify | grep -qi intact
is $? 1 'it never says that a log is intact'
head=$(sed -n 's/^head [0-9]* //p' "$tap_dir/acked")
like "$(verify --head "$head")" '^L1, .*records 0 to 103 are what they were' \
	'a head known elsewhere proves more'
echo "audit: $id record 103 $head" >"$tap_dir/heads"
echo "audit: $other record 3 $(printf '%064d' 7)" >>"$tap_dir/heads"
like "$(verify --remote-head "$tap_dir/heads")" '^L2, .*another host' \
	'one that another host kept, more still; other logs are passed over'
for n in $(seq 300); do
	printf 'audit: 01936f2a-5b1c-7000-8000-%012d record 3 %064d\n' "$n" 7
done >>"$tap_dir/heads"
like "$(verify --head "$tap_dir/heads")" '^L1, ' 'however many there are'
mkdir "$tap_dir/repo"
git -C "$tap_dir/repo" init -q
git -C "$tap_dir/repo" -c user.name=x -c user.email=x@localhost commit -q \
	--allow-empty -m "Work" --trailer "Audit: $("$CORDON" audit head)"
git -C "$tap_dir/repo" log >"$tap_dir/history"
like "$(verify --head "$tap_dir/history")" "^L1, .*records 0 to 103 are" \
	'the trailer of a commit keeps a head'
"$CORDON" audit verify --json | python3 -c '
import json, sys
v = json.load(sys.stdin)
assert v["records"] == 104 and v["damage"] is None and v["level"] == 0'
ok $? 'verify --json'

# Damage, each with the number of its record.
cp "$log" "$tap_dir/good"
damaged() { # WANTED-REGEX DESCRIPTION [VERIFY-OPTIONS]
	local want=$1 what=$2 got
	shift 2
	got=$(verify "$@")
	is $? 65 "$what: exit 65"
	like "$got" "$want" "$what: named"
	cp "$tap_dir/good" "$log"
}
sed -i '11s/"tool":"exec/"tool":"exEc/' "$log"
damaged '^DAMAGED at record 10 \(hash\)' 'a changed letter'
sed -i 21d "$log"
damaged '^DAMAGED at record 20 \(sequence\)' 'a record taken out'
sed -i '31{p}' "$log"
damaged '^DAMAGED at record 31 \(sequence\)' 'a record doubled'
head -n 50 "$tap_dir/good" >"$log"
damaged '^DAMAGED at record 50 \(anchor\)' 'a tail cut off' --head "$head"
head -c -30 "$tap_dir/good" >"$log"
damaged '^DAMAGED at record 103 \(torn\)' 'a torn end'
: >"$log"
damaged '^DAMAGED at record 0 \(torn\)' 'a log that a crash left empty'
rm "$log"
auditlog -n 100 "$log" "$other" "$audit" >/dev/null
damaged '^DAMAGED at record 0 \(log\)' 'the log of another session'
rm "$log"
auditlog -n 100 "$dir/$other.jsonl" "$id" "$audit" >/dev/null
mv "$dir/$other.jsonl" "$log"
verify >/dev/null
is $? 0 'a log that was written anew looks in order by itself'
damaged '^DAMAGED at record 104 \(anchor\)' 'and does not with a head' \
	--head "$head"
rm "$log"

# kill -9 at random instants, of audit or of its peer; a log has a hundred.
kills=${CORDON_TEST_KILLS:-${CORDON_SOAK:+10000}}
kills=${kills:-100}
kill_one() { # NTH
	# Not the function: it would be a shell that is killed.
	"$CORDON_BUILD/tests/bin/auditlog" ${again:+-a} -n 100000 "$log" \
		"$id" "$audit" >>"$tap_dir/acked" 2>/dev/null &
	pid=$!
	sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
	if [ $(($1 % 2)) = 0 ]; then
		kill -9 "$pid"
	else
		until_so pkill -9 -P "$pid" # which it may not have started yet
	fi
	wait "$pid" 2>/dev/null
	again=1
	[ -e "$log" ] || return # nor that its log
	"$CORDON" audit verify --json >"$tap_dir/v"
	grep -qE '"damage":null|"kind":"torn"' "$tap_dir/v" && return
	bad=1
	echo "# kill $1: $(cat "$tap_dir/v")"
}
# The last line of what was printed may itself be cut.
mend() { sed -i '$!b;/^acked [0-9]* [0-9a-f]\{64\}$/!d' "$tap_dir/acked"; }
bad=0 n=0 missing=0
for i in $(seq "$kills"); do
	[ $((i % 100)) != 1 ] || { rm -f "$log"; again=; : >"$tap_dir/acked"; }
	kill_one "$i"
	mend
	[ $((i % 100)) = 0 ] || [ "$i" = "$kills" ] || continue
	auditlog -a -n 1 "$log" "$id" "$audit" >>"$tap_dir/acked" || bad=1
	verify >"$tap_dir/v"
	grep -q '^L0, ' "$tap_dir/v" || { bad=1; sed 's/^/# /' "$tap_dir/v"; }
	n=$((n + $(grep -c ^acked "$tap_dir/acked")))
	missing=$((missing + $(lost)))
done
is $missing 0 "$kills kills: none of the $n acknowledged records is lost"
is $bad 0 'the log names each tear, is gone on with, and verifies'
like "$(tail -n 4 "$log" | head -n 1)" '"type":"open"' 'a run begins with open'

# Each write and fdatasync fails, one after the other: 28 ENOSPC, 5 EIO,
# 30 EROFS, 122 EDQUOT.
failing() { # FAIL [AUDITLOG-OPTIONS]
	local fail=$1
	shift
	rm -f "$log"
	FAIL=$fail auditlog "$@" -n 8 "$log" "$id" \
		"$CORDON_BUILD/tests/bin/audit_failing" \
		>"$tap_dir/acked" 2>/dev/null
	code=$?
}
for what in write fdatasync; do
	for error in 28 5 30 122; do
		bad=0
		for nth in 1 2 3 5 9; do
			failing $what:$error:$nth
			want=3
			[ "$nth" = 1 ] && want=4 # at its start
			[ "$code" = $want ] || bad=1
			# The open record is the first of them.
			n=$(grep -c ^acked "$tap_dir/acked")
			[ "$nth" = 1 ] || [ "$n" = $((nth - 2)) ] || bad=1
			[ "$(lost)" = 0 ] || bad=1
			verify >"$tap_dir/v"
			case $? in 0 | 65) ;; *) bad=1 ;; esac
			[ $bad = 0 ] || echo "# number $nth: code $code," \
				"$n acknowledged, $(tail -n 1 "$tap_dir/v")"
		done
		is $bad 0 "$what fails with error $error: LOST within one record"
	done
done
# The same done to the program itself, from outside: by root, for a tracer that
# goes by paths reads /proc/PID/fd, which is closed to the program's own user.
if [ "$(id -u)" = 0 ] && strace -qq -o /dev/null true 2>/dev/null; then
	for call in write:error=ENOSPC fdatasync:error=EIO; do
		bad=0
		for nth in 1 2 3; do
			rm -f "$log"
			strace -f -qq -o /dev/null -P "$log" -e "trace=${call%%:*}" \
				-e "inject=$call:when=$nth" \
				"$CORDON_BUILD/tests/bin/auditlog" -n 8 "$log" \
				"$id" "$audit" >"$tap_dir/acked" 2>/dev/null
			case $nth:$? in 1:4 | [23]:3) ;; *) bad=1 ;; esac
			[ "$(lost)" = 0 ] || bad=1
		done
		is $bad 0 "LOST, and no crash: $call of each in turn"
	done
else
	skip 'no strace here' 'errors from outside'
fi

bad=0
for part in 1 200 575 576 577; do
	failing write:28:3:$part -r 4096
	if [ $part -lt 577 ]; then
		[ $code = 3 ] && verify >"$tap_dir/v" || bad=1
		tail -n 1 "$log" | grep -q '"why":"lost"' || bad=1
	fi
	[ "$(lost)" = 0 ] || bad=1
	auditlog -a -n 1 "$log" "$id" "$audit" >/dev/null || bad=1
	verify >"$tap_dir/v" || bad=1
done
is $bad 0 'a write that goes half through is named in the log, which goes on'

# The disk is really full.
if unshare -m true 2>/dev/null; then
	mkdir "$tap_dir/small"
	SMALL=$tap_dir/small unshare -m bash -c '
		mount -t tmpfs -o size=256k small "$1/small" || exit 9
		shift
		"$1" -r 65536 -b 1000 -n 1000 "$SMALL/log" "$2" "$3"
		echo "code $?"
		cp "$SMALL/log" "$4"' - "$tap_dir" \
		"$CORDON_BUILD/tests/bin/auditlog" "$id" "$audit" "$log" \
		>"$tap_dir/acked" 2>/dev/null
	like "$(cat "$tap_dir/acked")" '^code 3' 'a full disk: LOST'
	like "$(cat "$tap_dir/acked")" '^lost No space left on device' \
		'with the reason'
	is "$(lost)" 0 'nothing acknowledged is lost'
	like "$(grep '"type":"recovered"' "$log")" 'No space left on device' \
		'the log itself says so, in the room that was reserved'
	like "$(verify)" '^L0, ' 'and verifies'
else
	skip 'no mount namespace' 'a full disk'
fi

# Reading.
rm -f "$log"
auditlog -n 3 "$log" "$id" "$audit" >/dev/null
like "$("$CORDON" audit list)" "^$id  2.*3 calls.*closed" 'list'
like "$("$CORDON" audit show --type call)" 'call +2  exec_command: x' 'show'
like "$("$CORDON" audit stats)" '^calls +3$' 'stats'
is "$("$CORDON" audit tail --json | cmp - "$log"; echo $?)" 0 'tail --json'
is "$("$CORDON" audit export | cmp - "$log"; echo $?)" 0 'export as it is'
"$CORDON" audit export -f otlp | python3 -c 'import json, sys
r = json.load(sys.stdin)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
assert len(r) == 6 and r[0]["timeUnixNano"].isdigit()'
ok $? 'export for OTLP'
"$CORDON" audit export -f ocsf | python3 -c 'import json, sys
for line in sys.stdin:
    e = json.loads(line)
    assert e["type_uid"] == 100 * e["class_uid"] + e["activity_id"]'
ok $? 'export for OCSF'
"$CORDON" audit export -f csv | python3 -c 'import csv, sys
rows = list(csv.reader(sys.stdin))
assert len(rows) == 7 and all(len(r) == 7 for r in rows)'
ok $? 'export as CSV'
"$CORDON" audit export -f html -o "$tap_dir/page.html"
is "$(grep -ciE '<script|src=|href=' "$tap_dir/page.html")" 0 \
	'the page needs nothing from elsewhere'
"$CORDON" audit show nonsense 2>/dev/null
is $? 66 'a session that is not there'
"$CORDON" audit show --type nonsense 2>/dev/null
is $? 64 'a type that is none'
auditlog -n 4 "$dir/$other.jsonl" "$other" "$audit" >/dev/null
like "$("$CORDON" audit diff $id $other)" '^\+ exec_command' 'diff'
"$CORDON" audit diff $id $other >/dev/null
is $? 1 'which says so with its status, too'

bad=
for since in 2026-13 2026-02-30 2026-11-2 2026-11-28T07:00:00+01:00 soon; do
	"$CORDON" audit show --since $since >/dev/null 2>&1
	[ $? = 64 ] || bad="$bad $since"
done
year=$(date -u +%Y)
for since in "$year" "$year-01" "$year-01-01" "$year-01-01T00" \
	"$year-01-01T00:00Z" "$year-01-01T00:00:00Z" \
	"$year-01-01T00:00:00.5Z" 1h 2d; do
	"$CORDON" audit show --since "$since" | grep -q ' open ' ||
		bad="$bad $since"
done
is "$bad" '' 'times, and what is none'
is "$("$CORDON" audit export -f html nonsense 2>/dev/null)" '' \
	'no page of what is not there'
for words in nonsense '--type nonsense'; do
	echo kept >"$tap_dir/kept"
	# shellcheck disable=SC2086 # they are words
	"$CORDON" audit export -o "$tap_dir/kept" $words 2>/dev/null
	is "$(cat "$tap_dir/kept")" kept "nor is a file emptied for $words"
done

# A log that came from elsewhere, where there is none.
foreign() { XDG_STATE_HOME=$tap_dir/nowhere "$CORDON" audit "$@"; }
cp "$log" "$tap_dir/foreign"
like "$(foreign verify --head "$("$CORDON" audit head $id | cut -d' ' -f4)" \
	"$tap_dir/foreign")" '^L1, ' 'a file is verified like a log'
is "$(foreign export "$tap_dir/foreign" | cmp - "$log"; echo $?)" 0 \
	'and read like one'
foreign verify "$tap_dir/nothing" 2>/dev/null
is $? 66 'unless it is not there'
like "$(foreign verify /etc/passwd)" '^DAMAGED at record 0 \(form\)' \
	'or is no log'

# A file of zeros, which has no end to its first line, and one of noise.
endless=01936f2a-5b1c-7000-8000-00000000000e
noise=01936f2a-5b1c-7000-8000-00000000000f
truncate -s 40M "$dir/$endless.jsonl"
head -c 5000 /dev/urandom >"$dir/$noise.jsonl"
like "$(verify $endless)" '^DAMAGED at record 0 \(form\)' \
	'a line longer than a record can be is damage'
is "$("$CORDON" audit list | grep -cE "^0193.*(e|f)  .* DAMAGED")" 2 \
	'list leaves out nothing'

# Shipping to a file: once, and then what is new.
to=file:$tap_dir/shipped
rm "$dir/$noise.jsonl"
is "$("$CORDON" audit ship --to "$to" 2>"$tap_dir/err")" '13 records sent' \
	'ship'
like "$(cat "$tap_dir/err")" "$endless.*is no record and is not sent" \
	'what cannot be sent keeps nothing else from it'
rm "$dir/$endless.jsonl"
is "$("$CORDON" audit ship --to "$to")" '0 records sent' 'nothing twice'
auditlog -a -n 1 "$log" "$id" "$audit" >/dev/null
"$CORDON" audit ship --to "$to" >/dev/null
is "$(cat "$log" "$dir/$other.jsonl" | sort | cmp - <(sort \
	"$tap_dir/shipped"); echo $?)" 0 'what is new, later'
"$CORDON" audit ship --to syslog://127.0.0.1:1 2>/dev/null
is $? 69 'a collector that is down'
"$CORDON" audit ship --to syslog://127.0.0.1:65537 2>/dev/null
is $? 64 'a port that is none'

done_testing
