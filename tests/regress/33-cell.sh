#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The cell itself: its home, and what many calls leave behind.
. "$(dirname "$0")/lib.sh"

base=$(folder_outside_tmp) || exit 1
cell_remove() {
	rm -rf "$base"
	tap_cleanup
}
trap cell_remove EXIT
mkdir -p "$base/home" "$base/work" "$base/bin" "$base/libexec/cordon"
export HOME=$base/home XDG_CONFIG_HOME=$base/home/.config
export XDG_STATE_HOME=$base/state
cd "$base/work" || exit 1

in_cell() { "$CORDON" sandbox -- "$@" 2>&1; }

# What is written to the home is kept, and the home stays as it is.
in_cell sh -c 'mkdir -p ~/.cache/tool ~/.config/gh && echo kept > ~/.cache/tool/x
	echo mine > ~/.config/gh/mine'
ok $? "a command writes to its home"
is "$(in_cell sh -c 'cat ~/.cache/tool/x')" kept "and finds it again"
is "$(find "$HOME")" "$HOME" "the home is as it was"
kernels() { find "$base/state/cordon/homes" -name incompat; }
cleared() { [ -z "$(kernels)" ]; }
until_so cleared
is "$(kernels)" "" "what the kernel needed for it is cleared at the end"
"$CORDON" sandbox -- sleep 99 > /dev/null 2>&1 &
main=$!
until_so eval '! cleared'
sleep 0.1
until_so pkill -KILL -P "$main" -f '^cordon: cell'
wait "$main" 2> /dev/null
[ -n "$(kernels)" ] && [ -z "$(find "$base/state" -type d ! -perm -700)" ]
ok $? "its owner can remove what a killed cell leaves"
is "$(in_cell sh -c 'cat ~/.cache/tool/x')" kept "which the next does not mind"

# A secret that comes into a folder that a command made before.
mkdir -p "$HOME/.config/gh" "$HOME/.ssh"
echo S3CRET > "$HOME/.config/gh/hosts.yml"
echo S3CRET > "$HOME/.ssh/id"
is "$(in_cell sh -c 'cat ~/.config/gh/hosts.yml ~/.ssh/id' | grep S3CRET)" "" \
	"what became a secret meanwhile is not there"
is "$(in_cell sh -c 'echo ~/.config/gh/*' | grep hosts)" "" "by its name either"

