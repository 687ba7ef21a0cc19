#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What must work in a cell: ordinary.sh, in both tiers, as root and as an
# ordinary user, each in one cell.
. "$(dirname "$0")/lib.sh"

if [ "${1:-}" != --as ]; then
	. "$(dirname "$0")/users.sh"
	# A home in /tmp would be hidden by that of the cell.
	rmdir "$tap_dir/home" "$tap_dir"
	tap_dir=$(folder_outside_tmp) || exit 1
	users_stage "$CORDON_SRC/tests/helper/ordinary.sh"
	# A cell of tier lsm has the /dev/shm of the host, if nothing is there
	# that is another's: so each needs one of its own, where others use it.
	if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
		# shellcheck disable=SC2016,SC2034 # users.sh has it
		users_apart=(unshare -m sh -c 'mount -t tmpfs -o mode=1777 none \
			/dev/shm && exec "$@"' sh)
	fi
	users_both ordinary
	done_testing
	exit
fi

# An overlay leaves a folder that is closed even to its owner.
trap 'chmod -R u+rwx "$tap_dir"; tap_cleanup' EXIT
mkdir "$tap_dir/full" "$tap_dir/lsm"
for tier in full lsm; do
	cd "$tap_dir/$tier" || exit 1
	if ! "$CORDON_BUILD/cordon" sandbox --tier $tier true; then
		skip "this machine does not give it" "tier $tier"
		continue
	fi
	cp "$CORDON_BUILD/ordinary.sh" .
	git init -q -b master .
	git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
	"$CORDON_BUILD/cordon" sandbox --tier $tier -- \
		bash ordinary.sh $tier > ../out 2> ../err < /dev/null
	is $? 0 "$tier: the tasks ran"
	while read -r what name; do
		case $what in
		good) ok 0 "$tier: $name" ;;
		none) skip "no ${name#*: }" "$tier: ${name%%:*}" ;;
		*) ok 1 "$tier: $name" ;;
		esac
	done < ../out
	[ "$(wc -l < ../out)" -ge 48 ]
	ok $? "$tier: all of them"
	sed 's/^/# /' ../err
done
done_testing
