# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests against programs that others wrote.
# shellcheck shell=bash

# peer_npm PACKAGE@VERSION...: installs them once for all of these tests, in
# the build folder; where the registry is not reached the test is skipped.
peer_npm() {
	local dir=$CORDON_BUILD/peers
	mkdir -p "$dir"
	if ! npm install --prefix "$dir" --no-audit --no-fund --silent \
		--ignore-scripts "$@" >/dev/null 2>&1; then
		echo "1..0 # SKIP npm cannot install $*"
		exit 0
	fi
	export NODE_PATH=$dir/node_modules
}
