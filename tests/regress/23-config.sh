#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Configuration: every layer, locks, what a project may, each refusal with its
# message, where the files are, odd files, and changing one.
. "$(dirname "$0")/lib.sh"

cordon=$CORDON_BUILD/cordon
data=$CORDON_SRC/tests/data/config
user=$XDG_CONFIG_HOME/cordon/config.toml
mkdir -p "$(dirname "$user")" "$tap_dir/work"
chmod -R go-w "$tap_dir"
cd "$tap_dir/work" || exit 1
unset CORDON_MODEL CORDON_SANDBOX_MODE

# refuses WANTED-CODE EXACT-MESSAGE DESCRIPTION COMMAND...
refuses() {
	local code=$1 message=$2 what=$3 got status
	shift 3
	got=$("$@" 2>&1 >/dev/null </dev/null)
	status=$?
	is "$status: $got" "$code: $message" "$what"
}
origin() { "$cordon" config show --origin "${@:2}" 2>/dev/null | sed -n "s/^$1 = //p"; }

# The files of tests/data.
for f in "$data"/good/*.toml; do
	is "$("$cordon" config check --strict-config "$f" 2>&1)" '' "good/${f##*/}"
done
for f in "$data"/bad/*.toml; do
	refuses 78 "cordon: $f:$(cat "${f%.toml}.want")" "bad/${f##*/}" \
		"$cordon" config check "$f"
done
"$cordon" config show >"$tap_dir/shown.toml"
is "$("$cordon" config check --strict-config "$tap_dir/shown.toml" 2>&1)" '' \
	'what config show prints is a configuration'
# Layers.
is "$(origin sandbox_mode)" "$(printf '"workspace-write"\t# built-in')" built-in
cat > "$user" <<TOML
model = "from-user"
[profiles.fast]
model = "from-profile"
TOML
is "$(origin model)" "$(printf '"from-user"\t# user %s:1' "$user")" user
is "$(origin model -p fast)" \
	"$(printf '"from-profile"\t# profile fast %s:3' "$user")" profile
is "$(CORDON_MODEL=from-env origin model -p fast)" \
	"$(printf '"from-env"\t# environment CORDON_MODEL')" environment
is "$(CORDON_MODEL=from-env origin model -c model=from-c)" \
	"$(printf '"from-c"\t# command line')" 'command line'
is "$("$cordon" config get model -c 'model="a=b"')" 'a=b' '-c takes TOML'
is "$("$cordon" config get model -c model=gpt-5.5)" gpt-5.5 \
	'-c takes what is no TOML as a string'
is "$("$cordon" config get tui.status_line -c 'tui.status_line=["model", "cost"]' |
	tr '\n' ,)" model,cost, '-c takes arrays'
refuses 78 'cordon: command line: no key modle; did you mean model?' \
	'-c with a mistyped key' "$cordon" config check -c modle=x
refuses 78 'cordon: -c model: it should be KEY=VALUE' '-c without a value' \
	"$cordon" config check -c model
refuses 78 'cordon: command line: no profile fats; did you mean fast?' \
	'a mistyped profile' "$cordon" config check -p fats
refuses 64 'cordon: config get: no key modle; did you mean model?' \
	'config get of a mistyped key' "$cordon" config get modle
"$cordon" config get developer_instructions
is $? 1 'config get of a key without a value'

# A project.
mkdir -p .git .cordon sub/.cordon
cat > .cordon/config.toml <<'TOML'
sandbox_mode = "read-only"
model_provider = "evil"
[model_providers.evil]
base_url = "https://evil.example"
[profiles.fast]
model = "evil"
TOML
work=$PWD
is "$("$cordon" config check 2>&1)" \
"cordon: $work/.cordon/config.toml:2:1: model_provider is ignored: a project's\
 file cannot set it
cordon: $work/.cordon/config.toml:4:1: model_providers.evil.base_url is\
 ignored: a project's file cannot set it
cordon: $work/.cordon/config.toml:6:1: profiles.fast.model is ignored: a\
 project's file has no profiles" 'what a project cannot set is named'
is "$("$cordon" config get model_provider 2>/dev/null)" openai 'and ignored'
"$cordon" config check --strict-config 2>/dev/null
is $? 78 'or refused with --strict-config'
is "$(origin sandbox_mode)" \
	"$(printf '"read-only"\t# project %s/.cordon/config.toml:1' "$work")" \
	'a project can tighten'
