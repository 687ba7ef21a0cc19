#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What cordon(1) says of keys, answers and slash commands is what their tables say.
# shellcheck source=tests/regress/lib.sh
. "${CORDON_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/regress/lib.sh"

page=$(sed -n '/^\.\\" keys$/,/^\.\\" end$/p' "$CORDON_SRC/man/cordon.1" |
	sed '1d;$d' | sed '/^\.Sh /,/^\.\\" /{
		/^\.\\" /!d;}')
is "$page" "$("$CORDON_BUILD/man/ui2mdoc")" 'cordon(1) is in step'
done_testing
