/* SPDX-License-Identifier: Apache-2.0 */

/* Library: what is secret, and what another program would obey. */

#include "config.h"

#include <stddef.h>
#include <string.h>

#include "sandbox/names.h"

const char *const names_home_secrets[] = {
    /* keys */
    ".ssh", ".gnupg", ".pki", ".password-store", ".local/share/keyrings",
    ".local/share/kwalletd", ".age", ".config/sops", ".config/age",
    /* clouds and registries */
    ".aws", ".azure", ".config/gcloud", ".kube", ".docker", ".config/gh",
    ".config/hub", ".config/glab-cli", ".config/doctl", ".config/heroku",
    ".config/op", ".config/containers/auth.json", ".terraform.d", ".oci",
    ".vault-token", ".netrc", ".git-credentials", ".config/git/credentials",
    ".npmrc", ".yarnrc.yml", ".pypirc", ".cargo/credentials",
    ".cargo/credentials.toml", ".gem/credentials", ".m2/settings.xml",
    ".gradle/gradle.properties", ".composer/auth.json", ".config/rclone",
    ".boto", ".s3cfg", ".pgpass", ".my.cnf", ".mylogin.cnf",
    /* browsers and mail */
    ".mozilla", ".config/google-chrome", ".config/chromium",
    ".config/BraveSoftware", ".config/microsoft-edge", ".thunderbird",
    "snap/firefox",
    /* histories */
    ".bash_history", ".zsh_history", ".python_history", ".psql_history",
    ".mysql_history", ".node_repl_history", ".lesshst", ".sqlite_history",
    ".local/share/fish/fish_history",
    /* coding agents, this one too */
    ".config/cordon", ".local/state/cordon", ".codex", ".claude",
    ".claude.json", ".gemini", ".config/opencode", ".local/share/opencode",
    ".aider.conf.yml", ".config/github-copilot", ".continue", ".cursor", NULL};

const char *const names_host_secrets[] = {"/etc/shadow", "/etc/shadow-",
    "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers", "/etc/sudoers.d",
    "/etc/security/opasswd", "/etc/ssl/private", "/etc/krb5.keytab",
    "/etc/cordon", "/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key",
    "/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_dsa_key",
    "/etc/NetworkManager/system-connections", "/etc/wireguard", "/etc/openvpn",
    "/etc/docker", "/etc/kubernetes", "/etc/rancher", "/var/lib/docker",
    "/var/lib/containerd", "/var/lib/kubelet", "/var/lib/sss",
    "/var/lib/private", "/var/lib/NetworkManager", "/var/lib/postgresql",
    "/var/lib/mysql", "/var/log", "/var/spool", "/var/mail", "/var/backups",
    "/boot", "/lost+found", NULL};

const char *const names_protected[] = {
    /* this program */
    ".cordon",
    /* editors */
    ".vscode", ".idea", ".fleet", ".zed", ".vim", ".nvim", ".exrc", ".vimrc",
    ".nvimrc", ".nvim.lua", ".dir-locals.el", ".dir-locals-2.el", ".helix",
    ".sublime-project", ".devcontainer", ".devcontainer.json",
    /* other agents */
    ".claude", ".codex", ".cursor", ".gemini", ".aider.conf.yml",
    ".aider.model.settings.yml", ".continue", ".windsurf", ".roo", ".kiro",
    ".amazonq", ".qwen", ".opencode", "opencode.json", ".mcp.json", ".agents",
    ".junie", ".trae",
    /* shells and version managers that load on entry */
    ".envrc", ".direnv", ".mise.toml", ".tool-versions", ".autoenv", ".bashrc",
    ".bash_profile", ".profile", ".zshrc", ".zshenv", ".gitmodules", NULL};

const char *const names_git_protected[] = {"hooks", "config", "config.worktree",
    "info/attributes", "commondir", "gitdir", NULL};

bool
names_private(const char *path)
{
	return strcmp(path, "/tmp") == 0 || strcmp(path, "/var/tmp") == 0;
}

bool
names_in_git(const char *path)
{
	const char *p;

	for (p = path; (p = strstr(p, ".git")) != NULL; p += 4)
		if ((p == path || p[-1] == '/') &&
		    (p[4] == '\0' || p[4] == '/'))
			return true;
	return false;
}
