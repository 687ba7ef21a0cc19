/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_KEY_H
#define UI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Bytes of a terminal to keys and answers.  A key is a code point, or one of
 * the names below, and modifiers; a control character is its letter with
 * KEY_CTRL.
 */
enum key_name {
	KEY_ENTER = 0x110000, /* above every code point */
	KEY_TAB,
	KEY_BACKSPACE,
	KEY_ESC,
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_PGUP,
	KEY_PGDN,
	KEY_INSERT,
	KEY_DELETE,
	KEY_F1, /* to F12 in order */
	KEY_F12 = KEY_F1 + 11,
	KEY_NAME_END
};
#define KEY_SHIFT 1
#define KEY_ALT   2
#define KEY_CTRL  4

enum event_kind {
	EV_KEY,
	EV_PASTE,      /* text: what was pasted */
	EV_FOCUS,      /* key: 1 gained, 0 lost */
	EV_BACKGROUND, /* key: 0xRRGGBB (OSC 11) */
	EV_KITTY,      /* the keyboard protocol is known; key: its flags */
	EV_DEVICE      /* primary device attributes: end of what was asked */
};

struct event {
	enum event_kind kind;
	uint32_t key;
	unsigned mods;
	struct bytes text; /* borrowed */
};
typedef void key_fn(void *arg, const struct event *ev);

#define KEY_SEQ_MAX   128         /* bytes of a sequence; longer is dropped */
#define KEY_PASTE_MAX (16u << 20) /* bytes of a paste */

struct keys {
	key_fn *fn;
	void *arg; /* borrowed */
	int state;
	uint8_t seq[KEY_SEQ_MAX];
	size_t len;
	bool alt; /* an Esc came before */
	struct buf paste;
	size_t match; /* bytes of the paste's end seen so far */
};

void keys_init(struct keys *k, key_fn *fn, void *arg);
void keys_fini(struct keys *k);
void keys_feed(struct keys *k, const void *p, size_t len);
/* True if an Esc waits for what may follow it; keys_idle then makes it a key
 * of its own. */
bool keys_waiting(const struct keys *k);
void keys_idle(struct keys *k);

/* "ctrl-r", "alt-enter", "f1", "x": ERR_FORMAT if it is no key. */
int key_parse(const char *name, uint32_t *key, unsigned *mods);

#endif /* UI_KEY_H */
