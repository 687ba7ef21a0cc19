#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shell scripts, by shellcheck.
set -u
. "$(dirname "$0")/files.sh"
command -v shellcheck >/dev/null || { echo "shellcheck is missing"; exit 1; }
lint_sh | sort -u | xargs shellcheck -x -S warning -e SC1091,SC2154
