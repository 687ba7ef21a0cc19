# SPDX-License-Identifier: Apache-2.0
#
# src/proto/PROTOCOL, whose sections are underlined, as sections of mdoc.

function put(line) {
	gsub(/\\/, "\\e", line)
	gsub(/-/, "\\-", line)
	if (line ~ /^[.']/)
		line = "\\&" line
	if (line == "") {
		blank = 1
		return
	}
	if (blank && !first)
		print ""
	blank = 0
	first = 0
	print line
}

function section(title) {
	if (open)
		print ".Ed"
	print ".Ss " title
	print ".Bd -literal"
	open = first = 1
	blank = 0
}

/^=+$/ { held = ""; have = 0; next }
/^-+$/ { section(held); have = 0; next }
{
	if (have && open)
		put(held)
	held = $0
	have = 1
}
END {
	if (have && open)
		put(held)
	print ".Ed"
}
