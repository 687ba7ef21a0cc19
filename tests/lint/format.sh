#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shape that .clang-format gives.
set -u
. "$(dirname "$0")/files.sh"
command -v clang-format >/dev/null || { echo "clang-format is missing"; exit 1; }
bad=0
for f in $(lint_all_c); do
	clang-format --dry-run -Werror "$f" >/dev/null 2>&1 ||
		{ echo "$f: clang-format would change it"; bad=1; }
done
exit $bad
