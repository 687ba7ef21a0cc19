#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The way to the provider: through the proxy of the environment, which sees a
# name and ciphertext; and by TLS with nothing but the configured authorities.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"
unset NO_PROXY no_proxy

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj /CN=model.test -addext subjectAltName=DNS:model.test \
	-keyout "$tap_dir/key" -out "$tap_dir/cert" 2>/dev/null
cat "$tap_dir/key" "$tap_dir/cert" >"$tap_dir/pem"
export CORDON_CA_CERTIFICATE=$tap_dir/cert

proxy_pid=
trap 'server_stop; [ -z "$proxy_pid" ] || kill "$proxy_pid"; tap_cleanup' EXIT

# proxy [OPTIONS]: starts one; sets proxy_port
proxy() {
	[ -z "$proxy_pid" ] || kill "$proxy_pid"
	rm -f "$tap_dir/proxy-port" "$tap_dir/proxy-log"
	python3 "$CORDON_SRC/tests/helper/connect_proxy.py" \
		"$tap_dir/proxy-port" "$tap_dir/proxy-log" "$@" &
	proxy_pid=$!
	disown "$proxy_pid"
	until_so test -s "$tap_dir/proxy-port"
	proxy_port=$(cat "$tap_dir/proxy-port")
}

# provider URL: configured, and a key that must not be seen
provider() {
	cat >"$conf/config.toml" <<-EOS
	model = "m"
	model_provider = "mock"
	[model_providers.mock]
	name = "Mock"
	base_url = "$1"
	wire_api = "responses"
	env_key = "MOCK_KEY"
	request_max_retries = 0
	EOS
}
export MOCK_KEY=clandestine-7261

server --tls "$tap_dir/pem" <<<'[{"text": "Through."}]'
proxy --auth 'me:p@ss word' --to "$port"
provider "https://model.test:8443/v1"
export HTTPS_PROXY="http://me:p%40ss%20word@127.0.0.1:$proxy_port"
run x
is "$code $out" "0 Through." "a run through a proxy with a password"
is "$(sed -n 's/ HTTP.*//p' "$tap_dir/proxy-log")" "CONNECT model.test:8443" \
	"the proxy resolves the name"
is "$(grep -c '^first 1603' "$tap_dir/proxy-log")" 1 \
	"and what goes through begins with TLS"
is "$(grep -c clandestine "$tap_dir/proxy-log")" 0 "the key is not in it"
is "$(grep -rlF 'p@ss word' "$HOME" | wc -l)" 0 \
	"nor is the password in a file"

https_proxy=http://127.0.0.1:$proxy_port run x
is "$code" 69 "the small name counts first"
like "$err" "the proxy 127\.0\.0\.1:$proxy_port wants other credentials" \
	"a proxy that refuses is named"
HTTPS_PROXY=socks5://127.0.0.1:1 run x
is "$code" 78 "another kind of proxy is an error"
like "$err" 'https_proxy in the environment names no HTTP proxy' \
	"that says what is understood"

# Who is reached without it.
provider "https://localhost:$port/v1"
n=$(wc -l <"$tap_dir/proxy-log")
run x
is "$(wc -l <"$tap_dir/proxy-log")" "$n" "this machine is reached without it"
like "$err" 'SSL|certificate|subject' "a certificate for another name is refused"
provider "https://model.test:8443/v1"
NO_PROXY=.other.test,model.test run x
is "$(wc -l <"$tap_dir/proxy-log") $code" "$n 69" \
	"and so is what NO_PROXY names"
CORDON_CA_CERTIFICATE='' SSL_CERT_FILE='' run x
is "$code" 69 "a certificate of nobody's is refused"
CORDON_CA_CERTIFICATE='' SSL_CERT_FILE=$tap_dir/cert run x
is "$code" 0 "SSL_CERT_FILE names authorities too"
CORDON_CA_CERTIFICATE=$HOME/none run x
like "$err" 'CORDON_CA_CERTIFICATE: .*/none holds no certificates' \
	"authorities that cannot be read are not replaced by others"
provider "http://127.0.0.1:1/v1"
n=$(wc -l <"$tap_dir/proxy-log")
run x
is "$(wc -l <"$tap_dir/proxy-log")" "$n" "plain http goes through no proxy"

# A proxy that is none.
provider "https://model.test:8443/v1"
for answer in 'HTTP/1.1 503 No\r\n\r\n' 'SSH-2.0-x\r\n\r\n' \
	'HTTP/1.1 200 OK\r\n\r\nmore' 'HTTP/1.1 200'; do
	proxy --answer "$answer"
	HTTPS_PROXY=127.0.0.1:$proxy_port run x
	is "$code" 69 "a proxy that says: $answer"
done
done_testing
