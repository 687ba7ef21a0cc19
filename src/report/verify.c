/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: whether a log is what was written.
 *
 * Written from cordon-audit(5) and strict: what that page does not allow is
 * damage.  The first damage ends the check, since behind it nothing can be
 * told from a forgery.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "report/verify.h"

#define UNSIGNED_MAX 64 /* records of a run between two heads */

static const struct {
	const char *word, *text;
} damages[DAMAGES] = {
    [DAMAGE_NONE] = {"none", "no damage was found"},
    [DAMAGE_FORM] = {"form", "the line is no record"},
    [DAMAGE_HASH] = {"hash", "the record was changed: its hash is another"},
    [DAMAGE_SEQ] = {"sequence",
	"the record with this number is missing, moved or there twice"},
    [DAMAGE_CHAIN] = {"chain",
	"the record does not follow the one before it: one of them was put "
	"here"},
    [DAMAGE_LOG] = {"log", "the record belongs to another log"},
    [DAMAGE_ORDER] = {"order", "a record of this type cannot stand here"},
    [DAMAGE_CUT] = {"cut",
	"the record names a torn line that is not as it says"},
    [DAMAGE_HEAD] = {"head", "the head signs something else than this log"},
    [DAMAGE_KEY] = {"key",
	"the head is signed with another key than was announced"},
    [DAMAGE_SIGNATURE] = {"signature", "the head's signature is wrong"},
    [DAMAGE_TORN] = {"torn",
	"the last line is not whole: a crash tore it, or it was cut"},
    [DAMAGE_UNSIGNED] = {"unsigned", "a head is missing before this record"},
    [DAMAGE_ANCHOR] = {"anchor",
	"a head known elsewhere is not in the log: the end was cut off, or "
	"the log was written anew"},
};

const char *
verify_word(enum verify_damage d)
{
	return damages[d].word;
}

const char *
verify_text(enum verify_damage d)
{
	return damages[d].text;
}

void
verify_init(
    struct verify *v, const char *id, struct anchor *anchors, size_t nanchors)
{
	memset(v, 0, sizeof(*v));
	v->last = AUDIT_TYPES;
	if (id != NULL)
		(void)strlcpy(v->log, id, sizeof(v->log));
	v->anchors = anchors;
	v->nanchors = nanchors;
}

static int
damaged(struct verify *v, enum verify_damage d, uint64_t seq)
{
	v->damage = d;
	v->bad_seq = seq;
	return ERR_CONFLICT;
}

/* Which types may follow which: a run is open ... close head, and what did
 * not end so, newline included, is followed by recovered. */
static bool
in_order(const struct verify *v, enum audit_type type)
{
	bool run_over = v->last == AUDIT_TYPES || v->closed || v->lost;

	if (v->next == 0)
		return type == AUDIT_OPEN || type == AUDIT_RECOVERED;
	if (type == AUDIT_OPEN)
		return v->closed || v->last == AUDIT_RECOVERED;
	if (type == AUDIT_RECOVERED)
		return true;
	if (v->last == AUDIT_CLOSE || v->last == AUDIT_RECOVERED)
		return type == AUDIT_HEAD;
	return !run_over;
}

/* closed: the record before ended its run. */
static int
check_recovered(struct verify *v, const struct record *r, bool closed)
{
	char want[256];
	uint64_t at = v->cut ? v->cut_at : v->bytes;
	char none[SHA256_DIGEST_STRING_LENGTH];
	int i;

	(void)SHA256Data(NULL, 0, none);
	/* Where a record had lost its newline alone, this one brought it; that
	 * is all that can be amiss with a run that closed. */
	for (i = 0; i < 2; i++, at--) {
		if (i == 0 && closed && !v->cut)
			continue;
		(void)snprintf(want, sizeof(want),
		    "{\"at\":%" PRIu64 ",\"bytes\":%" PRIu64
		    ",\"sha256\":\"%s\",\"why\":\"",
		    at, v->cut ? v->cut_len : 0, v->cut ? v->cut_hash : none);
		if (r->data.len > strlen(want) &&
		    memcmp(r->data.p, want, strlen(want)) == 0)
			return 0;
		if (v->cut)
			break;
	}
	return damaged(v, DAMAGE_CUT, r->seq);
}

