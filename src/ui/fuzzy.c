/* SPDX-License-Identifier: Apache-2.0 */

/* Front: finding by a few characters. */

#include "config.h"

#include <ctype.h>
#include <string.h>

#include "ui/fuzzy.h"

#define FUZZY_MAX 64 /* names that one search returns */

/* Points. */
#define P_RUN   8  /* right behind the one before */
#define P_WORD  7  /* begins a word */
#define P_BASE  4  /* in the last component */
#define P_EXACT 40 /* the last component begins with all of it */
#define P_NAME  1000
#define LONG    200 /* bytes beyond which length does not count */

static bool
begins_word(const uint8_t *p, size_t i)
{
	if (i == 0 || !isalnum(p[i - 1]))
		return true;
	return islower(p[i - 1]) && isupper(p[i]);
}

static size_t
base_of(struct bytes name)
{
	const uint8_t *slash = memrchr(name.p, '/', name.len);

	return slash == NULL ? 0 : (size_t)(slash + 1 - name.p);
}

/* From a place on, taking each character where it comes first. */
static int
score_from(struct bytes typed, struct bytes name, size_t at, size_t base)
{
	size_t i, last = name.len;
	int score = 0;

	for (i = 0; i < typed.len; i++, at++) {
		while (
		    at < name.len && tolower(name.p[at]) != tolower(typed.p[i]))
			at++;
		if (at == name.len)
			return -1;
		score += at == last + 1 ? P_RUN : 0;
		score += begins_word(name.p, at) ? P_WORD : 0;
		score += at >= base ? P_BASE : 0;
		last = at;
	}
	return score;
}

int
fuzzy_score(struct bytes typed, struct bytes name)
{
	size_t base = base_of(name);
	int whole, inner;

	whole = score_from(typed, name, 0, base);
	if (whole < 0)
		return -1;
	inner = base > 0 ? score_from(typed, name, base, base) : whole;
	if (name.len - base >= typed.len &&
	    strncasecmp((const char *)name.p + base, (const char *)typed.p,
		typed.len) == 0)
		inner += P_EXACT;
	if (inner > whole)
		whole = inner;
	return P_NAME + 4 * whole - (int)(name.len < LONG ? name.len : LONG);
}

size_t
fuzzy_best(struct bytes typed, const struct bytes *names, size_t n, size_t *v,
    size_t max)
{
	int scores[FUZZY_MAX] = {0}, score;
	size_t i, j, found = 0;

	if (max == 0)
		return 0;
	if (max > FUZZY_MAX)
		max = FUZZY_MAX;
	for (i = 0; i < n; i++) {
		score = typed.len == 0 ? 0 : fuzzy_score(typed, names[i]);
		if (score < 0 || (found == max && score <= scores[max - 1]))
			continue;
		j = found < max ? found++ : max - 1;
		for (; j > 0 && scores[j - 1] < score; j--) {
			scores[j] = scores[j - 1];
			v[j] = v[j - 1];
		}
		scores[j] = score;
		v[j] = i;
		if (typed.len == 0 && found == max)
			break;
	}
	return found;
}
