/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_IMAGE_H
#define BASE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAX (20u * 1024 * 1024) /* bytes of one that goes to a model */

struct image {
	const char *type; /* image/png, image/jpeg, image/gif or image/webp */
	unsigned width, height;
};

/* Recognises an image by its first bytes and reads its size; nothing is
 * decoded.  False if it is none of those, or has no sensible size. */
bool image_sniff(const uint8_t *p, size_t len, struct image *im);

#endif /* BASE_IMAGE_H */
