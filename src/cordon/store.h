/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_STORE_H
#define CORDON_STORE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where sessions lie: STATE/sessions/YYYY/MM/DD/ID.jsonl (transcripts) and
 * STATE/audit/YYYY/MM/DD/ID.jsonl (audit logs).  The day, in UTC, is in the
 * id, so a session is found without looking for it.
 */
enum store_kind { STORE_TRANSCRIPT, STORE_AUDIT };

/* The path of a session's file; ERR_FORMAT if id is no session's. */
int store_path(char *dst, size_t size, const char *state, enum store_kind kind,
    const char *id);
/* The same of a session to be, whose folder is made; an error comes with a
 * line in why. */
int store_new_path(char *dst, size_t size, const char *state,
    enum store_kind kind, const char *id, char *why, size_t why_size);
/* Opens for appending, 0600, in folders of 0700; with create it must be new.
 * A descriptor, or an error with a line in why. */
int store_append(const char *state, enum store_kind kind, const char *id,
    bool create, char *why, size_t size);
/* Opens for reading. */
int store_read(const char *state, enum store_kind kind, const char *id,
    char *why, size_t size);
/* The id of the newest session whose workspace is cwd; ERR_NOENT. */
int store_newest(char *id, size_t size, const char *state, const char *cwd);

#endif /* CORDON_STORE_H */
