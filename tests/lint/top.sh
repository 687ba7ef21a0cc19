#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing new at the top: what a program puts down beside the sources, such as
# a folder of packages, is not to be added with them.
set -u
. "$(dirname "$0")/files.sh"
lint_files . | sed 's,/.*,/,' | sort -u | grep -vxE \
	'(\.ci|contrib|m4|man|policy|sandbox|src|tests)/|\.clang-(format|tidy)|'\
'\.gitignore|LICENSE|Makefile\.am|NEWS|(README|SECURITY)\.md|autogen\.sh|'\
'configure\.ac' && exit 1
exit 0
