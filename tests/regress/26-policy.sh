#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cordon policy, as a person would use it: files with mistakes, questions in
# batches, what a change of a file changes, and whose files are believed.
. "$(dirname "$0")/lib.sh"

policy() { "$CORDON" policy "$@" 2>&1; }
mkdir -p "$HOME/.config/cordon" "$tap_dir/work"
cd "$tap_dir/work" || exit 1
own=$HOME/.config/cordon/policy.toml

# check
cat > good.toml <<'T'
version = 1
[[rule]]
id = "deploy"
effect = "forbid"
reason = "the release job does that"
exec = { program = "helm", args = [["apply", "delete"], "..."] }
match = ["helm apply -f x"]
not_match = ["helm get pods"]
[[test]]
given = "ls; helm delete pod x"
expect = "forbid"
T
out=$(policy check good.toml)
is "$?" 0 'a file without mistakes'
like "$out" 'good.toml: 1 rules?, no mistake' 'is said to be so'
sed 's/effect = "forbid"/effect = "forbit"/' good.toml > bad.toml
out=$(policy check good.toml bad.toml)
is "$?" 78 'a file with a mistake'
like "$out" 'bad.toml:4:1: .*did you mean forbid' 'names file, line and cure'
sed 's/helm get pods/helm apply/' good.toml > bad.toml
like "$(policy check bad.toml)" 'rule deploy matches its example' \
	'an example that does not hold is a mistake'
sed 's/expect = "forbid"/expect = "allow"/' good.toml > bad.toml
out=$(policy check bad.toml)
is "$?" 78 'a test that does not hold is a mistake'
like "$out" 'bad.toml:9: .*expected allow, is forbid' 'with its place'
out=$(policy check nowhere.toml good.toml)
is "$?" 66 'a file that is not there'
out=$(policy check nowhere.toml bad.toml)
is "$?" 78 'a mistake counts for more'
out=$(policy --policy nowhere.toml show)
is "$?" 66 'so of one more policy'
like "$(policy check --json good.toml)" '"ok":true' 'as JSON'
like "$(policy check --junit bad.toml)" '<failure message=' 'as JUnit'

sed -n '/^.Bd -literal/,/^.Ed/{/^\./!p}' "$CORDON_SRC/man/cordon-policy.5" |
	sed 's/\\\\/\\/g' > example.toml
like "$(policy check example.toml)" '4 rules, no mistake' \
	'the example of the manual holds'

# explain
like "$(policy explain -- git push)" 'verdict +ask' 'a push is asked about'
like "$(policy explain -- git push)" 'publish, ask by built-in' 'by a rule'
like "$(policy explain -C sub -- cat ../.env)" 'verdict +ask' 'elsewhere'
like "$(policy explain -C sub -- cat ./.enw)" 'verdict +allow' 'nearby'
like "$(policy explain -C /etc -- git status)" 'another repository' 'and away'
like "$(policy explain --read "$HOME/.ssh/id")" 'verdict +forbid' 'a secret'
out=$(printf '%s\n' '"ls | head"' '"./x"' '"sudo ls"' '"cat \u202e x"' nonsense |
	"$CORDON" policy explain --batch)
is "$?" 65 'a batch with a line that is no JSON'
is "$(printf '%s\n' "$out" | sed 's/.*"verdict":"\([a-z]*\)".*/\1/' |
	tr '\n' ' ')" 'allow ask forbid forbid forbid ' 'is answered line by line'

# The person's own file, and a project that may only tighten.
cp good.toml "$own"
like "$(policy explain -- helm apply -f x)" 'deploy, forbid by user' \
	'the own file is in force'
like "$(policy show)" 'deploy' 'and shown'
mkdir .cordon
printf 'version = 1\n[[rule]]\nid = "p"\neffect = "allow"\nexec = "helm"\n[[rule]]\nid = "q"\neffect = "ask"\nexec = "ls"\n' \
	> .cordon/policy.toml
like "$(policy explain -- helm apply -f x)" 'verdict +forbid' \
	'a project permits nothing'
like "$(policy explain -- ls)" 'verdict +ask' 'a project tightens'
rm .cordon/policy.toml
ln -s /etc/passwd .cordon/policy.toml
out=$(policy explain -- ls)
is "$?" 78 'a project file that is a link is no policy'
rm .cordon/policy.toml
chmod 666 "$own"
out=$(policy explain -- ls)
is "$?" 78 'a file that others can write is not believed'
chmod 600 "$own"
if [ "$(id -u)" = 0 ]; then
	chown nobody "$own"
	like "$(policy explain -- ls)" 'belongs to user' \
		"nor one of another user's"
	chown root "$own"
	chown nobody "${own%/*}"
	out=$(policy explain -- ls)
	is "$?" 78 'nor one in such a folder'
	chown root "${own%/*}"
