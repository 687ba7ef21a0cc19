#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Ordinary work, to be run in a cell: prints "good NAME", "none NAME: TOOL" or
# "bad NAME: OUTPUT" for each task.  With an argument, that of the tier: what
# only the full one promises (cordon-sandbox(7)) is left out in the other.
tier=${1:?}
top=$PWD
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a \
	GIT_COMMITTER_EMAIL=a@b

# task NAME "TOOL ...": a script on standard input, in a folder of its own
task() {
	local tool script out
	script=$(cat)
	for tool in $2; do
		command -v "$tool" > /dev/null ||
			{ echo "none $1: $tool" && return; }
	done
	mkdir -p "$top/t/$1"
	cd "$top/t/$1" || exit 1
	if out=$(timeout 120 bash -euo pipefail -c "$script" 2>&1 < /dev/null)
	then
		echo "good $1"
	else
		echo "bad $1: $(printf %s "$out" | tail -3 | tr '\n' '|')"
	fi
}
full() { [ "$tier" != full ] || task "$@"; }
python() { task "$1" python3 < <(echo "cat > t.py <<'EOP'"; cat
	printf 'EOP\npython3 t.py\n'); }

task compile gcc <<'T'
printf '#include <stdio.h>\nint main(void){return puts("x") < 0;}\n' > a.c
gcc -O1 -g -o a a.c && [ "$(./a)" = x ]
T
task make "make gcc ar" <<'T'
printf 'int f(void){return 3;}\n' > f.c; printf 'int g(void){return 3;}\n' > g.c
printf 'int f(void);int g(void);int main(void){return f()-g();}\n' > m.c
printf 'm: m.o lib.a\n\tgcc -o $@ m.o lib.a\nlib.a: f.o g.o\n\tar cr $@ f.o g.o\n' \
	> Makefile
make -s -j2 && ./m
T
task ccache "ccache gcc" <<'T'
echo 'int x;' > a.c; ccache gcc -c a.c; ccache gcc -c a.c
T
task cmake cmake <<'T'
printf 'cmake_minimum_required(VERSION 3.5)\nproject(p NONE)\n' > CMakeLists.txt
echo 'file(WRITE o x)' >> CMakeLists.txt; cmake . > /dev/null && [ -e o ]
T
task autoconf "autoconf m4" <<'T'
printf 'AC_INIT([a],[1])\nAC_OUTPUT\n' > configure.ac; autoconf && ./configure
T
task gdb "gdb gcc" <<'T'
printf 'int main(void){return 7;}\n' > a.c; gcc -g -o a a.c
gdb -q -batch -ex 'break main' -ex run -ex 'print 40+2' -ex cont ./a |
	grep -q '= 42'
T
task strace strace <<'T'
strace -f -o log sh -c 'true; /bin/true' && grep -q execve log
T
task git-commit git <<'T'
cd "$(git rev-parse --show-toplevel)"
echo x > new; git add new; git commit -qm new; git rm -q new; git commit -qm gone
[ -z "$(git status --porcelain -uno)" ]
T
task git-init git <<'T'
git init -q r; cd r; for i in 1 2 3; do echo $i > $i; git add .
git commit -qm $i; done; git checkout -qb other HEAD~2; echo y > y; git add y
git commit -qm y; git rebase -q master; git log --oneline | wc -l | grep -qx 4
git stash list; git gc -q; git fsck 2> /dev/null
T
task git-worktree git <<'T'
git init -q r; cd r; git commit -q --allow-empty -m x; git worktree add -q ../w
cd ../w; echo z > z; git add z; git commit -qm z; cd ../r; git merge -q w
[ -e z ]; git worktree remove ../w
T
task git-clone git <<'T'
git init -q r; git -C r commit -q --allow-empty -m x; git clone -q r c
git -C c commit -q --allow-empty -m y; git -C c push -q origin HEAD:refs/heads/n
git -C r rev-parse -q --verify n
T
python python-sqlite <<'T'
import sqlite3
c = sqlite3.connect("d"); c.execute("pragma journal_mode=wal")
c.execute("create table t(a)"); c.execute("insert into t values(1)"); c.commit()
T
python multiprocessing <<'T'
import multiprocessing as mp
if __name__ == "__main__":
    with mp.Pool(2) as p: assert p.map(abs, [-1, 2]) == [1, 2]
    q = mp.Queue(); q.put(3); assert q.get() == 3
T
python shared-memory <<'T'
from multiprocessing import shared_memory
m = shared_memory.SharedMemory(create=True, size=4096); m.buf[0] = 1
m.close(); m.unlink()
T
python threads-asyncio <<'T'
import asyncio, threading
t = [threading.Thread(target=lambda: None) for _ in range(50)]
[x.start() for x in t]; [x.join() for x in t]
async def m():
    p = await asyncio.create_subprocess_exec("echo", "x", stdout=-1)
    assert (await p.communicate())[0] == b"x\n"
    s = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    r, w = await asyncio.open_connection(*s.sockets[0].getsockname())
    assert await r.read() == b""
