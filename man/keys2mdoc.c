/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Build tool: the list of keys of cordon.toml(5) from the table of keys, so
 * that the page cannot lag behind it.  Written to standard output.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "conf/keys.h"

/* Names and values hold hyphens that must stay what they are. */
static void
put_escaped(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '-')
			(void)fputs("\\-", stdout);
		else if (*s == '\\')
			(void)fputs("\\e", stdout);
		else
			(void)putchar(*s);
}

static void
put_name(const char *name)
{
	for (; *name != '\0'; name++)
		if (*name == '*')
			(void)fputs("NAME", stdout);
		else
			(void)putchar(*name);
}

/* Each sentence on a line of its own, as mdoc wants it; short lines. */
static void
put_sentences(const char *text)
{
	size_t col = 0;

	for (; *text != '\0'; text++, col++) {
		if (*text == ' ' && (col > 60 || text[-1] == '.')) {
			(void)putchar('\n');
			col = 0;
		} else if (*text == '-')
			(void)fputs("\\-", stdout);
		else
			(void)putchar(*text);
	}
	(void)putchar('\n');
}

static void
put_facts(const struct key *key)
{
	static const char *const project[] = {
	    [PROJECT_NO] = NULL,
	    [PROJECT_SET] = "A project may set it.",
	    [PROJECT_TIGHTEN] = "A project may tighten it.",
	};

	if (key->def != NULL) {
		(void)fputs("Default:\n.Li ", stdout);
		put_escaped(key->def);
		(void)fputs(" .\n", stdout);
	}
	if (project[key->project] != NULL)
		(void)puts(project[key->project]);
	if (key->env != NULL)
		(void)printf("The variable\n.Ev %s\nsets it too.\n", key->env);
	if (key->flags & KEY_SYSTEM)
		(void)puts("Only in the system's file.");
}

int
main(void)
{
	const struct key *key;
	char type[256];

	(void)puts(".Bl -tag -width Ds");
	for (key = keys; key->name != NULL; key++) {
		key_type_text(key, type, sizeof(type));
		(void)fputs(".It Ic ", stdout);
		put_name(key->name);
		(void)fputs(" No = ", stdout);
		put_escaped(type);
		(void)putchar('\n');
		put_sentences(key->help);
		put_facts(key);
	}
	(void)puts(".El");
	return fflush(stdout) == 0 ? 0 : 1;
}
