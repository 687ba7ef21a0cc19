/* SPDX-License-Identifier: Apache-2.0 */

#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define SETTINGS_HEADERS_MAX 64
#define SETTINGS_PRICES_MAX  256

/* What a model costs, in millionths of a dollar for a million tokens. */
struct price {
	char *model; /* owned */
	uint64_t in, cached, out;
};

/* What main told: the provider, resolved, and how to ask it. */
struct settings {
	/* owned, as are all texts; "" where main said nothing */
	char *model, *base_url, *wire_api, *query;
	char *effort, *summary, *verbosity, *web_search;
	char *instructions, *developer;
	char *cwd, *shell;
	char *headers[SETTINGS_HEADERS_MAX + 1]; /* "Name: value" */
	uint32_t nheaders;
	uint32_t request_retries, stream_retries;
	uint64_t idle_ms, connect_ms;
	uint64_t refresh_ms; /* age at which a token is renewed; 0: never */
	uint64_t max_output_tokens, window;
	uint64_t compact_at, compact_percent; /* tokens, or of the window */
	uint64_t budget_tokens, budget_ms, budget_microusd;
	struct price prices[SETTINGS_PRICES_MAX];
	uint32_t nprices;
	uint64_t output_tokens; /* of a command's output, by default */
	bool wants_token, headless, resume;
};

void settings_init(struct settings *s);
/* ERR_RANGE, ERR_SPACE; a key that the model does not know is no error. */
int settings_set(struct settings *s, struct bytes key, struct bytes value);
/* Of that model; NULL where the person's list does not have it. */
const struct price *settings_price(const struct settings *s, const char *model);

#endif /* MODEL_SETTINGS_H */
