#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The command that prints the token: when it runs, what its failure means,
# and that the token is nowhere but on the wire.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

runs=$tap_dir/home/runs
helper=$tap_dir/home/helper
two='[{"text": "a", "calls": [{"name": "exec_command",
  "arguments": {"cmd": "true"}}]}, {"text": "b"}]'

# helper COMMANDS: the token command; it counts its own runs
helper() {
	rm -f "$runs"
	{
		printf '#!/bin/sh\necho run >>%s\n' "$runs"
		cat
	} >"$helper"
	chmod +x "$helper"
}

# auth [LINES [API]]: a provider with that command
auth() {
	configure "${2-responses}" <<-EOS
	request_max_retries = 0
	stream_max_retries = 0
	[model_providers.mock.auth]
	command = "$helper"
	$1
	EOS
}
times() { if [ -e "$runs" ]; then grep -c . "$runs"; else echo 0; fi; }
sent() { # the tokens of the requests, in their order
	sed -En 's/.*"(x-api-key": "|authorization": "Bearer )([^"]*)".*/\2/p' \
		"$log" | paste -sd ' '
}

# An interval of 0: never before a 401.
helper <<'EOS'
echo '  tok-1  '
EOS
server --token tok-1 <<<"$two"
auth 'refresh_interval_ms = 0'
run x
is "$code" 0 "the token of the command opens the door"
is "$(times)" 1 "it ran once for two requests"
like "$(cat "$log")" '"Bearer tok-1"' "the token is trimmed"

# The token is good for one request; the second gets a 401.
for api in responses chat messages; do
	helper <<-EOS
	echo "tok-\$(grep -c . $runs)"
	EOS
	server --token 'tok-1*1' --token tok-2 <<<"$two"
	auth 'refresh_interval_ms = 0' $api
	run x
	is "$code" 0 "$api: a 401 is recovered from"
	is "$(times)" 2 "$api: by one more run of the command"
	is "$(sent)" 'tok-1 tok-1 tok-2' \
		"$api: the same token until the 401, then the new one"
done

# A session that is gone on with has a token of its own, and recovers too.
helper <<EOS
echo "tok-\$(grep -c . $runs)"
EOS
server --token 'tok-1*1' --token tok-3 <<<'[{"text": "a"}, {"text": "b"}]'
auth 'refresh_interval_ms = 0'
run x
run resume --last y
is "$code $(sent)" '0 tok-1 tok-2 tok-3' "resumed: a 401 is recovered from"

# Which may fail then, too.
helper <<EOS
[ "\$(grep -c . $runs)" = 1 ] && echo tok-1
EOS
server --token 'tok-1*1' <<<"$two"
auth 'refresh_interval_ms = 0'
run x
is "$code" 77 "a command that fails behind a 401 fails the turn"
is "$(sent)" 'tok-1 tok-1' "and no request goes out without a token"
like "$err" 'token command .*helper.* failed with status 1' "it is named"

# A second 401 is final.
helper <<'EOS'
echo bad
EOS
server --token good <<<"$two"
auth 'refresh_interval_ms = 0'
run x
is "$code" 77 "a second 401 fails the turn"
is "$(times)" 2 "after two runs"
is "$(requests)" 2 "and two requests"
like "$err" '401' "the message says so"

# The same recovery with an interval.
helper <<EOS
echo "tok-\$(grep -c . $runs)"
EOS
server --token 'tok-1*1' --token tok-2 <<<"$two"
auth 'refresh_interval_ms = 600000'
run x
is "$code" 0 "with an interval a 401 is recovered from too"
is "$(times)" 2 "by one more run"

# With an interval a token that is older is renewed before it is used.
helper <<EOS
echo "tok-\$(grep -c . $runs)"
EOS
server --token 'tok-1' --token tok-2 <<'EOS'
[{"text": "a", "delay": 0.3, "calls": [{"name": "exec_command",
  "arguments": {"cmd": "sleep 0.3"}}]}, {"text": "b"}]
EOS
auth 'refresh_interval_ms = 50'
run x
is "$code" 0 "a short interval"
is "$(times)" 2 "renews before the second request"
is "$(sent)" 'tok-1 tok-2' \
	"which carries the new token"

# refuses WHAT MESSAGE: the turn fails, and no request goes out
refuses() {
	server <<<"$two"
	auth "${3-refresh_interval_ms = 0}"
	run x
	is "$code" 77 "$1: the turn fails"
	like "$err" "$2" "$1: the message names the command"
	is "$(requests)" 0 "$1: no request goes out"
	is "$(grep -c sekrit "$tap_dir/err")" 0 "$1: its output is not shown"
}
helper <<'EOS'
echo sekrit; exit 3
EOS
refuses "exit 3" "token command .*helper.* failed with status 3"
helper <<'EOS'
printf '  \n'; echo sekrit >&2
EOS
refuses "no output" "token command .*helper.* printed nothing"
helper <<'EOS'
echo sekrit; sleep 300
EOS
refuses "time-out" "token command .*helper.* took more than 300 ms" \
	"$(printf 'refresh_interval_ms = 0\ntimeout_ms = 300')"
helper <<'EOS'
head -c 70000 /dev/zero | tr '\0' s
EOS
refuses "64 KiB" "token command .*helper.* printed more than 64 KiB"
helper <<'EOS'
exec tr '\0' s </dev/zero
EOS
refuses "no end" "token command .*helper.* printed more than 64 KiB"
rm -f "$helper"
refuses "no such program" "token command .*helper"

