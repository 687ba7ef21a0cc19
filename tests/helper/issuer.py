#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A local issuer for cordon login: OAuth 2.0 with PKCE, devices, renewal.

usage: issuer.py PORT-FILE LOG [--lives SECONDS] [--refuse] [--slow SECONDS]

Its page sends a browser straight back (--refuse: with an error).  An access
token lives that long.  A refresh token is good once; the one that comes with
a second use is refused, as issuers that rotate them do.  Every request is a
line of LOG.  --slow makes the renewal take its time.
"""

import argparse
import base64
import hashlib
import json
import os
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOCK = threading.Lock()
CODES = {}  # code: (redirect, challenge)
STATE = {"n": 0, "refresh": None, "polls": 0}


def jwt(claims):
    def part(d):
        return base64.urlsafe_b64encode(
            json.dumps(d).encode()).decode().rstrip("=")
    return ".".join([part({"alg": "none"}), part(claims), "sig"])


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=None):
        data = json.dumps(body).encode() if not isinstance(body, str) \
            else body.encode()
        self.send_response(status)
        for k, v in (headers or {}).items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        q = dict(urllib.parse.parse_qsl(url.query))
        self.server.note("GET " + url.path + " " + json.dumps(q))
        if url.path != "/oauth/authorize":
            self.answer(404, {})
            return
        back = {"state": q["state"]}
        if self.server.args.refuse:
            back["error"] = "access_denied"
        else:
            code = "code-%d" % len(CODES)
            CODES[code] = (q["redirect_uri"], q["code_challenge"])
            back["code"] = code
        self.answer(302, "", {"Location": q["redirect_uri"] + "?" +
                              urllib.parse.urlencode(back)})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = self.headers["Content-Type"].startswith("application/x-www")
        q = dict(urllib.parse.parse_qsl(raw)) if form else json.loads(raw)
        self.server.note("POST " + self.path + " " + json.dumps(q))
        if self.path == "/oauth/token":
            self.token(q)
        elif self.path == "/api/accounts/deviceauth/usercode":
            self.answer(200, {"device_auth_id": "device-1",
                              "user_code": "WXYZ-1234", "interval": "1"})
        elif self.path == "/api/accounts/deviceauth/token":
            STATE["polls"] += 1
            if STATE["polls"] < 3:
                self.answer(403, {"error": "pending"})
                return
            verifier = "device-verifier"
            CODES["device-code"] = (None, challenge(verifier))
            self.answer(200, {"authorization_code": "device-code",
                              "code_verifier": verifier})
        else:
            self.answer(404, {})

    def token(self, q):
        with LOCK:
            if q["grant_type"] == "refresh_token":
                time.sleep(self.server.args.slow)
                good = q["refresh_token"] == STATE["refresh"]
            else:
                redirect, want = CODES.pop(q["code"], (None, None))
                good = challenge(q["code_verifier"]) == want and \
                    redirect in (None, q["redirect_uri"])
            if not good or q["client_id"] != "the-client":
                self.answer(400, {"error": "invalid_grant",
                                  "error_description": "not this one"})
                return
            STATE["n"] += 1
            STATE["refresh"] = "refresh-%d-clandestine" % STATE["n"]
            life = self.server.args.lives
            access = jwt({"exp": int(time.time()) + life,
                          "jti": "access-%d" % STATE["n"]})
            with open(self.server.args.log + ".tokens", "a") as f:
                f.write(access + "\n")
            self.answer(200, {
                "access_token": access, "refresh_token": STATE["refresh"],
                "id_token": jwt({"https://api.openai.com/auth": {
                    "chatgpt_account_id": "acc-42"}})})


def challenge(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(
        verifier.encode()).digest()).decode().rstrip("=")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("port_file")
    p.add_argument("log")
    p.add_argument("--lives", type=int, default=3600)
    p.add_argument("--refuse", action="store_true")
    p.add_argument("--slow", type=float, default=0)
    args = p.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.args = args
    out = open(args.log, "a", encoding="utf-8")

    def note(line):
        out.write(line + "\n")
        out.flush()

    server.note = note
    with open(args.port_file + ".new", "w", encoding="utf-8") as f:
        f.write("%d\n" % server.server_address[1])
    os.rename(args.port_file + ".new", args.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
