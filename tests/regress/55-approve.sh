#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A program of the person's that answers what the policy asks: each answer,
# each way to fail, what is on record, and that nobody else can answer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

conf=$XDG_CONFIG_HOME/cordon
mkdir -p "$conf"
chmod 700 "$conf"
cat >"$conf/policy.toml" <<'P'
version = 1
[[rule]]
id = "deploying"
effect = "ask"
reason = "it reaches customers"
exec = "./deploy"
[[rule]]
id = "the-list"
effect = "ask"
reason = "others read it"
write = "./list"
P
printf '#!/bin/sh\necho deployed "$@"\n' >deploy
chmod +x deploy

# Yes, once.
approver once
scenario <<'EOS'
s, t = m.exec("./deploy a")
check("once: it runs", (s, t), "0", "deployed a")
s, t = m.exec("./deploy a")
check("once: and is asked about again", (s, t), "0", "deployed a")
check("the model is told who answers", m.context["approval"], "program")
EOS
run --json --approve-with "$prog" go
checks
is "$(grep -c . "$asked")" 2 "the program was asked twice"
question=$(head -1 "$asked")
like "$question" '"what":"command"' "it is told what is asked for"
like "$question" '"argv":\["/bin/bash",("-lc"|"-c"),"./deploy a"\]' \
	"the words that would run"
like "$question" "\"cwd\":\"$work\"" "where"
like "$question" '"rule":"deploying"' "by which rule"
like "$question" '"why":"it reaches customers"' "and why"
is "$(printf '%s' "$question" | python3 -c '
import json,sys; print(json.load(sys.stdin)["version"])')" 1 "as JSON"
is "$(records approval | python3 -c '
import json, sys, hashlib
for line in sys.stdin:
    d = json.loads(line)["data"]
    q = d["request"]
    print(d["answer"], d["channel"], d["program"],
          d["program_sha256"] == hashlib.sha256(
              open(sys.argv[1], "rb").read()).hexdigest(),
          d["shown"] == hashlib.sha256(q.encode()).hexdigest(),
          q == open(sys.argv[2]).readlines()[0])
    break' "$prog" "$asked")" "once program $prog True True True" \
	"the record has the program, its hash and what it was asked, to the byte"

# For the session.
approver <<<'echo "{\"verdict\": \"session\", \"message\": \"fine\"}"'
scenario <<'EOS'
m.exec("./deploy a")
s, t = m.exec("./deploy a")
check("session: the second runs", (s, t), "0", "deployed a")
s, t = m.exec("./deploy b")
check("session: another one, too", (s, t), "0", "deployed b")
open("deploy", "a").write("echo changed\n")
s, t = m.exec("./deploy a")
check("session: the same with another script", (s, t), "0", "changed")
EOS
run --json --approve-with "$prog" go
checks
is "$(grep -c . "$asked")" 3 "session: asked once for each, and if it changed"
is "$("$CORDON" policy grants list)" 'the session is over; grants end with it' \
	"session: and not beyond it"
out=$("$CORDON" policy grants revoke 1 2>&1)
is "$?" 66 "session: nor is one to be taken back then"

# Taken back from another terminal while the session runs.
approver session
printf '#!/bin/sh\necho deployed "$@"\n' >deploy
scenario <<EOS
import glob, os, subprocess, time
def grants(*words):
    env = dict(os.environ, HOME="$HOME", XDG_STATE_HOME="$XDG_STATE_HOME",
               XDG_CONFIG_HOME="$XDG_CONFIG_HOME")
    r = subprocess.run(["$CORDON", "policy", "grants", *words], env=env,
                       cwd="$work", stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    return "%d %s" % (r.returncode, r.stdout)
m.exec("./deploy a")
m.exec("./deploy b")
log = glob.glob("$XDG_STATE_HOME/cordon/audit/*/*/*/*.jsonl")[0]
session = os.path.basename(log)[:-len(".jsonl")]
check("grants: both are listed", grants("list"), "0 1 ", "deploy a", "\\n2 ",
      "deploy b")
check("grants: one is taken back", grants("revoke", "1", session), "0 ")
for i in range(600):
    got = grants("list", "--json")
    if "deploy a" not in got:
        break
    time.sleep(0.05)
check("grants: the other stands", got, '0 {"grant":2,', "deploy b")
check("grants: and that alone", "deploy a" in got, "False")
s, t = m.exec("./deploy b")
s, t = m.exec("./deploy a")
check("grants: it is asked for anew", (s, t), "0", "deployed a")
check("grants: under another number", grants("list"), "\\n3 ", "deploy a")
check("grants: a number is one", grants("revoke", "x"), "64 ")
check("grants: so is a session", grants("revoke", "3", "../x"), "66 ")
EOS
forget
run --json --approve-with "$prog" go
checks
is "$(grep -c . "$asked")" 3 "grants: the program was asked a third time"
like "$(records approval)" '"answer":"revoked","grant":1' \
	"grants: what was taken back is on record"
approver session
scenario <<'EOS'
p = "*** Begin Patch\n*** Add File: list\n+%s\n*** End Patch\n"
for text in "one", "one", "two":
    s, t = m.patch(p % text)
    check("session: a patch", (s, t), "0", "A list")
EOS
forget
run --json --approve-with "$prog" go
checks
is "$(grep -c . "$asked")" 2 "session: another patch of the file is asked about"
is "$(records call | python3 -c '
import json, sys, hashlib
p = "*** Begin Patch\n*** Add File: list\n+%s\n*** End Patch\n"
sums = [hashlib.sha256((p % t).encode()).hexdigest()
        for t in ("one", "one", "two")]
got = [json.loads(line)["data"] for line in sys.stdin]
print([d["input_sha256"] for d in got if d["tool"] == "apply_patch"] == sums)
')" True "and the record of each says which patch it was"

# Yes, but not to each file of a patch.
approver <<EOA
case \$(tail -1 "$asked") in
*refuse-all*) files='"$work/list", "$work/moved"' ;;
*) files='"$work/moved"' ;;
esac
echo "{\"verdict\": \"once\", \"message\": \"no moves\", \"refused\": [\$files]}"
EOA
scenario <<'EOS'
p = ("*** Begin Patch\n*** Update File: list\n@@\n-%s\n+%s\n"
     "*** Update File: old\n*** Move to: moved\n@@\n-%s\n+%s\n"
     "*** End Patch\n")
