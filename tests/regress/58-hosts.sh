#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Hosts that a policy names: commands reach them by the proxy of their cell, by
# programs that people use, and reach nothing else; every connection is on
# record before it is made.  All of it in a network of the test's own, which
# has a "public" address on its loopback and names for it.
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP needs root: elsewhere /etc/hosts cannot be replaced"
	exit 0
fi
if [ -z "${HOSTS_APART-}" ]; then
	export HOSTS_APART=1
	exec unshare -mn -- bash "$0"
fi
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"
cp "$CORDON_BUILD/cordon-net" "$doubles/cordon-net"

public=93.184.216.34
python3 - $public <<'P'
import fcntl, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def ioctl(name, number, value):
    fcntl.ioctl(s, number, struct.pack("16s", name) + value)
def address(a):
    return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(a))
ioctl(b"lo", 0x8914, struct.pack("h14x", 0x49))  # SIOCSIFFLAGS: up
for i, a in enumerate([sys.argv[1], "169.254.169.254", "10.1.2.3"]):
    ioctl(b"lo:%d" % i, 0x8916, address(a))  # SIOCSIFADDR
P
cat >"$tap_dir/hosts" <<H
127.0.0.1 localhost
$public good.test other.test sub.wild.test wild.test
169.254.169.254 rebound.test
10.1.2.3 inner.test
H
mount --bind "$tap_dir/hosts" /etc/hosts || exit 1
echo "nameserver 127.0.0.1" >"$tap_dir/resolv.conf"
mount --bind "$tap_dir/resolv.conf" /etc/resolv.conf || exit 1

# A listener that answers with a word and says who came.
cat >"$tap_dir/listen.py" <<'P'
import http.server, os, socket, sys, threading
# A name server that knows an address of v4.test and nothing of others, and
# does not say what it knows of slow.test.
def names():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 53))
    while True:
        q, peer = s.recvfrom(512)
        end = q.index(b"\0", 12) + 5
        kind = q[end - 3]
        head = lambda code, n: (q[:2] + bytes([0x81, 0x80 | code, 0, 1, 0, n])
                                + b"\0" * 4 + q[12:end])
        if b"\4slow" in q:
            continue
        if b"\2v4" not in q:
            s.sendto(head(3, 0), peer)
        elif kind == 1:
            s.sendto(head(0, 1) + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" +
                     socket.inet_aton("93.184.216.34"), peer)
        else:
            s.sendto(head(0, 0), peer)
threading.Thread(target=names, daemon=True).start()
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        with open(sys.argv[1], "a") as f:
            f.write("%s:%d %s %s\n" % (*self.server.server_address[:2],
                    self.path, self.headers.get("Host")))
        body = b"reached " + self.path.encode() + b"\n"
        if self.path.startswith("/repo/info/refs"):  # as git's dumb server
            body = b"0" * 39 + b"1\trefs/heads/main\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        n = int(self.headers["Content-Length"])
        while n > 0:
            n -= len(self.rfile.read(min(n, 65536)))
        self.do_GET()
    def log_message(self, *a):
        pass
for port in (8001, 8002):
    s = http.server.ThreadingHTTPServer(("0.0.0.0", port), H)
    threading.Thread(target=s.serve_forever).start()
open(sys.argv[1], "a").close()
P
python3 "$tap_dir/listen.py" "$tap_dir/came" &
listener=$!
disown
trap 'kill -9 $listener 2>/dev/null; tap_cleanup' EXIT
until_so test -e "$tap_dir/came"
came() { cat "$tap_dir/came"; : >"$tap_dir/came"; }

conf=$XDG_CONFIG_HOME/cordon
mkdir -p "$conf"
chmod 700 "$conf"
policy() { { echo 'version = 1'; cat; } >"$conf/policy.toml"; }
# go [OPTIONS]: the scenario, and that it came to its end
go() {
	run --json "$@" go
	checks
	is "$code" 0 "to the end"
}

