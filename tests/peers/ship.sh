#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cordon audit ship against the collectors that others wrote: rsyslog,
# systemd-journald and systemd-journal-remote; and an OTLP collector played
# here, which is down, refuses, and then takes.
. "$(dirname "$0")/../regress/lib.sh"

id=01936f2a-5b1c-7000-8000-00000000abcd
dir=$XDG_STATE_HOME/cordon/audit/2026/11/28
log=$dir/$id.jsonl
mkdir -p "$dir"
auditlog() {
	"$CORDON_BUILD/tests/bin/auditlog" "$@" "$log" "$id" \
		"$CORDON_BUILD/cordon-audit" >/dev/null
}
hashes() { grep -o '"hash":"[0-9a-f]*"}$' "$log" | cut -d'"' -f4; }
auditlog -n 100

# rsyslog, over TCP, with its own parser of structured data.
if command -v rsyslogd >/dev/null; then
	port=$((20000 + $$ % 20000))
	cat >"$tap_dir/rsyslog.conf" <<EOF
global(workDirectory="$tap_dir" maxMessageSize="64k")
module(load="imtcp")
module(load="mmpstrucdata")
input(type="imtcp" port="$port" address="127.0.0.1")
template(name="line" type="string" string="%\$!rfc5424-sd!cordon@32473!hash% %app-name% %msgid%\n")
action(type="mmpstrucdata")
action(type="omfile" file="$tap_dir/rsyslog.out" template="line")
EOF
	to=syslog://127.0.0.1:$port
	"$CORDON" audit ship --to "$to" 2>/dev/null
	is $? 69 'rsyslog is down'
	rsyslogd -n -f "$tap_dir/rsyslog.conf" -i "$tap_dir/rsyslog.pid" \
		>"$tap_dir/rsyslog.log" 2>&1 &
	rsyslog=$!
	for _ in $(seq 50); do
		"$CORDON" audit ship --to "$to" >"$tap_dir/sent" 2>/dev/null &&
			break
		sleep 0.1
	done
	is "$(cat "$tap_dir/sent")" '104 records sent' 'and then it is there'
	auditlog -a -n 20
	"$CORDON" audit ship --to "$to" >/dev/null
	for _ in $(seq 50); do
		[ "$(wc -l <"$tap_dir/rsyslog.out")" = "$(hashes | wc -l)" ] &&
			break
		sleep 0.1
	done
	kill "$rsyslog"
	wait "$rsyslog" 2>/dev/null
	is "$(cut -d' ' -f1 "$tap_dir/rsyslog.out")" "$(hashes)" \
		'rsyslog has every record once, in order, with its hash'
	is "$(sort -u -k2,3 "$tap_dir/rsyslog.out" | cut -d' ' -f2,3 | sort \
		-u | tr '\n' ' ')" 'cordon call cordon close cordon head '\
'cordon open ' 'and its type'
else
	skip 'no rsyslogd' 'rsyslog'
fi

# journald in a mount namespace of its own, and what it has to journal-remote.
journald=/lib/systemd/systemd-journald
remote=/lib/systemd/systemd-journal-remote
if [ -x $journald ] && [ -x $remote ] && unshare -m true 2>/dev/null; then
	auditlog -a -n 1 -b 500000 # larger than a datagram
	cat >"$tap_dir/journal.sh" <<'EOF'
mount -t tmpfs run /run || exit 9
mkdir -p /run/systemd/journal /run/log/journal
/lib/systemd/systemd-journald 2>/dev/null &
pid=$!
for _ in $(seq 50); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done
"$1" audit ship --to journald
for _ in $(seq 50); do
	n=$(journalctl -D /run/log/journal -o cat SYSLOG_IDENTIFIER=cordon | wc -l)
	[ "$n" = "$3" ] && break
	sleep 0.1
done
journalctl -D /run/log/journal -o export SYSLOG_IDENTIFIER=cordon >"$2/export"
kill $pid
EOF
	unshare -m bash "$tap_dir/journal.sh" "$CORDON" "$tap_dir" \
		"$(hashes | wc -l)" >"$tap_dir/out" 2>"$tap_dir/err"
	is "$(cat "$tap_dir/out")" "$(hashes | wc -l) records sent" \
		'journald takes what is sent'
	$remote -o "$tap_dir/remote.journal" - <"$tap_dir/export" \
		>/dev/null 2>&1
	ok $? 'systemd-journal-remote takes it from there'
	journalctl --file "$tap_dir/remote.journal" -o json --all \
		2>/dev/null | python3 -c '
import json, sys
for line in sys.stdin:
    e = json.loads(line)
    print(e["CORDON_HASH"])' >"$tap_dir/hashes"
	is "$(cat "$tap_dir/hashes")" "$(hashes)" \
		'and has every record once, in order'
else
	skip 'no journald or no mount namespace' 'journald'
fi

# OTLP: a collector that refuses the first request.
cat >"$tap_dir/otlp.py" <<'EOF'
import http.server, json, sys, time
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0
    def log_message(self, *a): pass
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        H.asked += 1
        if H.asked > 1 and self.path == "/v1/logs":
            for r in json.loads(body)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
                a = {x["key"]: x["value"]["stringValue"] for x in r["attributes"]}
                print(a["cordon.hash"], flush=True)
        self.send_response(503 if H.asked == 1 else 200)
        self.send_header("content-length", "2")
        self.end_headers()
        time.sleep(0.1) # the body does not come with the head
        self.wfile.write(b"{}")
s = http.server.HTTPServer(("127.0.0.1", 0), H)
print(s.server_port, file=open(sys.argv[1], "w"), flush=True)
s.serve_forever()
EOF
python3 "$tap_dir/otlp.py" "$tap_dir/port" >"$tap_dir/otlp.out" &
otlp=$!
for _ in $(seq 50); do [ -s "$tap_dir/port" ] && break; sleep 0.1; done
to=otlp+http://127.0.0.1:$(cat "$tap_dir/port")
"$CORDON" audit ship --to "$to" >/dev/null 2>&1
is $? 69 'an OTLP collector refuses'
"$CORDON" audit ship --to "$to" >/dev/null 2>&1
is $? 0 'and takes it the next time'
is "$(cat "$tap_dir/otlp.out")" "$(hashes)" 'every record once, in order'
is "$("$CORDON" audit ship --to "$to")" '0 records sent' 'nothing is left'
kill "$otlp"
wait "$otlp" 2>/dev/null

done_testing
