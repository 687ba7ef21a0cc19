#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A model client that has been taken over, against the real gate: see
# tests/helper/hostile.c.  HOSTILE_FRAMES sets how many.  make soak: 10^6,
# from a seed that is shown; else always the same.
. "$(dirname "$0")/lib.sh"

n=${HOSTILE_FRAMES:-${CORDON_SOAK:+1000000}}
n=${n:-100000}
seed=${HOSTILE_SEED:-${CORDON_SOAK:+$(date +%s)}}
seed=${seed:-1}
out=$("$CORDON_BUILD/tests/bin/hostile" "$CORDON_BUILD/cordon-gate" \
	"$n" "$seed" 2>&1)
ok $? "nothing comes of $n hostile frames (seed $seed)"
echo "# $out"
like "$out" ' 0 spawns,' "nothing was executed"
like "$out" '^[0-9]+ frames' "every breach dropped the model and told main"
done_testing
