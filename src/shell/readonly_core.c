/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: grammars of programs that look at files and at the system.
 *
 * Left out on purpose, among others: what names a file of file names or of
 * options (wc --files0-from, du -X, date -f, sha256sum -c), what sets
 * (date -s, hostname NAME), what writes beside its output (file -C,
 * uniq IN OUT), what shows other processes' environment (ps e), what reads
 * files that its input names (objdump -S).
 */

#include "config.h"

#include <string.h>

#include "base/str.h"

#include "shell/readonly.h"

#define HELP "help version "

#define SUM(name_)                                                             \
	{                                                                      \
		name_, "btz", HELP "binary text tag zero", OPERANDS_ANY, 0,    \
		    NULL                                                       \
	}

/* Without +FORMAT the operand would be a time to set. */
static const char *
check_date(const struct program_args *a)
{
	if (a->noperands == 1 && a->operands[0]->s[0] != '+')
		return "an operand that is no +FORMAT sets the clock";
	return NULL;
}

/* The columns that ps may show; there is one for the environment too. */
static bool
ps_columns(const char *s)
{
	static const char *const columns[] = {"args", "cmd", "comm", "command",
	    "cpu", "etime", "etimes", "group", "lstart", "ni", "nlwp", "pcpu",
	    "pgid", "pid", "pmem", "ppid", "pri", "psr", "rss", "ruser", "sid",
	    "start", "stat", "stime", "time", "tty", "uid", "user", "vsz",
	    "wchan", "%cpu", "%mem", NULL};
	char name[16];
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, ",=");
		if (str_fmt(name, sizeof(name), "%.*s", (int)n, s) != 0 ||
		    !readonly_one_of(name, columns))
			return false;
		n += s[n] == '='; /* a title, only an empty one */
		if (s[n] == '\0')
			return true;
		if (s[n] != ',')
			return false;
	}
}

/*
 * Words of known forms: ps falls back to another reading of its letters when
 * one makes no sense, and in that e means the environment.
 */
static const char *
check_ps(const struct program_args *a)
{
	static const char *const forms[] = {"a", "ax", "axu", "aux", "auxw",
	    "auxww", "auxf", "axf", "u", "x", "ux", NULL};
	static const char *const dashed[] = {"-A", "-a", "-e", "-f", "-ef",
	    "-eF", "-el", "-ely", "-efH", "-eH", NULL};
	bool bsd =
	    a->noperands > 0 && readonly_one_of(a->operands[0]->s, forms);
	size_t i = bsd ? 1 : 0, n = a->noperands;
	const char *s;

	for (; i < n; i++) {
		s = a->operands[i]->s;
		if (str_starts(s, "--sort=")) {
			s += strlen("--sort=");
			if (!ps_columns(s + (*s == '-' || *s == '+')))
				break;
		} else if (bsd)
			break;
		else if (readonly_one_of(s, dashed))
			;
		else if (i + 1 == n)
			break;
		else if (strcmp(s, "-p") == 0) {
			s = a->operands[++i]->s;
			if (strspn(s, "0123456789,") != strlen(s))
				break;
		} else if ((strcmp(s, "-o") != 0 && strcmp(s, "-eo") != 0) ||
			   !ps_columns(a->operands[++i]->s))
			break;
	}
	return i >= n ? NULL : "only its usual forms are known to be harmless";
}

/* A response file would bring options of its own. */
static const char *
check_no_at(const struct program_args *a)
{
	size_t i;

	for (i = 0; i < a->noperands; i++)
		if (a->operands[i]->s[0] == '@')
			return "an operand with @ is a file of options";
	return NULL;
}

