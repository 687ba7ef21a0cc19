/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the words of the roles. */

#include "config.h"

#include <stddef.h>
#include <string.h>

#include "proto/role.h"

static const char *const role_words[ROLE_COUNT] = {
    [ROLE_MAIN] = "main",
    [ROLE_LOAD] = "load",
    [ROLE_UI] = "ui",
    [ROLE_MODEL] = "model",
    [ROLE_NET] = "net",
    [ROLE_GATE] = "gate",
    [ROLE_CELL] = "cell",
    [ROLE_OPEN] = "open",
    [ROLE_TOOL] = "tool",
    [ROLE_AUDIT] = "audit",
    [ROLE_REPORT] = "report",
    [ROLE_LOGIN] = "login",
    [ROLE_MCP] = "mcp",
};

enum role
role_program(enum role role)
{
	return role > ROLE_MCP ? ROLE_MCP : role;
}

const char *
role_word(enum role role)
{
	if ((unsigned)role >= ROLE_COUNT)
		return NULL;
	return role_words[role_program(role)];
}
