#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every fault of tests/helper/faults.py in each of the three APIs.
. "$(dirname "$0")/lib.sh"
python3 "$CORDON_SRC/tests/helper/faults.py" "$CORDON" "$tap_dir"