is "$(origin sandbox_mode -c sandbox_mode=danger-full-access)" \
	"$(origin sandbox_mode)" 'and the command line does not undo it'
is "$(cd sub && origin sandbox_mode)" "$(origin sandbox_mode)" \
	'also from a folder below its top'
echo 'sandbox_mode = "danger-full-access"' > .cordon/config.toml
like "$("$cordon" config check 2>&1)" \
	'ignored: a project.s file can only tighten, and built-in has workspace-write$' \
	'a project cannot widen'
is "$("$cordon" config get sandbox_mode 2>/dev/null)" workspace-write \
	'and does not'
echo 'model = ' > .cordon/config.toml
refuses 78 "cordon: $work/.cordon/config.toml:1:9: a value is missing" \
	'a broken project file is an error' "$cordon" config check
rm .cordon/config.toml
ln -s "$user" .cordon/config.toml
refuses 0 "cordon: $work/.cordon/config.toml is ignored: it is no plain file" \
	'a project file that is a link is not followed' "$cordon" config check
rm .cordon/config.toml
mkfifo .cordon/config.toml
refuses 0 "cordon: $work/.cordon/config.toml is ignored: it is no plain file" \
	'nor is a FIFO waited for' timeout 60 "$cordon" config check
rm -r .cordon

# What only the interface can judge, which needs a terminal.
is "$(OPENAI_API_KEY=k timeout 60 script -qec "'$cordon' -m m \
	-c tui.keymap.cancel=hyper-q; echo \$?" /dev/null </dev/null |
	tr -d '\r')" "cordon: ui: tui.keymap.cancel: 'hyper-q' is no key; \
cordon(1) lists them
78" 'a key that is none'

# Whose file it is.
mode_is_refused() { # MODE FILE DESCRIPTION
	local was
	was=$(stat -c %a "$2")
	chmod "$1" "$2"
	refuses 78 "cordon: $2 can be written by others; chmod go-w it" "$3" \
		"$cordon" config check
	chmod "$was" "$2"
}
mode_is_refused 666 "$user" 'a file that others can write'
mode_is_refused 620 "$user" 'a file that the group can write'
mode_is_refused 777 "$(dirname "$user")" 'a folder that others can write'
mode_is_refused 777 "$HOME" 'a home that others can write'
mv "$user" "$tap_dir/elsewhere.toml"
ln -s "$tap_dir/elsewhere.toml" "$user"
is "$("$cordon" config get model)" from-user 'a link of the person is followed'
chmod 666 "$tap_dir/elsewhere.toml"
refuses 78 "cordon: $user can be written by others; chmod go-w it" \
	'and what it leads to is judged' "$cordon" config check
rm "$user"
mkfifo "$user"
refuses 78 "cordon: $user is not a regular file; one is needed there" 'a FIFO as configuration' \
	timeout 60 "$cordon" config check
rm "$user"
mkdir "$user"
refuses 78 "cordon: $user is not a regular file; one is needed there" 'a folder as configuration' \
	"$cordon" config check
rmdir "$user"
ln -s nowhere "$user"
is "$("$cordon" config check 2>&1)" '' 'a link to nothing is no file'
rm "$user"
if [ "$(id -u)" = 0 ]; then
	echo 'model = "theirs"' > "$user"
	chown 12345 "$user"
	refuses 78 "cordon: $user belongs to user 12345, not to you or root;\
 chown or remove it" "somebody else's file" "$cordon" config check
	rm "$user"
else
	skip 'needs root' "somebody else's file"
fi

# Odd bytes.
bytes() { # PRINTF-FORMAT EXPECTED-MESSAGE-BEHIND-THE-NAME DESCRIPTION
	# shellcheck disable=SC2059 # it is a format
	printf "$1" > "$user"
	if [ -z "$2" ]; then
		is "$("$cordon" config get model 2>&1)" x "$3"
	else
		refuses 78 "cordon: $user$2" "$3" "$cordon" config check
	fi
}
bytes '\xef\xbb\xbfmodel = "x"\n' '' 'a byte order mark'
bytes '# c\r\nmodel = "x"\r\n' '' 'CRLF'
bytes 'model = "x"' '' 'no newline at the end'
bytes 'model = "x"\0' ':1:12: the line should end here' 'a NUL'
bytes 'model = "a\\u0000b"' ':1:1: a string with a NUL in it' 'an escaped NUL'
bytes 'model = "\xff"' ':1:10: this is no UTF-8' 'not UTF-8'
bytes 'model = "x"\rmodel = 1' ':1:12: the line should end here' \
	'a lone carriage return'
