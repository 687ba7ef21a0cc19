#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cordon exec with a scripted model: each tool, what is refused, what the
# front says, and how it ends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

# What a person sees.
scenario <<'EOS'
m.say("first")
m.exec("echo out; echo err >&2; exit 3", login=True)
m.patch("*** Begin Patch\n*** Add File: a/b.txt\n+hello\n"
        "*** Add File: Makefile\n+all:\n*** End Patch\n")
m.patch("*** Begin Patch\n*** Add File: .git/hooks/x\n+x\n*** End Patch\n")
m.exec("mkdir -p .github/workflows b && touch c .github/workflows/ci.yml b/d")
m.say("the last\nmessage")
EOS
run -o "$tap_dir/last" 'do it'
is "$code" 0 "a turn that completes exits 0"
is "$out" "$(printf 'the last\nmessage')" "standard output is the last message"
is "$(cat "$tap_dir/last")" "$(printf 'the last\nmessage')" "so is -o FILE"
like "$err" "^/bin/bash -lc 'echo out; echo err >&2; exit 3' in $work" \
	"the command is shown"
like "$err" 'exit 3 \(' "and how it ended"
like "$err" 'refused: .*\.git/hooks/x is protected' "a refusal is shown"
like "$err" '^  A a/b\.txt' "changed files are listed"
like "$err" '^  A b/d' "those that a command made, too"
like "$(printf '%s' "$err" | sed -n '/your own tools/,$p')" '^  A Makefile' \
	"those that tools obey apart"
like "$(printf '%s' "$err" | sed -n '/your own tools/,$p')" \
	'^  A \.github/workflows/ci\.yml' "wherever they are"
is "$(cat a/b.txt)" hello "the patch was applied"

# The same as events.  What the model says and what the gate tells come to the
# front on two channels: of the first words only that they are told is certain.
run --json 'do it'
is "$(python3 -c '
import json, sys
events = [json.loads(line) for line in sys.stdin]
ids = [e["item"]["id"] for e in events if "item" in e]
print(*dict.fromkeys(ids))
first = [e for e in events if e.get("item", {}).get("text") == "first"]
print(*(e["type"] + " " + e["item"]["type"] for e in first))
names = {}
for e in events:
    i = e.get("item", {})
    if e in first:
        continue
    name = names.setdefault(i["id"], len(names)) if i else "-"
    print(e["type"], name, i.get("type", "-"),
          i.get("status", "-"), i.get("exit_code", "-"))' <"$tap_dir/out")" \
	"item_0 item_1 item_2 item_3 item_4 item_5
item.completed agent_message
thread.started - - - -
turn.started - - - -
item.started 0 command_execution in_progress None
item.completed 0 command_execution failed 3
item.started 1 file_change in_progress -
item.completed 1 file_change completed -
item.started 2 file_change in_progress -
item.completed 2 file_change failed -
item.started 3 command_execution in_progress None
item.completed 3 command_execution completed 0
item.completed 4 agent_message - -
turn.completed - - - -" "the events are those that other programs read"
like "$out" "\"command\":\"/bin/bash -lc 'echo out; echo err >&2; exit 3'\"" \
	"a command is quoted"
like "$out" '"aggregated_output":"out\\nerr\\n"' "both outputs, in order"
like "$out" "\"changes\":\[\{\"path\":\"$work/a/b.txt\",\"kind\":\"add\"\}" \
	"changes have absolute paths"
like "$out" '"usage":\{"input_tokens":0,"cached_input_tokens":0,"cache_write_input_tokens":0,"output_tokens":0,"reasoning_output_tokens":0\}' \
	"usage has all its members"
is "$(printf '%s\n' "$out" | tail -1 | python3 -c '
import json, sys
c = json.loads(sys.stdin.read())["cordon"]
print(c["calls"], c["refused"], c["asked"],
      [(f["path"], f["kind"]) for f in c["files"] if f["runs_later"]])')" \
	"4 1 0 [('Makefile', 'add'), ('.github/workflows/ci.yml', 'update')]" "the last event counts and lists"
is "$(printf '%s\n' "$out" | head -1 | grep -cE '"thread_id":"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"')" 1 \
	"the thread's id is a UUID of version 7"

