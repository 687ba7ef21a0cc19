/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: grammars of programs that search, compare and rearrange text.
 *
 * Left out on purpose, among others: what runs a helper (rg --pre and -z,
 * sort --compress-program, diff -l), what writes (sort -o, shuf -o, tree -o
 * and -R), what reads patterns, names or code from a file (grep -f, jq -f,
 * diff --from-file).  awk: awk.c.
 */

#include "config.h"

#include <string.h>

#include "base/str.h"

#include "shell/readonly.h"

#define HELP "help version "

#define GREP(name_)                                                            \
	{                                                                      \
		name_, "EFGPe:iywxzsvVm:bnHhoqaId:D:rRLlcA:B:C:TZU0123456789", \
		    HELP                                                       \
		    "extended-regexp fixed-strings basic-regexp perl-regexp "  \
		    "regexp= ignore-case no-ignore-case word-regexp "          \
		    "line-regexp null-data no-messages invert-match "          \
		    "max-count= "                                              \
		    "byte-offset line-number line-buffered with-filename "     \
		    "no-filename label= only-matching quiet silent "           \
		    "binary-files= text directories= devices= recursive "      \
		    "dereference-recursive include= exclude= exclude-dir= "    \
		    "files-without-match files-with-matches count "            \
		    "initial-tab "                                             \
		    "null before-context= after-context= context= color? "     \
		    "colour? binary group-separator= no-group-separator",      \
		    OPERANDS_ANY, PROGRAM_DASHED_E, NULL                       \
	}

/* The first operand is the program, unless -e brings one. */
static const char *
check_sed(const struct program_args *a)
{
	const char *s, *why;
	bool given = false;
	size_t i;

	for (i = 0; i < a->noptions; i++) {
		s = program_value(a, i, 'e', "expression");
		if (s == NULL)
			continue;
		given = true;
		why = sed_script(s);
		if (why != NULL)
			return why;
	}
	/* An operand before an option is the script where that is none. */
	if (given && a->late)
		return "an option behind an operand";
	if (given || program_has(a, '\0', "version") ||
	    program_has(a, '\0', "help"))
		return NULL;
	if (a->noperands == 0)
		return "there is no script";
	if ((a->operands[0]->flags & (SHELL_GLOB | SHELL_TILDE)) != 0)
		return "the script is not literal";
	return sed_script(a->operands[0]->s);
}

/* Is it the name of a field: .NAME, but not 1.NAME or ..NAME? */
static bool
jq_field(const char *s, const char *at)
{
	if (at == s || at[-1] != '.')
		return false;
	return at - 1 == s || strchr("0123456789.", at[-2]) == NULL;
}

/*
 * A jq program can see the environment and load modules.  There is no way to
 * make a name from a string in it, so that a text without those names has
 * neither.
 */
static const char *
jq_filter(const struct shell_word *w)
{
	static const char *const names[] = {"env", "ENV", "get_search_list",
	    "import", "include", "module", "modulemeta", NULL};
	static const char letters[] = "_abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *at;
	char name[24];
	size_t i;

	if ((w->flags & (SHELL_GLOB | SHELL_TILDE)) != 0)
		return "the program is not literal";
	for (at = w->s; *at != '\0'; at += i) {
		i = *at >= '0' && *at <= '9' ? 0 : strspn(at, letters);
		if (i == 0)
			i = 1;
		else if (str_fmt(name, sizeof(name), "%.*s", (int)i, at) == 0 &&
			 readonly_one_of(name, names) && !jq_field(w->s, at))
			return "the program may look at more than its input";
	}
	return NULL;
}

/* Takes the n words behind the i-th for values. */
static bool
skip_values(const struct program_args *a, size_t *i, size_t n)
{
	while (n-- > 0)
		if (++*i >= a->noperands ||
		    (a->operands[*i]->flags & SHELL_GLOB) != 0)
			return false;
	return true;
}

/* jq takes its own options apart, and --arg two values. */
static const char *
check_jq(const struct program_args *a)
{
	static const char *const longs[] = {"--ascii-output", "--color-output",
	    "--compact-output", "--exit-status", "--join-output",
	    "--monochrome-output", "--null-input", "--raw-input",
	    "--raw-output", "--slurp", "--sort-keys", "--stream", "--tab",
	    "--version", "--help", NULL};
	static const char *const two[] = {"--arg", "--argjson", NULL};
	const struct shell_word *filter = NULL;
	const char *s;
	size_t i;

	for (i = 0; i < a->noperands; i++) {
		s = a->operands[i]->s;
		if (s[0] != '-' || s[1] == '\0') {
			if (filter == NULL)
				filter = a->operands[i];
		} else if (readonly_one_of(s, two) ||
			   strcmp(s, "--indent") == 0) {
			if (!skip_values(a, &i, s[2] == 'a' ? 2 : 1))
				return "an option lacks its value";
		} else if (!readonly_one_of(s, longs) &&
			   strspn(s + 1, "nrjaSCMcseRhV") != strlen(s + 1)) {
			return "an option is not known to be harmless";
		}
	}
	return filter == NULL ? NULL : jq_filter(filter);
}

