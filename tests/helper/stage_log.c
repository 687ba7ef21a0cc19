/* SPDX-License-Identifier: Apache-2.0 */

/* Part of stage: what the front sends, logged, and the answers to it. */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/log.h"
#include "tests/helper/stage.h"
#include "proto/schema.h"

#define PROMPT_MAX (64u << 20)
#define LOG_LINE   4096

void
note(const char *word, struct bytes text)
{
	(void)fprintf(
	    st.log, "%s %.*s\n", word, (int)text.len, (const char *)text.p);
	(void)fflush(st.log);
	if (strcmp(st.waiting, word) == 0) {
		st.waiting[0] = '\0';
		(void)loop_timer(st.loop, 0, run_script, NULL);
	}
}

static void
note_fd(const char *word, int fd)
{
	struct buf b;

	buf_init(&b, PROMPT_MAX);
	if (fd_read_memfd(fd, &b) != 0)
		fatal("%s is no sealed memfd", word);
	note(word, (struct bytes){buf_data(&b), b.len});
	buf_fini(&b);
	(void)close(fd);
}

#define ON(name)                                                               \
	static int on_##name(void *arg, struct chan *ch, uint32_t id, void *msg)
#define UNUSED                                                                 \
	(void)arg;                                                             \
	(void)ch;                                                              \
	(void)id;                                                              \
	(void)msg

ON(prompt)
{
	UNUSED;
	note_fd("prompt", ((struct msg_prompt *)msg)->text);
	return 0;
}

ON(steer)
{
	UNUSED;
	note_fd("steer", ((struct msg_steer *)msg)->text);
	return 0;
}

ON(image)
{
	UNUSED;
	(void)close(((struct msg_image *)msg)->data);
	note("image", bytes_of(""));
	return 0;
}

ON(interrupt)
{
	UNUSED;
	note(ch == st.gate ? "interrupt-gate" : "interrupt", bytes_of(""));
	return 0;
}

ON(compact)
{
	UNUSED;
	note("compact", bytes_of(""));
	return 0;
}

ON(setting)
{
	UNUSED;
	note("setting", ((struct msg_setting *)msg)->value);
	return 0;
}

ON(models)
{
	UNUSED;
	note("models", bytes_of(""));
	return 0;
}

ON(reply)
{
	UNUSED;
	note("reply", ((struct msg_reply *)msg)->answer);
	return 0;
}

static size_t
note_list(
    char *dst, size_t size, const char *head, const struct msg_list *names)
{
	size_t i, n = 0;

	for (i = 0; i < names->n && n < size; i++)
		n += (size_t)snprintf(dst + n, size - n, "%s %.*s",
		    i == 0 ? head : "", (int)names->v[i].len,
		    (const char *)names->v[i].p);
	return n < size ? n : size;
}

ON(answer)
{
	const struct msg_answer *m = msg;
	char line[LOG_LINE];
	size_t n;

	UNUSED;
	n = (size_t)snprintf(line, sizeof(line), "%u %u %.*s", id, m->answer,
	    (int)m->message.len, (const char *)m->message.p);
	n += note_list(line + n, sizeof(line) - n, " words", &m->words);
	(void)note_list(line + n, sizeof(line) - n, " refused", &m->refused);
	if (m->channel == CHANNEL_PRESET) /* nobody was shown anything */
		(void)strlcat(line, " by a grant", sizeof(line));
	else if (m->hash.len != 32 || m->shown.len != 32)
		fatal("an answer without hashes");
	note("answer", bytes_of(line));
	return 0;
}

ON(grants)
{
	struct msg_grant one = {.number = 3, .text = st.grant, .minutes = 5};

	UNUSED;
	note("grants", bytes_of(""));
	if (st.grant.len > 0)
		(void)chan_send(ch, id, MSG_GRANT, &one);
	one = (struct msg_grant){.last = true};
	(void)chan_send(ch, id, MSG_GRANT, &one);
	return 0;
}

ON(user_exec)
{
	UNUSED;
	note("user-exec", ((struct msg_user_exec *)msg)->cmd);
	return 0;
}

