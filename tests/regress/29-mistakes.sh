#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Mistakes on the command line and in files: each is answered by its code and
# one line on standard error, which says what is wrong, where, and what to do.
# The rows of tests/data/mistakes.tsv: code, command line, the first part of
# the line, and what to do, which no row may lack.
. "$(dirname "$0")/lib.sh"

mkdir -p "$tap_dir/work" "$XDG_CONFIG_HOME/cordon"
chmod -R go-w "$tap_dir"
cd "$tap_dir/work" || exit 1
echo text >file
echo '{' >broken
echo 'modle = 1' >bad.toml
cp /bin/true program
printf '[profiles.fast]\nmodel = "m"\n' >"$XDG_CONFIG_HOME/cordon/config.toml"
export VISUAL=false
# shellcheck disable=SC2034 # the rows name them
user=$XDG_CONFIG_HOME/cordon/config.toml long=$(printf 'x%.0s' $(seq 2000)) \
	huge=$(printf 'x%.0s' $(seq 70000)) \
	grants=$(printf ' --grant x%.0s' $(seq 65)) \
	bad=$'\xff' exec="exec --skip-git-repo-check" \
	ask='-m m -c model_provider=p'
for what in base_url=http://127.0.0.1:9 request_max_retries=0; do
	ask+=" -c model_providers.p.$what"
done

# Two sessions, so that there is something to be mistaken about.
for _ in 1 2; do
	eval "$CORDON $exec $ask hello" >/dev/null 2>&1
done
# shellcheck disable=SC2034
id=$("$CORDON" sessions list --json | sed -n '1s/.*"id":"\([^"]*\)".*/\1/p')

n=0
while IFS=$'\t' read -r code line what remedy; do
	case $code in '' | '#'*) continue ;; esac
	n=$((n + 1))
	# shellcheck disable=SC2086
	got=$(eval "timeout 60 $CORDON $line" 2>&1 >/dev/null </dev/null)
	status=$?
	eval "want=\"cordon: ${what//\"/\\\"} ${remedy//\"/\\\"}\""
	# shellcheck disable=SC2154 # eval sets it
	is "$status: $got" "$code: $want" "cordon $line"
	[ -n "$remedy" ] || ok 1 "it says what to do: cordon $line"
done <"$CORDON_SRC/tests/data/mistakes.tsv"
[ "$n" -ge 60 ]
ok $? "$n mistakes"
done_testing
