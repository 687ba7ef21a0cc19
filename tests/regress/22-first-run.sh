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
	'cordon.toml(5)'; do
	like "$got" "$(printf '%s' "$way" | sed 's/[().]/\\&/g')" \
		"that name $way"
done
is "$(find "$HOME" -type f | wc -l)" 0 'and nothing is written'

is "$(alone "$cordon" exec --oss --skip-git-repo-check hello 2>&1 </dev/null)" \
	'cordon: --oss: nothing listens on port 11434 (Ollama) or'\
' 1234 (LM Studio); start one of them' '--oss says what it looked for'

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
