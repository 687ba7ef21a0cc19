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

# diff_lane SHELL SEED LINES: in a directory of its own.
diff_lane() {
	mkdir -p "$tap_dir/$1$2"
	"$CORDON_BUILD/tests/bin/shelldiff" "$(command -v "$1")" \
		"$CORDON_BUILD/tests/bin/recorder" "$tap_dir/$1$2" "$2" "$3"
}

# differ SHELL LINES: in two lanes, each with half of them and its own seed.
differ() {
	local first=${seed:-1} lane
	command -v "$1" >/dev/null || {
		skip "no $1 here" "the split as $1"
		return
	}
	diff_lane "$1" "$first" $(($2 / 2)) >"$tap_dir/lane" 2>&1 &
	lane=$!
	diff_lane "$1" $((first + 1)) $(($2 / 2)) >"$tap_dir/lane2" 2>&1
	ok $? "the split as $1 runs it: seed $((first + 1))"
	wait "$lane"
	ok $? "the split as $1 runs it: seed $first"
	sed 's/^/# /' "$tap_dir/lane" "$tap_dir/lane2"
}

differ bash "${lines:-2000}"
differ dash "$((${lines:-2000} / 4))"

done_testing
