/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit tests: tests/data/policy, where each NAME.calls is a list of questions
 * and NAME.want one of answers.
 *
 * NAME.toml is the person's own file; NAME.system.toml, NAME.cli.toml and
 * NAME.project.toml, where they are, are the other layers'.  A first line
 * "profile WORD" takes a built-in profile before them.  The home is /home/u,
 * the workspace /home/u/ws.  A question is
 *	run LINE | read PATH | write PATH | connect HOST:PORT
 *	tool NAME | mcp SERVER/TOOL
 * and "in DIR" says where the lines behind it are run, instead of in the
 * workspace;
 * an answer is the effect, for what is allowed to run the grant, and the rule
 * or "default".  Of a file with a mistake the answer is where and what.
 * With CORDON_SHOW set the answers are printed and nothing is compared.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/xmem.h"
#include "policy/decide.h"
#include "policy/profile.h"
#include "policy/read.h"

#define FILE_MAX_BYTES 65536
#define TABLES_MIN     30 /* that there are at least */

struct table {
	char stem[512];
	struct policy policy;
	const char *cwd; /* borrowed from the calls */
	struct buf out;
};

static int
decode(void *arg, struct bytes body)
{
	return policy_decode(arg, body);
}

static int
keep(void *arg, const struct buf *body)
{
	return decode(arg, (struct bytes){buf_data(body), body->len});
}

/* False if there is no such file. */
static bool
slurp(const struct table *t, const char *suffix, struct buf *b)
{
	char path[600], chunk[4096];
	size_t n;
	FILE *f;

	assert_int_equal(
	    str_fmt(path, sizeof(path), "%s%s", t->stem, suffix), 0);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		assert_int_equal(buf_add(b, chunk, n), 0);
	(void)fclose(f);
	return true;
}

struct layer_file {
	const char *suffix;
	enum policy_layer layer;
};

static const struct layer_file layer_files[] = {{".system.toml", POLICY_SYSTEM},
    {".toml", POLICY_USER}, {".cli.toml", POLICY_CLI},
    {".project.toml", POLICY_PROJECT}};

/* All layers; false after a mistake, which goes to out. */
static bool
read_layers(struct table *t, const char *calls)
{
	char error[READ_ERROR_MAX], profile[32] = "";
	struct buf text;
	size_t i;
	int r = 0;

	if (sscanf(calls, "profile %31s", profile) == 1)
		assert_int_equal(profile_emit(profile, decode, &t->policy), 0);
	for (i = 0; r == 0 && i < 4; i++) {
		buf_init(&text, FILE_MAX_BYTES);
		if (slurp(t, layer_files[i].suffix, &text))
			r = policy_read(
			    (struct bytes){buf_data(&text), text.len},
			    layer_files[i].suffix + 1, layer_files[i].layer,
			    keep, &t->policy, error);
		buf_fini(&text);
	}
	if (r != 0)
		(void)buf_addf(&t->out, "%s\n", error);
	return r == 0;
}

static bool
question(struct request *rq, const char *kind, char *subject, const char **list)
{
	char *colon;

	*list = subject;
	if (strcmp(kind, "run") == 0)
		rq->line = subject;
	else if (strcmp(kind, "read") == 0) {
		rq->reads = list;
		rq->nreads = 1;
	} else if (strcmp(kind, "write") == 0) {
		rq->writes = list;
		rq->nwrites = 1;
	} else if (strcmp(kind, "tool") == 0)
		rq->tool = subject;
	else if (strcmp(kind, "mcp") == 0)
		rq->mcp = subject;
	else if (strcmp(kind, "connect") == 0) {
		colon = strrchr(subject, ':');
		assert_non_null(colon);
		*colon = '\0';
		rq->host = subject;
		rq->port = (unsigned)strtoul(colon + 1, NULL, 10);
	} else
		return false;
	return true;
}

static void
answer(struct table *t, const char *kind, char *subject)
{
	static const char *const grants[] = {[GRANT_NARROW] = " narrow",
	    [GRANT_RULE] = " rule",
	    [GRANT_SESSION] = " session"};
	struct request rq = {
	    .home = "/home/u", .workspace = "/home/u/ws", .cwd = t->cwd};
	struct policy_decision d;
	const char *list[1];

	if (!question(&rq, kind, subject, list))
		fail_msg("%s: no question: %s", t->stem, kind);
	policy_decide(&t->policy, &rq, &d);
	(void)buf_addf(&t->out, "%s%s %s\n", effect_name(d.effect),
	    rq.line != NULL && d.effect == EFFECT_ALLOW ? grants[d.grant] : "",
	    d.rule == NULL ? "default" : d.rule->id);
}

static void
ask_all(struct table *t, char *calls)
{
	char *line, *space, *c;

	while ((line = strsep(&calls, "\n")) != NULL) {
		if (*line == '\0' || *line == '#' ||
		    str_starts(line, "profile "))
			continue;
		space = strchr(line, ' ');
		assert_non_null(space);
		*space = '\0';
		for (c = space + 1; (c = strstr(c, "\\n")) != NULL;) {
			*c = '\n';
			memmove(c + 1, c + 2, strlen(c + 2) + 1);
		}
		if (strcmp(line, "in") == 0)
			t->cwd = space + 1;
		else
			answer(t, line, space + 1);
	}
}

/* Returns whether it is as it should be. */
static bool
run_table(const char *stem)
{
	struct table t;
	struct buf calls, want;
	bool same;

	memset(&t, 0, sizeof(t));
	(void)strlcpy(t.stem, stem, sizeof(t.stem));
	policy_init(&t.policy);
	buf_init(&t.out, FILE_MAX_BYTES);
	buf_init(&calls, FILE_MAX_BYTES);
	buf_init(&want, FILE_MAX_BYTES);
	assert_true(slurp(&t, ".calls", &calls));
	if (read_layers(&t, buf_cstr(&calls)))
		ask_all(&t, (char *)(uintptr_t)buf_cstr(&calls));
	same = slurp(&t, ".want", &want) &&
	       strcmp(buf_cstr(&want), buf_cstr(&t.out)) == 0;
	if (getenv("CORDON_SHOW") != NULL)
		(void)printf("== %s\n%s", stem, buf_cstr(&t.out));
	else if (!same)
		print_error("%s: want:\n%sgot:\n%s", stem, buf_cstr(&want),
		    buf_cstr(&t.out));
	policy_fini(&t.policy);
	buf_fini(&t.out);
	buf_fini(&calls);
	buf_fini(&want);
	return same;
}

static void
tables_are_answered_as_they_say(void **state)
{
	const char *src = getenv("CORDON_SRC");
	char dir[400], stem[500];
	unsigned n = 0, wrong = 0;
	struct dirent *e;
	size_t len;
	DIR *d;

	(void)state;
	assert_int_equal(str_fmt(dir, sizeof(dir), "%s/tests/data/policy",
			     src == NULL ? "." : src),
	    0);
	d = opendir(dir);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		if (!str_ends(e->d_name, ".calls"))
			continue;
		assert_int_equal(str_fmt(stem, sizeof(stem), "%s/%.*s", dir,
				     (int)(len - strlen(".calls")), e->d_name),
		    0);
		n++;
		wrong += !run_table(stem);
	}
	(void)closedir(d);
	print_message("%u tables\n", n);
	assert_true(n >= TABLES_MIN);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tables_are_answered_as_they_say)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
