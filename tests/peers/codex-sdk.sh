#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The TypeScript SDK of another agent, its path override pointing at cordon:
# a thread with two turns, a command and a structured output.
. "$(dirname "$0")/../regress/lib.sh"
. "$(dirname "$0")/lib.sh"
command -v npm >/dev/null || { echo '1..0 # SKIP no npm'; exit 0; }
peer_npm @openai/codex-sdk@0.163.0

mkdir -p "$tap_dir/repo/.git" "$tap_dir/images"
cat >"$tap_dir/script.json" <<'JSON'
[{"reasoning": "**Looking**", "calls": [{"name": "exec_command", "arguments":
   {"cmd": "echo out; echo err >&2; exit 3", "login": false}}]},
 {"calls": [{"name": "update_plan", "arguments":
   {"plan": [{"step": "one", "status": "completed"},
             {"step": "two", "status": "pending"}]}},
  {"name": "apply_patch",
   "input": "*** Begin Patch\n*** Add File: made.txt\n+hello\n*** End Patch\n"}]},
 {"text": "first done"},
 {"text": "{\"answer\":42}"},
 {"calls": [{"name": "exec_command",
   "arguments": {"cmd": "sleep 62", "login": false}}]}]
JSON
python3 "$CORDON_SRC/tests/helper/mock_model.py" "$tap_dir/script.json" \
	--port-file "$tap_dir/port" &
server=$!
trap 'kill $server; tap_cleanup' EXIT
for _ in $(seq 100); do
	[ -s "$tap_dir/port" ] && break
	sleep 0.05
done
printf '\211PNG\r\n\032\n\000\000\000\rIHDR\000\000\000\003\000\000\000\002' \
	>"$tap_dir/images/i.png"

cat >"$tap_dir/drive.mjs" <<'JS'
import { Codex } from "@openai/codex-sdk";
const say = (name, value) => console.log(name + "=" + JSON.stringify(value));

const codex = new Codex({
  codexPathOverride: process.env.CORDON,
  apiKey: "sdk-key",
  config: { model_provider: "script", model_providers: { script: {
    name: "script", base_url: process.env.URL, env_key: "CODEX_API_KEY" } } },
});
const options = { workingDirectory: process.env.REPO, model: "scripted",
  sandboxMode: "workspace-write", modelReasoningEffort: "medium",
  networkAccessEnabled: false, webSearchMode: "disabled",
  approvalPolicy: "on-request" };
const thread = codex.startThread(options);
const one = await thread.run([{ type: "text", text: "first" },
  { type: "local_image", path: process.env.IMAGE }]);
say("final", one.finalResponse);
say("types", one.items.map((i) => i.type));
const cmd = one.items.find((i) => i.type === "command_execution");
say("command", [cmd.command, cmd.aggregated_output, cmd.exit_code, cmd.status]);
say("change", one.items.find((i) => i.type === "file_change").changes);
say("todo", one.items.find((i) => i.type === "todo_list").items);
say("usage", Object.keys(one.usage).sort());
say("id", thread.id);

const two = await thread.run("second", { outputSchema: { type: "object",
  properties: { answer: { type: "number" } }, required: ["answer"],
  additionalProperties: false } });
say("structured", JSON.parse(two.finalResponse));
say("sameid", thread.id);
say("more", two.usage.input_tokens > one.usage.input_tokens);

const abort = new AbortController();
const { events } = await thread.runStreamed("third", { signal: abort.signal });
try {
  for await (const e of events)
    if (e.type === "item.started") abort.abort();
  say("abort", "no");
} catch (e) {
  say("abort", e.name);
}
JS
ln -s "$NODE_PATH" "$tap_dir/node_modules"
(cd "$tap_dir" && CORDON=$CORDON REPO=$tap_dir/repo \
	IMAGE=$tap_dir/images/i.png \
	URL="http://127.0.0.1:$(cat "$tap_dir/port")/v1" \
	timeout 60 node drive.mjs >out 2>err)
is $? 0 "the SDK is content"
sed 's/^/# /' "$tap_dir/err"
got() { sed -n "s/^$1=//p" "$tap_dir/out"; }
is "$(got final)" '"first done"' "the last message"
is "$(got types)" '["reasoning","command_execution","file_change","agent_message","todo_list"]' \
	"the items, in the order of their completion"
is "$(got command)" '["/bin/bash -c '"'echo out; echo err >&2; exit 3'"'","out\nerr\n",3,"failed"]' \
	"a command"
is "$(got change)" "[{\"path\":\"$tap_dir/repo/made.txt\",\"kind\":\"add\"}]" \
	"a patch"
is "$(got todo)" '[{"text":"one","completed":true},{"text":"two","completed":false}]' \
	"a plan"
is "$(got usage)" '["cache_write_input_tokens","cached_input_tokens","input_tokens","output_tokens","reasoning_output_tokens"]' \
	"usage"
like "$(got id)" '^"[0-9a-f-]{36}"$' "the thread has an id"
is "$(got structured)" '{"answer":42}' "a structured output"
is "$(got sameid)" "$(got id)" "the second turn is of the same thread"
is "$(got more)" true "and its usage counts on"
is "$(got abort)" '"AbortError"' "a turn can be aborted"
sleep 0.3
is "$(pgrep -fc 'sleep 6[2]')" 0 "and nothing is left of it"
is "$(cat "$tap_dir/repo/made.txt")" hello "the file is there"
done_testing
