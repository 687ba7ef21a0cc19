#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Opening a directory runs nothing, connects to nothing and writes nothing
# outside of Cordon's own state because of what is in it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

trees=$tap_dir/trees
canary=$tap_dir/canary
mkdir "$trees" "$canary"
python3 "$CORDON_SRC/tests/helper/traps.py" "$trees" "$canary" \
	>"$tap_dir/names"
is "$([ "$(wc -l <"$tap_dir/names")" -ge 50 ]; echo $?)" 0 \
	"there are at least fifty trees"

scenario <<'EOS'
m.say("opened")
EOS

sum() { (cd "$1" && find . -printf '%p %y %s %T@ %l\n' | sort | sha256sum); }

while IFS= read -r name; do
	before=$(sum "$trees/$name")
	run --skip-git-repo-check -C "$trees/$name" x
	is "$code:$out" "0:opened" "$name opens"
	is "$(ls "$canary")" "" "and runs nothing"
	is "$(sum "$trees/$name")" "$before" "and is not written to"
done <"$tap_dir/names"
run --skip-git-repo-check -C "$trees/$(printf 'bytes-\377')" x
is "$code:$out" "0:opened" "a name that is not UTF-8 opens"

# The traps are traps: git itself walks into one.
if command -v git >/dev/null; then
	rm -rf "$trees/git-fsmonitor/.git" && cd "$trees/git-fsmonitor" &&
		git init -q . && git add . >/dev/null 2>&1
	git -c core.fsmonitor="$PWD/spring.sh" status >/dev/null 2>&1
	is "$(ls "$canary")" git-fsmonitor "(git does run one)"
	rm -f "$canary"/*
	cd "$work" || exit 1
fi

# Seen from the kernel's side.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	for name in git-fsmonitor hook-post-checkout cordon-config claude \
		programs envfile; do
		strace -f -qq -s 200 -o "$tap_dir/trace" \
			-e trace=execve,execveat,connect \
			"$doubles/cordon" exec --skip-git-repo-check \
			-C "$trees/$name" x >/dev/null 2>&1 </dev/null
		is "$(sed -n 's/.*execve("\([^"]*\)".*= 0$/\1/p' \
			"$tap_dir/trace" | grep -vE \
			"^$doubles/cordon|^/usr/bin/python3$" | sort -u)" "" \
			"$name: only Cordon's own programs are executed"
		is "$(grep -c 'connect(.*AF_INET' "$tap_dir/trace")" 0 \
			"and nothing is connected to"
	done
else
	skip "no strace here" "seen from the kernel's side"
fi

done_testing
