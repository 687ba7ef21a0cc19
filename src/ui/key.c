/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: what the terminal sends.
 *
 * Understood are the legacy encodings of xterm and the Linux console, xterm's
 * modifyOtherKeys, the kitty keyboard protocol's first level, bracketed paste,
 * focus reports and the few answers that we ask for.  An unknown sequence is
 * dropped whole, so that it never becomes text.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

#include "ui/key.h"

enum state { GROUND, ESCAPE, CSI, SS3, STRING, STRING_ESC, PASTE, UTF8 };

static const char paste_end[] = "\033[201~";

/* By the final byte of CSI or SS3. */
static const struct {
	char final;
	uint32_t key;
} finals[] = {{'A', KEY_UP}, {'B', KEY_DOWN}, {'C', KEY_RIGHT}, {'D', KEY_LEFT},
    {'F', KEY_END}, {'H', KEY_HOME}, {'P', KEY_F1}, {'Q', KEY_F1 + 1},
    {'R', KEY_F1 + 2}, {'S', KEY_F1 + 3}, {'M', KEY_ENTER}, {'Z', KEY_TAB}};

/* By the number before "~". */
static const struct {
	unsigned number;
	uint32_t key;
} tildes[] = {{1, KEY_HOME}, {2, KEY_INSERT}, {3, KEY_DELETE}, {4, KEY_END},
    {5, KEY_PGUP}, {6, KEY_PGDN}, {7, KEY_HOME}, {8, KEY_END}, {11, KEY_F1},
    {12, KEY_F1 + 1}, {13, KEY_F1 + 2}, {14, KEY_F1 + 3}, {15, KEY_F1 + 4},
    {17, KEY_F1 + 5}, {18, KEY_F1 + 6}, {19, KEY_F1 + 7}, {20, KEY_F1 + 8},
    {21, KEY_F1 + 9}, {23, KEY_F1 + 10}, {24, KEY_F1 + 11}};

static const struct {
	const char *name;
	uint32_t key;
} names[] = {{"enter", KEY_ENTER}, {"tab", KEY_TAB},
    {"backspace", KEY_BACKSPACE}, {"esc", KEY_ESC}, {"up", KEY_UP},
    {"down", KEY_DOWN}, {"left", KEY_LEFT}, {"right", KEY_RIGHT},
    {"home", KEY_HOME}, {"end", KEY_END}, {"pageup", KEY_PGUP},
    {"pagedown", KEY_PGDN}, {"insert", KEY_INSERT}, {"delete", KEY_DELETE},
    {"f1", KEY_F1}, {"f2", KEY_F1 + 1}, {"f3", KEY_F1 + 2}, {"f4", KEY_F1 + 3},
    {"f5", KEY_F1 + 4}, {"f6", KEY_F1 + 5}, {"f7", KEY_F1 + 6},
    {"f8", KEY_F1 + 7}, {"f9", KEY_F1 + 8}, {"f10", KEY_F1 + 9},
    {"f11", KEY_F1 + 10}, {"f12", KEY_F12}, {"space", ' '}};

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

void
keys_init(struct keys *k, key_fn *fn, void *arg)
{
	memset(k, 0, sizeof(*k));
	k->fn = fn;
	k->arg = arg;
	k->state = GROUND;
	buf_init(&k->paste, KEY_PASTE_MAX);
}

void
keys_fini(struct keys *k)
{
	buf_fini(&k->paste);
}

static void
emit(struct keys *k, enum event_kind kind, uint32_t key, unsigned mods)
{
	struct event ev = {.kind = kind, .key = key, .mods = mods};

	if (kind == EV_KEY && k->alt)
		ev.mods |= KEY_ALT;
	k->alt = false;
	k->state = GROUND;
	k->len = 0;
	k->fn(k->arg, &ev);
}

static void
drop(struct keys *k)
{
	k->alt = false;
	k->state = GROUND;
	k->len = 0;
}

