#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The interactive front in a real tmux: what a question shows of what is not
# what it seems, what was granted, and the keys in short.
# shellcheck source=tests/regress/lib.sh
. "${CORDON_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/regress/lib.sh"
# shellcheck source=tests/regress/screen.sh
. "$CORDON_SRC/tests/regress/screen.sh"

# Look-alikes in a patch: which lines, in which file.
stage 70 30 <<'EOS'
wait prompt
turn start
set write /home/someone/project/login.c\n/home/someone/project/b.c
set patch *** Begin Patch\n*** Update File: login.c\n@@\n-\tif (admin)\n+\tif (\xd0\xb0dmin)\n+\tx\xc2\xa0= 1; \xe2\x80\xae\n*** Add File: b.c\n+fine\n*** End Patch\n
ask 6 1|apply_patch
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
seen 'Make these changes' && midway mislead
mark=$(T capture-pane -pe | grep 'dmin)' | tail -n 1)
like "$mark" '⚠' 'the line is marked'
like "$mark" "$(printf '\033')\\[[0-9;]*7m" 'and the letter in it'
asked 'Make these changes'
press f
seen 'Which files' && like "$(shot)" '^⚠ \+.*dmin' 'and so it is file by file'
keys Escape
seen 'e explain' && keys n
answer_is '6 0' 'and is answered'
keys C-d

# Where links lead.
stage 70 24 <<'EOS'
wait prompt
turn start
set cwd /home/someone/project/docs
set links /home/someone/project/docs\n/home/someone/project/src\n/home/someone/project/docs/x\n/home/someone/project/src/x\n./up.sh\n/srv/n\x1b[2Jame.sh
set write /home/someone/project/docs/x\n/home/someone/project/y
ask 6 0|sh|./up.sh
wait answer
set write /home/someone/project/docs/x
set patch *** Begin Patch\n*** Add File: x\n+one\n*** End Patch\n
ask 5 1|apply_patch
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
seen 'Run this command' && midway links
asked 'Run this command'
press n
answer_is '6 0' 'and is answered'
asked 'Make these changes'
press s
seen 'Until this' && keys Left Left
seen 'every file below' && keys y
answer_is '5 2 .*words /home/someone/project/src/$' \
	'what is granted is the place, not the name of a link'
keys C-d

# A folder that commands could not write: for the session, up to where it may
# be; then the front answers by itself, but of that cell alone.
stage 70 20 <<'EOS'
wait prompt
turn start
set cwd /home/someone/project
set write /home/someone/.cache/a/b
set top /home/someone/.cache
set scope run again what cannot write below /home/someone/.cache/a/b
ask 4 2|cordon|sandbox|--write|/home/someone/.cache/a/b|-C|/home/someone/project|--|make
wait answer
set known 1
set write /home/someone/.cache/a
ask 5 2|cordon|sandbox|--write|/home/someone/.cache/a|-C|/home/someone/project|--|other|words
wait answer
ask 6 2|cordon|sandbox|--net|--write|/home/someone/.cache/a|-C|/home/someone/project|--|make
wait answer
set write /home/someone/.cache
ask 7 2|cordon|sandbox|--write|/home/someone/.cache|-C|/home/someone/project|--|make
wait answer
set write /home/someone/.cache/a
set known
ask 8 2|cordon|sandbox|--write|/home/someone/.cache/a|-C|/home/someone/project|--|make
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
asked 'let it write there' && midway widen-ask
keys s
seen 'Until this' && keys Left
seen '  /home/someone/.cache/a' && midway widen-session
keys Left Left Left
seen 'What other programs obey' && keys Right
gone 'What other programs obey' && keys y
answer_is '4 2  words /home/someone/.cache/a$' \
	'a folder can be for the session, and one above it'
answer_is '5 1  by a grant$' \
	'what is granted is answered, whatever runs in that cell'
asked 'sandbox --net'
grep -q '^answer 6' "$log"
is $? 1 'another cell is asked about, whatever the gate says'
keys n
answer_is '6 0 $' 'and refused'
asked 'write /home/someone/.cache -C' && keys n
answer_is '7 0 $' 'and so is a folder above it'
asked 'write /home/someone/.cache/a -C' && keys n
answer_is '8 0 $' 'and what the gate says is granted no longer'
keys C-d

# The heading of a question breaks at blanks.
stage 44 12 <<'EOS'
wait prompt
turn start
ask 7 5|rm|-r|n
wait answer
turn done
wait exiting
EOS
seen 'for commands' && type_in 'go'
keys Enter
seen 'OUTSIDE' && like "$(shot)" '^Run this OUTSIDE the cordon, with all your$' \
	'a heading breaks at a blank'
asked 'OUTSIDE'
press n
answer_is '7 0' 'on a narrow screen, too'

# What was granted: nothing, and something.
stage 60 16 <<'EOS'
wait grants
set grant look at /w/a, whatever is there then
wait grants
wait exiting
EOS
seen 'for commands' && type_in '/grants'
keys Enter
seen 'nothing; s at a question grants something'
ok $? '/grants says that there is nothing'
type_in '/grants'
keys Enter
seen '3  look at /w/a' && seen 'NUMBER takes one back'
ok $? 'and what there is'

# The keys in short.
stage 80 24 <<'EOS'
wait prompt
turn done
wait exiting
EOS
seen 'for commands' && keys '?'
seen '/keys' && midway shortcuts
keys Escape
gone '/keys'
ok $? 'Esc closes them'
keys '?'
seen '/keys' && keys '?'
gone '/keys'
ok $? 'and so does the same key'
type_in '?'
seen '/keys' && type_in 'why?'
seen '› why?' && ! on_screen '/keys'
ok $? 'any other key is the prompt'"'"'s, and later ones are signs'
keys Enter
logged '^prompt why[?]$'
ok $? 'as it is sent'
T resize-window -x 20 -y 5
keys '?'
seen '@' && golden shortcuts-tiny
keys C-d

done_testing
