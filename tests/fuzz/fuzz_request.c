/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fuzz target: what a command says to its proxy.  What is taken names a host
 * that is one, in one spelling; a request goes on with a path and a Host.
 */

#include "config.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "net/request.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request rq = {.port = 0};
	const char *p, *host;
	struct buf b;

	buf_init(&b, 65536);
	(void)buf_add(&b, data, size < 65536 ? size : 65536);
	if (request_take(&rq, &b) == 1) {
		if (host_kind(bytes_of(rq.host)) == HOST_BAD || rq.port == 0)
			fuzz_abort();
		for (p = rq.host; *p != '\0'; p++)
			if (isupper((unsigned char)*p))
				fuzz_abort();
		host = rq.tunnel ? NULL : strstr(buf_cstr(&b), "\r\nHost: ");
		if (!rq.tunnel &&
		    (host == NULL || strchr(buf_cstr(&b), '/') > host))
			fuzz_abort();
	}
	buf_fini(&b);
	return 0;
}
