/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: Markdown to lines of cells.
 *
 * The stream is cut into blocks here, by lines, and md4c parses one block at
 * a time: so memory and work per piece are bounded however long an answer
 * gets, and what has been shown never changes.
 */

#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <md4c.h>

#include "base/xmem.h"

#include "ui/link.h"
#include "ui/md.h"
#include "ui/md_table.h"

#define MD_DEPTH   16 /* of lists and quotes; deeper is shown as this deep */
#define MD_BUF_CAP (4u * MD_BLOCK_MAX)

/* One block on its way through md4c. */
struct render {
	struct md *md;
	md_line_fn *fn;
	void *arg;
	struct text text; /* the line that is being made */
	struct text first, rest;
	unsigned style; /* of text now */
	unsigned depth; /* of lists */
	unsigned quote;
	struct {
		bool ordered;
		unsigned number;
	} lists[MD_DEPTH];
	bool item;  /* the next line is an item's first */
	char task;  /* its check mark, or 0 */
	char *href; /* owned: of the open link */
	size_t link_at;
	bool in_table;
	struct md_table table;
	const char *end; /* borrowed: of the block's text */
};

void
md_init(struct md *m, md_line_fn *fn, void *arg, size_t cols)
{
	memset(m, 0, sizeof(*m));
	m->fn = fn;
	m->arg = arg;
	m->cols = cols;
	buf_init(&m->block, MD_BUF_CAP);
}

void
md_fini(struct md *m)
{
	buf_fini(&m->block);
}

static const char *
drawn(const struct render *r, const char *sign, const char *ascii)
{
	return r->md->cols > 0 ? sign : ascii;
}

/* The marks in front of a line: quotes, then the item's. */
static void
leads(struct render *r)
{
	unsigned level = r->depth < MD_DEPTH ? r->depth : MD_DEPTH;
	unsigned i;

	text_clear(&r->first);
	text_clear(&r->rest);
	for (i = 0; i < r->quote && i < MD_DEPTH; i++) {
		text_adds(&r->first, ST_DIM, drawn(r, "│ ", "> "));
		text_adds(&r->rest, ST_DIM, drawn(r, "│ ", "> "));
	}
	if (level == 0)
		return;
	text_blanks(&r->first, ST_PLAIN, 2 * (size_t)(level - 1));
	text_blanks(&r->rest, ST_PLAIN, 2 * (size_t)(level - 1));
	if (!r->item)
		text_blanks(&r->first, ST_PLAIN, 2);
	else if (r->task != 0)
		text_adds(
		    &r->first, ST_ACCENT, r->task == ' ' ? "[ ] " : "[x] ");
	else if (r->lists[level - 1].ordered)
		text_addf(
		    &r->first, ST_ACCENT, "%u. ", r->lists[level - 1].number);
	else
		text_adds(&r->first, ST_ACCENT, drawn(r, "• ", "- "));
	text_blanks(&r->rest, ST_PLAIN, r->item ? r->first.n - r->rest.n : 2);
}

static void
put_line(struct render *r)
{
	leads(r);
	r->fn(r->arg, &r->text, &r->first, &r->rest);
	r->item = false;
	r->task = 0;
	text_clear(&r->text);
}

static void
flush_line(struct render *r)
{
	if (r->text.n > 0 || r->item)
		put_line(r);
}

static void
enter_list_item(struct render *r, const MD_BLOCK_LI_DETAIL *d)
{
	flush_line(r);
	r->item = true;
	r->task = d->is_task ? d->task_mark : 0;
}

static void
enter_list(struct render *r, bool ordered, unsigned start)
{
	flush_line(r);
	if (r->depth < MD_DEPTH) {
		r->lists[r->depth].ordered = ordered;
		r->lists[r->depth].number = start;
	}
	r->depth++;
}

