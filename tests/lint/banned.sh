#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Calls that have a safer form, and constructs that the house does without.
set -u
. "$(dirname "$0")/files.sh"
bad=0

# Comments and strings may speak of them.
code() {
	sed -E 's/"([^"\\]|\\.)*"/""/g; s@/\*.*\*/@@; s@/\*.*@@; s@^ \*.*@@' "$1"
}

calls='strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|strtol|strtoul'
calls="$calls|strtoll|strtoull|gets|system|popen|alloca|longjmp|setjmp"
calls="$calls|pthread_create|mktemp|tmpnam|tempnam|strncat|strncpy"
for f in $(lint_c); do
	code "$f" | grep -nE "(^|[^a-zA-Z0-9_.>])($calls)[[:space:]]*\(" |
		sed "s@^@$f:@" | grep . && bad=1
done

# Features of config.h are decided inside sandbox/ alone.
for f in $(lint_c | grep -v '^sandbox/'); do
	code "$f" | grep -nE '^#[[:space:]]*(ifdef|ifndef|if).*(HAVE_|CORDON_)' |
		grep -v '_H$' | sed "s@^@$f:@" | grep . && bad=1
done
exit $bad
