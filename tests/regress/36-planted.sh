#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a command plants for another program to obey, and how it tries to keep
# that from being undone: in both tiers, as root and as an ordinary user.
. "$(dirname "$0")/lib.sh"

if [ "${1:-}" != --as ]; then
	. "$(dirname "$0")/users.sh"
	users_stage
	users_both planted
	done_testing
	exit
fi

work=$tap_dir/work
mkdir -p "$work"
cd "$work" || exit 1
git init -q .
git init -q sub/repo
tier=
# A command that ends well is all that is needed of it.
cell() { "$CORDON_BUILD/cordon" sandbox --tier "$tier" "$@" < /dev/null; }
undo() {
	chmod -R u+rwX .
	find . -name '*.cordon-refused.*' -prune -exec rm -rf {} +
}

# What git would execute, or where it would write, in a repository that a
# command made.
cat > configs <<'EOC'
[filter "a]"]clean=evil
[x][core]fsmonitor=evil
[ core]fsmonitor=evil
[core]alternateRefsCommand=evil
[interactive]diffFilter=evil
[difftool "x"]path=evil
[gc]recentObjectsHook=evil
[protocol "ext"]allow=always
[core]worktree=../../..
[core]worktree=/
[include]path=/tmp/evil
[ALIAS]x=!evil
[user]name="a\"#";\n[core]pager=evil
[user]name=a\0\n[core]pager=evil
\357\273\277[core]pager=evil
EOC
cat > harmless <<'EOC'
[core]\n\tbare = false\n\tfilemode = true ; so\n# yes\n[user]name="a ; \\"b"
[remote "a]\\"b"]\r\n\turl = "x"\r\n\tfetch = +refs/*:refs/* \\\n more
[core]worktree=..\n[branch "x"]merge=refs/heads/x\n[advice]detachedHead
EOC

for tier in full lsm; do
	if ! "$CORDON_BUILD/cordon" sandbox --tier $tier true; then
		skip "this machine does not give it" "tier $tier"
		continue
	fi
	# All numbers of the name under which it would be moved aside.
	cell -- sh -c 'seq -f .envrc.cordon-refused.%g 0 1100 | xargs touch
		echo evil > .envrc' 2> err
	[ ! -e .envrc ]
	ok $? "$tier: a name is moved aside, whatever names there are"
	undo

	# File systems of the network say that of each flag of a rename.
	if strace -qq -o "$tap_dir/trace" true 2>/dev/null; then
		strace -qq -f -o "$tap_dir/trace" -e trace=renameat2 \
			-e inject=renameat2:error=EINVAL "$CORDON_BUILD/cordon" \
			sandbox --tier "$tier" -- \
			sh -c 'mkdir .vscode; echo evil > .envrc' 2> err
		is "$(find . -name '.[ve]*' | sort | xargs echo)" \
			"./.envrc.cordon-refused.0 ./.vscode.cordon-refused.0" \
			"$tier: where nothing but a plain rename is possible, too"
	else
		skip "no strace here" "$tier: nothing but a plain rename"
	fi
	undo

	# Folders that are closed.
	cell -- sh -c 'echo evil > .envrc; chmod 555 .' 2> err
	[ ! -e .envrc ]
	ok $? "$tier: and out of a folder that cannot be written"
	undo
	cell -- sh -c 'for r in . sub/repo; do
		echo evil > $r/.git/hooks/post-commit
		chmod 755 $r/.git/hooks/post-commit; done
		git config core.pager evil; rm .git/hooks/*.sample
		chmod 555 .git/hooks; chmod 100 .git; chmod 0 sub' 2> err
	undo
	is "$(find . -name post-commit -o -name x.sample)" "" \
		"$tier: hooks in closed folders are undone"
	is "$(git config core.pager)" "" "$tier: so is configuration"
	cell -- sh -c 'mkdir new; git init -q new/repo
		echo evil > new/repo/.git/hooks/post-commit
		chmod 755 new/repo/.git/hooks/post-commit' 2> err
	is "$(find new -name post-commit)" "" \
		"$tier: hooks in new repositories are, too"
	rm -rf new

	# What runs when Cordon is killed.
	"$CORDON_BUILD/cordon" sandbox --tier $tier -- sh -c '
		echo evil > .envrc; echo evil > .git/hooks/update
		echo "$TMPDIR" > ready; sleep 99' 2> err < /dev/null &
	until_so test -s ready
	kill -KILL $!
	wait $! 2> err
	private=$(cat ready)
	[ $tier = lsm ] || private=
	until_so eval '[ ! -e .envrc ] && [ ! -e .git/hooks/update ] &&
		[ ! -d "$private" ]'
	[ ! -d "$private" ]
	ok $? "$tier: nothing is left in /tmp when Cordon is killed"
	[ ! -e .envrc ] && [ ! -e .git/hooks/update ]
	ok $? "$tier: and when Cordon is killed meanwhile"
	rm -f ready
	undo

	cell -- bash -c 'git init -q --template= plain
		n=0; while IFS= read -r line; do
		n=$((n + 1)); cp -r plain bad$n
		printf "$line\n" > bad$n/.git/config; done < configs
		n=0; while IFS= read -r line; do
		n=$((n + 1)); cp -r plain good$n
		printf "$line\n" > good$n/.git/config; done < harmless
		git init -q good9 && git -C good9 config user.email a@b &&
		git -C good9 remote add o /x && git -C good9 checkout -q -b n
		git init -q --bare good8; git worktree add -q x; true' 2> err
	is "$(find bad* -path '*.git/config')" "" \
		"$tier: configuration that git would execute is moved aside"
	is "$(find good* -path '*/config' | wc -l)" 5 "$tier: other is not"
	is "$(git -C good1 config user.name)" 'a ; "b' \
		"$tier: where git reads it as we do"
	rm -rf plain bad* good*
	undo

	# Another name for it is none of the next call's, or session's.
	cell -- sh -c 'ln .git/config other; echo evil > other' 2> /dev/null
	cell -- sh -c 'echo evil > other' 2> /dev/null
	is "$(stat -c %h .git/config):$(grep -c evil .git/config)" 1:0 \
		"$tier: what is protected gets no other name"
	cell -- ln .git/config another 2> /dev/null
	is "$(stat -c %h .git/config)" 1 "$tier: not by a link alone either"
	rm -f other another
	undo

	# What is obeyed through a link, wherever a command then leads it.
	mkdir -p hooks-of-ours scripts a/conf
	echo ours | tee hooks-of-ours/pre-commit scripts/push > a/conf/x
	mv sub/repo/.git/hooks sub/repo/hooks
	ln -s ../hooks sub/repo/.git/hooks
	rm -rf .git/hooks/*
	ln -s ../../scripts/push .git/hooks/pre-push
	ln -s ../../hooks-of-ours/pre-commit .git/hooks/pre-commit
	ln -s a/conf .vscode
	ln -s none .idea
	ln -s . .zed
	cell -- sh -c 'echo evil > hooks-of-ours/pre-commit
		echo evil > sub/repo/hooks/update; chmod 755 sub/repo/hooks/*
		echo evil > a/conf/x; mv a b; mkdir -p a/conf; echo evil > a/conf/y
		mkdir none; echo evil > none/tasks.json
		rm scripts/push; mv scripts s; mkdir scripts
		echo evil > scripts/push; echo fine > a/z' 2> err
	is "$(cat .git/hooks/pre-push .git/hooks/pre-commit .vscode/* \
		.idea/* sub/repo/.git/hooks/update 2> /dev/null | grep -c evil)" 0 \
		"$tier: what a link leads to is protected as its name is"
	is "$(cat a/z hooks-of-ours/pre-commit)" "$(printf 'fine\nours')" \
		"$tier: and what lies beside is not"
	rm -rf .git/hooks/* .vscode .idea .zed a b s scripts hooks-of-ours \
		sub/repo/.git/hooks
	mv sub/repo/hooks sub/repo/.git/hooks
	undo

	# A home that is given away: what is secret there is not to be made,
	# and a link to it not to be changed.
	mkdir -p other/gh own/.config
	ln -sfn ../other own/.aws
	ln -sfn ../../other/gh own/.config/gh
	HOME=$work/own cell --write "$work/own" -- sh -c 'cd "$HOME"
		mkdir .ssh && echo evil > .ssh/authorized_keys
		for i in .aws .config/gh .config; do
		rm -r $i; mv $i .gone; ln -s /evil $i; done; true' 2> err
	is "$(ls -d own/.ssh 2>&1 | wc -l):$(cat own/.ssh/* 2>&1 | grep -c evil)" \
		1:0 "$tier: no secrets are made in a home that may be written"
	is "$(readlink own/.aws own/.config/gh | tr '\n' ' ')" \
		"../other ../../other/gh " "$tier: links to them stay"
	undo
	rm -rf own other
done
done_testing
