#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""explain.py CORDON CORPUS: the verdicts of a corpus against those that
`cordon policy explain --batch` gives.  ask may also be forbid.  Shows what is
wrong, then the figures; exits 1 if anything is, or if an answer takes more
than 5 ms of the processor."""
import json
import resource
import subprocess
import sys


def main():
    rows = []
    with open(sys.argv[2], encoding="utf-8") as f:
        for row in f:
            if row.startswith('"'):
                rows.append(row.rstrip("\n").split("\t"))
    run = subprocess.run([sys.argv[1], "policy", "explain", "--batch"],
                         input="".join(r[0] + "\n" for r in rows),
                         capture_output=True, text=True, check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    each = (used.ru_utime + used.ru_stime) * 1000 / len(rows)
    answers = [json.loads(a) for a in run.stdout.splitlines()]
    if len(answers) != len(rows) or run.returncode != 0:
        sys.exit(f"{len(answers)} answers to {len(rows)} rows: {run.stderr}")
    bad = 0
    for row, answer in zip(rows, answers):
        want, got = row[1], answer["verdict"]
        if got == want or (want == "ask" and got == "forbid"):
            continue
        bad += 1
        print(f"want {want}, got {got} ({answer['reason']}): "
              f"{ascii(row[0])[:120]}")
    print(f"{len(rows)} rows, {bad} wrong, {each:.2f} ms each")
    return 1 if bad > 0 or each > 5 else 0


if __name__ == "__main__":
    sys.exit(main())
