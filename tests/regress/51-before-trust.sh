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

# The kernel's side: what is executed, connected to and written.
calls=execve,execveat,connect,open,openat,creat,mkdir,mkdirat,rename,renameat
calls=$calls,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat
calls=$calls,truncate,mknod,mknodat,chmod,fchmodat,chown,fchownat
trace() {
	strace -f --seccomp-bpf -qq -s 4096 -e signal=none -e "trace=$calls" \
		-o "$tap_dir/trace" "$@"
}
plain() { "$@"; }
how=trace
trace true 2>/dev/null || how=plain

sum() { (cd "$1" && find . -printf '%p %y %s %T@ %l\n' | sort | sha256sum); }

# opens DIR: code and out; in "seen" what the kernel saw, once each, without
# what differs from one run to the next
opens() {
	$how timeout 60 "$doubles/cordon" exec --skip-git-repo-check -C "$1" x \
		>"$tap_dir/out" 2>"$tap_dir/err" </dev/null
	code=$?
	out=$(cat "$tap_dir/out")
	[ $how = plain ] && return
	grep -vE 'O_RDONLY|O_PATH|O_DIRECTORY| resumed>' "$tap_dir/trace" |
		sed -E "s#$1#TREE#g; s#$tap_dir#T#g
			s/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}|[0-9a-f]{16}/ID/g
			s/^[0-9]+ +| <unfinished.*|\)? += -?[0-9]+.*//g
			s/0x[0-9a-f]+|[0-9]{2,}/N/g" | sort -u >"$tap_dir/seen"
}

# A project's settings alone, even if there are none in the file, take a process
# to read them, one of ours and confined: so others are held to such a folder.
mkdir -p "$trees/empty/.cordon"
echo '# nothing' >"$trees/empty/.cordon/config.toml"
opens "$trees/empty" # and the double is compiled
opens "$trees/empty"
if [ $how = trace ]; then
	mv "$tap_dir/seen" "$tap_dir/wanted"
	is "$(sed -n 's/^execve("\([^"]*\).*/\1/p' "$tap_dir/wanted" |
		grep -vcE '^(T/bin/cordon|/usr/bin/timeout)')" 0 \
		"only Cordon's own programs are executed"
	is "$(grep -c AF_INET "$tap_dir/wanted")" 0 "nothing is connected to"
fi
while IFS= read -r name; do
	before=$(sum "$trees/$name")
	opens "$trees/$name"
	is "$code:$out" "0:opened" "$name opens"
	is "$(ls "$canary")" "" "and runs nothing"
	is "$(sum "$trees/$name")" "$before" "and is not written to"
	if [ $how = trace ]; then
		is "$(comm -13 "$tap_dir/wanted" "$tap_dir/seen")" "" \
			"the kernel sees no more than of an empty folder"
	else
		skip "no strace here" "seen from the kernel's side"
	fi
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

done_testing
