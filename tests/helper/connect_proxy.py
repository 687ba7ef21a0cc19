#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy that knows CONNECT and nothing else.

usage: connect_proxy.py PORT-FILE LOG [--auth USER:PASSWORD] [--to PORT]
                        [--answer TEXT]

Each request is a line of LOG: the target and the credentials it came with.
With --auth others are answered 407; with --to every tunnel leads to that port
of this machine, whatever its target is called; with --answer the answer is
that text.  What the client sends through the tunnel first goes to LOG too, so
that a test sees that it is no plain text.
"""

import argparse
import base64
import os
import select
import socket
import threading


def head(conn):
    """The request's head, byte by byte: what follows is not ours."""
    text = b""
    while not text.endswith(b"\r\n\r\n") and len(text) < 8192:
        byte = conn.recv(1)
        if not byte:
            break
        text += byte
    return text.decode("latin-1")


def pump(a, b, log):
    first = True
    while True:
        for s in select.select([a, b], [], [])[0]:
            try:
                data = s.recv(65536)
            except OSError:
                return
            if not data:
                return
            if s is a and first:
                log("first " + data[:3].hex())
                first = False
            (b if s is a else a).sendall(data)


def serve(conn, args, log):
    lines = head(conn).split("\r\n")
    fields = {k.lower(): v.strip() for k, _, v in
              (line.partition(":") for line in lines[1:])}
    given = fields.get("proxy-authorization", "")
    log(lines[0] + " | " + given)
    want = args.auth and "Basic " + base64.b64encode(
        args.auth.encode()).decode()
    if args.answer:
        conn.sendall(args.answer.encode().decode("unicode_escape").encode())
    elif want and given != want:
        conn.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    else:
        host, _, port = lines[0].split(" ")[1].rpartition(":")
        to = ("127.0.0.1", args.to) if args.to else (host, int(port))
        peer = socket.create_connection(to)
        conn.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        pump(conn, peer, log)
        peer.close()
    conn.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("port_file")
    p.add_argument("log")
    p.add_argument("--auth")
    p.add_argument("--to", type=int)
    p.add_argument("--answer")
    args = p.parse_args()
    out = open(args.log, "a", encoding="utf-8")

    def log(line):
        out.write(line + "\n")
        out.flush()

    s = socket.create_server(("127.0.0.1", 0))
    with open(args.port_file + ".new", "w", encoding="utf-8") as f:
        f.write("%d\n" % s.getsockname()[1])
    os.rename(args.port_file + ".new", args.port_file)
    while True:
        conn, _ = s.accept()
        threading.Thread(target=serve, args=(conn, args, log),
                         daemon=True).start()


if __name__ == "__main__":
    main()
