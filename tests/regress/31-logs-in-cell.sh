#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# In a cell there is no way to open, truncate, rename or hide either file: in
# both tiers, as root and as an ordinary user, also where the home around them
# is writable.
. "$(dirname "$0")/lib.sh"

if [ "${1:-}" != --as ]; then
	. "$(dirname "$0")/users.sh"
	# A home in /tmp would be hidden by that of the cell.
	rmdir "$tap_dir/home" "$tap_dir"
	tap_dir=$(folder_outside_tmp) || exit 1
	users_stage
	cp "$CORDON_SRC/tests/regress/server.sh" "$tap_dir/prog/regress/"
	mkdir -p "$tap_dir/tests/helper"
	cp "$CORDON_SRC"/tests/helper/{mock_model,at_logs}.py \
		"$tap_dir/tests/helper/"
	chmod -R a+rX "$tap_dir/tests"
	users_both log
	done_testing
	exit
fi

. "$(dirname "$0")/server.sh"
state=$XDG_STATE_HOME/cordon
logs() { find "$state" -name '*.jsonl' -not -name '*.moved*' | sort; }
facts() { # what a change would change, and where things are
	sha256sum "${old[@]}"
	stat -c '%n %i %a %u %h %s %Y' "${old[@]}"
	stat -c '%n %i %a %u' "$state" "$state"/{audit,sessions}
	find "$HOME" -name '*.moved*'
}

# A session before, whose files are known by their names.
server <<<'[{"text": "done"}]'
configure responses </dev/null
run 'do it'
is "$code" 0 'a session'
mapfile -t old < <(logs)
is "${#old[@]}" 2 'which has left a log and a transcript'

# attempts TIER [OPTION...]: in a session, on its own files and the old ones
attempts() {
	local tier=$1 what=$* before new id
	shift
	cp "$CORDON_SRC/tests/helper/at_logs.py" .
	rm -f reached paths
	server <<-EOS
	[{"calls": [{"name": "exec_command", "arguments": {"cmd":
	  "until [ -e paths ]; do sleep 0.05; done; python3 at_logs.py reached \$(cat paths)"}}]},
	 {"text": "done"}]
	EOS
	configure responses </dev/null
	sed -i "1i sandbox_tier = \"$tier\"" "$conf/config.toml"
	before=$(facts)
	(
		for _ in $(seq 200); do
			[ "$(logs | wc -l)" != $((${#all[@]} + 2)) ] || break
			sleep 0.05
		done
		logs | tr '\n' ' ' >paths.new
		mv paths.new paths
	) &
	run "$@" 'do it'
	is "$code" 0 "$what: the session ends in order"
	wait $!
	is "$(cat reached)" end "$what: no attempt has read a log"
	is "$(facts)" "$before" "$what: those of before are as they were"
	mapfile -t new < <(comm -13 <(printf '%s\n' "${all[@]}") <(logs))
	mapfile -t all < <(logs)
	is "${#new[@]}" 2 "$what: its own are where they belong"
	is "$(stat -c '%a %h' "${new[@]}" | sort -u)" '600 1' \
		"$what: with the mode that they had"
	id=$(basename "${new[0]}" .jsonl)
	"$CORDON" audit verify --head \
		"$(sed -n 's/^audit: .* //p' "$tap_dir/err")" "$id" \
		>"$tap_dir/verified"
	is "$?:$(grep -c '^L1' "$tap_dir/verified")" 0:1 \
		"$what: and the log is what the session said it is"
	is "$("$CORDON" audit show -t intent "$id" | grep -c at_logs.py)" 1 \
		"$what: and what was tried stands in it"
	like "$("$CORDON" sessions show "$id")" 'at_logs.py' \
		"$what: and in the transcript"
}

mapfile -t all < <(logs)
for tier in full lsm; do
	if ! "$CORDON" sandbox --tier $tier true 2>/dev/null; then
		skip "this machine does not give it" "tier $tier"
		continue
	fi
	attempts $tier
	attempts $tier --add-dir "$HOME"
done

# Below them nothing can be made writable, and nobody works around them.
mkdir -p "$HOME/.git"
for folder in "$HOME" "$state" "$state/audit"; do
	(cd "$folder" && "$CORDON" exec x) >/dev/null 2>"$tap_dir/err" </dev/null
	is "$?:$(grep -cE 'state|home directory' "$tap_dir/err")" 77:1 \
		"no session works in ${folder#"$HOME"/}"
	[ "$folder" != "$HOME" ] || continue
	"$CORDON" exec --add-dir "$folder" x >/dev/null 2>"$tap_dir/err" \
		</dev/null
	is "$?:$(grep -c 'state' "$tap_dir/err")" 77:1 \
		"or may write to ${folder#"$HOME"/}"
done
done_testing