policy <<'P'
[[rule]]
id = "good"
effect = "allow"
net = ["good.test:8001", "*.wild.test:8001", "rebound.test:*", "inner.test:*",
	"10.1.2.3:8001", "v4.test:8001", "slow.test:8001", "no.test:8001"]
[[rule]]
id = "never"
effect = "forbid"
reason = "not that one"
net = ["bad.wild.test:*"]
P
scenario <<'EOS'
check("the model is told", m.context["network"], "hosts")
def curl(what, *wanted):
    s, t = m.finish("curl -sS -m 60 " + what)
    check("curl " + what, (s, t), *wanted)
curl("http://good.test:8001/a", "reached /a")
curl("-p http://good.test:8001/b", "reached /b")       # CONNECT
curl("http://sub.wild.test:8001/c", "reached /c")
curl("-d x=y http://good.test:8001/post", "reached /post")
s, t = m.finish("python3 -c 'import urllib.request as u\n"
              "print(u.urlopen(\"http://good.test:8001/py\").read())'")
check("python", (s, t), "reached /py")
s, t = m.finish("git ls-remote http://good.test:8001/repo 2>&1")
check("git", (s, t), "refs/heads/main")
s, t = m.finish("head -c 3000000 /dev/zero | curl -sS -m 90 --data-binary @- "
                "-p http://good.test:8001/big")
check("3 MB through a tunnel", (s, t), "reached /big")
s, t = m.finish("for i in $(seq 50); do curl -sS -m 90 -p "
                "http://good.test:8001/n & done; wait", yield_ms=30000)
check("more at once than are served", t.count(b"reached /n"), "50")
curl("http://10.1.2.3:8001/inside", "reached /inside")  # named as it is
# What is not listed.
curl("http://other.test:8001/", "no rule permits", "denied by the sandbox",
     "connect other.test:8001")
curl("-p http://other.test:8001/", "403")
curl("http://good.test:8002/", "good.test:8002 is refused")
curl("http://wild.test:8001/", "is refused")
curl("http://bad.wild.test:8001/", "not that one")
curl("http://93.184.216.34:8001/", "is refused")
curl("http://localhost:8001/ --noproxy none", "is refused")
curl("http://127.0.0.1:8001/ --noproxy none", "is refused")
curl("http://169.254.169.254:8001/ --noproxy none", "is refused")
# A listed name that leads inside.
curl("http://rebound.test:8001/", "private address")
curl("http://inner.test:8001/", "private address")
# Names that are asked for; one that nobody answers holds nobody else up.
curl("http://no.test:8001/", "no.test")
s, t = m.finish("(curl -sS -m 60 http://slow.test:8001/; echo slow over) & "
                "sleep 0.5; curl -sS -m 60 http://v4.test:8001/v4; wait",
                yield_ms=30000)
check("a slow name", t.split(b"slow over")[0], "reached /v4")
# Around the proxy.
curl("--noproxy '*' http://good.test:8001/", "curl: (7)")
curl("--noproxy '*' http://93.184.216.34:8001/", "curl: (7)")
curl("-x '' http://10.1.2.3:8001/", "curl: (7)")
s, t = m.exec("exec 3<>/dev/tcp/127.0.0.1/3128; "
              "printf 'GET http://good.test:8001/x HTTP/1.1\\r\\n"
              "Host: other.test:8001\\r\\n\\r\\n"
              "GET http://other.test:8001/y HTTP/1.1\\r\\n\\r\\n' >&3; cat <&3")
check("a second request on the same connection", t, "reached /x")
check("comes to nobody else", t.count(b"reached"), "1")
s, t = m.exec("exec 3<>/dev/tcp/127.0.0.1/3128; printf 'hello\\r\\n\\r\\n' >&3; "
              "cat <&3")
