#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the interactive front on a terminal of its own.

usage: ui.py BUILD

tests/bin/stage plays its peers.  Each line is a figure, the limit that the
project has set itself, and whether it holds; exit 1 if one does not.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

STREAM = 20 << 20
FILES = 100000
KEYS = 300
failed = 0


def figure(name, value, limit, unit):
    global failed
    ok = value <= limit
    failed += not ok
    print("%-34s %10.2f %-8s limit %g  %s"
          % (name, value, unit, limit, "ok" if ok else "NOT MET"))


class Front:
    """A front on a pty of 120 x 40, its peers following a script."""

    def __init__(self, build, script):
        self.dir = tempfile.mkdtemp(prefix="cordon-bench-")
        path = os.path.join(self.dir, "script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(script)
        self.log = os.path.join(self.dir, "log")
        env = dict(os.environ, CORDON_BUILD=build, TERM="xterm-256color")
        self.start = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", 40, 120, 0, 0))
            os.execve(os.path.join(build, "tests/bin/stage"),
                      ["stage", path, self.log, "model=bench"], env)
        self.seen = 0

    def read(self, timeout):
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return b""
        self.seen += len(data)
        return data

    def until(self, text, timeout=30):
        end = time.perf_counter() + timeout
        data = b""
        while text not in data:
            if time.perf_counter() > end:
                sys.exit("bench: never seen: %r" % text)
            data = data[-100:] + self.read(1)

    def front(self):
        with open("/proc/%d/task/%d/children" % (self.pid, self.pid),
                  encoding="ascii") as f:
            return int(f.read().split()[0])

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)
        shutil.rmtree(self.dir)


def cpu(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        v = f.read().rsplit(") ", 1)[1].split()
    return (int(v[11]) + int(v[12])) / os.sysconf("SC_CLK_TCK")


def status(pid, key):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return int(re.search(key + r":\s+(\d+)", f.read()).group(1))


def wakeups(pid):
    return status(pid, "voluntary_ctxt_switches")


def bench_start(build):
    best = 1e9
    for _ in range(5):
        f = Front(build, "wait exiting\n")
        f.until(b"for commands")
        best = min(best, time.perf_counter() - f.start)
        f.close()
    figure("first paint after exec", best * 1000, 30, "ms")


def bench_keys(build):
    turns = "".join("text %d Turn %d says *something* short.\\n\\n\n"
                    "item %d 0 x\n" % (i, i, i) for i in range(1, 1001))
    f = Front(build, "wait prompt\nturn start\n" + turns +
              "text 2000 The end.\\n\\n\nturn done\nwait exiting\n")
    f.until(b"for commands")
    os.write(f.fd, b"go\r")
    f.until(b"The end")
    time.sleep(0.5)
    while f.read(0.2):
        pass
    times = []
    for i in range(KEYS):
        key = b"abcdefghij"[i % 10:i % 10 + 1]
        at = time.perf_counter()
        os.write(f.fd, key)
        while key not in f.read(1):
            pass
        times.append(time.perf_counter() - at)
    times.sort()
    figure("key to echo, p99, 1000 turns back", times[int(KEYS * 0.99)] * 1000,
           5, "ms")
    while f.read(0.2):
        pass
    time.sleep(1)
    before = wakeups(f.front())
    time.sleep(3)
    figure("wake-ups while idle", wakeups(f.front()) - before, 0, "in 3 s")
    f.close()


def bench_stream(build):
    f = Front(build, "wait prompt\nturn start\nflood %d 210\n"
              "text 9 The very end.\\n\\n\nturn done\nwait exiting\n" % STREAM)
    f.until(b"for commands")
    os.write(f.fd, b"go\r")
    pid = f.front()
    before, seen, at = cpu(pid), f.seen, time.perf_counter()
    f.until(b"The very end", 120)
    wall = time.perf_counter() - at
    figure("20 MB in 100,000 pieces, cpu", cpu(pid) - before, 1, "s")
    figure("  peak memory (VmHWM)", status(pid, "VmHWM") / 1024, 12, "MiB")
    figure("  bytes written for a byte", (f.seen - seen) / STREAM, 1.5, "")
    print("%-34s %10.2f s" % ("  wall clock, with this reader", wall))
    f.close()


def bench_names(build):
    """What an @ lists; its process time, since the cell starts it."""
    with tempfile.TemporaryDirectory(prefix="cordon-bench-") as top:
        os.mkdir(os.path.join(top, ".git"))
        for i in range(FILES):
            if i % 400 == 0:
                folder = os.path.join(top, "folder-%d" % (i // 400))
                os.mkdir(folder)
            open(os.path.join(folder, "file-%d.c" % i), "w").close()
        best = 1e9
        for _ in range(3):
            tool = subprocess.Popen([os.path.join(build, "cordon-tool"),
                                     "files"], cwd=top,
                                    stdout=subprocess.PIPE)
            names = tool.stdout.read().count(b"\n")
            tool.stdout.close()
            _, status, used = os.wait4(tool.pid, 0)
            if status != 0 or names != FILES:
                sys.exit("bench: %d names, status %d" % (names, status))
            best = min(best, used.ru_utime + used.ru_stime)
    figure("100,000 file names, cpu", best * 1000, 100, "ms")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = os.path.abspath(sys.argv[1])
    bench_start(build)
    bench_keys(build)
    bench_stream(build)
    bench_names(build)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
