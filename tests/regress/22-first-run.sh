#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first run: which provider is taken without configuration, and what is
# said where there is none.
. "$(dirname "$0")/lib.sh"

cordon=$CORDON_BUILD/cordon
mkdir "$tap_dir/work"
cd "$tap_dir/work" || exit 1

# A network namespace of its own: nothing listens on the two ports there.
alone() {
	if [ "$(id -u)" = 0 ]; then unshare -n -- "$@"; else
		unshare -rn -- "$@"
	fi
}
if ! alone true 2>/dev/null; then
	echo '1..0 # SKIP no network namespace to be alone in'
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

done_testing
