#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cordon-tutorial(7), as help prints it: every command of it, in one shell, from top to bottom,
# and every key, in a terminal.
. "$(dirname "$0")/lib.sh"
command -v tmux >/dev/null || { echo '1..0 # SKIP no tmux'; exit 0; }

# As installed: the private programs are not beside the command.
if [ -x "$CORDON_BUILD/cordon-gate" ]; then
	mkdir -p "$tap_dir/usr/bin" "$tap_dir/usr/libexec/cordon"
	cp "$CORDON_BUILD/cordon" "$tap_dir/usr/bin/"
	find "$CORDON_BUILD" -maxdepth 1 -type f -name 'cordon-*' -perm -1 \
		-exec cp {} "$tap_dir/usr/libexec/cordon/" \;
	mkdir -p "$tap_dir/usr/share/cordon"
	cp -R "$CORDON_BUILD/man" "$tap_dir/usr/share/cordon/help"
	PATH=$tap_dir/usr/bin:$PATH
fi
export PATH
unset XDG_CONFIG_HOME XDG_STATE_HOME
chmod go-w "$tap_dir" "$HOME"
cd "$CORDON_SRC" || exit 1
T() { timeout 60 tmux -L "cordon-25-$$" -f /dev/null "$@"; }
trap 'T kill-server 2>/dev/null; tap_cleanup' EXIT

# As a person reads it.
cordon help tutorial >"$tap_dir/page"
mapfile -t commands < <(sed -n 's/^ \{11\}\([$>] \)/\1/p' "$tap_dir/page")
is "${#commands[@]}" "$(grep -cE '^[$>] ' "$CORDON_SRC/man/cordon-tutorial.7")" \
	'each command of the page is shown on a line of its own'
[ "${#commands[@]}" -gt 20 ]
ok $? "the page has commands (${#commands[@]})"

seen() { # TEXT: on the screen, in time
	until_so on_screen "$1" && return
	T capture-pane -p | sed 's/^/# /'
	return 1
}
on_screen() { T capture-pane -p 2>/dev/null | grep -q "$1"; }
# What is on the screen when it is time for a key.
declare -A before=([y]='y yes, once' [C-d]='Ask for something')

press() { # KEY, as in the page
	local key=${1/Ctrl-D/C-d}
	seen "${before[$key]}"
	ok $? "it is time for $1"
	# A question is deaf at first, to keys that were not for it, and as long
	# as it takes on a busy machine.
	for _ in 1 2 3 4 5; do
		sleep 1
		T send-keys "$key"
		for _ in $(seq 40); do
			on_screen "${before[$key]}" || return
			sleep 0.05
		done
	done
}

over() { ! T has-session 2>/dev/null; } # what was begun there
set -m # so that %1 is a job here as in a person's shell
for i in "${!commands[@]}"; do
	command=${commands[i]#* }
	case ${commands[i]}/${commands[i + 1]-} in
	'>'*) press "$command"; continue ;;
	'$'*/'>'*) T new-session -d -x 90 -y 30 "$command"
		ok $? "$command"
		continue ;;
	esac
	until_so over || T capture-pane -p | sed 's/^/# /'
	eval "$command" >"$tap_dir/out" 2>&1 </dev/null
	status=$?
	ok "$status" "$command"
	[ "$status" = 0 ] || sed 's/^/# /' "$tap_dir/out"
done
jobs -p | xargs -r kill 2>/dev/null
done_testing
