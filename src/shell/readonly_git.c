/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: grammars of git's commands that only look.
 *
 * Left out on purpose: options before the command that change its
 * configuration or repository (-c, -C, --git-dir), what runs a program
 * (--ext-diff, --textconv, grep -O, %G and --show-signature, which run gpg,
 * ls-remote), what writes (--output), what reads files that are not the
 * repository's (--no-index, -O, --contents, -f, --exclude-from), and --help,
 * which runs man.  What the configuration of the repository could make these
 * commands run is pinned by the environment (pins.c).
 */

#include "config.h"

#include <string.h>

#include "shell/readonly.h"

#define DIFF_SHORTS "abBcC::D::G:I:l:mM::pRrS:stuU::wWX::z"
#define LOG_SHORTS  DIFF_SHORTS "EFPgiL:n:q"

#define DIFF_LONGS                                                             \
	"patch no-patch raw patch-with-raw patch-with-stat stat? numstat "     \
	"shortstat dirstat? cumulative summary compact-summary name-only "     \
	"name-status check binary full-index abbrev? no-abbrev color? "        \
	"no-color color-moved? no-color-moved color-moved-ws! word-diff? "     \
	"word-diff-regex! color-words? unified! function-context minimal "     \
	"patience histogram diff-algorithm! anchored! indent-heuristic "       \
	"no-indent-heuristic find-renames? no-renames find-copies? "           \
	"find-copies-harder break-rewrites? irreversible-delete "              \
	"diff-filter= pickaxe-all pickaxe-regex ignore-space-at-eol "          \
	"ignore-cr-at-eol ignore-space-change ignore-all-space "               \
	"ignore-blank-lines ignore-matching-lines! inter-hunk-context! text "  \
	"exit-code quiet no-ext-diff no-textconv ignore-submodules? "          \
	"relative? no-relative no-prefix default-prefix src-prefix! "          \
	"dst-prefix! line-prefix! ws-error-highlight! rename-empty "           \
	"no-rename-empty cc "

#define LOG_LONGS                                                              \
	DIFF_LONGS                                                             \
	"oneline graph no-graph decorate? no-decorate decorate-refs! "         \
	"decorate-refs-exclude! all branches? tags? remotes? glob! exclude! "  \
	"since= after= until= before= author= committer= grep= "               \
	"invert-grep all-match regexp-ignore-case basic-regexp "               \
	"extended-regexp fixed-strings perl-regexp merges no-merges "          \
	"min-parents! max-parents! first-parent follow no-follow reverse "     \
	"abbrev-commit no-abbrev-commit date= relative-date format! pretty? "  \
	"max-count= skip= topo-order date-order author-date-order "            \
	"full-history simplify-merges simplify-by-decoration show-pulls "      \
	"dense sparse ancestry-path cherry cherry-pick cherry-mark "           \
	"left-right left-only right-only no-walk? boundary walk-reflogs "      \
	"reflog full-diff source notes? no-notes mailmap use-mailmap "         \
	"no-mailmap encoding! parents children merge remove-empty "            \
	"diff-merges! no-diff-merges log-size "

#define REF_LONGS                                                              \
	"sort= format= points-at= contains% no-contains% merged% no-merged% "  \
	"color? ignore-case omit-empty "

static const char *
operand(const struct program_args *a, size_t i)
{
	return i < a->noperands ? a->operands[i]->s : "";
}

/* A format can ask for the signature, which gpg is run for; so can an order.
 * And to show a merge as it would be made again the drivers of files run. */
static const char *
check_format(const struct program_args *a)
{
	static const char *const texts[] = {
	    "format", "pretty", "sort", "group", NULL};
	const char *s;
	size_t i, n;

	for (i = 0; i < a->noptions; i++) {
		s = program_value(a, i, '\0', "diff-merges");
		if (s != NULL &&
		    (strcmp(s, "r") == 0 || strcmp(s, "remerge") == 0))
			return "a merge that is made again runs drivers";
		for (s = NULL, n = 0; s == NULL && texts[n] != NULL; n++)
			s = program_value(a, i, '\0', texts[n]);
		if (s != NULL &&
		    (strstr(s, "%G") != NULL || strstr(s, "signature") != NULL))
			return "a format that verifies signatures runs gpg";
	}
	return NULL;
}

/* Two paths of which one lies outside the repository are compared as if
 * --no-index were given. */