open("list", "w").write("one\n")
open("old", "w").write("old\n")
s, t = m.patch(p % ("one", "two", "old", "new"))
check("refused: the rest is applied", (s, t), "0", "M list")
check("refused: the model is told which, and why", t,
      "left out, since refused: moved: no moves")
check("refused: that alone", (open("list").read(), open("old").read()),
      "two", "old")
s, t = m.patch(p % ("two", "refuse-all", "old", "new"))
check("refused: all is a no", (s, t), "2", "said no: no moves")
check("refused: nothing is done", open("list").read(), "two")
EOS
forget
run --json --approve-with "$prog" go
checks
like "$(records approval | head -1)" "\"refused\":\[\"$work/moved\"\]" \
	"refused: on record"
like "$("$CORDON" audit show)" "once but for $work/moved, answered on program" \
	"refused: and in its timeline"

# No, and everything that is no answer.
deploy() { # DESCRIPTION REGEX: refused with that, by the program on stdin
	approver
	scenario <<'EOS'
s, t = m.exec("./deploy a")
m.say("%d %s" % (s, t.decode()))
EOS
	run --approve-with "$prog" "${opts[@]}" go
	like "$out" "^2 rejected: .*$2" "$1"
}
opts=()
deploy "no: with the program's words" 'said no: not on a Friday' \
	<<<'echo "{\"verdict\": \"no\", \"message\": \"not on a Friday\"}"'
deploy "nothing" 'approver did not answer: its answer is no JSON' <<<'true'
deploy "garbage" 'its answer is no JSON' <<<'echo yes'
deploy "another verdict" 'its verdict is maybe, not once' \
	<<<'echo "{\"verdict\": \"maybe\"}"'
deploy "no verdict" 'its answer has no verdict' <<<'echo "{}"'
deploy "twice the verdict" 'is no JSON' \
	<<<'echo "{\"verdict\": \"no\", \"verdict\": \"once\"}"'
deploy "a member that is not known" 'has a member scope' \
	<<<'echo "{\"verdict\": \"once\", \"scope\": \"all\"}"'
deploy "a file of a command" 'it refuses /x, which is no file of a patch' \
	<<<'echo "{\"verdict\": \"once\", \"refused\": [\"/x\"]}"'
deploy "a file by no list" 'has a member refused' \
	<<<'echo "{\"verdict\": \"once\", \"refused\": \"/x\"}"'
deploy "a list" 'holds no object' <<<'echo "[\"once\"]"'
deploy "two answers" 'is no JSON' \
	<<<'echo "{\"verdict\": \"once\"} {\"verdict\": \"once\"}"'
deploy "a status" 'failed with status 3' \
	<<<'echo "{\"verdict\": \"once\"}"; exit 3'
deploy "a crash" 'ended by signal 11' \
	<<<'echo "{\"verdict\": \"once\"}"; kill -SEGV $$'
deploy "too much" '(signal 25|failed with status|cannot be run)' \
	<<<'head -c 100000 /dev/zero'
opts=(-c approve.timeout_ms=300)
deploy "too slow" 'did not answer within 300 ms' \
	<<<"sleep 550.$$; echo '{\"verdict\": \"once\"}'"
none_left "sleep 550\.$$"
ok $? "and it is ended"
opts=()
scenario <<EOS
open("$prog", "a").write("#\\n")
s, t = m.exec("./deploy a")
check("a program that was changed is not run", (s, t), "2",
      "it was changed since the session began")
