# SPDX-License-Identifier: Apache-2.0
# Sourced after lib.sh by tests that hold for root and an ordinary user alike:
# the programs are copied to where both can read them, and the script is run
# again by each of them, with --as and further arguments.
# shellcheck shell=bash
# shellcheck disable=SC2154

# users_stage [FILE...]: the programs, and helpers beside them
users_stage() {
	local prog=$tap_dir/prog
	chmod 0755 "$tap_dir"
	mkdir -p "$prog/bin" "$prog/libexec/cordon" "$prog/regress"
	cp "$CORDON_BUILD"/cordon-* "$prog/libexec/cordon/"
	cp "$CORDON_BUILD/cordon" "$@" "$prog/bin/"
	cp "$CORDON_SRC"/tests/regress/{lib,users}.sh "$0" "$prog/regress/"
	chmod -R a+rX "$prog"
}

users_apart=() # a command in front of each run, of the test's own
# users_run USER ARG...: what it prints goes to $tap_dir/USER.tap
users_run() {
	local user=$1 as=()
	shift
	install -d -m 0700 -o "$user" "$tap_dir/$user"
	[ "$user" = "$(id -un)" ] || as=(runuser -u "$user" --)
	(cd "$tap_dir/$user" && TMPDIR=$tap_dir/$user CORDON_SRC=$tap_dir \
		CORDON_BUILD=$tap_dir/prog/bin "${users_apart[@]}" "${as[@]}" \
		bash "$tap_dir/prog/regress/$(basename "$0")" --as "$@") \
		> "$tap_dir/$user.tap" 2>&1
	echo "ended $?" >> "$tap_dir/$user.tap"
}

# users_adopt USER LABEL: its results as ours
users_adopt() {
	local line
	while IFS= read -r line; do
		case $line in
		"ok "*"# SKIP "*) skip "${line##*# SKIP }" "$2, $1:${line#*-}" ;;
		"ok "*) ok 0 "$2, $1:${line#*-}" ;;
		"not ok "*) ok 1 "$2, $1:${line#*-}" ;;
		1..* | "ended "[01]) ;;
		"ended "*) ok 1 "$2, $1: the tests ran ($line)" ;;
		*) echo "# $line" ;;
		esac
	done < "$tap_dir/$1.tap"
	grep -q '^1\.\.' "$tap_dir/$1.tap"
	ok $? "$2, $1: the tests ran to their end"
}

# users_both LABEL ARG...: root and nobody at once, or who we are
users_both() {
	local label=$1 me other=
	shift
	me=$(id -un)
	if [ "$me" = root ]; then
		users_run nobody "$@" &
		other=$!
	fi
	users_run "$me" "$@"
	users_adopt "$me" "$label"
	[ -z "$other" ] && return
	wait "$other"
	users_adopt nobody "$label"
}
