#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a line may run unasked is run: nothing may change.

    effects.py CLASSIFY SEED COUNT CORPUS...

Takes the lines of the corpora apart and puts the words together anew, has
CLASSIFY (tests/helper/classify.c) judge them, and runs, with the pins of git
in the environment, COUNT of those that are read-only.  After each, no file
but git's index may be new, gone or different, and no file that is executable
here may have been run.  To be started in a sandbox, in an empty directory.
"""
import gzip
import json
import os
import random
import subprocess
import sys
import zipfile

TRAP = "#!/bin/sh\necho run >>/tmp/canary\n"


def corpus(paths):
    lines = []
    for path in paths:
        with open(path, encoding="utf-8") as f:
            for row in f:
                if row.startswith('"'):
                    line = json.loads(row.split("\t")[0])
                    if "\n" not in line and "\0" not in line:
                        lines.append(line)
    return [line for line in lines if len(line) < 200]


def options():
    """Every option that the programs here say they have."""
    words = set()
    for name in ("sort uniq sed find grep ls cat head tail wc stat file du df "
                 "date tree jq diff cmp xxd od nl cut tr join tac base64 "
                 "sha256sum shuf strings readelf nm objdump realpath column "
                 "hexdump fold fmt").split():
        try:
            out = subprocess.run([name, "--help"], capture_output=True,
                                 text=True, timeout=5, check=False,
                                 stdin=subprocess.DEVNULL).stdout
        except (OSError, subprocess.TimeoutExpired):
            continue
        for word in out.replace(",", " ").split():
            if word.startswith("-") and len(word) < 30:
                words.add(word.split("=")[0].split("[")[0])
                words.add(word.split("=")[0].split("[")[0] + "=pwned")
    return sorted(words)


def mutant(rng, lines, words, opts):
    parts = rng.choice(lines).split(" ")
    for _ in range(rng.randrange(1, 5)):
        i = rng.randrange(len(parts) + 1)
        what = rng.randrange(8)
        if what == 0:
            parts.insert(i, rng.choice(words))
        elif what == 7:  # an option behind operands, a value before its option
            parts.insert(i, parts.pop(rng.randrange(len(parts))))
        elif what == 1:
            parts.insert(i, rng.choice(opts))
        elif what == 2:
            parts.insert(i, rng.choice(["pwned", "./x", "README.md", "src",
                                        "a.zip", "a.gz"]))
        elif what == 3 and len(parts) > 1:
            parts.pop(min(i, len(parts) - 1))
        elif what == 4 and i < len(parts):
            parts[i] = rng.choice(words)
        elif what == 5 and i < len(parts) and parts[i]:
            k = rng.randrange(len(parts[i]))
            parts[i] = parts[i][:k] + rng.choice(
                "ewioRfCszOxpP=-;|'\"\\/1>&") + parts[i][k + rng.randrange(2):]
        else:
            parts += [rng.choice(["|", "&&", ";"])] + \
                rng.choice(lines).split(" ")
    return " ".join(parts)


def workspace():
    env = dict(os.environ, HOME="/tmp", GIT_CONFIG_NOSYSTEM="1")
    for name in ("x", "a.sh", "bin/x", "src/x.c"):
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "w", encoding="ascii") as f:
            f.write(TRAP)
        os.chmod(name, 0o755)
    for name in ("README.md", "list.txt", "list", "a", "b", "src/a.c",
                 "src/main.c", "x.json", "patterns", "script", "notes.txt"):
        with open(name, "w", encoding="ascii") as f:
            f.write("1e ./x\nw pwned\n./x\nfoo bar\n{\"a\": 1}\n")
    # What an option behind it would unpack.
    with zipfile.ZipFile("a.zip", "w") as archive:
        for name in ("-l", "-v", "-q", "-lv", "pwned"):
            archive.writestr(name, "foo\n")
    with gzip.open("a.gz", "w") as f:
        f.write(b"foo\n")
    for args in (["init", "-q"], ["config", "user.name", "x"],
                 ["config", "user.email", "x@example.org"], ["add", "."],
                 ["commit", "-qm", "one"]):
        subprocess.run(["git"] + args, env=env, check=True)


def state():
    seen = {}
    for top, dirs, files in os.walk("."):
        for name in dirs + files:
            path = os.path.join(top, name)
            st = os.lstat(path)
            if path == "./.git/index":
                continue
            if name in dirs:
                seen[path] = st.st_mode
            else:
                seen[path] = (st.st_mode, st.st_size, st.st_mtime_ns)
    seen[".git"] = None
    seen["canary"] = os.path.exists("/tmp/canary")
    return seen


def judge(classify, lines):
    out = subprocess.run([classify], input="\n".join(lines) + "\n",
                         capture_output=True, text=True, check=True).stdout
    return [line for line, verdict in zip(lines, out.splitlines())
            if verdict.startswith("read-only")]


def main():
    classify, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    lines = corpus(sys.argv[4:])
    words = sorted({w for line in lines for w in line.split(" ") if w})
    opts = options()
    pins = subprocess.run([classify, "--pins"], capture_output=True, text=True,
                          check=True).stdout.splitlines()
    env = dict(p.split("=", 1) for p in pins)
    env.update(PATH="/usr/bin:/bin", HOME="/tmp/home", LC_ALL="C.UTF-8")
    workspace()
    before = state()
    made = ran = bad = 0
    while ran < count and bad < 10:
        batch = [mutant(rng, lines, words, opts) for _ in range(500)]
        made += len(batch)
        for line in judge(classify, batch)[:count - ran]:
            if "tail -" in line or "sleep" in line:
                continue
            ran += 1
            try:
                subprocess.run(["bash", "-c", line], env=env, timeout=5,
                               stdin=subprocess.DEVNULL, check=False,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                pass
            after = state()
            if after != before:
                bad += 1
                changed = {k for k in before.keys() | after.keys()
                           if before.get(k) != after.get(k)}
                print("changes something:", ascii(line), sorted(changed))
                if after["canary"]:
                    os.unlink("/tmp/canary")
                before = state()
    print(f"{made} lines made, {ran} read-only ones run, {bad} did something")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
