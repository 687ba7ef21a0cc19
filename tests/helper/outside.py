#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What stands outside of a cell for attempts to reach.

usage: outside.py FOLDER ABSTRACT KEY

Listens by TCP, UDP, a UNIX socket and an abstract one, holds System V shared
memory of that key with a secret, and appends to FOLDER/heard what comes in.  Writes the
port to FOLDER/port when all are there.
"""
import ctypes
import os
import selectors
import signal
import socket
import sys

folder, abstract, key = sys.argv[1:4]
sel = selectors.DefaultSelector()


def listen(sock, address):
    sock.bind(address)
    if sock.type == socket.SOCK_STREAM:
        sock.listen()
    sel.register(sock, selectors.EVENT_READ)
    return sock


tcp = listen(socket.socket(socket.AF_INET, socket.SOCK_STREAM),
             ("127.0.0.1", 0))
port = tcp.getsockname()[1]
listen(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), ("127.0.0.1", port))
listen(socket.socket(socket.AF_UNIX), os.path.join(folder, "sock"))
listen(socket.socket(socket.AF_UNIX), "\0" + abstract)

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
shm = libc.shmget(int(key), 64, 0o1666)
if shm == -1:
    sys.exit("outside: no shared memory")
address = libc.shmat(shm, None, 0)
ctypes.memmove(address, b"S3CRET-in-shm\0", 14)
with open(os.path.join(folder, "port.new"), "w") as f:
    f.write(str(port))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    while True:
        for key, _ in sel.select():
            sock = key.fileobj
            if sock.type == socket.SOCK_STREAM:
                conn, _ = sock.accept()
                conn.settimeout(1)
                data = conn.recv(16)
                conn.close()
            else:
                data, _ = sock.recvfrom(16)
            with open(os.path.join(folder, "heard"), "ab") as f:
                f.write(data + b"\n")
finally:
    libc.shmctl(shm, 0, None)
