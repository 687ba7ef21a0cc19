/* SPDX-License-Identifier: Apache-2.0 */

/* What a line is split into, and what is not understood. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "shell/split.h"

#define SHOW_MAX 65536

static const char *const joins[] = {[SHELL_END] = "",
    [SHELL_SEQ] = " ;",
    [SHELL_AND] = " &&",
    [SHELL_OR] = " ||",
    [SHELL_PIPE] = " |",
    [SHELL_PIPE_BOTH] = " |&",
    [SHELL_BACKGROUND] = " &"};

static const char *const ops[] = {[SHELL_IN] = "<",
    [SHELL_OUT] = ">",
    [SHELL_CLOBBER] = ">|",
    [SHELL_APPEND] = ">>",
    [SHELL_RDWR] = "<>",
    [SHELL_BOTH] = "&>",
    [SHELL_BOTH_APPEND] = "&>>",
    [SHELL_DUP_IN] = "<&",
    [SHELL_DUP_OUT] = ">&",
    [SHELL_HEREDOC] = "<<",
    [SHELL_HERESTR] = "<<<"};

static void
show_word(struct buf *b, const struct shell_word *w)
{
	(void)buf_addf(b, "[%s%s%s%s]",
	    (w->flags & SHELL_TILDE) != 0 ? "HOME:" : "",
	    (w->flags & SHELL_GLOB) != 0 ? "GLOB:" : "",
	    (w->flags & SHELL_DYNAMIC) != 0 ? "DYN:" : "", w->s);
}

static void
show_command(struct buf *b, const struct shell_command *c)
{
	size_t i;

	if (b->len > 0)
		(void)buf_addc(b, ' ');
	for (i = 0; i < c->depth; i++)
		(void)buf_addc(b, c->subshell ? '(' : '{');
	if (c->negated)
		(void)buf_addc(b, '!');
	if (c->group)
		(void)buf_adds(b, "group");
	for (i = 0; i < c->nwords; i++)
		show_word(b, &c->words[i]);
	for (i = 0; i < c->nredirs; i++) {
		(void)buf_addf(
		    b, "%d%s", c->redirs[i].fd, ops[c->redirs[i].op]);
		show_word(b, &c->redirs[i].word);
	}
	(void)buf_adds(b, joins[c->join]);
}

static void
check(const char *line, const char *want)
{
	struct shell_split sp;
	struct buf b;
	size_t i;

	shell_split(&sp, line, strlen(line));
	buf_init(&b, SHOW_MAX);
	if (!sp.understood)
		(void)buf_addf(&b, "%s at %zu", sp.why, sp.off);
	for (i = 0; sp.understood && i < sp.ncommands; i++)
		show_command(&b, &sp.commands[i]);
	assert_string_equal(b.len == 0 ? "" : buf_cstr(&b), want);
	buf_fini(&b);
	shell_split_fini(&sp);
}

static const struct {
	const char *line, *want;
} cases[] = {
    {"", ""},
    {" \t\n # nothing\n", ""},
    {"ls -la  'a b' \"c d\" e\\ f", "[ls][-la][a b][c d][e f]"},
    {"echo '' \"\" a''b", "[echo][][][ab]"},
    {"r''m x", "[rm][x]"},
    {"\\r\\m x", "[rm][x]"},
    {"echo \"\\\"; ./x; echo \\\"\"", "[echo][\"; ./x; echo \"]"},
    {"echo \"\"; ./x; echo \"\"", "[echo][] ; [./x] ; [echo][]"},
    {"echo \"a\\nb\\\\c\\$d\\`\"", "[echo][a\\nb\\c$d`]"},
    {"echo \"a\\\nb\"", "[echo][ab]"},
    {"echo \"foo$\" 'a$b' $ a$", "[echo][foo$][a$b][$][a$]"},
    {"ls \\\n -l", "[ls][-l]"},
    {"ls\\\n -l", "[ls][-l]"},
    {"ls \\\n# a comment\npwd", "[ls] ; [pwd]"},
    {"a && b || c; d | e |& f & g",
	"[a] && [b] || [c] ; [d] | [e] |& [f] & [g]"},
    {"a &&\n\n b", "[a] && [b]"},
    {"a;\nb\n\nc;", "[a] ; [b] ; [c] ;"},
    {"! a | b; c", "![a] | ![b] ; [c]"},
    {"(a; b) | c", "([a] ; ([b] group | [c]"},
    {"{ a; b; } > f", "{[a] ; {[b] ; group1>[f]"},
    {"( { (a) } )", "a word behind a group at 8"},
    {"(a)", "([a] group"},
    {"( (a) )", "(([a] (group group"},
    {"a#b #c", "[a#b]"},
    {"a;#b\nc", "[a] ; [c]"},
    {"a >f 2>&1 <g", "[a]1>[f]2>&[1]0<[g]"},
    {">f a", "[a]1>[f]"},
    {"a 2>f 3<g >>h >|i <>j &>k &>>l >&m 2>&- <&0",
	"[a]2>[f]3<[g]1>>[h]1>|[i]0<>[j]1&>[k]1&>>[l]1&>[m]2>&[-]0<&[0]"},
    {"a 2 >f a2>f", "[a][2][a2]1>[f]1>[f]"},
    {"a \"2\">f", "[a][2]1>[f]"},
    {"a >2 >&1 >\"3\">f >&2>g", "[a]1>[2]1>&[1]1>[3]1>[f]1>&[2]1>[g]"},
    {"cat <<E; b\nx\ny\nE\nc", "[cat]0<<[x\ny\n] ; [b] ; [c]"},
    {"cat <<'E' | b\n$x `y`\nE", "[cat]0<<[$x `y`\n] | [b] ;"},
    {"cat <<-E\n\tx\n\t\tE\n", "[cat]0<<[x\n] ;"},
    {"cat <<A <<B\na\nA\nb\nB", "[cat]0<<[a\n]0<<[b\n] ;"},
    {"cat <<E\nE", "[cat]0<<[] ;"},
    {"cat <<< 'a b'", "[cat]0<<<[a b]"},
    {"ls src/*.c a? 'b*'", "[ls][GLOB:src/*.c][GLOB:a?][b*]"},
    {"ls -- *", "[ls][--][GLOB:*]"},
    {"a --b=*", "[a][GLOB:--b=*]"},
    {"[ -f x ]", "[[][-f][x][]]"},
    {"ls ~ ~/x a~ b/~ '~'", "[ls][HOME:~][HOME:~/x][a~][b/~][~]"},
    {"git diff HEAD~1 HEAD@{1} HEAD^ {} }",
	"[git][diff][HEAD~1][HEAD@{1}][HEAD^][{}][}]"},
    {"echo a=b c:d if then", "[echo][a=b][c:d][if][then]"},
    {"echo \xC3\xA9", "[echo][\xC3\xA9]"},
};

static const struct {
	const char *line, *want;
} unclear[] = {
    {"echo $HOME", "an expansion ($) at 5"},
    {"echo \"$x\"", "an expansion ($) at 6"},
    {"echo ${x}", "an expansion (${...}) at 5"},
    {"echo ${x:-$(y)}", "an expansion (${...}) at 5"},
    {"echo $(x)", "a substitution ($(...)) at 5"},
    {"echo \"$(x)\"", "a substitution ($(...)) at 6"},
    {"echo `x`", "a substitution (`...`) at 5"},
    {"echo \"`x`\"", "a substitution (`...`) at 6"},
    {"echo $[1]", "arithmetic ($[...]) at 5"},
    {"echo $\\\n(x)", "an expansion ($) at 5"},
    {"echo \"$\\\n(x)\"", "an expansion ($) at 6"},
    {"echo $'a'", "a $'...' string at 5"},
    {"echo $\"a\"", "an expansion ($) at 5"},
    {"((1))", "arithmetic ((...)) at 0"},
    {"(\\\n(a))", "an operator that is continued on the next line at 1"},
    {"cat <(x)", "a process substitution at 5"},
    {"cat <\\\n(x)", "an operator that is continued on the next line at 5"},
    {"ls > >(x)", "a redirection without its target at 5"},
    {"ls &\\\n> f", "an operator that is continued on the next line at 4"},
    {"f() { a; }", "a function, an array or an extended pattern at 1"},
    {"a=(1)", "an assignment at 0"},
    {"echo !(a)", "a function, an array or an extended pattern at 6"},
    {"A=b ls", "an assignment at 0"},
    {"A+=b", "an assignment at 0"},
    {"a[0 1]=x ls", "what may be an array element at 1"},
    {"{a,b} c", "braces that may be expanded at 0"},
    {"echo {1..3}", "braces that may be expanded at 5"},
    {"echo {fd}>x", "a descriptor by name at 5"},
    {"*", "a pattern as a program's name at 0"},
    {"ls *", "a pattern that could become an option at 3"},
    {"ls -* --", "a pattern that could become an option at 3"},
    {"ls --b*=", "a pattern that could become an option at 3"},
    {"ls ''*", "a pattern that could become an option at 3"},
    {"cat < *", "a pattern in a redirection at 6"},
    {"ls >&a-", "a descriptor that is no digit at 5"},
    {"echo a=~", "a tilde behind = or : at 7"},
    {"echo ~root", "a tilde with a name at 5"},
    {"if a; then b; fi", "a keyword that is not modelled at 0"},
    {"for i in a; do b; done", "a keyword that is not modelled at 0"},
    {"[[ a ]]", "a keyword that is not modelled at 0"},
    {"a | time b", "a keyword that is not modelled at 4"},
    {"! ! a", "a keyword that is not modelled at 2"},
    {">f if", "a reserved word behind others at 3"},
    {"a ;; b", "an operator of case at 3"},
    {"a ; ; b", "an operator without a command before it at 4"},
    {"&& a", "an operator without a command before it at 0"},
    {"a &&", "the line ends where a command must follow at 4"},
    {"a |\n", "the line ends where a command must follow at 4"},
    {"(a", "a group is not closed at 2"},
    {"{ a }", "a group is not closed at 5"},
    {"a)", "a group is closed that cannot end here at 2"},
    {"( )", "a group is closed that cannot end here at 3"},
    {"(a) b", "a word behind a group at 4"},
    {"echo 'a", "a quote is not closed at 5"},
    {"echo \"a", "a quote is not closed at 5"},
    {"echo a\\", "a backslash at the end at 6"},
    {"l\\\ns", "a word that is continued on the next line at 1"},
    {"a 12>f", "a descriptor of several digits at 2"},
    {"a >&12", "a descriptor that is no digit at 4"},
    {"a >&1-", "a descriptor that is no digit at 4"},
    {"a | ! b", "a keyword that is not modelled at 4"},
    {"a >& 'f'", "a quoted or expanded word behind >& at 5"},
    {"a >&-b", "a descriptor that is no digit at 4"},
    {"a 2>&f", "a descriptor that is no digit at 5"},
    {"a >", "a redirection without its target at 3"},
    {"a >2>&1", "a number that belongs to a redirection at 4"},
    {"a > 01>f", "a number that belongs to a redirection at 6"},
    {"a <<<3<f", "a number that belongs to a redirection at 6"},
    {"cat <<E\nx", "a here-document without its end at 8"},
    {"cat <<E", "a here-document without its body at 7"},
    {"cat <<E\n$(x)\nE", "an expansion in a here-document at 8"},
    {"cat <<E\na\\\nE", "an expansion in a here-document at 8"},
    {"cat <<$E\nE", "an expansion ($) at 6"},
    {"cat <<E 'a\nb'\nE",
	"a quoted newline before the body of a here-document at 10"},
    {"ls\r", "a control character at 2"},
    {"ls \001", "a control character at 3"},
};

static void
test_cases(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].line, cases[i].want);
}

static void
test_unclear(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(unclear) / sizeof(unclear[0]); i++)
		check(unclear[i].line, unclear[i].want);
}

/* A line of n times one piece, and whether it is within its limit. */
static void
check_many(const char *piece, size_t n, const char *tail, bool understood)
{
	struct shell_split sp;
	struct buf b;

	buf_init(&b, 2 * SHELL_LINE_MAX);
	while (n-- > 0)
		assert_int_equal(buf_adds(&b, piece), 0);
	assert_int_equal(buf_adds(&b, tail), 0);
	shell_split(&sp, (const char *)buf_data(&b), b.len);
	assert_int_equal(sp.understood, understood);
	shell_split_fini(&sp);
	buf_fini(&b);
}

