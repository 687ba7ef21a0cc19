/* SPDX-License-Identifier: Apache-2.0 */

/* Unit tests: what a terminal sends, to keys; the names of keys. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/utf8.h"

#include "conf/keys.h"
#include "ui/bind.h"
#include "ui/key.h"

static char got[512];

/* The names that key_parse reads, in the order of the keys. */
static const char *const names[] = {"enter", "tab", "backspace", "esc", "up",
    "down", "left", "right", "home", "end", "pageup", "pagedown", "insert",
    "delete", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10",
    "f11", "f12"};

static void
key_words(char *dst, size_t size, uint32_t key, unsigned mods)
{
	char one[UTF8_MAX + 1] = "";

	if (key < KEY_ENTER)
		one[utf8_put((uint8_t *)one, key)] = '\0';
	(void)snprintf(dst, size, "%s%s%s%s",
	    (mods & KEY_CTRL) != 0 ? "ctrl-" : "",
	    (mods & KEY_ALT) != 0 ? "alt-" : "",
	    (mods & KEY_SHIFT) != 0 ? "shift-" : "",
	    key < KEY_ENTER ? one : names[key - KEY_ENTER]);
}

static void
note(void *arg, const struct event *ev)
{
	char name[64];
	size_t n = strlen(got);

	(void)arg;
	if (ev->kind == EV_KEY) {
		key_words(name, sizeof(name), ev->key, ev->mods);
		(void)snprintf(
		    got + n, sizeof(got) - n, "%s%s", n > 0 ? " " : "", name);
	} else if (ev->kind == EV_PASTE)
		(void)snprintf(got + n, sizeof(got) - n, "<%.*s>",
		    (int)ev->text.len, (const char *)ev->text.p);
	else
		(void)snprintf(
		    got + n, sizeof(got) - n, "{%d:%x}", ev->kind, ev->key);
}

static void
test_sequences(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"a\xC3\xA9", "a \xC3\xA9"},
	    {"\r\n\t\x7f", "enter ctrl-j tab backspace"},
	    {"\x01\x1a\x1f", "ctrl-a ctrl-z ctrl-_"},
	    {"\033[A\033OB\033[H\033[1~", "up down home home"},
	    {"\033[1;5C\033[1;3D\033[3;5~", "ctrl-right alt-left ctrl-delete"},
	    {"\033[Z", "shift-tab"},
	    {"\033\r\033b\033\x7f", "alt-enter alt-b alt-backspace"},
	    {"\033\033[A", "alt-up"},
	    {"\033[13;2u\033[27u\033[97;5u", "shift-enter esc ctrl-a"},
	    {"\033[97:65;2u\033[27;5;13~", "A ctrl-enter"},
	    {"\033[65;6u", "ctrl-a"}, {"\033[[A\033[15~", "f1 f5"},
	    {"\033[200~a\033[31m\rb\033[201~c", "<a\033[31m\nb> c"},
	    {"\033[I\033[O", "{2:1}{2:0}"},
	    {"\033]11;rgb:ffff/0000/8080\033\\", "{3:ff0080}"},
	    {"\033]11;rgb:f/0/8\a", "{3:ff0088}"},
	    {"\033[?1u\033[?62;22c", "{4:1}{5:0}"},
	    {"\033[999zx\033[57358ux", "x x"}, /* unknown: dropped whole */
	    {"\033]0;evil\ax\033Pq\033\\y", "x y"},
	    {"\xFFz\xE4\xB8z", "z z"}, /* bad bytes take nothing along */
	};
	struct keys k;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		keys_init(&k, note, NULL);
		got[0] = '\0';
		for (j = 0; cases[i].in[j] != '\0'; j++)
			keys_feed(&k, cases[i].in + j, 1);
		assert_string_equal(got, cases[i].out);
		keys_fini(&k);
	}
}

static void
test_escape(void **state)
{
	struct keys k;

	(void)state;
	keys_init(&k, note, NULL);
	got[0] = '\0';
	keys_feed(&k, "\033", 1);
	assert_true(keys_waiting(&k));
	keys_idle(&k);
	assert_false(keys_waiting(&k));
	keys_feed(&k, "\033[", 2);
	keys_idle(&k);
	keys_feed(&k, "\033[12", 4);
	keys_idle(&k); /* half a sequence is nothing */
	assert_string_equal(got, "esc alt-[");
	keys_fini(&k);
}

static void
test_names(void **state)
{
	static const char *const bad[] = {"", "nokey", "ctrl-", "ctrl-nokey"};
	uint32_t key;
	unsigned mods, a;
	char name[64], list[1024], *rest = list, *one;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(key_parse(bad[i], &key, &mods), ERR_FORMAT);
	assert_int_equal(key_parse("ctrl-alt-f5", &key, &mods), 0);
	key_words(name, sizeof(name), key, mods);
	assert_string_equal(name, "ctrl-alt-f5");

	/* Every default key is one, and no two actions share one. */
	bind_init();
	for (a = 0; a < ACT_COUNT; a++) {
		const char *s = bind_rows[a].keys;
		size_t len;

		assert_non_null(s);
		for (; *s != '\0'; s += len + strspn(s + len, " ")) {
			len = strcspn(s, " ");
			(void)snprintf(name, sizeof(name), "%.*s", (int)len, s);
			assert_int_equal(key_parse(name, &key, &mods), 0);
			assert_int_equal(bind_find(key, mods), a);
		}
	}
	/* And the configuration knows the actions, and no other. */
	(void)strlcpy(list, key_named("tui.keymap.left")->names, sizeof(list));
	for (a = 0; a < ACT_COUNT; a++) {
		one = strsep(&rest, "|");
		assert_string_equal(one, bind_rows[a].name);
	}
	assert_null(rest);
	assert_int_equal(bind_set("undo", "f9"), 0);
	assert_int_equal(key_parse("f9", &key, &mods), 0);
	assert_int_equal(bind_find(key, mods), ACT_UNDO);
	assert_int_equal(bind_set("nothing", "f9"), ERR_NOENT);
	assert_int_equal(bind_set("undo", "nokey"), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sequences),
	    cmocka_unit_test(test_escape),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
