#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The audit log of whole sessions: what is in it, and that nothing runs which
# is not, whichever write fails.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

newest() { find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl' | sort | tail -n 1; }

key=sk-proj-abcdefghijklmnopqrstuvwxyz0123
scenario <<EOS
m.exec("echo one > made")
m.exec("cat /nonexistent; echo $key")
m.patch("*** Begin Patch\n*** Add File: .git/hooks/x\n+x\n*** End Patch\n")
m.say("done")
EOS
run 'do it'
is "$code" 0 'a session'
log=$(newest)
id=$(basename "$log" .jsonl)
is "$(stat -c '%a %s' "$log" | cut -d' ' -f1)" 600 'its log is for its owner'
head=$(printf '%s\n' "$err" | sed -n "s/^audit: $id record \([0-9]*\) \(.*\)/\2/p")
like "$("$CORDON" audit verify --head "$head")" '^L1, ' \
	'what is printed at its end is the head of its log'
like "$("$CORDON" audit show -t open)" "in $work by .*exec do it" \
	'who ran what where'
like "$("$CORDON" audit show -t intent)" 'echo one > made' 'what was run'
like "$("$CORDON" audit show -t result)" 'exit 0' 'and how it ended'
like "$("$CORDON" audit show -t refusal)" 'hooks/x is protected' \
	'what was refused'
is "$(grep -c -- "$key" "$log")" 0 'a key of a known form is not in the log'
like "$(cat "$log")" '\[redacted: OpenAI key\]' 'but marked there'
# Each call: asked, decided, begun, ended, in this order.
python3 - "$log" <<'EOF'
import json, sys
calls = {}
for line in open(sys.argv[1]):
    r = json.loads(line)
    if "call" in r["data"]:
        calls.setdefault(r["data"]["call"], []).append(r["type"])
for c, types in calls.items():
    assert types[:2] == ["call", "decision"], (c, types)
    # Refused behind its intent: cancelled before it started.
    assert types[2:] in (["intent", "result"], ["refusal"],
                         ["intent", "refusal"]), (c, types)
assert len(calls) >= 4
EOF
ok $? 'each call is asked, decided, begun and ended, in this order'

# Within the cell neither file can be reached.
scenario <<EOS
d = "$XDG_STATE_HOME/cordon/audit"
s, t = m.exec("ls -R %s; find %s -name '*.jsonl' | head" % (d, d))
check("a command sees no log", b".jsonl" not in t, True)
s, t = m.exec("truncate -s 0 $log; echo x >> $log; mv $log /tmp/x; rm -f $log")
check("and cannot change one", b"", "")
EOS
before=$(sha256sum <"$log")
run --json 'try it'
checks
is "$(sha256sum <"$log")" "$before" 'the log is as it was'
"$CORDON" audit verify "$id" >/dev/null
ok $? 'and verifies'

# Audit fails at each record in turn: what ran is on record, or nothing ran.
scenario <<'EOS'
for i in range(4):
    m.exec("touch ran-%d" % i)
EOS
ln -sf "$CORDON_BUILD/tests/bin/audit_failing" "$doubles/audit_failing"
rm "$doubles/cordon-audit"
for what in write:28 fdatasync:5; do
	bad=0
	for nth in $(seq 1 3 22); do
		rm -f ran-*
		printf '#!/bin/sh\nFAIL=%s exec %s\n' "$what:$nth" \
			"$doubles/audit_failing" >"$doubles/cordon-audit"
		chmod +x "$doubles/cordon-audit"
		run --json 'do it'
		for f in ran-*; do
			[ -e "$f" ] || continue
			grep -q "\"type\":\"intent\".*touch $f" "$(newest)" ||
				{ bad=1; echo "# $what:$nth: $f unlogged"; }
		done
		[ "$nth" -lt 16 ] && [ -e ran-3 ] && bad=1
	done
	is $bad 0 "no command runs unlogged when $what fails"
done

done_testing
