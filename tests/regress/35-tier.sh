#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Tier lsm: what commands are held by where there are no user namespaces; as
# root and as an ordinary user.  It is never silent, and it can be refused.
. "$(dirname "$0")/lib.sh"

if [ "${1:-}" != --as ]; then
	. "$(dirname "$0")/users.sh"
	users_stage "$CORDON_BUILD/tests/bin/nouserns"
	users_both lsm
	done_testing
	exit
fi

bin=$CORDON_BUILD
cordon=$bin/cordon
bare() { "$bin/nouserns" "$@"; }
lsm() { "$cordon" sandbox --tier lsm "$@" < /dev/null; }
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' \
	"$1"; }
work=$tap_dir/work out=$tap_dir/out
mkdir -p "$work" "$out"
cd "$work" || exit 1

# Chosen where nothing better is there, and said.
got=$(bare "$cordon" sandbox --json -- sh -c 'echo ran > ran' 2>&1)
is "$(printf %s "$got" | field tier)" lsm "without namespaces it is tier lsm"
is "$(cat ran)" ran "and commands run"
like "$(bare "$cordon" sandbox -- true 2>&1)" 'tier lsm only: user namespaces' \
	"the person is told, with the reason"
for option in --require-tier --tier; do
	bare "$cordon" sandbox "$option" full -- true 2> err
	is $? 69 "$option full refuses"
	like "$(cat err)" 'user namespaces: Operation not permitted' \
		"and says what is missing"
done
like "$(bare "$cordon" sandbox --explain -- true 2>&1)" '^tier +lsm' \
	"--explain says it"
like "$(bare "$cordon" --version --json)" '"tier":"lsm"' "so does --version"
like "$("$cordon" --version --json)" '"tier":"(full|lsm)"' "in either tier"
got=$(bare "$cordon" doctor --json)
is $? 1 "doctor exits 1"
is "$(printf %s "$got" | field tier)" lsm "and names the tier"
is "$(printf %s "$got" | field self_test | grep -o "contained" | wc -l)" 5 \
	"its five escapes are contained"
like "$(printf %s "$got" | field fix)" 'seccomp' "and it says what would help"
like "$(bare -k "$cordon" sandbox --json -- cat /etc/shadow 2>&1)" \
	'"guessed":\["openat /etc/shadow: [^"]*"\]' \
	"a kernel before 5.19 tells what is denied, too"
got=$(bare -l "$cordon" doctor --json 2> /dev/null)
is "$? $(printf %s "$got" | field tier)" "69 none" \
	"without Landlock too there is no tier"
like "$(printf %s "$got" | field fix)" 'boot with landlock first in lsm=' \
	"and doctor says what would help"
