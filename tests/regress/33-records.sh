#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What stands in the audit log of a whole session, by the page that describes
# it: all programs are the real ones, and a scripted server plays the provider.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

key=not-for-the-log-0123456789
export TEST_KEY=$key
export CORDON_TEST_WORK=$work
long=$(printf '%01100d' 0 | sed 's/0/é/g')
sed "s/LONG/$long/" <<'EOF' >"$tap_dir/answers"
[{"calls": [{"name": "exec_command", "arguments": {"cmd": "echo LONG 'a|b=c\\\\d' '<b>' > made\n: hello > made; kill -9 $$"}}]},
 {"calls": [{"name": "apply_patch", "arguments": {"input": "*** Begin Patch\n*** Add File: new\n+text\n*** End Patch\n"}}]},
 {"calls": [{"name": "exec_command", "arguments": {"cmd": "sudo ls"}}]},
 {"text": "done"}]
EOF
server <"$tap_dir/answers"
configure responses <<'EOF'
env_key = "TEST_KEY"
EOF
run 'do it'
is "$code" 0 'a session'
records=$(find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl')
cat >"$tap_dir/records.py" <<'EOF'
import hashlib, json, os, re, sys
log = [json.loads(x) for x in open(sys.argv[1])]
hash_ = re.compile("[0-9a-f]{64}").fullmatch

def of(type, **members):
    return [r["data"] for r in log if r["type"] == type and
            all(r["data"].get(k) == v for k, v in members.items())]

def check_open():
    d, = of("open")
    st = os.stat(os.environ["CORDON_TEST_WORK"])
    assert d["version"] and hash_(d["policy"]) and hash_(d["key"])
    assert d["tier"] in ("full", "lsm") and d["uid"] == os.getuid()
    assert d["cwd"] == os.environ["CORDON_TEST_WORK"]
    assert (d["device"], d["inode"]) == (st.st_dev, st.st_ino)
    assert d["argv"][1:] == ["exec", "do it"], d["argv"]

def check_command():
    c, = [d for d in of("call", tool="exec_command") if "made" in d["line"]]
    d, = of("decision", call=c["call"])
    assert d["verdict"] == d["policy"] == "allow" and d["rights"] == "session"
    i, = of("intent", call=c["call"])
    assert i["argv"][-1] == c["line"] and i["cwd"] == c["cwd"]
    assert "PATH" in i["env"] and not any("=" in n for n in i["env"])
    assert i["grant"] == {"sha256": d["grant"]["sha256"]}
    assert hash_(d["grant"]["sha256"])
    assert c["cwd"] in d["grant"]["write"] and d["grant"]["net"] == "none"
    assert i["argv"][:-1] == c["argv"]
    r, = of("result", call=c["call"])
    assert r["how"] == "exit" and r["status"] & 127 == 9, r["status"]
    assert r["wall_us"] > 0 and r["rss_kib"] > 0 and hash_(r["sha256"])
    assert {"user_us", "sys_us", "bytes"} <= r.keys()

def check_patch():
    c, = of("call", tool="apply_patch")
    assert c["writes"] == [c["cwd"] + "/new"], c
    r, = of("result", call=c["call"])
    text = hashlib.sha256(b"text\n").hexdigest()
    assert r["changes"] == [{"kind": "A", "path": "new", "sha256": text}], r

def check_files():
    """What commands have changed is known when the run is over."""
    r = of("result", tool="changed")[-1]
    empty = hashlib.sha256().hexdigest()
    made = {"kind": "A", "path": "made", "sha256": empty}
    assert made in r["changes"], r

def check_refused():
    c, = [d for d in of("call", tool="exec_command") if "sudo" in d["line"]]
    d, = of("decision", call=c["call"])
    m = d["matches"][0]
    assert d["verdict"] == "forbid" and m["rule"] == d["rule"]
    assert m["layer"] == "built-in" and m["effect"] == "forbid" and m["line"]
    assert m["file"] == "built-in"
    assert "grant" not in d
    r, = of("refusal", call=c["call"])
    assert r["why"] and r["rule"] == d["rule"]
    assert not of("intent", call=c["call"])

def check_token():
    first, = of("token")
    assert first == {"reason": "first", "from": "kept"}, first

def check_connect():
    port = int(sys.argv[2])
    assert of("connect", host="127.0.0.1", port=port, verdict="allow",
              role="model")

globals()["check_" + sys.argv[3]]()
EOF
for what in open command patch files refused token connect; do
	python3 "$tap_dir/records.py" "$records" "$port" $what
	ok $? "the records of $what"
done
is "$(cat "$records" "$XDG_STATE_HOME"/cordon/sessions/*/*/*/*.jsonl |
	grep -c "$key")" 0 'the token is neither in the log nor the transcript'
