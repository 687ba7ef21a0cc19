/* SPDX-License-Identifier: Apache-2.0 */

#ifndef UI_LINK_H
#define UI_LINK_H

#include <stddef.h>

/*
 * Addresses that cells lead to (OSC 8).  A cell has a number; an address has
 * the same number for as long as we live, so that no cell can come to lead
 * elsewhere.  Addresses are untrusted: one with a byte that is not printable
 * ASCII, with another scheme than http and https, or beyond the limits has no
 * number, and is then only read.
 */
#define LINK_MAX      4096 /* addresses */
#define LINK_URL_MAX  1000 /* bytes of one */
#define LINK_ALL_URLS (1u << 20)

unsigned link_of(const char *url); /* 0: none */
const char *link_url(unsigned link);

#endif /* UI_LINK_H */
