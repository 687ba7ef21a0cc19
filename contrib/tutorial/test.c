/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>

#include "wrap.h"

int
main(void)
{
	int got = wrap_lines(81, 80);

	printf("81 characters at 80 columns: %d lines, wanted 2\n", got);
	return got != 2;
}