static int
enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct render *r = arg;

	if (type == MD_BLOCK_UL)
		enter_list(r, false, 0);
	else if (type == MD_BLOCK_OL)
		enter_list(r, true, ((MD_BLOCK_OL_DETAIL *)detail)->start);
	else if (type == MD_BLOCK_LI)
		enter_list_item(r, detail);
	else if (type == MD_BLOCK_QUOTE)
		r->quote++;
	else if (type == MD_BLOCK_H)
		r->style = ST_HEAD;
	else if (type == MD_BLOCK_TABLE)
		r->in_table = true;
	else if (type == MD_BLOCK_TR)
		md_table_row(&r->table);
	else if (type == MD_BLOCK_TH)
		r->style = STYLE_BOLD;
	else if (type == MD_BLOCK_HR) {
		text_adds(&r->text, ST_DIM, drawn(r, "─────", "---"));
		put_line(r);
	}
	return 0;
}

static void
leave_item(struct render *r)
{
	unsigned level = r->depth < MD_DEPTH ? r->depth : MD_DEPTH;

	flush_line(r);
	if (level > 0)
		r->lists[level - 1].number++;
}

static enum md_side
side(const MD_BLOCK_TD_DETAIL *d)
{
	return d->align == MD_ALIGN_RIGHT    ? MD_RIGHT
	       : d->align == MD_ALIGN_CENTER ? MD_CENTER
					     : MD_LEFT;
}

static int
leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct render *r = arg;

	if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
		flush_line(r);
		r->depth--;
	} else if (type == MD_BLOCK_LI)
		leave_item(r);
	else if (type == MD_BLOCK_QUOTE) {
		flush_line(r);
		r->quote--;
	} else if (type == MD_BLOCK_H || type == MD_BLOCK_P ||
		   type == MD_BLOCK_CODE || type == MD_BLOCK_HTML) {
		flush_line(r);
		r->style = ST_PLAIN;
	} else if (type == MD_BLOCK_TH || type == MD_BLOCK_TD) {
		md_table_cell(&r->table, &r->text, side(detail));
		r->style = ST_PLAIN;
	} else if (type == MD_BLOCK_TABLE) {
		md_table_show(&r->table, r->md->cols, r->fn, r->arg);
		r->in_table = false;
	}
	return 0;
}

static const struct {
	MD_SPANTYPE type;
	unsigned bits;
} span_styles[] = {{MD_SPAN_EM, STYLE_ITALIC}, {MD_SPAN_STRONG, STYLE_BOLD},
    {MD_SPAN_U, STYLE_UNDERLINE}, {MD_SPAN_DEL, STYLE_STRIKE}};

static void
span_role(struct render *r, unsigned role)
{
	r->style = (r->style & ~0xffu) | role;
}

static const struct {
	const char *name;
	const char *text;
} entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""},
    {"&nbsp;", " "}, {"&apos;", "'"}};

/* What an entity stands for; NULL if it is not known here. */
static const char *
entity_text(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (strlen(entities[i].name) == len &&
		    memcmp(entities[i].name, p, len) == 0)
			return entities[i].text;
	return NULL;
}

static char *
attribute(const MD_ATTRIBUTE *a)
{
	const char *text;
	struct buf b;
	size_t from, len;
	unsigned i;
	char *s;

	buf_init(&b, MD_BLOCK_MAX);
	for (i = 0; a->text != NULL && a->substr_offsets[i] < a->size; i++) {
		from = a->substr_offsets[i];
		len = a->substr_offsets[i + 1] - from;
		text = a->substr_types[i] == MD_TEXT_ENTITY
			   ? entity_text(a->text + from, len)
			   : NULL;
		if (text != NULL)
			(void)buf_adds(&b, text);
		else
			(void)buf_add(&b, a->text + from, len);
	}
	s = xstrdup(buf_cstr(&b) == NULL ? "" : buf_cstr(&b));
	buf_fini(&b);
	return s;
}

static int
enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct render *r = arg;
	size_t i;

	for (i = 0; i < sizeof(span_styles) / sizeof(span_styles[0]); i++)
		if (span_styles[i].type == type)
			r->style |= span_styles[i].bits;
	if (type == MD_SPAN_CODE)
		span_role(r, ST_CODE);
	if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
		free(r->href);
		r->href = attribute(type == MD_SPAN_A
					? &((MD_SPAN_A_DETAIL *)detail)->href
					: &((MD_SPAN_IMG_DETAIL *)detail)->src);
		r->link_at = r->text.n;
		span_role(r, ST_LINK);
	}
	return 0;
}

