#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Words that mark unfinished work, and paths of one machine.
set -u
. "$(dirname "$0")/files.sh"
bad=0
for f in $( (lint_all_c; lint_sh; lint_files '*.md' 'man/*' '*.py') |
	grep -v '^tests/lint/' | sort -u); do
	grep -nE '\b(TODO|FIXME|XXX)\b|(^|[^[:alnum:]])/(work|farm)/' "$f" |
		sed "s@^@$f:@" | grep . && bad=1
done
exit $bad
