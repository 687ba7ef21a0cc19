#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every row of the table of keys is read somewhere: its name, or for a table
# of the person's the part behind it, stands in the source of a process.
set -u
. "$(dirname "$0")/files.sh"
bad=0
for key in $(sed -n 's/^    {"\([a-z_.*]*\)".*/\1/p' src/conf/table.c); do
	leaf=${key#*.\*.}
	leaf=${leaf%.\*}
	lint_c | grep '^src/' | grep -v '^src/conf/table\.c$' |
		xargs grep -qE "\"($key|([a-z_]*\.)?$leaf\.?)\"" ||
		{ echo "src/conf/table.c: nobody reads $key"; bad=1; }
done
exit $bad
