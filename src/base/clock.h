/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_RFC3339_SIZE 32 /* "2026-11-28T12:00:00.000000Z" and NUL */
#define CLOCK_BOOT_ID_SIZE 37 /* a UUID and NUL */

uint64_t clock_mono_ns(void); /* never steps; for time-outs and durations */
uint64_t clock_mono_ms(void);
uint64_t clock_boot_ms(void); /* goes on while the machine sleeps */
uint64_t clock_wall_ns(void); /* since 1970; for people and records only */
void clock_rfc3339(char *dst, size_t size, uint64_t wall_ns); /* in UTC */

#endif /* BASE_CLOCK_H */
