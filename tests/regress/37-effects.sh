#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lines that may run unasked change nothing: words of the corpora are put
# together anew, and what is judged read-only is run for real, in a directory
# full of files that would leave a trace.  bubblewrap keeps the rest of the
# machine out of it.  CORDON_SOAK: many more, from a seed that is shown.
. "$(dirname "$0")/lib.sh"

soak=${CORDON_SOAK:-}
seed=${CORDON_SEED:-${soak:+$(date +%s)}}
lines=${CORDON_LINES:-${soak:+20000}}
data=$CORDON_SRC/tests/data/shell

# effects CLASSIFY COUNT
effects() {
	local ws=$tap_dir/ws
	rm -rf "$ws"
	mkdir "$ws"
	bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp \
		--tmpfs /run --tmpfs /root --tmpfs /home \
		--bind "$ws" /tmp/ws --ro-bind "$1" /tmp/classify \
		--ro-bind "$CORDON_BUILD/tests/bin/classify" /tmp/real \
		--ro-bind "$CORDON_SRC/tests/helper/effects.py" /tmp/effects.py \
		--ro-bind "$data" /tmp/data --chdir /tmp/ws --unshare-all \
		--die-with-parent -- python3 /tmp/effects.py /tmp/classify \
		"${seed:-1}" "$2" /tmp/data/unsafe.tsv /tmp/data/harmless.tsv 2>&1
}

if ! bwrap --ro-bind / / --unshare-all true 2>/dev/null ||
	! command -v python3 >/dev/null; then
	skip 'no bubblewrap, or no python3 here' 'read-only lines do nothing'
	done_testing
fi
# A judge that allows everything is found out, or this test could not fail.
cat >"$tap_dir/lax" <<'LAX'
#!/bin/sh
case $1 in --pins) exec /tmp/real --pins ;; esac
sed 's/.*/read-only/'
LAX
chmod +x "$tap_dir/lax"
out=$(effects "$tap_dir/lax" 200)
like "$out" 'changes something' 'a judge that allows everything is found out'

out=$(effects "$CORDON_BUILD/tests/bin/classify" "${lines:-200}")
ok $? "read-only lines do nothing: seed ${seed:-1}"
printf '%s\n' "$out" | sed 's/^/# /'
done_testing
