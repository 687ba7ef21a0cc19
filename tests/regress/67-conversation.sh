#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a conversation has besides words and calls, with each of the APIs:
# thoughts, searches, images, words in between, budgets and its own shortening.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

apis='responses chat messages'

# Words that come while the model works are all there with the next request.
for api in $apis; do
	server <<<'[{"text": "First.", "delay": 3}, {"text": "Second."}]'
	configure $api </dev/null
	: >"$tap_dir/out"
	(echo hello; asked 1; printf 'more\nand more\n'
		until_so grep -q 'Second\.' "$tap_dir/out") |
		timeout 180 "$CORDON" >"$tap_dir/out" 2>&1
	is "$(requests)" 2 "$api: steering goes on with the turn"
	like "$(body 1 'str((b.get("input") or b["messages"])[-1])')" \
		"'(content|role)'.*more.*and more" "$api: with all the words"
	like "$(cat "$tap_dir/out")" 'Second\.' "$api: which are answered"
done

# How long to think: the newer models of Messages see to it themselves.
thinks() { # MODEL EFFORT WANTED DESCRIPTION [OPTIONS]
	server <<<'[{"text": "x"}]'
	configure messages </dev/null
	run -m "$1" -c model_reasoning_effort="$2" "${@:5}" x
	is "$(body 0 'b.get("thinking"), b.get("output_config")')" "$3" "$4"
}
thinks claude-opus-5 high \
	"({'type': 'adaptive', 'display': 'summarized'}, {'effort': 'high'})" \
	"messages: an effort"
thinks claude-opus-5 minimal \
	"({'type': 'adaptive', 'display': 'omitted'}, {'effort': 'low'})" \
	"messages: without a summary" -c model_reasoning_summary=none
thinks claude-haiku-4-5-20251001 low \
	"({'type': 'enabled', 'budget_tokens': 4096}, None)" \
	"messages: a model of before has a budget"
thinks claude-opus-5 none "(None, None)" "messages: no thinking"

# A search by the provider goes back to it as it came; what it has not got is
# not asked for, and what it kept is not the web of today.
answer='[{"search": "cordon", "text": "Found.", "calls": [
  {"name": "update_plan", "arguments": {"plan": []}}]}, {"text": "x"}]'
tools='[t for t in b["tools"] if "web_search" in t.get("type", "")]'
for api in responses messages; do
	server <<<"$answer"
	configure $api </dev/null
	run --json -c web_search=live x
	is "$code" 0 "$api: a web search"
	like "$out" '"web_search".*"query":"cordon"' "$api: is shown"
	[ "$(body 0 "len($tools)")" = 1 ]
	ok $? "$api: is offered"
done
is "$(body 1 '[(c["type"], c.get("tool_use_id", c.get("id")))
	for c in b["messages"][1]["content"][:2]]')" \
	"[('server_tool_use', 'srvtoolu_0'), ('web_search_tool_result', 'srvtoolu_0')]" \
	"messages: it goes back"
is "$(body 1 '(b["messages"][1]["content"][1]["content"][0]
	["encrypted_content"])')" sealed "messages: with what was found"
for api in responses messages chat; do
	server <<<'[{"text": "x"}]'
	configure $api </dev/null
	run -c web_search=cached x
	is "$(body 0 "$tools")" "$(if [ $api = responses ]; then
		echo "[{'type': 'web_search', 'external_web_access': False}]"
	else
		echo '[]'
	fi)" "$api: what the provider has kept"
done
server <<<'[{"search": "a", "end": "pause"}, {"text": "Found."}]'
configure messages </dev/null
run -c web_search=live x
is "$code $(requests)" "0 2" "messages: a pause is gone on from"
is "$(body 1 '[m["role"] for m in b["messages"]]')" "['user', 'assistant']" \
	"messages: with what there is so far"

# What one API has of its own, another does not get.
answer='[{"reasoning": "hm", "search": "a", "text": "One."}, {"text": "Two."}]'
for api in responses messages; do
	for next in $apis; do
		server <<<"$answer"
		configure $api </dev/null
		run x
		configure $next </dev/null
		run resume --last y
		got=$(body 1 '[w for w in ("opaque", "signed", "srvtoolu", "ws_0")
			if w in str(b)]')
		case $api-$next in
		responses-responses) want="['opaque', 'ws_0']" ;;
		messages-messages) want="['signed', 'srvtoolu']" ;;
		*) want='[]' ;;
		esac
		is "$code $got" "0 $want" "from $api to $next"
	done
done

# A call that comes twice in an answer is one, to the provider as well.
call='{"call_id": "same", "name": "exec_command",
  "arguments": {"cmd": "echo x >>count"}}'
