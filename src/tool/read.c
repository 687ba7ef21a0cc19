/* SPDX-License-Identifier: Apache-2.0 */

/* Tool read: lines of a text file, each with its number. */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#include "tool/tool.h"

#define LINES_DEFAULT 2000
#define LINES_MAX     100000
#define LINE_NO_MAX   (1u << 31)
#define LINE_SHOWN    2000           /* bytes of one line that are shown */
#define OUT_MAX       (1024u * 1024) /* bytes of the answer */
#define SNIFF         8192           /* bytes looked at for NULs */

struct range {
	size_t first; /* line number, from 1 */
	size_t count;
};

/* Opens a regular file that holds text; NULL after saying why not. */
static FILE *
open_text(const char *path)
{
	char head[SNIFF];
	struct stat st;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1 || fstat(fd, &st) == -1) {
		(void)tool_fail(path, errno);
	} else if (!S_ISREG(st.st_mode)) {
		(void)tool_fail(path, S_ISDIR(st.st_mode) ? EISDIR : ENXIO);
	} else if ((n = pread(fd, head, sizeof(head), 0)) == -1) {
		(void)tool_fail(path, errno);
	} else if (memchr(head, '\0', (size_t)n) != NULL) {
		(void)printf("%s: a binary file of %lld bytes\n", path,
		    (long long)st.st_size);
	} else {
		return fdopen(fd, "r");
	}
	if (fd != -1)
		(void)close(fd);
	return NULL;
}

static void
add_line(struct buf *out, size_t no, const char *line, size_t len)
{
	size_t shown = len < LINE_SHOWN ? len : LINE_SHOWN;

	(void)buf_addf(out, "L%zu: ", no);
	(void)buf_add(out, line, shown);
	if (shown < len)
		(void)buf_addf(out, " [%zu more bytes]", len - shown);
	(void)buf_addc(out, '\n');
}

/*
 * Reads in pieces, so that a line of any length costs what is shown of it.
 * Returns the number of lines seen.
 */
static size_t
copy_lines(FILE *in, const struct range *want, struct buf *out)
{
	char line[LINE_SHOWN + 1];
	size_t no = 1, len = 0;
	bool any = false;
	int c;

	while (no < want->first + want->count && (c = getc(in)) != EOF) {
		any = true;
		if (c != '\n') {
			if (len < sizeof(line))
				line[len] = (char)c;
			len++;
			continue;
		}
		if (no >= want->first)
			add_line(out, no, line, len);
		any = false;
		len = 0;
		no++;
	}
	if (any && no >= want->first && no < want->first + want->count) {
		add_line(out, no, line, len);
		no++;
	}
	return no - 1;
}

static int
read_file(const char *path, const struct range *want)
{
	struct buf out;
	FILE *in = open_text(path);
	size_t seen;
	int r;

	if (in == NULL)
		return TOOL_FAILED;
	buf_init(&out, OUT_MAX);
	seen = copy_lines(in, want, &out);
	r = buf_err(&out);
	if (r != 0)
		(void)printf("%s: more than %u bytes in these lines; ask for "
			     "fewer\n",
		    path, OUT_MAX);
	else if (seen < want->first && want->first > 1)
		(void)printf("%s: the file has only %zu lines\n", path, seen);
	else if (getc(in) != EOF)
		(void)buf_addf(&out, "[more lines follow line %zu]\n", seen);
	(void)fclose(in);
	if (r == 0 && (seen >= want->first || want->first == 1))
		return tool_print(&out);
	buf_fini(&out);
	return TOOL_FAILED;
}

static int
read_run(int argc, char **argv)
{
	struct range want = {1, LINES_DEFAULT};
	int c;

	while ((c = getopt(argc, argv, "+o:n:")) != -1) {
		if (c == 'o')
			want.first = tool_number("-o", optarg, LINE_NO_MAX);
		else if (c == 'n')
			want.count = tool_number("-n", optarg, LINES_MAX);
		else
			return tool_usage(&tool_read);
	}
	if (argc - optind != 1)
		return tool_usage(&tool_read);
	if (want.first == 0)
		want.first = 1;
	return read_file(argv[optind], &want);
}

const struct tool tool_read = {
    .name = "read",
    .usage = "[-o first-line] [-n lines] file",
    .run = read_run,
};
