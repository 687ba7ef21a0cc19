/* SPDX-License-Identifier: Apache-2.0 */

#include "wrap.h"

/* The number of lines that text takes when it is wrapped at width. */
int
wrap_lines(int length, int width)
{
	return length / width;
}