else
	skip 'only root can give files away' "another user's file"
	skip 'only root can give files away' "another user's folder"
fi
mv "$own" kept.toml
ln -s nowhere.toml "$own"
out=$(policy explain -- ls)
is "$?" 78 'a link that leads nowhere is not taken for no file'
rm "$own"
mkfifo "$own"
out=$(policy explain -- ls)
is "$?" 78 'a pipe is no policy'
rm "$own"
ln -s "$PWD/kept.toml" "$own"
like "$(policy explain -- helm apply -f x)" 'deploy, forbid by user' \
	'a link to a file that is believed is'
rm "$own"
mv kept.toml "$own"

# show
printf 'version = 1\n[defaults]\nlimits = { procs = 50 }\n[[rule]]\nid = "p"\neffect = "allow"\nexec = "helm"\n[[rule]]\nid = "q"\neffect = "ask"\nexec = "ls"\n' \
	> "$tap_dir/project.toml"
cp "$tap_dir/project.toml" .cordon/policy.toml
out=$(policy show)
like "$out" '^forbid exec helm apply.delete \.\.\.  # deploy, user .*:2$' \
	'a rule is a line with its place'
like "$out" '^allow exec helm \.\.\.  # p, project' 'also what is in vain'
like "$out" '^otherwise allow exec \* in the cell$' 'then the defaults'
like "$out" '^limits procs 50$' 'and limits'
out=$(policy show --effective)
is "$(printf '%s\n' "$out" | grep -c ' # p, ')" 0 'not what decides nothing'
like "$out" '^ask exec ls .* # q, project' 'but what does'
is "$(printf '%s\n' "$out" | sed 's/ .*//' | uniq | tr '\n' ' ')" \
	'forbid ask otherwise limits ' 'the strictest first'
rm .cordon/policy.toml

# Which wall, and what would have to change.
out=$(policy explain --write /tmp/../etc/x)
like "$out" 'verdict +forbid' 'outside of the workspace'
like "$out" 'held by .*kernel: every command' 'the kernel holds it'
like "$(policy explain --read "$HOME/.ssh")" 'kernel: no command gets at' \
	'a secret: the kernel too'
like "$(policy explain --connect a.org:443)" 'no network but its own' \
	'a connection'
like "$(policy explain -- helm delete x)" 'to change rule deploy, .*toml:2' \
	'whose rule would have to change'
like "$(policy explain --json -- git push)" '"to_change":"a rule of a file' \
	'as JSON too'
like "$(policy explain --json -- git push)" '"file":"built-in"' \
	'with the name that a record has for a rule without a file'

# An id in two layers.
sed 's/"forbid"/"ask"/' good.toml > more.toml
out=$(policy --policy more.toml explain -- ls)
is "$?" 78 'the same id in two layers is a mistake'
like "$out" 'deploy.*policy.toml' 'that names both'

# diff
sed 's/\["apply", "delete"\]/"delete"/; s/^match.*//' good.toml > new.toml
rm "$own"
out=$(policy diff good.toml new.toml)
is "$?" 1 'a change that permits more'
like "$out" '^widens +run helm apply -f x: forbid \(deploy\)' \
	'is named by its examples'
out=$(policy diff new.toml good.toml)
is "$?" 0 'the other way round'
like "$out" '^tightens' 'it only tightens'
is "$(policy diff good.toml good.toml)" '0 widen, 0 tighten' \
	'a file differs in nothing from itself'

# The same with what was once asked for.
r() { printf '{"v":1,"seq":%s,"type":"%s","data":%s,"prev":"00","hash":"00"}\n' \
	"$@"; }
{
	r 0 open '{"cwd":"/srv/work"}'
	r 1 call '{"call":1,"tool":"exec_command","line":"ls; helm apply -f y","argv":["/bin/bash","-lc","ls; helm apply -f y"],"cwd":"/srv/work"}'
	r 2 decision '{"call":1,"verdict":"forbid"}'
	r 3 call '{"call":2,"tool":"exec_command","argv":["helm","apply","z"],"cwd":"/srv/work"}'
	r 4 call '{"call":3,"tool":"read_file","argv":["cordon-tool"],"reads":["/srv/work/a"],"cwd":"/srv/work"}'
} > log.jsonl
out=$(policy diff good.toml new.toml --replay log.jsonl)
is "$?" 1 'past events are replayed'
like "$out" '^widens +run ls; helm apply -f y: forbid \(deploy\)' 'a line'
like "$out" '^widens +run helm apply z: forbid' 'and words'
like "$out" '^3 calls replayed' 'all of them'
echo '{"v":1' >> log.jsonl
out=$(policy diff good.toml new.toml --replay log.jsonl)
is "$?" 65 'a log that is damaged'
like "$out" 'log.jsonl:6: is no record' 'is said to be'

done_testing
