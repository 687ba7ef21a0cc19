#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: tests/bench/start.sh [BUILD]
# What starting costs: `cordon --version` beside /bin/true, a whole session
# until its model is asked, and the memory of its processes.  A table; no
# number here fails a test.
set -eu
build=$(cd "${1:-build}" && pwd)
src=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d)
trap 'kill $mock 2>/dev/null || :; rm -rf "$tmp"' EXIT

# ms COUNT COMMAND...: milliseconds of one run, the best of five rounds
ms() {
	python3 - "$@" <<'PY'
import subprocess, sys, time
n, cmd = int(sys.argv[1]), sys.argv[2:]
best = 1e9
for _ in range(5):
    t = time.perf_counter()
    for _ in range(n):
        subprocess.run(cmd, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    best = min(best, (time.perf_counter() - t) / n * 1000)
print("%.2f" % best)
PY
}
row() { printf '%-44s %10s %10s %8s\n' "$@"; }
ratio() { python3 -c "print('%.2f' % ($1 / $2))"; }

export HOME=$tmp/home
mkdir -p "$HOME/.config/cordon" "$tmp/ws"
chmod 700 "$HOME/.config/cordon"
git init -q "$tmp/ws"
echo '[{"text":"done"}]' >"$tmp/answers.json"
python3 "$src/tests/helper/mock_model.py" "$tmp/answers.json" \
	--port-file "$tmp/port" &
mock=$!
while [ ! -s "$tmp/port" ]; do sleep 0.05; done
cat >"$HOME/.config/cordon/config.toml" <<EOT
model = "mock"
model_provider = "mock"
[model_providers.mock]
base_url = "http://127.0.0.1:$(cat "$tmp/port")/v1"
EOT
cd "$tmp/ws"

row "what (milliseconds, best of 5)" ours floor ratio
floor=$(ms 50 /bin/true)
v=$(ms 50 "$build/cordon" --version)
row "cordon --version / true" "$v" "$floor" "$(ratio "$v" "$floor")"
p=$(ms 50 "$build/cordon" policy explain --read /x)
row "the policy loaded and asked / --version" "$p" "$v" "$(ratio "$p" "$v")"
if command -v bwrap >/dev/null; then
	b=$(ms 20 bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev true)
	s=$(ms 20 "$build/cordon" sandbox -- true)
	row "cordon sandbox -- true / bwrap" "$s" "$b" "$(ratio "$s" "$b")"
fi
e=$(ms 10 "$build/cordon" exec hello)
row "one-turn exec / true" "$e" "$floor" "$(ratio "$e" "$floor")"

echo '[{"text":"late","delay":20}]' >"$tmp/slow.json"
kill $mock
python3 "$src/tests/helper/mock_model.py" "$tmp/slow.json" \
	--port "$(cat "$tmp/port")" --log "$tmp/log" --port-file "$tmp/port2" &
mock=$!
while [ ! -s "$tmp/port2" ]; do sleep 0.05; done
"$build/cordon" exec hello >/dev/null 2>&1 </dev/null &
main=$!
while [ ! -s "$tmp/log" ]; do sleep 0.05; done
total=0
echo
printf '%-44s %10s\n' "process while the model thinks" "PSS KiB"
for pid in $main $(pgrep -P $main); do
	pss=$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup")
	total=$((total + pss))
	printf '%-44s %10s\n' "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "$pss"
done
printf '%-44s %10s\n' "all" "$total"
kill $main
