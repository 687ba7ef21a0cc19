#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Signing in with a browser and with a code, against an issuer of the test's
# own; what it gives is used, renewed, and never lost or shown.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

kept=$conf/signed-in
issuer_pid='' login_pid=''
cleanup() {
	server_stop
	[ -z "$issuer_pid" ] || kill "$issuer_pid" 2>/dev/null
	[ -z "$login_pid" ] || kill "$login_pid" 2>/dev/null
	tap_cleanup
}
trap cleanup EXIT

# issuer [OPTIONS]: starts one; sets issuer_port
issuer() {
	[ -z "$issuer_pid" ] || kill "$issuer_pid"
	rm -f "$tap_dir"/issuer*
	python3 "$CORDON_SRC/tests/helper/issuer.py" "$tap_dir/issuer-port" \
		"$tap_dir/issuer" "$@" &
	issuer_pid=$!
	disown "$issuer_pid"
	until_so test -s "$tap_dir/issuer-port"
	issuer_port=$(cat "$tap_dir/issuer-port")
	# None that another test is given, who asks for any.
	login_port=$(python3 -c '
import os, socket
for port in range(10000 + os.getpid() % 20000, 32000):
    try:
        socket.create_server(("127.0.0.1", port)).close()
        print(port)
        break
    except OSError:
        pass')
}

# settings: where to sign in, and a provider that takes it
settings() {
	configure responses <<-EOS
	requires_openai_auth = true
	request_max_retries = 0
	[login]
	issuer = "http://127.0.0.1:$issuer_port"
	client_id = "the-client"
	port = $login_port
	timeout_ms = ${1-180000}
	EOS
}

# begin [OPTIONS]: cordon login behind our back; sets url
begin() {
	rm -f "$tap_dir/login"
	"$CORDON" login "$@" >"$tap_dir/login" 2>&1 </dev/null &
	login_pid=$!
	url=
	until_so eval 'url=$(grep -oE "http://[^ ]*" "$tap_dir/login" |
		head -n 1); [ -n "$url" ]'
}
finish() { wait "$login_pid"; code=$?; login_pid=; }

# browse URL: a real browser where there is one.  contrib/setup installs none,
# for its size: what is tested of the browser is that it follows a redirect.
browse() {
	if [ -z "${CORDON_NO_BROWSER-}" ] && command -v chromium >/dev/null; then
		HOME=$tap_dir/browser timeout 60 chromium --headless \
			--no-sandbox --disable-gpu --disable-dev-shm-usage \
			--user-data-dir="$tap_dir/profile" --dump-dom "$1" \
			2>/dev/null
	else
		curl -sL "$1"
	fi
}

# shellcheck disable=SC2034 # of the provider; nobody asks it yet
port=1
issuer
settings
begin
like "$url" 'code_challenge_method=S256' "the address is shown"
like "$url" "redirect_uri=http%3A%2F%2Flocalhost%3A$login_port%2Fauth" \
	"the browser is to come back to this machine"
# Others on this machine, and pages with another name for it, get nothing.
state=$(printf '%s' "$url" | sed 's/.*state=\([^&]*\).*/\1/')
back=http://127.0.0.1:$login_port/auth/callback
is "$(curl -so /dev/null -w '%{http_code}' "$back?code=x&state=guess")" 400 \
	"a wrong state is refused"
is "$(curl -so /dev/null -w '%{http_code}' -H 'Host: evil.test' \
	"$back?code=x&state=$state")" 400 "and so is another host"
is "$(curl -so /dev/null -w '%{http_code}' \
	"http://127.0.0.1:$login_port/favicon.ico")" 404 "an icon is not there"
like "$(browse "$url")" 'Signed in' "the browser comes back"
finish
is "$code" 0 "the sign-in is done"
is "$(stat -c '%a' "$kept") $(stat -c '%a' "$conf")" "600 700" \
	"what came of it is the person's alone"
