/* SPDX-License-Identifier: Apache-2.0 */

/* Prints what cordon(1) says of keys, answers and slash commands, from their
 * tables;
 * tests/regress/72-keys-page.sh compares it with the page. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ui/bind.h"

static const struct {
	const char *name, *args, *help;
} commands[] = {
#define SLASH(fn, name, args, help) {name, args, help},
#include "ui/slash.def"
#undef SLASH
};

static const struct {
	const char *key, *help;
} answers[] = {
#define ASK(fn, key, when, word, help) {key, help},
#include "ui/ask.def"
#undef ASK
};

/* The keys of a row, separated by commas. */
static void
print_keys(const char *keys)
{
	size_t len;

	for (; *keys != '\0'; keys += len + strspn(keys + len, " ")) {
		len = strcspn(keys, " ");
		(void)printf(".Ic %.*s%s\n", (int)len, keys,
		    keys[len] != '\0' ? " ," : "");
	}
}

int
main(void)
{
	size_t i;

	(void)printf(".Bl -tag -width Ds -compact\n");
	for (i = 0; i < ACT_COUNT; i++) {
		(void)printf(
		    ".It Cm %s\n%s:\n", bind_rows[i].name, bind_rows[i].help);
		print_keys(bind_rows[i].keys);
	}
	(void)printf(".El\n.\\\" answers\n.Bl -tag -width Ds -compact\n");
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		(void)printf(
		    ".It Ic %s\n%s\n", answers[i].key, answers[i].help);
	(void)printf(".El\n.\\\" commands\n.Bl -tag -width Ds -compact\n");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		(void)printf(".It Ic /%s", commands[i].name);
		if (*commands[i].args != '\0')
			(void)printf(" Ar %s", commands[i].args);
		(void)printf("\n%s\n", commands[i].help);
	}
	(void)printf(".El\n");
	return 0;
}