asyncio.run(m())
T
python descriptors <<'T'
import ctypes, mmap, os, select, signal, socket, tempfile
l = ctypes.CDLL(None)
e = select.epoll(); f = l.eventfd(1, 0); e.register(f); assert e.poll(1)
assert l.timerfd_create(1, 0) > 0 and os.pidfd_open(os.getpid()) > 0
m = os.memfd_create("x"); os.write(m, b"#!/bin/sh\nexit 3\n")
a, b = socket.socketpair(); a.send(b"x"); assert b.recv(1) == b"x"
socket.send_fds(a, [b"y"], [m]); assert socket.recv_fds(b, 1, 1)[1]
with open("f", "wb+") as g:
    g.truncate(8192); os.posix_fallocate(g.fileno(), 0, 8192)
    x = mmap.mmap(g.fileno(), 8192); x[0] = 1; x.flush()
    fd = os.open("c", os.O_CREAT | os.O_RDWR)
    assert os.copy_file_range(g.fileno(), fd, 4096, 0, 0) == 4096
    os.sendfile(fd, g.fileno(), 0, 4096)
t = os.open(".", os.O_TMPFILE | os.O_RDWR)
assert l.linkat(-100, b"/proc/self/fd/%d" % t, -100, b"linked", 0x400) == 0
with tempfile.TemporaryDirectory() as d: open(d + "/x", "w").close()
T
python unix-sockets <<'T'
import os, socket
for at in "s", "\0cordon-ordinary-%d" % os.getpid():
    s = socket.socket(socket.AF_UNIX); s.bind(at); s.listen()
    c = socket.socket(socket.AF_UNIX); c.connect(at); s.accept()
T
python loopback <<'T'
import socket
for h in "127.0.0.1", "::1":
    f = socket.AF_INET6 if ":" in h else socket.AF_INET
    s = socket.create_server((h, 0), family=f)
    c = socket.create_connection(s.getsockname()[:2]); s.accept()[0].send(b"x")
    assert c.recv(1) == b"x"
T
python inotify <<'T'
import ctypes, os
l = ctypes.CDLL(None); fd = l.inotify_init()
assert l.inotify_add_watch(fd, b".", 0x100) > 0; open("n", "w").close()
assert os.read(fd, 99)
T
python terminal <<'T'
import os, pty
pid, fd = pty.fork()
if pid == 0: os.execlp("tty", "tty")
assert os.read(fd, 99).startswith(b"/dev/pts/"); os.waitpid(pid, 0)
T
task python-unittest python3 <<'T'
printf 'import unittest\nclass T(unittest.TestCase):\n def test(self): pass\n' > test_a.py
python3 -m unittest -q
T
task python-venv python3 <<'T'
python3 -m venv --without-pip v; ./v/bin/python -c 'import sys; sys.exit(0)'
T
task http "python3 curl" <<'T'
echo hello > f; exec 3< <(exec python3 -u -m http.server 0 --bind 127.0.0.1 2>&1)
read -r -u 3 line; port=$(expr "$line" : '.* port \([0-9]*\)')
curl -s "http://localhost:$port/f" | grep -q hello
T
full udp python3 <<'T'
python3 -c 'import socket as s
a = s.socket(type=s.SOCK_DGRAM); a.bind(("127.0.0.1", 0)); a.settimeout(60)
s.socket(type=s.SOCK_DGRAM).sendto(b"x", a.getsockname()); a.recv(1)
a, b = s.socketpair(type=s.SOCK_DGRAM); a.send(b"x"); b.recv(1)'
T
full system-v "ipcmk ipcrm" <<'T'
ipcmk -M 4096; [ "$(ipcs -m | grep -cw 4096)" = 1 ]; ipcmk -S 1; ipcmk -Q
T
full home "mkdir" <<'T'
mkdir -p ~/.cache/x ~/.local/y; echo z > ~/.local/y/z; ls ~ / /tmp
T
task caches mkdir <<'T'
d=${XDG_CACHE_HOME:-$HOME/.cache}/tool; mkdir -p "$d"; echo x > "$d/x"
T
task node-worker node <<'T'
node -e 'const w = require("worker_threads"), c = require("child_process");
new w.Worker("require(\"worker_threads\").parentPort.postMessage(1)",
	{eval: true}).on("message", m => { if (c.execSync("echo 2") != "2\n")
	process.exit(1) })'
T
task node-server node <<'T'
node -e 'const h = require("http"); const s = h.createServer((q, r) =>
	r.end("x")).listen(0, () => h.get({port: s.address().port}, r =>
	process.exit(r.statusCode == 200 ? 0 : 1)))'
