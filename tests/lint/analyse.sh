#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cppcheck, and clang-tidy with the checks of .clang-tidy.
set -u
. "$(dirname "$0")/files.sh"
build=${1:-build}
bad=0
for t in cppcheck clang-tidy; do
	command -v $t >/dev/null || { echo "$t is missing"; exit 1; }
done
lint_c | grep '\.c$' | xargs cppcheck -q -j "$(nproc)" --std=c11 \
	--enable=warning,portability --inline-suppr --error-exitcode=1 \
	--suppress=missingIncludeSystem -I src -I . -I "$build" || bad=1
flags="-std=gnu11 -D_GNU_SOURCE -DHAVE_CONFIG_H -DLIBBSD_OVERLAY"
flags="$flags -isystem /usr/include/bsd -Isrc -I. -I$build"
flags="$flags -DCORDON_LIBEXECDIR=\"/x\" -DCORDON_SYSCONFDIR=\"/x\""
flags="$flags -DCORDON_DATADIR=\"/x\""
# shellcheck disable=SC2086 # a list of flags
lint_c | grep '\.c$' | xargs -P "$(nproc)" -n 8 sh -c '
	flags=$1; shift
	out=$(clang-tidy --quiet "$@" -- $flags 2>/dev/null)
	[ -z "$out" ] || {
		printf "%s\n" "$out" | grep -E "(error|warning):" | sort -u
		exit 1
	}' sh "$flags" || bad=1
exit $bad
