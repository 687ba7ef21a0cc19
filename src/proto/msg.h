/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PROTO_MSG_H
#define PROTO_MSG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "proto/role.h"

/*
 * Every message as a C struct, made from schema.def.  In a received struct
 * the bytes and lists are borrowed from the channel until its next receive,
 * and descriptors belong to the handler (-1 where the sender gave none).  In
 * a sent struct every descriptor must be set, to -1 where there is none: the
 * codec refuses 0, 1 and 2.
 */

#define MSG_FRAME_MAX 65536 /* bytes behind the length, of any message */
#define MSG_HDR       8     /* of which type, flags, call id */
#define MSG_ITEMS_MAX 4096  /* list items in one message, all lists together */
#define MSG_FD_MAX    3     /* descriptors in one message */

struct msg_list {
	uint32_t n;
	struct bytes *v; /* borrowed */
};

typedef uint8_t msg_kind_U8;
typedef uint32_t msg_kind_U32;
typedef uint64_t msg_kind_U64;
typedef bool msg_kind_BOOL;
typedef uint8_t msg_kind_ENUM;
typedef struct bytes msg_kind_STR;
typedef struct bytes msg_kind_BYTES;
typedef struct msg_list msg_kind_LIST;
typedef int msg_kind_FD;

enum msg_type {
#define FIELD(msg, kind, field, max)
#define MESSAGE(NAME, name, type, from, to, flags, cap, ...)                   \
	MSG_##NAME = (type),
#include "proto/schema.def"
#undef MESSAGE
#undef FIELD
	MSG_TYPE_END
};

#define FIELD(msg, kind, field, max) msg_kind_##kind field;
#define MESSAGE(NAME, name, type, from, to, flags, cap, ...)                   \
	struct msg_##name {                                                    \
		__VA_ARGS__                                                    \
	};
#include "proto/schema.def"
#undef MESSAGE
#undef FIELD

/* Room for any of them. */
union msg {
#define FIELD(msg, kind, field, max)
#define MESSAGE(NAME, name, type, from, to, flags, cap, ...)                   \
	struct msg_##name name;
#include "proto/schema.def"
#undef MESSAGE
#undef FIELD
};

/* Values of the enum fields.  PROTOCOL explains each. */

enum conf_kind { /* CONF.kind */
	CONF_STR,
	CONF_INT,
	CONF_FLOAT,
	CONF_BOOL,
	CONF_TIME,
	CONF_EMPTY /* an array without elements */
};
enum item_kind { /* ITEM.kind */
	ITEM_MESSAGE,
	ITEM_REASONING,
	ITEM_WEB_SEARCH,
	ITEM_WARNING,
	ITEM_USER /* a prompt of before */
};
enum turn_phase { TURN_STARTED, TURN_COMPLETED, TURN_FAILED, TURN_CUT };

enum front_next { /* EXITING.next */
	NEXT_END,
	NEXT_NEW,
	NEXT_RESUME,
	NEXT_FORK
};
enum want_what { /* WANT.what */
	WANT_SESSIONS,
	WANT_EDIT,
	WANT_RULE,
	WANT_SESSION,
	WANT_AUDIT,
	WANT_POLICY,
	WANT_EXPORT,
	WANT_FEEDBACK,
	WANT_STOP,
	WANT_IMAGE,
	WANT_LEAVE
};

enum tool { /* BEGIN.tool */
	TOOL_EXEC,
	TOOL_ARGV,
	TOOL_STDIN,
	TOOL_PATCH,
	TOOL_READ,
	TOOL_LIST,
	TOOL_GREP,
	TOOL_IMAGE,
	TOOL_CONTEXT,
	TOOL_USER,
	TOOL_DIGEST,
	TOOL_CHANGED,
	TOOL_FILES,
	TOOL_CONNECT, /* a command's connection */
	TOOL_SERVER,  /* an MCP server, for the whole session */
	TOOL_MCP,     /* a call of a tool of one */
	TOOL_COUNT
};
enum result_status { /* RESULT.status, DONE.status */
	RESULT_OK,
	RESULT_FAILED,  /* ran, and did not succeed */
	RESULT_REFUSED, /* the policy or the person said no */
	RESULT_CANCELLED,
	RESULT_ERROR /* could not be tried */
};
enum ask_what {
	ASK_EXEC,
	ASK_PATCH,
	ASK_WRITE,
	ASK_READ,
	ASK_NET,
	ASK_ESCALATE,
	ASK_TOOL
};
enum answer { ANSWER_NO, ANSWER_ONCE, ANSWER_SESSION, ANSWER_EXPLAIN };
enum answer_channel {
	CHANNEL_TTY,
	CHANNEL_EDITOR,
	CHANNEL_WEB,
	CHANNEL_PROGRAM, /* --approve-with */
	CHANNEL_PRESET
};
enum verdict { VERDICT_ALLOW, VERDICT_ASK, VERDICT_FORBID, VERDICT_APPROVED };

enum audit_type { /* RECORD.type; the word in the log is in lower case */
	AUDIT_OPEN,
	AUDIT_CALL,
	AUDIT_DECISION,
	AUDIT_APPROVAL,
	AUDIT_INTENT,
	AUDIT_RESULT,
	AUDIT_CONNECT,
	AUDIT_REFUSAL,
	AUDIT_VIOLATION,
	AUDIT_TOOL,
	AUDIT_TOKEN,
	AUDIT_RECOVERED,
	AUDIT_HEAD,
	AUDIT_CLOSE,
	AUDIT_TYPES
};

enum spawn_stdio {
	STDIO_MERGED, /* in: pipe; out and err: one pipe, order kept */
	STDIO_PTY,    /* one pseudo-terminal, its controlling terminal */
	STDIO_PASSED, /* the three descriptors of the SPAWN itself */
	STDIO_NULL_IN /* as MERGED, with the in of the SPAWN as input, or
			 /dev/null where it has none */
};
enum exit_how {
	EXIT_STATUS,   /* status is waitpid(2)'s */
	EXIT_NOTFOUND, /* 127 */
	EXIT_NOEXEC,   /* 126 */
	EXIT_NOSTART,  /* could not be confined or set up; see error */
	EXIT_TIMEOUT,
	EXIT_MEMORY,
	EXIT_PROCS,
	EXIT_FSIZE,
	EXIT_KILLED, /* by KILL */
	EXIT_OUTPUT
};
enum server_state { /* SERVER.state */
	SERVER_STARTING,
	SERVER_READY,
	SERVER_ENDED
};
enum mcp_how { /* MRESULT.how */
	MCP_OK,
	MCP_FAILED, /* the server says so */
	MCP_TIMEOUT,
	MCP_CANCELLED,
	MCP_ENDED /* the server has, before it answered */
};
enum netfail {
	NETFAIL_LISTED, /* the host is not on the list */
	NETFAIL_NAME,   /* not a host name */
	NETFAIL_RESOLVE,
	NETFAIL_ADDRESS, /* resolved to an address that is not allowed */
	NETFAIL_CONNECT,
	NETFAIL_TIMEOUT,
	NETFAIL_PROXY,
	NETFAIL_OTHER
};
enum token_reason { TOKEN_FIRST, TOKEN_STALE, TOKEN_REJECTED };

#endif /* PROTO_MSG_H */
