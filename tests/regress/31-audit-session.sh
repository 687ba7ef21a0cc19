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
# Each call: asked, decided, begun, ended, in this order.  Only a look of our
# own may be begun and then refused: the end of the session overtook it.
python3 - "$log" <<'EOF'
import json, sys
calls, whys = {}, {}
for line in open(sys.argv[1]):
    r = json.loads(line)
    d = r["data"]
    if "call" in d:
        calls.setdefault((d["call"], d["tool"]), []).append(r["type"])
        whys[d["call"]] = d.get("why")
wanted = {"exec_command": ["intent", "result"], "apply_patch": ["refusal"]}
for (c, tool), types in calls.items():
    assert types[:2] == ["call", "decision"], (c, types)
    if tool in wanted:
        assert types[2:] == wanted[tool], (c, types)
    elif types[2:] != ["intent", "result"]:
        assert types[2:] == ["intent", "refusal"], (c, types)
        assert whys[c] == "cancelled before it started", whys[c]
assert len(calls) >= 4
EOF
ok $? 'each call is asked, decided, begun and ended, in this order'

# A state folder may be a link.
mkdir "$tap_dir/linked" "$tap_dir/kept"
ln -s "$tap_dir/kept" "$tap_dir/linked/cordon"
scenario <<'EOS'
s, t = m.exec("touch made-linked")
check("a command runs", s, 0)
EOS
XDG_STATE_HOME=$tap_dir/linked run --json 'try it'
is "$code" 0 'a state folder that is a link'
checks
XDG_STATE_HOME=$tap_dir/linked "$CORDON" audit verify >/dev/null
ok $? 'keeps its log'

# A role that breaks the protocol is dropped, and that is on record.
scenario <<'EOS'
m.gate.send("answer", 1, answer=1, channel=0, hash=b"x" * 32)
m.step()
EOS
run 'do it'
is "$code" 76 'a model that answers a question itself ends the session'
like "$("$CORDON" audit show -t violation)" 'model: .*dropped by gate' \
	'and the log says who did what'
"$CORDON" audit verify >/dev/null
ok $? 'which is closed in order'

# Each write and fdatasync of audit fails in turn: no command runs whose
# intent was not acknowledged.  One whose intent could not be synced is in the
# file all the same, so it must not have ended either; what fails of the
# transcript may do so while one runs.  So may what fails of the look at the
# folder, which is on record, too, and begins beside the first command: that one
# outlasts it.  CORDON_TEST_STEP=1 leaves none out (make soak).
scenario <<EOS
import glob, os
log = sorted(glob.glob("$XDG_STATE_HOME/cordon/audit/*/*/*/*.jsonl"))[-1]
if os.path.exists("looked"):
    os.unlink("looked")
first = m.call("exec", cmd="until [ -e looked ]; do sleep 0.02; done")
def looked():
    return any('"type":"result"' in x and '"tool":"changed"' in x
               for x in open(log))
while first not in m.results and not looked(): # none of it, where it fails
    m.step(0.02)
open("looked", "w").close()
m.result(first)
for i in range(4):
    m.exec("touch ran-%d" % i)
EOS
rm "$doubles/cordon-audit"
cp "$CORDON_BUILD/tests/bin/audit_failing" "$doubles/audit_failing"
cat >"$tap_dir/ran.py" <<'EOF'
import json, sys
log = [json.loads(x) for x in open(sys.argv[2]) if x.endswith("}\n")]
ended = [r["data"]["call"] for r in log if r["type"] == "result"]
begun = {r["data"]["argv"][-1].split()[-1]: r["data"]["call"]
         for r in log if r["type"] == "intent"}
for name in sys.argv[3:]:
    if name != "ran-*":
        call = begun[name]
        assert sys.argv[1] != "fdatasync:5" or call in ended, name
EOF
step=${CORDON_TEST_STEP:-3}
for what in write:28 fdatasync:5 notes:5; do
	[ $what = write:28 ] || step=1 # they are few
	nth=1
	code=1
	bad=0
	while [ "$code" != 0 ] && [ $nth -lt 60 ]; do
		rm -f ran-*
		printf '#!/bin/sh\nFAIL=%s exec %s\n' "$what:$nth" \
			"$doubles/audit_failing" >"$doubles/cordon-audit"
		chmod +x "$doubles/cordon-audit"
		run --json 'do it'
		python3 "$tap_dir/ran.py" $what "$(newest)" ran-* || {
			bad=1
			echo "# number $nth of $what: exit $code"
			sed 's/^/# /' "$(newest)"
		}
		[ $nth != 1 ] || [ $what = notes:5 ] ||
			is "$([ -e ran-0 ]; echo $?)" 1 \
				"the first $what fails: nothing runs"
		nth=$((nth + step))
	done
	is $bad:$code 0:0 "no command runs unlogged when $what fails"
	is "$([ -e ran-3 ]; echo $?)" 0 "all run when no $what fails ($nth)"
done

done_testing
