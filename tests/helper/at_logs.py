#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Run in a cell: everything that could reach a log, tried on each path.

usage: at_logs.py REACHED PATH...

Prints to REACHED one line for each attempt that read of a log what stands
there.  What an attempt changed is seen from outside; none may end the others.
"""
import ctypes
import fcntl
import glob
import os
import shutil
import sys

libc = ctypes.CDLL(None, use_errno=True)
MS_BIND, MS_MOVE, MNT_DETACH = 4096, 8192, 2
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x20000


def sys_call(name, *args):
    args = [a.encode() if isinstance(a, str) else a for a in args]
    if getattr(libc, name)(*args) == -1:
        raise OSError(ctypes.get_errno(), name)


def read(path):
    with open(path, "rb") as f:
        return f.read(1 << 20)


def write(path, flags):
    fd = os.open(path, flags, 0o600)
    os.write(fd, b"{}\n")
    os.close(fd)


def mount_over(path):
    sys_call("mount", "/dev/null", path, None, MS_BIND, None)


def mount_folder(path):
    sys_call("mount", "none", os.path.dirname(path), "tmpfs", 0, None)


def uncover(path):
    """What hides it is taken away, and then it is read."""
    while path != "/":
        try:
            sys_call("umount2", path, MNT_DETACH)
        except OSError:
            pass
        path = os.path.dirname(path)


def uncover_apart(path):
    """The same with all the rights of a namespace of our own."""
    pid = os.fork()
    if pid == 0:
        try:
            sys_call("unshare", CLONE_NEWUSER | CLONE_NEWNS)
            uncover(path)
            mount_over(path)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def move_up(path):
    """Each folder above it, from the innermost on."""
    while path != "/":
        path = os.path.dirname(path)
        try:
            os.rename(path, path + ".moved")
        except OSError:
            pass


def replace(path):
    """Another file in its place."""
    with open("other", "w") as f:
        f.write("{}\n")
    os.rename("other", path)


def descriptors(path):
    """Those of the processes that have it open."""
    for link in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if os.readlink(link) == path:
                write(link, os.O_WRONLY | os.O_APPEND)
        except OSError:
            pass


def roots(path):
    """As others see it."""
    for root in glob.glob("/proc/[0-9]*/root"):
        try:
            write(root + path, os.O_WRONLY | os.O_APPEND)
        except OSError:
            pass


def lock(path):
    """So that nobody else can go on with it: held until we end."""
    fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)


ATTEMPTS = {
    "read": read,
    "append": lambda p: write(p, os.O_WRONLY | os.O_APPEND),
    "overwrite": lambda p: write(p, os.O_WRONLY),
    "open and truncate": lambda p: write(p, os.O_WRONLY | os.O_TRUNC),
    "truncate": lambda p: os.truncate(p, 0),
    "hard link": lambda p: os.link(p, "linked"),
    "chmod": lambda p: os.chmod(p, 0),
    "chmod of its folder": lambda p: os.chmod(os.path.dirname(p), 0),
    "chown": lambda p: os.chown(p, 65534, 65534),
    "its times": lambda p: os.utime(p, (0, 0)),
    "an attribute": lambda p: os.setxattr(p, "user.x", b"x"),
    "exclusive lock": lock,
    "open descriptors": descriptors,
    "roots of others": roots,
    "mount over it": mount_over,
    "mount over its folder": mount_folder,
    "rename": lambda p: os.rename(p, p + ".moved"),
    "rename to here": lambda p: os.rename(p, "renamed"),
    "replace": replace,
    "link in its place": lambda p: os.symlink("/dev/null", p),
    "unlink": os.unlink,
    "remove its folder": lambda p: shutil.rmtree(os.path.dirname(p)),
    "uncover": uncover,
    "uncover apart": uncover_apart,
    "move folders": move_up,
}


def reaches(path):
    try:
        return b'"type":' in read(path)
    except OSError:
        return False


def main():
    with open(sys.argv[1], "w") as out:
        for path in sys.argv[2:]:
            for name, attempt in ATTEMPTS.items():
                try:
                    attempt(path)
                except OSError:
                    pass
                if reaches(path):
                    print(name, path, file=out, flush=True)
        print("end", file=out)


main()
