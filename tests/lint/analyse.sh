#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tests/lint/analyse.sh [BUILD [NODES]]
# cppcheck, and clang-tidy with the checks of .clang-tidy and the warnings of
# clang.  Minutes of work, so contrib/check runs it beside the tests.  NODES is
# how many states of a function the analyzer walks at most: a third of clang's
# own figure costs two thirds of the time; make soak gives the whole.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/files.sh"
build=$(cd "${1:-build}" && pwd) || exit 1
nodes=${2:-75000}
cd "$here/../.." || exit 1
bad=0
for t in cppcheck clang-tidy; do
	command -v $t >/dev/null || { echo "$t is missing"; exit 1; }
done
lint_c | grep '\.c$' | xargs cppcheck -q -j "$(nproc)" --std=c11 \
	--enable=warning,portability --inline-suppr --error-exitcode=1 \
	--suppress=missingIncludeSystem -I src -I . -I "$build" \
	-I "$build/src" || bad=1
flags="-std=gnu11 -D_GNU_SOURCE -DHAVE_CONFIG_H -DLIBBSD_OVERLAY"
flags="$flags -isystem /usr/include/bsd -Isrc -I. -I$build -I$build/src"
# shellcheck disable=SC2089 # the quotes are C's
flags="$flags -DCORDON_LIBEXECDIR=\"/x\" -DCORDON_SYSCONFDIR=\"/x\""
flags="$flags -DCORDON_DATADIR=\"/x\""
# The build's own warnings, as clang has them: clang-tidy leaves out what
# macros of the system expand to.
# shellcheck disable=SC2046,SC2086,SC2090 # lists of words
lint_c | grep '\.c$' | xargs -n 16 clang -fsyntax-only $flags \
	$(sed -n 's/^WARN_CFLAGS = //p' "$build/Makefile") -Werror \
	-Wno-unknown-warning-option || bad=1
flags="$flags -Xclang -analyzer-config -Xclang max-nodes=$nodes"
# One file for each process, or those with the long ones decide the time.
# A file that does not parse is a finding, too.
# shellcheck disable=SC2016 # expanded by that shell
lint_c | grep '\.c$' | xargs -P "$(nproc)" -n 1 sh -c '
	flags=$1 file=$2
	out=$(clang-tidy --quiet "$file" -- $flags 2>/dev/null) && exit 0
	printf "%s\n" "${out:-$file: clang-tidy failed}" |
		grep -E "(error|warning|failed)" | sort -u
	exit 1' sh "$flags" || bad=1
exit $bad
