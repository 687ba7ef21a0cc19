/* SPDX-License-Identifier: Apache-2.0 */

/* cordon policy check: looking for mistakes in policy files. */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/vis.h"
#include "cordon/cmd.h"
#include "cordon/cmd_policy.h"
#include "cordon/policy.h"

struct check_args {
	bool json, junit, system;
};

static const struct opt check_opts[] = {
    {"json", '\0', OPT_FLAG, NULL, "report as JSON", OPT_AT(check_args, json)},
    {"junit", '\0', OPT_FLAG, NULL, "report as JUnit XML",
	OPT_AT(check_args, junit)},
    {"system", '\0', OPT_FLAG, NULL,
	"check them as the system's, which may lock rules",
	OPT_AT(check_args, system)},
    {0}};

static void
check_json(const char *file, const char *why)
{
	struct jsonw w;
	struct buf b;

	buf_init(&b, 65536);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_kstr(&w, "file", file);
	jsonw_kbool(&w, "ok", why[0] == '\0');
	if (why[0] != '\0')
		jsonw_kstr(&w, "error", why);
	jsonw_end(&w);
	(void)buf_addc(&b, '\n');
	(void)fwrite(buf_data(&b), 1, b.len, stdout);
	buf_fini(&b);
}

/* Text inside an XML attribute. */
static void
put_xml(const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr("<>&\"", *s) != NULL || (unsigned char)*s < 0x20)
			(void)printf("&#%u;", (unsigned char)*s);
		else
			(void)putchar(*s);
}

static void
check_junit(const char *file, const char *why)
{
	(void)printf("  <testcase name=\"");
	put_xml(file);
	(void)printf(why[0] == '\0' ? "\"/>\n" : "\"><failure message=\"");
	if (why[0] == '\0')
		return;
	put_xml(why);
	(void)printf("\"/></testcase>\n");
}

/* Asks the file's tests, with what every session has besides. */
static int
check_tests(const char *file, bool system, char *why, size_t size)
{
	const struct policy_files files = {.user = file, .system = system};
	const struct policy_test *t = NULL;
	struct in_force f = {.workspace = ""};
	enum effect is;
	size_t i;
	int r = policy_where(&f);

	if (r == EX_OK)
		r = policy_load(&f.policy, &files, NULL, NULL, why, size);
	for (i = 0; r == EX_OK && i < f.policy.ntests; i++) {
		t = &f.policy.tests[i];
		is = policy_test_effect(&f, t);
		if (t->given == NULL || is == t->expect)
			continue;
		(void)snprintf(why, size, "%s:%u: %s: expected %s, is %s",
		    t->file, t->line, t->given, effect_name(t->expect),
		    effect_name(is));
		r = EX_CONFIG;
	}
	policy_out_of_force(&f);
	return r;
}

static int
check_file(const struct check_args *a, const char *file)
{
	char why[2048] = "", safe[2048];
	struct policy p = {.nrules = 0};
	int r;

	r = policy_load_file(&p, file, a->system ? POLICY_SYSTEM : POLICY_USER,
	    why, sizeof(why));
	if (r == EX_OK)
		r = check_tests(file, a->system, why, sizeof(why));
	(void)vis_str(safe, sizeof(safe), why);
	if (a->json)
		check_json(file, why);
	else if (a->junit)
		check_junit(file, why);
	else if (r != 0)
		log_error("%s", safe);
	else
		(void)printf("%s: %zu rule%s, no mistake\n", file, p.nrules,
		    p.nrules == 1 ? "" : "s");
	policy_fini(&p);
	return r;
}

static int
run_check(const struct cmd_line *line)
{
	const struct check_args *a = line->args;
	int r, worst = EX_OK;
	size_t i;

	if (a->junit)
		(void)printf("<testsuite name=\"policy\" tests=\"%zu\">\n",
		    line->given.n);
	for (i = 0; i < line->given.n; i++) {
		r = check_file(a, line->given.v[i]);
		if (r > worst)
			worst = r;
	}
	if (a->junit)
		(void)printf("</testsuite>\n");
	return worst;
}

const struct cmd policy_check = {
    .name = "check",
    .summary = "Look for mistakes in policy files.",
    .operands = "FILE ...",
    .opts = check_opts,
    .args_size = sizeof(struct check_args),
    .min = 1,
    .max = CMD_ANY,
    .run = run_check,
};
