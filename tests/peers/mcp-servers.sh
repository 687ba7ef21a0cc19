#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The MCP servers that the makers of the protocol publish, run by node in the
# cell: what they offer, what they answer, and what they may not do.
. "$(dirname "$0")/../regress/lib.sh"
. "$(dirname "$0")/lib.sh"
command -v npm >/dev/null || { echo '1..0 # SKIP no npm'; exit 0; }
peer_npm @modelcontextprotocol/server-everything@2026.8.31 \
	@modelcontextprotocol/server-filesystem@2026.8.31
. "$(dirname "$0")/../regress/server.sh"

# The cell has a /tmp of its own.
place=$(folder_outside_tmp) || exit 1
trap 'server_stop; tap_cleanup; rm -rf "$place"' EXIT
cp -r "$NODE_PATH" "$place/node_modules"
mkdir "$place/work" && cd "$place/work" || exit 1
git init -q .
echo 'from a file' >file
chmod -R a+rX "$place"

server <<EOS
[{"calls": [
  {"name": "mcp__all__echo", "arguments": {"message": "hello"}},
  {"name": "mcp__files__read_text_file",
   "arguments": {"path": "$place/work/file"}},
  {"name": "mcp__files__write_file",
   "arguments": {"path": "$place/work/made", "content": "x"}}]},
 {"text": "done"}]
EOS
packages=$place/node_modules/@modelcontextprotocol
configure responses <<EOC
[mcp_servers.all]
command = "node"
args = ["$packages/server-everything/dist/index.js", "stdio"]
startup_timeout_sec = 60
[mcp_servers.files]
command = "node"
args = ["$packages/server-filesystem/dist/index.js", "$place/work"]
startup_timeout_sec = 60
EOC
cat >"$conf/policy.toml" <<'EOP'
version = 1
[[rule]]
id = "tools"
effect = "allow"
mcp = ["all/*", "files/*"]
EOP
answers() {
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
    e = json.loads(line)
    i = e.get("item", {})
    if e["type"] == "item.completed" and i["type"] == "mcp_tool_call":
        print(i["server"], i["tool"], i["status"],
              i["result"]["content"][0]["text"].strip())' "$tap_dir/out"
}

for tier in full lsm; do
	rm -f "$log"
	run --json -c sandbox_tier=$tier x
	is "$code" 0 "$tier: a session with both servers"
	[ "$(body 0 'len([t for t in b["tools"]
		if t["name"].startswith("mcp__")])')" -gt 15 ]
	ok $? "$tier: the model is told of their tools"
	got=$(answers)
	like "$got" '^all echo completed Echo: hello$' "$tier: one answers"
	like "$got" '^files read_text_file completed from a file$' \
		"$tier: the other reads"
	like "$got" '^files write_file failed .*(EROFS|EACCES|EPERM)' \
		"$tier: and cannot write"
	is "$(ls)" file "$tier: nor has it"
	server <"$tap_dir/scenario"
done
done_testing