# A folder of secrets that a command removes, or puts something else in place
# of, keeps neither the next command out nor lets secrets in.
mkdir "$base/fresh"
for way in 'rm -rf ~/.config' 'echo x > ~/.config' \
	'rm ~/.config; ln -s ../work0 ~/.config' \
	'rm ~/.config; mkdir -p ~/.config/gh' true; do
	is "$(cd "$base/fresh" && in_cell sh -c \
		"cat ~/.config/gh/*.yml 2> /dev/null; $way")" "" \
		"in the home a command may: $way"
done

# A home that is made of links, as of a folder of dotfiles.
mkdir "$HOME/dots"
mv "$HOME/.ssh" "$HOME/.config" "$HOME/dots"
ln -s dots/.ssh dots/.config "$HOME"
for tier in full lsm; do
	is "$("$CORDON" sandbox --tier "$tier" -- sh -c 'cd; cat .ssh/id \
		.config/gh/hosts.yml dots/.ssh/id dots/.config/gh/hosts.yml' \
		2>&1 | grep -c S3CRET)" 0 \
		"tier $tier: a secret is hidden where a link leads to it"
	is "$("$CORDON" sandbox --tier "$tier" --read ~/.ssh -- cat ~/dots/.ssh/id)" \
		S3CRET "tier $tier: and is shown where it is named"
done

# What a command has, and what it has not.
for ns in user mnt pid net ipc uts cgroup time; do
	[ -e "/proc/self/ns/$ns" ] || continue
	[ "$(in_cell readlink "/proc/self/ns/$ns")" != \
		"$(readlink "/proc/self/ns/$ns")" ]
	ok $? "a $ns namespace of its own"
done
is "$(in_cell sed -n 's/^Cap[A-Za-z]*:\t//p' /proc/self/status | sort -u)" \
	0000000000000000 "no capability in any set"
is "$(in_cell sed -n 's/^\(NoNewPrivs\|Seccomp\):\t//p' /proc/self/status)" \
	"$(printf '1\n2')" "no new privileges, and a filter"
is "$(in_cell sh -c 'echo /proc/self/fd/*' 9< /etc/passwd)" \
	"/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3" \
	"three descriptors, and that which reads the folder"
is "$(in_cell sh -c 'ulimit -c')" 0 "no core dumps"
like "$(in_cell sh -c 'echo /proc/[0-9]*')" '^/proc/1 /proc/2$' \
	"it sees its own processes only"
is "$(TOKEN=x API_KEY=y in_cell env | grep -cE 'TOKEN|API_KEY')" 0 \
	"no secret of the environment"

# Many calls in one cell; what a namespace lives by does not grow.
cp "$CORDON_BUILD"/cordon-* "$base/libexec/cordon/"
cp "$CORDON_BUILD/tests/bin/calls" "$base/bin/"
many=${CORDON_SOAK:+1000}
"$base/bin/calls" "${many:=100}" /bin/true > "$base/calls"
ok $? "$many calls in one cell"
for what in cell-descriptors main-descriptors cell-mounts cell-children; do
	read -r before after <<- EOF
		$(sed -n "s/^$what\t//p" "$base/calls")
	EOF
	if [ "$before" = -1 ] && [ "$(id -u)" != 0 ]; then
		skip "only root sees them" "$what after $many calls"
		continue
	fi
	[ "$before" -gt 0 ] || [ "$what" = cell-children ] &&
		[ "$after" -le "$before" ]
	ok $? "$what are no more after $many calls ($after) than after 5 ($before)"
done
(ulimit -n 100 && "$base/bin/calls" "$((many + 50))" /bin/true > "$base/calls")
ok $? "with few descriptors too, of which each call lets go"

# Many calls in a whole session: gate, audit, main, front and cell.
. "$CORDON_SRC/tests/regress/model.sh"
scenario <<- EOS
	import os, time
	def count():
	    main = os.getppid()
	    found = {"processes": 0}
	    def look(pid):
	        found["processes"] += 1
	        with open(f"/proc/{pid}/cmdline") as f:
	            name = f.read().strip("\\0")
	        try:
	            found[name] = len(os.listdir(f"/proc/{pid}/fd"))
	        except PermissionError:
	            pass
	        if "cell" in name:
	            with open(f"/proc/{pid}/mountinfo") as f:
	                found["mounts"] = len(f.readlines())
	        with open(f"/proc/{pid}/task/{pid}/children") as f:
	            for child in f.read().split():
	                look(child)
	    look(main)
	    return found
	def settled(enough):
	    # In time; what is being looked at may be just ending.
	    end = time.monotonic() + 30
	    while True:
	        time.sleep(0.3)
	        try:
	            found = count()
	        except OSError:
	            continue
	        if enough(found) or time.monotonic() > end:
	            return found
	for _ in range(5):
	    m.finish("true")
	before = settled(lambda found: True)
	for n in range($many):
	    m.finish("true")
	fewer = lambda found: all(n <= before.get(name, 0)
	                          for name, n in found.items())
	after = settled(fewer)
	check("$many calls in a session leave nothing behind",
	      (fewer(after), before, after), "(True, ")
	if os.geteuid() == 0:  # who alone sees their descriptors
	    check("of all its processes", sorted(before), "cell", "gate", "audit")
EOS
run --json 'do it'
is "$code" 0 "a session of $many calls"
checks

# A repository that a command made is found wherever it comes from, and what
# git would execute in it is moved aside, also by a later call.  On a busy
# machine one of them may take longer than a call waits.
scenario <<- EOS
	import os
	def hook(path):
	    # Written so that gate, which reads commands, does not see where.
	    hidden = path.replace(".git", "\$g")
	    m.finish(f"g=.git; echo '#!/bin/sh' > {hidden} && chmod 755 {hidden}")
	    return state(path)
	def state(path):
	    return (os.path.lexists("$work/" + path),
	            any(".cordon-refused." in name for name in
	                os.listdir(os.path.dirname("$work/" + path))))
	aside = (False, True)
	m.finish("mkdir plain many && mkdir -p a/b")
	m.finish("mkdir -p deep/er && git init -q deep/er/repo")
	check("a hook in a repository of an earlier call",
	      hook("deep/er/repo/.git/hooks/post-checkout"), aside)
	m.finish("cd plain && mkdir objects refs hooks && echo > HEAD")
	check("a folder that became a repository",
	      hook("plain/hooks/update"), aside)
	m.finish("git init -q a/b/repo")
	m.finish("mv a moved")
	check("a repository that was moved",
	      hook("moved/b/repo/.git/hooks/post-checkout"), aside)
	m.finish("cd many && seq 17000 | xargs touch && mkdir -p a/b && g=.git "
	         "&& git init -q a/b/repo && cd a/b/repo/\$g/hooks && "
	         "echo '#!/bin/sh' > update && chmod 755 update")
	check("a repository behind more names than the kernel keeps",
	      state("many/a/b/repo/.git/hooks/update"), aside)
EOS
run --json 'do it'
is "$code" 0 "a session that makes repositories"
[ "$code" = 0 ] || sed "s,^,# ," "$tap_dir/err"
checks

# A folder that may be written, and then is reached by a link of a command's.
mkdir -p "$work/a/b" "$base/out/b"
scenario <<- EOS
	import os
	m.finish("echo x > a/b/own; mv a was && ln -s $base/out a")
	m.finish("echo x > a/b/planted")
	check("it is not written where the link leads",
	      os.listdir("$base/out/b"), "[]")
	check("although it was where it was", os.listdir("$work/was/b"), "own")
EOS
run --json --tier lsm --add-dir "$work/a/b" 'do it'
is "$code" 0 "a session of tier lsm"
checks

# The host goes on while a cell is built: what is to be covered or pinned may
# be replaced between a look and the mount.  Once is no reason not to start;
# what is always replaced cannot be covered, so there is no cell, and one line.
if [ "$(id -u)" = 0 ] && strace -qq -o /dev/null true 2> /dev/null; then
	mkdir -p "$base/work/.vscode"
	cd "$base/work" || exit 1
	for path in /etc/shadow "$base/work/.vscode"; do
		for when in 1 1+; do
			strace -f -qq -o "$base/trace" -P "$path" \
				-e trace=move_mount \
				-e inject=move_mount:error=ENOENT:when=$when \
				"$CORDON" sandbox -- true 2> "$base/err"
			echo "$? $(grep -c INJECTED "$base/trace") $(cut -d: -f 1-3 \
				"$base/err" | xargs echo)"
		done > "$base/codes"
		is "$(cat "$base/codes")" "0 1 $(printf '\n69 16 %s' \
			'cordon: cell: cannot build the cell')" \
			"$path is replaced meanwhile: once, always"
	done
else
	skip 'no strace here' 'what is replaced meanwhile'
fi

done_testing
