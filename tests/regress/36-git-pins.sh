#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# git commands that may run unasked, in a repository whose configuration, and
# that of a submodule, names a program wherever it can: with the pins in the
# environment it is not run, and git still does its work.
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || { skip 'no git here' 'the pins'; done_testing; }
helper=$CORDON_BUILD/tests/bin/classify
canary=$tap_dir/canary
trap=$tap_dir/trap

cat >"$trap" <<EOF
#!/bin/sh
echo "\$0 \$*" >>"$canary"
EOF
chmod +x "$trap"

git config --global user.name x
git config --global user.email x@example.org
git config --global protocol.file.allow always
git config --global init.defaultBranch main
repo() { # NAME
	git init -q "$1" && (cd "$1" && echo a >file.c && git add . &&
		git commit -qm one)
}
cd "$tap_dir" || exit 1
repo sub
repo top
cd top || exit 1
git -c protocol.file.allow=always submodule --quiet add ../sub sub
git commit -qam two
echo b >>file.c
echo c >>sub/file.c
mkdir .git/hooks.evil
for h in post-index-change pre-commit reference-transaction; do
	cp "$trap" ".git/hooks.evil/$h"
done
for key in core.fsmonitor core.pager core.editor core.sshCommand \
	core.askPass core.alternateRefsCommand gpg.program gpg.ssh.program \
	pager.log pager.status sequence.editor credential.helper; do
	git config "$key" "$trap"
	git -C sub config "$key" "$trap"
done
git config core.hooksPath "$PWD/.git/hooks.evil"
git config log.showSignature true
git config alias.z "!$trap"
# A commit that claims a signature, so that showing it would verify it.
tree=$(git rev-parse 'HEAD^{tree}')
signed=$(printf 'tree %s\n%s\n%s\n%s\n %s\n\nsigned\n' "$tree" \
	'author x <x@example.org> 1 +0000' \
	'committer x <x@example.org> 1 +0000' \
	'gpgsig -----BEGIN PGP SIGNATURE-----' \
	'-----END PGP SIGNATURE-----' | git hash-object -t commit -w --stdin)
rm -f "$canary"

commands='git status
git status --short
git log
git log -p
git log --oneline
git diff
git diff --stat
git diff HEAD~1
git diff --cached
git show
git show --stat
git show '$signed'
git branch -a
git branch -vv
git tag
git stash list
git describe --always --dirty
git blame file.c
git grep a
git ls-files -m
git reflog
git shortlog -sn HEAD
git for-each-ref'

out=$(printf '%s\n' "$commands" | "$helper" | grep -vc '^read-only')
is "$out" 0 'all of the commands may run unasked'

# Without the pins something does run, or this test could not fail.
git status >/dev/null 2>&1
git log "$signed" >/dev/null 2>&1
[ -e "$canary" ]
ok $? 'without the pins the traps spring'
rm -f "$canary"

mapfile -t pins < <("$helper" --pins)
while read -r command; do
	# On a terminal too, for there a pager would be used.
	env "${pins[@]}" script -qec "$command" /dev/null </dev/null >out 2>&1
	# shellcheck disable=SC2086 # words of a simple command
	env "${pins[@]}" $command </dev/null >out 2>&1
	status=$?
	ok "$status" "$command: works"
	if [ -e "$canary" ]; then
		ok 1 "$command: runs nothing"
		sed 's/^/# /' "$canary"
		rm -f "$canary"
	else
		ok 0 "$command: runs nothing"
	fi
done <<<"$commands"
like "$(env "${pins[@]}" git diff)" '^\+b$' 'git diff shows the difference'
done_testing
