/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_THEME_H
#define UI_THEME_H

#include <stddef.h>

/* The only escape sequences for colours and attributes that are written. */

enum theme { THEME_DARK, THEME_LIGHT, THEME_NONE };

#define THEME_SGR_MAX 48 /* bytes, NUL included */

/* The SGR sequence that selects exactly this style and nothing older. */
size_t theme_sgr(enum theme theme, unsigned style, char dst[THEME_SGR_MAX]);

#endif /* UI_THEME_H */
