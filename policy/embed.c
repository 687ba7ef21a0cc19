/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool of the build: embed NAME.toml ... prints profiles.c, the profiles as
 * the bodies of RULE frames (profile.h).  They pass what a person's policy has
 * to pass, so one with a mistake fails the build.
 */

#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/fdio.h"
#include "base/log.h"
#include "policy/read.h"

#define PROFILE_MAX 65536 /* bytes of a file */

/* One element of the array of bodies. */
static int
print_body(void *arg, const struct buf *body)
{
	const uint8_t *p = buf_data(body);
	size_t i;

	(void)arg;
	(void)printf("    {(const uint8_t *)\"");
	for (i = 0; i < body->len; i++) {
		if (i > 0 && i % 18 == 0)
			(void)printf("\"\n\t\"");
		(void)printf("\\%03o", p[i]);
	}
	(void)printf("\",\n\t%zu},\n", body->len);
	return 0;
}

/* The name of a file without its folder and its end, as a C identifier too. */
static void
profile_name(char *dst, size_t size, const char *path, char dash)
{
	const char *slash = strrchr(path, '/');

	(void)strlcpy(dst, slash == NULL ? path : slash + 1, size);
	dst[strcspn(dst, ".")] = '\0';
	for (; *dst != '\0'; dst++)
		if (*dst == '-')
			*dst = dash;
}

static void
embed(const char *path)
{
	char error[READ_ERROR_MAX], name[64];
	struct buf text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	buf_init(&text, PROFILE_MAX);
	if (fd == -1 || fd_read_all(fd, &text) != 0)
		fatal("%s", path);
	profile_name(name, sizeof(name), path, '_');
	(void)printf("static const struct bytes %s[] = {\n", name);
	if (policy_read((struct bytes){buf_data(&text), text.len}, "",
		POLICY_BUILTIN, print_body, NULL, error) != 0)
		fatalx(EX_CONFIG, "%s:%s", path, error);
	(void)printf("    {NULL, 0}};\n\n");
	buf_fini(&text);
	fd_close(&fd);
}

int
main(int argc, char *argv[])
{
	char name[64], word[64];
	int i;

	(void)printf("/* Made by policy/embed from policy/profiles. */\n\n"
		     "#include \"config.h\"\n\n#include <stddef.h>\n"
		     "#include <stdint.h>\n\n"
		     "#include \"policy/profile.h\"\n\n");
	for (i = 1; i < argc; i++)
		embed(argv[i]);
	(void)printf("const struct profile profiles[] = {\n");
	for (i = 1; i < argc; i++) {
		profile_name(name, sizeof(name), argv[i], '-');
		profile_name(word, sizeof(word), argv[i], '_');
		(void)printf("    {\"%s\", %s},\n", name, word);
	}
	(void)printf("    {NULL, NULL}};\n");
	return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : EX_IOERR;
}
