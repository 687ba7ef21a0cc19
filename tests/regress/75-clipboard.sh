#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The image in the clipboard, by a key, in a real terminal: what becomes of
# what the program prints, what that program gets to and nobody else, and that
# it is on record.
# shellcheck source=tests/regress/lib.sh
. "${CORDON_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/regress/lib.sh"

for need in tmux python3; do
	command -v "$need" >/dev/null && continue
	echo "1..0 # SKIP there is no $need"
	exit 0
done

sock=cordon-75-$$
server='' desktop='' run=''
T() { timeout 10 tmux -L "$sock" -f /dev/null "$@"; }
clipboard_cleanup() {
	T kill-server 2>/dev/null
	[ -z "$server" ] || kill "$server" 2>/dev/null
	[ -z "$desktop" ] || kill "$desktop" 2>/dev/null
	[ -z "$run" ] || rm -rf "$run"
	tap_cleanup
}
trap clipboard_cleanup EXIT

# wait_for COMMAND...: waits for it to succeed.
missed=0
wait_for() {
	local i
	for ((i = 0; i < 300; i++)); do
		"$@" && return 0
		sleep 0.1
	done
	[ $((++missed)) -lt 3 ] || { echo "Bail out! too slow, or broken"; exit 1; }
	return 1
}
on_screen() { T capture-pane -p 2>/dev/null | grep -qE -- "$1"; }
seen() {
	wait_for on_screen "$1" && return 0
	echo "# never seen: $1"
	T capture-pane -p | sed 's/^/# /'
	return 1
}
off_screen() { ! on_screen "$1"; }
gone() { wait_for off_screen "$1"; }
keys() { T send-keys "$@"; }
type_in() { T send-keys -l -- "$1"; }

mkdir "$tap_dir/repo"
# No cell has a copy of its own of this folder: the desktop's, and that of the
# program.
run=$(folder_outside_tmp) || exit 1
cd "$tap_dir/repo" || exit 1
git init -q .
echo mine >secret

# The desktop: whoever connects, by its path or by its name, gets the image.
cat >"$tap_dir/desktop.py" <<'EOS'
import base64, os, selectors, socket, struct, sys, zlib

def chunk(t, d):
    return struct.pack(">I", len(d)) + t + d + \
        struct.pack(">I", zlib.crc32(t + d))

image = b"\x89PNG\r\n\x1a\n" + \
    chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 32, 8, 2, 0, 0, 0)) + \
    chunk(b"IDAT", zlib.compress((b"\0" + os.urandom(192)) * 32)) + \
    chunk(b"IEND", b"")
here, run, name = sys.argv[1:4]
with open(run + "/image.png", "wb") as f:
    f.write(image)
with open(here + "/image.b64", "wb") as f:
    f.write(base64.b64encode(image))
wait = selectors.DefaultSelector()
for at in (run + "/wayland-7", here + "/wayland-7", "\0" + name):
    s = socket.socket(socket.AF_UNIX)
    s.bind(at)
    s.listen()
    wait.register(s, selectors.EVENT_READ)
open(here + "/desktop", "w").close()
while True:
    for key, _ in wait.select():
        c = key.fileobj.accept()[0]
        c.sendall(image)
        c.close()
EOS
name=cordon-desktop-$$-$RANDOM
python3 "$tap_dir/desktop.py" "$tap_dir" "$run" "$name" &
desktop=$!
wait_for test -e "$tap_dir/desktop"

# Connects as xclip and wl-paste do; the workspace has one for commands.
cat >"$run/connect.py" <<'EOS'
import os, socket, sys
at = sys.argv[1]
if at == "path":
    at = os.environ["XDG_RUNTIME_DIR"] + "/" + os.environ["WAYLAND_DISPLAY"]
else:
    at = "\0" + at
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(at)
except OSError as e:
    sys.exit("refused: %s" % e)
while True:
    b = s.recv(65536)
    if not b:
        break
    os.write(1, b)
EOS

cp "$run/connect.py" .
cat >try <<EOS
env
python3 connect.py $name
XDG_RUNTIME_DIR=$run WAYLAND_DISPLAY=wayland-7 python3 connect.py path
EOS

long=$((100000 + $$)) # seconds that nothing else sleeps
# The program of the person's; what it does stands in a file.
cat >"$run/clip" <<EOS
#!/bin/sh
echo "\$*" >>$run/runs
case \$(cat $run/mode) in
path) exec python3 $run/connect.py path ;;
name) exec python3 $run/connect.py $name ;;
text) echo 'a sekrit word' ;;
none) echo sekrit >&2; exit 1 ;;
empty) ;;
endless) exec cat /dev/zero ;;
hangs) echo begun >$run/hangs; exec sleep $long ;;
env)
	{ env; [ -e $tap_dir/repo/secret ] && echo WORKSPACE; } >$run/env
	cat $run/image.png ;;
