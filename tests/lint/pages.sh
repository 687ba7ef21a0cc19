#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Manual pages, by mandoc.
set -u
. "$(dirname "$0")/files.sh"
command -v mandoc >/dev/null || { echo "mandoc is missing"; exit 1; }
bad=0
for f in $(lint_files 'man/*.[1-9]'); do
	# Cross references to pages of other packages are not installed here.
	mandoc -Tlint -Wwarning "$f" | grep -v 'referenced manual not found' |
		grep . && bad=1
done
exit $bad
