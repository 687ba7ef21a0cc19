#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Attempts every row of tests/data/boundary.tsv inside each role.  The first
# column is the attempt, the second what it does unconfined ("ok" where it
# must be seen to succeed, or the test would prove nothing), then one column
# for each role: what must come of it there.
. "$(dirname "$0")/lib.sh"

table=$CORDON_SRC/tests/data/boundary.tsv
try=$CORDON_BUILD/tests/bin/try

read -r -a roles < <(grep -v '^#' "$table" | head -n 1 | cut -f2-)
for i in "${!roles[@]}"; do
	role=${roles[$i]}
	out=$("$try" "$role") || ok 1 "$role: the attempts ran"
	while IFS=$'\t' read -r -a row; do
		want=${row[$((i + 1))]}
		[ "$want" = - ] && continue
		got=$(printf '%s\n' "$out" | sed -n "s/^${row[0]}\t//p")
		case "|$want|" in
		*"|$got|"*) ok 0 "$role: ${row[0]} comes to $got" ;;
		*) is "$got" "$want" "$role: ${row[0]}" ;;
		esac
	done < <(grep -v '^#' "$table" | tail -n +2)
	n=$(printf '%s\n' "$out" | wc -l)
	is "$n" "$(grep -v '^#' "$table" | tail -n +2 | wc -l)" \
		"$role: every attempt has its row"
done
done_testing
