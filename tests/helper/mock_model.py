#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A scripted model server for the Responses, Chat Completions and Messages APIs.

usage: mock_model.py SCENARIO [--port-file FILE] [--log FILE] [--token TOKEN ...] [--models NAME,...] [--tls FILE]

SCENARIO is a JSON file: a list of answers, one for each request in turn; the
last is repeated.  Another file in its place is begun with at its first answer.
An answer is an object with

  text        what the model says, or a list of pieces
  reasoning   a summary of its thinking
  search      the words of a web search by the provider
  calls       [{"name", "arguments": {...}} or {"name", "input": "..."}]
  usage       {"input", "output", "cached"}
  expect      texts that the request's body must hold; else the answer is 400
  status      another HTTP status, with "body" and "headers"
  fault       {"cut": N}: close after N bytes of the stream; {"stall": SECONDS}
              before the end; {"close": true} before any byte; {"drop": K}:
              leave out event K; {"repeat": K}: send event K twice;
              {"garbage": K}: put a malformed event before event K
  end         "incomplete:REASON", "failed:CODE:MESSAGE", "pause" (Messages:
              to be gone on with) or "none"
  raw         bytes in place of an HTTP answer
  delay       seconds before the first byte

Every request is put down in the log as one JSON line: path, headers, body.
With --token a request must carry one of the tokens, else the answer is 401;
a token "a*2" is good for two requests.
"""

import argparse
import json
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def responses_events(a, n):
    """The answer as the events of the Responses API."""
    rid = "resp_%d" % n
    items = []
    out = [("response.created", {"response": {
        "id": rid, "object": "response", "status": "in_progress",
        "model": "mock", "output": []}})]

    def item(done, empty, inner):
        """Item: its beginning, the events inside of it, its end."""
        at = {"output_index": len(items)}
        out.append(("response.output_item.added",
                    dict(at, item=dict(done, **dict(empty, status="in_progress")))))
        out.extend((t, dict(at, item_id=done["id"], **d)) for t, d in inner)
        out.append(("response.output_item.done", dict(at, item=done)))
        items.append(done)

    if a.get("reasoning"):
        part = {"type": "summary_text", "text": a["reasoning"]}
        where = {"summary_index": 0}
        kind = "response.reasoning_summary_"
        item({"type": "reasoning", "id": "rs_%d_%d" % (n, len(items)),
              "summary": [part], "encrypted_content": "opaque"},
             {"summary": []},
             [(kind + "part.added", dict(where, part=dict(part, text=""))),
              (kind + "text.delta", dict(where, delta=part["text"])),
              (kind + "text.done", dict(where, text=part["text"])),
              (kind + "part.done", dict(where, part=part))])
    if a.get("search"):
        item({"type": "web_search_call", "id": "ws_%d_%d" % (n, len(items)),
              "status": "completed",
              "action": {"type": "search", "query": a["search"]}}, {},
             [("response.web_search_call.completed", {})])
    if a.get("text") is not None:
        pieces = a["text"] if isinstance(a["text"], list) else [a["text"]]
        pieces = pieces * a.get("times", 1)
        part = {"type": "output_text", "annotations": [],
                "text": "".join(pieces)}
        where = {"content_index": 0}
        item({"type": "message", "id": "msg_%d_%d" % (n, len(items)),
              "role": "assistant", "status": "completed", "content": [part]},
             {"content": []},
             [("response.content_part.added",
               dict(where, part=dict(part, text="")))] +
             [("response.output_text.delta", dict(where, delta=p))
              for p in pieces] +
             [("response.output_text.done", dict(where, text=part["text"])),
              ("response.content_part.done", dict(where, part=part))])
    for c in a.get("calls", []):
        call = {"id": "fc_%d_%d" % (n, len(items)), "name": c["name"],
                "call_id": c.get("call_id", "call_%d_%d" % (n, len(items)))}
        if "input" in c:
            key, kind, text = "input", "custom_tool_call_input", c["input"]
            call["type"] = "custom_tool_call"
        else:
            key, kind = "arguments", "function_call_arguments"
            call["type"] = "function_call"
            text = c.get("arguments", {})
            text = text if isinstance(text, str) else json.dumps(text)
        call[key] = text
        item(dict(call, status="completed"), {key: ""},
             [("response.%s.delta" % kind, {"delta": text}),
              ("response.%s.done" % kind, {key: text})])
    u = a.get("usage", {})
    usage = {"input_tokens": u.get("input", 10),
             "input_tokens_details": {"cached_tokens": u.get("cached", 0)},
             "output_tokens": u.get("output", 5),
             "output_tokens_details": {
                 "reasoning_tokens": u.get("reasoning", 0)},
             "total_tokens": u.get("input", 10) + u.get("output", 5)}
    end = a.get("end", "")
    if end.startswith("incomplete:"):
        out.append(("response.incomplete", {"response": {
            "id": rid, "usage": usage, "incomplete_details":
            {"reason": end.split(":", 1)[1]}}}))
    elif end.startswith("failed:"):
        _, code, message = end.split(":", 2)
        out.append(("response.failed", {"response": {
            "id": rid, "error": {"code": code, "message": message}}}))
    elif end != "none":
        out.append(("response.completed", {"response": {
            "id": rid, "object": "response", "status": "completed",
            "model": "mock", "output": items, "usage": usage}}))
    return [("event: %s\ndata: %s\n\n" % (
        t, json.dumps(dict(d, type=t, sequence_number=i)))).encode()
        for i, (t, d) in enumerate(out)]


def chat_events(a, n):
    """The answer as the chunks of Chat Completions."""
    def chunk(delta, finish=None, **more):
        return dict({"id": "chatcmpl-%d" % n,
                     "object": "chat.completion.chunk", "created": 1,
                     "model": "mock",
                     "choices": [{"index": 0, "delta": delta,
                                  "finish_reason": finish}]}, **more)

    out = [chunk({"role": "assistant", "content": ""})]
    if a.get("reasoning"):
        out.append(chunk({"reasoning_content": a["reasoning"]}))
    if a.get("text") is not None:
        pieces = a["text"] if isinstance(a["text"], list) else [a["text"]]
        out += [chunk({"content": p}) for p in pieces * a.get("times", 1)]
    for i, c in enumerate(a.get("calls", [])):
        args = c["input"] if "input" in c else c.get("arguments", {})
        if "input" in c:
            args = {"input": args}
        text = args if isinstance(args, str) else json.dumps(args)
        half = len(text) // 2
        out.append(chunk({"tool_calls": [{
            "index": i, "id": c.get("call_id", "call_%d_%d" % (n, i)),
            "type": "function",
            "function": {"name": c["name"], "arguments": text[:half]}}]}))
        out.append(chunk({"tool_calls": [{
            "index": i, "function": {"arguments": text[half:]}}]}))
    end = a.get("end", "")
    if end != "none":
        finish = "tool_calls" if a.get("calls") else "stop"
        if end.startswith("incomplete:"):
            finish = end.split(":", 1)[1]
        out.append(chunk({}, finish))
        u = a.get("usage", {})
        last = chunk({}, None, usage={
            "prompt_tokens": u.get("input", 10),
            "completion_tokens": u.get("output", 5),
            "total_tokens": u.get("input", 10) + u.get("output", 5),
            "prompt_tokens_details": {"cached_tokens": u.get("cached", 0)}})
        last["choices"] = []
        out.append(last)
    data = [("data: %s\n\n" % json.dumps(c)).encode() for c in out]
    if end != "none":
        data.append(b"data: [DONE]\n\n")
    return data


def messages_events(a, n):
    """The answer as the events of the Messages API."""
    u = a.get("usage", {})
    out = [("message_start", {"message": {
        "id": "msg_%d" % n, "type": "message", "role": "assistant",
        "model": "mock", "content": [], "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": u.get("input", 10),
                  "cache_read_input_tokens": u.get("cached", 0),
                  "output_tokens": 1}}})]
    index = 0

    def block(start, deltas):
        nonlocal index
        out.append(("content_block_start",
                    {"index": index, "content_block": start}))
        for d in deltas:
            out.append(("content_block_delta",
                        {"index": index, "delta": d}))
        out.append(("content_block_stop", {"index": index}))
        index += 1

    if a.get("reasoning"):
        block({"type": "thinking", "thinking": "", "signature": ""},
              [{"type": "thinking_delta", "thinking": a["reasoning"]},
               {"type": "signature_delta", "signature": "signed"}])
    if a.get("search"):
        use = "srvtoolu_%d" % n
        block({"type": "server_tool_use", "id": use, "name": "web_search",
               "input": {}},
              [{"type": "input_json_delta",
                "partial_json": json.dumps({"query": a["search"]})}])
        block({"type": "web_search_tool_result", "tool_use_id": use,
               "content": [{"type": "web_search_result", "title": "A page",
                            "url": "https://example.com/",
                            "encrypted_content": "sealed",
                            "page_age": None}]}, [])
    if a.get("text") is not None:
        pieces = a["text"] if isinstance(a["text"], list) else [a["text"]]
        block({"type": "text", "text": ""},
              [{"type": "text_delta", "text": p}
               for p in pieces * a.get("times", 1)])
    for i, c in enumerate(a.get("calls", [])):
        args = {"input": c["input"]} if "input" in c else \
            c.get("arguments", {})
        text = args if isinstance(args, str) else json.dumps(args)
        half = len(text) // 2
        block({"type": "tool_use", "name": c["name"], "input": {},
               "id": c.get("call_id", "toolu_%d_%d" % (n, i))},
              [{"type": "input_json_delta", "partial_json": text[:half]},
               {"type": "input_json_delta", "partial_json": text[half:]}])
    end = a.get("end", "")
    if end.startswith("failed:"):
        _, code, message = end.split(":", 2)
        out.append(("error", {"error": {"type": code, "message": message}}))
    elif end != "none":
        stop = "tool_use" if a.get("calls") else "end_turn"
        if end.startswith("incomplete:"):
            stop = end.split(":", 1)[1]
        elif end == "pause":
            stop = "pause_turn"
        out.append(("message_delta", {
            "delta": {"stop_reason": stop, "stop_sequence": None},
            "usage": {"output_tokens": u.get("output", 5)}}))
        out.append(("message_stop", {}))
    return [("event: %s\ndata: %s\n\n" % (
        t, json.dumps(dict(d, type=t)))).encode() for t, d in out]


APIS = {"/responses": responses_events, "/chat/completions": chat_events,
        "/messages": messages_events}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, args):
        if ":" in args.host:
            self.address_family = socket.AF_INET6
        super().__init__((args.host, args.port), Handler)
        self.args = args
        self.lock = threading.Lock()
        self.file = None
        self.read()
        if args.tls:
            import ssl
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(args.tls)
            self.socket = tls.wrap_socket(self.socket, server_side=True,
                                          do_handshake_on_connect=False)
        self.tokens = {}
        for t in args.token or []:
            name, _, n = t.partition("*")
            self.tokens[name] = int(n) if n else None

    def read(self):
        """Takes up a scenario that is not the one in hand."""
        stat = os.stat(self.args.scenario)
        if (stat.st_ino, stat.st_mtime_ns) != self.file:
            self.file = (stat.st_ino, stat.st_mtime_ns)
            self.count = 0
            with open(self.args.scenario, encoding="utf-8") as f:
                self.answers = json.load(f)

    def note(self, line):
        if self.args.log:
            with open(self.args.log, "a", encoding="utf-8") as f:
                f.write(json.dumps(line) + "\n")

    def take(self, line):
        with self.lock:
            self.note(line)
            self.read()
            n = self.count
            self.count += 1
            return n, self.answers[min(n, len(self.answers) - 1)]

    def permits(self, headers):
        if not self.args.token:
            return True
        token = headers.get("x-api-key", "")
        if headers.get("authorization", "").startswith("Bearer "):
            token = headers["authorization"][7:]
        with self.lock:
            if token not in self.tokens:
                return False
            left = self.tokens[token]
            if left is None:
                return True
            self.tokens[token] = left - 1
            return left > 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def handle(self):
        try:
            super().handle()
        except ConnectionError:  # the client has heard enough
            pass

    def plain(self, status, body, headers=None):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        for k, v in (headers or {}).items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def do_GET(self):
        """The models that --models names."""
        headers = {k.lower(): v for k, v in self.headers.items()}
        path = self.path.split("?")[0]
        if not self.server.permits(headers):
            self.plain(401, '{"error":{"message":"bad token"}}')
        elif self.server.args.models is None or not path.endswith("/models"):
            self.plain(404, '{"error":{"message":"no such path"}}')
        else:
            self.plain(200, json.dumps({"object": "list", "data": [
                {"id": m, "object": "model"}
                for m in self.server.args.models.split(",")]}),
                {"Content-Type": "application/json"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        raw = self.rfile.read(length).decode("utf-8", "replace")
        path = self.path.split("?")[0]
        api = next((f for s, f in APIS.items() if path.endswith(s)), None)
        headers = {k.lower(): v for k, v in self.headers.items()}
        line = {"path": self.path, "headers": headers, "body": raw}
        if not self.server.permits(headers):
            with self.server.lock:
                self.server.note(dict(line, status=401))
            self.plain(401, '{"error":{"message":"bad token"}}',
                       {"Content-Type": "application/json"})
            return
        if api is None:
            self.plain(404, '{"error":{"message":"no such path"}}')
            return
        n, a = self.server.take(line)
        missing = [e for e in a.get("expect", []) if e not in raw]
        if missing:
            self.plain(400, json.dumps({"error": {
                "message": "the request lacks %r" % missing}}),
                {"Content-Type": "application/json"})
            return
        time.sleep(a.get("delay", 0))
        if "raw" in a:
            self.wfile.write(a["raw"].encode("latin-1"))
            self.close_connection = True
            return
        if "status" in a:
            self.plain(a["status"], a.get("body", ""), a.get("headers"))
            return
        self.stream(api(a, n), a.get("fault", {}))

    def stream(self, events, fault):
        if fault.get("close"):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if "drop" in fault:
            del events[fault["drop"]]
        if "repeat" in fault:
            events.insert(fault["repeat"], events[fault["repeat"]])
        if "garbage" in fault:
            events.insert(fault["garbage"], b"data: {\"type\":\n\n")
        self.send_response(200)
        self.send_header("Content-Type", fault.get(
            "type", "text/event-stream"))
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        sent = 0
        cut = fault.get("cut")
        try:
            for i, e in enumerate(events):
                if "stall" in fault and i == len(events) - 1:
                    self.wfile.flush()
                    time.sleep(fault["stall"])
                if cut is not None and sent + len(e) > cut:
                    if cut > sent:
                        self.chunk(e[:cut - sent])
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.chunk(e)
                sent += len(e)
            self.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def main():
    p = argparse.ArgumentParser()
    p.add_argument("scenario")
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--port-file")
    p.add_argument("--log")
    p.add_argument("--token", action="append")
    p.add_argument("--models", help="names that /models lists, or 404")
    p.add_argument("--tls", metavar="FILE", help="certificate and key, PEM")
    args = p.parse_args()
    server = Server(args)
    port = server.server_address[1]
    if args.port_file:
        with open(args.port_file + ".new", "w", encoding="utf-8") as f:
            f.write("%d\n" % port)
        os.rename(args.port_file + ".new", args.port_file)
    else:
        print(port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
