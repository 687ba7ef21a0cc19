/* SPDX-License-Identifier: Apache-2.0 */

/* Front, mode tui: its settings, and the status line that shows them. */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/log.h"
#include "base/xmem.h"

#include "ui/slash.h"
#include "ui/tui.h"

#define TEXT(member) offsetof(struct tui_conf, member)

/* Facts that are kept as they are told. */
static const struct {
	const char *key;
	size_t off;
} facts[] = {
    {"session.cwd", TEXT(cwd)},
    {"session.home", TEXT(home)},
    {"session.branch", TEXT(branch)},
    {"session.tier", TEXT(tier)},
    {"session.version", TEXT(version)},
    {"session.profile", TEXT(profile)},
    {"model", TEXT(model)},
    {"model_reasoning_effort", TEXT(effort)},
    {"approval_policy", TEXT(approval)},
    {"sandbox_mode", TEXT(sandbox)},
};

/* "1" and "true" switch on. */
static const struct {
	const char *key;
	size_t off;
} switches[] = {
    {"tui.notifications", TEXT(notifications)},
    {"hide_agent_reasoning", TEXT(hide_reasoning)},
    {"front.color", TEXT(color)},
    {"tui.alternate_screen", TEXT(alt_screen)},
    {"tui.screen_reader", TEXT(screen_reader)},
    {"tui.vim_mode_default", TEXT(vi)},
};

static const struct {
	const char *word;
	enum notify how;
} methods[] = {{"bel", NOTIFY_BEL}, {"osc9", NOTIFY_OSC9},
    {"osc777", NOTIFY_OSC777}, {"osc99", NOTIFY_OSC99}};

/* Terminals that show OSC 9, by $TERM_PROGRAM. */
static const char *const osc9_programs[] = {
    "iTerm.app", "WezTerm", "ghostty", "vscode", NULL};

static void item_model(struct tui *t, struct text *line);
static void item_sandbox(struct tui *t, struct text *line);
static void item_cwd(struct tui *t, struct text *line);
static void item_branch(struct tui *t, struct text *line);
static void item_context(struct tui *t, struct text *line);
static void item_profile(struct tui *t, struct text *line);
static void item_cost(struct tui *t, struct text *line);
static void item_tokens(struct tui *t, struct text *line);

/* The items that tui.status_line may name; the default is all but the last.
 * drop is the item that goes first, second, ... where there is no room. */
enum {
	I_MODEL,
	I_PROFILE,
	I_SANDBOX,
	I_CWD,
	I_BRANCH,
	I_CONTEXT,
	I_COST,
	I_TOKENS
};
static const struct {
	const char *name;
	void (*put)(struct tui *t, struct text *line);
	unsigned drop;
} items[] = {
    [I_MODEL] = {"model", item_model, I_TOKENS},
    [I_PROFILE] = {"profile", item_profile, I_PROFILE},
    [I_SANDBOX] = {"sandbox", item_sandbox, I_CWD},
    [I_CWD] = {"directory", item_cwd, I_BRANCH},
    [I_BRANCH] = {"branch", item_branch, I_COST},
    [I_CONTEXT] = {"context", item_context, I_MODEL},
    [I_COST] = {"cost", item_cost, I_CONTEXT},
    [I_TOKENS] = {"tokens", item_tokens, I_TOKENS},
};

#define NITEMS (sizeof(items) / sizeof(items[0]))

void
tui_conf_init(struct tui_conf *c)
{
	const char *program = getenv("TERM_PROGRAM");
	size_t i;

	c->notifications = true;
	c->theme_auto = true;
	c->color = true;
	for (i = 0; program != NULL && osc9_programs[i] != NULL; i++)
		if (strcmp(program, osc9_programs[i]) == 0)
			c->notify = NOTIFY_OSC9;
	bind_init();
}

void
tui_conf_fini(struct tui_conf *c)
{
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		free(*(char **)((char *)c + facts[i].off));
}

static void
set_theme(struct tui_conf *c, struct bytes value)
{
	c->theme_auto = bytes_is(value, "auto");
	c->theme = bytes_is(value, "light") ? THEME_LIGHT : THEME_DARK;
}

static void
set_method(struct tui_conf *c, struct bytes value)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (bytes_is(value, methods[i].word))
			c->notify = methods[i].how;
}

static int
add_item(struct tui_conf *c, struct bytes value)
{
	unsigned i;

	for (i = 0; i < NITEMS; i++)
		if (bytes_is(value, items[i].name) &&
		    c->nstatus < sizeof(c->status) / sizeof(c->status[0])) {
			c->status[c->nstatus++] = i;
			return 0;
		}
	return ERR_NOENT;
}