/* Its values stand in the next word even behind a letter of a cluster, so
 * the letters with one are taken alone only, but for -L behind others. */
static const char *
check_tree(const struct program_args *a)
{
	static const char *const valued[] = {
	    "-L", "-P", "-I", "--filelimit", "--timefmt", NULL};
	static const char plain[] = "adfilnpsughDFqNQrtcvSACxJX";
	static const char *const longs[] = {"--dirsfirst", "--filesfirst",
	    "--noreport", "--prune", "--du", "--si", "--gitignore",
	    "--matchdirs", "--ignore-case", "--inodes", "--device", "--version",
	    "--help", NULL};
	const char *s;
	size_t i, n;

	for (i = 0; i < a->noperands; i++) {
		s = a->operands[i]->s;
		if (s[0] != '-')
			continue;
		n = 1 + strspn(s + 1, plain);
		if (readonly_one_of(s, valued) || strcmp(s + n, "L") == 0) {
			if (++i == a->noperands || a->operands[i]->s[0] == '-')
				return "an option lacks its value";
		} else if (!readonly_one_of(s, longs) &&
			   (n == 1 || s[n] != '\0')) {
			return "an option is not known to be harmless";
		}
	}
	return NULL;
}

/* The second operand is written, whatever it begins with.  Options are words
 * of their own. */
static const char *
check_xxd(const struct program_args *a)
{
	static const char *const plain[] = {"-a", "-b", "-e", "-E", "-i", "-p",
	    "-ps", "-plain", "-u", "-v", NULL};
	static const char *const valued[] = {
	    "-c", "-g", "-l", "-s", "-cols", "-len", "-seek", NULL};
	size_t i, files = 0;
	const char *s;

	for (i = 0; i < a->noperands; i++) {
		s = a->operands[i]->s;
		if (s[0] != '-' || s[1] == '\0' || files > 0) {
			files++;
		} else if (readonly_one_of(s, valued)) {
			if (++i == a->noperands ||
			    strspn(a->operands[i]->s, "0123456789") !=
				a->operands[i]->len)
				return "an option lacks its number";
		} else if (!readonly_one_of(s, plain) &&
			   (strchr("cgls", s[1]) == NULL ||
			       strspn(s + 2, "0123456789") != strlen(s + 2))) {
			return "an option is not known to be harmless";
		}
		if ((a->operands[i]->flags & SHELL_GLOB) != 0)
			return "a pattern may become several operands";
	}
	return files > 1 ? "the second operand is written" : NULL;
}