check("nonsense", t, "400 Bad Request")
s, t = m.exec("ls /sys/class/net | tr '\\n' ' '; cat /proc/net/dev | wc -l")
check("no interface but the loopback", t, "3")
# What only reads has no proxy.
s, t = m.exec("cat /etc/hosts")
# A call that has ended leaves no way behind.
s, t = m.exec("(sleep 30; curl -sS http://good.test:8001/late) & disown")
check("the call ended", s, "0")
EOS
go
is "$(came | grep -v /repo | sort | uniq -c | sort -rn | sed 's/^ *//')" \
"50 0.0.0.0:8001 /n good.test:8001
1 0.0.0.0:8001 /x good.test:8001
1 0.0.0.0:8001 /v4 v4.test:8001
1 0.0.0.0:8001 /py good.test:8001
1 0.0.0.0:8001 /post good.test:8001
1 0.0.0.0:8001 /inside 10.1.2.3:8001
1 0.0.0.0:8001 /c sub.wild.test:8001
1 0.0.0.0:8001 /big good.test:8001
1 0.0.0.0:8001 /b good.test:8001
1 0.0.0.0:8001 /a good.test:8001" "who came to the listeners, and as whom"
audit_log | python3 -c '
import json, sys
allowed = refused = reads = 0
for line in sys.stdin:
    r = json.loads(line); d = r["data"]
    if r["type"] == "call" and d.get("line") == "cat /etc/hosts":
        reads = d["call"]
    if r["type"] == "decision" and d["call"] == reads:
        assert d["grant"]["net"] == "none", d  # known to only read
    if r["type"] == "connect":
        allowed += 1
        assert d["verdict"] == "allow" and d["role"] == "cell" and d["of"]
        assert d["rule"] == "good", d
    if r["type"] == "refusal" and d.get("tool") == "connect":
        refused += 1
        assert d["host"] and d["port"] and d["why"]
print(allowed, refused)' >"$tap_dir/counts"
is "$(cat "$tap_dir/counts")" "65 9" "each connection and refusal is on record"

# A person's program is asked; how long its yes holds.
policy <<'P'
[defaults]
net = "ask"
P
forget
approver once
scenario <<'EOS'
s, t = m.finish("curl -sS http://good.test:8001/1 http://good.test:8001/2 & "
              "curl -sS http://good.test:8001/3; wait")
check("asked: yes", (s, t.count(b"reached")), "(0, 3)")
s, t = m.finish("curl -sS http://good.test:8001/4")
check("once: the next command asks again", (s, t), "reached /4")
s, t = m.finish("curl -sS http://rebound.test:8001/")
check("a yes to a name is none to where it leads", t, "private address")
s, t = m.finish("curl -sS --noproxy none http://10.1.2.3:8001/")
check("an address that was shown is what was allowed", t, "reached")
EOS
go --approve-with "$prog"
is "$(grep -c '"what":"connect"' "$asked")" 4 "once: a question a command"
like "$out" '"asked":4' "which the last event counts"
question=$(head -1 "$asked")
like "$question" '"hosts":\["good.test:8001"\]' "it names the host"
like "$question" '"argv":\["/bin/bash","-l?c","curl' "and the command"
like "$(tail -1 "$asked")" 'not the Internet' "and what is inside"
is "$(records approval | grep -c '"tool":"connect"')" 4 "each yes is on record"

forget
approver session
scenario <<'EOS'
for n in ("1", "2"):
    s, t = m.finish("curl -sS http://good.test:8001/" + n)
    check("session " + n, (s, t), "reached /" + n)
s, t = m.finish("curl -sS http://good.test:8002/")
check("session: another port", (s, t), "reached /")
EOS
go --approve-with "$prog"
is "$(grep -c '"what":"connect"' "$asked")" 2 "session: a question a host"

forget
approver no
scenario <<'EOS'
s, t = m.finish("curl -sS http://good.test:8001/")
check("no", t, "the approving program said no", "denied by the sandbox")
EOS
go --approve-with "$prog"

forget
scenario <<'EOS'
s, t = m.finish("curl -sS http://good.test:8001/g")
check("granted beforehand", t, "reached /g")
s, t = m.finish("curl -sS http://good.test:8002/")
check("nobody is there to ask", t, "nobody is there to ask")
EOS
go --grant connect:Good.test:8001
came >/dev/null