for lacks in "-l:Landlock .*CONFIG_SECURITY_LANDLOCK" \
	"-s:seccomp filters .*CONFIG_SECCOMP_FILTER"; do
	bare "${lacks%%:*}" "$cordon" sandbox -- touch ran-anyway 2> err
	is "$? $(ls ran-anyway 2> /dev/null)" "69 " "nothing runs"
	like "$(cat err)" "no sandbox: .*lacks ${lacks#*:}" "which is said"
	bare "${lacks%%:*}" "$cordon" exec --skip-git-repo-check hi 2> err
	is "$? $(grep -c "${lacks#*:}" err)" "69 1" "nor does a session"
done
HOME=/nonexistent "$cordon" doctor > out
is "$? $(grep -c contained out)" "0 5" \
	"the self-test needs nothing of the person's"

# Files.
echo secret > "$out/secret"
mkdir -p "$HOME/.ssh" "$out/real"
echo S3CRET > "$out/real/key"
ln -s "$out/real" "$HOME/.aws"
echo S3CRET > "$HOME/.ssh/id"
echo seen > "$HOME/plain"
got=$(lsm -- sh -c '
	cat "$HOME/plain"; cat "$HOME/.ssh/id" "$HOME/.aws/key" "$1/real/key"
	echo x > "$1/new"; echo x > "$HOME/new"; echo x > /dev/shm/../../tmp/cordon-no
	echo own > "$TMPDIR/t" && cat "$TMPDIR/t"; dirname "$TMPDIR"
	[ -w "$XDG_CACHE_HOME" ] && echo cache; echo "$TMPDIR" > tmp' \
	sh "$out" 2> /dev/null)
is "$got" "seen
own
/tmp
cache" "the home is readable but its secrets, TMPDIR and the cache are private"
[ ! -e "$out/new" ] && [ ! -e "$HOME/new" ] && [ ! -e /tmp/cordon-no ]
ok $? "nothing else was written"
[ ! -e "$(cat tmp)" ]
ok $? "TMPDIR is gone with the command"
echo h > hidden.txt
mkdir -p d/secret
echo h > d/secret/f
echo o > d/other
got=$(lsm --hide "$work/d/secret" -- sh -c 'cat d/other d/secret/f' 2> /dev/null)
is "$got" o "what is hidden in the workspace is carved out of it"

# What Landlock does not cover.
echo x > f
chmod 644 f "$out/secret" "$HOME/plain"
got=$(lsm --json -- sh -c '
	chmod 600 f && chmod 604 "$PWD/f" && touch -d 2001-02-03 f &&
		setfattr -n user.a -v b f && chown "$(id -u)" f && echo own
	chmod 600 "$1"; touch -d 2001-02-03 "$1"; setfattr -n user.a -v b "$1"
	exec 9< "$HOME/plain"; chmod 600 /proc/self/fd/9 "$HOME/plain"
	chown 1 "$1"; chmod u+s f; true' sh "$out/secret" 2>&1)
is "$(stat -c %a f)" 604 "a command changes the modes of its own files"
is "$(date -r f +%Y)" 2001 "and their times"
is "$(stat -c %a "$HOME/plain")" 644 "not the mode of what it may only read"
is "$(stat -c %a "$out/secret")" 644 "nor of others"
[ "$(date -r "$out/secret" +%Y)" != 2001 ]
ok $? "nor their times"
like "$got" "fchmodat $out/secret: Operation not permitted" \
	"what was denied is reported"
[ ! -u f ]
ok $? "and nothing becomes set-user-ID"

# Protected names that exist are restored, others moved aside.
git init -q . 2> /dev/null
printf '#!/bin/sh\nexit 0\n' > .git/hooks/pre-push
chmod 755 .git/hooks/pre-push
mkdir .vscode
echo '{}' > .vscode/tasks.json
chmod 640 .vscode/tasks.json
before=$(find .git/config .git/hooks .vscode -printf '%p %m %s\n' | sort)
sum=$(cat .git/config .git/hooks/* .vscode/* | sha256sum)
got=$(lsm --json -- sh -c '
	git config core.pager evil; echo evil >> .git/hooks/pre-push
	echo evil > .git/hooks/post-commit; rm .vscode/tasks.json
	echo evil > .vscode/x; echo evil > .envrc; chmod 777 .git/hooks
	echo a > a; git add a' 2>&1)
is "$(find .git/config .git/hooks .vscode -not -name '*refused*' \
	-printf '%p %m %s\n' | sort)" "$before" "protected names are as they were"
is "$(cat .git/config .git/hooks/* .vscode/* | sha256sum)" "$sum" \
	"with what they held"
[ ! -e .envrc ]
ok $? "one that was not there is not there"
like "$got" "$work/.git/config: protected; restored" "each is reported"
like "$got" "$work/.git/hooks: protected; restored" "a folder as one"
git diff --cached --name-only | grep -qx a
ok $? "the index is the command's to change"
got=$(lsm --json -- sh -c 'mv .git git2 && ln -s /tmp .git' 2>&1)
[ -d .git ] && [ ! -L .git ] && [ -f .git/config ]
ok $? "a repository that was moved is moved back"
like "$got" "moved back from $work/git2" "which is reported"
git init -q sub 2> /dev/null
got=$(lsm --json -- sh -c 'mv sub sub3 && git -C sub3 config a.b c' 2>&1)
[ -d sub3/.git ] && ! grep -q 'b = c' sub3/.git/config
ok $? "one that moved along with its folder is protected there"

# The network.
python3 -c '
import socket
s = socket.create_server(("127.0.0.1", 0)); u = socket.socket(socket.AF_UNIX)
u.bind("../out/sock"); u.listen()
print(s.getsockname()[1], flush=True)
s.settimeout(600); s.accept()' > ../port &
server=$!
until_so test -s ../port
cat > net.py <<'EOP'
import os, socket, sys
def attempt(name, fn):
    try:
        fn()
        print(name, "yes")
    except OSError as e:
        print(name, "no")
def tcp(address):
    socket.create_connection(address, 2).close()
def own(host, to):
    with socket.create_server((host, 0), family=socket.AF_INET6
                              if ":" in host else socket.AF_INET,
                              dualstack_ipv6=host == "::") as s:
        tcp((to, s.getsockname()[1]))
def path(at):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(at)
def local(at):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(at)
        s.listen()
        path(at)
port, sock = int(sys.argv[1]), sys.argv[2]
def half(port):
    with socket.socket(socket.AF_INET6) as s:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(("::1", port))
        s.listen()
        tcp(("127.0.0.1", port))
attempt("own", lambda: own("127.0.0.1", "127.0.0.1"))
attempt("own-any", lambda: own("0.0.0.0", "127.0.0.1"))
attempt("own-six", lambda: own("::1", "::1"))
attempt("own-both", lambda: own("::", "127.0.0.1"))
attempt("own-path", lambda: local("s"))
attempt("own-abstract", lambda: local("\0cordon-tier-%d" % os.getpid()))
attempt("host-port", lambda: tcp(("127.0.0.1", port)))
attempt("host-any", lambda: tcp(("0.0.0.0", port)))
attempt("host-mapped", lambda: tcp(("::ffff:127.0.0.1", port)))
attempt("host-half", lambda: half(port))
attempt("host-path", lambda: path(sock))
attempt("outside", lambda: tcp(("192.0.2.1", 80)))
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
attempt("raw-unix", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_RAW))
attempt("datagram", lambda: socket.socketpair(socket.AF_UNIX,
                                              socket.SOCK_DGRAM))
attempt("elsewhere", lambda: socket.create_server(("192.0.2.1", 0)))
EOP
got=$(lsm -- python3 net.py "$(cat ../port)" "$out/sock" 2>&1)
is "$got" "own yes
own-any yes
own-six yes
own-both yes
own-path yes
own-abstract yes
host-port no
host-any no
host-mapped no
host-half no
host-path no
outside no
udp no
raw-unix no
datagram no
elsewhere no" "own servers are reached, those of others are not"
kill -0 "$server" 2> /dev/null
ok $? "which nobody reached"
kill "$server" 2> /dev/null
got=$(lsm -- sh -c 'python3 -c "
import socket, time
s = socket.create_server((\"0.0.0.0\", 0))
print(open(\"/proc/net/tcp\").read().count(\"0100007F:%04X\" % s.getsockname()[1]))"')
is "$got" 1 "a server on every address listens on the loopback"

# Processes.
echo > beats
lsm -- sh -c 'for i in 1 2 3; do
	(setsid sh -c "setsid sh -c \"while :; do echo x >> beats; sleep 0.02; done\" &" &)
	done; sleep 0.2' > /dev/null 2>&1
size=$(stat -c %s beats)
sleep 0.3
is "$(stat -c %s beats)" "$size" "nothing outlives its command"
# Each of these would go on for a quarter of an hour; how long it takes to end
# them is for 39-limits.sh to see.
got=$(timeout 300 "$cordon" sandbox --tier lsm --limit time=500ms -- \
	sh -c 'setsid sleep 999 & exec sleep 999' 2>&1 < /dev/null)
is $? 124 "the time limit is kept"
# shellcheck disable=SC2016
got=$(lsm --limit procs=100,time=300s --json -- bash -c \
	'f() { f | f & }; trap "" TERM; f; wait; sleep 999' 2>&1 | tail -1)
is "$(printf %s "$got" | field end)" process-limit "a fork bomb ends"
# dash, which restarts nothing that a signal interrupts
lsm -- dash -c 'i=0; while [ $i -lt 300 ]; do : & /bin/true; i=$((i + 1)); done
	wait' >"$tap_dir/forks" 2>&1
is "$?:$(cat "$tap_dir/forks")" "0:" "children that end do not disturb a fork"
got=$(lsm --limit mem=100M --json -- python3 -c \
	'b = bytearray(400 << 20); import time; time.sleep(999)' 2>&1 | tail -1)
is "$(printf %s "$got" | field end)" memory-limit "so does one of memory"
"$cordon" sandbox --tier lsm -- sh -c "setsid sleep 4242.$$ & echo ready > ready
	sleep 4242.$$" < /dev/null &
main=$!
until_so test -e ready
kill -9 "$main"
none_left "sleep 4242\.$$"
ok $? "nor does anything outlive Cordon when it is killed"
# Of a cell that is killed itself the folder stays until another cell of that
# account begins: the next one here, or one of a test that runs beside this.
"$cordon" sandbox --tier lsm -- sh -c 'echo "$TMPDIR" > left; : > "$TMPDIR/f"
	sleep 99' < /dev/null 2> /dev/null &
main=$!
until_so eval '[ -s left ] && [ -e "$(cat left)/f" ]'
pkill -KILL -P "$main" -f '^cordon: cell'
wait "$main"
lsm -- true
until_so test ! -e "$(cat left)"
ok $? "the folder of a cell that was killed is removed by the next"
lsm -- sh -c 'echo "$TMPDIR" > one; until [ -e two ]; do sleep 0.05; done
	[ -d "$TMPDIR" ] && echo yes > kept' &
until_so test -s one
lsm -- true
: > two
wait $!
is "$(cat kept)" yes "but not that of one that runs"
got=$(lsm -- sh -c 'kill -9 "$1"; renice 5 "$1"; echo done' sh $$ 2> /dev/null)
is "$got" "done" "other processes of the person are out of reach"
got=$(lsm -- script -qec 'tty; echo x > /dev/tty' /dev/null 2> /dev/null | tr -d '\r')
like "$got" '^/dev/pts/' "a command has terminals of its own"
done_testing
