#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What cordon policy explain says and what the kernel then does are the same:
# a real session with a scripted model, and the same questions to both.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

mkdir -p customers customers.d deploy build src .cordon "$XDG_CONFIG_HOME/cordon"
echo secret > customers/list
echo plain > src/a
echo much > customers.d/wages
chmod 700 "$XDG_CONFIG_HOME/cordon"
cat > "$XDG_CONFIG_HOME/cordon/policy.toml" <<'T'
version = 1
[defaults]
limits = { procs = 200 }
env = ["POLICY_VAR"]
[[rule]]
id = "customer-data"
effect = "forbid"
reason = "customers are nobody's business"
read = ["./customers/**"]
[[rule]]
id = "wages"
effect = "ask"
read = ["./customers.d/wages"]
[[rule]]
id = "deployments"
effect = "forbid"
write = ["./deploy"]
[[rule]]
id = "builder"
effect = "allow"
exec = { program = "touch", args = ["build/made", "..."] }
write = ["./build/**"]
T
export POLICY_VAR=passed

scenario <<'EOS'
s, t = m.exec("cat customers/list")
check("a path that is named is refused by its rule", (s, t), "2",
      "nobody's business", "customer-data")
s, t = m.exec("f=customers; cat $f/list; echo $?")
check("one that is made up is not there", t, "\n1\n")
check("nor is what it holds", b"secret" in t, "False")
s, t = m.exec("d=deploy; touch $d/x; echo $?")
check("what may not be written is read-only", t, "\n1\n")
s, t = m.exec("touch src/b; echo $?")
check("the rest of the workspace is writable", t, "0\n")
s, t = m.exec("touch build/made src/c; echo $?")
check("another rule's line runs in the cell", t, "0\n")
s, t = m.exec("touch build/made src/d")
check("a rule that names what is written gives that alone", t, "src/d",
      "denied")
s, t = m.exec("cat src/a")
check("what only reads runs", t, "plain")
s, t = m.exec("git push; true")
check("what is asked for is refused where nobody answers", (s, t), "2",
      "nobody is there to ask", "publish")
for where, line in (("", "cat customers.d/wages"), ("customers.d", "cat wages"),
                    ("src", "cat ../customers.d/wages")):
    s, t = m.exec(line, workdir=where)
    check("so wherever the model has it run: " + line, (s, t), "2",
          "nobody is there to ask", "wages")
s, t = m.exec("echo $POLICY_VAR")
check("a variable is passed on", t, "passed")
EOS
run --json 'go'
checks
[ -e build/made ] && [ ! -e src/d ] && [ ! -e deploy/x ]
ok $? "on the host it is so"
like "$(audit_log)" '"rule":"customer-data"' "the rule is on record"

# What runs unasked since it only reads has no network, also where the
# session's commands have the host's.
host_net=$(readlink /proc/self/ns/net)
scenario <<'EOS'
s, t = m.exec("n=net; readlink /proc/self/ns/$n")
m.say("other " + t.decode().split("Output:\n")[1].strip())
s, t = m.exec("cat /proc/net/dev")
dev = [x.split() for x in t.decode().split("Output:\n")[1].split("\n")[2:] if x]
m.say("reader %s" % [d[0] for d in dev if set(d[1:]) != {"0"} or d[0] != "lo:"])
EOS
run --json -c sandbox_workspace_write.network_access=true go
like "$out" "other ${host_net//[\[\]]/.}" "a command has the network"
like "$out" '"reader \[\]"' "what only reads has an empty one of its own"

# What is replaced, changed or removed meanwhile changes nothing before the
# next session; the record of each names what was in force.
own=$XDG_CONFIG_HOME/cordon/policy.toml
cp "$own" "$tap_dir/kept.toml"
scenario <<EOS
import os
own = "$own"
os.rename(own, own + ".old")
with open(own, "w") as f:
    f.write('version = 1\n[defaults]\nexec = "forbid"\n')
os.chmod(own, 0o600)
s, t = m.exec("cat customers/list")
check("a rule that was taken away holds", (s, t), "2", "customer-data")
s, t = m.exec("touch src/meanwhile; echo \$?")
check("and what it did not forbid runs", t, "0\\n")
os.unlink(own)
s, t = m.exec("touch deploy/x")
check("as it does where there is no file", (s, t), "2", "deployments")
EOS
run --json 'go'
checks
scenario <<'EOS'
s, t = m.exec("cat customers/list")
check("the next session has what is there then", t, "secret")
EOS
run --json 'go'
checks
hashes=$(audit_log | sed -n 's/.*"type":"open".*"policy":"\([0-9a-f]*\)".*/\1/p')
is "$(printf '%s\n' "$hashes" | tail -2 | head -1)" "${hashes%%$'\n'*}" \
	"the record names what was in force, as in the first session"
