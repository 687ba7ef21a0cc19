#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The command line: help, versions; completions and manual pages
# against the help of every command.
. "$(dirname "$0")/lib.sh"

cordon=$CORDON_BUILD/cordon

# fails WANTED-CODE EXACT-MESSAGE WORD...
fails() {
	local code=$1 message=$2 got status
	shift 2
	got=$("$cordon" "$@" 2>&1 >/dev/null)
	status=$?
	is "$status: $got" "$code: $message" "cordon $*"
}

# What 29-mistakes.sh has no row for.
fails 64 "cordon: exec: --budget-tokens takes a number of at least 1, not '-1'" \
	exec --budget-tokens -1 hi
fails 64 "cordon: audit show: no option -p; 'cordon audit show --help' lists\
 them" -p x audit show
is "$("$cordon" -c model=early config get model)" early \
	'an option before a command is its own'
# The address of a provider, before anything is started.
mkdir "$tap_dir/work"
provider=(exec --skip-git-repo-check -m m -c model_provider=p)
for url in host ftp://host http:// http://:80 http://host: http://host:0 \
	http://host:65536 http://host:8x 'http://a b/' http://user@host/ \
	'http://[::1' 'http://[::1]x' 'http://[host]:1/'; do
	fails 78 "cordon: command line: model_providers.p.base_url must be an\
 address such as https://HOST/v1, not \"$url\"" "${provider[@]}" -c "model_providers.p.base_url='$url'" -C "$tap_dir/work" hi
done
# Colours: on standard error, which is no terminal here; and on a terminal.
refused() { # VARIABLE=VALUE...: whether the error is shown in red
	env "$@" "$cordon" "${provider[@]}" -C "$tap_dir/work" \
		-c model_providers.p.base_url=http://127.0.0.1:9 \
		-c model_providers.p.request_max_retries=0 hi 2>&1 </dev/null |
		grep -c $'\e\\[31merror: '
}
is "$(refused A=1)" 0 'no colours on what is no terminal'
is "$(refused CLICOLOR_FORCE=1)" 1 'but with CLICOLOR_FORCE'
is "$(refused CLICOLOR_FORCE=0)" 0 'unless that is 0'
is "$(refused CLICOLOR_FORCE=1 NO_COLOR=1)" 0 'or NO_COLOR is set'
cat >"$tap_dir/screen.py" <<'PY'
import os, pty, re, select, signal, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen, end = b"", time.monotonic() + 60
while time.monotonic() < end and b"Ask for something" not in seen:
    if select.select([fd], [], [], 0.2)[0]:
        try:
            seen += os.read(fd, 65536)
        except OSError:
            break
os.kill(pid, signal.SIGTERM)
print(b"Ask for something" in seen,
      bool(re.search(rb"\x1b\[[0-9;]*3[0-8][0-9;]*m", seen)))
PY
screen() { # VARIABLE=VALUE...: whether the first screen came, and has colours
	env TERM=xterm-256color "$@" python3 "$tap_dir/screen.py" "$cordon" \
		"${provider[@]:2}" -c model_providers.p.base_url=http://127.0.0.1:9 \
		-C "$tap_dir/work"
}
is "$(screen A=1)" 'True True' 'colours on a terminal'
is "$(screen NO_COLOR=1)" 'True False' 'none with NO_COLOR'
is "$(screen CLICOLOR=0)" 'True False' 'none with CLICOLOR=0'

got=$("$cordon" config $'\e[31m' 2>&1)
case $got in *$'\e'*) ok 1 'a word is shown without its escapes' ;;
*) ok 0 'a word is shown without its escapes' ;; esac

like "$("$cordon" --version)" '^cordon [0-9]+\.[0-9]+\.[0-9]+$' 'the version'
if command -v python3 >/dev/null; then
	"$cordon" --version --json | python3 -c '
import json, sys
v = json.load(sys.stdin)
assert v["version"] and v["commit"] and v["libraries"]["libseccomp"]
assert v["tier"] in ("full", "lsm", "none")'
	ok $? 'the version as JSON'
fi
"$cordon" --version >/dev/full 2>/dev/null
is $? 74 'a full disk under standard output is told'