# A move is one change, as other programs know it; the list has both names.
echo one >from
scenario <<'EOS'
m.patch("*** Begin Patch\n*** Update File: from\n*** Move to: to\n@@\n-one\n"
        "+two\n*** End Patch\n")
EOS
run --json 'move'
like "$out" "\"changes\":\[\{\"path\":\"$work/from\",\"kind\":\"update\",\"cordon\":\{\"moved_to\":\"$work/to\"\}\}\]" \
	"a file that is moved is updated"
like "$out" '"files":\[\{"path":"from","kind":"delete",.*\{"path":"to","kind":"add"' \
	"the last event has both names"
rm -f to

# Tools.
printf 'one\ntwo\nthree\n' >lines.txt
printf '\211PNG\r\n\032\n\000\000\000\rIHDR\000\000\000\003\000\000\000\002' >i.png
printf 'a\0b' >binary
mkdir -p sub/deep
echo needle >sub/deep/hay
echo '*.o' >.gitignore
echo needle >x.o
scenario <<'EOS'
def tool(name, **f):
    return m.result(m.call(name, **f))

s, t = tool("read", path="lines.txt", offset=2, limit=1)
check("read_file gives the range", t, "L2: two")
check("and says that more follows", t, "more lines follow line 2")
check("and not the rest", "one" in t.decode(), "False")
s, t = tool("read", path="binary")
check("a binary file is not read", (s, t), "1", "a binary file of 3 bytes")
s, t = tool("read", path="/etc/shadow")
check("a hidden file is refused", (s, t), "2", "cannot be read")
s, t = tool("read", path="~/.ssh/id")
check("a tilde is the home", (s, t), "2")
s, t = tool("list", path=".", depth=3)
check("list_dir shows the tree", t, "sub/", "  deep/", "    hay")
s, t = tool("grep", pattern="need.e$", path="")
check("grep finds", t, "sub/deep/hay:1:needle")
check("and honours ignore files", b"x.o" in t, "False")
s, t = tool("grep", pattern="(", path="")
check("a bad pattern is explained", (s, t), "1", "bad pattern at byte 1")
s, t = tool("image", path="i.png")
check("view_image passes the bytes", (s, t[:4]), "0", "PNG")
s, t = tool("image", path="lines.txt")
check("and only of images", (s, t), "1", "unable to process image")
s, t = m.exec("cd sub && pwd", workdir="sub/..")
check("workdir is plain", t, "/sub\n")
s, t = m.exec("apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: viash\n"
              "+x\n*** End Patch\nEOF")
check("a patch as a command", t, "Output:\n", "A viash")
s, t = tool("argv", argv=["printf", "%s|", "a b", "c"])
check("shell takes argv as it is", t, "a b|c|")
s, t = tool("argv", argv=["sleep", "60"], timeout_ms=300)
check("and ends it in time", (s, t), "1", "it was stopped")
s, t = m.exec("printf 'a\\377b'")
check("bytes that are not UTF-8", t, "a\ufffdb")
EOS
run --json 'use the tools'
is "$code" 0 "a turn of many tools"
checks
is "$(python3 -c '
import json, sys
items = [json.loads(line).get("item") for line in sys.stdin]
ids = [i["id"] for i in items if i]
print(list(dict.fromkeys(ids)) == ["item_%d" % n for n in range(len(set(ids)))])' \
	<"$tap_dir/out")" True "items are numbered without a gap"

# What a command does to files that were there, whenever it was they changed.
echo x >gone; echo x >from; echo x >kept; echo x >seen
odd=$(printf 'n\377\nl') && echo x >"$odd"
scenario <<'EOS'
m.exec("cat seen", login=False)
m.patch("*** Begin Patch\n*** Add File: short\n+x\n*** End Patch\n")
m.exec("rm gone; mv from to; echo y >>kept; rm n*l; touch made; rm made short")
EOS
run 'do it'
is "$(printf '%s\n' "$err" | sed -n '/^changed:/,/^[0-9]/p' | sed '1d;$d')" \
	"  D from
  D gone
  M kept
  D n\\xff\\nl
  A to" "changed, moved and removed files are told from each other"
rm -f to kept seen

