#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The corpora of command lines through cordon policy explain --batch: no
# unsafe line is allowed, what is to be forbidden is, every harmless one is
# allowed, and an answer takes no longer than it may.  The public corpus too,
# from $CORDON_COMMANDS or beside the source tree.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || {
	skip 'no python3 here' 'the corpora explained'
	done_testing
}
mkdir "$tap_dir/ws"
cd "$tap_dir/ws" || exit 1

for f in "$CORDON_SRC"/tests/data/shell/{unsafe,harmless}.tsv \
	"${CORDON_COMMANDS:-$CORDON_SRC/../shared/commands-public.tsv}"; do
	if [ -r "$f" ]; then
		out=$(python3 "$CORDON_SRC/tests/helper/explain.py" \
			"$CORDON" "$f" 2>&1)
		ok $? "${f##*/} explained"
		printf '%s\n' "$out" | sed 's/^/# /'
	else
		skip 'there is no corpus at that place' "${f##*/} explained"
	fi
done
done_testing