bytes '"mod\\u0065l" = "x"' '' 'a key with an escape is the same key'
{ for i in $(seq 10000); do echo "model_providers.p.http_headers.k$i = \"x\""; done
  echo 'model = "x"'; } > "$user"
is "$(timeout 60 "$cordon" config get model 2>&1)" x '10,000 lines'
{ echo 'model = "x"'; head -c 1048577 /dev/zero | tr '\0' '#'; } > "$user"
refuses 78 "cordon: $user: larger than 1048576 bytes" 'more than a mebibyte' \
	"$cordon" config check
rm "$user"

# Where the folders are.
is "$("$cordon" config path)" "$user" XDG_CONFIG_HOME
is "$(XDG_CONFIG_HOME='' "$cordon" config path)" \
	"$HOME/.config/cordon/config.toml" 'XDG_CONFIG_HOME empty'
is "$(unset XDG_CONFIG_HOME; "$cordon" config path)" \
	"$HOME/.config/cordon/config.toml" 'XDG_CONFIG_HOME unset'
is "$(CORDON_HOME=/x/y "$cordon" config path)" /x/y/config.toml CORDON_HOME
for v in CORDON_HOME XDG_CONFIG_HOME XDG_STATE_HOME HOME; do
	refuses 78 "cordon: $v is the relative path 'a/b'; make it absolute or\
 unset it" "$v relative" env "$v=a/b" "$cordon" config check
done
refuses 78 "cordon: the home folder is /; set HOME to a folder of your own" \
	'a home that is everything' env HOME=/ "$cordon" config check
refuses 73 "cordon: /proc/nowhere cannot be made: No such file or\
 directory; check the path" \
	'XDG_CONFIG_HOME where nothing can be made' \
	env XDG_CONFIG_HOME=/proc/nowhere "$cordon" config set model x
refuses 73 "cordon: /proc/nowhere cannot be made: No such file or\
 directory; check the path" \
	'XDG_STATE_HOME likewise' env XDG_STATE_HOME=/proc/nowhere \
	OPENAI_API_KEY=x "$cordon" exec --skip-git-repo-check x
mkdir -m 777 "$tap_dir/open"
chmod 777 "$tap_dir/open"
refuses 78 "cordon: $tap_dir/open can be written by others; chmod go-w it" \
	'XDG_CONFIG_HOME that others can write' \
	env XDG_CONFIG_HOME="$tap_dir/open" "$cordon" config set model x
refuses 77 "cordon: $tap_dir/open can be written by others; chmod go-w it" \
	'XDG_STATE_HOME likewise' env XDG_STATE_HOME="$tap_dir/open" \
	OPENAI_API_KEY=x "$cordon" exec --skip-git-repo-check x
rm -r "$tap_dir/open"
is "$(unset HOME XDG_CONFIG_HOME; "$cordon" config path)" \
	"$(getent passwd "$(id -u)" | cut -d: -f6)/.config/cordon/config.toml" \
	'HOME unset'

# Changing the file.
"$cordon" config set model first
is "$(cat "$user")" 'model = "first"' 'set makes the file'
is "$(stat -c %a "$user")" 600 'for the person alone'
cat > "$user" <<'TOML'
# mine
model = "first" # why

[tui]
theme = "dark"
TOML
chmod 640 "$user"
"$cordon" config set model second
"$cordon" config set tui.vim_mode_default true
"$cordon" config set profiles.p.model third
is "$(cat "$user")" '# mine
model = "second" # why

[tui]
theme = "dark"
vim_mode_default = true

[profiles.p]
model = "third"' 'set keeps the rest'
is "$(stat -c %a "$user")" 640 'and the mode'
"$cordon" config unset tui.theme
is "$(grep -c theme "$user")" 0 'unset takes out'
before=$(cat "$user")
refuses 78 "cordon: $user: tui.theme is not set there;\
 'cordon config show --origin' says where it is" 'unset of nothing' \
	"$cordon" config unset tui.theme
