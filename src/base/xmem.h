/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_XMEM_H
#define BASE_XMEM_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Allocation that dies (exit 70) when memory is out.  For sizes that we
 * choose; what a peer sizes goes into a buf with a cap.  The caller owns
 * every result and gives it to free(3).
 */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t len);
void *xmemdup(const void *p, size_t len); /* one NUL is put behind */
char *
xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* BASE_XMEM_H */
