#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cordon-tutorial(7): every command of it, in one shell, from top to bottom.
. "$(dirname "$0")/lib.sh"

page=$CORDON_SRC/man/cordon-tutorial.7
export PATH=$CORDON_BUILD:$PATH
unset XDG_CONFIG_HOME XDG_STATE_HOME
chmod go-w "$tap_dir" "$HOME"
cd "$CORDON_SRC" || exit 1

# roff's own quoting: \e is a backslash, \- a hyphen, \& nothing.
mapfile -t commands < <(sed -n 's/^\.Dl \$ //p' "$page" |
	sed 's/\\e/\\/g; s/\\-/-/g; s/\\&//g')
[ "${#commands[@]}" -gt 20 ]
ok $? "the page has commands (${#commands[@]})"

set -m # so that %1 is a job here as in a person's shell
for command in "${commands[@]}"; do
	eval "$command" >"$tap_dir/out" 2>&1 </dev/null
	status=$?
	ok "$status" "$command"
	[ "$status" = 0 ] || sed 's/^/# /' "$tap_dir/out"
done
jobs -p | xargs -r kill 2>/dev/null
done_testing