refuses 78 "cordon: $user: modle is not set there; did you mean model?" \
	'unset of a mistyped key' "$cordon" config unset modle
refuses 64 "cordon: config unset: 'a b' is not the name of a key;\
 'cordon help config-file' has them" \
	'unset of what is no key' "$cordon" config unset 'a b'
refuses 64 'cordon: config set: no key modle; did you mean model?' \
	'set of a mistyped key' "$cordon" config set modle x
refuses 78 "cordon: $user:5:1: tui.vim_mode_default must be true or false,\
 not a string" 'set of a wrong value' \
	"$cordon" config set tui.vim_mode_default '"yes"'
refuses 78 "cordon: $user:11:1: model_providers.a.auth.refresh_interval_ms\
 must be a whole number of at least 0, not -1" 'set of a negative interval' \
	"$cordon" config set model_providers.a.auth.refresh_interval_ms -- -1
refuses 78 "cordon: $user:2:1: model must not be empty; give it a value or\
 leave it out" 'set of an empty value' "$cordon" config set model ''
refuses 78 "cordon: $user:6:16: tui.status_line must be an array of model|\
profile|sandbox|directory|branch|context|cost|tokens, not \"cwd\"" \
	'set of a wrong element' "$cordon" config set tui.status_line cwd
is "$(cat "$user")" "$before" 'what is refused changes nothing'
cat > "$tap_dir/editor" <<'SH'
#!/bin/sh
echo 'modle = "x"' > "$1"
SH
chmod +x "$tap_dir/editor"
refuses 78 "cordon: $user:1:1: no key modle; did you mean model?" \
	'edit checks what was written' \
	env VISUAL="$tap_dir/editor" "$cordon" config edit
refuses 69 "cordon: config edit: the editor 'false' failed;\
 set VISUAL or EDITOR to another" \
	'an editor that fails' env -u VISUAL EDITOR=false "$cordon" config edit
rm "$user"

# The system's file, in a mount namespace of our own: for root, as to anybody
# else who made one the folders above would be nobody's.
sysconf=$(grep -ao '/[A-Za-z0-9./_-]*/cordon/config\.toml' "$cordon" |
	head -n 1)
sysconf=${sysconf%/config.toml}
system() { # runs the command with $tap_dir/etc as the system's folder
	# shellcheck disable=SC2016 # the inner shell expands them
	unshare -m -- sh -c 'mount -t tmpfs none "$1" && mkdir "$2" &&
		cp "$3" "$2/config.toml" && chmod 644 "$2/config.toml" &&
		shift 3 && exec "$@"' sh "$(dirname "$sysconf")" "$sysconf" \
		"$tap_dir/system.toml" "$@"
}
cat > "$tap_dir/system.toml" <<'TOML'
locked = ["approval_policy", "model_providers"]
approval_policy = "untrusted"
model = "from-system"
TOML
if [ "$(id -u)" = 0 ] && [ -n "$sysconf" ] && [ -d "$(dirname "$sysconf")" ] &&
	system true 2>/dev/null; then
	is "$(system "$cordon" config get model)" from-system 'system'
	echo 'approval_policy = "never"' > "$user"
	refuses 0 "cordon: $user:1:1: approval_policy is ignored:\
 $sysconf/config.toml locks it" 'a locked key in a file' \
		system "$cordon" config check
	is "$(system "$cordon" config get approval_policy 2>/dev/null)" \
		untrusted 'keeps the value of the system'
	refuses 78 "cordon: $user:1:1: approval_policy is ignored:\
 $sysconf/config.toml locks it
cordon: command line: model_providers.openai.base_url is refused:\
 $sysconf/config.toml locks it" 'a locked key on the command line' \
		system "$cordon" config check \
		-c model_providers.openai.base_url=https://evil.example
	rm "$user"
	refuses 78 "cordon: command line: approval_policy is refused:\
 $sysconf/config.toml locks it" 'also by its own option' \
		system "$cordon" exec --skip-git-repo-check -a never hello
	echo 'locked = ["aproval_policy"]' > "$tap_dir/system.toml"
	refuses 78 "cordon: $sysconf/config.toml:1:11: locked: no key\
 aproval_policy; did you mean approval_policy?" 'a lock that would hold nothing' \
		system "$cordon" config check
else
	skip 'no root, or no mount namespace' 'the system layer and its locks'
fi

done_testing
