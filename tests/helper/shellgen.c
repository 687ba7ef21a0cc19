/* SPDX-License-Identifier: Apache-2.0 */

/* Test helper: makes command lines of bash out of random numbers. */

#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shellgen.h"

#define GEN_LINE_MAX 4096
#define GEN_DEPTH    4

const char *const shellgen_names[] = {
    "aa", "b1", "cmd", "git", "ls", "x-y", "z.q", NULL};

static const char alphabet[] =
    "aaabbcdefxyz019 \t\n\n  ''\"\"\\\\;;&&||<<>>(){}!#$*?[]~=+-_^@%:,.`";

/* xorshift64* */
static uint32_t
number(struct shellgen *g, uint32_t below)
{
	g->state ^= g->state >> 12;
	g->state ^= g->state << 25;
	g->state ^= g->state >> 27;
	return (uint32_t)((g->state * 0x2545F4914F6CDD1DULL) >> 33) % below;
}

static bool
chance(struct shellgen *g, uint32_t percent)
{
	return number(g, 100) < percent;
}

static void
add(struct shellgen *g, const char *s)
{
	(void)buf_adds(&g->out, s);
}

static void
add_of(struct shellgen *g, const char *set)
{
	(void)buf_addc(&g->out, set[number(g, (uint32_t)strlen(set))]);
}

static void
add_some(struct shellgen *g, const char *set, uint32_t most)
{
	uint32_t n = number(g, most + 1);

	while (n-- > 0)
		add_of(g, set);
}

static void
blank(struct shellgen *g)
{
	static const char *const blanks[] = {
	    " ", " ", " ", " ", "  ", "\t", " \\\n", " \\\n "};

	add(g, blanks[number(g, 8)]);
}

static void
piece(struct shellgen *g)
{
	static const char inside[] = "ab01 \t;&|<>(){}!#*?[]~=+-_^@%:,.\\$`\"";

	switch (number(g, 10)) {
	case 0:
	case 1:
		add(g, "'");
		add_some(g, inside, 6);
		add(g, "'");
		break;
	case 2:
	case 3:
		add(g, "\"");
		add_some(g, "ab01 ;&|<>(){}!#*?[]~='+-_^@%:,.", 5);
		if (chance(g, 30)) {
			add(g, "\\");
			add_of(g, "\\\"$`an\n");
		}
		if (chance(g, 10))
			add_of(g, "$\n");
		add(g, "\"");
		break;
	case 4:
		add(g, "\\");
		add_of(g, "abn0 ;&|<>(){}!#*?[]~='\"\\$`-");
		break;
	case 5:
		add_of(g, "*?[]~{}=:,.!#^%@+$");
		break;
	default:
		add_of(g, "abcxyz019-_./"[number(g, 12)] == '.' ? "." : "abc-");
		add_some(g, "abcxyz019-_.+=:@%^,", 4);
		break;
	}
}

static void
word(struct shellgen *g)
{
	uint32_t n = 1 + number(g, 3);

	if (chance(g, 5))
		add(g, "~");
	if (chance(g, 5))
		add(g, SHELLGEN_DIR "/");
	if (chance(g, 5))
		add(g, "--");
	while (n-- > 0)
		piece(g);
}

static void
bodies(struct shellgen *g)
{
	for (; g->pending > 0; g->pending--) {
		add_some(g, "ab \t;&|'\"(){}#*", 8);
		add(g, "\n");
		if (chance(g, 30))
			add(g, "\tEND\n");
		add(g, "END\n");
	}
}

static void
newline(struct shellgen *g)
{
	add(g, "\n");
	bodies(g);
}

static void
redirection(struct shellgen *g)
{
	static const char *const ops[] = {
	    ">", ">>", ">|", "2>", "<>", "&>", "&>>", ">&", "1>", "3>", ">"};

	if (chance(g, 10))
		add_of(g, "0123");
	switch (number(g, 8)) {
	case 0:
		add(g, "<" SHELLGEN_FILE);
		return;
	case 1:
		add(g, chance(g, 50) ? "2>&1" : ">&2");
		return;
	case 2:
		add(g, chance(g, 50) ? ">/dev/null" : "2> /dev/null");
		return;
	case 3:
		add(g, "<<<");
		break;
	case 4:
		add(g, chance(g, 80) ? "<<" : "<<-");
		add(g, chance(g, 50) ? "END" : "'END'");
		g->pending++;
		return;
	default:
		add(g, ops[number(g, 11)]);
		break;
	}
	if (chance(g, 30))
		blank(g);
	word(g);
}

static void
simple(struct shellgen *g)
{
	static const uint32_t names =
	    sizeof(shellgen_names) / sizeof(shellgen_names[0]) - 1;
	uint32_t n = number(g, 4);

	if (chance(g, 5)) {
		redirection(g);
		blank(g);
	}
	if (chance(g, 2))
		add(g, "A=b ");
	add(g, shellgen_names[number(g, names)]);
	while (n-- > 0) {
		blank(g);
		word(g);
	}
	if (chance(g, 25)) {
		if (chance(g, 70))
			blank(g);
		redirection(g);
	}
}

static void list(struct shellgen *g);

static void
command(struct shellgen *g)
{
	if (chance(g, 5))
		add(g, "! ");
	if (g->depth >= GEN_DEPTH || chance(g, 85)) {
		simple(g);
		return;
	}
	g->depth++;
	if (chance(g, 50)) {
		add(g, "( ");
		list(g);
		add(g, ")");
	} else {
		add(g, "{ ");
		list(g);
		add(g, chance(g, 80) ? "; }" : " }");
	}
	g->depth--;
	if (chance(g, 15))
		redirection(g);
}

static void
list(struct shellgen *g)
{
	static const char *const joins[] = {" && ", " || ", " | ", "; ", ";",
	    " & ", "&&", "||", "|", " |& ", " &&\n", " # no\n"};
	uint32_t n = number(g, 4), j;

	command(g);
	while (n-- > 0) {
		j = number(g, 16);
		if (j >= 12 || j >= 10)
			newline(g);
		else
			add(g, joins[j]);
		command(g);
	}
}

/* A few bytes taken away, put in, changed, or moved. */
static void
mutate(struct shellgen *g)
{
	uint32_t n = 1 + number(g, 3), at;
	uint8_t *p;

	while (n-- > 0 && g->out.len > 1) {
		p = g->out.mem + g->out.off;
		at = number(g, (uint32_t)g->out.len - 1);
		switch (number(g, 3)) {
		case 0:
			memmove(p + at, p + at + 1, g->out.len - at - 1);
			g->out.len--;
			break;
		case 1:
			if (buf_addc(&g->out, 'x') != 0)
				return;
			p = g->out.mem + g->out.off;
			memmove(p + at + 1, p + at, g->out.len - at - 1);
			p[at] =
			    (uint8_t)alphabet[number(g, sizeof(alphabet) - 1)];
			break;
		default:
			p[at] =
			    (uint8_t)alphabet[number(g, sizeof(alphabet) - 1)];
			break;
		}
	}
}

void
shellgen_init(struct shellgen *g, uint64_t seed)
{
	memset(g, 0, sizeof(*g));
	g->state = seed * 0x9E3779B97F4A7C15ULL + 1;
	buf_init(&g->out, GEN_LINE_MAX);
}

void
shellgen_fini(struct shellgen *g)
{
	buf_fini(&g->out);
}

void
shellgen_line(struct shellgen *g)
{
	buf_clear(&g->out);
	g->pending = 0;
	g->depth = 0;
	list(g);
	if (g->pending > 0)
		newline(g);
	if (chance(g, 50))
		mutate(g);
}
