#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The interactive front in a real tmux, from its first screen to its last.
# shellcheck source=tests/regress/lib.sh
. "${CORDON_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/regress/lib.sh"
# shellcheck source=tests/regress/screen.sh
. "$CORDON_SRC/tests/regress/screen.sh"

# First start, streaming, a tool, the end.
stage 80 24 <<'EOS'
wait prompt
turn start
usage 200000 50000 321
text 1 Hello **world** with `code`:\n\n- one\n- two\n  - nested\n\n
text 1 ```c\nint main(void);\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n
text 1 A paragraph that is still open, long enough to need a second row of this terminal
wait steer
text 1 .\n
begin 1 0|bash|-lc|make check
output 1 one\ntwo\nthree\nfour\n
wait steer
output 1 five\nsix\nseven\n
done 1 0 0
begin 2 0|bash|-lc|false
done 2 1 3
begin 3 0|cat|/etc/shadow
done 3 2 0 it is a secret
item 1 0 Hello, as it streamed in long before.
turn done
wait exiting
EOS
seen 'for commands' && midway first-start
type_in 'hello there'
keys Enter
seen 'of this' && midway streaming
type_in 'more'
keys Enter
seen '│ four' && midway tool-runs
type_in 'even more'
keys Enter
seen 'it is a secret' && golden tool-done
is "$(sed -n 1,3p "$log")" "$(printf 'prompt hello there\nsteer more\nsteer even more')" \
	'prompt and steering arrive'
keys C-t
seen 'transcript, line' && golden pager
keys /
type_in 'still open'
keys Enter
golden pager-found
keys q
seen 'Ask for something' && keys C-d
logged 'ended 0' && logged over
ok $? 'it leaves with Ctrl-D'
like "$(cat "$tap_dir/stty")" ' echo ' 'the terminal is as it was'
like "$(T capture-pane -p)" 'it is a secret' 'the scrollback stays'

# Approval: each answer.
ask_script='wait prompt
turn start
set write /home/someone/project
set host registry.site.test:443
set rule ask-net
set file /etc/cordon/policy.toml
set why programs with network are asked for
set words I need it\x1b[2J to test
ask 5 0|bash|-lc|npm install \xe2\x80\xae\n  && echo "a\\b"
wait answer
turn done
wait exiting'

# Typed ahead: none of these may answer.
for _ in 1 2 3 4 5 6 7 8; do
	stage 80 24 <<<"$ask_script"
	seen 'for commands' && type_in 'go'
	keys Enter
	seen 'Run this command' && early 'yyy' && break
done
midway approval
asked 'Run this command'
keys Enter
sleep 0.2
grep -q '^answer' "$log"
is $? 1 'neither typed-ahead keys nor Enter approve'
press e
seen 'bound to these exact words' && midway approval-explained
keys Escape
gone 'bound to these exact words'
is "$?:$(grep -c '^answer' "$log")" 0:0 'Esc leads back from what is explained'
press e
seen 'bound to these exact words' && keys a
seen 'written by hand' && midway approval-always
keys Escape
seen 'no, and say why' && keys y
answer_is '5 1 $' 'y is yes, once'

for case in 's y|2 ' 'n|0 ' 'Escape|0 '; do
	stage 80 24 <<<"$ask_script"
	seen 'for commands' && type_in 'go'
	keys Enter
	asked 'Run this command'
	# shellcheck disable=SC2086 # keys are words
	set -- ${case%|*}
	press "$1"
	[ $# = 1 ] || keys "$2"
	answer_is "5 ${case#*|}" "${case%|*} answers"
done

stage 80 24 <<<"$ask_script"
seen 'for commands' && type_in 'go'
keys Enter
asked 'Run this command'
press m
type_in 'use the cache'
seen 'use the cache' && midway approval-words
keys Enter
answer_is '5 0 use the cache$' 'm is no with words'
seen 'You said no: use the cache'
ok $? 'the answer stays in the scrollback'

# Always, by a rule: what else it would allow.
stage 80 24 <<'EOS'
wait prompt
turn start
ask 5 0|bash|-lc|make test
wait want
give 2 widens   run make test: ask (default) -> allow\n1 widen, 0 tighten\n
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
asked 'Run this command'
press a
seen '1 widen, 0 tighten' && midway approval-rule
keys Escape
seen 'no, and say why' && keys n
answer_is '5 0' 'looking at the rule is no answer'

# For the session: how far, before it is said.
stage 80 24 <<'EOS'
wait prompt
turn start
ask 5 0|bash|-lc|npm run test -- a.js
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
asked 'Run this command'
press s
seen 'exactly as it is' && midway approval-session
keys Left Left Left
seen 'npm run test … and any words' && golden approval-session-wide
keys Left Left
seen 'anything that this program can do' && keys Right
seen 'npm run … and' && keys Enter
sleep 0.1
grep -q '^answer' "$log"
is $? 1 'Enter says nothing here, either'
keys y
answer_is '5 2 .*words npm run$' 'a yes can be for what begins so'

# Sessions: picked by a few letters, and then gone on with.
stage 80 24 session.cwd=/here <<'EOS'
wait want
give 0 01a221bc-79a6-742b-aa2b-06f00fc1d9d7  2026-11-28T10:21    1 turns  the first  (/here)\n01a221bc-79a6-742b-aa2b-06f00fc1d9d8  2026-11-28T10:22    3 turns  another one  (/here)\n01a221bc-79a6-742b-aa2b-06f00fc1d9d9  2026-11-28T10:22    3 turns  of elsewhere  (/there)\n
wait want
give 3 --- you ---\nHow it began\n
wait want
give 3 another beginning\n
wait exiting
EOS
seen 'for commands' && type_in '/resume'
keys Enter
seen 'How it began' && midway resume-picker
type_in 'anoth'
seen '› anoth' && like "$(shot)" '^▸ .*another one' 'typing narrows it'
seen 'another beginning'
ok $? 'what is chosen can be looked at'
keys Enter
logged '^next 2 01a221bc-79a6-742b-aa2b-06f00fc1d9d8$'
ok $? 'and Enter goes on with it'

# Models, picked the same way.
stage 60 12 <<'EOS'
wait models
models big-1  $2.00 in, $8.00 out a million tokens\nsmall-1\ntest-model  (in use)\nbad\x1b[2J\n
wait setting
wait exiting
EOS
seen 'for commands' && type_in '/model'
keys Enter
seen 'Which model' && golden model-picker
T resize-window -x 40 -y 6
golden resized-models
T resize-window -x 60 -y 12
type_in 'sml'
seen '› sml' && keys Enter
logged '^setting small-1$'
ok $? 'the chosen model answers from the next turn on'

# Texts that others have: records and rules are read in the pager.
stage 60 10 <<'EOS'
wait want
give 4 record one\nrecord \x1b[2Jtwo\n
wait want
give 6 /somewhere/it.md
wait want
give 7 /somewhere/it.txt
wait want
sleep 300
give 8 
wait exiting
EOS
seen 'for commands' && type_in '/audit'
keys Enter
seen 'audit records, line 1 of 2' && like "$(shot)" 'record \\e\[2Jtwo' \
	'/audit shows the records, as text'
keys q
seen 'for commands' && type_in '/export'
keys Enter
seen 'written to /somewhere/it.md' && type_in '/feedback-to-file fine'
keys Enter
logged '^want 7$'
ok $? '/export and /feedback-to-file say where to'
keys C-z
logged '^want 8$'
gone 'for commands' && seen 'for commands'
ok $? 'stopped it waits, and is woken by who stopped it'

# What is not committed is read in the pager, too, in its colours.
stage 60 12 <<'EOS'
wait user-exec
begin 1 9|bash|-lc|git diff
output 1 --- a/x\n+++ b/x\n@@ -1 +1 @@ int main\n-old\n+new\x1b[2J\n M x\n
done 1 0 0
wait user-exec
begin 2 9|ls
output 2 plain\n
done 2 0 0
wait exiting
EOS
seen 'for commands' && type_in '/diff'
keys Enter
seen 'not committed, line 1 of 6' && midway diff
like "$(T capture-pane -pe | grep -e '-old')" "$(printf '\033')\\[31m" \
	'what a change takes away is red'
keys q
seen 'Ask for' && type_in '!ls'
keys Enter
seen '│ plain'
ok $? 'what another command says is not for the pager'

# Files, named by a few letters.
stage 60 15 <<'EOS'
wait files
names README.md\nsrc/ui/key.c\nsrc/ui/keys\x1b[2J.c\nsrc/proto/chan.c\n
wait prompt
turn done
wait exiting
EOS
seen 'for commands' && type_in 'see @uikey'
seen 'src/ui/key.c' && golden mention
keys Tab Enter
logged '^prompt see src/ui/key.c $'
ok $? 'the chosen one stands in the prompt'

# What was said before, all of it, whatever its numbers.
stage 60 12 <<'EOS'
item 0 4 An earlier prompt
item 0 0 An earlier *answer*.
item 0 0 And another one.
item 0 4 A second prompt
item 0 0 And another one.
wait exiting
EOS
seen 'A second prompt' && golden resumed

# Images: named by @, pasted as a path, and missing; a file from the list.
stage 60 18 <<'EOS'
wait files
names dot.png\nsrc/ui/key.c\n
wait prompt
turn done
wait exiting
EOS
seen 'for commands' && type_in '/mention'
keys Enter
seen 'Which file' && keys Down
seen '│ src/ui/key.c' && golden file-picker
keys Up Enter
logged '^look-image dot.png$'
ok $? 'an image from the list is looked for'
T set-buffer "file:///tmp/other.jpg"
T paste-buffer -p
seen 'image /tmp/other.jpg' && T set-buffer "'/a b/missing.png'"
T paste-buffer -p
seen 'no image: it is missing' && golden images
keys C-w C-w C-w
T set-buffer "/x\\ y.gif 'file:///z%20.webp'"
T paste-buffer -p
seen 'image /x y.gif' && seen 'image /z .webp' &&
	like "$(shot)" 'dot.png /x y.gif /z .webp' 'several can be dropped at once'
keys C-w C-w C-w C-w
T set-buffer /tmp/missing.png
T paste-buffer -p
seen 'cordon -i FILE takes one of /tmp'
ok $? 'why one of /tmp cannot be seen is told'
keys C-w
T set-buffer "see /x.png"
T paste-buffer -p
seen 'dot.png see /x.png' && ! on_screen 'image /x.png'
ok $? 'words that end in a path are words'
keys C-w C-w Enter
logged '^prompt dot.png $'
ok $? 'words are taken back'
is "$(grep -c '^image' "$log")" 1 'and so is their image'

# What there is to be called, and what rules say.
stage 70 12 <<'EOS'
wait tools
wait exiting
EOS
seen 'for commands' && type_in '/tools'
keys Enter
seen 'no-grep' && golden tools

# The keys of vi.
stage 60 15 tui.vim_mode_default=true <<'EOS'
wait prompt
turn done
wait exiting
EOS
seen 'for commands' && type_in 'hello big world'
keys Escape
seen ': hello' && type_in 'bbcwsmall'
seen '› hello small'
ok $? 'c and a motion change a word'
keys Escape
seen ': hello' && type_in '0x$i!'
keys Enter
logged '^prompt ello small'
ok $? 'and Enter sends it'

# A question longer than the screen; a patch by file; outside the cordon.
lines=$(printf '+%s\\n' $(seq 40))
stage 60 15 <<EOS
wait prompt
turn start
set write /home/someone/project/a.c\n/home/someone/project/src/b
set patch *** Begin Patch\n*** Update File: a.c\n-\told\n+\tnew\n*** Add File: src/b\n$lines*** End Patch
ask 6 1|apply_patch
wait answer
ask 5 1|apply_patch
wait answer
set patch
set write
ask 7 5|rm|-r|/home/someone/n\xd0\xb0me
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
asked 'Make these changes'
midway approval-long
press y
seen 'go to the end first'
ok $? 'yes waits for the end'
keys Space Space Space Space Space Space
seen '52 of 52' && keys f
seen 'Which files' && keys Down Space
seen 'no   src/b' && midway approval-files
T resize-window -x 40 -y 10
golden resized-files
keys PageDown PageDown
seen '+6' && T resize-window -x 60 -y 15
keys Escape
seen 'e explain' && keys s
seen 'allowed once' && keys y
answer_is '6 1  refused /home/someone/project/src/b$' \
	'a part of a patch can be refused'
asked 'Make these changes'
like "$(T capture-pane -p -S -)" 'but not to /home/someone/project/src/b' \
	'and the scrollback says so'
press Space
keys Space Space Space Space Space
seen '52 of 52' && keys s
seen 'Until this' && keys Left
seen 'whatever a patch does there' && keys Left
seen 'every file below' && golden approval-session-files
keys y
answer_is '5 2 .*words /home/someone/project/$' \
	'a yes can be for what is in a folder'
seen 'OUTSIDE' && midway approval-outside
asked 'OUTSIDE'
keys s # which means nothing here
seen 'y yes' && press y
answer_is '7 1' 'leaving the cordon is allowed once, never for the session'
seen 'Ask for' && is "$(T capture-pane -p -S - | grep -c 'of 5[0-9] lines')" 0 \
	'a question that filled the screen leaves nothing behind'

# What the cell kept a command from; a patch that was made; the size changes
# while a question, the pager and a list are open.
stage 70 30 session.cwd=/here <<'EOS'
wait prompt
turn start
begin 1 0|bash|-lc|npm install
output 1 getaddrinfo failed\n
set denial connect registry.site.test:443
done 1 1 1
set denial
set changed A node_modules/x\x1b[2J
set write /home/someone/project/a.c\n/home/someone/project/b.c
set patch *** Begin Patch\n*** Update File: a.c\n@@ int main\n-\told\n+\tnew\n*** Delete File: b.c\n*** End Patch
begin 2 3|M a.c|D b.c
done 2 0 0
ask 6 1|apply_patch
wait answer
turn done
wait want
give 0 01a221bc-79a6-742b-aa2b-06f00fc1d9d7  2026-11-28T10:21    1 turns  the first 中文  (/here)\n
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
seen 'Make these changes' && golden denied
T resize-window -x 40 -y 12
golden resized-approval
T resize-window -x 70 -y 30
golden resized-back
asked 'Make these changes'
press y
answer_is '6 1' 'and is answered'
seen 'Ask for' && keys C-t
seen 'transcript, line' && T resize-window -x 40 -y 12
golden resized-pager
keys q
seen 'Ask for' && type_in '/resume'
keys Enter
seen 'which session' && T resize-window -x 24 -y 6
golden resized-picker
keys Escape
gone 'which session'

# A command met a wall: where it wants to go is the question.  No walls: red.
stage 70 18 sandbox_mode=danger-full-access <<'EOS'
wait prompt
turn start
set host xn--npmjs-9za.org:443
set rule ask-net
set file /etc/cordon/policy.toml
ask 4 4|bash|-lc|npm install
wait answer
set host cdn.a.site.test:443
ask 3 4|bash|-lc|npm install
wait answer
set host
set write /srv/data
ask 4 2|cordon|sandbox|--write|/srv/data|--|make|install
wait answer
set outside 1
begin 4 0|bash|-lc|make install
output 4 installing\n
wait steer
done 4 0 0
turn done
wait exiting
EOS
seen 'no cordon' && type_in 'go'
keys Enter
asked 'connect there' && midway widen-host
press s
seen 'Until this session ends' && keys y
answer_is '4 2 $' 'a host can be allowed for the session'
seen 'Let this command connect' && asked 'cdn.a.site.test'
press s
seen 'this host and port alone' && keys Left
seen '*.a.site.test:443' && golden approval-session-host
keys y
answer_is '3 2  words \*.a.site.test:443$' 'or all names below its domain'
asked 'write there' && midway widen-path
press y
answer_is '4 1' 'and a place to write to, once'
seen 'installing' && midway outside
red=$(printf '\033\\[(0;)?1m\033\\[31m')
like "$(T capture-pane -pe | grep 'OUTSIDE')" "$red" 'what nothing holds is red'
like "$(T capture-pane -pe | grep 'no cordon')" "$red" 'and so is the greeting'
like "$(T capture-pane -pe | grep 'NO SANDBOX' | tail -n 1)" "$red" 'and the status'
type_in 'x'
keys Enter
seen '✓ OUTSIDE'
ok $? 'it is said again when it is done'

# A question whose command has ended is no question any more.
stage 60 15 <<'EOS'
wait prompt
turn start
ask 8 0|make|first
ask 9 0|make|second
withdraw 8
withdraw 7
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
seen 'Not asked any more'
ok $? 'a question is withdrawn'
asked 'make second' && press y
answer_is '9 1' 'and the next one is answered'
like "$(grep -c '^answer 8' "$log")" '^0$' 'not the first'
keys C-d

# Resizing in the middle of everything; a tiny terminal; wide characters.
stage 60 15 <<'EOS'
wait prompt
turn start
text 1 中文字符 und e\xcc\x81 und \x1b[31mred\x1b]0;title\x07 end\n\nA paragraph that stays open while the terminal changes its size again and again
wait steer
ask 8 0|make|check
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in '中文'
keys Enter
seen 'and again' && golden wide
T resize-window -x 20 -y 5
golden tiny
T resize-window -x 100 -y 30
golden large
for i in $(seq 30); do T resize-window -x $((100 - i)) -y $((35 - i)); done
T resize-window -x 20 -y 5
golden tiny
type_in 'x'
keys Enter
asked 'Run this'
golden tiny-approval
press Space
keys y
sleep 0.2
grep -q '^answer' "$log"
is $? 1 'on a tiny screen, too, yes waits for the end'
keys Space Space Space Space Space
seen 'y s n' && keys y
answer_is '8 1' 'and is then said'
T resize-window -x 60 -y 15
seen 'Ask for' && keys C-c
seen 'again leaves' && keys C-c
logged 'exiting 0'
ok $? 'Ctrl-C twice leaves'

# The editor: lines, history, search, completion, a paste.
STAGE_ENV="STAGE_HISTORY=$tap_dir/history" stage 60 15 <<'EOS'
wait prompt
turn done
wait prompt
turn done
wait user-exec
wait exiting
EOS
seen 'for commands' && type_in 'first'
keys C-j
type_in 'second line'
seen 'second line' && golden composer
keys Enter
logged '^prompt first'
type_in 'other'
keys Enter
logged '^prompt other'
keys C-r
type_in 'firs'
seen 'search in earlier' && golden search
keys Escape
gone 'search in earlier' && keys C-c
seen 'Ask for' && type_in '/he'
seen '/help' && golden completion
keys C-c
type_in '/'
seen '/approvals' &&
	keys Down Down Down Down Down Down Down Down Down Down Down Down
seen '› /init'
ok $? 'the list goes on below its last row'
keys C-c
type_in '/he'
keys Tab Enter
seen 'run a command of your own'
ok $? '/help is completed and run'
T set-buffer "$(seq 30)"
T paste-buffer -p
seen '[Pasted text 1: 30 lines]'
ok $? 'a large paste is folded'
keys C-c
type_in '!ls'
keys Enter
logged '^user-exec ls$'
ok $? '!ls runs in the cell'
type_in '/quit'
keys Enter
logged 'exiting 0'
is "$(grep -c . "$tap_dir/history")" 5 'what was typed is remembered'

# The second screen: what was said is there again after a change of the size,
# the pager and a stop, and nothing of it when it is left.  No colours.
stage 60 12 tui.alternate_screen=true front.color=0 <<'EOS'
wait prompt
turn start
text 1 # A heading\n\nSome **text** that is long enough to be wrapped into two rows.\n\n
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
seen 'two rows' && T resize-window -x 40 -y 10
golden second-screen
keys C-t
seen 'transcript, line' && keys q
golden second-screen
T capture-pane -pe | grep -q "$(printf '\033')\[[0-9;]*3[0-7]m"
is $? 1 'none where there are to be none'
keys C-d
logged over && is "$(shot)" '' 'nothing is left on the first screen'

# The Linux console: no marks, no titles, no addresses, and signs that its
# fonts have.
STAGE_ENV="TERM=linux" stage 60 12 <<'EOS'
wait prompt
turn start
text 1 See [this](https://example.org/), **it** is\n\n
plan completed|one|pending|two
turn done
wait exiting
EOS
seen 'for commands' && T pipe-pane "cat >'$tap_dir/raw'"
type_in 'go'
keys Enter
seen '+ one' && seen '> Ask' && golden console
grep -aqE "$(printf '\033(\]|\\[\\?(2026|1004|2004))|›|✓|⠋|⠙|⠹|⠸|⠼')" "$tap_dir/raw"
is $? 1 'the Linux console is sent only what it knows'

# No terminal to draw on: lines.
STAGE_ENV="TERM=dumb" stage 80 24 <<'EOS'
wait prompt
turn start
item 1 0 Some **text**.\n\n- one\n\n> two\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n
sleep 300
begin 1 0|make
output 1 built\n
done 1 0 0
ask 9 0|rm|-r|x
ask 10 5|cat|y
wait answer
wait answer
turn done
wait exiting
EOS
seen '/quit leaves' && type_in 'hi'
keys Enter
seen 'Type yes, session or no' && golden plain
type_in 'y'
keys Enter
seen 'y' && type_in 'yes'
keys Enter
answer_is '9 1' 'only a whole word answers'
seen 'Type yes or no.' && type_in 'session'
keys Enter
type_in 'no'
keys Enter
answer_is '10 0' 'the next question comes when the first is answered'
type_in '/status'
keys Enter
seen 'There is no /status in plain lines' && type_in '/model small-1'
keys Enter
logged '^setting small-1$' && type_in '/help'
keys Enter
seen '!COMMAND: run' && type_in '/usr/bin is a path'
keys Enter
logged '^(prompt|steer) /usr/bin is a path$'
is $? 0 'commands that need no screen are there, and are no prompts'
keys C-d
logged 'ended 0'
ok $? 'its end of file leaves'

# No terminal at all: nobody is there to say yes.
: >"$log"
cat >"$tap_dir/script" <<'EOS'
wait prompt
turn start
ask 9 0|rm|-r|x
wait answer
turn done
wait exiting
EOS
{
	printf 'go\nyes\nyes\n'
	wait_for grep -q '^answer' "$log"
	echo yes
} | "$CORDON_BUILD/tests/bin/stage" "$tap_dir/script" "$log" >"$tap_dir/out"
answer_is '9 0 there is no terminal' 'a pipe approves nothing'

# The terminal goes away.
stage 60 15 <<'EOS'
wait exiting
EOS
seen 'for commands' && T kill-pane
logged 'exiting 129'
ok $? 'a closed terminal ends the session'

done_testing
