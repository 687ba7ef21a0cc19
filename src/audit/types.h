/* SPDX-License-Identifier: Apache-2.0 */

#ifndef AUDIT_TYPES_H
#define AUDIT_TYPES_H

#include "proto/msg.h"

/*
 * The members of each type's data, as gate, main and audit write them; a name
 * with ? may be missing.  What is not UTF-8 stands as {"b64": "..."}.  Readers
 * ignore members that they do not know.
 *
 * open       audit, of what main says (audit.open)
 *            key version commit resumed? tier policy argv cwd device? inode?
 *            uid user?
 * call       gate    call tool id? line? argv? cwd? reads? writes? escalate?
 *                    words?
 * decision   gate    call tool verdict rule? file? line? why? policy rights
 *                    matches? grant?
 * approval   gate    call tool answer channel bound? shown? message? scope?
 * intent     gate    call tool argv cwd env grant
 * result     gate    call tool how status wall_us user_us sys_us rss_kib
 *                    bytes sha256 cancelled? error? denials? changes?
 * connect    gate    host port verdict role
 * refusal    gate    call tool why rule?
 * violation  gate    call tool why; main: role by why
 * tool       gate    call tool session? input
 * token      main    reason from
 * recovered  audit   at bytes sha256 why
 * head       audit   see head.h
 * close      audit   why
 *
 * sha256 is that of the bytes named, in lower-case hex.  call joins what
 * belongs to one call: call, decision, approval, intent, result or refusal;
 * the ids of calls of our own begin at 2^31.  policy is the hash of all rules.
 */

/* What a peer may send; the others are audit's own. */
#define AUDIT_OF_PEERS                                                         \
	(1u << AUDIT_CALL | 1u << AUDIT_DECISION | 1u << AUDIT_APPROVAL |      \
	    1u << AUDIT_INTENT | 1u << AUDIT_RESULT | 1u << AUDIT_CONNECT |    \
	    1u << AUDIT_REFUSAL | 1u << AUDIT_VIOLATION | 1u << AUDIT_TOOL |   \
	    1u << AUDIT_TOKEN)

#endif /* AUDIT_TYPES_H */