/* Whether the cells from a cell on read just like s. */
static bool
reads_like(const struct text *t, size_t from, const char *s)
{
	for (; from < t->n; from++) {
		if (strncmp(s, t->c[from].g, t->c[from].len) != 0)
			return false;
		s += t->c[from].len;
	}
	return *s == '\0';
}

static int
leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct render *r = arg;
	size_t i;

	(void)detail;
	for (i = 0; i < sizeof(span_styles) / sizeof(span_styles[0]); i++)
		if (span_styles[i].type == type)
			r->style &= ~span_styles[i].bits;
	if (type == MD_SPAN_CODE)
		span_role(r, ST_PLAIN);
	if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
		span_role(r, ST_PLAIN);
		/* Where a link goes is always said. */
		if (r->href != NULL &&
		    !reads_like(&r->text, r->link_at, r->href)) {
			text_adds(&r->text, ST_DIM, " (");
			text_adds(&r->text, ST_DIM, r->href);
			text_adds(&r->text, ST_DIM, ")");
		}
		if (r->href != NULL)
			text_link(&r->text, r->link_at, link_of(r->href));
		free(r->href);
		r->href = NULL;
	}
	return 0;
}

static void
put_entity(struct render *r, const char *p, size_t len)
{
	const char *text = entity_text(p, len);

	if (text != NULL)
		text_adds(&r->text, r->style, text);
	else
		text_add(&r->text, r->style, p, len, 0);
}

static int
put_text(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE len, void *arg)
{
	struct render *r = arg;

	/* Never believe a length that leaves the block. */
	if (len > MD_BUF_CAP ||
	    (p <= r->end && p + len > r->end && p + MD_BUF_CAP > r->end))
		return -1;
	if (type == MD_TEXT_SOFTBR)
		text_adds(&r->text, r->style, " ");
	else if (type == MD_TEXT_BR && !r->in_table)
		put_line(r);
	else if (type == MD_TEXT_ENTITY)
		put_entity(r, p, len);
	else if (type == MD_TEXT_NULLCHAR)
		text_adds(&r->text, r->style, "\\x00");
	else if (len == 1 && *p == '\n')
		put_line(r);
	else
		text_add(&r->text, r->style, p, len, TEXT_TABS);
	return 0;
}

static void
render(struct md *m, md_line_fn *fn, void *arg)
{
	static const MD_PARSER parser = {
	    .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
		     MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEURLAUTOLINKS |
		     MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_NOHTML,
	    .enter_block = enter_block,
	    .leave_block = leave_block,
	    .enter_span = enter_span,
	    .leave_span = leave_span,
	    .text = put_text,
	};
	static struct text kept[3]; /* memory of the line being made */
	struct render r = {.md = m,
	    .fn = fn,
	    .arg = arg,
	    .text = kept[0],
	    .first = kept[1],
	    .rest = kept[2]};
	size_t len = m->block.len, i;
	const char *text;

	if (len == 0)
		return;
	/* The parser looks a byte past the end: there it finds a newline. */
	(void)buf_addc(&m->block, '\n');
	text = buf_cstr(&m->block);
	r.end = text == NULL ? NULL : text + m->block.len;
	if (text != NULL &&
	    md_parse(text, (MD_SIZE)m->block.len, &parser, &r) != 0)
		text_add(&r.text, ST_PLAIN, text, len, TEXT_TABS);
	flush_line(&r);
	m->block.len = len;
	kept[0] = r.text;
	kept[1] = r.first;
	kept[2] = r.rest;
	for (i = 0; i < 3; i++)
		text_clear(&kept[i]);
	md_table_fini(&r.table);
	free(r.href);
}

static void
blank_line(struct md *m, md_line_fn *fn, void *arg)
{
	static const struct text none;

	if (m->gap && m->any)
		fn(arg, &none, NULL, NULL);
}

