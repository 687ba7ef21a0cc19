#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every fault of tests/helper/faults.py in each of the three APIs.  CORDON_SOAK:
# ten thousand sessions with one of them each.
. "$(dirname "$0")/lib.sh"
python3 "$CORDON_SRC/tests/helper/faults.py" "$CORDON" "$tap_dir" \
	${CORDON_SOAK:+--sessions 10000}
