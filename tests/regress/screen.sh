# SPDX-License-Identifier: Apache-2.0
# Sourced after lib.sh by the tests of the interactive front in a real tmux:
# what it shows, compared with golden screens in tests/data/screen, and what it
# sends, as tests/helper/stage logs it.  SCREEN_UPDATE=1 writes the golden
# screens anew.
# shellcheck shell=bash
# shellcheck disable=SC2154

golden_dir=$CORDON_SRC/tests/data/screen
sock=cordon-$$-0 # a server of its own for each terminal
log=$tap_dir/log

if ! command -v tmux >/dev/null; then
	echo "1..0 # SKIP there is no tmux"
	exit 0
fi

T() { timeout 60 tmux -L "$sock" -f /dev/null "$@"; }
screen_cleanup() {
	T kill-server 2>/dev/null
	tap_cleanup
}
trap screen_cleanup EXIT

# stage COLS ROWS [KEY=VALUE ...] <SCRIPT: a front on a fresh terminal.
stage() {
	cols=$1 rows=$2
	shift 2
	cat >"$tap_dir/script"
	T kill-server 2>/dev/null
	sock=cordon-$$-$((${sock##*-} + 1))
	: >"$log"
	T new-session -d -x "$cols" -y "$rows" \
		"env CORDON_BUILD='$CORDON_BUILD' ${STAGE_ENV:-} \
		'$CORDON_BUILD/tests/bin/stage' '$tap_dir/script' '$log' \
		model=test-model sandbox_mode=workspace-write \
		session.tier=full session.cwd=/home/someone/project \
		session.branch=main session.version=0 $* \
		2>'$tap_dir/err'; stty -a >'$tap_dir/stty'; echo over >>'$log'; \
		sleep 600"
}

shot() {
	T capture-pane -p | sed -E -e 's/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/*/' \
		-e 's/  [0-9]+s/  Ns/' -e 's/[ ]+$//' |
		sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# wait_for COMMAND...: waits for it to succeed.  After three that never did
# there is no sense in waiting for what depends on them.
missed=0
wait_for() {
	until_so "$@" && return 0
	[ $((++missed)) -lt 3 ] || { echo "Bail out! too slow, or broken"; exit 1; }
	return 1
}

# seen TEXT: waits until it is on the screen.
on_screen() { T capture-pane -p 2>/dev/null | grep -qF -- "$1"; }
seen() {
	wait_for on_screen "$1" && return 0
	echo "# never seen: $1"
	shot | sed 's/^/# /'
	return 1
}

# gone TEXT: waits until it is not.
off_screen() { ! on_screen "$1"; }
gone() { wait_for off_screen "$1"; }

# logged REGEX: waits until the front has sent it.
logged() {
	wait_for grep -qE -- "$1" "$log" && return 0
	echo "# never sent: $1"
	sed 's/^/# /' "$log"
	return 1
}

keys() { T send-keys "$@"; }
type_in() { T send-keys -l -- "$1"; }

# golden NAME: waits until the screen is as it was kept.
as_kept() { [ "$(shot)" = "$(cat "$golden_dir/$1" 2>/dev/null)" ]; }
golden() {
	if [ -n "${SCREEN_UPDATE:-}" ]; then
		sleep 0.6
		shot >"$golden_dir/$1"
	fi
	wait_for as_kept "$1"
	is "$(shot)" "$(cat "$golden_dir/$1" 2>/dev/null)" "the screen is $1"
}

# midway NAME: the same in a small window, and then again as it was; its last
# row tells that, since rows above it may have gone to the scrollback.
midway() {
	golden "$1"
	T resize-window -x 44 -y 11
	golden "$1-resized"
	T resize-window -x "$cols" -y "$rows"
	seen "$(tail -n 1 "$golden_dir/$1")"
}

# early TEXT: typed before a question can hear it, which comes right behind
# the last line of the log; false if we were too slow for that.
early() {
	local at
	at=$(stat -c %.3Y "$log")
	type_in "$1"
	awk "BEGIN {exit !($(date +%s.%N) - $at < 0.3)}"
}

# asked TEXT: a question is on the screen, and hears, as far as one can tell.
asked() { seen "$1" && sleep 0.5; }

# press KEY: the first that a question is told.  On a busy machine it may be
# deaf for longer; then nothing comes of a key, on the screen or in the log.
press() {
	local was i j
	for ((i = 0; i < 10; i++)); do
		was=$(shot; cat "$log")
		keys "$1"
		for ((j = 0; j < 60; j++)); do
			[ "$(shot; cat "$log")" = "$was" ] || return 0
			sleep 0.05
		done
	done
	echo "# it never heard $1"
}

answer_is() { # REGEX DESCRIPTION
	logged "^answer $1"
	ok $? "$2"
}
