#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A turn with each of the three APIs: the request, the streamed answer, calls
# side by side, their results, the final answer, and what is sent back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

turn='[{"text": ["I ", "look."], "reasoning": "hm", "calls": [
  {"name": "exec_command", "arguments": {"cmd": "echo one"}},
  {"name": "exec_command", "arguments": {"cmd": "echo two"}}],
  "usage": {"input": 100, "cached": 40, "output": 7}},
 {"text": "Done.", "expect": ["one", "two"]}]'

for api in responses chat messages; do
	server <<<"$turn"
	configure $api </dev/null
	run --json 'Look here.'
	is "$code" 0 "$api: a turn with two calls"
	is "$(requests)" 2 "$api: two requests"
	is "$(grep -c '"type":"command_execution".*"exit_code":0' \
		"$tap_dir/out")" 2 "$api: two commands"
	like "$out" '"text":"I look\."' "$api: the text is put together"
	like "$out" '"text":"hm"' "$api: the thought is shown"
	like "$out" '"text":"Done\."' "$api: the final answer"
	like "$out" '"cached_input_tokens":40' "$api: cached tokens are counted"
	like "$(cat "$log")" 'Look here\.' "$api: the prompt was sent"
done

# What went over the wire, by each API's own rules.
server <<<"$turn"
configure chat </dev/null
run 'Look here.'
is "$(body 1 '[m["role"] for m in b["messages"]]')" \
	"['system', 'user', 'user', 'assistant', 'tool', 'tool']" \
	"chat: one message has both calls, two have the results"
is "$(body 1 '[c["function"]["name"] for c in
	b["messages"][3]["tool_calls"]]')" "['exec_command', 'exec_command']" \
	"chat: the calls"
is "$(body 1 'b["messages"][3]["content"]')" "I look." "chat: and its text"
is "$(body 1 '(b["messages"][3]["tool_calls"][1]["id"] ==
	b["messages"][5]["tool_call_id"])')" True "chat: results name their call"
is "$(body 0 'all(t["type"] == "function" and t["function"]["name"] and
	"parameters" in t["function"] for t in b["tools"])')" True \
	"chat: the tools"

server <<<"$turn"
configure messages <<'EOS'
EOS
run 'Look here.'
is "$(body 1 '[m["role"] for m in b["messages"]]')" \
	"['user', 'assistant', 'user']" "messages: the roles take turns"
is "$(body 1 '[c["type"] for c in b["messages"][1]["content"]]')" \
	"['thinking', 'text', 'tool_use', 'tool_use']" \
	"messages: the answer goes back as it came"
is "$(body 1 'b["messages"][1]["content"][0]["signature"]')" signed \
	"messages: a thought keeps its signature"
is "$(body 1 '[c["type"] for c in b["messages"][2]["content"]]')" \
	"['tool_result', 'tool_result']" "messages: both results in one"
is "$(body 0 'b["system"][-1]["cache_control"]["type"]')" ephemeral \
	"messages: the instructions stand in system"
is "$(body 0 'all("input_schema" in t for t in b["tools"])')" True \
	"messages: the tools"

server <<<"$turn"
configure responses </dev/null
run 'Look here.'
is "$(body 1 '[i["type"] for i in b["input"]][-6:]')" \
	"['reasoning', 'message', 'function_call', 'function_call', 'function_call_output', 'function_call_output']" \
	"responses: the items go back as they came"
is "$(body 1 'b["store"], b["stream"]')" "(False, True)" \
	"responses: nothing is kept there"

# Headers, query and settings in the words of the configuration.
server <<<'[{"text": "x"}]'
export EXTRA=from-the-environment
configure responses <<'EOS'
query_params = { api-version = "2026 1" }
http_headers = { X-One = "1" }
env_http_headers = { X-Two = "EXTRA", X-Three = "NOT_SET" }
EOS
run -c model_reasoning_effort=high x
like "$(cat "$log")" '/v1/responses\?api-version=2026%201"' "query_params"
like "$(cat "$log")" '"x-one": "1"' "http_headers"
like "$(cat "$log")" '"x-two": "from-the-environment"' "env_http_headers"
is "$(grep -c x-three "$log")" 0 "an unset variable gives no header"
is "$(body 0 'b["reasoning"]["effort"]')" high "the effort"

# A server that is named by its address.
if grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null; then
	server --host ::1 <<<'[{"text": "x"}]'
	configure responses </dev/null
	run -c "model_providers.mock.base_url='http://[::1]:$port/v1'" x
	is "$code" 0 "a server with an address of IPv6"
else
	skip 'no ::1' "a server with an address of IPv6"
fi

# What a command prints is no reason for the conversation to end.
server <<'EOS'
[{"calls": [{"name": "exec_command", "arguments":
  {"cmd": "printf 'a\\000b\\377\\033[31mc'"}}]}, {"text": "x"}]
EOS
configure responses </dev/null
run x
is "$code" 0 "bytes that are no text"
is "$(body 1 'b["input"][-1]["output"].split("\n")[-1].encode()')" \
	"b'a\xef\xbf\xbdb\xef\xbf\xbd\x1b[31mc'" "are replaced"

# A call with arguments that are none is answered, not carried out.
for api in responses chat messages; do
	server <<'EOS'
[{"calls": [{"name": "exec_command", "arguments": "{\"cmd\": \"touch bad\""},
  {"name": "nonsense", "arguments": {}}]},
 {"text": "sorry", "expect": ["failed to parse", "unsupported call"]}]
EOS
	configure $api </dev/null
	run x
	is "$code" 0 "$api: a malformed call has an answer"
	[ ! -e bad ]
	ok $? "$api: and no effect"
done

done_testing