static const char *
check_diff(const struct program_args *a)
{
	const char *s;
	size_t i;

	for (i = 0; i < a->noperands; i++) {
		s = a->operands[i]->s;
		if (s[0] == '/' || s[0] == '~' || strstr(s, "../") != NULL)
			return "a path that may lie outside the repository";
	}
	return check_format(a);
}

/* An operand names a branch to make, unless a list is asked for. */
static const char *
check_branch(const struct program_args *a)
{
	if (a->noperands > 0 && !program_has(a, '\0', "list"))
		return "without --list an operand makes a branch";
	return check_format(a);
}

static const char *
check_tag(const struct program_args *a)
{
	if (a->noperands > 0 && !program_has(a, 'l', "list"))
		return "without --list an operand makes a tag";
	return check_format(a);
}

/* One name with a section alone is read; "get" and "list" are the newer way
 * to say it, which older git takes for names without a section.  Behind a name
 * even --get is a value to set. */
static const char *
check_config(const struct program_args *a)
{
	if (a->late)
		return "an option behind a name is a value to set";
	if (a->noptions == 0 && a->noperands == 1 &&
	    (strchr(operand(a, 0), '.') != NULL ||
		strcmp(operand(a, 0), "list") == 0))
		return NULL;
	if (a->noptions == 0 && a->noperands == 2 &&
	    strcmp(operand(a, 0), "get") == 0)
		return NULL;
	if (program_has(a, 'l', "list"))
		return a->noperands == 0 ? NULL : "an operand too many";
	if (program_has(a, '\0', "get") || program_has(a, '\0', "get-all") ||
	    program_has(a, '\0', "get-regexp"))
		return NULL;
	return "without --get or --list it may set a value";
}

static const char *
check_remote(const struct program_args *a)
{
	if (a->noperands == 0 ||
	    (strcmp(operand(a, 0), "show") == 0 && a->noperands == 1) ||
	    (strcmp(operand(a, 0), "get-url") == 0 && a->noperands == 2))
		return NULL;
	return "only a list and get-url are known to be harmless";
}

static const char *
check_reflog(const struct program_args *a)
{
	if (a->noperands > 0 && strcmp(operand(a, 0), "show") != 0 &&
	    strncmp(operand(a, 0), "HEAD", 4) != 0)
		return "only show is known to be harmless";
	return check_format(a);
}

static const char *
check_stash(const struct program_args *a)
{
	if (strcmp(operand(a, 0), "list") != 0 &&
	    strcmp(operand(a, 0), "show") != 0)
		return "only list and show are known to be harmless";
	return check_format(a);
}

static const char *
check_worktree(const struct program_args *a)
{
	return strcmp(operand(a, 0), "list") == 0
		   ? NULL
		   : "only list is known to be harmless";
}

static const char *
check_cat_file(const struct program_args *a)
{
	return (a->noptions == 1) == (a->noperands == 1)
		   ? NULL
		   : "needs an option and an object, or a type and an object";
}

#define LOG(name_)                                                             \
	{                                                                      \
		"git " name_, LOG_SHORTS, LOG_LONGS, OPERANDS_ANY,             \
		    PROGRAM_NUMBER, check_format                               \
	}