/* A code point as the protocols number it, to a key. */
static uint32_t
number_key(unsigned n)
{
	switch (n) {
	case 8:
	case 127:
		return KEY_BACKSPACE;
	case 9:
		return KEY_TAB;
	case 13:
	case 57414: /* keypad */
		return KEY_ENTER;
	case 27:
		return KEY_ESC;
	default: /* our own names are not code points */
		return n < KEY_ENTER ? n : 0;
	}
}

/* A key with its modifiers, brought to one form: ctrl-a, not ctrl-A. */
static void
emit_key(struct keys *k, uint32_t key, unsigned xmods)
{
	unsigned mods = 0;

	xmods = xmods > 0 ? xmods - 1 : 0;
	if ((xmods & 1) != 0)
		mods |= KEY_SHIFT;
	if ((xmods & 2) != 0)
		mods |= KEY_ALT;
	if ((xmods & 4) != 0)
		mods |= KEY_CTRL;
	if (key < 0x20 || key >= KEY_NAME_END ||
	    (key >= 57344 && key <= 63743)) { /* other kitty keys */
		drop(k);
		return;
	}
	if (key < KEY_ENTER && (mods & KEY_SHIFT) != 0) {
		if (key >= 'a' && key <= 'z' && (mods & KEY_CTRL) == 0)
			key -= 'a' - 'A';
		mods &= ~(unsigned)KEY_SHIFT;
	}
	if ((mods & KEY_CTRL) != 0 && key >= 'A' && key <= 'Z')
		key += 'a' - 'A';
	emit(k, EV_KEY, key, mods);
}

/* Decimal parameters; those behind a colon belong to the one before. */
static size_t
params(const struct keys *k, unsigned *v, size_t max)
{
	size_t i, n = 0;
	bool sub = false;

	memset(v, 0, max * sizeof(*v));
	for (i = 0; i < k->len && n < max; i++) {
		uint8_t c = k->seq[i];

		if (c >= '0' && c <= '9' && !sub && v[n] < 10000000)
			v[n] = v[n] * 10 + (unsigned)(c - '0');
		else if (c == ':')
			sub = true;
		else if (c == ';') {
			sub = false;
			n++;
		}
	}
	return n < max ? n + 1 : max;
}

static void
csi_tilde(struct keys *k, const unsigned *v, size_t n)
{
	size_t i;

	if (v[0] == 200) {
		k->state = PASTE;
		k->match = 0;
		k->alt = false;
		buf_clear(&k->paste);
		return;
	}
	if (v[0] == 27 && n >= 3) { /* modifyOtherKeys */
		emit_key(k, number_key(v[2]), v[1]);
		return;
	}
	for (i = 0; i < LEN(tildes); i++)
		if (tildes[i].number == v[0]) {
			emit_key(k, tildes[i].key, n > 1 ? v[1] : 0);
			return;
		}
	drop(k);
}

static void
csi_end(struct keys *k, char final)
{
	bool private = k->len > 0 && k->seq[0] == '?';
	unsigned v[4];
	size_t i, n = params(k, v, LEN(v));

	if (private) {
		if (final == 'u')
			emit(k, EV_KITTY, v[0], 0);
		else if (final == 'c')
			emit(k, EV_DEVICE, 0, 0);
		else
			drop(k);
		return;
	}
	if (final == '~') {
		csi_tilde(k, v, n);
		return;
	}
	if (final == 'u') {
		emit_key(k, number_key(v[0]), n > 1 ? v[1] : 0);
		return;
	}
	if (k->len == 0 && (final == 'I' || final == 'O')) {
		emit(k, EV_FOCUS, final == 'I', 0);
		return;
	}
	for (i = 0; i < LEN(finals); i++)
		if (finals[i].final == final && final != 'M') {
			emit_key(k, finals[i].key,
			    final == 'Z' ? 2
			    : n > 1      ? v[1]
					 : 0);
			return;
		}
	drop(k);
}

