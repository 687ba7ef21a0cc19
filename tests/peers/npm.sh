#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The npm package from its tarballs in a clean prefix: no script runs when it
# is installed, and the command that npm links is the real one.  Takes the
# programs of make static, or else those of this build.
. "$(dirname "$0")/../regress/lib.sh"
command -v npm >/dev/null || { echo '1..0 # SKIP no npm'; exit 0; }

static=$(echo "$CORDON_BUILD"/static/cordon-*-linux-"$(uname -m)")
if [ ! -d "$static" ]; then
	static=$tap_dir/static
	make -s -C "$CORDON_BUILD" install DESTDIR="$static" prefix=/ \
		>"$tap_dir/install.log" 2>&1
	ok $? 'the programs are installed'
	cp "$CORDON_SRC/LICENSE" "$static/"
fi
"$CORDON_SRC/contrib/packaging/npm/pack" "$static" "$tap_dir/out" \
	>"$tap_dir/pack.log" 2>&1
ok $? 'the tarballs are packed'
grep -l '"\(pre\|post\)\?install"' "$tap_dir"/out/*/package.json
is $? 1 'neither has an install script'

mkdir "$tap_dir/prefix"
cd "$tap_dir/prefix" || exit 1
npm install --offline --no-audit --no-fund --silent \
	"$tap_dir"/out/cordon-agent-*.tgz >"$tap_dir/install.log" 2>&1
ok $? 'npm installs them without a registry'
run=$tap_dir/prefix/node_modules/.bin/cordon
is "$("$run" --version)" "$("$static/bin/cordon" --version)" 'it runs'
like "$("$run" help exec)" '^CORDON-EXEC\(1\)' 'it has its pages'
"$run" confg >/dev/null 2>&1
is $? 64 'its status is passed on'
echo '[[{"type":"message","text":"Done."}]]' >"$tap_dir/answer.json"
python3 "$CORDON_SRC/contrib/scripted-model" "$tap_dir/answer.json" \
	"$tap_dir/port" &
server=$!
for _ in $(seq 100); do [ -s "$tap_dir/port" ] && break; sleep 0.05; done
is "$("$run" exec --skip-git-repo-check -m scripted -c model_provider=s \
	-c "model_providers.s.base_url=http://127.0.0.1:$(cat "$tap_dir/port")/v1" \
	hello 2>/dev/null </dev/null)" Done. 'and exec works'
kill $server
printf '#!/bin/sh\nexec sleep 60\n' > "$tap_dir/hang"
chmod +x "$tap_dir/hang"
cp "$tap_dir/hang" node_modules/@cordon-agent/linux-*/bin/cordon
"$run" &
pid=$!
sleep 1
kill -TERM $pid
wait $pid
is $? 143 'a signal is passed on'
rm -r node_modules/@cordon-agent/linux-*
like "$("$run" 2>&1)" '^cordon: the package @cordon-agent/linux-' \
	'a missing package is named'
done_testing
