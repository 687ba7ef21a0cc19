/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CONF_FORM_H
#define CONF_FORM_H

#include <stdbool.h>
#include <stddef.h>

/* What a text must look like, beyond being one. */
enum key_form {
	FORM_ANY,
	FORM_URL,     /* http or https, a host, perhaps a port and a path */
	FORM_VARIABLE /* the name of an environment variable */
};

/* NULL if the text has the form; otherwise what it must be, for people. */
const char *form_wants(enum key_form form, const char *text);

/* "https://host/..." as "host:port" into dst; ERR_FORMAT, ERR_SPACE. */
int form_authority(const char *url, char *dst, size_t size);
/* Whether what is sent there in the clear can be read elsewhere: http, and
 * another machine than this one. */
bool form_clear(const char *url);

#endif /* CONF_FORM_H */
