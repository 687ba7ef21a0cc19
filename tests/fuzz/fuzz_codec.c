/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as one frame's payload.  What decodes must encode
 * to the same bytes: a frame has one spelling. */

#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "proto/codec.h"

#include "fuzz.h"

static int
take_null(void *arg)
{
	(void)arg;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[MSG_FD_MAX];
	struct codec_header h;
	struct buf b;
	size_t nfds;
	union msg m;

	if (codec_header(data, size, &h) != 0 ||
	    codec_decode(h.def, data, size, take_null, NULL, &m) != 0)
		return 0;
	buf_init(&b, 2 * MSG_FRAME_MAX);
	if (codec_encode(&b, h.def, h.id, &m, fds, &nfds) != 0 ||
	    b.len != size + 4 || memcmp(buf_data(&b) + 4, data, size) != 0)
		fuzz_abort();
	codec_close_fds(h.def, &m);
	buf_fini(&b);
	return 0;
}
