#!/usr/bin/python3 -ES
# SPDX-License-Identifier: Apache-2.0
"""Stands in for cordon-model where a test wants the calls of a model without
its provider.  Runs scenario.py beside it, whose run(m) is given this:

    m.call(name, **fields)   sends a CALL_*, returns its id
    m.result(id)             waits for the RESULT: (status, text)
    m.exec(cmd, **fields)    both, for exec_command
    m.finish(cmd, **fields)  the same, and waits until it has ended
    m.patch(text)            both, for apply_patch
    m.say(text)              a message for the person
    m.context                the CONTEXT, once it came
    m.prompt                 the person's words
"""
import importlib.util
import os
import re
import select
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import proto  # noqa: E402


class Model:
    def __init__(self, role):
        self.role, self.gate, self.ui = role, role.gate, role.ui
        self.next_id, self.items = 1, 0
        self.results, self.context, self.prompt = {}, None, None
        self.interrupted = False
        while self.prompt is None or self.context is None:
            self.step()

    def step(self, timeout=None):
        """Takes one message of anybody; False if none came in time."""
        chans = [self.gate, self.ui, self.role.main]
        ready = [c for c in chans if len(c.data) >= 4]
        if not ready:
            socks = [c.sock for c in chans]
            got = select.select(socks, [], [], timeout)[0]
            ready = [c for c in chans if c.sock in got]
        if not ready:
            return False
        m = ready[0].recv()
        if m is None or m["_type"] == "stop":
            os._exit(0)
        kind = m["_type"]
        if kind == "context":
            if m["documents"] is not None:
                m["documents"] = os.pread(m["documents"], 1 << 24, 0)
            self.context = m
        elif kind == "prompt":
            self.prompt = os.pread(m["text"], 1 << 24, 0)
        elif kind == "result":
            text = m["text"]
            if m["whole"] is not None:
                text = os.pread(m["whole"], 1 << 26, 0)
                os.close(m["whole"])
            self.results[m["_id"]] = (m["status"], text)
        elif kind == "interrupt":
            self.interrupted = True
        return True

    def call(self, name, **fields):
        call_id = self.next_id
        self.next_id += 1
        fields.setdefault("call", "call_%d" % call_id)
        self.gate.send("call_" + name, call_id, **fields)
        return call_id

    def result(self, call_id):
        while call_id not in self.results:
            self.step()
        return self.results.pop(call_id)

    def exec(self, cmd, **fields):
        return self.result(self.call("exec", cmd=cmd, **fields))

    def finish(self, cmd, **fields):
        status, text = self.exec(cmd, **fields)
        whole = text
        while (left := re.search(rb"running with session ID (\d+)", text)):
            status, text = self.result(
                self.call("stdin", session=int(left.group(1))))
            whole += text
        return status, whole

    def patch(self, text):
        return self.result(self.begin_patch(text))

    def begin_patch(self, text):
        text = text.encode() if isinstance(text, str) else text
        fd = proto.memfd(text)
        call_id = self.call("patch", patch=fd)
        os.close(fd)
        return call_id

    def say(self, text):
        self.ui.send("item", 0, item=self.items, kind=0, text=text)
        self.items += 1


def main():
    spec = importlib.util.spec_from_file_location(
        "scenario", os.path.join(here, "scenario.py"))
    scenario = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scenario)
    role = proto.Role(os.path.join(here, "schema.def"), ["ui", "gate"])
    m = Model(role)
    m.ui.send("turn", 0, phase=0, number=1)
    try:
        scenario.run(m)
        m.ui.send("turn", 0, phase=1, number=1)
    except Exception as e:  # the test's own fault: say so
        m.ui.send("fail", 0, code=70, text="scenario: %r" % e)
        m.ui.send("turn", 0, phase=2, number=1)
    while True:
        m.step()


main()
