#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a provider may do wrong, one session for each way, as TAP.

usage: faults.py CORDON FOLDER [--sessions N] [--at-once N]

A cell is one of the three APIs and one fault in its first answer, which holds
a call of a command; the answers behind it are whole.  In no cell may the
command run twice, or from half an answer; nothing may wait much longer than
the stall limit, as far as that can be told on a busy machine; and no byte of
the token may go to another host.
With --sessions that many are run, in a random order, and only a sum is told.
"""

import argparse
import concurrent.futures
import gzip
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mock_model  # noqa: E402

STALL_MS, BACKOFF_MS, GRACE_MS = 1000, 250, 15000
TOKEN = "Clandestine-7e1f-token"
APIS = {"responses": mock_model.responses_events,
        "chat": mock_model.chat_events,
        "messages": mock_model.messages_events}
CALL = {"text": "I look.", "calls": [
    {"call_id": "one", "name": "exec_command",
     "arguments": {"cmd": "echo x >>count"}}]}
DONE = {"text": "Done."}


class Fault:
    """How one answer is spoilt: a status, or what happens to its events."""

    def __init__(self, name, spoil=None, status=None, headers=None, body=b"",
                 codes=(0,), runs=(1,), kind="text/event-stream"):
        self.name, self.spoil, self.status = name, spoil, status
        self.headers, self.body, self.kind = headers or {}, body, kind
        self.codes, self.runs = codes, runs


def cut(share):
    return lambda events, send: send(
        b"".join(events)[:int(len(b"".join(events)) * share)]) or "close"


def stall(share):
    def spoil(events, send):
        data = b"".join(events)
        send(data[:int(len(data) * share)])
        return "stall"
    return spoil


def murmur(events, send):
    send(events[0])
    return "murmur"


def changed(change):
    def spoil(events, send):
        events = list(events)
        change(events)
        send(b"".join(events))
        return "end"
    return spoil


def at(events, share):
    return min(int(len(events) * share), len(events) - 1)


def twice(share):
    return changed(lambda e: e.insert(at(e, share), e[at(e, share)]))


def without(share):
    return changed(lambda e: e.pop(at(e, share)))


def swapped(share):
    def change(e):
        i = max(at(e, share), 1)
        e[i - 1], e[i] = e[i], e[i - 1]
    return changed(change)


def before(share, what):
    return changed(lambda e: e.insert(at(e, share), what))


def instead(data):
    def spoil(_, send):
        for piece in data:
            send(piece)
        return "end"
    return spoil


def faults(other):
    shares = [i / 20 for i in range(1, 20)]
    yield Fault("closed before the first byte", instead([]))
    for s in shares:
        yield Fault("cut at %d %%" % (s * 100), cut(s))
    yield Fault("an end that never comes",
                changed(lambda e: e.__delitem__(slice(-2, None))))
    for s in (0, 0.5, 0.9):
        yield Fault("stalled at %d %%" % (s * 100), stall(s))
    yield Fault("comments without end", murmur)
    for s in (0.1, 0.3, 0.5, 0.7, 0.9):
        yield Fault("an event twice at %d %%" % (s * 100), twice(s),
                    codes=(0, 65, 69), runs=(0, 1))
        yield Fault("an event missing at %d %%" % (s * 100), without(s),
                    codes=(0, 65, 69), runs=(0, 1))
        yield Fault("two events swapped at %d %%" % (s * 100), swapped(s),
                    codes=(0, 65, 69), runs=(0, 1))
        yield Fault("half an event at %d %%" % (s * 100),
                    before(s, b"data: {\"type\":\n\n"))
    for what, data in (("bytes that are no text", b"data: {\"a\":\"\xff\"}\n\n"),
                       ("a NUL", b"data: \0\n\n"),
                       ("a comment", b": ping\n\n"),
                       ("a newer event", b"event: x.y\ndata: {\"type\":"
                        b"\"x.y\"}\n\n"),
                       ("only blanks", b"\n\n\r\n\r\n")):
        yield Fault(what, before(0.5, data))
    for status in (408, 409, 429, 500, 502, 503, 504, 529):
        yield Fault("status %d" % status, status=status)
    yield Fault("429 with Retry-After", status=429,
                headers={"Retry-After": "1"})
    yield Fault("a page", instead([b"<html>"]), kind="text/html")
    yield Fault("another body", instead([b"{}"]), kind="application/json")
    yield Fault("a compressed bomb", instead([gzip.compress(b"0" * 10 ** 7)]),
                headers={"Content-Encoding": "gzip"})
    yield Fault("a line without end", instead([b"data: "] +
                                              [b"x" * 2 ** 20] * 65))
    for status in (301, 302, 307, 308):
        yield Fault("status %d to another host" % status, status=status,
                    headers={"Location": "http://127.0.0.1:%d/x" % other},
                    codes=(77,), runs=(0,))
    for status in (400, 403, 404, 422):
        yield Fault("status %d" % status, status=status, codes=(65, 77),
                    runs=(0,))
    yield Fault("status 401", status=401)


class Cell:
    """One session: its fault, its requests, what came of it."""

    def __init__(self, n, api, fault):
        self.n, self.api, self.fault = n, api, fault
        self.requests, self.stalled, self.late = 0, None, 0
        self.spoilt = False  # the fault has come to the client


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        now = time.monotonic()
        cell = self.server.cells[int(self.path.split("/")[1])]
        if cell.stalled:
            cell.late = now - cell.stalled
            cell.stalled = None
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        cell.requests += 1
        n = cell.requests
        events = APIS[cell.api](DONE if b"echo x" in raw else CALL, n)
        fault = Fault("", changed(lambda e: None)) if cell.spoilt \
            else cell.fault
        self.close_connection = not fault.status
        try:
            if fault.status:
                self.refuse(fault)
                cell.spoilt = True
            else:
                self.stream(cell, fault, events)
        except OSError:  # it did not wait for us, or has enough
            pass

    def refuse(self, fault):
        self.send_response(fault.status)
        for k, v in fault.headers.items():
            self.send_header(k, v)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def stream(self, cell, fault, events):
        if fault.name == "closed before the first byte":
            cell.spoilt = True
            return
        self.send_response(200)
        self.send_header("Content-Type", fault.kind)
        for k, v in fault.headers.items():
            self.send_header(k, v)
        self.send_header("Connection", "close")
        self.end_headers()
        cell.spoilt = True
        end = fault.spoil(events, self.wfile.write)
        self.wfile.flush()
        if end not in ("stall", "murmur"):
            return
        cell.stalled = time.monotonic()
        self.connection.settimeout(60)
        while end == "murmur":  # until the client has enough
            self.wfile.write(b": ping\n\n")
            time.sleep(0.1)
        self.connection.recv(1)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def other_host(got):
    """Another server of this machine, and what reaches it."""
    s = socket.create_server(("127.0.0.1", 0))

    def run():
        while True:
            conn, _ = s.accept()
            got.append(conn.recv(65536))
            conn.close()
    threading.Thread(target=run, daemon=True).start()
    return s.getsockname()[1]


def run(cordon, folder, port, cell):
    """The session of a cell; what is wrong with it, or None."""
    home = os.path.join(folder, "cell-%d" % cell.n)
    work = os.path.join(home, "work")
    os.makedirs(os.path.join(work, ".git"))
    os.makedirs(os.path.join(home, "conf"), 0o700)
    with open(os.path.join(home, "conf", "config.toml"), "w") as f:
        f.write("model = \"m\"\nmodel_provider = \"mock\"\n"
                "[model_providers.mock]\nname = \"Mock\"\n"
                "base_url = \"http://127.0.0.1:%d/%d\"\n"
                "wire_api = \"%s\"\nenv_key = \"THE_KEY\"\n"
                "stream_idle_timeout_ms = %d\n" %
                (port, cell.n, cell.api, STALL_MS))
    env = dict(os.environ, HOME=home, THE_KEY=TOKEN,
               CORDON_HOME=os.path.join(home, "conf"))
    try:
        p = subprocess.run([cordon, "exec", "--json", "x"], cwd=work, env=env,
                           stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=120)
    except subprocess.TimeoutExpired:
        return "it hangs"
    try:
        with open(os.path.join(work, "count")) as f:
            runs = len(f.read().split())
    except OSError:
        runs = 0
    if runs not in cell.fault.runs or p.returncode not in cell.fault.codes:
        return "the command ran %d times, exit status %d: %s" % (
            runs, p.returncode,
            (p.stdout + p.stderr).decode()[-600:].replace("\n", " | "))
    if cell.late * 1000 > STALL_MS + BACKOFF_MS + GRACE_MS:
        return "%.1f s after a stall nothing had come" % cell.late
    subprocess.run(["rm", "-rf", home], check=True)
    return None


def main():
    p = argparse.ArgumentParser()
    p.add_argument("cordon")
    p.add_argument("folder")
    p.add_argument("--sessions", type=int)
    p.add_argument("--at-once", type=int, default=6)
    args = p.parse_args()
    stray = []
    other = other_host(stray)
    kinds = [(api, f) for f in faults(other) for api in APIS]
    if args.sessions:
        kinds = [random.choice(kinds) for _ in range(args.sessions)]
    server = Server(("127.0.0.1", 0), Handler)
    server.cells = [Cell(n, *kind) for n, kind in enumerate(kinds)]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bad = n = 0
    with concurrent.futures.ThreadPoolExecutor(args.at_once) as pool:
        for cell, why in zip(server.cells, pool.map(
                lambda c: run(args.cordon, args.folder,
                              server.server_address[1], c), server.cells)):
            n += 1
            bad += why is not None
            if not args.sessions or why:
                print("%sok %d - %s: %s" % ("not " if why else "", n,
                                            cell.api, cell.fault.name))
            if why:
                print("# " + why, flush=True)
    n += 1
    print("%sok %d - nothing went to another host" %
          ("not " if stray else "", n))
    if args.sessions:
        print("# %d sessions, %d bad" % (args.sessions, bad))
    else:
        print("1..%d" % n)
    sys.exit(1 if bad or stray else 0)


if __name__ == "__main__":
    main()
