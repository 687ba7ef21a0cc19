#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The scripted model server read by the vendors' own SDKs, so that what our
# client is tested against is what they would accept; and the client's requests
# held to the types of those.
. "$(dirname "$0")/../regress/lib.sh"
. "$(dirname "$0")/lib.sh"
command -v npm >/dev/null || { echo '1..0 # SKIP no npm'; exit 0; }
peer_npm openai@7.59.0 @anthropic-ai/sdk@1.14.0 typescript@5.9.3
. "$(dirname "$0")/../regress/server.sh"

server --token key-1 <<'EOS'
[{"text": ["Hi ", "you"], "reasoning": "hm", "search": "hi", "calls": [
  {"call_id": "c1", "name": "exec_command", "arguments": {"cmd": "ls"}}],
  "usage": {"input": 100, "cached": 40, "output": 7}}]
EOS
cat >"$tap_dir/read.cjs" <<'JS'
const OpenAI = require("openai");
const Anthropic = require("@anthropic-ai/sdk");
const base = "http://127.0.0.1:" + process.argv[2];
const say = (name, value) => console.log(name + "=" + JSON.stringify(value));
const user = { role: "user", content: "x" };

async function responses(client) {
	const stream = client.responses.stream({ model: "m", input: "x" });
	const r = await stream.finalResponse();
	say("responses", [r.output.map((i) => i.type), r.usage.input_tokens,
		r.usage.input_tokens_details.cached_tokens,
		r.output[3].arguments]);
}

async function chat(client) {
	const stream = client.chat.completions.stream(
		{ model: "m", messages: [user],
			stream_options: { include_usage: true } });
	const r = await stream.finalChatCompletion();
	const m = r.choices[0].message;
	say("chat", [m.content, m.tool_calls[0].id,
		m.tool_calls[0].function.arguments,
		r.choices[0].finish_reason, r.usage.completion_tokens]);
}

async function messages(client) {
	const stream = client.messages.stream(
		{ model: "m", max_tokens: 100, messages: [user] });
	const r = await stream.finalMessage();
	say("messages", [r.content.map((c) => c.type), r.content[3].text,
		r.content[4].input, r.content[1].input.query, r.stop_reason,
		r.usage.cache_read_input_tokens, r.usage.output_tokens]);
}

async function main() {
	const apiKey = "key-1";
	const openai = new OpenAI({ apiKey, baseURL: base + "/v1", maxRetries: 0 });
	await responses(openai);
	await chat(openai);
	await messages(new Anthropic({ apiKey, baseURL: base, maxRetries: 0 }));
	const bad = new OpenAI(
		{ apiKey: "bad", baseURL: base + "/v1", maxRetries: 0 });
	await responses(bad).catch((e) => say("bad", [e.status, e.name]));
}
main();
JS
node "$tap_dir/read.cjs" "$port" >"$tap_dir/out" 2>"$tap_dir/err"
sed 's/^/# /' "$tap_dir/err"
said() { sed -n "s/^$1=//p" "$tap_dir/out"; }
is "$(said responses)" \
	'[["reasoning","web_search_call","message","function_call"],100,40,"{\"cmd\": \"ls\"}"]' \
	"the openai SDK reads the Responses API"
is "$(said chat)" \
	'["Hi you","c1","{\"cmd\": \"ls\"}","tool_calls",7]' \
	"the openai SDK reads Chat Completions" 
is "$(said messages)" \
	'[["thinking","server_tool_use","web_search_tool_result","text","tool_use"],"Hi you",{"cmd":"ls"},"hi","tool_use",40,7]' \
	"the Anthropic SDK reads the Messages API"
is "$(said bad)" '[401,"Error"]' "a refused key is a 401 to them too"

# Pictures, calls of both kinds, a search, thoughts and a form of the answer.
base64 -d >dot.png <<'EOS'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6
kgAAAABJRU5ErkJggg==
EOS
echo '{"type": "object", "properties": {"a": {"type": "string"}},
  "required": ["a"], "additionalProperties": false}' >schema.json

# types API MODULE TYPE MODEL: each request of a run is of that type
types() {
	server <<-'EOS'
	[{"text": "Hi", "reasoning": "hm", "search": "hi", "calls": [
	  {"call_id": "c1", "name": "exec_command", "arguments": {"cmd": "ls"}},
	  {"call_id": "c2", "name": "view_image", "arguments": {"path": "dot.png"}},
	  {"call_id": "c3", "name": "apply_patch", "input":
	   "*** Begin Patch\n*** Add File: new\n+x\n*** End Patch\n"}]},
	 {"text": "{\"a\": \"b\"}"}]
	EOS
	configure "$1" </dev/null
	rm -f new
	run -m "$4" -s workspace-write -c web_search=live \
		-c model_reasoning_effort=high -c model_reasoning_summary=auto \
		-c model_verbosity=low --output-schema schema.json -i dot.png -- x
	is "$code $(requests)" "0 2" "$1: a turn of two requests"
	python3 - "$log" "$2" "$3" >"$NODE_PATH/../$1.ts" <<-'EOS'
	import json, sys
	log, module, name = sys.argv[1:]
	print('import type { %s as R } from "%s";' % (name, module))
	for n, line in enumerate(open(log)):
	    body = json.loads(json.loads(line)["body"])
	    for item in body.get("input", []):
	        if item["type"] == "custom_tool_call":
	            del item["status"]  # the API gives it, its types have none
	    print("export const r%d: R = %s;" % (n, json.dumps(body)))
	EOS
	(cd "$NODE_PATH/.." && node node_modules/typescript/bin/tsc --noEmit \
		--strict --skipLibCheck --target es2022 --module nodenext \
		"$1.ts") >"$tap_dir/tsc"
	ok $? "$1: which are what the vendor's types say"
	cut -c 1-300 "$tap_dir/tsc" | sed 's/^/# /'
}
types responses openai/resources/responses/responses \
	ResponseCreateParamsStreaming gpt-5
types chat openai/resources/chat/completions \
	ChatCompletionCreateParamsStreaming gpt-5
types messages @anthropic-ai/sdk/resources/messages \
	MessageCreateParamsStreaming claude-sonnet-4-6

done_testing
