/* SPDX-License-Identifier: Apache-2.0 */

/*
 * For the build: prints sandbox/filters.h, all system call filters compiled.
 *
 * usage: mkfilters > filters.h
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "sandbox/compile.h"

static const char *const kinds[FILTER_KINDS] = {
    [FILTER_FOR_COMMAND] = "COMMAND",
    [FILTER_FOR_COMMAND_LSM] = "COMMAND_LSM",
    [FILTER_FOR_COMMAND_NET] = "COMMAND_NET",
    [FILTER_FOR_BROKER] = "BROKER",
    [FILTER_FOR_CELL] = "CELL"};

static struct compiled compiled;

static void
print_code(const char *name)
{
	const struct sock_filter *w = compiled.code;
	size_t i;

	(void)printf("static const struct sock_filter code_%s[] = {\n", name);
	for (i = 0; i < compiled.len; i++)
		(void)printf("    {0x%x, %u, %u, 0x%x},\n", w[i].code, w[i].jt,
		    w[i].jf, w[i].k);
	(void)printf("};\n\n");
}

static int
print_codes(void)
{
	size_t i;

	for (i = 0; i < FILTER_KINDS; i++) {
		if (compile_kind(&compiled, (enum filter_kind)i) != 0)
			return -1;
		print_code(kinds[i]);
	}
	for (i = 0; i < role_rights_len; i++) {
		if (compile_role(&compiled, &role_rights[i]) != 0)
			return -1;
		print_code(role_rights[i].role);
	}
	return 0;
}

/* By number; those that have none are left out. */
static void
print_calls(void)
{
	char *name;
	int nr;

	(void)printf("static const char *const filter_calls[] = {\n");
	for (nr = 0; nr <= COMPILE_LAST; nr++) {
		name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, nr);
		if (name != NULL)
			(void)printf("    [%d] = \"%s\",\n", nr, name);
		free(name);
	}
	(void)printf("};\n\n");
}

int
main(void)
{
	size_t i;

	(void)printf("/* SPDX-License-Identifier: Apache-2.0 */\n"
		     "/* Made by sandbox/mkfilters. */\n\n");
	if (print_codes() != 0) {
		(void)fprintf(stderr, "mkfilters: libseccomp refuses a rule\n");
		return 1;
	}
	print_calls();
	(void)printf("static const struct filter filter_kinds[] = {\n");
	for (i = 0; i < FILTER_KINDS; i++)
		(void)printf("    [FILTER_FOR_%s] = FILTER(code_%s),\n",
		    kinds[i], kinds[i]);
	(void)printf("};\n\nstatic const struct filter_row filter_roles[] = "
		     "{\n");
	for (i = 0; i < role_rights_len; i++)
		(void)printf("    {\"%s\", FILTER(code_%s)},\n",
		    role_rights[i].role, role_rights[i].role);
	(void)printf("    {NULL, {NULL, 0}}};\n");
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
