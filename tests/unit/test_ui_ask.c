/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: what is approved is what is executed, byte by byte. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/vis.h"
#include "base/xmem.h"

#include "tests/helper/unvis.h"

#include "ui/ask.h"
#include "ui/words.h"

#define RUNS      2000
#define SOAK      100000 /* in make soak */
#define WORDS     6
#define WORD_SIZE 24

static struct buf shown, words;

/* What the person sees of the words, as one string. */
static void
read_shown(const struct lines *l)
{
	size_t i, j;

	buf_clear(&shown);
	for (i = 0; i < l->n; i++)
		for (j = 0; j < l->v[i].n; j++)
			(void)buf_add(&shown, l->v[i].c[j].g, l->v[i].c[j].len);
	assert_int_equal(buf_err(&shown), 0);
}

/* The next word as a POSIX shell reads it (2.2.2, single quotes). */
static size_t
shell_word(const char *p, size_t len, struct buf *word)
{
	bool quoted = false;
	size_t i;

	buf_clear(word);
	for (i = 0; i < len && (quoted || p[i] != ' '); i++)
		if (p[i] == '\'')
			quoted = !quoted;
		else if (p[i] == '\\' && !quoted)
			(void)buf_addc(word, p[++i]);
		else
			(void)buf_addc(word, p[i]);
	assert_false(quoted);
	return i;
}

static void
check_argv(const struct msg_list *argv)
{
	struct lines l = {0};
	struct buf word;
	size_t i, off = 0;

	buf_init(&word, 1 << 16);
	ask_words(&l, argv);
	read_shown(&l);
	buf_clear(&words);
	assert_int_equal(
	    unvis(&words, (const char *)buf_data(&shown), shown.len), 0);
	for (i = 0; i < argv->n; i++) {
		if (i > 0)
			assert_int_equal(buf_data(&words)[off++], ' ');
		off += shell_word((const char *)buf_data(&words) + off,
		    words.len - off, &word);
		assert_int_equal(word.len, argv->v[i].len);
		assert_memory_equal(buf_data(&word), argv->v[i].p, word.len);
	}
	assert_int_equal(off, words.len);
	buf_fini(&word);
	lines_fini(&l);
}

static void
test_shown_is_executed(void **state)
{
	static const char *const bits[] = {"'", "\\", "\n", "\\n", " ",
	    "\xE2\x80\xAE", "\xCC\x81", "\xE4\xB8\xAD", "$(x)", "\033[2J",
	    "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9", "\xEF\xB8\x8F"};
	uint8_t mem[WORDS][WORD_SIZE + 16];
	struct bytes v[WORDS];
	struct msg_list argv = {0, v};
	size_t run, i, n, pick;
	size_t runs = getenv("CORDON_SOAK") == NULL ? RUNS : SOAK;

	(void)state;
	srandom(3);
	buf_init(&shown, 1 << 20);
	buf_init(&words, 1 << 20);
	for (run = 0; run < runs; run++) {
		argv.n = 1 + (uint32_t)random() % WORDS;
		for (i = 0; i < argv.n; i++) {
			size_t want = (size_t)random() % WORD_SIZE;

			for (n = 0; n < want;) {
				pick = (size_t)random() % 24;
				if (pick < sizeof(bits) / sizeof(bits[0])) {
					memcpy(mem[i] + n, bits[pick],
					    strlen(bits[pick]));
					n += strlen(bits[pick]);
				} else /* argv has no NUL */
					mem[i][n++] =
					    (uint8_t)(1 + random() % 255);
			}
			v[i] = (struct bytes){mem[i], n};
		}
		check_argv(&argv);
	}
	buf_fini(&shown);
	buf_fini(&words);
}

static const char *
cells(const struct text *t)
{
	size_t i;

	buf_clear(&shown);
	for (i = 0; i < t->n; i++)
		(void)buf_add(&shown, t->c[i].g, t->c[i].len);
	return buf_cstr(&shown);
}

/* A line of a patch is shown as it is, or spelled and said to be. */
static void
test_patch_lines(void **state)
{
	static const struct {
		const char *line, *seen;
		bool plain;
	} cases[] = {
	    {"+\tx = \"a\\n\";", "+→      x = \"a\\n\";", true},
	    {"-a  ", "-a··", true},
	    {" ", " ", true},
	    {"+caf\xC3\xA9", "+caf\xC3\xA9", true},
	    {"+a\r", "+a\\r", false},
	    {"+a\\\033[2J", "+a\\\\\\e[2J", false},
	    {"+if (a \xE2\x80\xAE b)", "+if (a \\u{202e} b)", false},
	    {"+\xFF", "+\\xff", false},
	};
	struct text t = {0};
	size_t i;

	(void)state;
	buf_init(&shown, 1 << 20);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_clear(&t);
		assert_int_equal(words_patch_line(&t, bytes_of(cases[i].line)),
		    cases[i].plain);
		assert_string_equal(cells(&t), cases[i].seen);
	}
	text_fini(&t);
	buf_fini(&shown);
}