static void
end_block(struct md *m)
{
	if (m->block.len > 0) {
		blank_line(m, m->fn, m->arg);
		m->gap = false;
		render(m, m->fn, m->arg);
		m->any = true;
	}
	buf_clear(&m->block);
	m->line = 0;
}

static void
code_line(struct md *m, md_line_fn *fn, void *arg, const uint8_t *p, size_t len)
{
	struct text t = {0}, lead = {0};

	text_blanks(&lead, ST_PLAIN, 4);
	highlight(&t, m->lang, p, len);
	fn(arg, &t, &lead, &lead);
	text_fini(&t);
	text_fini(&lead);
}

/* Length of the fence that a line opens or closes, or 0. */
static size_t
fence_length(const uint8_t *p, size_t len, char *ch)
{
	size_t i = 0, n;

	while (i < len && p[i] == ' ')
		i++;
	if (i == len || (p[i] != '`' && p[i] != '~'))
		return 0;
	*ch = (char)p[i];
	for (n = 0; i + n < len && p[i + n] == (uint8_t)*ch; n++)
		;
	return n >= 3 ? n : 0;
}

static void
open_fence(struct md *m, const uint8_t *p, size_t len, char ch, size_t n)
{
	size_t i = 0, j = 0;

	m->fence = ch;
	m->fence_len = n;
	while (i < len && (p[i] == ' ' || p[i] == (uint8_t)ch))
		i++;
	for (; i < len && isalnum(p[i]) && j < MD_LANG_MAX - 1; i++)
		m->lang[j++] = (char)tolower(p[i]);
	m->lang[j] = '\0';
	blank_line(m, m->fn, m->arg);
	m->gap = false;
	m->any = true;
}

/* A whole line, newline excluded, at the end of the block. */
static void
end_line(struct md *m)
{
	const uint8_t *p = buf_data(&m->block) + m->line;
	size_t len = m->block.len - m->line - 1, n, i;
	char ch = 0;

	n = fence_length(p, len, &ch);
	if (m->fence != 0) {
		if (n >= m->fence_len && ch == m->fence) {
			m->fence = 0;
			m->gap = true;
		} else
			code_line(m, m->fn, m->arg, p, len);
		buf_clear(&m->block);
		m->line = 0;
		return;
	}
	if (n > 0) {
		uint8_t head[64]; /* the block goes, and the line with it */

		len = len < sizeof(head) ? len : sizeof(head);
		memcpy(head, p, len);
		m->block.len = m->line;
		end_block(m);
		open_fence(m, head, len, ch, n);
		return;
	}
	for (i = 0; i < len && isspace(p[i]); i++)
		;
	if (i == len) {
		m->block.len = m->line; /* the blank line is not of it */
		end_block(m);
		m->gap = true;
		return;
	}
	m->line = m->block.len;
	if (m->block.len > MD_BLOCK_MAX)
		end_block(m);
}

void
md_feed(struct md *m, const void *data, size_t len)
{
	const uint8_t *p = data, *nl;
	size_t n;

	for (; len > 0; p += n, len -= n) {
		nl = memchr(p, '\n', len);
		n = nl == NULL ? len : (size_t)(nl - p) + 1;
		if (n > MD_BLOCK_MAX) {
			n = MD_BLOCK_MAX;
			nl = NULL;
		}
		(void)buf_add(&m->block, p, n);
		if (nl != NULL)
			end_line(m);
		else if (m->block.len - m->line > MD_BLOCK_MAX) {
			/* A line without end: shown in pieces. */
			(void)buf_addc(&m->block, '\n');
			end_line(m);
		}
	}
}

void
md_end(struct md *m)
{
	if (m->block.len > m->line) {
		(void)buf_addc(&m->block, '\n');
		end_line(m);
	}
	end_block(m);
	m->fence = 0;
	m->gap = false;
	m->any = false;
}

void
md_peek(struct md *m, md_line_fn *fn, void *arg)
{
	if (m->block.len == 0)
		return;
	blank_line(m, fn, arg);
	if (m->fence != 0)
		code_line(m, fn, arg, buf_data(&m->block), m->block.len);
	else
		render(m, fn, arg);
}