esac
EOS
chmod +x "$run/clip"
clip() { echo "$1" >"$run/mode"; }

cat >"$tap_dir/scenario" <<'EOS'
[
 {"text": "I see it.\n"},
 {"text": "None there.\n"},
 {"calls": [{"name": "exec_command", "arguments": {"cmd": "sh ./try"}}]},
 {"text": "As it should be.\n"}
]
EOS
python3 "$CORDON_SRC/tests/helper/mock_model.py" "$tap_dir/scenario" \
	--port-file "$tap_dir/port" --log "$tap_dir/requests" &
server=$!
wait_for test -s "$tap_dir/port"

conf=$XDG_CONFIG_HOME/cordon
mkdir -p "$conf"
configure() { # [LINE [MS]]: of the table tui; how long the program may take
	cat >"$conf/config.toml" <<-EOS
	model = "scripted"
	model_provider = "script"
	[model_providers.script]
	name = "script"
	base_url = "http://127.0.0.1:$(cat "$tap_dir/port")/v1"
	[tui]
	image_timeout_ms = ${2-60000}
	$1
	EOS
}
configure "image_command = [\"$run/clip\", \"one\", \"t w o\"]"
cat >"$tap_dir/rc" <<EOS
PS1='shell> '
HISTFILE=
unset DISPLAY XAUTHORITY
export XDG_RUNTIME_DIR=$run WAYLAND_DISPLAY=wayland-7
export MY_SECRET=sekrit
EOS
T new-session -d -x 90 -y 30 "bash --noprofile --rcfile '$tap_dir/rc' -i"
seen 'shell>'
type_in "\"$CORDON\""
keys Enter
seen 'Ask for something'

clip path
keys C-v
seen '› \[Image #1\]'
ok $? 'Ctrl-V attaches the image in the clipboard'
is "$(cat "$run/runs")" 'one t w o' 'which the configured program prints'
seen '^  image \[Image #1\]'
ok $? 'and it is listed'
type_in 'what is it?'
keys Enter
seen 'I see it' && seen '› \[Image #1\] what is it'
ok $? 'it goes with the prompt'
grep -qF "data:image/png;base64,$(cat "$tap_dir/image.b64")" "$tap_dir/requests"
ok $? 'to the provider, to the byte'

clip name
keys M-v
seen '› \[Image #2\]'
ok $? 'Alt-V as well; and a socket without a path, as X has it, can be reached'
keys C-u
type_in 'no picture'
keys Enter
seen 'None there'
is "$(tail -n 1 "$tap_dir/requests" | grep -o 'input_image' | wc -l)" 1 \
	'one whose name was deleted does not go along'

# What is no image.
calm() { # MODE REGEX DESCRIPTION
	clip "$1"
	sleep 0.3 # not so soon after the last one
	keys C-v
	seen "$2"
	ok $? "$3"
}
calm text 'no image in the clipboard: not a PNG' 'text is none'
calm none 'no image in the clipboard: .* ended with status 1' 'nothing is none'
off_screen sekrit
ok $? 'and what the program printed is not shown'
calm empty 'no image in the clipboard$' 'nor is what is empty'
calm endless 'the image is larger than 20 MiB' 'output without end is bounded'
clip hangs
sleep 0.3
keys C-v
seen 'waiting for the clipboard; esc leaves it' &&
	wait_for test -e "$run/hangs"
ok $? 'a program that hangs is told'
type_in 'typed on'
seen '› typed on'
ok $? 'the prompt can be written meanwhile'
keys Enter
seen 'an image is still being read'
ok $? 'and is not sent without it'
keys Escape
seen '^ *no image$'
ok $? 'Esc leaves it'
no_sleep() { ! pgrep -f "^sleep $long\$" >/dev/null; }
wait_for no_sleep
ok $? 'and it is ended'
keys C-u

# What it is given, and nobody else.
clip env
sleep 0.3
keys C-v
seen '› \[Image #3\]'
ok $? 'after all this there is another image'
is "$(sed -n 's/^\(WAYLAND_DISPLAY\|XDG_RUNTIME_DIR\)=//p' "$run/env" |
	sort | paste -sd ' ')" "$run wayland-7" \
	'the program knows where the desktop is'
is "$(grep -cE 'sekrit|WORKSPACE' "$run/env")" 0 \
	'nothing else of the environment, and no workspace'
