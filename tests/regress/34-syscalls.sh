#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the filter of commands answers to every system call of the machine, by
# real calls, against a table; and that the table is held to.
. "$(dirname "$0")/lib.sh"

table=$CORDON_SRC/tests/data/syscalls.tsv
syscalls=$CORDON_BUILD/tests/bin/syscalls

for tier in command lsm; do
	"$syscalls" "$tier" "$table" > "$tap_dir/out"
	ok $? "filter of a $tier: $(tail -n 1 "$tap_dir/out")"
	sed '$d; s/^/# /' "$tap_dir/out"
done

# A line that is wrong and a number without a line are told.
sed '/^x86-64\tbpf\t/s/EPERM/permit/; /^x86-64\tgetpid\t/d' "$table" \
	> "$tap_dir/table"
out=$("$syscalls" command "$tap_dir/table")
is "$?" 1 "a wrong table is refused"
like "$out" 'bpf.*is EPERM, not permit' "the wrong line is told"
like "$out" 'x86-64 39: not in the table' "the missing number is told"

done_testing
