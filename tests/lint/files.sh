# SPDX-License-Identifier: Apache-2.0
# Sourced: the files that a lint looks at, tracked or new.
# shellcheck shell=sh

lint_files() { # PATTERN...
	git ls-files --cached --others --exclude-standard -- "$@" |
		while read -r f; do [ -f "$f" ] && echo "$f"; done
}

lint_c() { lint_files 'src/*.[ch]' 'sandbox/*.[ch]' 'policy/*.[ch]'; }
lint_all_c() { lint_c; lint_files 'tests/*.[ch]'; }

# Scripts: by their ending or their first line.
lint_sh() {
	lint_files '*.sh'
	lint_files contrib tests .ci autogen.sh | grep -v '\.' |
		while read -r f; do
			head -n 1 "$f" | grep -qE '^#!.*\b(sh|bash)\b' &&
				echo "$f"
		done
}