curl -so /dev/null "$back?code=x&state=$state"
is "$?" 7 "nothing listens any more"
like "$("$CORDON" login status)" 'Signed in to account acc-42' "login status"
is "$(grep -c clandestine "$tap_dir/login")" 0 "no token is shown"
is "$("$CORDON" exec --json x 2>&1 </dev/null | grep -c clandestine)" 0 \
	"nor by a run that fails"

# In use.
access=$(tail -n 1 "$tap_dir/issuer.tokens")
server --token "$access" <<<'[{"text": "a"}]'
settings
run x
is "$code" 0 "the token opens the door"
like "$(cat "$log")" '"chatgpt-account-id": "acc-42"' "with the account"
CORDON_API_KEY=mine run x
is "$code" 77 "a key of the environment comes first"

# Renewed on a 401, once, and the new refresh token is kept.
server --token "nobody's" <<<'[{"text": "a"}]'
settings
run x
is "$code $(grep -c refresh_token "$tap_dir/issuer")" "77 1" \
	"a 401 renews it once; a second one is final"
new=$(tail -n 1 "$tap_dir/issuer.tokens")
is "$(sed -n 's/^access //p' "$kept")" "$new" "what is new is kept"
is "$(sed -n 's/^refresh //p' "$kept")" "refresh-2-clandestine" \
	"with the next refresh token"

# Renewed before its end, by one of several at a time.
sed -i 's/^expires .*/expires 1000/' "$kept"
server <<<'[{"text": "a"}]'
settings
n=$(grep -c refresh_token "$tap_dir/issuer")
pids=
for _ in 1 2 3; do
	"$CORDON" exec x >/dev/null 2>&1 </dev/null &
	pids="$pids $!"
done
good=0
for pid in $pids; do wait "$pid" && good=$((good + 1)); done
is "$good $(($(grep -c refresh_token "$tap_dir/issuer") - n))" "3 1" \
	"three runs at once renew it once"

# A renewal that fails loses nothing.
cp "$kept" "$tap_dir/before"
sed -i 's/^expires .*/expires 1000/; s/^refresh .*/refresh used-up/' \
	"$kept" "$tap_dir/before"
run x
is "$code" 77 "a refresh token that is used up"
like "$err" 'invalid_grant: not this one' "the issuer's words are shown"
cmp -s "$kept" "$tap_dir/before"
ok $? "the file stays as it was"
kill "$issuer_pid"
issuer_pid=
run x
is "$code" 77 "an issuer that is not there"
cmp -s "$kept" "$tap_dir/before"
ok $? "the file stays as it was"

# By a code, for a machine without a browser.
issuer
settings
begin --device
finish
is "$code" 0 "a sign-in by a code"
like "$(cat "$tap_dir/login")" 'WXYZ-1234' "which is shown"
like "$(cat "$tap_dir/login")" "http://127.0.0.1:$issuer_port/codex/device" \
	"with where to type it"
is "$(sed -n 's/^access //p' "$kept")" "$(tail -n 1 "$tap_dir/issuer.tokens")" \
	"and gives a token"

# What goes wrong.
issuer --refuse
settings
begin
CORDON_NO_BROWSER=1 browse "$url" >/dev/null
finish
is "$code" 69 "an issuer that refuses"
like "$(cat "$tap_dir/login")" 'refused: access_denied' "is quoted"
settings 500
begin
finish
is "$code" 69 "nobody comes"
like "$(cat "$tap_dir/login")" 'nobody signed in in time' "and that is said"
"$CORDON" login -c login.port="$issuer_port" >"$tap_dir/login" 2>&1
is "$?" 69 "a port that is taken"
like "$(cat "$tap_dir/login")" "port $issuer_port" "is named"
"$CORDON" logout >/dev/null
[ ! -e "$kept" ]
ok $? "logged out"
is "$(grep -rlE 'clandestine|access-[0-9]' "$HOME" | wc -l)" 0 \
	"and no file holds a token"
done_testing
