/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the two clocks.  Time-outs use the monotonic one, always. */

#include "config.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

#define NS_PER_S 1000000000ULL

static uint64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) == -1)
		fatal("clock_gettime failed");
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t
clock_boot_ms(void)
{
	return clock_ns(CLOCK_BOOTTIME) / 1000000;
}

uint64_t
clock_mono_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

uint64_t
clock_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

void
clock_rfc3339(char *dst, size_t size, uint64_t wall_ns)
{
	time_t t = (time_t)(wall_ns / NS_PER_S);
	unsigned us = (unsigned)(wall_ns % NS_PER_S / 1000);
	struct tm tm;
	size_t n;

	(void)gmtime_r(&t, &tm);
	n = strftime(dst, size, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(dst + n, size - n, ".%06uZ", us);
}