static void
test_diff(void **state)
{
	static const char patch[] =
	    "*** Begin Patch\n*** Update File: a.c\n*** Move to: b.c\n@@\n"
	    "-old\n+new\n+\tmore\r\n*** Add File: n\n+1\n*** Delete File: d\n"
	    "*** End Patch\n";
	static const char *const rows[] = {"a.c +2 -1", "→ b.c", "@@", "-old",
	    "+new", "+       more", "n new +1", "+1", "d deleted"};
	struct lines l = {0};
	size_t i;

	(void)state;
	buf_init(&shown, 1 << 20);
	words_diff(&l, bytes_of(patch));
	assert_int_equal(l.n, sizeof(rows) / sizeof(rows[0]));
	for (i = 0; i < l.n; i++)
		assert_string_equal(cells(&l.v[i]), rows[i]);
	lines_fini(&l);
	buf_fini(&shown);
}

static void
test_rule(void **state)
{
	static const struct {
		const char *argv[4];
		const char *toml; /* NULL: by hand */
		size_t first;     /* 0: all, and no more */
	} cases[] = {
	    {{"bash", "-lc", "npm run test -- a"},
		"[[rule]]\nid = \"allow-npm\"\neffect = \"allow\"\n"
		"exec = { program = \"npm\", args = [\"run\", \"...\"] }\n"
		"match = [\"npm run test -- a\"]\n",
		2},
	    {{"npm", "test"},
		"[[rule]]\nid = \"allow-npm\"\neffect = \"allow\"\n"
		"exec = { program = \"npm\", args = [\"...\"] }\n"
		"match = [\"npm test\"]\n",
		1},
	    {{"make", "a\"b"},
		"[[rule]]\nid = \"allow-make\"\neffect = \"allow\"\n"
		"exec = { program = \"make\", args = [\"a\\\"b\"] }\n"
		"match = []\n",
		0},
	    {{"bash", "-lc", "git  status -s"},
		"[[rule]]\nid = \"allow-git\"\neffect = \"allow\"\n"
		"exec = { program = \"git\", args = [\"status\", \"-s\"] }\n"
		"match = [\"git status -s\"]\n",
		0},
	    {{"bash", "-lc", "make && rm x"}, NULL, 0},
	    {{"bash", "-lc", "echo $HOME"}, NULL, 0},
	    {{"bash", "-lc", ""}, NULL, 0},
	};
	struct bytes v[4];
	struct msg_ask m = {.what = ASK_EXEC, .argv = {0, v}};
	struct scope s;
	struct buf toml;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_init(&toml, 4096);
		for (m.argv.n = 0; cases[i].argv[m.argv.n] != NULL; m.argv.n++)
			v[m.argv.n] = bytes_of(cases[i].argv[m.argv.n]);
		scope_init(&s, &m, xstrdup("it"));
		while (cases[i].first > 0 && s.to.n != cases[i].first)
			assert_true(scope_step(&s, true));
		assert_int_equal(scope_rule(&s, &toml), cases[i].toml != NULL);
		scope_fini(&s);
		if (cases[i].toml != NULL)
			assert_string_equal(buf_cstr(&toml), cases[i].toml);
		buf_fini(&toml);
	}
}

/* Of hosts and files: as far as the session's would go. */
static void
test_names_rule(void **state)
{
	static const struct {
		enum ask_what what;
		const char *name;
		int wider;
		const char *toml;
	} cases[] = {
	    {ASK_NET, "a.site.test:443", 0,
		"[[rule]]\nid = \"allow-net-asitetest443\"\n"
		"effect = \"allow\"\nnet = [\"a.site.test:443\"]\n"},
	    {ASK_NET, "a.site.test:443", 1,
		"[[rule]]\nid = \"allow-net-sitetest443\"\n"
		"effect = \"allow\"\nnet = [\"*.site.test:443\"]\n"},
	    {ASK_PATCH, "/w/p/a\"b", 1,
		"[[rule]]\nid = \"allow-write-wpab\"\neffect = \"allow\"\n"
		"write = [\"/w/p/a\\\"b\"]\n"},
	    {ASK_READ, "/w/p/d/x", 2,
		"[[rule]]\nid = \"allow-read-wpd\"\neffect = \"allow\"\n"
		"read = [\"/w/p/d\"]\n"},
	    {ASK_PATCH, "/w/p/a*", 1, NULL},
	    {ASK_WRITE, "/srv/d", 0, NULL},
	};
	struct bytes name;
	struct msg_ask m = {.cwd = bytes_of("/w/p")};
	struct scope s;
	struct buf toml;
	size_t i;
	int k;

	(void)state;
	m.hosts = m.writes = m.reads = (struct msg_list){1, &name};
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_init(&toml, 4096);
		name = bytes_of(cases[i].name);
		m.what = (uint8_t)cases[i].what;
		scope_init(&s, &m, xstrdup("it"));
		for (k = 0; k < cases[i].wider; k++)
			assert_true(scope_step(&s, true));
		assert_int_equal(scope_rule(&s, &toml), cases[i].toml != NULL);
		if (cases[i].toml != NULL)
			assert_string_equal(buf_cstr(&toml), cases[i].toml);
		scope_fini(&s);
		buf_fini(&toml);
	}
}

