#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cordon sandbox: each of its options, and what it refuses, word for word.
. "$(dirname "$0")/lib.sh"

base=$(folder_outside_tmp) || exit 1
trap 'rm -rf "$base"; tap_cleanup' EXIT
export HOME=$base/home XDG_CONFIG_HOME=$base/home/.config
export XDG_STATE_HOME=$base/home/.local/state
mkdir -p "$HOME/.ssh" "$XDG_CONFIG_HOME/cordon" "$base/work/.git/hooks" \
	"$base/work/sub/.vscode" "$base/other" "$base/work/dir"
cd "$base/work" || exit 1
box() { "$CORDON" sandbox "$@" < /dev/null; }

# refuses CODE MESSAGE ARG...
refuses() {
	local code=$1 text=$2 got
	shift 2
	got=$(box "$@" -- sh -c 'echo ran' 2>&1)
	is "$?: $got" "$code: cordon: $text" "refused: $*"
}
kept="lies in a folder that is kept from commands; name another"
holds="holds Cordon's own configuration or state; name another"
tools="lies in a folder that other tools obey, which is protected; name another"
repo="lies in a repository's own folder, which is protected; name another"
refuses 66 '/nope: No such file or directory; check the path' -C /nope
refuses 66 '/nope: No such file or directory; check the path' --write /nope
refuses 66 '/nope: No such file or directory; check the path' --read /nope
refuses 66 '/nope: No such file or directory; check the path' --hide /nope
refuses 66 '/etc/passwd: Not a directory; check the path' -C /etc/passwd
refuses 66 '/etc/passwd: is not a folder; name one' --write /etc/passwd
refuses 77 '/: is the root of everything; name a folder below it' -C /
refuses 77 '/: is the root of everything; name a folder below it' -w /
refuses 77 "$HOME: is your home directory; change to a project, or say \
--write for it" -C "$HOME"
refuses 77 "$base: $holds" -C "$base"
refuses 77 "$XDG_CONFIG_HOME: $holds" --write "$XDG_CONFIG_HOME"
refuses 77 "$XDG_CONFIG_HOME/cordon: $kept" -C "$XDG_CONFIG_HOME/cordon"
refuses 77 "$HOME/.ssh: $kept" --write "$HOME/.ssh"
refuses 77 "$PWD/.git/hooks: $repo" --write .git/hooks
refuses 77 "$PWD/sub/.vscode: $tools" --write sub/.vscode
ln -s .git/hooks link
refuses 77 "$PWD/.git/hooks: $repo" --write link
refuses 64 "--limit 'x=1': give mem, tmp, fsize, disk (such as 2G), time, cpu \
(such as 60s), procs or files (a number)" --limit mem=1G,x=1
refuses 64 "sandbox: --tier takes auto|full|lsm, not 'half'" --tier half
refuses 66 '/nope: No such file or directory; check the path' --policy /nope
like "$(box 2>&1)" 'COMMAND .* is missing' "a command is needed"

# Names that are no text, and links, are what they lead to.
for dir in $'new\nline' $'no\xfftext' -dash 'a b'; do
	mkdir -p -- "$dir"
	box -C "./$dir" -- sh -c 'echo x > f; ! (echo x > ../no) 2> /dev/null'
	[ "$?" = 0 ] && [ -e "./$dir/f" ] && [ ! -e no ]
	ok $? "in a folder called $(printf %q "$dir")"
	box --read-only --write "./$dir" -- sh -c 'echo x > "$1"/g' sh "$dir"
	[ -e "./$dir/g" ]
	ok $? "and with --write"
done
like "$(box --explain --write $'new\nline' -- true)" 'new\\nline' \
	"--explain shows them on one line"
# Other names of the home and of Cordon's own folders are those too.
mkdir "$base/bound"
ln -s home "$base/link"
home=$HOME
HOME=$base/link
refuses 77 "$home: is your home directory; change to a project, or say \
--write for it" -C "$home"
HOME=$home
is "$(HOME=$base/link box -- sh -c 'cat ~/.ssh/id; echo x > ~/w && cat ~/w' \
	2> /dev/null; ls "$HOME")" x "a home that is a link is covered"