static int
hex_digit(uint8_t c)
{
	static const char digits[] = "0123456789abcdef";
	const char *d = c == '\0' ? NULL : strchr(digits, c | 0x20);

	return d == NULL ? -1 : (int)(d - digits);
}

/* "11;rgb:RRRR/GGGG/BBBB" with one to four digits each. */
static void
osc_end(struct keys *k)
{
	const char *head = "11;rgb:";
	uint32_t rgb = 0;
	size_t i = strlen(head), parts, digits;
	int d;

	if (k->len < i || memcmp(k->seq, head, i) != 0) {
		drop(k);
		return;
	}
	for (parts = 0; parts < 3; parts++, i++) {
		unsigned part = 0;

		for (digits = 0; i < k->len && k->seq[i] != '/'; i++) {
			if ((d = hex_digit(k->seq[i])) == -1)
				break;
			if (digits++ < 2)
				part = part << 4 | (unsigned)d;
		}
		if (digits == 0)
			break;
		rgb = rgb << 8 | (digits == 1 ? part * 17 : part);
	}
	if (parts == 3)
		emit(k, EV_BACKGROUND, rgb, 0);
	else
		drop(k);
}

static void
collect(struct keys *k, uint8_t c)
{
	if (k->len < KEY_SEQ_MAX)
		k->seq[k->len] = c;
	k->len++;
}

static void ground_byte(struct keys *k, uint8_t c);

static void
utf8_byte(struct keys *k, uint8_t c)
{
	size_t need;
	uint32_t cp;

	if (k->len > 0 && (c & 0xC0) != 0x80) { /* cut short */
		drop(k);
		ground_byte(k, c);
		return;
	}
	collect(k, c);
	need = k->seq[0] < 0xE0 ? 2 : k->seq[0] < 0xF0 ? 3 : 4;
	if (utf8_decode(k->seq, k->len, &cp) > 0)
		emit(k, EV_KEY, cp, 0);
	else if (k->len >= need || k->seq[0] < 0xC2 || k->seq[0] > 0xF4)
		drop(k);
	else
		k->state = UTF8;
}

static void
ground_byte(struct keys *k, uint8_t c)
{
	if (c == 0x1B)
		k->state = ESCAPE;
	else if (c == '\r')
		emit(k, EV_KEY, KEY_ENTER, 0);
	else if (c == '\t')
		emit(k, EV_KEY, KEY_TAB, 0);
	else if (c == 0x7F || c == 0x08)
		emit(k, EV_KEY, KEY_BACKSPACE, 0);
	else if (c == 0)
		emit(k, EV_KEY, ' ', KEY_CTRL);
	else if (c <= 0x1A)
		emit(k, EV_KEY, (uint32_t)(c + 'a' - 1), KEY_CTRL);
	else if (c < 0x20)
		emit(k, EV_KEY, (uint32_t)(c + 0x40), KEY_CTRL);
	else if (c < 0x80)
		emit(k, EV_KEY, c, 0);
	else
		utf8_byte(k, c);
}

static void
escape_byte(struct keys *k, uint8_t c)
{
	k->len = 0;
	switch (c) {
	case '[':
		k->state = CSI;
		break;
	case 'O':
		k->state = SS3;
		break;
	case ']':
	case 'P':
	case '_':
	case '^':
	case 'X':
		k->state = STRING;
		break;
	case 0x1B:
		if (k->alt) { /* three of them: no prefix of anything */
			emit(k, EV_KEY, KEY_ESC, 0);
			k->state = ESCAPE;
		}
		k->alt = true;
		break;
	default:
		k->alt = true;
		k->state = GROUND;
		ground_byte(k, c);
	}
}

static void
csi_byte(struct keys *k, uint8_t c)
{
	if (c >= 0x20 && c < 0x40)
		collect(k, c);
	else if (c == '[' && k->len == 0)
		collect(k, c); /* Linux console: CSI [ A is F1 */
	else if (k->len > KEY_SEQ_MAX || c < 0x20 || c > 0x7E)
		drop(k);
	else if (k->len == 1 && k->seq[0] == '[')
		emit(k, EV_KEY, c >= 'A' && c <= 'E' ? KEY_F1 + c - 'A' : ' ',
		    0);
	else
		csi_end(k, (char)c);
}

