#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Who may have the program started that prints the image in the clipboard: the
# front of an interactive session, one at a time and not too often.  A model
# that was taken over may not, and neither may the front of cordon exec.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/model.sh"

prog=$tap_dir/clip
cat >"$prog" <<EOS
#!/bin/sh
echo run >>$tap_dir/runs
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\3\0\0\0\2'
EOS
chmod +x "$prog"
mkdir -p "$XDG_CONFIG_HOME/cordon"
cat >"$XDG_CONFIG_HOME/cordon/config.toml" <<EOS
[tui]
image_command = ["$prog"]
image_timeout_ms = 60000
EOS
runs() { if [ -e "$tap_dir/runs" ]; then grep -c . "$tap_dir/runs"; else echo 0; fi; }
intents() { audit_log 2>/dev/null | grep -c '"type":"intent".*"tool":"clipboard"'; }

scenario <<'EOS'
m.role.main.send("want", 0, what=9, text=None)
m.exec("true")
EOS
run go
is "$code" 76 'a model that asks ends the session'
is "$(runs) $(intents)" '0 0' 'and nothing is run'

# front: a double of cordon-ui; its body, Python, on standard input
front() {
	{
		cat <<-'EOS'
		#!/usr/bin/python3
		import os, sys, time
		here = os.path.dirname(os.path.abspath(__file__))
		sys.path.insert(0, here)
		import proto
		role = proto.Role(here + "/schema.def", ["model", "gate"])
		def want(what=9):
		    role.main.send("want", 0, what=what, text=None)
		def give():
		    while True:
		        m = role.main.recv()
		        if m is None or m["_type"] == "stop":
		            raise SystemExit(0)
		        if m["_type"] == "give":
		            return m
		def tell(*words):
		    with open(here + "/told", "a") as f:
		        print(*words, file=f)
		EOS
		cat
	} >"$doubles/cordon-ui"
	chmod +x "$doubles/cordon-ui"
	rm -f "$doubles/told" "$tap_dir/runs"
}
told() { paste -sd ';' "$doubles/told" 2>/dev/null; }

front <<'EOS'
want()
give()
EOS
run go
is "$code" 76 'so does the front of cordon exec'
is "$(runs) $(intents)" '0 0' 'and nothing is run either'

# interactive: cordon itself, on a terminal
interactive() {
	timeout 60 python3 -c '
import pty, sys
sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$doubles/cordon" \
		>"$tap_dir/out" 2>&1 </dev/null
	code=$?
}
front <<'EOS'
want()
m = give()
tell(m["error"].decode(), m["mime"].decode(), os.fstat(m["text"]).st_size)
try:
    os.write(m["text"], b"x")
    tell("written")
except OSError:
    tell("sealed")
time.sleep(0.3)
want()
m = give()
tell(m["mime"].decode())
want()
tell(give()["error"].decode())
time.sleep(0.3)
want()
want(10)
m = give()
tell(m["error"].decode(), m["text"])
want(10)
role.main.send("exiting", 0, code=0, next=0, session="")
give()
EOS
interactive
is "$(told)" ' image/png 24;sealed;image/png;one image after the other; try again;no image None' \
	'an image comes sealed, with its type, and not too often'
is "$code" 0 'that is how it works'
before=$(intents)
like "$(runs) $before" '^[23] 3$' 'each is on record before it is run'

like "$("$CORDON" audit show "$(audit_log |
	sed -n 's/.*"log":"\([^"]*\)".*"tool":"clipboard".*/\1/p' | tail -n 1)")" \
	'intent +main 1  clipboard: /' 'and shown as a call of main'

front <<'EOS'
want()
want()
give()
give()
tell("two")
EOS
interactive
is "$code $(told)" '76 ' 'a front that wants two at once ends the session'
like "$(runs)" '^[01]$' 'and has one at most'

done_testing
