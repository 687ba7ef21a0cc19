/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as a stream of frames; the first byte says in what
 * pieces they arrive. */

#include "config.h"

#include <sys/socket.h>

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/frame.h"

#include "fuzz.h"

#define FUZZ_FRAME_MAX 512

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t mem[FRAME_HDR + FUZZ_FRAME_MAX];
	const uint8_t *payload;
	struct frame_reader fr;
	size_t piece, n, len;
	int fds[2], r = 0;

	if (size < 2 || fd_pair(fds) != 0)
		return 0;
	piece = data[0] % 64u + 1;
	data++;
	size--;
	frame_init(&fr, fds[0], mem, sizeof(mem), 0);
	while (r == 0 && size > 0) {
		n = size < piece ? size : piece;
		if (send(fds[1], data, n, MSG_NOSIGNAL) != (ssize_t)n)
			break;
		data += n;
		size -= n;
		r = frame_fill(&fr);
		while (r == 0 && frame_next(&fr, &payload, &len) == 1)
			if (len == 0 || len > FUZZ_FRAME_MAX || payload < mem ||
			    payload + len > mem + sizeof(mem))
				fuzz_abort();
		r = fr.err;
	}
	frame_fini(&fr);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return 0;
}