# Every command, found by walking the help.  Each line is a whole command.
commands_below() {
	local sub
	echo "$*"
	for sub in $("$@" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
		commands_below "$@" "$sub"
	done
}
mapfile -t all < <(PATH=$CORDON_BUILD:$PATH commands_below cordon)
PATH=$CORDON_BUILD:$PATH
[ "${#all[@]}" -gt 4 ]
ok $? "the help names all commands (${#all[@]})"

options_of() { # COMMAND...: the long options of its help
	"$@" --help | sed -n '/^Options:/,$s/^  [ -].\{0,4\} *--\([a-z-]*\).*/\1/p' |
		sort -u
}

wide=0
for c in "${all[@]}"; do
	# shellcheck disable=SC2086
	$c --help | awk 'length > 80 { exit 1 }' || { wide=1; echo "# $c"; }
done
ok $wide 'no help is wider than 80 columns'

# bash: ask the function as the shell would.
# shellcheck disable=SC1091
. "$CORDON_BUILD/contrib/completion/cordon"
compopt() { :; } # outside of readline there is nothing to set
offered() { # WORD...: the words offered for the last one
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_cordon
	printf '%s\n' "${COMPREPLY[@]}"
}
bad=0
for c in "${all[@]}"; do
	# shellcheck disable=SC2086
	want=$(options_of $c | sed 's/^/--/')
	# shellcheck disable=SC2086
	have=$(offered $c -- | sort -u)
	[ "$want" = "$have" ] || { bad=1; echo "# $c"; }
done
ok $bad 'bash offers exactly the options of the help'
is "$(offered cordon --sandbox w)" workspace-write 'bash offers values'
is "$(offered cordon completion z)" zsh 'bash offers operands'
is "$(offered cordon conf)" config 'bash offers commands'

for shell in zsh fish; do
	file=_cordon
	[ $shell = fish ] && file=cordon.fish
	if ! command -v $shell >/dev/null; then
		skip "$shell is not installed" "$shell reads its completions"
		continue
	fi
	$shell -n "$CORDON_BUILD/contrib/completion/$file"
	ok $? "$shell reads its completions"
	bad=0
	for c in "${all[@]}"; do
		# shellcheck disable=SC2086
		for o in $(options_of $c); do
			grep -qE -- "(--|-l )$o\b" \
				"$CORDON_BUILD/contrib/completion/$file" ||
				{ bad=1; echo "# $c --$o"; }
		done
	done
	ok $bad "$shell knows every option"
done
if command -v fish >/dev/null; then
	got=$(fish --no-config -c "source $CORDON_BUILD/contrib/completion/cordon.fish
complete -C 'cordon completion '" | cut -f1 | sort | tr '\n' ' ')
	is "$got" 'bash fish zsh ' 'fish offers operands'
fi

# Manual pages against the help.  A page speaks of all commands that name it.
page_of() { # COMMAND...: the page that help shows: cordon-exec
	[ $# -gt 1 ] || set -- cordon cordon
	cordon help "${@:2}" | sed -n '1s/(.*//p' | tr '[:upper:]' '[:lower:]'
}
page_file() { # NAME: its file, whichever section
	find "$CORDON_SRC/man" "$CORDON_BUILD/man" -name "$1.[1-9]" 2>/dev/null |
		sort | head -1
}
missing=0 undocumented=0
declare -A known=()
for c in "${all[@]}"; do
	# shellcheck disable=SC2086
	page=$(page_of $c)
	file=$(page_file "${page:-none}")
	if [ -z "$file" ]; then
		missing=1
		echo "# $c: no page $page"
		continue
	fi
	# shellcheck disable=SC2086
	for o in $(options_of $c); do
		known[$page]+=" $o "
		[ "$o" = help ] && continue
		# What all sessions share may stand in cordon(1) alone.
		grep -qhE -- "(Fl Fl |[ ,]-)$o( |\$)" "$file" \
			"$CORDON_SRC/man/cordon.1" ||
			{ undocumented=1; echo "# $page: --$o of $c"; }
	done
done
ok $missing 'every command has its page'
unnamed=0
for c in "${all[@]:1}"; do
	case $c in
	cordon\ *\ *) # shellcheck disable=SC2086
		file=$(page_file "$(page_of $c)") ;;
	*) file=$CORDON_SRC/man/cordon.1 ;;
	esac
	grep -qE "Cm ([a-z]+ [,|] )*([a-z]+ )?${c##* }\b" "$file" ||
		{ unnamed=1; echo "# ${file##*/} does not name $c"; }
done
ok $unnamed 'a sub-command is named in it, the others in cordon(1)'
ok $undocumented 'every option stands in the page of its command'
unknown=0
for page in "${!known[@]}"; do
	for o in $(sed -n 's/^\.It.* Fl Fl \([a-z-]*\).*/\1/p
		s/^\.It.*[ ,]-\([a-z-]*\).*/\1/p' "$(page_file "$page")"); do
		case ${known[$page]} in *" $o "*) ;; *)
			unknown=1
			echo "# $page: --$o is no option" ;;
		esac
	done
done
ok $unknown 'no page lists an option that is not there'

# Topics, from the list of cordon help itself; and the person's pager.
bad=0 n=0
while read -r topic page _; do
	n=$((n + 1)) page=${page%,}
	for t in "$topic" "$page" "${page%(*}"; do
		cordon help "$t" | head -n 1 | grep -qiE "^cordon[a-z.-]*\\([157]\\)" ||
			{ bad=1; echo "# $t"; }
	done
	cordon help "$topic" | head -n 1 | grep -qiF "$page" ||
		{ bad=1; echo "# $topic is not $page"; }
done < <(cordon help | sed -n '/^Topics:/,$s/^  //p')
[ "$n" -gt 5 ]
ok $? "cordon help lists topics ($n)"
ok $bad 'each has its page'
# An installed command finds them from where it is, and says so if it cannot.
mkdir -p "$tap_dir/usr/bin" "$tap_dir/usr/share/cordon/help"
cp "$CORDON_BUILD/cordon" "$tap_dir/usr/bin/"
echo installed >"$tap_dir/usr/share/cordon/help/cordon-exec.1.txt"
is "$("$tap_dir/usr/bin/cordon" help exec)" installed 'installed pages are found'
like "$("$tap_dir/usr/bin/cordon" help doctor 2>&1)" \
	'^cordon: help: .*cordon-doctor.1.txt cannot be read: .*; reinstall cordon$' \
	'a missing page is named'
paged() { # PAGER: what a terminal gets
	PAGER=$1 python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' \
		"$tap_dir/usr/bin/cordon" help exec </dev/null | tr -d '\r'
}
is "$(paged 'sed s/^/paged:/')" paged:installed 'on a terminal in $PAGER'
like "$(paged no-such-pager)" installed 'or without, if that fails'

done_testing