# Sessions that are left running.
scenario <<'EOS'
import re
s, t = m.exec("read x; echo got $x; sleep 600.@PID@", tty=True, yield_ms=250)
check("is left running", t, "Process running with session ID 1")
n = int(re.search(rb"session ID (\d+)", t).group(1))
s, t = m.result(m.call("stdin", session=n, chars="word\n", yield_ms=400))
while b"got word" not in t and b"running" in t:
    s, t = m.result(m.call("stdin", session=n, yield_ms=400))
check("takes input", t, "got word", "running with session ID")
s, t = m.result(m.call("stdin", session=n, chars="\x03", yield_ms=30000))
check("and Ctrl-C", t, "Process exited with code 130")
s, t = m.result(m.call("stdin", session=n))
check("and is then unknown", t, "Unknown process id 1")
s, t = m.exec("sleep 600.@PID@", yield_ms=250)
s, t = m.result(m.call("stdin", session=2, chars="x"))
check("without a terminal it has no input", (s, t), "4", "stdin is closed")
meet = "touch meet-%s; until [ -e meet-%s ]; do sleep 0.05; done; echo %s"
a = m.call("exec", cmd=meet % ("a", "b", "a"), yield_ms=30000)
b = m.call("exec", cmd=meet % ("b", "a", "b"), yield_ms=30000)
check("two at once run beside each other", m.result(a)[1] + m.result(b)[1],
      "a\n", "b\n")
EOS
run --json 'sessions'
checks
rm -f meet-*
none_left "^sleep 600\.$$\$"
ok $? "nothing is left of them"

# Calls at the same time on one file: each sees all of what was before it.
printf '0\n' >count
scenario <<'EOS'
def step(n):
    return m.begin_patch("*** Begin Patch\n*** Update File: count\n@@\n"
                         "-%d\n+%d\n*** End Patch\n" % (n, n + 1))
asked = [step(n) for n in (0, 1, 1, 2, 3)]
got = [m.result(i) for i in asked]
check("patches of one file in order", [s for s, t in got], "[0, 0, 1, 0, 0]")
check("what is gone is not found", got[2][1], "Failed to find expected lines")
a = m.call("exec", cmd="sleep 0.3; cat count; sleep 0.3; cat count",
           yield_ms=30000)
b = step(4)
check("a patch waits for a command", m.result(a)[1], "4\n4\n")
check("and is then applied", m.result(b)[0], "0")
a, b = step(5), m.call("exec", cmd="cat count")
check("a command waits for a patch", m.result(b)[1], "6\n")
check("before it", m.result(a)[0], "0")
m.exec("while :; do echo x >>race; done", yield_ms=250)
s, t = m.patch("*** Begin Patch\n*** Update File: race\n@@\n x\n+y\n"
               "*** End Patch\n")
check("a file that changes meanwhile is patched, or that is said", s in (0, 1),
      "True")
EOS
run --json 'race'
is "$code:$(cat count)" 0:6 "calls that race"
checks
rm -f count race

# A model that wants more than it may.
ln -s /etc link
mkdir -p .git/hooks inner
ln -s .git/hooks hooks
ln -s inner way
scenario <<'EOS'
s, t = m.exec("id", escalate=True, reason="please")
check("a run outside is refused", (s, t), "2", "outside the sandbox")
s, t = m.exec("f=shadow; cat $f; echo $?", workdir="/etc")
check("workdir widens nothing", t, "denied", "\n1\n")
s, t = m.exec("touch /etc/x /usr/x ~/x /work-x; ls -A ~", workdir="/")
check("nor does the root as one", t, "Read-only")
s, t = m.exec("true", shell="../../../bin/nonsense")
check("shell is a program in the cell", t, "code 127")
for p in ("link/x", "../x", "/tmp/x", "a/../../x"):
    s, t = m.patch("*** Begin Patch\n*** Add File: %s\n+x\n*** End Patch\n" % p)
    check("a patch to " + p, (s > 0, t), "True", "outside of the project")
for p in ("hooks/x", "way/x"):
    s, t = m.patch("*** Begin Patch\n*** Add File: %s\n+x\n*** End Patch\n" % p)
    check("a patch through a link, " + p, (s > 0, t), "True")
    m.say(t.decode())
