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
like "$(policy check --json good.toml)" '"ok":true' 'as JSON'
like "$(policy check --junit bad.toml)" '<failure message=' 'as JUnit'

sed -n '/^.Bd -literal/,/^.Ed/{/^\./!p}' "$CORDON_SRC/man/cordon-policy.5" |
	sed 's/\\\\/\\/g' > example.toml
like "$(policy check example.toml)" '3 rules, no mistake' \
	'the example of the manual holds'

# explain
like "$(policy explain -- git push)" 'verdict +ask' 'a push is asked about'
like "$(policy explain -- git push)" 'publish, ask by built-in' 'by a rule'
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

done_testing
