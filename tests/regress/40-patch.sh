#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cordon patch: applies all or nothing, and nothing outside.

. "${CORDON_SRC:-$(dirname "$0")/../..}/tests/regress/lib.sh"

work=$tap_dir/work
outside=$tap_dir/outside
mkdir -p "$work" "$outside"
cd "$work" || exit 1

# apply BODY [OPTION]: out, err and code of the patch with that body
apply() {
	printf '*** Begin Patch\n%b*** End Patch\n' "$1" |
		"$CORDON" patch ${2:+"$2"} >out 2>err
	code=$?
	out=$(cat out) err=$(cat err)
	rm -f out err
}

printf 'a\nb\n' >f
chmod 751 f
apply '*** Add File: new/dir/g\n+one\n*** Update File: f\n@@\n-b\n+B\n'
is "$code" 0 "a patch applies"
is "$(cat f new/dir/g)" "$(printf 'a\nB\none')" "and changes what it says"
is "$out" "$(printf 'Success. Updated the following files:\nA new/dir/g\nM f')" \
	"and says so"
is "$(stat -c %a f)" 751 "the mode stays"

printf 'x\r\ny\r\n' >crlf
apply '*** Update File: crlf\n@@\n-y\n+z\n'
is "$(od -c crlf | head -1)" "$(printf 'x\r\nz\r\n' | od -c | head -1)" \
	"line endings stay"

before=$(find . -type f -exec sha256sum {} + | sort)
apply '*** Delete File: f\n*** Update File: crlf\n@@\n-nope\n+z\n'
is "$code" 1 "a patch of which one part fails is refused"
like "$err" 'Failed to find expected lines in crlf:' "saying where"
is "$(find . -type f -exec sha256sum {} + | sort)" "$before" \
	"and nothing is changed"
apply '*** Delete File: f\n' --check
is "$code" 0 "--check says that it would apply"
like "$out" 'would update' "and not that it has been"
is "$(find . -type f -exec sha256sum {} + | sort)" "$before" \
	"and changes nothing"

ln -s "$outside" link
ln -s "$outside/file" filelink
echo untouched >"$outside/file"
for path in ../o /tmp/o "$outside/o" link/o filelink a/../../o; do
	apply "*** Add File: $path\\n+x\\n"
	is "$code" 1 "$path is refused"
	apply "*** Update File: $path\\n@@\\n-untouched\\n+x\\n"
	is "$code" 1 "and its update"
	apply "*** Update File: f\\n*** Move to: $path\\n"
	is "$code" 1 "and a move to it"
done
is "$(ls "$outside")$(cat "$outside/file")" "fileuntouched" \
	"nothing outside was touched"
is "$(find . -mindepth 1 -maxdepth 1 | sort | tr "\n" " ")" \
	"./crlf ./f ./filelink ./link ./new " "no leftovers"

# What is no file is neither waited for nor replaced.
mkfifo pipe
mkdir folder
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
declare -A why=([pipe]="Not a regular file" [socket]="Not a regular file"
	[folder]="Is a directory")
for path in pipe socket folder; do
	for body in "Add File: $path\\n+x" "Update File: $path\\n@@\\n-a\\n+b" \
		"Delete File: $path" "Update File: f\\n*** Move to: $path"; do
		apply "*** $body\\n"
		is "$code" 1 "no patch of a $path: ${body%%:*}"
		like "$err" "$path: ${why[$path]}\$" "and what it is"
	done
done
is "$(stat -c '%F' pipe socket folder | tr '\n' ' ')" \
	'fifo socket directory ' "and they are as they were"
rm -r pipe socket folder

# Where no rename can exchange two files, as in a file system of the network:
# the same, and undone whichever step fails.
plain() { # [OPTIONS]: the tool itself, and a kernel that knows no such rename
	rm -rf "$outside/t" && mkdir "$outside/t" && cd "$outside/t" || exit 1
	printf 'a\nb\n' >f
	chmod 751 f
	echo d >d
	echo x >m
	strace -qq -f -o "$tap_dir/trace" -e trace=renameat2,linkat,renameat \
		-e inject=renameat2:error=EINVAL "$@" \
		"$CORDON_BUILD/cordon-tool" patch >"$tap_dir/said" <<-'P'
		*** Begin Patch
		*** Add File: new/g
		+one
		*** Update File: f
		@@
		-b
		+B
		*** Delete File: d
		*** Update File: m
		*** Move to: mm
		@@
		-x
		+y
		*** End Patch
		P
	code=$?
	out=$code:$(find . -type f | sort | xargs -d '\n' grep -h ''):$(
		find . -mindepth 1 | sort | xargs echo):$(stat -c %a f)
	cd "$work" || exit 1
}
if command -v strace >/dev/null; then
	plain
	is "$out" "$(printf '0:a\nB\ny\none:./f ./mm ./new ./new/g:751')" \
		"a patch where files cannot be exchanged"
	bad=
	for step in linkat:error=EPERM:when={1..6} renameat:error=EIO:when={1,2}; do
		plain -e "inject=$step"
		[ "$out" = "$(printf '1:d\na\nb\nx:./d ./f ./m:751')" ] ||
			bad="$bad $step"
	done
	is "$bad" "" "and all of it is undone, whichever step fails"
	rm -rf "$outside/t"
else
	skip "no strace" "a patch where files cannot be exchanged"
fi

# The disk is full before the last file is written.
if unshare -m true 2>/dev/null; then
	head -c 2000000 /dev/zero | tr '\0' x >"$tap_dir/big"
	out=$(unshare -m bash -c '
		mount -t tmpfs -o size=1m,mode=755 small "$1" && cd "$1" || exit 9
		echo old >f
		{ printf "%s\n" "*** Begin Patch" "*** Update File: f" "@@" \
			-old +new "*** Add File: big"
		printf +; cat "$2"; printf "\n%s\n" "*** End Patch"; } |
			"$3" patch
		echo "code $?"; cat f; ls -A' - "$outside" "$tap_dir/big" \
		"$CORDON" 2>&1)
	is "$out" "apply_patch verification failed: big: No space left on device
code 1
old
f" "a full disk: nothing is changed, and nothing is left"
else
	skip "no mount namespace" "a full disk"
fi

mkdir -p .git/hooks
for path in .git/hooks/post-checkout .git/config sub/.git/hooks/x .vscode/x \
	.envrc; do
	apply "*** Add File: $path\\n+x\\n"
	is "$code" 77 "$path is refused: other programs obey it"
done
is "$(find .git sub .vscode .envrc -type f 2>/dev/null)" "" "and not made"

python3 - <<'PY' >"$tap_dir/many"
print("*** Begin Patch")
for i in range(10000):
    print("*** Add File: many/%d/f%d\n+%d" % (i % 100, i, i))
print("*** End Patch")
PY
"$CORDON" patch "$tap_dir/many" >"$tap_dir/out"
is $? 0 "ten thousand files in one patch"
is "$(find many -type f | wc -l)" 10000 "are all there"
is "$(cat many/99/f9999)" 9999 "with their content"

ln -s "$CORDON" "$tap_dir/apply_patch"
"$tap_dir/apply_patch" "$(printf '*** Begin Patch\n*** Delete File: f\n*** End Patch')" \
	>/dev/null
is $? 0 "apply_patch is a name of it"
[ ! -e f ]
ok $? "and the patch may be its argument"

done_testing
