#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs outside the cell: when they can be asked for, that nothing but the
# answer to exactly that lets one happen, and the profile danger.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

conf=$XDG_CONFIG_HOME/cordon
mkdir -p "$conf" "$HOME/.ssh"
chmod 700 "$conf"
echo private >"$HOME/.ssh/id"
# roles(): the titles of the session's processes (the doubles have none)
cat >"$doubles/roles.py" <<'EOS'
import glob
import os


def roles():
    out = []
    for p in glob.glob("/proc/[0-9]*"):
        try:
            words = open(p + "/cmdline", "rb").read().split(b"\0")
            ppid = int(open(p + "/stat").read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if ppid == os.getppid() and words[0].startswith(b"cordon: "):
            out.append(words[0][8:].decode())
    return sorted(out)
EOS

# Nobody is there, or the policy says never: there is no such cell.
scenario <<'EOS'
from roles import roles
s, t = m.exec("id", escalate=True, reason="please")
check("nobody: refused", (s, t), "2", "cannot run outside the sandbox")
check("nobody: the open cell is not started", "open" in roles(), "False")
check("the model is told", m.context["escalate"], "never")
EOS
run --json go
checks
approver once
printf 'version = 1\n[defaults]\nescalate = "never"\n' >"$conf/policy.toml"
scenario <<'EOS'
from roles import roles
s, t = m.exec("id", escalate=True, reason="please")
check("never: refused, whoever answers", (s, t), "2", "cannot run outside")
check("never: the open cell is not started", roles(),
      "['audit', 'cell', 'gate', 'ui']")
check("never: the model is told", m.context["escalate"], "never")
EOS
run --json --approve-with "$prog" go
checks
[ ! -e "$asked" ]
ok $? "never: and nobody is asked"
rm "$conf/policy.toml"

# Asked, and answered once.
forget
scenario <<'EOS'
from roles import roles
check("ask: the open cell is there", "open" in roles(), "True")
check("ask: the model is told", m.context["escalate"], "ask")
s, t = m.exec("echo $CORDON; echo x >~/outside; cat ~/outside",
              escalate=True, reason="the file is at home")
check("ask: it runs", (s, t), "0", "1\\nx")
s, t = m.exec("echo y >~/outside; true")
check("ask: what is not escalated runs in the cell", s, "0")
s, t = m.exec("exit 3", escalate=True)
check("ask: its status", (s, t), "1", "code 3")
s, t = m.exec("no-such-program", escalate=True, login=False)
check("ask: a shell's own words", t, "127")
s, t = m.exec("sudo ls", escalate=True)
check("ask: what is forbidden stays so", (s, t), "2", "rejected")
s, t = m.exec("read x; echo got $x; tty", escalate=True, tty=True,
              yield_ms=300)
check("ask: no terminal, for nobody approves what is typed", (s, t), "4",
      "outside the sandbox there is no tty")
i = m.call("argv", argv=["sh", "-c", "echo $0 \"$@\"", "a", "b c"],
           escalate=True)
check("ask: words as they are", m.result(i)[1], "a b c")
EOS
run --json --approve-with "$prog" go
checks
is "$(cat "$HOME/outside")" x "ask: outside is outside, inside is not"
like "$(head -1 "$asked")" '"what":"outside"' "ask: it is called what it is"
like "$(head -1 "$asked")" '"words":"the file is at home"' \
	"ask: with the model's reason"
is "$(records intent | grep -c '"outside":true')" \
	"$(records approval | grep -c '"answer":"once"')" \
	"ask: each is on record with its answer"
run --approve-with "$prog" --color always go
like "$err" $'\033''\[31m.*outside the sandbox: ' "ask: a person sees it in red"

# The same in tier lsm, which holds the program that answers, too.
forget
rm -f "$HOME/outside"
ns=$(readlink /proc/self/ns/user)
elsewhere=$(folder_outside_tmp) || exit 1 # that tier has no /tmp of the host
trap 'rm -rf "$elsewhere"; tap_cleanup' EXIT
prog=$elsewhere/approver
approver <<EOA
[ "\$(readlink /proc/self/ns/user)" = "$ns" ] && ! echo >/tmp/no-$$ &&
	echo '{"verdict": "once"}'
EOA
scenario <<EOS
s, t = m.exec("echo x >~/outside; cat ~/outside", escalate=True)
check("lsm: what is answered runs outside", (s, t), "0", "x")
s, t = m.exec("readlink /proc/self/ns/user; echo y >~/outside")
check("lsm: what is not is held", (s, t), "1", "$ns", "ermission denied")
EOS
run --json --tier lsm --approve-with "$prog" go
checks
is "$(cat "$HOME/outside")" x "lsm: outside is outside, inside is not"
like "$(records open)" '"tier":"lsm"' "lsm: the record of the start says so"
prog=$HOME/bin/approver

# What could change the files of it does not run beside it.
scenario <<EOS
import glob
def said(name):  # to what waits for that file
    open(name, "w").close()
def approvals():
    log = sorted(glob.glob("$XDG_STATE_HOME/cordon/audit/*/*/*/*.jsonl"))[-1]
    return open(log).read().count('"type":"approval"')
wait = "until [ -e %s ]; do sleep 0.05; done; "
open("script", "w").write("echo as approved\n")
s, t = m.exec(wait % "one", yield_ms=250)
s, t = m.exec("sh ./script", escalate=True)
check("alone: not beside what was left running", (s, t), "2",
      "session 1 still runs")
m.exec("true")
said("one")
while b"running" in m.result(m.call("stdin", session=1, yield_ms=9000))[1]:
    pass
a = m.call("exec", cmd=wait % "two" + "echo echo changed >script",
           yield_ms=30000)
before = approvals()
b = m.call("exec", cmd="sh ./script", escalate=True)
while approvals() == before:
    m.step(0.05)
said("two")
s, t = m.result(b)
check("alone: nor what a command before it has changed", (s, t), "2",
      "changed after it was approved")
open("script", "w").write("echo as approved\n")
a = m.call("exec", cmd="sh ./script; sleep 0.3", escalate=True)
b = m.call("exec", cmd="echo echo changed >script; echo b")
check("alone: what comes later waits", m.result(a)[1], "as approved")
check("alone: and then runs", m.result(b)[1], "b\n")
EOS
run --json --approve-with "$prog" go
is "$code" 0 "alone: the turn ends"
checks

# For the session is once; no is no.
approver session
scenario <<'EOS'
for n in range(2):
    s, t = m.exec("echo x", escalate=True)
    check("session: it runs", (s, t), "0")
EOS
run --json --approve-with "$prog" go
checks
is "$(grep -c . "$asked")" 2 "session: and is asked about each time"
approver <<<'echo "{\"verdict\": \"no\", \"message\": \"stay in\"}"'
scenario <<'EOS'
s, t = m.exec("echo x >~/no", escalate=True)
check("no: it does not run", (s, t), "2", "stay in")
EOS
run --json --approve-with "$prog" --grant 'echo x >~/no' go
checks
[ ! -e "$HOME/no" ]
ok $? "no: nothing happened, and no grant stands in for the answer"

# Endings: everything that descends from it goes with it.
approver once
scenario <<'EOS'
import subprocess, time
def alive(wanted=None):
    end = time.monotonic() + 30
    while True:
        n = subprocess.run(["pgrep", "-fc", "^sleep 77[0-9][.]@PID@$"],
                           capture_output=True).stdout.decode().strip()
        if wanted in (n, None) or time.monotonic() > end:
            return n
        time.sleep(0.05)
line = ("(setsid sh -c 'sleep 771.@PID@ & sleep 772.@PID@' &) ; "
        "python3 -c 'import os\nos.fork() or os.setsid() and os.fork() or "
        "os.execvp(\"sleep\", [\"sleep\", \"773.@PID@\"])'; sleep 774.@PID@")
i = m.call("exec", cmd=line, escalate=True, yield_ms=30000)
while alive() != "4":
    m.step(0.05)
m.gate.send("cancel", i)
s, t = m.result(i)
check("cancel: says so", s, "3")
check("cancel: ends all of it", alive("0"), "0")
s, t = m.exec("setsid sleep 775.@PID@ >/dev/null 2>&1 & sleep 0.2; echo over",
              escalate=True)
check("end: what is left behind ends, too", (s, t, alive("0")), "over", "'0'")
m.exec("sleep 776.@PID@", escalate=True, yield_ms=250)
EOS
run --json --approve-with "$prog" go
is "$code" 0 "commands that do not end by themselves"
checks
none_left "sleep 77[0-9][.]$$"
ok $? "the end of the session ends it"

# A gate that was taken over: its word is not enough.
mv "$doubles/cordon-gate" "$doubles/gate.real"
mv "$doubles/cordon-ui" "$doubles/ui.real"
cat >"$doubles/permit.py" <<'EOS'
import hashlib
import struct


def permit(argv, cwd):
    h = hashlib.sha256()
    for b in [b"cordon permit 1", cwd] + argv:
        h.update(struct.pack(">I", len(b)) + b)
    return h.digest()
EOS
cat >"$doubles/cordon-ui" <<'EOS'
#!/usr/bin/python3
import os
import sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import proto
from permit import permit
role = proto.Role(here + "/schema.def", ["model", "gate", "open"])
role.model.send("prompt", 0, text=proto.memfd(b"go"), images=0)
sh = [b"/bin/sh", b"-c", b"echo ran $0 $LD_X", b"good"]
role.open.send("permit", 1, hash=permit(sh, b"/"))
role.gate.send("grants", 1, revoke=0)
role.gate.recv()
role.main.send("exiting", 0, code=0)
while True:
    m = role.main.recv()
    if m is None or m["_type"] == "stop":
        break
EOS
cat >"$doubles/cordon-gate" <<'EOS'
#!/usr/bin/python3
import os
import sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import proto
role = proto.Role(here + "/schema.def",
                  ["model", "ui", "cell", "audit", "open"])
log = open(os.environ.get("NOTHING", here + "/gate.log"), "w")
role.ui.recv()  # so that the permit is there


def spawn(n, name, argv, cwd=b"/", **more):
    role.open.send("spawn", n, argv=argv, cwd=cwd, stdio=3,
                   env=[b"LD_X=evil", b"PATH=/usr/bin:/bin"], **more)
    out = b""
    while True:
        m = role.open.recv()
        if m["_type"] == "spawned":
            with os.fdopen(m["out"], "rb") as f:
                out = f.read()
        elif m["_type"] == "exit":
            break
    print(name, m["how"], out.decode().strip(), m["error"].decode()[:30],
          sep="|", file=log, flush=True)


sh = [b"/bin/sh", b"-c", b"echo ran $0 $LD_X", b"good"]
spawn(1, "other words", sh[:3] + [b"bad"])
spawn(2, "more words", sh + [b"bad"])
spawn(3, "words joined", [b"/bin/sh", b"-cecho ran $0 $LD_X", b"good"])
spawn(4, "another folder", sh, b"/tmp")
spawn(5, "another list", sh[1:], b"/")
spawn(6, "no words", [])
spawn(7, "the one", sh)
spawn(8, "the one again", sh)
role.ui.send("grant", 0, last=True)
while True:
    m = role.main.recv()
    if m is None or m["_type"] == "stop":
        break
EOS
chmod +x "$doubles/cordon-ui" "$doubles/cordon-gate"
scenario <<'EOS'
pass
EOS
run --approve-with "$prog" go
no='3||nobody has permitted exactly t'
is "$(cat "$doubles/gate.log")" "other words|$no
more words|$no
words joined|$no
another folder|$no
another list|$no
no words|$no
the one|0|ran good|
the one again|$no" \
	"hijacked gate: what was permitted runs once, and nothing else does"
mv "$doubles/gate.real" "$doubles/cordon-gate"
mv "$doubles/ui.real" "$doubles/cordon-ui"

# The profile danger: by the person's own file, and by nothing else.
scenario <<'EOS'
m.exec("true")
EOS
refused() { # DESCRIPTION OPTIONS
	local what=$1
	shift
	run "$@" go
	is "$code" 77 "danger: $what"
}
refused "not by --sandbox" -s danger-full-access
like "$err" "needs danger = \"allow\" in $conf/config.toml" \
	"danger: it says what is needed"
refused "nor by the long option" --dangerously-bypass-approvals-and-sandbox
refused "nor with -c" -s danger-full-access -c danger=allow
refused "nor with -c alone" -c sandbox_mode=danger-full-access -c danger=allow
CORDON_SANDBOX_MODE=danger-full-access run go
is "$code" 77 "danger: nor by a variable"
mkdir -p .cordon
printf 'danger = "allow"\nsandbox_mode = "danger-full-access"\n' \
	>.cordon/config.toml
refused "nor by a project's file" -s danger-full-access
rm -r .cordon
printf '[profiles.p]\ndanger = "allow"\n' >"$conf/config.toml"
refused "nor by a profile of it" -s danger-full-access -p p
printf 'danger = "allow"\n' >"$conf/config.toml"
refused "which -c can take away" -s danger-full-access -c danger=forbid
scenario <<'EOS'
from roles import roles
check("danger: the file alone changes nothing", roles(),
      "['audit', 'cell', 'gate', 'ui']")
EOS
run --json go
checks
cat >"$conf/policy.toml" <<'P'
version = 1
[[rule]]
id = "mine"
effect = "forbid"
exec = "./mine"
P
forget
scenario <<'EOS'
from roles import roles
import os
check("danger: there is no cell", roles(),
      "['audit', 'gate', 'open', 'ui']")
s, t = m.exec("echo x >~/danger; unshare -r true; echo $?; pwd")
check("danger: a command has the host", (s, t), "0")
s, t = m.exec("./mine")
check("danger: the person's own rules hold", (s, t), "2", "mine")
s, t = m.patch("*** Begin Patch\n*** Add File: p\n+patched\n*** End Patch\n")
check("danger: a patch", (s, t), "0", "A p")
s, t = m.result(m.call("read", path="p"))
check("danger: a file is read", t, "L1: patched")
s, t = m.exec("sleep 600", yield_ms=250)
check("danger: a session", t, "running with session ID")
check("danger: the model is told", (m.context["profile"],
      m.context["network"], m.context["escalate"]), "danger", "full", "never")
EOS
run --json --dangerously-bypass-approvals-and-sandbox go
is "$code" 0 "danger: it works where the person's file says so"
checks
is "$(cat "$HOME/danger")" x "danger: on the host"
is "$(cat p)" patched "danger: and so is the patch"
is "$(audit_log | grep -c '"type":"\(call\|decision\|intent\|result\|open\)"')" \
	"$(audit_log | grep '"type":"\(call\|decision\|intent\|result\|open\)"' |
		grep -c '"danger":true')" "danger: every record says so"
forget
run --json --tier lsm -s danger-full-access go
like "$(records open)" '"tier":"none".*"danger":true|"danger":true.*"tier":"none"' \
	"danger: whatever tier there would be, it is none"
run -s danger-full-access --color always go
like "$err" $'\033''\[31m.*danger: no sandbox' "danger: a person sees it in red"
none_left "$tap_dir"
ok $? "nothing is left"

done_testing
