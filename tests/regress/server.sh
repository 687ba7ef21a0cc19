# SPDX-License-Identifier: Apache-2.0
# Sourced after lib.sh by the tests of the model client: all programs are the
# real ones, and a scripted server plays the provider.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

work=$tap_dir/work
log=$tap_dir/requests
conf=$XDG_CONFIG_HOME/cordon
mkdir -p "$work/.git" "$conf"
chmod 700 "$conf"
cd "$work" || exit 1

server_pid='' server_args=''
server_stop() {
	[ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null
	[ -z "$server_pid" ] || wait "$server_pid" 2>/dev/null
	server_pid=
}
trap 'server_stop; tap_cleanup' EXIT

# server [OPTIONS]: plays the scenario on standard input; sets port.  One that
# runs and has no options of its own takes up the new one.
server() {
	cat >"$tap_dir/scenario.new"
	mv "$tap_dir/scenario.new" "$tap_dir/scenario"
	rm -f "$log"
	[ -z "$server_pid" ] || [ -n "$server_args$*" ] || return 0
	server_stop
	server_args=$*
	rm -f "$tap_dir/port"
	python3 "$CORDON_SRC/tests/helper/mock_model.py" "$tap_dir/scenario" \
		--port-file "$tap_dir/port" --log "$log" "$@" &
	server_pid=$!
	until_so test -s "$tap_dir/port"
	port=$(cat "$tap_dir/port")
}

# configure API: the provider, and behind it lines from standard input
configure() {
	{
		printf 'model = "m"\nmodel_provider = "mock"\n'
		printf '[model_providers.mock]\nname = "Mock"\n'
		printf 'base_url = "http://127.0.0.1:%s/v1"\n' "$port"
		printf 'wire_api = "%s"\n' "$1"
		cat
	} >"$conf/config.toml"
}

# run [OPTIONS]: out, err and code of cordon exec
run() {
	timeout 180 "$CORDON" exec "$@" >"$tap_dir/out" 2>"$tap_dir/err" \
		</dev/null
	code=$?
	out=$(cat "$tap_dir/out") err=$(cat "$tap_dir/err")
}

requests() { # how many there were, with those that were refused
	if [ -e "$log" ]; then grep -c '"path"' "$log"; else echo 0; fi
}

asked() { until_so had_asked "$1"; } # N: waits for as many requests
had_asked() { [ "$(requests)" -ge "$1" ]; }

# body N FILTER: Python over the Nth request's body, as b
body() {
	python3 -c '
import json, sys
b = json.loads(json.loads(open(sys.argv[1]).readlines()[int(sys.argv[2])])["body"])
print(eval(sys.argv[3]))' "$log" "$1" "$2"
}