T
task npm "npm node" <<'T'
echo '{"name":"a","scripts":{"t":"node -p 1"}}' > package.json
npm run -s --offline t | grep -qx 1
T
task perl perl <<'T'
perl -e 'pipe R, W; if (!fork) { print W "x"; exit } close W; exit(<R> ne "x")'
T
task ruby ruby <<'T'
ruby -e 'exit(Thread.new { `echo x` }.value == "x\n")'
T
task java java <<'T'
java -Xshare:auto -XX:+UseSerialGC -version
T
task sqlite sqlite3 <<'T'
sqlite3 d 'create table t(a); insert into t values(1); select * from t' | grep -q 1
T
task editor vim <<'T'
echo a > f; vim -es -u NONE -c '%s/a/b/' -c wq f; grep -q b f
T
task sort sort <<'T'
seq 200000 | shuf > n; sort -n -S 1M -T "$TMPDIR" n | tail -1 | grep -qx 200000
T
task tar "tar gzip xz" <<'T'
mkdir -p d/e; echo x > d/e/f; chmod 750 d/e; ln -s f d/e/l; ln d/e/f d/e/h
tar czf a.tgz d; mkdir o; tar xpzf a.tgz -C o; [ "$(stat -c %a o/d/e)" = 750 ]
cp -a d copy; diff -r d copy; xz -k a.tgz; xz -t a.tgz.xz
T
task zip "zip unzip" <<'T'
echo x > f; zip -q a.zip f; rm f; unzip -q a.zip; [ -e f ]
T
task patch "patch diff" <<'T'
echo a > f; echo b > g; diff -u f g > p || true; patch -s f p; cmp f g
T
task files stat <<'T'
mkdir a b; echo x > a/f; mv a/f b/f; ln b/f a/h; mv b a/c; ln -s c/f a/s
[ "$(cat a/s)" = x ]; mkfifo p; echo y > p & read -r y < p; [ "$y" = y ]
truncate -s 4G big; [ "$(stat -c %s big)" = 4294967296 ]
touch -d 2001-02-03 a/h; chmod 640 a/h; printf '#!/usr/bin/env bash\nexit 5\n' > x
chmod +x x; r=0; ./x || r=$?; [ $r = 5 ]; sed -i s/x/z/ a/h; install -m 600 a/h i
mkdir $'new\nline' $'ü\xff'; rm -r a; find . -type f -delete
T
task many xargs <<'T'
seq 500 | xargs touch; ls | wc -l; find . -name '1*' -exec true {} +; rm -rf ./*
d=$(printf '%0.sdddddddddddddddddddd/' $(seq 60)); mkdir -p "$d"; rm -rf ./*
T
task attributes "setfattr getfattr" <<'T'
echo x > f; setfattr -n user.a -v b f; getfattr -n user.a f | grep -q b
setfattr -x user.a f; chgrp "$(id -g)" f; chown "$(id -u)" f
T
task locks flock <<'T'
exec 9> l; flock 9; ! flock -n l true; python3 -c '
import fcntl; f = open("m", "w"); fcntl.lockf(f, fcntl.LOCK_EX)'
T
task shm dd <<'T'
dd if=/dev/urandom of=/dev/shm/ordinary bs=1k count=8 2> /dev/null
rm /dev/shm/ordinary; echo x > /dev/null; ! echo x > /dev/full
T
task job-control "bash script" <<'T'
script -qec "bash -ic 'sleep 50 & kill -STOP %1; kill %1; kill -CONT %1; wait; jobs; : < /dev/tty'" o
T
task tmux tmux <<'T'
tmux -L o -f /dev/null new-session -d 'echo x > done; sleep 99'
until [ -e done ]; do sleep 0.02; done; tmux -L o kill-server
T
task processes "nohup setsid timeout renice taskset ps" <<'T'
nohup true; setsid -w true; r=0; timeout 0.1 sleep 9 || r=$?; [ $r = 124 ]
sleep 99 & renice 19 $! > /dev/null; taskset -p $! > /dev/null; kill $!
taskset -c 0 nice true; ps -o pid= | wc -l; trap 'echo t > t' USR1; kill -USR1 $$
[ -e t ]; ulimit -n 64; cat <(echo a) <(echo b) | wc -l
T
task proc nproc <<'T'
nproc; grep -q MemTotal /proc/meminfo; cat /proc/self/maps /proc/self/status \
	/proc/sys/kernel/ostype > /dev/null; [ "$(readlink /proc/self/cwd)" = "$PWD" ]
T
task here-document cat <<'T'
x=$(seq 20000); cat <<< "$x" | tail -1 | grep -qx 20000
T
task locale "locale date getent" <<'T'
locale > /dev/null; [ "$(TZ=UTC-3 date -d @0 +%H)" = 03 ]; getent passwd root
getent hosts localhost; id; whoami; hostname
T
task openssl openssl <<'T'
openssl rand -hex 8; echo x | openssl dgst -sha256
T
