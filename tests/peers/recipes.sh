#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The recipes that are not run here, by the linters that can be had: the OCI
# recipe by two from npm (hadolint is in no registry of packages), the Homebrew
# formula by rubocop with the quotes of brew style.
. "$(dirname "$0")/../regress/lib.sh"
. "$(dirname "$0")/lib.sh"
command -v npm >/dev/null || { echo '1..0 # SKIP no npm'; exit 0; }
peer_npm dockerfilelint@1.8.0 dockerfile-utils@0.16.3

recipe=$CORDON_SRC/contrib/packaging/oci/Containerfile
formula=$CORDON_SRC/contrib/packaging/brew/cordon.rb
bin=$NODE_PATH/.bin
lints() { # DESCRIPTION COMMAND...
	local status
	"${@:2}" >"$tap_dir/out" 2>&1
	status=$?
	ok $status "$1"
	[ $status = 0 ] || sed 's/^/# /' "$tap_dir/out"
}
lints 'dockerfilelint has nothing against the OCI recipe' \
	"$bin/dockerfilelint" "$recipe"
lints 'nor has dockerfile-utils' "$bin/dockerfile-utils" lint "$recipe"
# They can say no, too.
printf 'FROM\nRUN\n' >"$tap_dir/bad"
"$bin/dockerfilelint" "$tap_dir/bad" >/dev/null 2>&1
[ $? -ne 0 ]
ok $? 'which has something against a bad one'

if command -v rubocop >/dev/null; then
	cat >"$tap_dir/rubocop.yml" <<-'EOF'
	AllCops:
	  NewCops: enable
	  SuggestExtensions: false
	Style/StringLiterals:
	  EnforcedStyle: double_quotes
	Style/FrozenStringLiteralComment:
	  Enabled: false
	EOF
	lints 'rubocop has nothing against the Homebrew formula' rubocop \
		--cache false --config "$tap_dir/rubocop.yml" "$formula"
else
	skip 'no rubocop' 'the Homebrew formula'
fi
done_testing
