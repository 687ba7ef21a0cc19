#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each attempt to get out of a cell, first as it is and then confined.

usage: escape.py STAGE ATTEMPT COMMAND...

STAGE is a folder of the caller's.  ATTEMPT is the helper of that name, and
COMMAND what confines it: "ATTEMPT NAME" is put behind it, and in it @HIDDEN@
stands for a folder that the command is to hide.  What came of an attempt is
looked at from outside.  Prints a line an attempt: its family and name, then
what came of it unconfined and confined ("out" or "in", or what else went
wrong).
"""
import contextlib
import ctypes
import fcntl
import os
import pty
import random
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# What the person's tools would obey in a repository of git, and beside it.
OBEYED = [".git/config", ".git/config.worktree", ".git/hooks",
          ".git/info/attributes", ".git/commondir", ".vscode", ".idea",
          ".devcontainer", ".vim", ".exrc", ".envrc", ".bashrc", ".mcp.json",
          "opencode.json", ".claude", ".codex", ".cursor", ".cordon",
          ".gitmodules", "bare.git/hooks", "bare.git/config"]
OBEYED_BELOW = [".git/hooks", ".git/config"]
DONE = (0, 1, 128 + signal.SIGSYS, -signal.SIGSYS)
LIMITED = 128 + signal.SIGKILL  # the status of what is ended at a limit
KEYCTL_JOIN_SESSION, SYS_ADD_KEY, SYS_KEYCTL, OF_SESSION = 1, 248, 250, -3
# Its parent has its environment, as a launcher has.
UNCONFINED = ["sh", "-c", '"$@"; exit "$?"', "sh"]
LATER = 0.05  # until another process has shown what it got


def silently(*argv, **more):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=20, **more)


class Terminal:
    """What the person sits at; it typed a secret that nobody read yet."""
    TYPED = b"S3CRET-typed\n"

    def __init__(self):
        self.person, self.line = pty.openpty()
        self.name = os.ttyname(self.line)
        self.modes = termios.tcgetattr(self.line)
        self.modes[3] &= ~termios.ECHO
        os.set_blocking(self.person, False)

    def waiting(self):
        n = fcntl.ioctl(self.line, termios.FIONREAD, struct.pack("i", 0))
        return struct.unpack("i", n)[0]

    def shown(self):
        try:
            return os.read(self.person, 4096)
        except BlockingIOError:
            return b""

    def fresh(self):
        termios.tcsetattr(self.line, termios.TCSANOW, self.modes)
        termios.tcflush(self.line, termios.TCIFLUSH)
        fcntl.ioctl(self.line, termios.TIOCSWINSZ,
                    struct.pack("4H", 24, 80, 0, 0))
        os.write(self.person, self.TYPED)
        while self.waiting() != len(self.TYPED):
            time.sleep(0.0005)
        self.shown()

    def take(self):
        """In the child: its own session, and this as the terminal of it."""
        os.setsid()
        fcntl.ioctl(self.line, termios.TIOCSCTTY, 0)

    def state(self):
        return [termios.tcgetattr(self.line), self.waiting(), self.shown(),
                fcntl.ioctl(self.line, termios.TIOCGWINSZ, b"\0" * 8)]


def tree(path):
    """All beneath path and itself, as lines that any change changes."""
    try:
        st = os.lstat(path)
    except OSError:
        return []
    lines = [(path, st.st_mode, st.st_uid, st.st_gid, st.st_nlink,
              st.st_size, st.st_mtime_ns)]
    if stat.S_ISDIR(st.st_mode):
        for name in sorted(os.listdir(path)):
            if ".cordon-refused." not in name:
                lines += tree(os.path.join(path, name))
        # What was made and undone again has touched the folder itself.
        lines[0] = lines[0][:4]
    elif stat.S_ISREG(st.st_mode):
        lines[0] += tuple(os.listxattr(path))
    return lines


class Stage:
    """What stands outside, and a folder to work in."""

    def __init__(self, base):
        self.base = base
        self.key = random.randrange(1 << 20, 1 << 30)
        self.shm = f"/dev/shm/cordon-test-{self.key}"
        self.victim = None
        self.pristine = None
        self.asked = 0
        at = self.at
        for name in ("hidden", "net", "model/out/empty", "model/home/.ssh",
                     "model/home/.config", "model/work"):
            os.makedirs(at(name))
        for name, text in (("hidden/key", "S3CRET-hidden"),
                           ("hidden/secret", "S3CRET-hidden"),
                           ("model/out/canary", "canary"),
                           ("model/home/.ssh/id", "S3CRET-home"),
                           ("model/home/.bashrc", ":"),
                           (self.shm, "S3CRET-shm")):
            with open(at(name), "w", encoding="ascii") as f:
                f.write(text + "\n")
        for repo in ([at("model/work")], [at("model/work/sub")],
                     ["--bare", at("model/work/bare.git")]):
            silently("git", "init", "-q", *repo)
        self.env = dict(
            os.environ, OUT=at("out"), WORK=at("work"), HOME=at("home"),
            HIDDEN=at("hidden/key"), SOCK=at("net/sock"),
            ABSTRACT=f"cordon-test-{self.key}", SHMID=str(self.key),
            XDG_CONFIG_HOME=at("home/.config"), XDG_STATE_HOME=at("state"),
            API_TOKEN="S3CRET-token")
        self.terminal = Terminal()
        self.env["TTY"] = self.terminal.name
        self.keep_key()
        self.secret = os.open(self.env["HIDDEN"], os.O_RDONLY)
        self.outside = subprocess.Popen(
            ["python3", os.path.join(HERE, "outside.py"), at("net"),
             self.env["ABSTRACT"], str(self.key)],
            stdin=subprocess.DEVNULL)
        self.env["PORT"] = self.port()

    def at(self, name):
        return os.path.join(self.base, name)

    def keep_key(self):
        """A secret in the keyring of the session that all run in."""
        libc = ctypes.CDLL(None)
        text = b"S3CRET-key"
        libc.syscall(SYS_KEYCTL, KEYCTL_JOIN_SESSION, None)
        libc.syscall(SYS_ADD_KEY, b"user", self.env["ABSTRACT"].encode(),
                     text, len(text), OF_SESSION)

    def port(self):
        for _ in range(200):
            if os.path.exists(self.at("net/port")):
                with open(self.at("net/port"), encoding="ascii") as f:
                    return f.read()
            time.sleep(0.05)
        sys.exit("escape: nothing listens outside")

    def heard(self):
        """What came to the listeners outside, but our own words."""
        try:
            with open(self.at("net/heard"), "rb") as f:
                return [line for line in f.read().splitlines()
                        if not line.startswith(b"asked-")]
        except OSError:
            return []

    def all_heard(self):
        """Waits until they have written down what came before: they take one
        after the other, and in any order what is there at once."""
        for _ in range(2):
            self.asked += 1
            word = b"asked-%d\n" % self.asked
            with socket.create_connection(
                    ("127.0.0.1", int(self.env["PORT"]))) as s:
                s.send(word[:-1])
            for _ in range(30000):
                with contextlib.suppress(OSError), \
                        open(self.at("net/heard"), "rb") as f:
                    if word in f.read():
                        break
                time.sleep(0.001)

    def fini(self):
        for process in (self.outside, self.victim):
            if process is not None:
                process.terminate()
                process.wait()
        os.unlink(self.shm)

    def fresh(self):
        """The folders as they were, and a victim that nothing touched."""
        if self.pristine is None or self.all() != self.pristine:
            for name in ("out", "work", "home"):
                shutil.rmtree(self.at(name), ignore_errors=True)
                shutil.copytree(self.at("model/" + name), self.at(name))
            os.mkfifo(self.at("out/fifo"))
            self.pristine = self.all()
        self.all_heard()  # or what comes late would count for the next
        for path in (self.at("net/heard"), "/tmp/" + self.env["ABSTRACT"]):
            if os.path.lexists(path):
                os.unlink(path)
        if self.victim is not None:
            self.victim.kill()
            self.victim.wait()
        self.victim = subprocess.Popen(
            ["sleep", "1000"], cwd=self.at("hidden"), start_new_session=True,
            env=dict(os.environ, LEAKED="S3CRET-environ"),
            stdin=self.secret, stdout=subprocess.DEVNULL)
        self.env["VICTIM"] = str(self.victim.pid)
        self.terminal.fresh()

    def all(self):
        return [tree(self.at(name)) for name in ("out", "work", "home")]

    def state(self):
        """What an attempt must not change."""
        lines = tree(self.at("out")) + tree(self.at("home"))
        for name in OBEYED:
            lines += tree(self.at("work/" + name))
        lines += self.below()
        lines.append(os.path.islink(self.at("work/.git")))
        try:
            with open(self.at("out/canary"), "rb") as f:
                lines.append(f.read())
        except OSError:
            lines.append(None)
        lines.append(self.heard())
        lines.append(os.path.lexists("/tmp/" + self.env["ABSTRACT"]))
        lines.append(os.path.getsize(self.shm))
        lines += self.terminal.state()
        lines.append(self.victim.poll())
        return lines

    def below(self):
        """The repository below: it may be moved, with all its protection,
        and another made in its place, with nothing that git obeys."""
        sub, moved = self.at("work/sub/"), self.at("work/sub2/")
        lines = []
        for name in OBEYED_BELOW:
            here, there = tree(sub + name), tree(moved + name)
            if there:
                lines += [(sub + line[0][len(moved):], *line[1:])
                          for line in there]
                here = [line for line in here if not stat.S_ISDIR(line[1])]
            lines += here
        return lines

    def beats(self):
        """Whether something goes on that should have ended."""
        path = self.at("work/beats")
        if not os.path.exists(path):
            return False
        size = os.path.getsize(path)
        time.sleep(0.3)
        return os.path.getsize(path) != size

    def judge(self, command, name, shows):
        before = self.state()
        try:
            run = silently(*command, name, env=self.env,
                           pass_fds=[self.secret], cwd=self.at("work"),
                           preexec_fn=self.terminal.take)
        except subprocess.TimeoutExpired:
            return "out of time"
        if shows == "later":
            time.sleep(LATER)
        self.all_heard()
        if shows == "limit" and run.returncode == LIMITED:
            return "in"
        if run.returncode not in DONE:
            return f"status {run.returncode}"
        if b"S3CRET" in run.stdout and shows == "leak":
            return "out"
        if shows in ("exit", "limit") and run.returncode == 0:
            return "out"
        return "out" if self.state() != before or self.beats() else "in"

    def stop_beats(self):
        try:
            with open(self.at("work/pid"), encoding="ascii") as f:
                os.kill(int(f.read()), signal.SIGKILL)
        except (OSError, ValueError):
            pass


def main():
    stage = Stage(sys.argv[1])
    free = sys.argv[2:3]
    held = [a.replace("@HIDDEN@", stage.at("hidden"))
            for a in sys.argv[3:]] + free
    try:
        # A command that starts nothing would contain everything.
        stage.fresh()
        run = silently(*held, "control", env=stage.env, cwd=stage.at("work"))
        with open(stage.at("work/control"), "rb") as f:
            if run.returncode != 0 or f.read() != b"x":
                raise OSError(f"status {run.returncode}")
        for row in silently(*free, "-l").stdout.decode().splitlines():
            family, name, shows = row.split("\t")
            stage.fresh()
            first = stage.judge(UNCONFINED + free, name, shows)
            stage.stop_beats()
            stage.fresh()
            print(family, name, first, stage.judge(held, name, shows),
                  sep="\t", flush=True)
    except OSError as e:
        sys.exit(f"escape: the attempts do not run confined: {e}")
    finally:
        stage.fini()


if __name__ == "__main__":
    main()
