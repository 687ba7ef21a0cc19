/* SPDX-License-Identifier: Apache-2.0 */

/* cordon audit verify: says what was verified, and from what. */

#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/xmem.h"
#include "report/entry.h"
#include "report/lines.h"
#include "report/report.h"
#include "report/store.h"
#include "report/verify.h"

#define ANCHOR_FILE_MAX (4u << 20) /* bytes of a file of heads */
#define OUT_MAX         (1u << 20)

/* Heads are read before the process gives up the file system. */
static struct {
	struct anchor *v; /* owned, until the process ends */
	size_t n;
} known;

static void
add_anchor(const struct anchor *a)
{
	if ((known.n & (known.n - 1)) == 0) /* full at powers of two */
		known.v = xreallocarray(
		    known.v, known.n == 0 ? 1 : 2 * known.n, sizeof(*known.v));
	known.v[known.n++] = *a;
}

/* Those of other logs are passed over. */
static void
keep_anchors(const char *id)
{
	size_t i, n = 0;

	for (i = 0; i < known.n; i++)
		if (known.v[i].log[0] == '\0' ||
		    strcmp(known.v[i].log, id) == 0)
			known.v[n++] = known.v[i];
	known.n = n;
}

static bool
hash_of(struct anchor *a, const char *hex)
{
	return str_unhex(a->hash, sizeof(a->hash), hex) == 0;
}

/*
 * A line of a file of heads: a record of the log as it is, or what cordon
 * shows at the end of a session ("audit: ID record SEQ HASH"), or a hash.
 */
static bool
anchor_of(struct anchor *a, struct bytes line)
{
	char text[256], *hash, *seq;
	struct record r;

	if (record_parse(&r, line.p, line.len) == 0) {
		memcpy(a->hash, r.hash, sizeof(a->hash));
		memcpy(a->log, r.log, sizeof(a->log));
		a->seq = r.seq;
		a->has_seq = true;
		return true;
	}
	if (bytes_copy(text, sizeof(text), line) != 0)
		return false;
	seq = strstr(text, " record ");
	hash = strrchr(text, ' ');
	if (seq == NULL || hash < seq + 8)
		return hash_of(a, text);
	*seq = *hash++ = '\0';
	a->seq = (uint64_t)strtonum(seq + 8, 0, INT64_MAX, NULL);
	a->has_seq = true;
	if (strlen(text) >= RECORD_ID_SIZE)
		(void)strlcpy(a->log,
		    text + strlen(text) - (RECORD_ID_SIZE - 1), sizeof(a->log));
	return hash_of(a, hash);
}

static int
read_anchors(const char *word, bool remote)
{
	struct anchor a = {.remote = remote, .from = word};
	struct bytes rest, line;
	bool any = false;
	struct buf file;
	int r;

	if (hash_of(&a, word)) {
		add_anchor(&a);
		return EX_OK;
	}
	buf_init(&file, ANCHOR_FILE_MAX);
	r = fd_read_file(AT_FDCWD, word, &file);
	if (r != 0) {
		log_error("%s: neither a hash nor a file of heads: %s; 'cordon "
			  "audit head' prints them",
		    word, err_str(r));
		return EX_NOINPUT;
	}
	rest = (struct bytes){buf_data(&file), file.len};
	while (bytes_line(&rest, &line)) {
		memset(&a, 0, sizeof(a));
		a.remote = remote;
		a.from = word;
		if (anchor_of(&a, line)) {
			any = true;
			add_anchor(&a);
		}
	}
	buf_fini(&file);
	if (any)
		return EX_OK;
	log_error("%s: there is no head in it; 'cordon audit head' prints them",
	    word);
	return EX_DATAERR;
}

int
report_verify_prepare(const struct args *a)
{
	size_t i;
	int r = EX_OK;

	for (i = 0; r == EX_OK && i < a->head.n; i++)
		r = read_anchors(a->head.v[i], false);
	for (i = 0; r == EX_OK && i < a->remote_head.n; i++)
		r = read_anchors(a->remote_head.v[i], true);
	return r;
}

/* 0 the log alone, 1 a head known elsewhere, 2 one known to another host. */
static int
level_of(const struct verify *v)
{
	int level = 0;
	size_t i;

	if (v->damage != DAMAGE_NONE)
		return 0;
	for (i = 0; i < v->nanchors; i++)
		if (v->anchors[i].found && v->anchors[i].remote)
			level = 2;
		else if (v->anchors[i].found && level == 0)
			level = 1;
	return level;
}

