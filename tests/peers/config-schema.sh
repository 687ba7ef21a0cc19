#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cordon config schema against ajv: valid itself, accepts every good file and
# refuses every bad one of tests/data/config.
. "$(dirname "$0")/../regress/lib.sh"
. "$(dirname "$0")/lib.sh"
peer_npm ajv@8

"$CORDON_BUILD/cordon" config schema > "$tap_dir/schema.json"
cat > "$tap_dir/validate.js" <<'JS'
const Ajv = require('ajv/dist/2020');
const { readFileSync } = require('fs');
const [schema, ...files] = process.argv.slice(2);
const ajv = new Ajv({ strict: true, allErrors: true });
const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
for (const f of files)
  console.log(validate(JSON.parse(readFileSync(f, 'utf8'))) ? 'valid' :
    'invalid: ' + ajv.errorsText(validate.errors));
JS
node "$tap_dir/validate.js" "$tap_dir/schema.json"
ok $? 'the schema is a schema, in strict mode'

verdict() { # FILE.toml
	python3 -c 'import json, sys, tomllib
print(json.dumps(tomllib.load(open(sys.argv[1], "rb")), default=str))' "$1" \
		> "$tap_dir/data.json" &&
		node "$tap_dir/validate.js" "$tap_dir/schema.json" \
			"$tap_dir/data.json"
}
for f in "$CORDON_SRC"/tests/data/config/good/*.toml; do
	is "$(verdict "$f")" valid "good/${f##*/}"
done
for f in "$CORDON_SRC"/tests/data/config/bad/*.toml; do
	case $f in */date.toml) continue ;; esac # JSON has no dates
	like "$(verdict "$f")" '^invalid: ' "bad/${f##*/}"
done

# What config show prints is a configuration, too.
"$CORDON_BUILD/cordon" config show >"$tap_dir/shown.toml"
is "$(verdict "$tap_dir/shown.toml")" valid 'all the defaults together'

# The default configuration of the schema's own text.
node -e '
const s = JSON.parse(require("fs").readFileSync(process.argv[1]));
const r = s.properties.model_providers.additionalProperties.properties.auth
  .properties.refresh_interval_ms;
if (r.minimum !== 0 || !/0 means never/.test(r.description)) process.exit(1);
' "$tap_dir/schema.json"
ok $? 'the schema says what a refresh interval of 0 means'
done_testing