# What only the default refuses is offered, what a rule forbids is not.
policy <<'P'
[[rule]]
id = "good"
effect = "allow"
net = ["good.test:8001"]
[[rule]]
id = "not"
effect = "forbid"
net = ["sub.wild.test:*"]
P
forget
approver once
scenario <<'EOS'
s, t = m.finish("curl -sS http://good.test:8001/w; "
              "curl -sS http://other.test:8001/w")
check("the command goes on after a yes", (s, t.count(b"reached")), "(0, 2)")
s, t = m.finish("curl -sS http://sub.wild.test:8001/")
check("no question about what is forbidden", t, "is refused", "rule")
EOS
go --approve-with "$prog"
is "$(grep -c . "$asked")" 1 "one question"
like "$(cat "$asked")" 'other.test:8001.*no rule permits connections to it' \
	"which says that it is more than the policy gives"
like "$(records decision | grep other.test)" \
	'"verdict":"ask".*"policy":"forbid"' "as does the record"
came >/dev/null

# A program's own hosts.
policy <<'P'
[defaults]
escalate = "never"
[[rule]]
id = "fetch"
effect = "allow"
exec = { program = "curl", args = ["..."] }
net = ["good.test:8001"]
[[rule]]
id = "own-publish"
effect = "ask"
exec = "./publish"
net = ["other.test:8001"]
P
printf '#!/bin/sh\ncurl -sS http://other.test:8001/p\n' >publish
chmod +x publish
forget
approver once
scenario <<'EOS'
s, t = m.finish("curl -sS http://good.test:8001/own")
check("a rule's program reaches what the rule names", t, "reached /own")
s, t = m.finish("curl -sS http://other.test:8001/")
check("and nothing else", t, "no rule permits")
s, t = m.exec("sh -c 'curl -sS http://good.test:8001/'; echo $http_proxy.")
check("which no other command does", t, "curl: (", ".")
s, t = m.exec("./publish")
check("a yes to a command is one to its rule's hosts", t, "reached /p")
EOS
go --approve-with "$prog"
like "$(cat "$asked")" '"what":"command".*"hosts":\["other.test:8001"\]' \
	"which were shown"

# The network of the host, but for what a rule holds back; and what a project
# says of itself.
policy <<'P'
[defaults]
net = "host"
[[rule]]
id = "not"
effect = "forbid"
net = ["other.test:*"]
P
mkdir -p .cordon
cat >.cordon/policy.toml <<'P'
version = 1
[[rule]]
id = "mine"
effect = "allow"
net = ["other.test:*", "10.1.2.3:*"]
P
scenario <<'EOS'
s, t = m.finish("curl -sS http://good.test:8001/h")
check("all but what is forbidden", t, "reached /h")
s, t = m.finish("curl -sS http://other.test:8001/")
check("which is", t, "is refused")
s, t = m.finish("curl -sS --noproxy none http://10.1.2.3:8001/")
check("nor what is inside", t, "it is inside, and no rule names it")
EOS
go

# Without namespaces there is no loopback to have a proxy on.
policy <<'P'
[[rule]]
id = "good"
effect = "allow"
net = ["good.test:8001"]
P
scenario <<'EOS'
check("tier lsm: the model is told", m.context["network"], "none")
s, t = m.finish("curl -sS -m 60 http://good.test:8001/; echo $http_proxy.")
check("tier lsm: no proxy", t, "curl: (", ".")
EOS
go -c sandbox_tier=lsm
like "$err" 'reach no host in tier lsm' "tier lsm: and the person"
is "$(came | sort -u | tr '\n' ' ')" \
	"0.0.0.0:8001 /h good.test:8001 0.0.0.0:8001 /own good.test:8001 0.0.0.0:8001 /p other.test:8001 " \
	"nobody else came"
done_testing
