#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of one process of a session, or of all, at a random instant, as TAP.

usage: killed.py CORDON AUDITLOG FOLDER [--kills N] [--at-once N] [--seed N]

Every session runs commands that each make a file, as a provider that is
played here asks for.  The account that is held against its audit log is our
own: the files that were made, and what the front had printed when the kill
came.  All that ran must be on record, and all that was told as recorded; the
log must verify, or be torn in its last line, and then be gone on with.
"""
import argparse
import concurrent.futures
import contextlib
import functools
import glob
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mock_model  # noqa: E402

VICTIMS = ["audit", "gate", "cell", "ui", "model", "net", "main", "all"]
CALLS = 4         # in one answer
BEGUN_S = 60      # until the first command of a session, at most
STARTING_S = 0.1  # an instant of the start lies in this time
RUNNING_S = 0.15  # one while commands run, in this
GONE_S = 60       # until what was not killed has ended


@functools.lru_cache(None)
def answer(n):
    """The answer to a request with n results: commands that make files."""
    return b"".join(mock_model.responses_events({"calls": [
        {"name": "exec_command", "call_id": "c%d" % i,
         "arguments": {"cmd": "touch ran-%d" % i}}
        for i in range(n, n + CALLS)]}, n))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        data = answer(raw.count(b'"function_call_output"'))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # its client was killed


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


def is_running(pid):
    state = read("/proc/%d/stat" % pid).rpartition(b")")[2].split()
    return bool(state) and state[0] not in (b"Z", b"X")


def roles_of(main):
    """The processes that main has started, by role."""
    roles = {}
    for pid in read("/proc/%d/task/%d/children" % (main, main)).split():
        title = read("/proc/%s/cmdline" % pid.decode()).split(b"\0")[0]
        if title.startswith(b"cordon: "):
            roles[title[8:].decode()] = int(pid)
    return roles


def parsed(data):
    """The JSON lines of it; one that a crash tore is verify's business."""
    for line in data.split(b"\n"):
        try:
            yield json.loads(line)
        except ValueError:
            pass


def account(log, told, made):
    """What is not on record though it ran or was told, or None."""
    records = {r["seq"]: r for r in parsed(log)}
    begun = {r["data"]["argv"][-1] for r in records.values()
             if r["type"] == "intent"}
    for e in parsed(told):
        item = e.get("item", {})
        if item.get("type") != "command_execution" or "cordon" not in item:
            continue
        wanted = {"item.started": "intent", "item.completed": "result"}
        r = records.get(item["cordon"]["seq"])
        if r is None or r["type"] != wanted[e["type"]]:
            return "told, and not on record: %r" % e
    for name in made:
        if "touch " + name not in begun:
            return "ran, and not on record: " + name
    return None


class Session:
    def __init__(self, args, n, port, seed):
        self.args, self.n = args, n
        self.rnd = random.Random(seed)
        self.victim = VICTIMS[n % len(VICTIMS)]
        self.home = os.path.join(args.folder, "s%d" % n)
        self.work = os.path.join(self.home, "work")
        self.told = os.path.join(self.home, "told")
        self.ran = self.torn = 0
        os.makedirs(os.path.join(self.work, ".git"))
        conf = os.path.join(self.home, "conf", "cordon")
        os.makedirs(conf, 0o700)
        with open(os.path.join(conf, "config.toml"), "w") as f:
            f.write("model = \"m\"\nmodel_provider = \"mock\"\n"
                    "[model_providers.mock]\nname = \"Mock\"\n"
                    "base_url = \"http://127.0.0.1:%d/v1\"\n"
                    "wire_api = \"responses\"\n" % port)
        self.env = dict(os.environ, HOME=self.home,
                        XDG_CONFIG_HOME=os.path.join(self.home, "conf"),
                        XDG_STATE_HOME=os.path.join(self.home, "state"))

    def wait(self, what, seconds):
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            time.sleep(0.005)
        return what()

    def instant(self):
        """Waits for a random one: of the start, or while commands run."""
        if self.rnd.randrange(4) == 0:
            time.sleep(self.rnd.uniform(0, STARTING_S))
            return
        self.wait(lambda: b"item.started" in read(self.told), BEGUN_S)
        time.sleep(self.rnd.uniform(0, RUNNING_S))

    def run(self):
        """What is wrong, or None."""
        with open(self.told, "wb") as told, \
                open(os.path.join(self.home, "err"), "wb") as err:
            p = subprocess.Popen(
                [self.args.cordon, "exec", "--json", "x"], cwd=self.work,
                env=self.env, stdin=subprocess.DEVNULL, stdout=told,
                stderr=err, start_new_session=True)
        self.instant()
        roles = roles_of(p.pid)
        roles["main"] = p.pid
        if self.victim in roles:
            with contextlib.suppress(ProcessLookupError):
                os.kill(roles[self.victim], signal.SIGKILL)
        else:  # all of them, or it is not there yet
            os.killpg(p.pid, signal.SIGKILL)
        try:
            p.wait(GONE_S)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
            return "it goes on without " + self.victim
        if not self.wait(lambda: not any(map(is_running, roles.values())),
                         GONE_S):
            return "something is left"
        return self.check()

    def verify(self):
        out = subprocess.run([self.args.cordon, "audit", "verify", "--json"],
                             env=self.env, stdout=subprocess.PIPE).stdout
        return json.loads(out)["damage"]

    def check(self):
        made = [os.path.basename(f) for f in
                glob.glob(os.path.join(self.work, "ran-*"))]
        logs = glob.glob(os.path.join(self.home, "state/cordon/audit/**/*"
                                      ".jsonl"), recursive=True)
        self.ran = len(made)
        if not logs:
            return "it ran without a log" if made else None
        log = read(logs[0])
        wrong = account(log, read(self.told), made)
        if wrong or not log:
            return wrong
        damage = self.verify()
        if damage and damage["kind"] == "torn":
            self.torn = 1
            name = os.path.basename(logs[0])[:-len(".jsonl")]
            subprocess.run([self.args.auditlog, "-a", "-n", "1", logs[0],
                            name, os.path.join(os.path.dirname(
                                self.args.cordon), "cordon-audit")],
                           stdout=subprocess.DEVNULL)
            damage = self.verify()
        return damage and "the log is damaged: %r" % damage


def main():
    p = argparse.ArgumentParser()
    p.add_argument("cordon")
    p.add_argument("auditlog")
    p.add_argument("folder")
    p.add_argument("--kills", type=int, default=32)
    p.add_argument("--at-once", type=int, default=4)
    p.add_argument("--seed", type=int, default=None)
    args = p.parse_args()
    seed = random.randrange(1 << 32) if args.seed is None else args.seed
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def one(n):
        s = Session(args, n, server.server_address[1], seed + n)
        wrong = s.run()
        if wrong:
            print("# kill %d, of %s: %s; see %s" %
                  (n, s.victim, wrong, s.home), flush=True)
        else:
            subprocess.run(["rm", "-rf", s.home], check=True)
        return wrong is not None, s.ran, s.torn

    with concurrent.futures.ThreadPoolExecutor(args.at_once) as pool:
        bad, ran, torn = map(sum, zip(*pool.map(one, range(args.kills))))
    print("%sok 1 - %d kills (seed %d): all that ran or was told is on record"
          % ("not " if bad else "", args.kills, seed))
    print("%sok 2 - %d commands ran, %d logs were torn" %
          ("" if ran else "not ", ran, torn))
    print("1..2")
    sys.exit(1 if bad or not ran else 0)


if __name__ == "__main__":
    main()
