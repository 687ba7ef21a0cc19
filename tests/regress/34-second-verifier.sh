#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cordon-audit(5) is exact: a verifier that was written from it alone
# (tests/helper/verify_log.py) finds what cordon audit verify finds, in logs in
# order and in logs that somebody has changed.
. "$(dirname "$0")/lib.sh"

id=01936f2a-5b1c-7000-8000-00000000abcd
dir=$XDG_STATE_HOME/cordon/audit/2026/11/28
log=$dir/$id.jsonl
mkdir -p "$dir"
auditlog() {
	"$CORDON_BUILD/tests/bin/auditlog" -b 40 "$@" "$id" \
		"$CORDON_BUILD/cordon-audit" >/dev/null
}
second() { python3 "$CORDON_SRC/tests/helper/verify_log.py" "$log"; }

auditlog -n 130 "$log"
"$CORDON" audit verify >/dev/null
is "$?:$(second)" '0:ok 135 3' 'a log in order'
# A run that was killed and torn, and one that lost a newline.
head -c -500 "$log" >"$tap_dir/torn"
cp "$tap_dir/torn" "$log"
auditlog -a -n 3 "$log"
truncate -s -1 "$log"
auditlog -a -n 3 "$log"
"$CORDON" audit verify >/dev/null
is "$?" 0 'a log of three runs, one of them torn'
like "$("$CORDON" audit list)" ' closed ' 'of which the list says the same'
like "$(second)" '^ok 148 4$' 'for both'

cat >"$tap_dir/both.py" <<'EOF'
import json, os, random, subprocess, sys
sys.path.insert(0, os.path.join(os.environ["CORDON_SRC"], "tests/helper"))
import verify_log
path, cordon, seed, rounds = sys.argv[1:]
good = open(path, "rb").read()
rnd = random.Random(int(seed))

def lines(change):
    v = good.split(b"\n")[:-1]
    change(v, rnd.randrange(len(v)), rnd.randrange(len(v)))
    return b"".join(x + b"\n" for x in v)

def flip():
    b = bytearray(good)
    b[rnd.randrange(len(b))] ^= 1 << rnd.randrange(8)
    return bytes(b)

def swap(v, i, j):
    v[i], v[j] = v[j], v[i]

changes = [
    flip, flip, lambda: good[:rnd.randrange(len(good))],
    lambda: lines(lambda v, i, j: v.pop(i)),
    lambda: lines(lambda v, i, j: v.insert(i, v[j])),
    lambda: lines(swap),
    lambda: lines(lambda v, i, j: v.insert(i, b"{}")),
    lambda: lines(lambda v, i, j: v.__setitem__(i, v[i][:len(v[i]) // 2])),
    lambda: lines(lambda v, i, j: v.__delitem__(slice(i, j))),
]
for n in range(int(rounds)):
    data = changes[n % len(changes)]()
    with open(path, "wb") as f:
        f.write(data)
    ours = json.loads(subprocess.run(
        [cordon, "audit", "verify", "--json"],
        stdout=subprocess.PIPE).stdout)
    wrong, number, heads = verify_log.verify(data)
    damage = ours["damage"]
    mine = number if wrong else None
    if mine != (damage["seq"] if damage else None):
        sys.exit("round %d: %r, %r" % (n, damage, (wrong, number)))
    if not wrong and heads != ours["heads"]:
        sys.exit("round %d: heads" % n)
EOF
seed=${CORDON_TEST_SEED:-${CORDON_SOAK:+$RANDOM}}
seed=${seed:-1}
rounds=${CORDON_TEST_ROUNDS:-180}
python3 "$tap_dir/both.py" "$log" "$CORDON" "$seed" "$rounds"
ok $? "$rounds changed logs: both name the same record (seed $seed)"

done_testing
