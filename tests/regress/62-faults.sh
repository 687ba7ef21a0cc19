#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What ends a turn and how that is told: the exit code says what it was.  What
# a turn survives is in 66-fault-matrix.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

# A server that takes no connection and refuses none, all the while.
python3 - "$tap_dir/hole" <<'P' &
import os, socket, sys, time
s = socket.create_server(("127.0.0.1", 0), backlog=0)
held = []
for _ in range(3):
    c = socket.socket()
    c.setblocking(False)
    c.connect_ex(s.getsockname())
    held.append(c)
with open(sys.argv[1] + ".new", "w") as f:
    f.write(str(s.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
P
hole_pid=$!
trap 'kill $hole_pid 2>/dev/null; server_stop; tap_cleanup' EXIT
until_so test -e "$tap_dir/hole"
{
	start=$(date +%s)
	mkdir -p "$tap_dir/far/.git"
	cd "$tap_dir/far" && "$CORDON" exec -m m -c model_provider=far \
		-c model_providers.far.name=far -c \
		"model_providers.far.base_url=http://127.0.0.1:$(cat "$tap_dir/hole")" \
		x >/dev/null 2>"$tap_dir/hole.err" </dev/null
	echo "$? $(($(date +%s) - start))" >"$tap_dir/hole.end"
} &
far_pid=$!

# A call in an answer with the fault, then the same whole, then the end.
call='"calls": [{"call_id": "one", "name": "exec_command",
  "arguments": {"cmd": "echo x >>count"}}]'

fails() { # CODE MESSAGE DESCRIPTION ANSWER
	server <<<"[$4]"
	configure "${5-responses}" <<-'EOS'
	request_max_retries = 1
	stream_max_retries = 1
	EOS
	run x
	is "$code" "$1" "$3: the exit code"
	like "$err" "$2" "$3: the message"
}
fails 77 'no money' "quota" '{"status": 429, "body":
 "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"no money\"}}"}'
is "$(requests)" 1 "it is not tried again"
fails 69 'the server answered 500; try again later' "500 for ever" '{"status": 500}'
is "$(requests)" 2 "it was tried again"
fails 75 'the server answered 429; try again later' "429 for ever" '{"status": 429}'
fails 75 'busy' "messages: overloaded" \
	'{"text": "a", "end": "failed:overloaded_error:busy"}' messages
fails 77 '404; check base_url and model' "404" '{"status": 404}'
fails 69 'completion: a header line of the answer is too long$' \
	"a header line of 200 KB" "$(python3 -c '
print("{\"status\": 200, \"headers\": {\"X-A\": \"%s\"}}" % ("a" * 200000))')"
fails 69 'completion: the answer is not HTTP; check the URL$' \
	"no HTTP" '{"raw": "220 mail.example ESMTP\r\n"}'
# Not every server says what is wrong where the API has it.
for body in '{\"error\":\"no model m\"}' '{\"detail\":\"no model m\"}' \
	'{\"object\":\"error\",\"message\":\"no model m\"}'; do
	fails 77 'error: no model m$' "$body" \
		"{\"status\": 400, \"body\": \"$body\"}"
done
server <<'EOS'
[{"status": 302, "headers": {"Location": "http://127.0.0.1:1/v1/responses"}}]
EOS
configure responses </dev/null
run x
is "$(requests)" 1 "a redirect is not followed"
[ "$code" -ne 0 ]
ok $? "and is a failure"

# Nobody there, and no time.
server_stop
port=1 # which no other test takes, as it may the one that is free now
configure responses <<'EOS'
request_max_retries = 1
EOS
run x
is "$code" 69 "nobody listens"
like "$err" "connect to 127\.0\.0\.1:$port: \
Connection refused; check that something listens there\$" "the message says where, and what to do"
server <<<'[{"text": "a", "delay": 170}]'
configure responses </dev/null
start=$SECONDS
run --deadline 2s x
is "$code" 124 "a deadline"
took=$((SECONDS - start))
[ $took -le 60 ]
ok $? "is kept ($took s)"

# An answer that broke off leaves nothing in the transcript.
server <<EOS
[{"text": "I look.", $call, "end": "none"}, {"text": "Whole."}]
EOS
configure responses </dev/null
rm -f count
run x
is "$(cat "$XDG_STATE_HOME"/cordon/sessions/*/*/*/*.jsonl |
	grep -c '"type":"function_call"')" \
	"$(cat "$XDG_STATE_HOME"/cordon/sessions/*/*/*/*.jsonl |
	grep -c '"type":"function_call_output"')" \
	"every call of the transcripts has its output"

# A long answer is whole: on the screen, in an event, and in the transcript.
python3 -c 'print("[{\"text\": \"%s\", \"times\": 20}]" % ("x" * 1000000))' \
	>"$tap_dir/long"
server <"$tap_dir/long"
configure responses </dev/null
run x
is "$code ${#out}" "0 20000000" "an answer of 20 MB"
is "$(cat "$XDG_STATE_HOME"/cordon/sessions/*/*/*/*.jsonl | awk \
	'length > 20000000' | wc -l)" 1 "is in the transcript"
python3 -c '
import json
print(json.dumps([{"text": "\u20acab\n\"" * 100000}]))' >"$tap_dir/long"
server <"$tap_dir/long"
configure responses </dev/null
run --json x
python3 - "$tap_dir/out" <<'EOS'
import json, sys
items = [json.loads(l).get("item", {}) for l in open(sys.argv[1], "rb")]
sys.exit([i.get("text") for i in items].count("\u20acab\n\"" * 100000) != 1)
EOS
ok $? "and in an event, whatever it is made of"

# Compaction: at the limit, between two steps.
for api in responses chat messages; do
	server <<-EOS
	[{"text": "Long ago.", $call, "usage": {"input": 5000, "output": 10}},
	 {"text": "The summary.", "expect": ["Only the summary", "echo x"]},
	 {"text": "Done.", "expect": ["The summary."]}]
	EOS
	configure $api </dev/null
	run --json -c model_auto_compact_token_limit=4000 'First words.'
	is "$code" 0 "$api: compaction"
	like "$out" '"text":"The summary\."' "$api: the summary is shown"
	is "$(body 2 'str(b).count("Long ago")')" 0 "$api: the rest is gone"
	is "$(body 2 'str(b).count("environment_context") > 0')" True \
		"$api: the opening is kept"
done

# Who never gets through gives up after half a minute, however many tries that
# makes.
wait $far_pid
read -r code took <"$tap_dir/hole.end"
is "$code" 69 "nobody is reached: the exit code"
like "$(cat "$tap_dir/hole.err")" 'Connection timed out|no connection in time' \
	"the message"
[ "$took" -ge 25 ] && [ "$took" -le 90 ]
ok $? "nobody is reached: half a minute, or a little more ($took s)"

done_testing