ON(files)
{
	UNUSED;
	note("files", bytes_of(""));
	return 0;
}

ON(changes)
{
	struct msg_changed m = {.files = {st.changed.len > 0, &st.changed}};

	UNUSED;
	note("changes", bytes_of(""));
	(void)chan_send(ch, id, MSG_CHANGED, &m);
	return 0;
}

ON(look)
{
	const struct msg_look *m = msg;
	struct bytes png = bytes_of("png");
	struct msg_seen seen = {.data = -1};

	UNUSED;
	note(m->image ? "look-image" : "look", m->path);
	if (memmem(m->path.p, m->path.len, "missing", 7) != NULL)
		seen.error = bytes_of("it is missing");
	else
		seen.data = m->image ? fd_memfd("png", png.p, png.len)
				     : fd_memfd("seen", m->path.p, m->path.len);
	seen.mime = bytes_of(m->image ? "image/png" : "");
	(void)chan_send(ch, id, MSG_SEEN, &seen);
	fd_close(&seen.data);
	return 0;
}

ON(tools)
{
	struct msg_tool m = {.name = bytes_of("exec_command")};

	UNUSED;
	note("tools", bytes_of(""));
	(void)chan_send(ch, id, MSG_TOOL, &m);
	m.name = bytes_of("grep");
	m.verdict = VERDICT_FORBID;
	m.rule = bytes_of("no-grep");
	m.file = bytes_of("/etc/cordon/policy.toml");
	m.line = 7;
	(void)chan_send(ch, id, MSG_TOOL, &m);
	m = (struct msg_tool){.last = true};
	(void)chan_send(ch, id, MSG_TOOL, &m);
	return 0;
}

ON(ready)
{
	UNUSED;
	run_script(NULL); /* at once: what it waits for may be next */
	return 0;
}

ON(log)
{
	UNUSED;
	note("log", ((struct msg_log *)msg)->text);
	return 0;
}

ON(stat)
{
	UNUSED;
	note("stat", ((struct msg_stat *)msg)->key);
	return 0;
}

ON(want)
{
	struct msg_want *m = msg;
	char line[16];

	UNUSED;
	fd_close(&m->text);
	(void)snprintf(line, sizeof(line), "%u", m->what);
	note("want", bytes_of(line));
	return 0;
}

ON(dropped)
{
	UNUSED;
	note("dropped", ((struct msg_dropped *)msg)->why);
	return 0;
}

ON(exiting)
{
	const struct msg_exiting *m = msg;
	char line[64];

	UNUSED;
	st.code = m->code;
	(void)snprintf(line, sizeof(line), "%d", st.code);
	note("exiting", bytes_of(line));
	(void)snprintf(line, sizeof(line), "%u %.*s", m->next,
	    (int)m->session.len, (const char *)m->session.p);
	note("next", bytes_of(line));
	(void)chan_send(st.main, 0, MSG_STOP, &(struct msg_stop){});
	return 0;
}

const struct chan_handler stage_main[] = {{MSG_READY, on_ready},
    {MSG_LOG, on_log}, {MSG_STAT, on_stat}, {MSG_EXITING, on_exiting},
    {MSG_DROPPED, on_dropped}, {MSG_WANT, on_want}, {0, NULL}};
const struct chan_handler stage_model[] = {{MSG_PROMPT, on_prompt},
    {MSG_IMAGE, on_image}, {MSG_STEER, on_steer}, {MSG_INTERRUPT, on_interrupt},
    {MSG_COMPACT, on_compact}, {MSG_SETTING, on_setting}, {MSG_REPLY, on_reply},
    {MSG_MODELS, on_models}, {0, NULL}};
const struct chan_handler stage_gate[] = {{MSG_ANSWER, on_answer},
    {MSG_INTERRUPT, on_interrupt}, {MSG_GRANTS, on_grants},
    {MSG_USER_EXEC, on_user_exec}, {MSG_FILES, on_files}, {MSG_LOOK, on_look},
    {MSG_TOOLS, on_tools}, {MSG_CHANGES, on_changes}, {0, NULL}};
