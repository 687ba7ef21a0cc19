#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the split of a command line says is what the shells here run: lines
# made from a seed, each run with recorders for programs, and compared.  With
# CORDON_SOAK a hundred thousand of them, from a seed that is shown; else two
# thousand, always the same.  CORDON_SEED and CORDON_LINES choose.
. "$(dirname "$0")/lib.sh"

soak=${CORDON_SOAK:-}
seed=${CORDON_SEED:-${soak:+$(date +%s)}}
lines=${CORDON_LINES:-${soak:+100000}}

# differ SHELL LINES
differ() {
	local shell out
	shell=$(command -v "$1") || { skip "no $1 here" "the split as $1"; return; }
	mkdir -p "$tap_dir/$1"
	out=$("$CORDON_BUILD/tests/bin/shelldiff" "$shell" \
		"$CORDON_BUILD/tests/bin/recorder" "$tap_dir/$1" \
		"${seed:-1}" "$2" 2>&1)
	ok $? "the split as $1 runs it: seed ${seed:-1}"
	printf '%s\n' "$out" | sed 's/^/# /'
}

differ bash "${lines:-2000}"
differ dash "$((${lines:-2000} / 4))"

done_testing