static int
check_open(struct verify *v, const struct record *r)
{
	static const char before[] = "{\"key\":\"";
	char hex[STR_HEX_SIZE(HEAD_KEY_LEN)];
	size_t n = sizeof(before) - 1;

	if (r->data.len < n + sizeof(hex) || memcmp(r->data.p, before, n) != 0)
		return damaged(v, DAMAGE_ORDER, r->seq);
	memcpy(hex, r->data.p + n, sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = '\0';
	if (str_unhex(v->key, sizeof(v->key), hex) != 0)
		return damaged(v, DAMAGE_ORDER, r->seq);
	v->runs++;
	return 0;
}

static int
check_head(struct verify *v, const struct record *r)
{
	struct head h;

	if (head_parse(&h, r->data) != 0 || h.seq + 1 != r->seq ||
	    memcmp(h.hash, r->prev, sizeof(h.hash)) != 0 ||
	    (h.why == HEAD_CLOSE) != (v->last == AUDIT_CLOSE))
		return damaged(v, DAMAGE_HEAD, r->seq);
	if (memcmp(h.key, v->key, sizeof(h.key)) != 0)
		return damaged(v, DAMAGE_KEY, r->seq);
	if (head_check(&h, r) != 0)
		return damaged(v, DAMAGE_SIGNATURE, r->seq);
	memcpy(v->key, h.next, sizeof(v->key));
	v->heads++;
	v->signed_count = r->seq;
	v->closed = h.why == HEAD_CLOSE;
	v->lost = h.why == HEAD_LOST;
	return 0;
}

static void
note_anchors(struct verify *v, const struct record *r)
{
	struct anchor *a;

	for (a = v->anchors; a < v->anchors + v->nanchors; a++)
		if (memcmp(a->hash, r->hash, sizeof(a->hash)) == 0 &&
		    (!a->has_seq || a->seq == r->seq)) {
			a->found = true;
			a->found_seq = r->seq;
		}
}

/* A line that is no record may be what a crash left of one. */
static int
keep_cut(struct verify *v, const uint8_t *line, size_t len)
{
	if (v->cut || len == 0)
		return damaged(v, DAMAGE_FORM, v->next);
	v->cut = true;
	v->cut_at = v->bytes;
	v->cut_len = len;
	(void)SHA256Data(line, len, v->cut_hash);
	v->bytes += len + 1;
	return 0;
}

/* What the type demands, and what the log is behind it. */
static int
check_type(struct verify *v, const struct record *r)
{
	bool closed = v->closed;

	if (!in_order(v, r->type))
		return damaged(v, DAMAGE_ORDER, r->seq);
	v->closed = v->lost = false;
	v->unsealed++;
	if (r->type == AUDIT_OPEN || r->type == AUDIT_HEAD ||
	    r->type == AUDIT_RECOVERED)
		v->unsealed = 0;
	if (v->unsealed > UNSIGNED_MAX)
		return damaged(v, DAMAGE_UNSIGNED, r->seq);
	if (r->type == AUDIT_OPEN)
		return check_open(v, r);
	if (r->type == AUDIT_HEAD)
		return check_head(v, r);
	if (r->type == AUDIT_RECOVERED)
		return check_recovered(v, r, closed);
	v->approvals += r->type == AUDIT_APPROVAL;
	return 0;
}

int
verify_line(struct verify *v, const uint8_t *line, size_t len)
{
	uint8_t hash[RECORD_HASH_LEN];
	struct record r;

	if (v->damage != DAMAGE_NONE)
		return ERR_CONFLICT;
	if (record_parse(&r, line, len) != 0)
		return keep_cut(v, line, len);
	if (v->cut && (r.type != AUDIT_RECOVERED || r.seq != v->next))
		return damaged(v, DAMAGE_FORM, v->next);
	if (record_hash(hash, line, len) != 0 ||
	    memcmp(hash, r.hash, sizeof(hash)) != 0)
		return damaged(v, DAMAGE_HASH, v->next);
	if (v->log[0] == '\0')
		memcpy(v->log, r.log, sizeof(v->log));
	if (strcmp(r.log, v->log) != 0)
		return damaged(v, DAMAGE_LOG, v->next);
	if (r.seq != v->next)
		return damaged(v, DAMAGE_SEQ, v->next);
	if (memcmp(r.prev, v->hash, sizeof(r.prev)) != 0)
		return damaged(v, DAMAGE_CHAIN, v->next);
	if (check_type(v, &r) != 0)
		return ERR_CONFLICT;
	v->cuts += v->cut;
	v->cut = false;
	v->last = r.type;
	v->bytes += len + 1;
	v->next = r.seq + 1;
	memcpy(v->hash, r.hash, sizeof(v->hash));
	note_anchors(v, &r);
	return 0;
}

int
verify_endless(struct verify *v)
{
	return damaged(v, DAMAGE_FORM, v->next);
}

int
verify_end(struct verify *v, size_t rest)
{
	size_t i;

	if (v->damage != DAMAGE_NONE)
		return ERR_CONFLICT;
	/* Of a log whose first line a crash tore there may be nothing. */
	if (rest > 0 || (v->next == 0 && !v->cut))
		return damaged(v, DAMAGE_TORN, v->next);
	if (v->cut)
		return damaged(v, DAMAGE_FORM, v->next);
	for (i = 0; i < v->nanchors; i++)
		if (!v->anchors[i].found)
			return damaged(v, DAMAGE_ANCHOR,
			    v->anchors[i].has_seq && v->anchors[i].seq < v->next
				? v->anchors[i].seq
				: v->next);
	return 0;
}