like "$("$CORDON" audit show -t decision)" 'forbid by rule other-user' \
	'show: by which rule'
like "$("$CORDON" audit show -t connect)" "127.0.0.1:$port allow, for model" \
	'show: whereto'
"$CORDON" audit verify >/dev/null
ok $? 'and it verifies'

# The forms for others, each read by a reader of its own: the command has what
# each of them has to quote.
for format in cef csv ocsf otlp html; do
	"$CORDON" audit export -f $format >"$tap_dir/export.$format"
	python3 - $format "$tap_dir/export.$format" "$records" <<'EOF'
import csv, html.parser, json, re, sys
format, path, log = sys.argv[1:]
log = [json.loads(x) for x in open(log)]
text = open(path, newline="").read()
line = next(r["data"]["line"] for r in log if r["type"] == "call" and
            "made" in r["data"].get("line", ""))

# What the formats require, by their published lists: CEF revision 16, OCSF
# 1.3.0 (a path of members; of alternatives one), OTLP 1 logs.
CEF_MOST = {"msg": 1023, "externalId": 40, "cs1": 4000, "cs1Label": 1023,
            "cs2": 4000, "cs2Label": 1023}
EVENT = ["time", "category_uid", "class_uid", "activity_id", "type_uid",
         "severity_id", "metadata.version", "metadata.product.vendor_name",
         "metadata.product.name|metadata.product.uid", "message"]
PROCESS = EVENT + ["process.pid|process.uid", "actor.app_name|actor.process",
                   "device.type_id", "device.hostname|device.uid"]
OCSF = {0: (0, {99}, EVENT + ["activity_name"]),
        1007: (1, {1, 2}, PROCESS),
        4001: (4, {1, 5}, EVENT + [
            "dst_endpoint.hostname|dst_endpoint.ip", "dst_endpoint.port"])}

def has(o, path):
    for name in path.split("."):
        if not isinstance(o, dict) or o.get(name) in (None, "", {}):
            return False
        o = o[name]
    return True

def cef():
    rows = text.splitlines()
    for row, r in zip(rows, log):
        head = re.split(r"(?<!\\)\|", row, maxsplit=7)
        assert len(head) == 8 and head[0] == "CEF:0", row
        assert head[4] == r["type"] and all(head[:7]), row
        assert 0 <= int(head[6]) <= 10
        # A value ends where the next unescaped name=... begins.
        pairs = dict(re.findall(
            r"(\w+)=((?:\\.|[^\\=])*)(?= \w+=|$)", head[7]))
        assert int(pairs["externalId"]) == r["seq"], row
        assert int(pairs.pop("rt")) > 10 ** 12, row
        assert (pairs["cs1"], pairs["cs2"]) == (r["log"], r["hash"]), row
        for name, value in pairs.items():
            value = re.sub(r"\\(.)", r"\1", value)
            assert len(value) <= CEF_MOST[name], (name, row)
        assert "msg" in pairs, row
    assert any(len(row) > 1023 for row in rows)
    return rows

def csv_():
    rows = list(csv.reader(text.splitlines(True)))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert any("a|b=c" in row[5] for row in rows)
    return rows[1:]

def ocsf():
    rows = [json.loads(x) for x in text.splitlines()]
    seen = set()
    for o, r in zip(rows, log):
        category, activities, paths = OCSF[o["class_uid"]]
        assert o["category_uid"] == category, o
        assert o["activity_id"] in activities, o
        assert o["type_uid"] == 100 * o["class_uid"] + o["activity_id"]
        for path in paths:
            assert any(has(o, p) for p in path.split("|")), (path, o)
        assert o["unmapped"]["data"] == r["data"]
        assert o["metadata"]["sequence"] == r["seq"]
        assert o["metadata"]["version"] == "1.3.0"
        seen.add((o["class_uid"], o["activity_id"]))
        if "exit_code" in o and r["data"]["tool"] == "exec_command":
            assert (o["exit_code"], o["status_id"]) == (137, 2), o
    assert seen == {(0, 99), (1007, 1), (1007, 2), (4001, 1)}, seen
    assert len({o["metadata"]["uid"] for o in rows}) == len(rows)
    return rows

def otlp():
    top = json.loads(text)
    assert list(top) == ["resourceLogs"], top
    scope = top["resourceLogs"][0]["scopeLogs"][0]
    assert scope["scope"]["name"] and top["resourceLogs"][0]["resource"]
    for o, r in zip(scope["logRecords"], log):
        assert set(o) == {"timeUnixNano", "severityNumber", "severityText",
                          "body", "attributes"}, o
        a = {x["key"]: x["value"]["stringValue"] for x in o["attributes"]}
        assert json.loads(a["cordon.record"]) == r, o
        # 64 bits are a string in JSON, an enumeration is its number.
        assert isinstance(o["timeUnixNano"], str) and \
            o["timeUnixNano"].isdigit() and len(o["timeUnixNano"]) == 19
        assert isinstance(o["severityNumber"], int) and \
            1 <= o["severityNumber"] <= 24
        assert list(o["body"]) == ["stringValue"], o
    return scope["logRecords"]