int
tui_conf(struct tui *t, const char *key, struct bytes value)
{
	struct tui_conf *c = &t->conf;
	char keys[256], **slot;
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (strcmp(facts[i].key, key) == 0) {
			slot = (char **)((char *)c + facts[i].off);
			free(*slot);
			*slot = bytes_dup(value);
			return 0;
		}
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (strcmp(switches[i].key, key) == 0) {
			*(bool *)((char *)c + switches[i].off) =
			    bytes_is(value, "1") || bytes_is(value, "true");
			return 0;
		}
	if (strcmp(key, "tui.theme") == 0)
		set_theme(c, value);
	else if (strcmp(key, "tui.notification_method") == 0)
		set_method(c, value);
	else if (strcmp(key, "tui.status_line") == 0)
		return add_item(c, value);
	else if (str_starts(key, "front.image."))
		return images_conf(key + strlen("front.image."), value);
	else if (str_starts(key, "front.command."))
		return custom_add(key + strlen("front.command."), value);
	else if (str_starts(key, "tui.keymap.")) {
		if (bytes_copy(keys, sizeof(keys), value) != 0)
			return ERR_FORMAT;
		if (bind_set(key + strlen("tui.keymap."), keys) == 0)
			return 0;
		log_error(
		    "%s: '%s' is no key; cordon(1) lists them", key, keys);
		exit(EX_CONFIG);
	}
	return 0; /* not ours */
}

static void
item_model(struct tui *t, struct text *line)
{
	if (t->conf.model == NULL)
		return;
	text_adds(line, ST_DIM, t->conf.model);
	if (t->conf.effort != NULL)
		text_addf(line, ST_DIM, " %s", t->conf.effort);
}

static void
item_profile(struct tui *t, struct text *line)
{
	if (t->conf.profile != NULL)
		text_adds(line, ST_DIM, t->conf.profile);
}

bool
tui_conf_open(const struct tui_conf *c)
{
	return c->sandbox != NULL &&
	       strcmp(c->sandbox, "danger-full-access") == 0;
}

static void
item_sandbox(struct tui *t, struct text *line)
{
	const char *mode = t->conf.sandbox;
	bool open = tui_conf_open(&t->conf);

	if (open)
		text_adds(line, ST_BAD, "NO SANDBOX");
	else if (mode != NULL)
		text_adds(line, ST_DIM, mode);
	if (t->conf.tier != NULL)
		text_addf(line, open ? ST_BAD : ST_DIM, "%s%s",
		    mode == NULL ? "tier " : ", tier ", t->conf.tier);
}

/* The home directory as "~"; of a long path the end. */
static void
item_cwd(struct tui *t, struct text *line)
{
	const char *cwd = t->conf.cwd, *home = t->conf.home, *base;
	size_t n = home == NULL ? 0 : strlen(home);
	bool below = n > 1 && cwd != NULL && strncmp(cwd, home, n) == 0 &&
		     (cwd[n] == '/' || cwd[n] == '\0');

	if (cwd == NULL)
		return;
	if (below)
		cwd += n;
	base = strrchr(cwd, '/');
	if (strlen(cwd) > 30 && base != NULL && base[1] != '\0')
		text_addf(line, ST_DIM, "…%s", base);
	else
		text_addf(line, ST_DIM, "%s%s", below ? "~" : "", cwd);
}

static void
item_branch(struct tui *t, struct text *line)
{
	if (t->conf.branch != NULL && *t->conf.branch != '\0')
		text_adds(line, ST_DIM, t->conf.branch);
}

static void
item_context(struct tui *t, struct text *line)
{
	uint64_t w = t->usage.window, used = t->usage.window_used, left;

	if (w == 0)
		return;
	left = used >= w ? 0 : 100 - used * 100 / w;
	text_addf(line, left < 15 ? ST_WARN : ST_DIM, "%u%% context left",
	    (unsigned)left);
}

static void
item_cost(struct tui *t, struct text *line)
{
	if (t->usage.cost_microusd > 0)
		text_addf(line, ST_DIM, "$%.2f",
		    (double)t->usage.cost_microusd / 1e6);
}

static void
item_tokens(struct tui *t, struct text *line)
{
	text_addf(line, ST_DIM, "%llu in, %llu out",
	    (unsigned long long)t->usage.input,
	    (unsigned long long)t->usage.output);
}

/* All items but those in the set drop. */
static void
status_items(struct tui *t, struct text *line, unsigned drop)
{
	const struct tui_conf *c = &t->conf;
	size_t n = c->nstatus > 0 ? c->nstatus : NITEMS - 1, before = line->n;
	struct text item = {0};
	unsigned i, which;

	for (i = 0; i < n; i++) {
		which = c->nstatus > 0 ? c->status[i] : i;
		if ((drop & 1u << which) != 0)
			continue;
		text_clear(&item);
		items[which].put(t, &item);
		if (item.n == 0)
			continue;
		if (line->n > before)
			text_adds(line, ST_DIM, " · ");
		text_cells(line, item.c, item.n);
	}
	text_fini(&item);
}

void
tui_status_text(struct tui *t, struct text *line, size_t cols)
{
	size_t before = line->n, i;
	unsigned drop = 0;

	for (i = 0;; i++) {
		line->n = before;
		status_items(t, line, drop);
		if (text_width(line->c, line->n) <= cols || i == NITEMS)
			return;
		drop |= 1u << items[i].drop;
	}
}
