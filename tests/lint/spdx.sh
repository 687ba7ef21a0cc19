#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every source file names its licence in its first two lines.
set -u
. "$(dirname "$0")/files.sh"
bad=0
for f in $( (lint_all_c; lint_sh; lint_files '*.am' '*.ac' '*.m4' '*.py' \
	'man/*' 'policy/profiles/*' '*.def') | sort -u); do
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
		{ echo "$f: no SPDX line"; bad=1; }
done
exit $bad
