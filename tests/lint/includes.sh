#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who may include whom: a folder may include itself, what its row names, and
# nothing else of ours; foreign headers have homes.
set -u
. "$(dirname "$0")/files.sh"

allowed() {
	case $1 in
	base) echo ;;
	proto | json | conf | shell | patch) echo base ;;
	sandbox) echo base ;;
	policy) echo base shell ;;
	load) echo base proto sandbox conf policy json ;;
	gate) echo base proto sandbox policy shell audit patch ;;
	cell) echo base proto sandbox ;;
	open) echo base proto ;;
	tool) echo base sandbox patch ;;
	audit | ui | net) echo base proto sandbox ;;
	http) echo base ;;
	model | mcp | login) echo base proto sandbox json patch http ;;
	report) echo base proto sandbox json audit policy ;;
	cordon) echo base proto sandbox policy conf shell audit ;;
	*) echo ;;
	esac
}

bad=0
complain() { echo "$*"; bad=1; }
for f in $(lint_c); do
	folder=${f#src/}
	folder=${folder%%/*}
	for inc in $(sed -n 's/^#[ \t]*include "\([a-z_]*\)\/.*/\1/p' "$f" |
		sort -u); do
		[ "$inc" = "$folder" ] && continue
		case " $(allowed "$folder") " in
		*" $inc "*) ;;
		*)
			# The two exceptions that the design names.
			grep "include \"$inc/" "$f" | while read -r _ h; do
				case $f:$h in
				policy/*:'"sandbox/spec.h"') ;;
				policy/read.[ch]:'"conf/toml.h"') ;;
				policy/reading.h:'"conf/toml.h"') ;;
				audit/*) ;;
				*) echo "$f: may not include $h" ;;
				esac
			done | grep . && bad=1
			;;
		esac
	done
	# From another process's folder only shared vocabulary is taken.
	sed -n 's/^#[ \t]*include "audit\/\(.*\)"/\1/p' "$f" |
		while read -r h; do
			case $folder:$h in
			audit:* | *:types.h | report:* | cordon:record.h) ;;
			*) echo "$f: may not include audit/$h" ;;
			esac
		done | grep . && bad=1
	grep -q '<jansson\.h>' "$f" && [ "$folder" != json ] &&
		complain "$f: jansson.h belongs to src/json"
	grep -q '<ares\.h>' "$f" && [ "$f" != src/net/resolve.c ] &&
		complain "$f: ares.h belongs to src/net/resolve.c"
	if grep -q '<curl/' "$f"; then
		case $f in
		src/http/http.c) ;;
		*) complain "$f: curl.h belongs to src/http" ;;
		esac
	fi
	grep -q '<sqlite3\.h>' "$f" && [ "$folder" != report ] &&
		complain "$f: sqlite3.h belongs to src/report"
	grep -qE '<seccomp\.h>|<linux/landlock\.h>' "$f" &&
		[ "$folder" != sandbox ] && [ "$folder" != "${f%%/*}" ] &&
		complain "$f: seccomp and Landlock belong to sandbox/"
done
exit $bad
