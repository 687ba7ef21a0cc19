#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The command line of cordon exec: what is asked for, and how it ends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

server <<'EOS'
[{"text": "fine"}]
EOS
configure responses </dev/null

# said N: the text of the Nth request's last item of the person
said() { body "$1" '[i for i in b["input"] if i.get("role") == "user"][-1]["content"][-1]["text"]'; }

with_stdin() { # TEXT [OPTIONS]
	printf %s "$1" | timeout 60 "$CORDON" exec "${@:2}" \
		>"$tap_dir/out" 2>"$tap_dir/err"
	code=$?
}

run
is "$code" 64 "no prompt at all is an error of usage"
with_stdin 'from a pipe'
is "$code $(said 0)" '0 from a pipe' "standard input is the prompt"
with_stdin 'from a pipe' -
is "$code $(said 1)" '0 from a pipe' "as - says"
with_stdin 'from a pipe' 'look at this'
is "$code $(said 2)" "0 look at this

<stdin>
from a pipe
</stdin>" "both: the argument, then standard input as a block"
with_stdin "$(printf 'a\377')" x
is "$code" 65 "what is no text is no prompt"
run "$(printf 'a\377')"
is "$code" 65 "nor as an argument"
with_stdin '' -
is "$code" 64 "nor is nothing"
"$CORDON" exec --json x >/dev/full 2>"$tap_dir/err" </dev/null
is "$?:$(grep -v '^audit: ' "$tap_dir/err")" "74:cordon: ui: standard output: \
No space left on device; make room there" "events that cannot be written end it, and that is said"
"$CORDON" exec x >/dev/full 2>"$tap_dir/err" </dev/null
is "$?:$(grep -c 'ui: standard output: No space left' "$tap_dir/err")" 74:1 \
	"so does a last message"
XDG_STATE_HOME=/proc/self/none "$CORDON" exec x >"$tap_dir/out" \
	2>"$tap_dir/err" </dev/null
is "$?:$(grep -c 'none.* cannot be made' "$tap_dir/err")" 73:1 \
	"so does a folder for its state that cannot be made"

# What was asked until here is not counted: the events may have failed before.
n=$(requests)
run -m other -c model_reasoning_effort=high -o "$tap_dir/last" hello
is "$(body "$n" '(b["model"], b["reasoning"]["effort"])')" "('other', 'high')" \
	"-m and -c reach the provider"
is "$out,$(cat "$tap_dir/last")" fine,fine "-o has the last message"
echo '{"type":"object"}' >schema
run --output-schema schema hello
is "$code $(body $((n + 1)) 'b["text"]["format"]["schema"]')" "0 {'type': 'object'}" \
	"a schema is asked for"
echo '{"type":' >schema
run --output-schema schema hello
is "$code" 65 "one that is no JSON ends the run"
like "$err" 'schema is no JSON object' "and it says so"
is "$(requests)" $((n + 2)) "before anything is asked"
run --output-schema nothing hello
is "$code" 66 "one that is not there, too"
run --image schema hello
is "$code" 65 "an image that is none"

run -C "$tap_dir" hello
is "$code" 1 "outside of a repository nothing is done"
mkdir "$tap_dir/plain"
run -C "$tap_dir/plain" --skip-git-repo-check hello
is "$code" 0 "unless it is asked for"
run -C nowhere hello
is "$code" 66 "a folder that is not there"
run -o /nowhere/last hello
is "$code" 73 "a file that cannot be made"
run --policy nowhere.toml hello
is "$code" 78 "a policy that is not there"
run -p nobody hello
is "$code" 78 "a profile that is not there"
run --dangerously-bypass-approvals-and-sandbox hello
is "$code" 77 "no sandbox is refused"
run --deadline 1ms hello
is "$code" 124 "a deadline before the first request is one, too"
run --budget-usd 1 hello
is "$code" 78 "a budget in dollars without prices would never end"
like "$err" 'model_prices\."m"' "it says what is missing"
run -c 'model_prices.m.input=1000' -c 'model_prices.m.output=1' \
	--budget-usd 1 hello
is "$code" 0 "with them it is taken"
like "$err" '0\.0100 USD' "and the cost is told at the end"

# Going on.
id=$(printf '%s\n' "$err" | sed -n 's/.*session \(.*\)/\1/p' | head -1)
run resume "$id" again
is "$code" 0 "a session goes on by its id"
like "$err" 'tokens 20 in' "its tokens are counted on"
run --json resume --last again
is "$code" 0 "the newest one of the folder goes on"
like "$out" "\"thread_id\":\"$id\"" "which is this one"
like "$out" '"input_tokens":30' "usage is the thread's"
with_stdin 'by a pipe' resume --last
is "$code" 0 "its prompt may come from a pipe"
run resume 0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee again
is "$code" 66 "one that was never kept"
like "$err" 'no session 0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee is kept' \
	"is named"
run resume nonsense again
is "$code" 64 "what is no id is an error of usage"
run resume
is "$code" 64 "so is none"

# A review.
server <<'EOS'
[{"calls": [{"name": "exec_command", "arguments": {"cmd":
  "git diff HEAD", "login": false}},
  {"name": "exec_command", "arguments": {"cmd": "touch new"}}]},
 {"text": "it is fine"},
 {"calls": [{"name": "exec_command", "arguments": {"cmd": "touch new"}}]},
 {"text": "it is fine"}]
EOS
configure responses </dev/null
rm -rf .git && git init -q . && git add -A && git -c user.name=a \
	-c user.email=a@b commit -qm one && echo more >>schema
run --json review
is "$code" 0 "a review runs"
like "$(said 0)" 'git diff HEAD' "of what is not committed"
like "$out" '"aggregated_output":"diff --git.*\+more' "it reads"
like "$out" '"status":"declined".*touch: not known to only read' \
	"it writes nothing"
run --json -s workspace-write review
is "$([ -e new ] && echo new)" new "unless that is asked for"
run review --base main 'mind the locks'
like "$(said 4)" 'git diff main\.\.\.HEAD' "of a branch"
like "$(said 4)" 'mind the locks' "with instructions"
run review --commit 1234
like "$(said 5)" 'git show 1234' "of a commit"
run review --commit 1234 --uncommitted
is "$code" 64 "of one thing at a time"

server_stop
# shellcheck disable=SC2034 # configure has it
port=1 # the one that is free now another test may take
configure responses </dev/null
run hello
is "$code" 69 "no provider"
done_testing
