#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the model is told of its rights is what the policy in force gives,
# read where the provider would read it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

# told NAME: the element's content in the first request's environment
told() {
	body 0 '[t for i in b["input"] if i.get("role") == "user"
		for c in i["content"] for t in [c.get("text", "")]
		if "<environment_context>" in t][0]' |
		sed -n "s:^ *<$1>\(.*\)</$1>:\1:p"
}

# ask [OPTIONS]: one turn of one request
ask() {
	server <<<'[{"text": "x"}]'
	configure responses </dev/null
	run "$@" x
}

mkdir -p "$tap_dir/more"
ask --add-dir "$tap_dir/more"
is "$(told root | grep -cxF "$work")" 1 "the workspace is writable"
is "$(told root | grep -cxF "$tap_dir/more")" 1 "so is --add-dir"
is "$(told root | grep -cxF /tmp)" 1 "and /tmp"
is "$(told root | grep -cxF "$HOME")" 0 "a private copy is not named"
is "$(told network)" none "there is no network"
is "$(told policy_profile)" workspace "the profile"
is "$(told approvals_by)" nobody "nobody answers"

ask -s read-only
is "$(told root | grep -cxF "$work")" 0 "read-only: the workspace is not"
is "$(told policy_profile)" read-only "read-only: the profile"

ask -c sandbox_workspace_write.network_access=true
is "$(told network)" full "the network, where the person gives it"

ask -a untrusted
is "$(told policy_profile)" paranoid "-a untrusted: the profile"
is "$(told network)" hosts "-a untrusted: hosts, each of them asked about"

done_testing
