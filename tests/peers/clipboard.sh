#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The image in the clipboard of real desktops, by the programs that are taken
# unless others are configured: xclip at an X server (Xvfb), wl-paste at a
# Wayland compositor (sway).
# shellcheck source=tests/regress/lib.sh
. "${CORDON_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/regress/lib.sh"

command -v tmux >/dev/null || { echo '1..0 # SKIP there is no tmux'; exit 0; }
lacks() {
	local p
	for p; do command -v "$p" >/dev/null || { echo "no $p" && return; }; done
	return 1
}

sock=cordon-clip-$$
desktop='' owner=''
T() { timeout 10 tmux -L "$sock" -f /dev/null "$@"; }
down() { # ends the desktop
	T kill-server 2>/dev/null
	[ -z "$owner" ] || kill "$owner" 2>/dev/null
	[ -z "$desktop" ] || kill "$desktop" 2>/dev/null
	[ -z "$desktop" ] || wait "$desktop" 2>/dev/null
	owner='' desktop=''
}
trap 'down; tap_cleanup' EXIT
wait_for() {
	local i
	for ((i = 0; i < 200; i++)); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}
on_screen() { T capture-pane -p 2>/dev/null | grep -qE -- "$1"; }
seen() {
	wait_for on_screen "$1" && return 0
	echo "# never seen: $1"
	T capture-pane -p | sed 's/^/# /'
	return 1
}

mkdir "$tap_dir/repo" "$tap_dir/run"
chmod 700 "$tap_dir/run"
cd "$tap_dir/repo" || exit 1
git init -q .
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\3\0\0\0\2\010\2\0\0\0' \
	>"$tap_dir/image.png"
mkdir -p "$XDG_CONFIG_HOME/cordon"
cat >"$XDG_CONFIG_HOME/cordon/config.toml" <<'EOS'
model = "none"
model_provider = "none"
[model_providers.none]
name = "none"
base_url = "http://127.0.0.1:9/v1"
EOS

# pastes WHAT TIER VARIABLE=VALUE...: an image, and then text
pastes() {
	local what="$1, tier $2" tier=$2
	shift 2
	copy_image
	T new-session -d -x 80 -y 24 env -u DISPLAY -u WAYLAND_DISPLAY "$@" \
		"$CORDON" -c sandbox_tier="$tier"
	seen 'Ask for something'
	T send-keys C-v
	seen '^  image \[Image #1\]'
	ok $? "$what: an image is attached"
	copy_text
	T send-keys C-u
	sleep 0.5
	T send-keys C-v
	seen 'no image in the clipboard'
	ok $? "$what: text is not"
	T kill-server
}

if why=$(lacks Xvfb xclip); then
	skip "$why" 'xclip at an X server'
else
	Xvfb -displayfd 5 5>"$tap_dir/display" >/dev/null 2>&1 &
	desktop=$!
	wait_for test -s "$tap_dir/display"
	display=:$(cat "$tap_dir/display")
	copy() { # ARGUMENTS of xclip
		DISPLAY=$display xclip -quiet -selection clipboard "$@" \
			>/dev/null 2>&1 &
		[ -z "$owner" ] || kill "$owner" 2>/dev/null
		owner=$!
	}
	targets() {
		DISPLAY=$display xclip -selection clipboard -t TARGETS -o \
			2>/dev/null | grep -qx "$1"
	}
	copy_text() { copy <<<text && wait_for targets UTF8_STRING; }
	copy_image() {
		copy -t image/png -i "$tap_dir/image.png"
		wait_for targets image/png
	}
	for tier in full lsm; do pastes xclip $tier DISPLAY="$display"; done
	down
fi

if why=$(lacks sway wl-copy wl-paste); then
	skip "$why" 'wl-paste at a Wayland compositor'
else
	wayland() {
		env XDG_RUNTIME_DIR="$tap_dir/run" WAYLAND_DISPLAY=wayland-1 "$@"
	}
	echo >"$tap_dir/sway"
	as=()
	if [ "$(id -u)" = 0 ]; then # as whom it does not run
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		chmod 711 "$tap_dir"
		chown 65534:65534 "$tap_dir/run"
		chmod 755 "$tap_dir/run"
	fi
	"${as[@]}" env -u DISPLAY -u WAYLAND_DISPLAY XDG_RUNTIME_DIR="$tap_dir/run" \
		WLR_BACKENDS=headless WLR_RENDERER=pixman \
		WLR_LIBINPUT_NO_DEVICES=1 \
		sway -c "$tap_dir/sway" >/dev/null 2>&1 &
	desktop=$!
	wait_for test -e "$tap_dir/run/wayland-1"
	[ "$(id -u)" != 0 ] || chmod 777 "$tap_dir/run/wayland-1"
	types() { wayland wl-paste --list-types 2>/dev/null | grep -q "$1"; }
	copy_text() { wayland wl-copy text 2>/dev/null && wait_for types text/plain; }
	copy_image() {
		wayland wl-copy --type image/png <"$tap_dir/image.png" \
			2>/dev/null
		wait_for types image/png
	}
	for tier in full lsm; do
		pastes wl-paste $tier XDG_RUNTIME_DIR="$tap_dir/run" \
			WAYLAND_DISPLAY=wayland-1
	done
	down
fi
done_testing
