#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a question says of paths that go through symbolic links, and that a link
# which is laid anew after the answer voids it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

# What the tool says: a hash, and where paths and words lead.
tool=$doubles/cordon-tool
mkdir -p src/deep "$tap_dir/else"
echo 'echo hi' >src/run.sh
ln -s src docs
ln -s ../run.sh src/deep/up.sh
ln -s docs/none dangling
ln -s loop loop
ln -s "$tap_dir/else" away
digest() { # PATHS as words of printf, WORDS ...
	local paths=$1
	shift
	# shellcheck disable=SC2059 # \0 ends each
	printf "$paths" | "$tool" digest "$@" | tail -n +2 | tr '\0' ' '
}
is "$(digest "$work/src/a\\0$work/none/b\\0" src/run.sh)" "" \
	"of what goes through no link there is nothing to say"
is "$(digest "$work/docs/a/b\\0")" "$work/docs/a/b $work/src/a/b " \
	"a path is led through a link, there or not"
is "$(digest "$work/dangling\\0")" "$work/dangling $work/src/none " \
	"also where it ends at nothing"
is "$(digest "$work/away/x\\0")" "$work/away/x $tap_dir/else/x " \
	"and out of the folder"
is "$(digest '' docs/run.sh src/deep/up.sh src/deep/../run.sh)" \
	"docs/run.sh $work/src/run.sh src/deep/up.sh $work/src/run.sh " \
	"words that are files are, too"
is "$(digest '' /bin/sh /usr/bin/true /proc/self/status)" "" \
	"but not what the system has more names for, nor what is ours in /proc"
digest "$work/loop/x\\0" >/dev/null
printf '%s/loop/x\0' "$work" | "$tool" digest >/dev/null
is $? 1 "a loop leads nowhere"
printf 'no end' | "$tool" digest >/dev/null
is $? 1 "a path without its end is none"
hash() { printf '%s\0' "$work/docs/a" | "$tool" digest | head -1; }
before=$(hash)
rm docs
ln -s else docs
mkdir else
[ "$(hash)" != "$before" ]
ok $? "the hash is another one when a link leads elsewhere"
rm -r docs else
ln -s src docs

# What the question says.
conf=$XDG_CONFIG_HOME/cordon
mkdir -p "$conf"
chmod 700 "$conf"
cat >"$conf/policy.toml" <<'P'
version = 1
[[rule]]
id = "docs"
effect = "ask"
write = "./docs"
[[rule]]
id = "reading"
effect = "ask"
read = "./docs"
[[rule]]
id = "running"
effect = "ask"
exec = "sh"
P
patch='*** Begin Patch\n*** Add File: new\n+one\n*** End Patch'
approver once
scenario <<EOS
s, t = m.result(m.call("exec", workdir="docs",
    cmd="apply_patch <<'EOF'\n$patch\nEOF\n"))
check("a patch in a folder that is a link is made", (s, t), "0")
s, t = m.result(m.call("read", path="docs/run.sh"))
check("a file is read through a link", (s, t), "0", "echo hi")
s, t = m.result(m.call("exec", workdir="docs", cmd="sh deep/up.sh"))
check("a command runs in such a folder", (s, t), "0", "hi")
EOS
run --json --approve-with "$prog" go
checks
links() { # N: of the Nth question
	sed -n "$1p" "$asked" | python3 -c '
import json, sys
for l in json.load(sys.stdin).get("links", []):
    print(l["path"], l["place"], end="; ")'
}
is "$(links 1)" "$work/docs $work/src; $work/docs/new $work/src/new; " \
	"of a patch the folder and the file are told, and where they are"
is "$(links 2)" "$work/docs/run.sh $work/src/run.sh; " "of a file the same"
is "$(links 3)" "$work/docs $work/src; deep/up.sh $work/src/run.sh; " \
	"of a command its folder and its script"
like "$(records approval | head -1)" \
	"\"links\":\\[\\{\"path\":\"$work/docs\",\"place\":\"$work/src\"\\}" \
	"and it is on record"
rm -f src/new

# A link that is laid anew while the question waits.
printf 'two\n' >"$tap_dir/else/run.sh"
approver <<'P'
i=0
while [ ! -e flipped ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done
echo '{"verdict": "once"}'
P
flip='def flip(id, to):
    for i in range(300):
        if os.path.exists(os.path.expanduser("~/asked")): break
        time.sleep(0.1)
    os.unlink("docs"); os.symlink(to, "docs")
    open("flipped", "w").close()
    return m.result(id)'
for what in 'patch' 'read' 'run'; do
	rm -f "$asked" flipped docs
	ln -s src docs
	forget
	scenario <<EOS
import os, time
$flip
def patch(): return m.call("exec", workdir="docs",
    cmd="apply_patch <<'EOF'\n$patch\nEOF\n")
def read(): return m.call("read", path="docs/run.sh")
def run(): return m.call("exec", workdir="docs", cmd="sh run.sh")
s, t = flip($what(), "$tap_dir/else" if "$what" == "read" else "src/deep")
check("$what: what is led elsewhere is not what was approved", (s, t), "2",
      "changed after it was approved")
EOS
	run --json --approve-with "$prog" go
	checks
	is "$(records intent | grep -c '"tool":"digest"'; find . -name new)" 2 \
		"$what: it was looked at before and after, and nothing was done"
done

# A yes for the session to files is for the place, not for the name.
rm -f docs flipped
ln -s src docs
approver session
scenario <<EOS
import os
s, t = m.result(m.call("read", path="docs/run.sh"))
check("session: a file is read", (s, t), "0", "echo hi")
s, t = m.result(m.call("read", path="docs/run.sh"))
check("session: and again", (s, t), "0", "echo hi")
os.unlink("docs"); os.symlink("$tap_dir/else", "docs")
s, t = m.result(m.call("read", path="docs/run.sh"))
EOS
run --json --approve-with "$prog" go
checks
is "$(grep -c . "$asked")" 2 "session: asked again when it is another place"
done_testing
