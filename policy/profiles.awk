# SPDX-License-Identifier: Apache-2.0
# usage: awk -f profiles.awk FILE.toml ... > profiles.c
# The files as C strings, so that no profile has to be found at run time.
function name(path) {
	sub(/.*\//, "", path)
	sub(/\.toml$/, "", path)
	return path
}
BEGIN {
	print "/* SPDX-License-Identifier: Apache-2.0 */\n"
	print "/* Made by profiles.awk from policy/profiles; not edited. */\n"
	print "#include \"config.h\"\n\n#include <stddef.h>"
	print "#include <string.h>\n\n#include \"policy/profiles.h\"\n"
	print "const struct profile profiles[] = {"
}
FNR == 1 {
	if (NR > 1)
		print "    },"
	printf "    {\"%s\",\n", name(FILENAME)
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	printf "\t\"%s\\n\"\n", $0
}
END {
	print "    },\n    {NULL, NULL}};\n"
	print "const char *\nprofile_text(const char *name)\n{"
	print "\tconst struct profile *p;\n"
	print "\tfor (p = profiles; p->name != NULL; p++)"
	print "\t\tif (strcmp(p->name, name) == 0)\n\t\t\treturn p->text;"
	print "\treturn NULL;\n}"
}