const struct program readonly_core[] = {
    {"arch", "", HELP, 0, PROGRAM_WHOLE, NULL},
    {"b2sum", "btzl:", HELP "binary text tag zero length=", OPERANDS_ANY, 0,
	NULL},
    {"base32", "diw:", HELP "decode ignore-garbage wrap=", 1, PROGRAM_WHOLE,
	NULL},
    {"base64", "diw:", HELP "decode ignore-garbage wrap=", 1, PROGRAM_WHOLE,
	NULL},
    {"basename", "as:z", HELP "multiple suffix= zero", OPERANDS_ANY,
	PROGRAM_WHOLE, NULL},
    {"cat", "AbeEnstTuv",
	HELP "show-all number-nonblank show-ends number squeeze-blank "
	     "show-tabs show-nonprinting",
	OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"cksum", "", HELP, OPERANDS_ANY, 0, NULL},
    {"date", "uRd:r:I::",
	HELP "utc universal rfc-email iso-8601? rfc-3339! date= reference= "
	     "debug",
	1, PROGRAM_DASHED, check_date},
    {"df", "aB:hHiklPt:Tvx:",
	HELP "all block-size= human-readable si inodes local no-sync output? "
	     "portability total type= print-type exclude-type=",
	OPERANDS_ANY, 0, NULL},
    {"dirname", "z", HELP "zero", OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"du",
	"0ab"
	"B:cd:DhHklLmPsSt:x",
	HELP "null all apparent-size bytes block-size= total max-depth= "
	     "dereference-args human-readable inodes count-links dereference "
	     "no-dereference separate-dirs si summarize threshold= time? "
	     "time-style= exclude= one-file-system",
	OPERANDS_ANY, 0, NULL},
    {"factor", "h", HELP "exponents", OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"file", "be:F:hikLNnrv0",
	HELP "brief exclude= separator= no-dereference mime mime-type "
	     "mime-encoding extension keep-going dereference no-pad "
	     "no-buffer raw print0",
	OPERANDS_ANY, 0, NULL},
    {"free", "bghklmtvVw",
	HELP "bytes kibi mebi gibi kilo mega giga human si lohi total wide", 0,
	0, NULL},
    {"getconf", "", NULL, 2, 0, NULL},
    {"groups", "", HELP, 1, PROGRAM_WHOLE, NULL},
    {"head", "c:n:qvz",
	HELP "bytes= lines= quiet silent verbose zero-terminated", OPERANDS_ANY,
	PROGRAM_WHOLE | PROGRAM_NUMBER, NULL},
    {"hostname", "Is", NULL, 0, 0, NULL},
    {"id", "agGnruzZ", HELP "group groups name real user zero context", 1,
	PROGRAM_WHOLE, NULL},
    {"locale", "ackm", NULL, OPERANDS_ANY, 0, NULL},
    {"ls", "abcdfghiklmnopqrstuvw:xABCDFGHI:LNQRST:UXZ1",
	HELP
	"all almost-all author escape block-size= ignore-backups color? "
	"directory dired classify? file-type format= full-time "
	"group-directories-first no-group human-readable si "
	"dereference-command-line dereference-command-line-symlink-to-dir "
	"hide= hyperlink? indicator-style= inode ignore= kibibytes "
	"dereference numeric-uid-gid literal hide-control-chars "
	"show-control-chars quote-name quoting-style= reverse recursive size "
	"sort= time= time-style= tabsize= width= context zero",
	OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"lscpu", "aBbcJVxy", HELP "all online offline bytes json hex physical", 0,
	0, NULL},
    {"logname", "", HELP, 0, PROGRAM_WHOLE, NULL},
    SUM("md5sum"),
    {"nm", "aABCDgnopPrSu",
	HELP "debug-syms print-file-name demangle? no-demangle dynamic "
	     "defined-only extern-only numeric-sort no-sort portability "
	     "reverse-sort print-size size-sort undefined-only",
	OPERANDS_ANY, 0, check_no_at},
    {"nproc", "", HELP "all ignore=", 0, PROGRAM_WHOLE, NULL},
    {"objdump", "afCdDhlprRstTwxzM:j:",
	HELP "file-headers section-headers headers all-headers disassemble? "
	     "disassemble-all full-contents syms dynamic-syms reloc "
	     "dynamic-reloc demangle? wide section= no-show-raw-insn",
	OPERANDS_ANY, 0, check_no_at},
    {"numfmt", "d:z",
	HELP "debug delimiter= field= format= from= from-unit= grouping "
	     "header? invalid= padding= round= suffix= to= to-unit= "
	     "zero-terminated",
	OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"od", "A:abcdfij:lN:osS:t:vw::x",
	HELP "address-radix= endian= skip-bytes= read-bytes= strings? format= "
	     "output-duplicates width?",
	OPERANDS_ANY, 0, NULL},
    {"ps", NULL, NULL, OPERANDS_ANY, PROGRAM_PLAIN, check_ps},
    {"readelf", "aADdeghIlnrsStuVW",
	HELP "all file-header program-headers segments section-headers "
	     "sections section-groups section-details headers syms symbols "
	     "dyn-syms notes relocs unwind dynamic version-info arch-specific "
	     "use-dynamic wide",
	OPERANDS_ANY, 0, check_no_at},
    {"readlink", "efmnqsvz",
	HELP "canonicalize canonicalize-existing canonicalize-missing "
	     "no-newline quiet silent verbose zero",
	OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"realpath", "eLmPqsz",
	HELP "canonicalize-existing canonicalize-missing logical physical "
	     "quiet strip no-symlinks zero relative-to= relative-base=",
	OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    SUM("sha1sum"),
    SUM("sha224sum"),
    SUM("sha256sum"),
    SUM("sha384sum"),
    SUM("sha512sum"),
    {"size", "ABdotxG", HELP "format= radix= common totals", OPERANDS_ANY, 0,
	check_no_at},
    {"sleep", "", HELP, OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"stat", "c:fLt",
	HELP "dereference file-system cached= format= printf= terse",
	OPERANDS_ANY, PROGRAM_WHOLE, NULL},
    {"strings", "ae:fn:ot:w",
	HELP "all print-file-name bytes= radix= encoding= "
	     "include-all-whitespace",
	OPERANDS_ANY, PROGRAM_NUMBER, check_no_at},
    {"tty", "s", HELP "silent quiet", 0, PROGRAM_WHOLE, NULL},
    {"uname", "asnrvmpio",
	HELP "all kernel-name nodename kernel-release kernel-version machine "
	     "processor hardware-platform operating-system",
	0, PROGRAM_WHOLE, NULL},
    {"uptime", "ps", HELP "pretty since", 0, 0, NULL},
    {"users", "", HELP, 0, PROGRAM_WHOLE, NULL},
    {"which", "a", NULL, OPERANDS_ANY, 0, NULL},
    {"whoami", "", HELP, 0, PROGRAM_WHOLE, NULL},
    {NULL, NULL, NULL, 0, 0, NULL},
};

/* Only to say which version it is, for without that they run code.  Not
 * here: yarn, pnpm, cargo, rustc, pytest, java, whose start looks for files
 * of the project that name something to run. */
static const char *
check_version(const struct program_args *a)
{
	return a->noptions == 0 ? "runs whatever it is given" : NULL;
}

static const char *
check_go(const struct program_args *a)
{
	return a->noperands == 1 && strcmp(a->operands[0]->s, "version") == 0
		   ? NULL
		   : "only go version is known to be harmless";
}

#define TELLS_VERSION(name_, shorts_)                                          \
	{                                                                      \
		name_, shorts_, "version", 0, 0, check_version                 \
	}

const struct program readonly_versions[] = {
    TELLS_VERSION("bash", ""),
    TELLS_VERSION("c++", ""),
    TELLS_VERSION("cc", ""),
    TELLS_VERSION("clang", ""),
    TELLS_VERSION("clang++", ""),
    TELLS_VERSION("clang-format", ""),
    TELLS_VERSION("cmake", ""),
    TELLS_VERSION("g++", ""),
    TELLS_VERSION("gcc", ""),
    {"go", NULL, NULL, 1, 0, check_go},
    TELLS_VERSION("make", "v"),
    TELLS_VERSION("ninja", ""),
    TELLS_VERSION("node", "v"),
    TELLS_VERSION("npm", "v"),
    TELLS_VERSION("perl", "v"),
    TELLS_VERSION("pip", "V"),
    TELLS_VERSION("pip3", "V"),
    TELLS_VERSION("python", "V"),
    TELLS_VERSION("python3", "V"),
    TELLS_VERSION("ruby", "v"),
    TELLS_VERSION("sqlite3", ""),
    TELLS_VERSION("ssh", "V"),
    {NULL, NULL, NULL, 0, 0, NULL},
};