static void
say_json(const struct verify *v)
{
	struct buf out;
	struct jsonw w;
	size_t i;

	buf_init(&out, OUT_MAX);
	jsonw_init(&w, &out);
	jsonw_object(&w);
	jsonw_kstr(&w, "log", v->log);
	jsonw_ku64(&w, "records", v->next);
	jsonw_ku64(&w, "bytes", v->bytes);
	jsonw_ku64(&w, "runs", v->runs);
	jsonw_ku64(&w, "heads", v->heads);
	jsonw_ku64(&w, "cuts", v->cuts);
	jsonw_ku64(&w, "signed", v->signed_count);
	jsonw_kbool(&w, "closed", v->closed);
	jsonw_ku64(&w, "level", (uint64_t)level_of(v));
	jsonw_name(&w, "anchors");
	jsonw_array(&w);
	for (i = 0; i < v->nanchors; i++) {
		jsonw_object(&w);
		jsonw_kstr(&w, "from", v->anchors[i].from);
		jsonw_kbool(&w, "remote", v->anchors[i].remote);
		jsonw_kbool(&w, "found", v->anchors[i].found);
		if (v->anchors[i].found)
			jsonw_ku64(&w, "seq", v->anchors[i].found_seq);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_name(&w, "damage");
	if (v->damage == DAMAGE_NONE)
		jsonw_null(&w);
	else {
		jsonw_object(&w);
		jsonw_ku64(&w, "seq", v->bad_seq);
		jsonw_kstr(&w, "kind", verify_word(v->damage));
		jsonw_kstr(&w, "text", verify_text(v->damage));
		jsonw_end(&w);
	}
	jsonw_end(&w);
	put_raw(buf_data(&out), out.len);
	put("\n");
	buf_fini(&out);
}

static void
say_alone(const struct verify *v)
{
	put("L0, from the log alone: each of the %" PRIu64
	    " records bears its own hash and follows the one before it\n",
	    v->next);
	if (v->signed_count > 0)
		put("    %" PRIu64 " heads sign records 0 to %" PRIu64
		    " with keys that were announced before\n",
		    v->heads, v->signed_count - 1);
	if (v->signed_count + (v->heads > 0) < v->next)
		put("    not signed: records %" PRIu64 " to %" PRIu64 "\n",
		    v->signed_count + (v->heads > 0), v->next - 1);
	if (v->cuts > 0)
		put("    %" PRIu64 " torn lines are as the log says\n",
		    v->cuts);
	if (!v->closed)
		put("    the last run has not closed: whether records behind "
		    "the last one are missing cannot be told\n");
}

static void
say_anchors(const struct verify *v)
{
	const struct anchor *a;

	for (a = v->anchors; a < v->anchors + v->nanchors; a++) {
		put("L%d, by a head that %s (", a->remote ? 2 : 1,
		    a->remote ? "another host keeps" : "is known elsewhere");
		put_vis(a->from, strlen(a->from), 0);
		put("): records 0 to %" PRIu64
		    " are what they were when it was noted\n",
		    a->found_seq);
	}
	if (level_of(v) == 0)
		put("not verified: that nobody wrote the whole log anew; give "
		    "a head kept elsewhere with --head for that\n");
}

static void
say(const struct verify *v)
{
	put("log %s: %" PRIu64 " records in %" PRIu64 " runs, %" PRIu64
	    " bytes\n",
	    v->log[0] == '\0' ? "(without an id)" : v->log, v->next, v->runs,
	    v->bytes);
	if (v->damage == DAMAGE_NONE) {
		say_alone(v);
		say_anchors(v);
		return;
	}
	put("DAMAGED at record %" PRIu64 " (%s): %s\n", v->bad_seq,
	    verify_word(v->damage), verify_text(v->damage));
	if (v->bad_seq > 0 && v->damage != DAMAGE_ANCHOR)
		put("records 0 to %" PRIu64
		    " bear their hashes; nothing is said of those from record "
		    "%" PRIu64 " on\n",
		    v->bad_seq - 1, v->bad_seq);
}

int
report_verify(const struct args *a)
{
	struct store_entry e;
	const uint8_t *line;
	struct verify *v;
	struct lines l;
	size_t len;
	int fd, r;

	r = entry_open(a, args_session(a), &e, &fd);
	if (r != EX_OK)
		return r;
	v = xmalloc(sizeof(*v));
	keep_anchors(e.id);
	verify_init(v, e.id, known.v, known.n);
	lines_init(&l, fd, RECORD_LINE_MAX);
	while ((r = lines_next(&l, &line, &len)) == 1)
		if (verify_line(v, line, len) != 0)
			break;
	if (r == 0)
		(void)verify_end(v, len);
	else if (r == ERR_SPACE) {
		(void)verify_endless(v);
		r = 0;
	}
	lines_fini(&l);
	(void)close(fd);
	if (r < 0)
		log_error("%s: %s", e.path, err_str(r));
	else if (a->json)
		say_json(v);
	else
		say(v);
	r = r < 0 ? EX_IOERR : v->damage == DAMAGE_NONE ? EX_OK : EX_DATAERR;
	free(v);
	return r;
}
