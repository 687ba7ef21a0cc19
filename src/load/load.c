/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Process cordon-load: text in, typed frames out, exit.
 *
 * It reads what people and repositories wrote, so it has nothing: the opened
 * descriptors it is handed, a channel to main, and no more.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/xmem.h"
#include "conf/toml.h"
#include "load/load.h"
#include "sandbox/confine.h"

#define LOAD_WAITING_MAX (1u << 20) /* bytes before main must catch up */
#define LOAD_FLUSH_MS    5000

static const struct load_kind *const kinds[] = {
    &load_audit, &load_config, &load_edit, &load_json, &load_policy};

int
load_fail(struct load *l, const char *fmt, ...)
{
	va_list ap;

	if (l->end.code != 0)
		return ERR_FORMAT;
	va_start(ap, fmt);
	(void)vsnprintf(l->error, sizeof(l->error), fmt, ap);
	va_end(ap);
	l->end.code = EX_CONFIG;
	l->end.error = bytes_of(l->error);
	return ERR_FORMAT;
}

int
load_send(struct load *l, enum msg_type type, const void *m)
{
	struct chan *ch = l->proc.main;
	int r;

	chan_gather(ch, true); /* or each frame wakes main */
	if (chan_waiting(ch) > LOAD_WAITING_MAX) {
		r = chan_flush(ch, LOAD_FLUSH_MS);
		if (r != 0)
			return r;
	}
	return chan_send(ch, 0, type, m);
}

static int
read_source(
    struct load *l, const struct load_kind *kind, const struct msg_conf *m)
{
	struct load_source src = {.layer = m->layer};
	struct buf text;
	char *name;
	int r;

	if (m->line >= FD_EXTRA_MAX)
		return ERR_RANGE;
	name = xstrndup((const char *)m->value.p, m->value.len);
	buf_init(&text, kind->max + 1);
	r = fd_read_all(FD_EXTRA + (int)m->line, &text);
	if (r == ERR_SPACE || (r == 0 && text.len > kind->max))
		r = load_fail(l, "%s: larger than %zu bytes", name, kind->max);
	else if (r != 0)
		r = load_fail(l, "%s: cannot be read", name);
	if (r == 0) {
		src.name = name;
		src.text = (struct bytes){buf_data(&text), text.len};
		r = kind->read(l, &src);
	}
	buf_fini(&text);
	free(name);
	return r;
}

static char *
copy(struct bytes b)
{
	return xstrndup((const char *)b.p, b.len);
}

static int
load_conf(void *arg, const struct msg_conf *m)
{
	struct load *l = arg;
	char key[64];
	size_t i;

	if (l->end.code != 0)
		return 0; /* the first mistake is enough */
	if (bytes_copy(key, sizeof(key), m->key) != 0 ||
	    !str_starts(key, "load."))
		return ERR_FORMAT;
	if (strcmp(key, "load.set") == 0) {
		(void)config_set(l, m->value);
		return 0;
	}
	if (strcmp(key, "load.edit.key") == 0 && l->edit_key == NULL) {
		l->edit_key = copy(m->value);
		return 0;
	}
	if (strcmp(key, "load.edit.value") == 0 && l->edit_value == NULL) {
		l->edit_value = copy(m->value);
		return 0;
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->word, key + strlen("load.")) == 0) {
			(void)read_source(l, kinds[i], m);
			return 0;
		}
	return ERR_NOENT;
}

static int
load_start(void *arg)
{
	struct load *l = arg;

	proc_stop(&l->proc, 0); /* which sends what is gathered */
	return load_send(l, MSG_END, &l->end);
}

static const struct proc_ops ops = {.conf = load_conf, .start = load_start};

int
main(void)
{
	static struct load l;
	int code;

	proc_init(&l.proc, ROLE_LOAD, &ops, &l);
	confine_role_or_die("load", NULL);
	code = proc_run(&l.proc);
	free(l.edit_key);
	free(l.edit_value);
	return code;
}
