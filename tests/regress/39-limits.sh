#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a command may use: memory, processes, files, disk, processor and time,
# each exceeded by something that ends by itself, so that it is seen to go on
# without the limit.  A bomb is contained, said to be what it was, and nothing
# of it is left.  That it is within two seconds only a machine with nothing else
# to do can show: with CORDON_SOAK.
. "$(dirname "$0")/lib.sh"

base=$(folder_outside_tmp) || exit 1
limits_remove() {
	rm -rf "$base"
	tap_cleanup
}
trap limits_remove EXIT
mkdir "$base/home" "$base/work"
export HOME=$base/home XDG_CONFIG_HOME=$base/home/.config
export XDG_STATE_HOME=$base/state
cd "$base/work" || exit 1

# Each marks its processes by an argument that no other has.
mark=marked-$$-$RANDOM

cat > "$base/work/use.py" <<'EOT'
"""use.py MARK WHAT HOLD: uses up something, keeps it for HOLD seconds, and says
"done" if it was let."""
import os
import signal
import sys
import time

what, hold = sys.argv[2], float(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # which python ignores
if what == "memory":
    kept = []
    for _ in range(60):
        kept.append(b"x" * (10 << 20))
        time.sleep(0.01)
    time.sleep(hold)
elif what == "memory-of-many":
    for _ in range(6):
        if os.fork() == 0:
            kept = b"x" * (60 << 20)
            time.sleep(hold)
            os._exit(0)
    time.sleep(hold)
elif what in ("processes", "sessions"):
    for _ in range(100):
        try:
            if os.fork() == 0:
                if what == "sessions":
                    os.setsid()
                time.sleep(hold)
                os._exit(0)
        except OSError:
            time.sleep(0.01)
    time.sleep(hold)
elif what == "bomb":
    for _ in range(11):
        os.fork()
    time.sleep(hold)
elif what in ("file", "disk"):
    for n in range(1 if what == "file" else 20):
        with open(f"big{n}", "wb") as f:
            for _ in range(60 if what == "file" else 10):
                f.write(b"x" * (1 << 20))
                time.sleep(0.005)
    time.sleep(hold)
elif what in ("spin", "spin-on"):
    if what == "spin-on":
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while time.process_time() < hold:
        pass
elif what == "sleep":
    time.sleep(hold)
elif what == "descriptors":
    kept = [os.open("/", os.O_RDONLY) for _ in range(100)]
elif what == "tmp":
    with open("/tmp/big", "wb") as f:
        for _ in range(40):
            f.write(b"x" * (1 << 20))
elif what == "leave":  # by every way out that there is
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(hold)
            os._exit(0)
    os.system(f"nohup python3 use.py {sys.argv[1]} sleep {hold} "
              "> /dev/null 2>&1 &")
    time.sleep(hold)
print("done")
EOT

left() { pgrep -cf "$mark"; }
brief=0.2 ever=120 # seconds

# How long it took is told, and seen to where that means something; there is a
# second try.
contained() { # WHAT LIMIT MILLISECONDS; sets out, status, ms
	local began
	for _ in 1 2; do
		began=$(date +%s%N)
		out=$("$CORDON" sandbox --tier "${tier:-auto}" --limit "$2" -- \
			python3 use.py "$mark" "$1" $ever 2>&1)
		status=$?
		ms=$((($(date +%s%N) - began) / 1000000))
		rm -f big*
		echo "# $1: $ms ms"
		[ "$ms" -ge "$3" ] && [ -n "${CORDON_SOAK-}" ] || return 0
	done
	return 1
}

# WHAT LIMIT STATUS SAYS [MILLISECONDS that the limit itself allows]: seen
# without the limit, then with it.
exceed() {
	is "$("$CORDON" sandbox -- python3 use.py "$mark" "$1" $brief 2>&1)" \
		"done" "$1: it goes on without a limit"
	rm -f big*
	contained "$1" "$2" $((2000 + ${5:-0}))
	ok $? "$1: contained in time"
	is "$status" "$3" "$1: ends with status $3 at $2"
	like "$out" "$4" "$1: is said to be what it was"
	none_left "$mark"
	ok $? "$1: nothing is left"
}

exceed memory mem=200M 137 'over its memory limit'
exceed memory-of-many mem=200M 137 'over its memory limit'
exceed processes procs=40 137 'limit of processes'
exceed sessions procs=40 137 'limit of processes'
exceed file fsize=20M 137 'over its limit of disk space'
exceed disk disk=40M 137 'over its limit of disk space'
exceed spin cpu=1s 124 'over its time limit' 1000
exceed spin-on cpu=1s 124 'over its time limit' 2000
exceed sleep time=1s 124 'over its time limit' 1000
exceed descriptors files=50 1 'Too many open files'
exceed tmp tmp=20M 1 'No space left'

# A bomb, beside others who want the processors.
hogs=
for _ in 1 2 3 4 5 6; do
	timeout 60 sh -c 'while :; do :; done' &
	hogs="$hogs $!"
done
for tier in full lsm; do
	contained bomb procs=100 2000
	ok $? "tier $tier: a bomb on a busy machine: contained in time"
	is "$status" 137 "tier $tier: it is ended"
	none_left "$mark"
	ok $? "tier $tier: and nothing of it is left"
done
unset tier
# shellcheck disable=SC2086 # numbers
kill $hogs
wait $hogs 2> /dev/null

# What runs out of time is dead, whatever it did to get away.
out=$("$CORDON" sandbox --limit time=1s -- python3 use.py "$mark" leave $ever \
	2>&1)
is "$?" 124 "what tries to outlive its time is stopped"
none_left "$mark"
ok $? "and no session, orphan or nohup of it is left"

# Likewise when the person stops it.
"$CORDON" sandbox -- python3 use.py "$mark" leave $ever > /dev/null 2>&1 &
pid=$!
until_so eval '[ "$(left)" -ge 5 ]'
ok $? "it runs"
kill -TERM "$pid"
none_left "$mark"
ok $? "after SIGTERM nothing of it is left"
wait "$pid"
is "$?" 143 "and the status says so"

# Output without end goes where the person lets it go.
out=$("$CORDON" sandbox -- yes "$mark" 2> /dev/null | head -n 1)
is "$out" "$mark" "output without end ends with its reader"
none_left "$mark"
ok $? "and so does what wrote it"

# In a session nobody else reads it, and gate is who ends it.
. "$CORDON_SRC/tests/regress/model.sh"
scenario <<- EOS
	import time
	check("much output is let", m.finish(
	    "head -c 100000000 /dev/zero | tr '\\\\0' 'x\\\\n'; exit 7",
	    yield_ms=30000), "exited with code 7")
	for attempt in range(2):
	    began = time.monotonic()
	    got = m.finish("yes", yield_ms=30000)
	    took = time.monotonic() - began
	    if took < 2:
	        break
	check("output without end is said to be that", got, "too much output")
	check("and contained in time", took < 2 or not "${CORDON_SOAK-}", True)
EOS
run --json 'do it'
is "$code" 0 "a session with much output"
checks

done_testing
