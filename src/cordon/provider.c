/* SPDX-License-Identifier: Apache-2.0 */

/* Part of main: the provider that is there without configuration. */

#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/str.h"
#include "cordon/login.h"
#include "cordon/provider.h"
#include "cordon/signin.h"

#define PROC_NET_MAX (4u << 20) /* bytes of /proc/net/tcp that are read */
#define TCP_LISTEN   "0A"       /* the state, as the kernel prints it */

/* In the order of preference. */
static const struct sign {
	const char *provider;
	const char *env;   /* a variable that is set, or */
	const char *login; /* a file of the configuration folder, or */
	unsigned port;     /* a local server */
} signs[] = {
    {"openai", "CORDON_API_KEY", NULL, 0},
    {"openai", "OPENAI_API_KEY", NULL, 0},
    {"anthropic", "ANTHROPIC_API_KEY", NULL, 0},
    {"openai", NULL, LOGIN_FILE, 0},
    {"openai", NULL, SIGNIN_FILE, 0},
    {"ollama", NULL, NULL, 11434},
    {"lmstudio", NULL, NULL, 1234},
};

#define SIGNS (sizeof(signs) / sizeof(signs[0]))

static const char nothing_there[] =
    "there is no model to ask yet; one of these will do:\n"
    "  export OPENAI_API_KEY=... or ANTHROPIC_API_KEY=...   (a key)\n"
    "  cordon login                           (a ChatGPT plan, or with a key)\n"
    "  ollama serve, or LM Studio's server                  (this machine)\n"
    "and 'cordon help config-file' describes every other provider.";

/*
 * A line of /proc/net/tcp: "  0: 0100007F:2CAA 00000000:0000 0A ...", with
 * the address as the kernel holds it and the port, both in hexadecimal.
 */
static bool
line_listens(const char *line, const char *port)
{
	const char *colon, *state;

	colon = strchr(line, ':');
	if (colon != NULL)
		colon = strchr(colon + 1, ':');
	if (colon == NULL || strncmp(colon + 1, port, 4) != 0)
		return false;
	state = strchr(colon, ' ');
	if (state != NULL)
		state = strchr(state + 1, ' ');
	return state != NULL && strncmp(state + 1, TCP_LISTEN " ", 3) == 0;
}

static bool
table_listens(const char *file, const char *port)
{
	struct buf text;
	char *line, *next;
	bool found = false;

	buf_init(&text, PROC_NET_MAX);
	if (fd_read_file(AT_FDCWD, file, &text) == 0 && text.len > 0)
		for (line = buf_cstr(&text); line != NULL && !found;
		     line = next) {
			next = strchr(line, '\n');
			if (next != NULL)
				*next++ = '\0';
			found = line_listens(line, port);
		}
	buf_fini(&text);
	return found;
}

/* Whether a process listens on a TCP port of the loopback address.  Read
 * from /proc: no connection is made. */
static bool
port_listens(unsigned port)
{
	char hex[8];

	(void)snprintf(hex, sizeof(hex), "%04X", port & 0xFFFF);
	return table_listens("/proc/net/tcp", hex) ||
	       table_listens("/proc/net/tcp6", hex);
}

static bool
has_login(const struct paths *paths, const char *file)
{
	char path[4096];

	return str_fmt(path, sizeof(path), "%s/%s", paths->config, file) == 0 &&
	       access(path, R_OK) == 0;
}

static bool
is_there(const struct sign *s, const struct paths *paths)
{
	const char *value = s->env == NULL ? NULL : getenv(s->env);

	return (value != NULL && *value != '\0') ||
	       (s->login != NULL && has_login(paths, s->login)) ||
	       (s->port != 0 && port_listens(s->port));
}

/* --oss: the local server that was named, or else one that listens. */
static void
choose_local(struct conf *c, const struct session_args *args)
{
	size_t i;

	if (args->local_provider != NULL) {
		conf_add_cli(c, "model_provider", args->local_provider);
		return;
	}
	for (i = 0; i < SIGNS; i++)
		if (signs[i].port != 0 && port_listens(signs[i].port)) {
			conf_add_cli(c, "model_provider", signs[i].provider);
			return;
		}
	conf_fail(c, "--oss: nothing listens on port 11434 (Ollama) or 1234"
		     " (LM Studio); start one of them");
}

void
provider_choose(
    struct conf *c, const struct paths *paths, const struct session_args *args)
{
	size_t i;

	if (args->oss) {
		choose_local(c, args);
		return;
	}
	if (conf_said(c, "model_provider"))
		return; /* the ports are not looked at for nothing */
	for (i = 0; i < SIGNS; i++)
		if (is_there(&signs[i], paths)) {
			conf_add_builtin(
			    c, "model_provider", signs[i].provider);
			return;
		}
}

const struct conf_value *
provider_value(const struct conf *c, const char *leaf)
{
	const struct conf_value *v = NULL;
	struct buf b;

	buf_init(&b, KEY_SIZE - 1);
	(void)buf_adds(&b, "model_providers.");
	(void)toml_put_part(&b, conf_text(c, "model_provider"));
	(void)buf_addf(&b, ".%s", leaf);
	if (buf_err(&b) == 0)
		v = conf_get(c, buf_cstr(&b));
	buf_fini(&b);
	return v;
}

const char *
provider_text(const struct conf *c, const char *leaf)
{
	const struct conf_value *v = provider_value(c, leaf);

	return v == NULL || v->n != 1 ? NULL : v->v[0];
}

const char *
provider_missing(const struct conf *c, const struct paths *paths)
{
	const struct conf_value *v = conf_get(c, "model_provider");
	size_t i;

	/* Who configured one is told by the provider itself what it lacks. */
	if (v->layer != LAYER_BUILTIN)
		return NULL;
	/* Of the chosen one alone: a server may have come up since. */
	for (i = 0; i < SIGNS; i++)
		if (strcmp(signs[i].provider, v->v[0]) == 0 &&
		    is_there(&signs[i], paths))
			return NULL;
	return nothing_there;
}
