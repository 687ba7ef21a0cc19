#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Functions of at most 60 lines, files of at most 1,000, lines of at most 80
# columns.
set -u
. "$(dirname "$0")/files.sh"
bad=0
for f in $(lint_all_c); do
	n=$(wc -l <"$f")
	[ "$n" -le 1000 ] || { echo "$f: $n lines"; bad=1; }
done
for f in $(lint_c); do
	awk -v f="$f" '
	/^[a-zA-Z_][a-zA-Z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name) }
	/^\{/ { start = NR; if (name == "") start = 0 }
	/^\}/ && start {
		if (NR - start - 1 > 60) {
			printf "%s: %s has %d lines\n", f, name, NR - start - 1
			bad = 1
		}
		start = 0; name = ""
	}
	END { exit bad }' "$f" || bad=1
	case $f in *.c | *.h) ;; *) continue ;; esac
	expand -t 8 "$f" | awk -v f="$f" 'length($0) > 80 &&
		!/SPDX|https?:/ { printf "%s:%d: %d columns\n", f, NR, length($0)
		bad = 1 } END { exit bad }' || bad=1
done
exit $bad