# A negative interval is refused with its place.
auth 'refresh_interval_ms = -1'
run x
is "$code" 78 "a negative interval is refused"
like "$err" 'config\.toml:[0-9]+.*refresh_interval_ms' "with file and line"

# The command is in a cell: the workspace is hidden, the home is there.
echo mine >"$work/secret"
echo home >"$HOME/file"
helper <<EOS
cat $work/secret >/dev/null 2>&1 && echo seen && exit
[ "\$(cat $HOME/file)" = home ] || exit 9
[ "\$(pwd)" = $conf ] || exit 8
[ -z "\$(cat)" ] || exit 7
echo hidden
EOS
server <<<"$two"
auth 'refresh_interval_ms = 0'
run x
is "$code" 0 "the command runs in the configuration's folder"
is "$(sent)" 'hidden hidden' "the workspace is hidden from it"

# A project cannot name the command.
mkdir -p .cordon
cat >.cordon/config.toml <<'EOS'
[model_providers.mock.auth]
command = "/bin/echo"
args = ["evil"]
EOS
run x
is "$(grep -c evil "$log")" 0 "a project's command is never run"
rm -r .cordon

# In no form in any file of these, nor in what was seen of processes.
nowhere() {
	python3 - "$secret" "$XDG_STATE_HOME" "$conf" "$work" "$tap_dir/out" \
		"$tap_dir/err" "$tap_dir/procs" <<'EOS'
import base64, os, sys, urllib.parse
s = sys.argv[1].encode()
forms = {"plain": s, "hex": s.hex().encode(), "reversed": s[::-1],
         "url": urllib.parse.quote(s.replace(b"-", b"%2D")).encode()}
for i in range(3):
    b = base64.b64encode(b"x" * i + s)
    forms["base64 %d" % i] = b[4:-4]
bad = n = 0
for top in sys.argv[2:]:
    files = [top] if os.path.isfile(top) else \
        [os.path.join(d, f) for d, _, fs in os.walk(top) for f in fs]
    for f in files:
        data = open(f, "rb").read()
        n += 1
        for name, form in forms.items():
            if form in data:
                print("# %s in %s" % (name, f))
                bad += 1
sys.exit(bad != 0 or n < 5)
EOS
}

# Writes what can be seen of all processes while one lives: always, or from
# when the session's are there, which are its children.
watch() { # pid when
	python3 - "$1" "$tap_dir/procs" "$work/seen" "$2" <<'EOS'
import glob, sys, time

def read(path):
    """What is there; nothing where it is closed to us, too."""
    try:
        return open(path, "rb").read()
    except OSError:
        return b""

def parent(path):
    return read(path + "/stat").rpartition(b")")[2].split()[1:2]

pid, seen = sys.argv[1], set()
wanted = {b"cordon: model", b"cordon: net", b"cordon: gate", b"cordon: audit"}
with open(sys.argv[2], "wb") as out:
    while read("/proc/%s/cmdline" % pid): # a zombie has none
        there = wanted <= seen # all of them, for the whole of this look
        for p in glob.glob("/proc/[0-9]*"):
            words = read(p + "/cmdline")
            if b"mock_model" in words:
                continue
            if parent(p) == [pid.encode()]:
                seen.add(words.rstrip(b"\0"))
            if sys.argv[4] == "always" or there:
                out.write(words + read(p + "/environ"))
        if there:
            open(sys.argv[3], "w").close()
        time.sleep(0.01)
sys.exit(not wanted <= seen)
EOS
}

# The token is nowhere but on the wire.  The call lasts until somebody has seen
# all who might have it elsewhere.
secret=T0ken-$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n')-qZ
helper <<EOS
echo $secret
EOS
waits=$(cat <<'EOS'
[{"text": "a", "calls": [{"name": "exec_command", "arguments":
  {"cmd": "env; p=/proc; cat $p/[0-9]*/environ $p/[0-9]*/cmdline; i=0; until [ -e seen ] || [ $((i += 1)) -gt 900 ]; do sleep 0.1; done", "yield_time_ms": 30000}}]},
 {"text": "b"}]
EOS
)
server --token "$secret" <<<"$waits"
auth 'refresh_interval_ms = 0'
"$CORDON" exec --json x >"$tap_dir/out" 2>"$tap_dir/err" </dev/null &
pid=$!
watch $pid always
watched=$?
wait $pid
is $? 0 "a run with a secret"
ok $watched "whose processes were looked at"
rm -f "$helper"
nowhere
ok $? "the token is in no file, environment or command line"

# One that a variable gave is not even in the environment that it came with.
rm -f "$work/seen" "$tap_dir/procs"
server --token "$secret" <<<"$waits"
configure responses </dev/null
CORDON_API_KEY=$secret "$CORDON" exec --json x >"$tap_dir/out" \
	2>"$tap_dir/err" </dev/null &
pid=$!
watch $pid later
watched=$?
wait $pid
is $? 0 "a run with a secret in a variable"
ok $watched "whose processes were looked at, too"
grep -q 'CORDON_API_KEY=xxx' "$tap_dir/procs"
ok $? "that variable is written over"
nowhere
ok $? "and its token is nowhere else"

done_testing
