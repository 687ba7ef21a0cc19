#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Much of everything: files in one patch, bytes of output, and names that are
# no text.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

# Ten thousand files are one patch: all of them, or none.
scenario <<'EOS'
n = 10000
adds = "".join("*** Add File: d%d/f%d\n+%d\n" % (i % 100, i, i)
               for i in range(n))
s, t = m.patch("*** Begin Patch\n" + adds + "*** End Patch\n")
check("is applied", s, "0")
check("each is named", t.count(b"\nA d"), str(n))
edits = "".join("*** Update File: d%d/f%d\n@@\n-%d\n+%d!\n" % (
    i % 100, i, i, i) for i in range(n - 1))
bad = "*** Update File: d99/f9999\n@@\n-no such line\n+x\n"
s, t = m.patch("*** Begin Patch\n" + edits + bad + "*** End Patch\n")
check("one that does not fit", s, "1")
check("is named", t, "Failed to find expected lines in d99/f9999")
EOS
run --json 'patch'
checks
is "$(find . -path ./.git -prune -o -type f -print | wc -l)" 10000 \
	"ten thousand files are there"
is "$(cat d34/f1234)" 1234 "as they were before the patch that did not fit"
is "$(find . -name '.*' -type f | wc -l)" 0 "and nothing is left beside them"
rm -rf d*

# Output without end: what is kept is bounded, and so is memory.
peak() { # MAIN: KiB of the largest of our processes so far
	for p in $(pgrep -P "$1" -f '^cordon: '); do
		sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$p/status"
	done 2>/dev/null | sort -n | tail -1
}
scenario <<'EOS'
s, t = m.finish("yes '\u00e9\u20ac x' | head -c 200000000", yield_ms=30000)
check("a flood ends", s, "0")
check("its lines are counted", t, "Total output lines:")
check("the middle is missing", t, " tokens truncated...")
check("the model gets little of it", len(t) < 60000, "True")
check("no character is cut", "\ufffd" in t.decode().split("truncated...")[0],
      "False")
open("flooded", "w").close()
import time
time.sleep(0.4)
EOS
"$doubles/cordon" exec --json flood >"$tap_dir/out" 2>"$tap_dir/err" \
	</dev/null &
pid=$!
most=0
while kill -0 $pid 2>/dev/null; do
	now=$(peak $pid)
	[ "${now:-0}" -le "$most" ] || most=$now
	sleep 0.05
done
wait $pid
is $? 0 "the session ends well"
checks
is "$([ "$most" -gt 1000 ] && [ "$most" -lt 65536 ]; echo $?)" 0 \
	"no process of ours took 64 MiB ($most KiB)"

# Names that are no text.
odd=$(printf 'b\377d') && mkdir "$odd" && echo needle >"$odd/f$odd"
scenario <<'EOS'
s, t = m.exec("ls; cat b*/f*")
check("commands see such names", t, "b\ufffdd", "needle")
s, t = m.result(m.call("list", path=".", depth=2))
check("so does list_dir", t, "b\ufffdd/")
s, t = m.result(m.call("grep", pattern="needle", path=""))
check("and grep", t, "needle")
s, t = m.exec("cd b* && echo made >new")
check("they can be written to", s, "0")
EOS
run 'names'
is "$code" 0 "a turn with such names"
like "$err" '  A b\\xffd/new' "they are told at the end, visibly"
run --json 'names'
checks

done_testing