for api in $apis; do
	server <<<"[{\"calls\": [$call, $call]}, {\"text\": \"Done.\"}]"
	configure $api </dev/null
	rm -f count
	run x
	is "$code $(cat count)" "0 x" "$api: a call that comes twice"
	is "$(body 1 'str(b).count("same")')" 2 "$api: is told once"
done

# Images.
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\010\2\0\0\0' >"$tap_dir/a.png"
for api in $apis; do
	server <<<'[{"text": "x"}]'
	configure $api </dev/null
	run -i "$tap_dir/a.png" -- 'What is this?'
	is "$(body 0 'str(b).count("iVBORw0KGgoAAAANSUhEUg")')" 1 "$api: an image"
done

# Those that calls ask to see; where outputs carry none, the person shows them
# behind all outputs of the answer.
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\010\2\0\0\0' >a.png
see='{"name": "view_image", "arguments": {"path": "a.png"}}'
for api in $apis; do
	server <<<"[{\"calls\": [$see, {\"name\": \"update_plan\",
		\"arguments\": {\"plan\": []}}, $see]}, {\"text\": \"x\"}]"
	configure $api </dev/null
	run x
	is "$code $(body 1 'str(b).count("iVBORw0KGgo")')" "0 2" \
		"$api: images that calls show"
	[ $api != chat ] ||
		is "$(body 1 '[m["role"] for m in b["messages"]][-5:]')" \
			"['assistant', 'tool', 'tool', 'tool', 'user']" \
			"chat: behind the outputs"
done
# An answer that was cut says by what.
for api in $apis; do
	for end in content_filter refusal length; do
		server <<<"[{\"text\": \"a\", \"end\": \"incomplete:$end\"}]"
		configure $api </dev/null
		run x
		case $end in
		content_filter) want="provider's filter cut" ;;
		refusal) want='will not answer' ;;
		*) want='its length limit' ;;
		esac
		is "$code $(requests)" "65 1" "$api: $end ends the turn"
		like "$err" "$want" "$api: and is told"
	done
done

# Budgets: of tokens, and of dollars by the price list.
more='{"calls": [{"name": "update_plan", "arguments": {"plan": []}}],
  "usage": {"input": 1000000, "cached": 900000, "output": 100000}}'
budget() { # WANTED DESCRIPTION OPTIONS: code, and how many answers were had
	server <<<"[$(for _ in 1 2 3 4 5 6 7; do printf '%s,' "$more"; done)
		{\"text\": \"x\"}]"
	configure responses <<-'EOS'
	[model_prices.m]
	input = 2.0
	cached_input = 0.1
	output = 8.0
	EOS
	run -c model_context_window=1000000000 "${@:3}" x
	is "$code $(requests)" "$1" "$2"
}
budget "77 3" "a budget of tokens" --budget-tokens 3000000
budget "77 5" "a budget of dollars: what was cached is cheap" --budget-usd 5

# What a model has cost stays when another one goes on.
server <<<"[{\"text\": \"x\", \"usage\": {\"input\": 1000000}}, {\"text\": \"y\"}]"
configure responses <<-'EOS'
[model_prices.m]
input = 2.0
[model_prices."cheap 1.5"]
input = 0.1
EOS
run x
run resume --last -m "cheap 1.5" -c model_context_window=1000000000 \
	--budget-usd 2.5 y
is "$code $(requests)" "0 2" "a budget that is not used up"
run resume --last -m "cheap 1.5" -c model_context_window=1000000000 \
	--budget-usd 1.9 z
is "$code $(requests)" "77 2" "is that of both models, each by its prices"

# Shortening: at a share of the window, and by hand.
server <<'EOS'
[{"text": "Long ago.", "calls": [{"name": "update_plan",
  "arguments": {"plan": []}}], "usage": {"input": 5000, "output": 10}},
 {"text": "The summary."}, {"text": "Done.", "expect": ["The summary."]}]
EOS
configure responses </dev/null
run -c model_context_window=10000 -c model_auto_compact_percent=51 x
is "$code $(requests)" "0 2" "less than the share is not summarised"
server <<'EOS'
[{"text": "Long ago.", "calls": [{"name": "update_plan",
  "arguments": {"plan": []}}], "usage": {"input": 5000, "output": 10}},
 {"text": "The summary."}, {"text": "Done.", "expect": ["The summary."]}]
EOS
configure responses </dev/null
run -c model_context_window=10000 -c model_auto_compact_percent=50 x
is "$code $(requests)" "0 3" "the share is"
server <<<'[{"text": "Long ago.", "usage": {"input": 5000}}, {"text": "In short."},
 {"text": "Done.", "expect": ["In short."]}]'
configure responses </dev/null
run x
run resume --last -c model_context_window=10000 \
	-c model_auto_compact_percent=50 y
is "$code $(requests)" "0 3" "so it is where a session is gone on with"

done_testing