main=$(pgrep -P "$(T display -p '#{pane_pid}')")
# Not its forks, which are main still.
roles=$(pgrep -P "$main" -f '^cordon: [a-z]')
for p in $roles; do tr '\0' '\n' <"/proc/$p/environ"; done \
	2>/dev/null >"$tap_dir/environ"
is "$(grep -cE '^(WAYLAND|DISPLAY|XAUTH|XDG_RUNTIME)' "$tap_dir/environ")" 0 \
	'no process of the session has that'
keys C-u
type_in 'try it'
keys Enter
seen 'As it should be'
ok $? 'a command tries the same'
tail -n 1 "$tap_dir/requests" >"$tap_dir/told"
is "$(grep -cE '(WAYLAND_DISPLAY|XDG_RUNTIME_DIR)=' "$tap_dir/told")" 0 \
	'and is not told where it is'
is "$(grep -o 'refused: ' "$tap_dir/told" | wc -l)" 2 'nor gets there'

keys C-d
seen 'shell>$'

# No project sets it.
mkdir .cordon
printf '[tui]\nimage_command = ["/bin/sh", "-c", "echo run >>%s/evil"]\n' \
	"$run" >.cordon/config.toml
: >"$run/runs"
clip path
type_in "clear; \"$CORDON\""
keys Enter
seen 'Ask for something'
keys C-v
seen '› \[Image #1\]' && [ -s "$run/runs" ] && [ ! -e "$run/evil" ]
ok $? "a project's program is not run"
keys C-c
keys C-d
seen 'shell>$'
rm -r .cordon

# Its time is limited.
configure "image_command = [\"$run/clip\", \"one\", \"t w o\"]" 300
type_in "clear; \"$CORDON\""
keys Enter
seen 'Ask for something'
calm hangs 'no image: .*/clip took more than 300 ms' 'a program has its time'
wait_for no_sleep
ok $? 'and is ended then'
keys C-d
seen 'shell>$'
configure "image_command = [\"$run/clip\", \"one\", \"t w o\"]"
clip path

# Without namespaces /run and /tmp, where desktops have their sockets, are
# nobody's but for that one.
if "$CORDON" sandbox --tier lsm -- true 2>"$tap_dir/err"; then
	type_in "clear; XDG_RUNTIME_DIR=$tap_dir \"$CORDON\" -c sandbox_tier=lsm"
	keys Enter
	seen 'Ask for something'
	keys C-v
	seen '› \[Image #1\]'
	ok $? 'tier lsm: the socket is reached'
	keys C-c
	keys C-d
	seen 'shell>$'
else
	skip 'no such tier here' 'tier lsm'
fi

# On record: each run before it began, and how it ended.
find "$XDG_STATE_HOME/cordon/audit" -name '*.jsonl' | sort | xargs cat |
	python3 -c '
import json, sys
log = [r for r in map(json.loads, sys.stdin)
       if r["data"].get("tool") == "clipboard"]
log = log[:20] # tier lsm may come behind
runs = [r for r in log if r["type"] == "intent"]
ends = [r for r in log if r["type"] == "result"]
assert len(runs) == 10 == len(ends), (len(runs), len(ends))
for r, e in zip(runs, ends):
    assert r["data"]["argv"][1:] == ["one", "t w o"], r
    assert "WAYLAND_DISPLAY" in r["data"]["env"], r
    assert r["data"]["call"] == e["data"]["call"] >= 0xf0000000, (r, e)
    assert r["seq"] < e["seq"] or r["log"] != e["log"]
how = [(e["data"]["how"], e["data"]["status"]) for e in ends]
assert how == [("exit", 0), ("exit", 0), ("exit", 0), ("exit", 256),
               ("exit", 0), ("file size", 0), ("killed", 0), ("exit", 0),
               ("exit", 0), ("time", 0)], how'
ok $? 'every run is on record, and how it ended'
"$CORDON" audit verify >"$tap_dir/out" 2>&1
ok $? 'and the log is in order'
! grep -rq sekrit "$XDG_STATE_HOME"
ok $? 'what the program printed is nowhere'

# Without a program.
configure ''
type_in 'clear; unset WAYLAND_DISPLAY; '"\"$CORDON\""
keys Enter
seen 'Ask for something'
keys C-v
seen "no desktop's clipboard here; tui.image_command can name a program"
ok $? 'without a desktop the key says what to set'
keys C-d
seen 'shell>$'
mkdir "$tap_dir/nothing"
type_in "clear; DISPLAY=:9 PATH=$tap_dir/nothing \"$CORDON\""
keys Enter
seen 'Ask for something'
keys C-v
seen 'for images install wl-clipboard or xclip, or set tui.image_command'
ok $? 'without its program what to install'
keys C-d
seen 'shell>$'

done_testing
