#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What cordon policy explain says of paths is what the kernel then does: a
# policy made from a seed, each request attempted in a cell.  With CORDON_SOAK
# twenty policies, from a seed that is shown; else two, always the same.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || {
	skip 'no python3 here' 'explain and the kernel'
	done_testing
}
seed=${CORDON_SEED:-${CORDON_SOAK:+$(date +%s)}}
seed=${seed:-1}
mkdir -p "$tap_dir/work" "$tap_dir/tmp"
cd "$tap_dir/work" || exit 1
policies=${CORDON_SOAK:+20}
for ((i = seed; i < seed + ${policies:-2}; i++)); do
	rm -f policy.toml
	out=$(TMPDIR=$tap_dir/tmp python3 \
		"$CORDON_SRC/tests/helper/enforced.py" "$CORDON" \
		"$tap_dir/work" "$i" 12 2>&1)
	ok $? "explain and the kernel agree: seed $i"
	printf '%s\n' "$out" | sed 's/^/# /'
done
done_testing