s, t = m.exec("g=.git; mv inner away && ln -s $g/hooks inner; echo x >inner/y")
check("nor does a command make a way", t, "Read-only file system")
s, t = m.result(m.call("exec", call="call_1", cmd="touch twice"))
check("a call id is carried out once", t, "carried out before")
import os
check("so nothing happened", os.path.exists("twice"), "False")
s, t = m.exec("touch a b c; exec python3 -c 'import socket;"
              "socket.create_connection((\"1.1.1.1\",53),2)'")
check("no network", t, "Network is unreachable")
EOS
run --json 'more'
checks
[ ! -e /etc/x ] && [ ! -e /usr/x ]
ok $? "and nothing was written there"

is "$(audit_log | grep -c '"type":"tool"')" 2 "input is on record"
is "$(audit_log | grep -c '"type":"intent"')" \
	"$(audit_log | grep -c '"type":"result"')" "every intent has its result"

# Prompts.
scenario <<'EOS'
m.say(repr(m.prompt.decode()))
EOS
is "$(printf 'extra\n' | "$doubles/cordon" exec arg 2>/dev/null)" \
	"'arg\\n\\n<stdin>\\nextra\\n</stdin>'" "an argument and standard input"
is "$(printf 'text\n' | "$doubles/cordon" exec - 2>/dev/null)" "'text\\n'" \
	"a dash"
is "$(printf 'text' | "$doubles/cordon" exec 2>/dev/null)" "'text'" \
	"no argument and a pipe"
is "$("$doubles/cordon" exec arg 2>/dev/null </dev/null)" "'arg'" \
	"nothing on standard input"
"$doubles/cordon" exec 2>/dev/null </dev/null
is $? 64 "no prompt at all"
printf 'a\377' | "$doubles/cordon" exec - 2>/dev/null
is $? 65 "a prompt that is not text"
(cd "$tap_dir" && "$doubles/cordon" exec x 2>&1 </dev/null) >"$tap_dir/o"
is $? 1 "outside of a repository"
like "$(cat "$tap_dir/o")" 'not inside a git repository' "it says so"
run -C /nonexistent x
is "$code" 66 "a folder that is not there"
run -i lines.txt x
is "$code" 65 "an image that is none"
run -i nowhere.png x
is "$code" 66 "an image that is not there"
run -s danger-full-access x
is "$code" 77 "nothing runs outside of a sandbox"
run --dangerously-bypass-approvals-and-sandbox x
is "$code" 77 "by no option"
run --output-schema nowhere x
is "$code" 66 "a schema that is not there"

# What is said goes nowhere: that is an error, and no other file gets it.
scenario <<'EOS'
m.say("said")
EOS
for option in --color=never --json; do
	"$doubles/cordon" exec $option x </dev/null 2>"$tap_dir/err" >&-
	is $? 74 "standard output is closed ($option)"
	"$doubles/cordon" exec $option x </dev/null 2>/dev/null >/dev/full
	is $? 74 "or full"
done
"$doubles/cordon" exec x <&- >"$tap_dir/out" 2>&-
is "$?:$(cat "$tap_dir/out")" 0:said "the others may be closed"

# Endings.
scenario <<'EOS'
m.ui.send("fail", 0, code=69, text="nobody answers")
m.ui.send("turn", 0, phase=2, number=1)
while True:
    m.step()
EOS
run x
is "$code" 69 "a failed turn exits with the code of its cause"
like "$err" 'error: nobody answers' "and says why"
run --json x
like "$out" '^\{"type":"error","message":"nobody answers"\}' "an error event"
like "$out" '^\{"type":"turn.failed","error":\{"message":"nobody answers"\}[,}]' \
	"and turn.failed"

scenario <<'EOS'
m.exec("echo started; sleep 600.@PID@", yield_ms=30000)
while True:
    m.step()
EOS
: >"$tap_dir/out"
timeout 180 "$doubles/cordon" exec --json x >"$tap_dir/out" 2>/dev/null \
	</dev/null &
pid=$!
until_so grep -q '"item.started"' "$tap_dir/out"
kill -TERM $pid
wait $pid
is $? 143 "SIGTERM ends it"
none_left "^sleep 600\.$$\$"
ok $? "and all that it ran"

done_testing
