/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library: what git must not take from a repository's configuration.
 *
 * GIT_CONFIG_PARAMETERS stands above every file and, unlike GIT_CONFIG_COUNT,
 * reaches the processes that git starts in submodules.  Two kinds of setting
 * cannot be turned off from outside: drivers whose name an attribute chooses
 * (diff.NAME.command, .textconv, filter.NAME.clean), from which
 * GIT_ATTR_SOURCE, the empty tree, takes the attributes of the work tree from
 * git 2.41 on; and diff.external, which knows no value for none.  Both stand
 * only in a .git/config that somebody wrote on this machine, and what they
 * name runs in a grant that can neither write nor connect.
 */

#include "config.h"

#include <stddef.h>

#include "shell/classify.h"

/* The empty tree, which every repository knows. */
#define ATTR_SOURCE "GIT_ATTR_SOURCE=4b825dc642cb6eb9a060e54bf8d69288fbee4904"

static const char git_config[] =
    "GIT_CONFIG_PARAMETERS="
    "'core.fsmonitor=false' 'core.hooksPath=/dev/null' 'core.pager=cat' "
    "'core.editor=false' 'core.sshCommand=false' 'core.askPass=false' "
    "'core.attributesFile=/dev/null' 'core.alternateRefsCommand=false' "
    "'log.showSignature=false' 'gpg.program=false' "
    "'gpg.openpgp.program=false' 'gpg.x509.program=false' "
    "'gpg.ssh.program=false' 'gpg.ssh.defaultKeyCommand=false' "
    "'credential.helper=' 'protocol.allow=never' "
    "'fetch.recurseSubmodules=no' "
    "'safe.bareRepository=explicit' 'submodule.recurse=false' "
    "'status.submoduleSummary=false' 'diff.submodule=short' "
    "'log.diffMerges=separate'";

const char *const shell_pins[] = {
    git_config,
    "GIT_ATTR_NOSYSTEM=1",
    ATTR_SOURCE,
    "GIT_CONFIG_NOSYSTEM=1",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_PAGER=cat",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ASKPASS=false",
    "GIT_NO_LAZY_FETCH=1",
    "PAGER=cat",
    NULL,
};
