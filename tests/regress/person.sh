# SPDX-License-Identifier: Apache-2.0
# Sourced after lib.sh by the tests that have a person at cordon itself, in a
# real tmux.
# shellcheck shell=bash

sock=cordon-person-$$
T() { timeout 60 tmux -L "$sock" -f /dev/null "$@"; }
person() { T new-session -d -x 80 -y 40 "$1; sleep 600"; }
person_stop() { T kill-server 2>/dev/null; }
person_records() { cat "$XDG_STATE_HOME"/cordon/audit/*/*/*/*.jsonl; }

on_screen() { T capture-pane -p 2>/dev/null | grep -qE -- "$1"; }
seen() { # REGEX: waits until it is on the screen
	until_so on_screen "$1" && return 0
	echo "# never seen: $1"
	T capture-pane -p | sed 's/^/# /'
	return 1
}
keys() { T send-keys "$@"; }
type_in() { T send-keys -l -- "$1"; }

# press KEY NOW THEN: answers the question that shows NOW, which hears after a
# pause; again only if it is still there after a long while.
press() {
	local i
	for ((i = 0; i < 300; i++)); do
		on_screen "$3" && return 0
		[ $((i % 40)) -ne 6 ] || ! on_screen "$2" || keys "$1"
		sleep 0.1
	done
	echo "# $1 does not bring: $3"
	T capture-pane -p | sed 's/^/# /'
	return 1
}
