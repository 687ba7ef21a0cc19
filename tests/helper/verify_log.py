#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second verifier of audit logs, written from cordon-audit(5) alone.

usage: verify_log.py LOG

Prints "ok RECORDS HEADS" and exits with 0, or "damaged NUMBER WHY" and exits
with 1.  Slow on purpose: nothing here is shared with the program, the
signatures included (RFC 8032, 5.1).
"""
import hashlib
import json
import re
import sys

# Ed25519: verification.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if y >= P:
        return None
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def mul(s, p):
    q = (0, 1, 1, 0)
    while s:
        if s & 1:
            q = add(q, p)
        p, s = add(p, p), s >> 1
    return q


def point(b):
    n = int.from_bytes(b, "little")
    return recover(n & (1 << 255) - 1, n >> 255)


BASE = recover(4 * pow(5, P - 2, P) % P, 0)


def signed(key, text, sig):
    a, r = point(key), point(sig[:32])
    s = int.from_bytes(sig[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(sig[:32] + key + text).digest(),
                       "little") % L
    p, q = mul(s, BASE), add(r, mul(h, a))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and \
        (p[1] * q[2] - q[1] * p[2]) % P == 0


# The log.
TYPES = ("open call decision approval intent result connect refusal violation "
         "tool token recovered head close").split()
NUMBER = b"(?:0|[1-9][0-9]*)"
UUID = b"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
RECORD = re.compile(
    b'(?P<hashed>{"v":1,"seq":(?P<seq>' + NUMBER + b'),"log":"(?P<log>' + UUID +
    rb')","time":"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","mono":'
    b'(?P<mono>' + NUMBER + b'),"boot":"(?P<boot>' + UUID +
    b')","type":"(?P<type>[a-z]+)","data":(?P<data>{.*}),'
    b'"prev":"(?P<prev>[0-9a-f]{64})"),"hash":"(?P<hash>[0-9a-f]{64})"}',
    re.DOTALL)
HEAD = re.compile(
    b'{"seq":(?P<seq>' + NUMBER + b'),"count":(?P<count>' + NUMBER +
    b'),"hash":"(?P<hash>[0-9a-f]{64})",'
    b'"why":"(?P<why>approval|count|time|lost|close)",'
    b'"key":"(?P<key>[0-9a-f]{64})","next":"(?P<next>[0-9a-f]{64})",'
    b'"sig":"(?P<sig>[0-9a-f]{128})"}')


class Damaged(Exception):
    pass


def depth(j):
    if isinstance(j, dict):
        return 1 + max([depth(v) for v in j.values()], default=0)
    if isinstance(j, list):
        return 1 + max([depth(v) for v in j], default=0)
    return 0


def is_data(text):
    try:
        j = json.loads(text.decode())
    except (UnicodeDecodeError, ValueError, RecursionError):
        return False
    outside = re.sub(rb'"(\\.|[^"\\])*"', b"", text)
    return isinstance(j, dict) and depth(j) <= 32 and \
        not re.search(rb"[\x00-\x1f]", text) and \
        not re.search(rb"NaN|Infinity", outside) and len(text) <= 1 << 24


class Log:
    def __init__(self):
        self.count = self.heads = self.at = self.unsigned = 0
        self.last, self.id, self.type = b"0" * 64, None, None
        self.over = False   # the run: its closing head has come
        self.lost = False
        self.key = self.cut = None

    def record(self, line):
        m = RECORD.fullmatch(line)
        if not m or m["type"].decode() not in TYPES or \
           not is_data(m["data"]) or int(m["seq"]) >= 1 << 64 or \
           int(m["mono"]) >= 1 << 64:
            return None
        return m

    def line(self, line):
        m = self.record(line)
        if m is None:
            if self.cut is not None or not line:
                raise Damaged("form")
            self.cut = (self.at, len(line),
                        hashlib.sha256(line).hexdigest().encode())
            self.at += len(line) + 1
            return
        kind = m["type"].decode()
        if self.cut is not None and kind != "recovered":
            raise Damaged("cut")
        if hashlib.sha256(m["hashed"]).hexdigest().encode() != m["hash"]:
            raise Damaged("hash")
        self.id = self.id or m["log"]
        if (m["log"], int(m["seq"]), m["prev"]) != (
                self.id, self.count, self.last):
            raise Damaged("chain")
        self.order(kind)
        self.was_over, self.over, self.lost = self.over, False, False
        self.unsigned += 1
        if kind in ("open", "recovered"):
            self.unsigned = 0
        getattr(self, "on_" + kind, lambda m: None)(m)
        if self.unsigned > 64:
            raise Damaged("unsigned")
        self.type, self.last, self.cut = kind, m["hash"], None
        self.count += 1
        self.at += len(line) + 1

    def order(self, kind):
        if self.type is None:
            good = kind in ("open", "recovered")
        elif kind == "open":
            good = self.over or self.type == "recovered"
        elif kind == "recovered":
            good = True
        elif self.type in ("close", "recovered"):
            good = kind == "head"
        else:
            good = not (self.over or self.lost)
        if not good:
            raise Damaged("order")

    def on_open(self, m):
        k = re.match(rb'{"key":"([0-9a-f]{64})"', m["data"])
        if not k:
            raise Damaged("open")
        self.key = k[1]

    def on_recovered(self, m):
        d = json.loads(m["data"])
        none = hashlib.sha256(b"").hexdigest()
        got = (d["at"], d["bytes"], d["sha256"])
        if self.cut is not None:
            wanted = [(self.cut[0], self.cut[1], self.cut[2].decode())]
        else:
            wanted = [(self.at - 1, 0, none)]
            if not self.was_over:
                wanted.append((self.at, 0, none))
        if got not in wanted:
            raise Damaged("recovered")

    def on_head(self, m):
        h = HEAD.fullmatch(m["data"])
        if not h or int(h["seq"]) + 1 != int(m["seq"]) or \
           h["count"] != m["seq"] or h["hash"] != m["prev"] or \
           (h["why"] == b"close") != (self.type == "close"):
            raise Damaged("head")
        if h["key"] != self.key:
            raise Damaged("key")
        text = b"cordon-audit-head 1\nlog %s\nseq %s\ncount %s\nhash %s\n" \
            b"why %s\ntime %s\nmono %s\nboot %s\nnext %s\n" % (
                m["log"], h["seq"], h["count"], h["hash"], h["why"],
                m["time"], m["mono"], m["boot"], h["next"])
        if not signed(bytes.fromhex(h["key"].decode()), text,
                      bytes.fromhex(h["sig"].decode())):
            raise Damaged("signature")
        self.key, self.unsigned = h["next"], 0
        self.heads += 1
        self.over, self.lost = h["why"] == b"close", h["why"] == b"lost"


def verify(data):
    """(None or what is wrong, number of the record, heads)"""
    log = Log()
    lines = data.split(b"\n")
    try:
        for line in lines[:-1]:
            log.line(line)
        if lines[-1] or log.cut is not None or log.count == 0:
            raise Damaged("end")
    except Damaged as e:
        return str(e), log.count, log.heads
    return None, log.count, log.heads


if __name__ == "__main__":
    wrong, count, heads = verify(open(sys.argv[1], "rb").read())
    if wrong is not None:
        print("damaged %d %s" % (count, wrong))
        sys.exit(1)
    print("ok %d %d" % (count, heads))