const struct program readonly_text[] = {
    {"awk", "F:v:", NULL, OPERANDS_ANY, 0, awk_check},
    {"bc", "lqs", "mathlib quiet standard", 0, 0, NULL},
    {"cmp", "bi:ln:s",
	HELP "print-bytes ignore-initial= verbose bytes= quiet silent", 4, 0,
	NULL},
    {"column", "c:s:tx",
	HELP "table separator= output-separator=", OPERANDS_ANY, 0, NULL},
    {"comm", "123z",
	HELP "check-order nocheck-order output-delimiter= total "
	     "zero-terminated",
	2, PROGRAM_WHOLE, NULL},
    {"cut", "b:c:d:f:nsz",
	HELP "bytes= characters= delimiter= fields= complement "
	     "only-delimited output-delimiter= zero-terminated",
	OPERANDS_ANY, PROGRAM_WHOLE | PROGRAM_DASHED, NULL},
    {"diff", "abBcC:dD:eEF:HiI:L:nNpqrstTuU:wW:x:yZ",
	HELP "normal brief report-identical-files context? unified? ed rcs "
	     "side-by-side width= left-column suppress-common-lines "
	     "show-c-function show-function-line= label= expand-tabs "
	     "initial-tab tabsize= suppress-blank-empty recursive "
	     "no-dereference new-file unidirectional-new-file "
	     "ignore-file-name-case no-ignore-file-name-case exclude= "
	     "ignore-case ignore-tab-expansion ignore-trailing-space "
	     "ignore-space-change ignore-all-space ignore-blank-lines "
	     "ignore-matching-lines= text strip-trailing-cr minimal "
	     "horizon-lines= speed-large-files color?",
	2, PROGRAM_NUMBER, NULL},
    GREP("egrep"),
    {"expand", "it:", HELP "initial tabs=", OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"expr", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, NULL},
    GREP("fgrep"),
    {"fmt", "cg:p:stuw:",
	HELP "crown-margin goal= prefix= split-only tagged-paragraph "
	     "uniform-spacing width=",
	OPERANDS_ANY, PROGRAM_WHOLE | PROGRAM_NUMBER, NULL},
    {"fold", "bsw:", HELP "bytes spaces width=", OPERANDS_ANY, PROGRAM_WHOLE,
	NULL},
    GREP("grep"),
    {"hd", "bcCdn:os:vx", "help version", OPERANDS_ANY, 0, NULL},
    {"hexdump", "bcCdn:os:vx", HELP "canonical length= skip= no-squeezing",
	OPERANDS_ANY, 0, NULL},
    {"join", "a:e:i1:2:j:o:t:v:z",
	HELP "ignore-case check-order nocheck-order header zero-terminated", 2,
	PROGRAM_WHOLE, NULL},
    {"jq", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_jq},
    {"nl", "b:d:f:h:i:l:n:ps:v:w:",
	HELP "body-numbering= section-delimiter= footer-numbering= "
	     "header-numbering= line-increment= join-blank-lines= "
	     "number-format= no-renumber number-separator= "
	     "starting-line-number= number-width=",
	OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"paste", "d:sz", HELP "delimiters= serial zero-terminated", OPERANDS_ANY,
	PROGRAM_WHOLE | PROGRAM_DASHED, NULL},
    {"rev", "", "help version", OPERANDS_ANY, 0, NULL},
    {"rg", "A:B:C:e:E:g:j:m:M:r:t:T:d:abcFhHiIlLnNoPpqsSuUvVwx0.",
	HELP
	"after-context= before-context= context= block-buffered byte-offset "
	"case-sensitive color= colors= column count count-matches crlf "
	"encoding= engine= files files-with-matches files-without-match "
	"fixed-strings follow glob= glob-case-insensitive heading hidden "
	"iglob= ignore-case include-zero invert-match json line-buffered "
	"line-number line-regexp max-columns= max-columns-preview max-count= "
	"max-depth= max-filesize= mmap multiline multiline-dotall no-column "
	"no-config no-filename no-follow no-heading no-hidden no-ignore "
	"no-ignore-dot no-ignore-exclude no-ignore-files no-ignore-global "
	"no-ignore-messages no-ignore-parent no-ignore-vcs no-line-number "
	"no-messages no-mmap no-require-git no-unicode null null-data "
	"one-file-system only-matching passthru path-separator= pcre2 "
	"pcre2-version pretty quiet regexp= replace= smart-case sort= sortr= "
	"stats text threads= trim type= type-list type-not= unrestricted "
	"vimgrep with-filename word-regexp context-separator= "
	"field-context-separator= field-match-separator=",
	OPERANDS_ANY, PROGRAM_DASHED_E, NULL},
    {"sed", "e:Enrsuz",
	HELP "quiet silent expression= regexp-extended separate unbuffered "
	     "null-data posix sandbox",
	OPERANDS_ANY, 0, check_sed},
    {"seq", NULL, NULL, 4, PROGRAM_PLAIN, NULL},
    {"shuf", "ei:n:rz",
	HELP "echo input-range= head-count= repeat zero-terminated",
	OPERANDS_ANY, 0, NULL},
    {"sort", "bcCdfghik:mMnrRsS:t:uVz",
	HELP "ignore-leading-blanks dictionary-order ignore-case "
	     "general-numeric-sort ignore-nonprinting month-sort "
	     "human-numeric-sort numeric-sort random-sort reverse sort= "
	     "version-sort batch-size= check? debug key= merge stable "
	     "buffer-size= field-separator= parallel= unique zero-terminated",
	OPERANDS_ANY, 0, NULL},
    {"tac", "brs:", HELP "before regex separator=", OPERANDS_ANY, PROGRAM_WHOLE,
	NULL},
    {"tail", "c:fFn:qs:vz",
	HELP "bytes= lines= follow? retry pid= sleep-interval= "
	     "max-unchanged-stats= quiet silent verbose zero-terminated",
	OPERANDS_ANY, PROGRAM_WHOLE | PROGRAM_NUMBER, NULL},
    {"tr", "cCdst", HELP "complement delete squeeze-repeats truncate-set1", 2,
	PROGRAM_WHOLE, NULL},
    {"tree", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_tree},
    {"tsort", "", HELP, 1, 0, NULL},
    {"unexpand", "at:", HELP "all first-only tabs=", OPERANDS_ANY,
	PROGRAM_WHOLE, NULL},
    {"uniq", "cdDf:is:uw:z",
	HELP "count repeated all-repeated? skip-fields= group? ignore-case "
	     "skip-chars= unique zero-terminated check-chars=",
	1, PROGRAM_WHOLE, NULL},
    {"wc", "cmlLw", HELP "bytes chars lines words max-line-length total=",
	OPERANDS_ANY, 0, NULL},
    {"xxd", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_xxd},
    {NULL, NULL, NULL, 0, 0, NULL},
};
