#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The processes of a real session, while the model thinks: titles,
# confinement, descriptors, environments; and that when one is gone the rest
# are, in time.
. "$(dirname "$0")/lib.sh"

roles="audit cell gate model net ui"
mkdir -p "$tap_dir/ws" "$XDG_CONFIG_HOME/cordon"
git init -q "$tap_dir/ws"
echo '[{"text":"late","delay":60}]' >"$tap_dir/slow.json"
python3 "$CORDON_SRC/tests/helper/mock_model.py" "$tap_dir/slow.json" \
	--port-file "$tap_dir/port" --log "$tap_dir/requests" &
mock=$!
until_so test -s "$tap_dir/port"
cat >"$XDG_CONFIG_HOME/cordon/config.toml" <<EOT
model = "mock"
model_provider = "mock"
[model_providers.mock]
base_url = "http://127.0.0.1:$(cat "$tap_dir/port")/v1"
env_key = "MOCK_KEY"
EOT
chmod 700 "$XDG_CONFIG_HOME/cordon"
export MOCK_KEY=sk-canary-8d1f0a7c62
stop_all() {
	kill "$mock" ${main:+"$main"} 2>/dev/null
	tap_cleanup
}
trap stop_all EXIT

# Starts a session and waits until it has asked the model.
start() {
	: >"$tap_dir/requests"
	(cd "$tap_dir/ws" && CORDON_LOG=info exec "$CORDON" exec 'think' \
		>"$tap_dir/out" 2>"$tap_dir/err" </dev/null) 9>"$tap_dir/fd9" &
	main=$!
	until_so test -s "$tap_dir/requests"
}

role_pid() { pgrep -P "$main" -f "^cordon: $1\$"; }
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }

start
ok $? "a session has started and asked its model"
[ "$tap_failed" -eq 0 ] || sed 's/^/# /' "$tap_dir/err"
like "$(cat "$tap_dir/err")" 'all processes are ready' "CORDON_LOG=info says so"
like "$(CORDON_LOG=x "$CORDON" --version 2>&1)" '"x" is not info' \
	"another value is named"

titles=$(ps -o args= --ppid "$main" | sort | tr '\n' ',')
is "$titles" "$(for r in $roles; do printf 'cordon: %s,' "$r"; done)" \
	"ps shows each process by its role"

environment_of() { # ROLE PID
	env=$(tr '\0' '\n' <"/proc/$2/environ")
	like "$env" '^PATH=' "$1: has an environment of its own"
	is "$(grep -c "$MOCK_KEY" <<<"$env")" 0 "$1: and no key in it"
	is "$(grep -vcE '^(PATH|LANG|LC_[A-Z]+|TZ|TERM|COLORTERM|TERMINFO|TERMINFO_DIRS|TERM_PROGRAM|SSL_CERT_FILE|SSL_CERT_DIR|CORDON_CA_CERTIFICATE|ASAN_OPTIONS|UBSAN_OPTIONS)=' <<<"$env")" \
		0 "$1: and nothing that the table does not name"
	[ -e "/proc/$2/fd/9" ] && case $(readlink "/proc/$2/fd/9") in
	socket:*) ;;
	*) ok 1 "$1: nothing inherited from the caller" ;;
	esac
}

for r in $roles; do
	pid=$(role_pid "$r")
	is "$(field "$pid" NoNewPrivs)" 1 "$r: no new privileges"
	is "$(field "$pid" Seccomp)" 2 "$r: a system call filter"
	case $r in
	cell) ;; # those of its own user namespace, of which more below
	*) is "$(field "$pid" CapEff)" 0000000000000000 "$r: no capability" ;;
	esac
	like "$(sed -n 's/^Max core file size *\([0-9]*\) .*/\1/p' \
		"/proc/$pid/limits")" '^0$' "$r: no core"
	if [ "$(id -u)" -eq 0 ]; then
		environment_of "$r" "$pid"
	else # who is not root sees that both are shut
		! cat "/proc/$pid/environ" >/dev/null 2>&1
		ok $? "$r: its environment is closed to its own user"
		! ls "/proc/$pid/fd" >/dev/null 2>&1
		ok $? "$r: and so are its descriptors"
	fi
done

# Descriptors: 0 to 3, the peers that the message table gives, the extras.
fds() { ls "/proc/$1/fd" | sort -n | tr '\n' ' '; }
kind() { # ROLE FD
	readlink "/proc/$(role_pid "$1")/fd/$2"
}
descriptors() {
	cellns=$(readlink "/proc/$(role_pid cell)/ns/user")
	[ "$cellns" != "$(readlink /proc/self/ns/user)" ]
	ok $? "cell: its capabilities are those of a user namespace of its own"
	for r in gate model net audit; do
		for fd in 0 1 2; do
			is "$(kind $r $fd)" /dev/null "$r: descriptor $fd is /dev/null"
		done
		like "$(kind $r 3)" '^socket:' "$r: descriptor 3 leads to main"
	done
	is "$(for fd in $(fds "$(role_pid gate)"); do
		t=$(kind gate "$fd"); case $t in socket:*|/dev/null|anon_inode:*) ;;
		*) echo "$fd $t" ;; esac; done)" "" "gate: no file is open"
	is "$(for fd in $(fds "$(role_pid net)"); do
		t=$(kind net "$fd"); case $t in socket:*|/dev/null|anon_inode:*) ;;
		*) echo "$fd $t" ;; esac; done)" "" "net: no file is open"
	like "$(kind audit 24)" '/audit/.*\.jsonl$' "audit: its log"
	like "$(sed -n 's/^flags:[[:space:]]*//p' \
		"/proc/$(role_pid audit)/fdinfo/24")" '^0[0-7]*2[0-7]{3}$|[2367][0-7]{3}$' \
		"audit: which is open for appending"
}
[ "$(id -u)" -ne 0 ] || descriptors

# The privilege table is the link line.
for p in cordon cordon-gate cordon-cell cordon-audit; do
	is "$(readelf -d "$CORDON_BUILD/$p" | grep -cE 'NEEDED.*(curl|jansson)')" \
		0 "$p links neither curl nor jansson"
done
is "$(readelf -d "$CORDON_BUILD/cordon-gate" | grep -cE 'NEEDED.*(sqlite|ssl|toml|sodium)')" \
	0 "cordon-gate links no parser and no cipher"

kill "$main"
wait "$main" 2>/dev/null

# Whoever dies, all die, and nothing is left.
for r in $roles main; do
	start || ok 1 "a session for the death of $r"
	mapfile -t all < <(pgrep -P "$main")
	if [ "$r" = main ]; then victim=$main; else victim=$(role_pid "$r"); fi
	kill -KILL "$victim"
	all_gone "$main" "${all[@]}"
	ok $? "$r is killed: the others are gone"
	wait "$main" 2>/dev/null
	code=$?
	[ "$r" = main ] || [ "$code" -ne 0 ]
	ok $? "$r is killed: the command does not claim success"
done
done_testing