EOS
approver once
run --json --approve-with "$prog" go
checks
[ ! -e "$asked" ]
ok $? "indeed"

# Where it runs.
approver <<EOS
ls $work >/dev/null 2>&1 && exit 1
echo '{"verdict": "once"}'
EOS
scenario <<'EOS'
s, t = m.exec("./deploy a")
check("the workspace is hidden from it", (s, t), "0", "deployed")
s, t = m.exec("cat ~/bin/approver ~/asked; touch ~/bin/approver; "
              "echo x >> ~/asked; pgrep -f approver; true")
check("a command sees no such process", b"\n1" in t, "False")
EOS
run --json --approve-with "$prog" go
checks
is "$(grep -c '^x' "$asked")" 0 "and does not write what it wrote"

# Who may be it.
cp "$prog" ./approver
run --approve-with ./approver go
is "$code" 78 "a program in the workspace is none"
like "$err" "lies in $work, which commands can write" "it says why"
mkdir -p "$HOME/more"
cp "$prog" "$HOME/more/approver"
run --approve-with "$HOME/more/approver" --add-dir "$HOME/more" go
is "$code" 78 "nor is one in a folder that is writable"
chmod 777 "$prog"
run --approve-with "$prog" go
is "$code" 78 "nor one that others can write"
chmod 700 "$prog"
run --approve-with "$HOME/nowhere" go
is "$code" 66 "one that is not there"
run --approve-with no-such-program-anywhere go
is "$code" 78 "nor in PATH"
mkdir -p .cordon
printf '[approve]\ncommand = "%s"\n' "$prog" >.cordon/config.toml
scenario <<'EOS'
s, t = m.exec("./deploy a")
check("a project names none", (s, t), "2", "nobody is there to ask")
EOS
run --json go
checks
rm -r .cordon

# By the person's own configuration; asked in parallel.
printf '[approve]\ncommand = "%s"\nargs = ["--why", "x y"]\n' "$prog" \
	>"$conf/config.toml"
# None of the four answers before all have been asked, the fifth never.
approver <<EOS
until [ "\$(grep -c . $asked)" -ge 4 ]; do sleep 0.05; done
! tail -n 1 $asked | grep -q 'deploy late' || sleep 600
[ "\$*" = "--why x y" ] && echo '{"verdict": "once"}'
EOS
scenario <<'EOS'
ids = [m.call("exec", cmd="./deploy %d" % i) for i in range(4)]
for i in ids:
    s, t = m.result(i)
    check("asked beside others, by configuration", (s, t), "0", "deployed")
i = m.call("exec", cmd="./deploy late")
m.gate.send("cancel", i)
s, t = m.result(i)
check("a cancelled call is not answered any more", s, "3")
s, t = m.exec("echo still")
check("and the session goes on", (s, t), "0", "still")
EOS
run --json go
checks
is "$code" 0 "to its end"

# Nobody asks where approval is never.
scenario <<'EOS'
s, t = m.exec("./deploy a")
check("never is never", (s, t), "2", "nobody is there to ask")
EOS
run --json -a never go
checks
rm "$conf/config.toml"

# Granted beforehand.
forget
scenario <<'EOS'
s, t = m.exec("./deploy a")
check("--grant: exactly that runs", (s, t), "0", "deployed a")
for what in ("./deploy a b", "./deploy", " ./deploy a"):
    s, t = m.exec(what)
    check("--grant: and not " + what, (s, t), "2", "nobody is there")
s, t = m.exec("./deploy a", workdir="..")
check("--grant: nor elsewhere", (s, t), "2", "nobody is there")
s, t = m.exec("sudo ls")
check("--grant: nor what is forbidden", (s, t), "2", "rejected")
EOS
run --json --grant './deploy a' --grant 'sudo ls' go
checks
like "$(records approval)" '"channel":"preset"' "--grant: on record"
is "$(records approval | grep -c .)" 1 "--grant: once"

# The front cannot answer in such a session.
cat >"$doubles/cordon-ui" <<'EOS'
#!/usr/bin/python3
import os
import sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import proto
role = proto.Role(here + "/schema.def", ["model", "gate"])
role.model.send("prompt", 0, text=proto.memfd(b"go"), images=0)
for i in range(1, 5):
    role.gate.send("answer", i, answer=1, channel=0, hash=b"x" * 32)
while True:
    m = role.main.recv()
    if m is None or m["_type"] == "stop":
        break
EOS
chmod +x "$doubles/cordon-ui"
approver <<<'sleep 1; echo "{\"verdict\": \"no\"}"'
scenario <<'EOS'
m.exec("./deploy a")
EOS
run --approve-with "$prog" go
is "$code" 76 "a front that answers for the program ends the session"
is "$(records approval | grep -c '"answer":"once".*terminal')" 0 \
	"and is not believed"

done_testing