const struct program readonly_git[] = {
    {"git blame", "L:bcefhlM::npstwC::",
	"root no-root show-stats reverse! first-parent porcelain "
	"line-porcelain incremental date! since! until! score-debug show-name "
	"show-number show-email abbrev! color-lines color-by-age progress "
	"no-progress ignore-rev! minimal",
	OPERANDS_ANY, 0, NULL},
    {"git branch", "arvliq",
	REF_LONGS "all remotes verbose list show-current no-color column? "
		  "no-column abbrev? no-abbrev",
	OPERANDS_ANY, 0, check_branch},
    {"git cat-file", "tspe", "", 2, 0, check_cat_file},
    {"git check-attr", "az", "all cached", OPERANDS_ANY, 0, NULL},
    {"git check-ignore", "qvnz", "quiet verbose non-matching no-index",
	OPERANDS_ANY, 0, NULL},
    {"git cherry", "v", "verbose abbrev?", 3, 0, NULL},
    {"git config", "lz",
	"list get get-all get-regexp name-only show-origin show-scope null "
	"global local system worktree type! bool int bool-or-int path "
	"includes no-includes default!",
	2, 0, check_config},
    {"git count-objects", "vH", "verbose human-readable", 0, 0, NULL},
    {"git describe", "",
	"all tags contains abbrev! candidates! exact-match debug long match! "
	"exclude! always first-parent dirty? broken?",
	OPERANDS_ANY, 0, NULL},
    {"git diff", DIFF_SHORTS,
	DIFF_LONGS "cached staged merge-base base ours "
		   "theirs",
	OPERANDS_ANY, PROGRAM_NUMBER, check_diff},
    {"git diff-files", DIFF_SHORTS, DIFF_LONGS, OPERANDS_ANY, 0, check_diff},
    {"git diff-index", DIFF_SHORTS, DIFF_LONGS "cached merge-base",
	OPERANDS_ANY, 0, check_diff},
    {"git diff-tree", DIFF_SHORTS, LOG_LONGS "root no-commit-id always",
	OPERANDS_ANY, 0, check_diff},
    {"git for-each-ref", "", REF_LONGS "count= exclude!", OPERANDS_ANY, 0,
	check_format},
    {"git grep", "A:B:C:EFGHILPWabce:hilm:noprvwz",
	"cached untracked no-exclude-standard exclude-standard text "
	"ignore-case invert-match word-regexp full-name extended-regexp "
	"basic-regexp fixed-strings perl-regexp line-number column "
	"files-with-matches name-only files-without-match null "
	"only-matching count color? no-color break heading show-function "
	"after-context! before-context! context! function-context "
	"max-count! max-depth! threads! all-match and or not quiet "
	"recursive no-recursive",
	OPERANDS_ANY, PROGRAM_DASHED_E | PROGRAM_NUMBER, NULL},
    LOG("log"),
    {"git ls-files", "cdmoskutvfzix:",
	"cached deleted modified others ignored stage unmerged killed "
	"directory no-empty-directory exclude! exclude-standard "
	"error-unmatch full-name abbrev! debug eol deduplicate sparse "
	"format!",
	OPERANDS_ANY, 0, NULL},
    {"git ls-tree", "drtlz",
	"long name-only name-status object-only full-name full-tree abbrev! "
	"format!",
	OPERANDS_ANY, 0, NULL},
    {"git merge-base", "a", "all octopus independent is-ancestor fork-point",
	OPERANDS_ANY, 0, NULL},
    {"git name-rev", "", "tags name-only refs! exclude! all always",
	OPERANDS_ANY, 0, NULL},
    {"git reflog", LOG_SHORTS, LOG_LONGS, OPERANDS_ANY, PROGRAM_NUMBER,
	check_reflog},
    {"git remote", "v", "verbose all push", 2, 0, check_remote},
    {"git rev-list", LOG_SHORTS,
	LOG_LONGS "count objects header timestamp no-commit-header",
	OPERANDS_ANY, PROGRAM_NUMBER, check_format},
    {"git rev-parse", "q",
	"verify quiet symbolic symbolic-full-name abbrev-ref? short? all "
	"branches? tags? remotes? show-toplevel show-prefix show-cdup "
	"git-dir absolute-git-dir git-common-dir is-inside-git-dir "
	"is-inside-work-tree is-bare-repository is-shallow-repository "
	"show-superproject-working-tree show-object-format? revs-only "
	"no-revs flags no-flags since! until! path-format! local-env-vars "
	"git-path=",
	OPERANDS_ANY, 0, NULL},
    {"git shortlog", "censw::", LOG_LONGS "numbered summary email group!",
	OPERANDS_ANY, 0, check_format},
    LOG("show"),
    {"git show-ref", "dhqs",
	"head heads tags branches dereference hash? verify quiet abbrev? "
	"exists",
	OPERANDS_ANY, 0, NULL},
    {"git stash", LOG_SHORTS, LOG_LONGS "include-untracked only-untracked",
	OPERANDS_ANY, PROGRAM_NUMBER | PROGRAM_SUB, check_stash},
    {"git status", "bsu::vz",
	"short branch porcelain? long verbose untracked-files? ignored? "
	"ignore-submodules? column? no-column ahead-behind no-ahead-behind "
	"renames no-renames find-renames? show-stash",
	OPERANDS_ANY, 0, NULL},
    {"git symbolic-ref", "q", "quiet short", 1, 0, NULL},
    {"git tag", "ln::i", REF_LONGS "list column? no-column", OPERANDS_ANY, 0,
	check_tag},
    {"git version", "", "build-options", 0, 0, NULL},
    LOG("whatchanged"),
    {"git worktree", "vz", "porcelain verbose", 1, PROGRAM_SUB, check_worktree},
    {NULL, NULL, NULL, 0, 0, NULL},
};
