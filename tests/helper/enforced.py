#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""enforced.py CORDON DIR SEED COUNT: makes a policy from SEED with COUNT
requests to read or write a path, asks `cordon policy explain` about each, and
has `cordon policy test --live` attempt each in a cell.  What explain says the
kernel holds, the kernel must deny; what explain allows must happen.  Lines
make their paths up, so that no reading of words helps.  Shows what differs and
exits 1; fails too if either answer never came."""
import json
import os
import random
import re
import subprocess
import sys

NAMES = ["a", "b", "src", "data", "keep"]


def path(rnd):
    return "./" + "/".join(rnd.choice(NAMES)
                           for _ in range(rnd.randint(1, 3))) + "/file"


def policy(rnd):
    """The rules, and what the first of them forbids."""
    text = ['version = 1']
    used = []
    for i in range(6):
        folder = os.path.dirname(path(rnd))
        kind = rnd.choice(["read", "write"])
        if (folder, kind) in used or folder == ".":
            continue
        used.append((folder, kind))
        text.append(f'[[rule]]\nid = "r{i}"\neffect = "forbid"\n'
                    f'{kind} = "{folder}{rnd.choice(["", "/**"])}"')
    return text, (used[0][1], used[0][0] + "/file")


def line(kind, place):
    folder, name = os.path.split(place)
    act = "cat" if kind == "read" else "echo changed >>"
    return f"d={folder}; {act} $d/{name}"


def main():
    cordon, work, seed, count = sys.argv[1:]
    rnd = random.Random(int(seed))
    text, first = policy(rnd)
    asks = [first, ("read", "./other/file")]
    while len(asks) < int(count):
        ask = rnd.choice(["read", "write"]), path(rnd)
        if ask not in asks:
            asks.append(ask)
    for kind, place in asks:
        text.append(f"[[test]]\nrun = {json.dumps(line(kind, place))}\n"
                    f"expect_denied = {json.dumps(place)}")
    own = os.path.join(work, "policy.toml")
    with open(own, "w", encoding="utf-8") as f:
        f.write("\n".join(text) + "\n")
    os.chmod(own, 0o600)
    base = [cordon, "policy", "--policy", own]
    out = subprocess.run(base + ["test", "--live"], cwd=work, text=True,
                         capture_output=True, check=False)
    done = {m[2]: m[1] for m in re.finditer(
        r"^([a-z ,]+): " + re.escape(own) + r":\d+: (d=.*?): ", out.stdout,
        re.M)}
    wrong, tally = 0, {"allow": 0, "forbid": 0}
    for kind, place in asks:
        e = subprocess.run(base + ["explain", "--json", "--" + kind, place],
                           cwd=work, text=True, capture_output=True,
                           check=False)
        said = json.loads(e.stdout)["verdict"]
        is_ = {"ok": "forbid", "not ok": "allow"}.get(
            done.get(line(kind, place)), "nothing")
        tally[said] = tally.get(said, 0) + 1
        if said != is_:
            wrong += 1
            print(f"{kind} {place}: explain says {said}, the cell {is_}")
    print(f"{len(asks)} requests, {wrong} differ, {tally}")
    if wrong > 0:
        print("\n".join(text), out.stdout, out.stderr, sep="\n")
    return 1 if wrong or 0 in (tally["allow"], tally["forbid"]) else 0


if __name__ == "__main__":
    sys.exit(main())
