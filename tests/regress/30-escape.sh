#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Attempts to get out of a cell, each first unconfined, where it must be seen
# to succeed or it proves nothing, then through `cordon sandbox`; what came of
# it is looked at from outside.  Run as root it does so as root and as an
# ordinary user.
. "$(dirname "$0")/lib.sh"

attempt=$CORDON_BUILD/tests/bin/attempt

# Nothing below /tmp and the like, which a cell has its own of.
stage_place() {
	for d in "${CORDON_ESCAPE:-$CORDON_BUILD}" /srv /var/lib /opt; do
		case $d in
		/tmp/* | /var/tmp/* | /run/* | /dev/*) continue ;;
		esac
		[ -w "$d" ] && echo "$d" && return
	done
	echo "$CORDON_BUILD"
}

stage_make() {
	base=$(mktemp -d "$(stage_place)/escape-XXXXXX") || exit 1
	OUT=$base/out WORK=$base/work SECRET=$base/hidden/key
	HOME=$base/home SOCK=$base/net/sock
	ABSTRACT=cordon-test-$$
	export OUT WORK SECRET HOME SOCK ABSTRACT
	export XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$base/state
	mkdir -p "$base/hidden" "$base/net"
	echo S3CRET-hidden > "$SECRET"
	cp "$SECRET" "$base/hidden/secret"
	echo S3CRET-shm > /dev/shm/cordon-test-secret
	stage_folders
	python3 "$CORDON_SRC/tests/helper/outside.py" "$base/net" \
		"$ABSTRACT" < /dev/null > /dev/null 2>&1 &
	outside=$!
	for _ in $(seq 100); do
		[ -e "$base/net/port" ] && break
		sleep 0.1
	done
	PORT=$(cat "$base/net/port") || exit 1
	export PORT
	trap stage_remove EXIT
}

stage_remove() {
	kill "$outside"
	kill -9 "$VICTIM" 2> /dev/null
	rm -rf "$base" /dev/shm/cordon-test-secret "/tmp/$ABSTRACT"
	tap_cleanup
}

stage_folders() {
	rm -rf "$OUT" "$WORK" "$HOME" "/tmp/$ABSTRACT" "$base/net/heard"
	mkdir -p "$OUT/empty" "$HOME/.ssh" "$HOME/.config" "$WORK"
	echo canary > "$OUT/canary"
	mkfifo "$OUT/fifo"
	echo S3CRET-home > "$HOME/.ssh/id"
	echo : > "$HOME/.bashrc"
	git init -q "$WORK" 2> /dev/null
	git init -q "$WORK/sub" 2> /dev/null
	git init -q --bare "$WORK/bare.git" 2> /dev/null
}

stage_victim() {
	if ! kill -0 "${VICTIM:-0}" 2> /dev/null ||
		[ "${1:-}" = new ]; then
		[ -n "${VICTIM:-}" ] && kill -9 "$VICTIM" 2> /dev/null
		(cd "$base/hidden" &&
			LEAKED=S3CRET-environ exec setsid sleep 1000 9<&- \
				> /dev/null 2>&1) &
		VICTIM=$!
		export VICTIM
		disown "$VICTIM"
		sleep 0.02
	fi
}

# All that attempts could have changed, in one line.
stage_state() {
	local growing=0 before after
	if [ -e "$WORK/beats" ]; then
		before=$(stat -c %s "$WORK/beats")
		sleep 0.3
		after=$(stat -c %s "$WORK/beats")
		[ "$before" = "$after" ] || growing=1
	fi
	{
		find "$OUT" "$HOME" "$WORK/.git/config"* "$WORK/.git/hooks" \
			"$WORK/.git/info/attributes" "$WORK"/{.vscode,.idea} \
			"$WORK"/{.envrc,.mcp.json,.claude,.codex,.cursor} \
			"$WORK"/{.cordon,.gitmodules} "$WORK"/sub/.git/hooks \
			"$WORK"/sub/.git/config "$WORK"/bare.git/{hooks,config} \
			! -name '*.cordon-refused.*' ! -path "$HOME" \
			-printf '%p %y %m %U %G %s %T@\n' 2> /dev/null | sort
		[ -L "$WORK/.git" ] && echo link
		cat "$OUT/canary"
		getfattr -d --absolute-names "$OUT/canary"
		cat "$base/net/heard"
		kill -0 "$VICTIM" && echo alive
		ls "/tmp/$ABSTRACT"
		echo "$growing"
	} 2> /dev/null | sha256sum
}

# NAME SHOWS COMMAND...: prints out or in.
judge() {
	local name=$1 shows=$2 before after said status
	shift 2
	before=$(stage_state)
	(cd "$WORK" && API_TOKEN=S3CRET-token timeout 20 "$@" "$name" \
		9< "$SECRET" 2> /dev/null < /dev/null > "$base/said")
	status=$?
	said=$(tr -d '\0' < "$base/said")
	case $shows in
	state) after=$(stage_state) ;;
	*) after=$before ;;
	esac
	case $shows:$said in
	leak:*S3CRET*) echo out && return ;;
	esac
	if [ "$before" != "$after" ]; then
		echo out
	elif [ "$shows" = exit ] && [ "$status" = 0 ]; then
		echo out
	else
		echo in
	fi
}

# Prints a line an attempt: name, what came of it unconfined and confined.
attempt_all() {
	local name shows free held
	while IFS=$'\t' read -r name shows; do
		stage_victim new
		stage_folders
		free=$(judge "$name" "$shows" "$attempt")
		[ -e "$WORK/pid" ] && kill -9 "$(cat "$WORK/pid")"
		stage_victim new
		stage_folders
		held=$(judge "$name" "$shows" "$CORDON" sandbox \
			--hide "$base/hidden" -- "$attempt")
		printf '%s\t%s\t%s\n' "$name" "$free" "$held"
	done < <("$attempt" -l)
}

report() { # LABEL, lines on standard input
	local name free held proven=0
	while IFS=$'\t' read -r name free held; do
		if [ "$held" != in ]; then
			ok 1 "$1: $name is contained"
		elif [ "$free" = out ]; then
			proven=$((proven + 1))
			ok 0 "$1: $name is contained"
		else
			skip "the kernel refuses it unconfined too" \
				"$1: $name is contained"
		fi
	done
	[ "$proven" -ge 100 ]
	ok $? "$1: $proven attempts succeed unconfined, at least 100"
}

if [ "${1:-}" = --lines ]; then
	stage_make
	attempt_all
	exit 0
fi
report "$(id -un)" < <(bash "$0" --lines)
if [ "$(id -u)" = 0 ]; then
	user=$CORDON_BUILD/escape-user
	if runuser -u nobody -- test -x "$attempt"; then
		install -d -o nobody "$user"
		report nobody < <(CORDON_ESCAPE=$user runuser -u nobody -- \
			bash "$0" --lines)
		rm -rf "$user"
	else
		skip "the build is not readable for others" "nobody"
	fi
fi
done_testing
