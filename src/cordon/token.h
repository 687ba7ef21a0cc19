/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_TOKEN_H
#define CORDON_TOKEN_H

#include "conf/layer.h"
#include "conf/paths.h"
#include "cordon/errand.h"
#include "cordon/signin.h"
#include "proto/chan.h"

struct session;

/* Where the provider's token comes from. */
enum token_source {
	TOKEN_NONE,    /* it wants none */
	TOKEN_ENV,     /* a variable of the person's, or cordon login */
	TOKEN_COMMAND, /* model_providers.NAME.auth.command */
};

enum token_source token_source(const struct conf *c);
/* Where the provider is asked: for those who are signed in that is another
 * place, unless they configured one. */
const char *token_base_url(const struct conf *c, const struct paths *paths);

/*
 * Answers the model's TOKEN_WANTED.  A token command is the person's own: it
 * runs with the person's rights, environment, home and network, in a cell
 * of its own from which only the workspace is hidden.  Its output is the
 * token and is never shown; when it fails, the answer names the command.
 */
struct token_giver {
	const struct conf *conf;   /* borrowed */
	const struct paths *paths; /* borrowed */
	const char *workspace;     /* borrowed */
	struct session *session;   /* borrowed */
	struct errand errand;
	/* Of the token of a sign-in that the model got last. */
	uint8_t sent[SIGNIN_DIGEST_LEN];
	bool has_sent, refused;
};

/* The others are set; keys are taken out of the environment. */
void token_init(struct token_giver *g);
void token_fini(struct token_giver *g); /* wipes */
/* The handler of TOKEN_WANTED calls this. */
void token_wanted(struct token_giver *g, enum token_reason reason);

#endif /* CORDON_TOKEN_H */
