#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Attempts to get out of a cell, each first unconfined, where it must be seen
# to succeed or it proves nothing, then through `cordon sandbox`; what came of
# it is looked at from outside.  Run as root it does so as root and, at the
# same time, as an ordinary user.
#
# usage: 30-escape.sh [full|lsm]
. "$(dirname "$0")/lib.sh"

tier=${1:-full}
base=$(folder_outside_tmp) || exit 1
stage_remove() {
	rm -rf "$base"
	tap_cleanup
}
trap stage_remove EXIT
chmod 0755 "$base" # tier lsm grants what stands beside the hidden
mkdir -p "$base/bin" "$base/libexec/cordon"
cp "$CORDON_BUILD"/cordon-* "$base/libexec/cordon/"
cp "$CORDON" "$CORDON_BUILD/tests/bin/attempt" \
	"$CORDON_SRC/tests/helper/escape.py" \
	"$CORDON_SRC/tests/helper/outside.py" "$base/bin/"

attempts() { # USER [COMMAND...]: as that user, lines into $base/USER.lines
	local user=$1
	shift
	install -d -m 0700 -o "$user" "$base/$user"
	(cd "$base/$user" && "$@" python3 "$base/bin/escape.py" \
		"$base/$user" "$base/bin/attempt" \
		"$base/bin/cordon" sandbox --tier "$tier" --hide @HIDDEN@ \
		--limit mem=100M,procs=100,files=200,fsize=50M \
		--env OUT --env WORK --env HIDDEN --env VICTIM --env PORT \
		--env SOCK --env ABSTRACT --env SHMID --env TTY --) \
		> "$base/$user.lines"
}

# The attempts that anybody sees to succeed, of each family, and in all.
families="files secrets processes network ipc privileges kernel devices
	terminals resources persistence"

report() { # USER STATUS
	local family name free held all=0 n
	local -A proven=()
	local who="$1, tier $tier"
	ok "$2" "$who: the attempts ran"
	while IFS=$'\t' read -r family name free held; do
		if [ "$held" = in ] && [ "$free" != out ]; then
			echo "# $who: $family: $name: refused unconfined too"
			continue
		fi
		is "$held" in "$who: $family: $name is contained"
		proven[$family]=$((${proven[$family]:-0} + 1))
		all=$((all + 1))
	done < "$base/$1.lines"
	for family in $families; do
		n=${proven[$family]:-0}
		[ "$n" -ge 1 ] # an ordinary user opens few devices anyway
		ok $? "$who: $family: $n attempts succeed unconfined"
	done
	[ "$all" -ge 150 ]
	ok $? "$who: $all attempts succeed unconfined, at least 150"
}

me=$(id -un)
if [ "$me" = root ]; then
	attempts nobody runuser -u nobody -- &
	other=$!
fi
attempts "$me"
report "$me" $?
if [ "$me" = root ]; then
	wait "$other"
	report nobody $?
fi
done_testing
