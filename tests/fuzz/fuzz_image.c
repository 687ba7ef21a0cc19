/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: what is recognised as an image has a type and a size. */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/image.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image im = {0};

	if (image_sniff(data, size, &im) &&
	    (strncmp(im.type, "image/", 6) != 0 || im.width == 0 ||
		im.width > 65535 || im.height == 0 || im.height > 65535))
		fuzz_abort();
	return 0;
}
