#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The TOML reader against the public test-suite of TOML 1.0.0, which lies
# beside the source tree or in $CORDON_TOML_TEST.
. "$(dirname "$0")/lib.sh"

suite=${CORDON_TOML_TEST:-$CORDON_SRC/../shared/toml-test}
if [ ! -f "$suite/files-toml-1.0.0" ]; then
	echo "1..0 # SKIP no test-suite in $suite"
	exit 0
fi
cat > "$tap_dir/run.py" <<'PY'
import datetime, json, math, os, re, subprocess, sys

decoder, suite = sys.argv[1:]
bad = []
counts = {'valid': 0, 'invalid': 0}

def moment(s):
    s = re.sub(r'(\.\d{1,6})\d*', r'\1', s.replace(' ', 'T').upper())
    if s.endswith('Z'):
        s = s[:-1] + '+00:00'
    frac = re.search(r'\.(\d+)', s)
    us = int((frac.group(1) + '000000')[:6]) if frac else 0
    s = re.sub(r'\.\d+', '', s)
    return s, us

def same(a, b):
    if isinstance(a, list):
        return (isinstance(b, list) and len(a) == len(b) and
                all(map(same, a, b)))
    if set(a) == {'type', 'value'} and isinstance(a['type'], str):
        if not isinstance(b, dict) or a['type'] != b.get('type'):
            return False
        x, y = a['value'], b['value']
        if a['type'] == 'float':
            x, y = float(x), float(y)
            return x == y or (math.isnan(x) and math.isnan(y))
        if a['type'] in ('datetime', 'datetime-local', 'time-local'):
            return moment(x) == moment(y)
        return x == y
    return (isinstance(b, dict) and set(a) == set(b) and
            all(same(a[k], b[k]) for k in a))

for name in open(os.path.join(suite, 'files-toml-1.0.0')).read().split():
    if not name.endswith('.toml'):
        continue
    kind = name.split('/')[0]
    path = os.path.join(suite, name)
    if kind not in counts or not os.path.exists(path):
        continue
    counts[kind] += 1
    p = subprocess.run([decoder], stdin=open(path, 'rb'),
                       capture_output=True, timeout=10)
    if kind == 'invalid':
        if p.returncode != 1 or not re.match(rb'\d+:\d+: .', p.stderr):
            bad.append(name)
    elif p.returncode != 0:
        bad.append(name + ': ' + p.stderr.decode(errors='replace').strip())
    elif not same(json.load(open(path[:-5] + '.json')), json.loads(p.stdout)):
        bad.append(name + ': another value')
for b in bad:
    print('#', b)
print(counts['valid'], counts['invalid'], len(bad))
PY
out=$(python3 "$tap_dir/run.py" "$CORDON_BUILD/tests/bin/toml_json" "$suite")
printf '%s\n' "$out" | grep '^#'
read -r valid invalid bad <<<"$(printf '%s\n' "$out" | tail -n 1)"
[ "${valid:-0}" -ge 200 ] && [ "${invalid:-0}" -ge 300 ]
ok $? "the suite has $valid valid and $invalid invalid files"
is "$bad" 0 'all valid files mean what they should, all invalid ones are refused'
done_testing
