#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# kill -9 of each process of a session, and of all, at random instants: what
# ran is on record, and what was told as recorded is (tests/helper/killed.py).
# CORDON_TEST_KILLS says how often: 1,000 is the long variant (make soak:
# 10,000).
. "$(dirname "$0")/lib.sh"
kills=${CORDON_TEST_KILLS:-${CORDON_SOAK:+10000}}
python3 "$CORDON_SRC/tests/helper/killed.py" "$CORDON" \
	"$CORDON_BUILD/tests/bin/auditlog" "$tap_dir" --kills "${kills:-32}" \
	${CORDON_TEST_SEED:+--seed "$CORDON_TEST_SEED"}
