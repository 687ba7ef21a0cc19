/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: whatever a terminal sends, only keys and known answers come
 * out, and after a pause nothing is left half read. */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "ui/key.h"

#include "fuzz.h"

static void
check(void *arg, const struct event *ev)
{
	(void)arg;
	if (ev->kind == EV_KEY &&
	    (ev->key < 0x20 || ev->key >= KEY_NAME_END ||
		(ev->key > 0x10FFFF && ev->key < KEY_ENTER) ||
		ev->mods > (KEY_SHIFT | KEY_ALT | KEY_CTRL)))
		fuzz_abort();
	if (ev->kind == EV_PASTE && ev->text.len > KEY_PASTE_MAX)
		fuzz_abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keys k;

	keys_init(&k, check, NULL);
	keys_feed(&k, data, size);
	keys_idle(&k);
	keys_fini(&k);
	return 0;
}
