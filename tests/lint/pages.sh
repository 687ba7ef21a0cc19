#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tests/lint/pages.sh BUILD
# Manual pages, also those that BUILD has made, by mandoc.
set -u
. "$(dirname "$0")/files.sh"
command -v mandoc >/dev/null || { echo "mandoc is missing"; exit 1; }
bad=0
for f in $(lint_files 'man/*.[1-9]') "$1"/man/*.[1-9]; do
	[ -f "$f" ] || continue
	# The pages of others are not all installed, nor is mandoc's index.
	mandoc -Tlint "$f" 2>/dev/null |
		grep -v 'referenced manual not found' | grep . && bad=1
done
exit $bad