/* How far a yes for the session can go, step by step. */
static void
test_scope(void **state)
{
	static const struct {
		enum ask_what what;
		const char *names[3];
		const char *steps[6]; /* wider each, joined by commas */
	} cases[] = {
	    {ASK_NET, {"a.b.site.test:443"},
		{"", "*.b.site.test:443", "*.site.test:443"}},
	    {ASK_NET, {"site.test:443"}, {""}},
	    {ASK_NET, {"site.test.:443"}, {""}},
	    {ASK_NET, {"localhost:80"}, {""}},
	    {ASK_NET, {"10.1.2.3:80"}, {""}},
	    {ASK_NET, {"[2001:db8::1]:80"}, {""}},
	    {ASK_PATCH, {"/w/p/a/b/c", "/w/p/a/bc"},
		{"", "/w/p/a/b/c,/w/p/a/bc", "/w/p/a/", "/w/p/"}},
	    {ASK_PATCH, {"/w/p/c"}, {"", "/w/p/c", "/w/p/"}},
	    {ASK_READ, {"/etc/ssh/x"}, {"", "/etc/ssh/x", "/etc/ssh/"}},
	    {ASK_READ, {"/x"}, {"", "/x"}},
	    {ASK_READ, {"/w/pq/x"}, {"", "/w/pq/x", "/w/pq/"}},
	    {ASK_ESCALATE, {"/w/p/x"}, {""}},
	};
	struct bytes v[3];
	struct scope s;
	size_t i, k, n;

	(void)state;
	buf_init(&shown, 4096);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct msg_ask m = {
		    .what = (uint8_t)cases[i].what, .cwd = bytes_of("/w/p")};

		for (n = 0; n < 3 && cases[i].names[n] != NULL; n++)
			v[n] = bytes_of(cases[i].names[n]);
		m.hosts = m.writes = m.reads =
		    (struct msg_list){(uint32_t)n, v};
		scope_init(&s, &m, xstrdup("it"));
		for (k = 0; cases[i].steps[k] != NULL; k++) {
			if (k > 0)
				assert_true(scope_step(&s, true));
			buf_clear(&shown);
			for (n = 0; n < s.to.n; n++)
				(void)buf_addf(&shown, "%s%.*s",
				    n > 0 ? "," : "", (int)s.to.v[n].len,
				    (const char *)s.to.v[n].p);
			assert_string_equal(
			    buf_cstr(&shown), cases[i].steps[k]);
		}
		assert_false(scope_step(&s, true));
		while (k-- > 1)
			assert_true(scope_step(&s, false));
		assert_false(scope_step(&s, false));
		assert_string_equal(s.text, "it  in /w/p");
		scope_fini(&s);
	}
	buf_fini(&shown);
}

/* The files are those that are asked about, or cannot be answered alone. */
static void
test_files(void **state)
{
	static const char patch[] =
	    "*** Begin Patch\n*** Add File:a b\n+*** Add File: no\n"
	    "*** Update File: d\n*** Move to: e\n-1\n+2\n"
	    "*** Delete File: c\n*** End Patch\n";
	struct bytes v[] = {bytes_of("/p/a b"), bytes_of("/p/d"),
	    bytes_of("/p/e"), bytes_of("/p/c")};
	struct msg_list writes = {4, v};
	struct ask_file files[ASK_FILES];
	size_t i;

	(void)state;
	assert_int_equal(ask_files(files, &writes, bytes_of(patch)), 3);
	assert_string_equal(files[0].path, "/p/a b");
	assert_true(bytes_is(files[0].text, "+*** Add File: no\n"));
	assert_string_equal(files[1].path, "/p/d");
	assert_string_equal(files[1].moved, "/p/e");
	assert_string_equal(files[2].path, "/p/c");
	assert_int_equal(files[2].text.len, 0);
	for (i = 0; i < 3; i++) {
		free(files[i].path);
		free(files[i].moved);
	}
	writes.n = 3;
	assert_int_equal(ask_files(files, &writes, bytes_of(patch)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shown_is_executed),
	    cmocka_unit_test(test_patch_lines),
	    cmocka_unit_test(test_diff),
	    cmocka_unit_test(test_rule),
	    cmocka_unit_test(test_names_rule),
	    cmocka_unit_test(test_scope),
	    cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