static void
test_limits(void **state)
{
	(void)state;
	check_many("a;", SHELL_COMMANDS_MAX, "", true);
	check_many("a;", SHELL_COMMANDS_MAX, "b", false);
	check_many("a ", SHELL_WORDS_MAX, "", true);
	check_many("a ", SHELL_WORDS_MAX, "b", false);
	check_many(
	    "( ", SHELL_DEPTH_MAX, "a ) ) ) ) ) ) ) ) ) ) ) ) ) ) ) )", true);
	check_many("( ", SHELL_DEPTH_MAX + 1, "a", false);
	check_many("a", SHELL_LINE_MAX, "", true);
	check_many("a", SHELL_LINE_MAX, "b", false);
}

/* What was seen before and behind the unclear part serves to refuse by. */
static void
test_hints(void **state)
{
	struct shell_split sp;
	const char *line = "A=1 cat /proc/$PPID/environ; sudo ls > ~/$x; `y";

	(void)state;
	shell_split(&sp, line, strlen(line));
	assert_false(sp.understood);
	assert_int_equal(sp.off, 0);
	assert_true(sp.ncommands >= 2);
	assert_int_equal(sp.commands[0].nassign, 1);
	assert_string_equal(sp.commands[0].words[2].s, "/proc/$PPID/environ");
	assert_true((sp.commands[0].words[2].flags & SHELL_DYNAMIC) != 0);
	assert_string_equal(sp.commands[1].words[0].s, "sudo");
	assert_string_equal(sp.commands[1].redirs[0].word.s, "~/$x");
	shell_split_fini(&sp);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_unclear),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
