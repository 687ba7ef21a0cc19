# SPDX-License-Identifier: Apache-2.0
# Sourced by the regress tests: TAP, a private home, and cleaning up.
# shellcheck shell=bash

set -u
: "${CORDON_BUILD:=$(pwd)}"
: "${CORDON_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}"
# shellcheck disable=SC2034 # used by those who source this
CORDON=$CORDON_BUILD/cordon

tap_n=0
tap_failed=0

tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/cordon-test-XXXXXX")
tap_cleanup() { rm -rf "$tap_dir"; }
trap tap_cleanup EXIT

# A home of the test's own, and nothing of the caller's configuration.
export HOME=$tap_dir/home
export XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$HOME/.local/state
export XDG_DATA_HOME=$HOME/.local/share XDG_CACHE_HOME=$HOME/.cache
export LC_ALL=C.UTF-8
mkdir -p "$HOME"
unset CORDON_HOME CORDON_API_KEY CODEX_API_KEY OPENAI_API_KEY \
	ANTHROPIC_API_KEY HTTPS_PROXY https_proxy HTTP_PROXY http_proxy

# ok CONDITION-STATUS DESCRIPTION: "cmd; ok $? 'it works'"
ok() {
	tap_n=$((tap_n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_n - $2"
	else
		echo "not ok $tap_n - $2"
		tap_failed=$((tap_failed + 1))
		tap_seen "$1"
	fi
}

# What a test that failed may have looked at: all that a log of it will tell.
tap_seen() { # STATUS
	local i=1 name
	while [ "${BASH_SOURCE[i]}" = "${BASH_SOURCE[0]}" ] &&
		[ $i -lt ${#BASH_SOURCE[@]} ]; do i=$((i + 1)); done
	echo "# status $1, line ${BASH_LINENO[i - 1]} of ${BASH_SOURCE[i]##*/}"
	for name in code status got out err; do
		[ -z "${!name-}" ] || printf '%s\n' "${!name}" | tail -n 5 |
			cut -c 1-400 | cat -v | sed "s/^/# $name: /"
	done
}

# until_so COMMAND ...: waits for it to succeed; on a busy machine what takes a
# moment takes seconds, and after thirty of them it never will
until_so() {
	local end=$((SECONDS + 30))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# none_left PATTERN: whether no process has that on its command line, in time;
# else which do.  What is looked for outlasts the wait and is no other test's.
none_left() {
	until_so tap_none "$1" && return
	pgrep -af -- "$1" | sed 's/^/# left: /'
	return 1
}
tap_none() { ! pgrep -f -- "$1" >/dev/null; }

# is GOT WANTED DESCRIPTION
is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf 'got:    %s\nwanted: %s\n' "$1" "$2" | sed 's/^/# /'
	fi
}

# like TEXT EXTENDED-REGEX DESCRIPTION
like() {
	if printf '%s\n' "$1" | grep -qE -- "$2"; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf 'got:    %s\nwanted: /%s/\n' "$1" "$2" | sed 's/^/# /'
	fi
}

skip() { # REASON DESCRIPTION
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $2 # SKIP $1"
}

# A new folder that is not below /tmp and the like, which a cell has its own
# of, and that an ordinary user can reach if root makes it.  The caller
# removes it.
folder_outside_tmp() {
	local d
	for d in /srv /var/lib /opt "$CORDON_BUILD" \
		"$(getent passwd "$(id -u)" | cut -d: -f6)"; do
		case $d/ in
		/tmp/* | /var/tmp/* | /run/* | /dev/*) continue ;;
		esac
		[ -w "$d" ] && mktemp -d "$d/cordon-test-XXXXXX" && return
	done
	echo "# no folder to work in" >&2
	return 1
}

# role_pid MAIN ROLE: of the session whose main process is MAIN.  The title of a
# double is its file's.
role_pid() {
	if [ "$2" = main ]; then
		echo "$1"
	else
		pgrep -P "$1" -f "^cordon: $2\$|/cordon-$2\$"
	fi
}

# all_gone PID ...: whether these end, in time; a main does not wait for what
# the kernel takes down
all_gone() {
	until_so tap_ended "$@" && return
	ps -o pid=,stat=,args= -p "$*" | sed 's/^/# left: /'
	return 1
}
tap_ended() { ! ps -o stat= -p "$*" | grep -qv Z; }

done_testing() {
	echo "1..$tap_n"
	[ "$tap_failed" -eq 0 ]
	exit $?
}
