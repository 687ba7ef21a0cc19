/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: how a style looks.
 *
 * Colours are the sixteen of the terminal, which its owner has chosen to be
 * readable; the two themes differ where a colour is weak on the other
 * background.  Without colour, attributes still tell styles apart.
 */

#include "config.h"

#include <string.h>

#include "ui/text.h"
#include "ui/theme.h"

/* SGR parameters by theme: dark, light, none. */
static const char *const looks[ST_COUNT][3] = {
    [ST_PLAIN] = {"", "", ""},
    [ST_DIM] = {";2", ";2", ";2"},
    [ST_ACCENT] = {";36", ";34", ""},
    [ST_USER] = {";1", ";1", ";1"},
    [ST_HEAD] = {";1;36", ";1;34", ";1"},
    [ST_CODE] = {";36", ";35", ""},
    [ST_QUOTE] = {";2;3", ";2;3", ";3"},
    [ST_LINK] = {";4;34", ";4;34", ";4"},
    [ST_KEYWORD] = {";35", ";35", ""},
    [ST_STRING] = {";32", ";32", ""},
    [ST_NUMBER] = {";33", ";34", ""},
    [ST_COMMENT] = {";2", ";2", ";2"},
    [ST_ADD] = {";32", ";32", ""},
    [ST_DEL] = {";31", ";31", ""},
    [ST_HUNK] = {";36", ";36", ";2"},
    [ST_OK] = {";32", ";32", ""},
    [ST_WARN] = {";33", ";1;33", ";1"},
    [ST_BAD] = {";1;31", ";1;31", ";1"},
};

static const struct {
	unsigned bit;
	const char *param;
} attributes[] = {{STYLE_BOLD, ";1"}, {STYLE_ITALIC, ";3"},
    {STYLE_UNDERLINE, ";4"}, {STYLE_REVERSE, ";7"}, {STYLE_STRIKE, ";9"}};

size_t
theme_sgr(enum theme theme, unsigned style, char dst[THEME_SGR_MAX])
{
	unsigned role = STYLE_ROLE(style) < ST_COUNT ? STYLE_ROLE(style) : 0;
	char *p = dst;
	size_t i;

	p = stpcpy(p, "\033[0");
	p = stpcpy(p, looks[role][theme]);
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if ((style & attributes[i].bit) != 0)
			p = stpcpy(p, attributes[i].param);
	*p++ = 'm';
	return (size_t)(p - dst);
}