is "$(printf '%s\n' "$hashes" | tail -2 | sort -u | grep -c .)" 2 \
	"and something else in the next"
cp "$tap_dir/kept.toml" "$own"

# The same from explain.
verdict() {
	"$CORDON" policy explain --json "$@" |
		sed 's/.*"verdict":"\([a-z]*\)".*"runs":"\([a-z]*\)".*/\1 \2/; s/.*"verdict":"\([a-z]*\)".*/\1/'
}
is "$(verdict -- 'cat customers/list')" 'forbid not' "explain: refused"
is "$(verdict -- 'cat src/a')" 'allow unasked' "explain: only reads"
is "$(verdict -- 'touch src/b; echo $?')" 'ask sandbox' "explain: in the cell"
is "$(verdict --write "$work/deploy/x")" forbid "explain: may not be written"
is "$(verdict --write "$work/src/b")" allow "explain: may be written"

# A project's own file tightens, and cannot start anything if it is broken.
printf 'version = 1\n[defaults]\nexec = "forbid"\n' > .cordon/policy.toml
scenario <<'EOS'
s, t = m.exec("./x")
check("a project tightens", (s, t), "2", "rejected")
s, t = m.exec("cat src/a")
check("what only reads still runs", t, "plain")
EOS
run --json 'go'
checks
echo 'version = 7' > .cordon/policy.toml
run 'go'
is "$code" 78 "a mistake in a policy: nothing starts"
like "$err" 'policy\.toml:1:1: version must be 1' "and it is named"

# A policy's own tests, run for real.
rm .cordon/policy.toml
mkdir -p "$HOME/.ssh" "$tap_dir/tmp"
echo 'a key of mine' > "$HOME/.ssh/id"
echo 'no secret at all' > "$HOME/plain"
cat >> "$XDG_CONFIG_HOME/cordon/policy.toml" <<'T'
[[rule]]
id = "starred"
effect = "forbid"
read = ["./logs/*/key"]
[[test]]
run = "f=customers; cat $f/list"
expect_denied = "./customers/list"
[[test]]
run = "d=deploy; echo x > $d/file"
expect_denied = "./deploy/file"
[[test]]
run = "d=.ssh; cat ~/$d/id"
expect_denied = "~/.ssh/id"
[[test]]
run = "d=.git/hooks; mkdir -p $d && echo x > $d/pre-commit"
expect_denied = "./.git/hooks/pre-commit"
[[test]]
run = "exec 3<>/dev/tcp/127.0.0.1/9"
expect_denied = "127.0.0.1:9"
[[test]]
run = "cat logs/a/key"
expect_denied = "./logs/a/key"
T
out=$(TMPDIR=$tap_dir/tmp "$CORDON" policy test --live 2>&1)
is "$?" 0 "policy test --live: all are denied"
like "$out" '^ok.*f=customers.*by the kernel' "by the kernel"
like "$out" 'ok, by gate alone: .*logs/a/key was shown' "or by gate alone"
is "$(printf '%s\n' "$out" | grep -c 'by the kernel')" 8 \
	"the built-in ones too"
cat >> "$XDG_CONFIG_HOME/cordon/policy.toml" <<'T'
[[test]]
run = "l=logs; cat $l/a/key"
expect_denied = "./logs/a/key"
[[test]]
run = "cat ~/plain"
expect_denied = "~/plain"
[[test]]
run = "echo x > src/a; false"
expect_denied = "./src/a"
[[test]]
run = "true"
expect_denied = "./src/a"
T
out=$(TMPDIR=$tap_dir/tmp "$CORDON" policy test --live 2>&1)
is "$?" 1 "policy test --live: what is not denied is found"
like "$out" 'not ok: .*l=logs.*was shown' "what was shown"
like "$out" "not ok: .*cat ~/plain: $HOME/plain was shown" "and of the home"
like "$out" 'not ok: .*src/a was changed' "what was changed"
like "$out" 'not ok: .*it succeeded' "what succeeded"
is "$(ls "$tap_dir/tmp")" '' "nothing is left"

done_testing
