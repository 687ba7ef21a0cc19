# SPDX-License-Identifier: Apache-2.0
"""A role that a test plays: frames as src/proto/schema.def has them.

The schema is read from that file, so a test double speaks what the programs
speak.  Nothing is checked on sending: a test may say whatever it likes.
"""
import array
import os
import re
import socket
import struct

ROLES = ["main", "load", "ui", "model", "net", "gate", "cell", "open", "tool",
         "audit", "report", "login"] + ["mcp%d" % i for i in range(8)]
FD_MAIN = 3


def fd_peer(role):
    return 4 + ROLES.index(role)


class Message:
    def __init__(self, name, number, fields):
        self.name, self.number, self.fields = name, number, fields


def load_schema(path):
    text = re.sub(r"/\*.*?\*/", "", open(path).read(), flags=re.S)
    by_name, by_number = {}, {}
    for m in re.finditer(r"MESSAGE\((\w+),\s*(\w+),\s*(\d+),(.*?)\)\s*(?="
                         r"MESSAGE\(|\Z)", text, flags=re.S):
        fields = re.findall(r"FIELD\(\s*\w+,\s*(\w+),\s*(\w+),", m.group(4))
        msg = Message(m.group(2), int(m.group(3)), fields)
        by_name[msg.name] = by_number[msg.number] = msg
    return by_name, by_number


class Channel:
    """One end; messages are dicts with "_type" and "_id"."""

    def __init__(self, fd, schema):
        self.sock = socket.socket(fileno=fd)
        self.sock.setblocking(True)
        self.by_name, self.by_number = schema
        self.data, self.fds = b"", []

    def raw(self, data, fds=()):
        anc = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                array.array("i", fds))] if fds else []
        sent = self.sock.sendmsg([data], anc)
        self.sock.sendall(data[sent:])

    def encode(self, name, call_id, **values):
        out, fds = b"", []
        msg = self.by_name[name]
        for kind, field in msg.fields:
            v = values.get(field)
            if kind in ("STR", "BYTES"):
                v = v or b""
                v = v.encode() if isinstance(v, str) else v
                out += struct.pack(">I", len(v)) + v
            elif kind == "LIST":
                v = [x.encode() if isinstance(x, str) else x for x in v or []]
                out += struct.pack(">I", len(v))
                out += b"".join(struct.pack(">I", len(x)) + x for x in v)
            elif kind == "FD":
                out += bytes([v is not None])
                fds += [v] if v is not None else []
            else:
                size = {"U8": "B", "ENUM": "B", "BOOL": "B", "U32": "I",
                        "U64": "Q"}[kind]
                out += struct.pack(">" + size, int(v or 0))
        head = struct.pack(">HHI", msg.number, 1 if fds else 0, call_id)
        return struct.pack(">I", len(head + out)) + head + out, fds

    def send(self, name, call_id=0, **values):
        self.raw(*self.encode(name, call_id, **values))

    def fill(self):
        space = socket.CMSG_SPACE(8 * 4)
        data, anc, _, _ = self.sock.recvmsg(65536, space)
        for level, kind, body in anc:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds = array.array("i")
                fds.frombytes(body[:len(body) // 4 * 4])
                self.fds += list(fds)
        self.data += data
        return len(data) > 0

    def decode(self, payload):
        number, _, call_id = struct.unpack_from(">HHI", payload)
        msg, at = self.by_number[number], 8
        out = {"_type": msg.name, "_id": call_id}

        def take(fmt):
            nonlocal at
            v = struct.unpack_from(">" + fmt, payload, at)[0]
            at += struct.calcsize(">" + fmt)
            return v

        def take_bytes():
            nonlocal at
            n = take("I")
            at += n
            return payload[at - n:at]

        for kind, field in msg.fields:
            if kind in ("STR", "BYTES"):
                out[field] = take_bytes()
            elif kind == "LIST":
                out[field] = [take_bytes() for _ in range(take("I"))]
            elif kind == "FD":
                out[field] = self.fds.pop(0) if take("B") else None
            else:
                out[field] = take({"U32": "I", "U64": "Q"}.get(kind, "B"))
        return out

    def recv(self):
        """The next message, or None at the end."""
        while True:
            if len(self.data) >= 4:
                n = struct.unpack(">I", self.data[:4])[0]
                if len(self.data) >= 4 + n:
                    payload = self.data[4:4 + n]
                    self.data = self.data[4 + n:]
                    return self.decode(payload)
            if not self.fill():
                return None


def memfd(data):
    """Sealed as the programs want it."""
    import fcntl
    fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    fcntl.fcntl(fd, 1033, 0xf)  # F_ADD_SEALS: all four
    return fd


class Role:
    """A whole role process: start-up with main, then channels to peers."""

    def __init__(self, schema_path, peers):
        self.schema = load_schema(schema_path)
        self.conf = []
        self.main = Channel(FD_MAIN, self.schema)
        while True:
            m = self.main.recv()
            if m is None:
                raise SystemExit(70)
            if m["_type"] == "conf":
                self.conf.append((m["key"].decode(), m["value"]))
            if m["_type"] == "end":
                break
        self.peers = {p: Channel(fd_peer(p), self.schema) for p in peers}
        self.main.send("ready")

    def __getattr__(self, name):
        return self.peers[name]