static void
ss3_byte(struct keys *k, uint8_t c)
{
	size_t i;

	for (i = 0; i < LEN(finals); i++)
		if (finals[i].final == (char)c) {
			emit(k, EV_KEY, finals[i].key, 0);
			return;
		}
	drop(k);
}

static void
string_byte(struct keys *k, uint8_t c)
{
	if (k->state == STRING_ESC || c == 0x07) {
		if (k->len <= KEY_SEQ_MAX)
			osc_end(k);
		else
			drop(k);
		if (c == '\\' || c == 0x07)
			return;
		k->state = ESCAPE; /* cut short by another sequence */
		escape_byte(k, c);
	} else if (c == 0x1B)
		k->state = STRING_ESC;
	else if (c == 0x18 || c == 0x1A)
		drop(k);
	else
		collect(k, c);
}

static void
paste_byte(struct keys *k, uint8_t c)
{
	struct event ev = {.kind = EV_PASTE};

	if (c == (uint8_t)paste_end[k->match]) {
		if (paste_end[++k->match] != '\0')
			return;
		drop(k);
		ev.text = (struct bytes){buf_data(&k->paste), k->paste.len};
		k->fn(k->arg, &ev);
		buf_fini(&k->paste);
		buf_init(&k->paste, KEY_PASTE_MAX);
		return;
	}
	(void)buf_add(&k->paste, paste_end, k->match);
	k->match = 0;
	if (c == 0x1B)
		k->match = 1;
	else /* terminals send a carriage return for each newline */
		(void)buf_addc(&k->paste, c == '\r' ? '\n' : (char)c);
}

static void (*const byte_fns[])(struct keys *, uint8_t) = {
    [GROUND] = ground_byte,
    [ESCAPE] = escape_byte,
    [CSI] = csi_byte,
    [SS3] = ss3_byte,
    [STRING] = string_byte,
    [STRING_ESC] = string_byte,
    [PASTE] = paste_byte,
    [UTF8] = utf8_byte,
};

void
keys_feed(struct keys *k, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 0; p++, len--)
		byte_fns[k->state](k, *p);
}

bool
keys_waiting(const struct keys *k)
{
	return k->state != GROUND && k->state != PASTE;
}

void
keys_idle(struct keys *k)
{
	static const struct {
		int state;
		uint32_t key;
	} cut[] = {{ESCAPE, KEY_ESC}, {CSI, '['}, {SS3, 'O'}};
	size_t i;

	for (i = 0; i < LEN(cut); i++)
		if (k->state == cut[i].state && k->len == 0) {
			if (k->state != ESCAPE)
				k->alt = true;
			emit(k, EV_KEY, cut[i].key, 0);
			return;
		}
	drop(k);
}

int
key_parse(const char *name, uint32_t *key, unsigned *mods)
{
	static const struct {
		const char *prefix;
		unsigned mod;
	} prefixes[] = {
	    {"ctrl-", KEY_CTRL}, {"alt-", KEY_ALT}, {"shift-", KEY_SHIFT}};
	size_t i, len;

	*mods = 0;
	for (i = 0; i < LEN(prefixes); i++) {
		len = strlen(prefixes[i].prefix);
		if (str_starts(name, prefixes[i].prefix) && name[len] != '\0') {
			*mods |= prefixes[i].mod;
			name += len;
		}
	}
	for (i = 0; i < LEN(names); i++)
		if (strcmp(names[i].name, name) == 0) {
			*key = names[i].key;
			return 0;
		}
	len = strlen(name);
	if (len == 0 || *name <= 0x20 ||
	    utf8_decode((const uint8_t *)name, len, key) != len)
		return ERR_FORMAT;
	return 0;
}
