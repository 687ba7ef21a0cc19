#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What stands outside of a cell for attempts to reach.

usage: outside.py FOLDER ABSTRACT KEY

Listens by TCP, UDP, UNIX sockets and abstract ones, has shared memory,
semaphores and a message queue with a secret by that key, a POSIX message queue
by that name, and appends to FOLDER/heard what comes in.  Writes the port to
FOLDER/port when all are there.
"""
import ctypes
import os
import selectors
import signal
import socket
import struct
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
with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as six:
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    tcp6 = listen(six.dup(), ("::1", port))
for at in os.path.join(folder, "sock"), "\0" + abstract:
    listen(socket.socket(socket.AF_UNIX), at)
    listen(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), at + ".dgram")

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
shm = libc.shmget(int(key), 64, 0o1666)
sem = libc.semget(int(key), 1, 0o1666)
msg = libc.msgget(int(key), 0o1666)
mq = libc.mq_open(f"/{abstract}".encode(), os.O_RDWR | os.O_CREAT, 0o666, None)
if -1 in (shm, sem, msg, mq):
    sys.exit("outside: no System V objects, or no message queue")
address = libc.shmat(shm, None, 0)
ctypes.memmove(address, b"S3CRET-in-shm\0", 14)
libc.msgsnd(msg, struct.pack("l16s", 1, b"S3CRET-message"), 16, 0)
libc.mq_send(mq, b"S3CRET-message", 14, 0)
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
    libc.semctl(sem, 0, 0)
    libc.msgctl(msg, 0, None)
    libc.mq_unlink(f"/{abstract}".encode())