def html_():
    class Page(html.parser.HTMLParser):
        tags, words = set(), ""
        def handle_starttag(self, tag, attrs):
            self.tags.add(tag)
            for name, value in attrs:
                assert name not in ("src", "href", "action"), (tag, name)
                assert not name.startswith("on"), (tag, name)
        def handle_data(self, data):
            self.words += data
    page = Page()
    page.feed(text)
    assert not page.tags & {"script", "b", "iframe", "link", "img"}
    assert "'<b>'" in page.words and "a|b=c" in page.words
    return log

rows = {"cef": cef, "csv": csv_, "ocsf": ocsf, "otlp": otlp,
        "html": html_}[format]()
assert len(rows) == len(log), (len(rows), len(log))
EOF
	ok $? "export as $format reads well"
done

# What another policy would have said of the same calls.
cat >"$tap_dir/policy.toml" <<'EOF'
version = 1
[[rule]]
id = "no-signals"
effect = "ask"
exec = "kill"
match = ["kill 1"]
not_match = ["ls"]
[[rule]]
id = "new-is-ours"
effect = "forbid"
write = "./new"
EOF
chmod 600 "$tap_dir/policy.toml"
out=$("$CORDON" audit replay --policy "$tap_dir/policy.toml")
is $? 1 'replay: another policy would decide otherwise'
like "$out" 'tightens .*made.*: allow \(in the cell\).* -> ask \(no-signals\)' \
	'a command, by its rule'
like "$out" 'tightens .*apply_patch.* -> forbid \(new-is-ours\)' 'a patch'
like "$out" '^3 calls: 0 widen, 2 tighten, 0 cannot be told$' 'and no other'
printf 'version = 1\n' >"$tap_dir/policy.toml"
"$CORDON" audit replay --policy "$tap_dir/policy.toml" >"$tap_dir/replay"
is "$?:$(cat "$tap_dir/replay")" \
	'0:3 calls: 0 widen, 0 tighten, 0 cannot be told' \
	'the same policy decides the same'
"$CORDON" audit replay 2>/dev/null
is $? 64 'replay without a policy'

# A session goes on after a crash tore its transcript, more than once, and a
# fork of it begins with some of its turns.
id=$(basename "$records" .jsonl)
transcript=$(find "$XDG_STATE_HOME/cordon/sessions" -name "$id.jsonl")
printf '{"type":"item","item":{"type":"mess' >>"$transcript"
for words in 'second turn' 'third turn'; do
	"$CORDON" exec resume "$id" "$words" >"$tap_dir/out" 2>"$tap_dir/err" \
		</dev/null
	is $? 0 "resumed: $words"
done
like "$(cat "$tap_dir/err")" 'a line of the transcript is left out' \
	'which says so'
fork=$("$CORDON" fork --at 2 "$id")
is "${#fork}:$?" 36:0 'a fork has an id of its own'
like "$("$CORDON" sessions list)" "^$fork .* 2 turns" 'and two of three turns'
is "$("$CORDON" sessions show "$fork" | grep -c 'third turn')" 0 \
	'not the third'
"$CORDON" exec resume "$fork" 'another third' >/dev/null 2>"$tap_dir/err" \
	</dev/null
is $? 0 'it is gone on with'
like "$(body -1 'b["input"]')" 'second turn' 'from there'
is "$(body -1 'str(b["input"]).count("third turn")')" 0 'and no further'
"$CORDON" audit verify "$fork" >/dev/null
is "$?:$("$CORDON" audit show -t open "$fork" | grep -c resumed)" 0:1 \
	'with an audit log of its own'
touch -d '1 hour ago' "$(dirname "$transcript")"
like "$("$CORDON" sessions list -n 1)" "^$fork" 'it is the newest then'
"$CORDON" exec resume "$id" 'fourth turn' >/dev/null 2>&1 </dev/null
like "$("$CORDON" sessions list -n 1)" "^$id .* 4 turns" \
	'until the other is gone on with'
"$CORDON" sessions fork --at 9 "$id" >/dev/null 2>"$tap_dir/err"
is "$?:$(grep -c '4 turns' "$tap_dir/err")" 65:1 'a turn that is not there'
"$CORDON" audit verify "$id" >/dev/null
ok $? 'and the log of the first verifies'

done_testing