for what in "$HOME:is your home" "${XDG_CONFIG_HOME}:holds Cordon" "/:is the root"
do
	unshare -rm sh -c 'mount --rbind "$1" "$2" && shift 2 && exec "$@"' sh \
		"${what%:*}" "$base/bound" "$CORDON" sandbox -C "$base/bound" \
		-- true 2> err
	is "$? $(grep -c "bound: ${what#*:}" err)" "77 1" \
		"${what%:*} by another name is refused"
done
ln -s ../other way
box --write way -- sh -c 'echo x > way/f' && [ -e ../other/f ]
ok $? "a link is resolved once"

# The options.
is "$(box -- sh -c 'echo x > ../other/g' 2> /dev/null; ls ../other)" f \
	"nothing else is written"
echo secret > "$XDG_CONFIG_HOME/cordon/a"
is "$(box -C "$HOME" --write "$HOME" -- sh -c \
	'echo x > real; cat .config/cordon/a 2> /dev/null')" "" \
	"the home directory, spelled out"
is "$(cat "$HOME/real")" x "is written, and Cordon's own is not there"
rm -r "$XDG_CONFIG_HOME/cordon"
box -C "$HOME" --write "$HOME" -- sh -c 'mv .config moved; mv .local moved
	mkdir -p .config/cordon; echo x > .config/cordon/config.toml' 2> /dev/null
[ -d "$XDG_CONFIG_HOME" ] && [ ! -e "$HOME/moved" ] &&
	[ ! -e "$XDG_CONFIG_HOME/cordon/config.toml" ]
ok $? "nor moved away with a folder above it, nor made by a command"
echo secret > "$HOME/.ssh/id"
is "$(box -- cat "$HOME/.ssh/id" 2> /dev/null)" "" "secrets are hidden"
is "$(box --read "$HOME/.ssh" -- cat "$HOME/.ssh/id")" secret "but for --read"
if [ "$(id -u)" = 0 ]; then # nobody else can have another account here
	mkdir -p "$base/account/.ssh"
	echo secret > "$base/account/.ssh/id"
	printf 'root:x:0:0::%s:/bin/sh\n' "$base/account" > "$base/passwd"
	is "$(unshare -m sh -c 'mount --bind "$1" /etc/passwd && shift &&
		exec "$@"' sh "$base/passwd" "$CORDON" sandbox -- sh -c \
		'getent passwd 0 && cat "$1" 2> /dev/null' sh \
		"$base/account/.ssh/id")" "$(cat "$base/passwd")" \
		"also in the account's home, where HOME is another"
fi
is "$(box --hide "$base/other" -- cat ../other/f 2> /dev/null)" "" "--hide"
box --read-only -- sh -c 'echo x > no' 2> /dev/null
[ ! -e no ]
ok $? "--read-only"
is "$(FOO=1 A_TOKEN=2 box --env FOO --env BAR=3 --env A_TOKEN -- \
	sh -c 'echo $FOO$BAR$A_TOKEN' 2> /dev/null)" 13 "--env"
ns=$(readlink /proc/self/ns/net)
[ "$(box -- readlink /proc/self/ns/net)" != "$ns" ]
ok $? "no network"
is "$(box --net -- readlink /proc/self/ns/net)" "$ns" "--net"
box --limit time=200ms -- sleep 99 2> /dev/null
is $? 124 "--limit time"
is "$(box --limit files=50,fsize=4K -- bash -c 'ulimit -n; ulimit -f')" \
	$'50\n4' "--limit files, fsize"
for end in 'true 0' 'false 1' 'nosuch 127' '/etc/passwd 126'; do
	box -- "${end% *}" 2> /dev/null
	is $? "${end#* }" "the status of ${end% *}"
done
box -- sh -c 'kill -TERM $$'
is $? 143 "and of a signal"

# What is read beneath /tmp or /run has sockets of the host as elsewhere, and a
# read-only mount keeps nobody from connecting.
mkdir "$tap_dir/sockets" "$base/sockets"
python3 -c '
import socket, sys, time
held = [socket.socket(socket.AF_UNIX) for _ in sys.argv[1:]]
for s, path in zip(held, sys.argv[1:]):
    s.bind(path); s.listen()
print("up", flush=True); time.sleep(600)' "$tap_dir/sockets/s" \
	"$base/sockets/s" > up &
server=$!
until_so test -s up
for at in "$tap_dir" "$base"; do
	for tier in full lsm; do
		is "$(box --tier "$tier" --read "$at/sockets" -- python3 -c '
import socket, sys
try: print(socket.socket(socket.AF_UNIX).connect(sys.argv[1]))
except PermissionError: print("refused")' "$at/sockets/s" 2>&1)" refused \
			"tier $tier: no socket in what --read shows: ${at%/*}"
	done
done
kill "$server"
wait "$server" 2> /dev/null

# At a terminal it has one too, and what leads elsewhere still does.
timeout 60 script -qec "stty rows 33 cols 99; $CORDON sandbox -- sh -c 'stty size
	tty; echo apart >&2' 2> apart" /dev/null < /dev/null > shown
like "$(tr -d '\r' < shown | tr '\n' ' ')" '33 99 /dev/pts/[0-9]+ $' \
	"at a terminal it has one of its own, of that size"
is "$(cat apart)" apart "standard error that was redirected still is"
like "$(timeout 60 "$CORDON" sandbox -- cat < / 2>&1)" \
	'cannot run cat: a standard descriptor is a folder' \
	"a folder is no standard input"

# What may be appended to is not overwritten.
echo first > log
box -- python3 -c 'import fcntl, os
try:
    fcntl.fcntl(1, fcntl.F_SETFL, 0); os.ftruncate(1, 0); os.pwrite(1, b"X", 0)
except OSError:
    pass
os.system("echo second; echo third >&2; echo fourth")' >> log 2>&1
is "$(tr '\n' ' ' < log)" "first second third fourth " \
	"a file that is appended to keeps what it has, and the order"

is "$(LC_PAPER=x LC_IDENTIFICATION=y box -- sh -c \
	'echo $LC_PAPER$LC_IDENTIFICATION')" xy "each LC_ is passed on"

# What was denied is told, as far as anybody knows, and what probably was.
cat > attempts.sh <<'EOT'
echo x > made && mv made moved && rm moved && cat < /dev/null > /dev/null &&
	mkdir -p dir sub && ls /usr/lib > /dev/null || echo ordinary failed
python3 -c '
import os, socket
def attempt(fn, *args):
    try: fn(*args)
    except OSError as e: return e.errno
print(attempt(os.chroot, "/usr"), attempt(socket.socket, 40, 1),
      attempt(os.chmod, "f", 0o4755))
attempt(socket.create_connection, ("192.0.2.1", 80))
h = os.open("/etc/passwd", os.O_RDONLY)
attempt(os.fchmod, h, 0o777); attempt(os.chmod, "/etc/passwd", 0o777)
attempt(os.setxattr, h, "user.x", b"x"); attempt(os.utime, h)'
echo x > /etc/cordon-no; echo x > ../other/f; rm /etc/passwd
mv f ../other/no; mkdir -p /usr/lib; touch /usr; cat "$HOME/.ssh/id"
echo x > .git/hooks/no
EOT
touch f
# tells TIER DENIED GUESSED: extended regular expressions of the lists
tells() {
	local got
	got=$(box --tier "$1" --json -- sh attempts.sh 2>&1)
	like "$got" '^97|[0-9]+ 97 1$' "tier $1: what is told is refused as ever"
	like "$got" "\"denied\":\\[$2\\]" "tier $1: --json tells what is known"
	like "$got" "\"guessed\":\\[$3\\]" "tier $1: and what is a guess"
	is "$(printf %s "$got" | grep -c 'ordinary failed')" 0 \
		"tier $1: what is permitted still is"
	like "$(box --tier "$1" --json -- sh -c 'echo x > f; cat f; ls / | wc -l
		test -w f; chmod 400 f; chmod 600 f' 2>&1)" \
		'"denied":\[\],"guessed":\[\]' \
		"tier $1: where nothing was denied, nothing"
}
perm='Operation not permitted' acc='Permission denied'
ro='Read-only file system' pw=/etc/passwd
family='"socket family 40 type 1: [^"]*"'
tells full "\"chroot: $perm\",$family,\"chmod f: $perm\",\
\"network: no way out, 1 times\"" "\"connect 192.0.2.1 port 80: [^\"]*\",\
\"fchmod $pw: $ro\",\"chmod $pw: $ro\",\"fsetxattr $pw: $ro\",\
\"utimensat $pw: $ro\",\
\"openat /etc/cordon-no: $ro\",\"openat $base/other/f: $ro\",\
\"unlinkat /etc/passwd: $ro\",\"renameat2? $base/other/no: $ro\",\
\"utimensat /usr: $ro\",\"openat $HOME/.ssh/id: No such file or directory\",\
\"openat $PWD/.git/hooks/no: $ro\""
tells lsm "\"chroot: $perm\",$family,\"chmod $PWD/f: $perm\",\
\"connect 192.0.2.1 port 80: $acc\",\
\"fchmod $pw: $perm\",\"chmod $pw: $perm\",\
\"fsetxattr $pw: $perm\",\"utimensat $pw: $perm\",\"utimensat /usr: $perm\"" \
	"\"openat /etc/cordon-no: $acc\",\"openat $base/other/f: $acc\",\
\"unlinkat /etc/passwd: $acc\",\"renameat2? $base/other/no: $acc\",\
\"openat $HOME/.ssh/id: $acc\""
# What was written where it may be does not hide what is refused beside it.
cat > beside.sh <<'EOT'
echo x > g; echo x > g; ln -s /etc/passwd dir/l; echo > dir/a; echo > dir/b
mv dir/a dir/c; mkdir dir/d; rmdir dir/d/; echo > dir/l
(cd /usr; echo > no-2); mv g /usr/no-3; echo > dir/c; rm dir/c
echo > .git/hooks/no-4; mkdir /usr/no-5/
exec sh -c 'echo > dir/b; rm dir/b; cd dir; echo > ../../no-6; cd /usr; rmdir lib/'
EOT
like "$(box --json -- sh beside.sh 2>&1)" "\"denied\":\\[\\],\"guessed\":\\[\
\"openat /etc/passwd: $ro\",\"openat /usr/no-2: $ro\",\
\"renameat2? /usr/no-3: $ro\",\
\"openat $PWD/.git/hooks/no-4: $ro\",\"mkdir(at)? /usr/no-5: $ro\",\
\"openat $base/no-6: $ro\",\"rmdir /usr/lib: $ro\"\\]" \
	"what is refused is noted beside what is not"
like "$(box --json -- true 2>&1)" '"not_told":"what is refused to' \
	"and what is not told"
like "$(box --json -- bash -c 'for i in $(seq 300); do : > /usr/no-$i; done' \
	2>&1)" '"and more"\]' \
	"more than is kept says so"
is "$(box --json -- bash -c 'trap : ALRM USR1
	(for i in $(seq 300); do kill -USR1 $$ 2> /dev/null; done) &
	for i in $(seq 300); do : < /etc/passwd || echo lost; done; wait' \
	2>&1 | grep -c lost)" 0 "a signal in the middle of the look loses nothing"

# A command line may be as long as the kernel takes it.
words=$(seq 20000)
is "$(box -- sh -c 'echo $# ${20000}' sh $words)" "20000 20000" \
	"an argv of many words"
word=$(head -c 120000 /dev/zero | tr '\0' a)
is "$(box -- sh -c 'echo ${#1}$2' sh "$word" '')" 120000 "and of a long one"

# What is recorded stands in an audit log of its own, before it starts.
for tier in full lsm; do
	box --tier "$tier" --record --env FOO=secret -- \
		sh -c 'echo x > made; exit 3' sh $words 2> err
	is "$?" 3 "tier $tier: --record gives the command's status"
	like "$(cat err)" '^audit: [0-9a-f-]{36} record 4 [0-9a-f]{64}$' \
		"tier $tier: and says where"
	log=$(find "$XDG_STATE_HOME" -name '*.jsonl' | sort | tail -n 1)
	is "$(sed 's/.*"type":"\([a-z]*\)".*/\1/' "$log" | tr '\n' ' ')" \
		"open intent result close head " "tier $tier: its records"
	like "$(sed -n 2p "$log")" "\"argv\":\\[\"sh\",\"-c\",.*\"20000\"\\],\
\"cwd\":\"$PWD\",\"env\":\\[.*\"FOO\".*\"write\":\\[.*\"$PWD\"\\]" \
		"tier $tier: what started"
	is "$(grep -c secret "$log")" 1 "tier $tier: (but in our own argv)"
	like "$(sed -n 3p "$log")" '"how":"exit","status":768,' \
		"tier $tier: how it ended"
	"$CORDON" audit verify > /dev/null 2>&1
	ok $? "tier $tier: it can be verified"
	like "$("$CORDON" audit show)" 'sandbox: sh -c .*exit 3' \
		"tier $tier: and read"
	like "$("$CORDON" audit list | head -n 1)" '  1 calls    0 refused ' \
		"tier $tier: and is counted as a call"
done
rm -f made
unshare -rm sh -c 'mkdir -p "$1" && mount -t tmpfs -o size=64k none "$1" &&
	mkdir "$1/cordon" && head -c 65536 /dev/zero > "$1/full" 2> /dev/null
	XDG_STATE_HOME=$1 "$2" sandbox --record -- touch made' sh \
	"$base/small" "$CORDON" 2> err
[ "$?" != 0 ] && [ ! -e made ]
ok $? "what cannot be recorded does not run: $(head -n 1 err)"

box -- '' 2> /dev/null
is $? 127 "a command without a name is not found"
box -- sh -c 'echo lost' > /dev/full 2> err
is "$? $(cat err)" "74 cordon: output was lost: No space left on device" \
	"what cannot be written where it leads is not lost in silence"
# A cell holds no other, and says so; what runs in it is held already.
for tier in full lsm; do
	box --tier "$tier" --read "${CORDON%/*}" -- \
		"$CORDON" sandbox -- echo ran > out 2>&1
	is "$? $(grep -c 'no sandbox: openat2.* within another cell' out)" \
		"69 1" "tier $tier: one within it is refused"
done

# What the caller closed is closed.
timeout 60 "$CORDON" sandbox -- cat <&- 2> /dev/null
is $? 0 "a standard input that is closed is empty"
timeout 60 "$CORDON" sandbox -- sh -c 'echo lost; echo said >&2' >&- 2> said
is "$(cat said | grep -c said)" 1 "nor a standard output be written"

# A policy takes away.
cat > "$base/policy.toml" <<EOP
version = 1
[defaults]
net = "none"
[[rule]]
id = "no-other"
effect = "forbid"
reason = "private"
read = ["$base/other/**"]
[[rule]]
id = "no-dir"
effect = "forbid"
reason = "kept"
write = ["./dir/**"]
EOP
got=$(box --policy "$base/policy.toml" --net -- sh -c 'cat ../other/f
	echo x > dir/f; echo x > here; readlink /proc/self/ns/net' 2> /dev/null)
[ "$got" != "$ns" ] && [ ! -e dir/f ] && [ -e here ] &&
	! printf %s "$got" | grep -q x
ok $? "--policy hides, protects and shuts"
like "$(box --policy "$base/policy.toml" --net --explain -- true)" \
	'network +a loopback' "and --explain knows"
echo 'version = 9' > "$base/bad.toml"
box --policy "$base/bad.toml" -- true 2> /dev/null
is $? 78 "a policy that cannot be read is none"
done_testing
