#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first run: which provider is taken without configuration, and what is
# said where there is none.
. "$(dirname "$0")/lib.sh"

cordon=$CORDON_BUILD/cordon
mkdir "$tap_dir/work"
cd "$tap_dir/work" || exit 1

# Where nothing listens on the two ports: root has a network namespace for it,
# anybody else would be root in one, and not the owner of what is above HOME.
alone() {
	if [ "$(id -u)" = 0 ]; then unshare -n -- "$@"; else "$@"; fi
}
if ! alone true 2>/dev/null ||
	alone grep -qiE '^ *[0-9]+: [0-9a-f]+:(2CAA|04D2) [^ ]+ 0A ' \
		/proc/net/tcp /proc/net/tcp6; then
	echo '1..0 # SKIP no place where no local model listens'
	exit 0
fi

got=$(alone "$cordon" exec --skip-git-repo-check hello 2>&1 </dev/null)
is $? 78 'without a provider a run is refused'
is "$(printf '%s\n' "$got" | wc -l)" 5 'in five lines'
for way in OPENAI_API_KEY ANTHROPIC_API_KEY 'cordon login' ollama 'LM Studio' \
	'cordon help config-file'; do
	like "$got" "$(printf '%s' "$way" | sed 's/[().]/\\&/g')" \
		"that name $way"
done
is "$(find "$HOME" -type f | wc -l)" 0 'and nothing is written'

is "$(alone "$cordon" exec --oss --skip-git-repo-check hello 2>&1 </dev/null)" \
	'cordon: --oss: nothing listens on port 11434 (Ollama) or'\
' 1234 (LM Studio); start one of them' '--oss says what it looked for'

# A local server is found, and so is the model that it is asked for.
echo '[{"text": "Done."}]' >"$tap_dir/scenario"
# shellcheck disable=SC2016 # the inner shell expands them
local_server='ip link set lo up 2>/dev/null
python3 "$CORDON_SRC/tests/helper/mock_model.py" "$1/scenario" --port "$2" \
	--port-file "$1/port" --log "$1/log" &
for _ in $(seq 600); do [ -s "$1/port" ] && break; sleep 0.05; done
shift 2
"$@" </dev/null
code=$?
kill %1
exit $code'
with_server() { # PORT COMMAND...
	rm -f "$tap_dir/port" "$tap_dir/log"
	alone bash -c "$local_server" sh "$tap_dir" "$@" 2>"$tap_dir/err"
}
for server in 11434:ollama:gpt-oss:20b 1234:lmstudio:openai/gpt-oss-20b; do
	IFS=: read -r port name model <<<"$server"
	is "$(with_server "$port" "$cordon" exec --skip-git-repo-check hello)" \
		Done. "$name is found by its port"
	like "$(cat "$tap_dir/log")" "/v1/chat/completions.*$model" \
		"and asked for $model"
	is "$(with_server "$port" "$cordon" exec --oss --skip-git-repo-check hi)" \
		Done. "as it is by --oss"
done
like "$(with_server 1234 "$cordon" doctor)" \
	'provider +ok +lmstudio, needs no token' 'doctor finds it, too'
rm -r "$XDG_STATE_HOME"
chosen() { alone env "$@" "$cordon" config get model_provider; }
is "$(chosen OPENAI_API_KEY=k ANTHROPIC_API_KEY=k)" openai 'a key chooses'
is "$(chosen ANTHROPIC_API_KEY=k)" anthropic 'also the other'
mkdir -p "$HOME/.config/cordon" && chmod 700 "$HOME/.config/cordon"
is "$(printf k | alone "$cordon" login --with-api-key 2>&1 >/dev/null)" '' \
	'a key can be kept'
like "$(alone "$cordon" doctor)" 'provider +ok +openai, token from' \
	'and chooses'
alone "$cordon" logout >/dev/null 2>&1
rm -rf "$HOME/.config" "$XDG_CONFIG_HOME"

# What doctor says of everything but the walls.
doctor() { alone env "$@" "$cordon" doctor 2>"$tap_dir/err" </dev/null; }
got=$(doctor EDITOR=no-such-editor)
is "$?" 0 'doctor looks at more than the walls'
for line in '^configuration  ok .*is not there' '^policy +ok +[1-9][0-9]* rules' \
	'^provider +LOOK +none: ' '^terminal +ok +none' \
	'^disk +ok +[0-9]+ MiB free in ' '^clock +ok' \
	'^editor +LOOK +no-such-editor is not found'; do
	like "$got" "$line" "doctor says: $line"
done
is "$(find "$HOME" -type f | wc -l)" 0 'and doctor writes nothing'
got=$(doctor OPENAI_API_KEY=sk-canary-5d1e90)
like "$got" 'provider +ok +openai, token from the environment' \
	'doctor tells where a token comes from'
is "$(printf '%s' "$got" | grep -c canary)" 0 'and not the token'
mkdir -p "$HOME/.config/cordon" && chmod 700 "$HOME/.config/cordon"
echo 'modle = "x"' >"$HOME/.config/cordon/config.toml"
echo 'version = 2' >"$HOME/.config/cordon/policy.toml"
got=$(doctor)
like "$(cat "$tap_dir/err")" 'config.toml:1:1: no key modle; did you mean' \
	'a mistake in the configuration is named'
like "$got" 'configuration +LOOK +has the mistake' 'and doctor knows'
like "$got" 'policy +LOOK +.*policy.toml:1' 'as of one in a policy'

done_testing
