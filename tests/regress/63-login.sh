#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cordon login: the key comes on standard input, stays in one file of its
# owner's, and reaches the provider and nobody else.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/server.sh"

key=$conf/api-key
login() { "$CORDON" "$@" >"$tap_dir/out" 2>&1; code=$?; }

login login status </dev/null
is "$code $(cat "$tap_dir/out")" "1 Not logged in." "nobody is logged in"
login login --with-api-key --device </dev/null
is "$code" 64 "two ways at once"
login login --with-api-key </dev/null
is "$code" 65 "without a key"
login login --with-api-key <<<'two words'
is "$code" 65 "with what is no key"
login login --with-api-key <<<' key-1234 '
is "$code" 0 "a key"
is "$(grep -c key-1234 "$tap_dir/out")" 0 "is not shown"
is "$(stat -c %a "$key") $(cat "$key")" "600 key-1234" "it is in its file"
login login --with-api-key <<<'key-5678'
is "$(cat "$key")" key-5678 "a second one replaces it"
login login status </dev/null
is "$code" 0 "logged in"
is "$(grep -c key-5678 "$tap_dir/out")" 0 "which one is not said"

# No room: said as it is, and what was there is kept.
if unshare -m true 2>/dev/null; then
	# shellcheck disable=SC2016 # the inner shell expands them
	got=$(unshare -m bash -c 'mount -t tmpfs -o size=16k,mode=700 small "$1" &&
		printf kept >"$1/api-key"; cat /dev/zero >"$1/full" 2>/dev/null
		echo key-9 | "$2" login --with-api-key 2>&1
		echo "$? $(cat "$1/api-key") $(ls "$1" | xargs echo)"' - "$conf" \
		"$CORDON")
	is "$got" "cordon: login: $key: No space left on device; make room there
73 kept api-key full" "a full disk"
else
	skip 'no mount namespace' 'a full disk'
fi

# In use.
server --token key-5678 --token from-env <<'EOS'
[{"text": "a", "calls": [{"name": "exec_command",
  "arguments": {"cmd": "cat ~/.config/cordon/api-key"}}]}, {"text": "b"}]
EOS
configure responses <<'EOS'
env_key = "MY_KEY"
requires_openai_auth = true
EOS
run --json x
is "$code" 0 "the key opens the door"
is "$(printf '%s' "$out" | grep -c key-5678)" 0 "no command can read it"
server --token from-env <<<'[{"text": "a"}]'
configure responses <<'EOS'
env_key = "MY_KEY"
requires_openai_auth = true
EOS
MY_KEY=from-env run x
is "$code" 0 "a variable comes first"
server <<<'[{"text": "a"}]'
configure responses <<'EOS'
env_key = "MY_KEY"
EOS
run x
is "$(requests) $(cat "$log" 2>/dev/null | grep -c key-5678)" "0 0" \
	"another provider does not get it"
chmod 644 "$key"
configure responses <<'EOS'
env_key = "MY_KEY"
requires_openai_auth = true
EOS
run x
is "$code" 77 "a key that others may read is not used"
like "$err" 'others may read it' "the message says so"

login logout
is "$code" 0 "logged out"
[ ! -e "$key" ]
ok $? "the file is gone"
login login status </dev/null
is "$code" 1 "nobody is logged in again"

done_testing
