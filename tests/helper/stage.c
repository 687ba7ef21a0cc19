/* SPDX-License-Identifier: Apache-2.0 */

/*
 * stage SCRIPT LOG [KEY=VALUE ...]: plays main, model and gate for a real
 * cordon-ui on this terminal, from a script, and logs what the front sends.
 *
 * A line of the script is a word and its operands; "|" separates operands
 * that may have blanks, \n \t \e \\ \xHH are bytes:
 *
 *	text ITEM STRING, reason ITEM STRING, item ITEM KIND STRING
 *	turn start|done|fail|cut, fail STRING, usage WINDOW USED OUT
 *	plan STATE|STEP|..., question STRING|LABEL|...
 *	begin ID TOOL|WORD|..., output ID STRING, done ID STATUS EXIT
 *	ask ID WHAT|WORD|..., flood BYTES CHUNK, give WHAT STRING
 *	names STRING, models STRING, sleep MS, stop
 *	set FIELD STRING: of the next asks: cwd write host rule file why
 *		words scope patch links top known; of the next begins: outside;
 *of the next dones: denial; of all turns: changed; of all lists: grant wait
 *WORD: until the front has sent that (see the log)
 *
 * Of write and links, each line is a path; of links, in pairs.
 */

#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/xmem.h"
#include "cordon/start.h"
#include "tests/helper/stage.h"
#include "proto/chan.h"
#include "proto/schema.h"

#define WORDS_MAX  64
#define SCRIPT_MAX (8u << 20)
#define FLOOD_ROOM (1u << 20) /* bytes that may wait in the channel */

struct stage st;

/* The script. */

/* Decodes escapes in place. */
static struct bytes
decode(char *s)
{
	static const char from[] = "nte\\", to[] = "\n\t\033\\";
	struct bytes b = {(uint8_t *)s, 0};
	char *dst = s;
	const char *c;
	uint8_t one;
	char hex[3];

	for (; *s != '\0'; s++) {
		if (*s != '\\' || s[1] == '\0') {
			*dst++ = *s;
			continue;
		}
		s++;
		if (*s == 'x' && s[1] != '\0' && s[2] != '\0') {
			(void)memcpy(hex, s + 1, 2);
			hex[2] = '\0';
			if (str_unhex(&one, 1, hex) != 0)
				fatal("bad escape in the script");
			*dst++ = (char)one;
			s += 2;
			continue;
		}
		c = strchr(from, *s);
		*dst++ = c == NULL ? *s : to[c - from];
	}
	b.len = (size_t)(dst - (char *)(uintptr_t)b.p);
	return b;
}

/* Splits at "|" and decodes each. */
static size_t
split(char *s, struct bytes *v)
{
	size_t n = 0;
	char *bar;

	do {
		bar = strchr(s, '|');
		if (bar != NULL)
			*bar++ = '\0';
		v[n++] = decode(s);
		s = bar;
	} while (s != NULL && n < WORDS_MAX);
	return n;
}

static uint32_t
split_lines(struct bytes b, struct bytes v[WORDS_MAX])
{
	uint32_t n = 0;

	while (n < WORDS_MAX && bytes_line(&b, &v[n]))
		n++;
	return n;
}

static uint32_t
number(char **s)
{
	char *p = *s, *end = p + strcspn(p, " |");
	const char *bad;
	uint32_t n;

	if (*end != '\0')
		*end++ = '\0';
	n = (uint32_t)strtonum(p, 0, UINT32_MAX, &bad);
	if (bad != NULL)
		fatal("bad number %s in the script", p);
	*s = end;
	return n;
}

static void
send_to(struct chan *ch, uint32_t id, enum msg_type type, const void *m)
{
	int r = chan_send(ch, id, type, m);

	if (r != 0)
		fatal("message %d: %s", (int)type, err_str(r));
}

static void
do_text(char *s)
{
	struct msg_text m = {.item = number(&s)};

	m.delta = decode(s);
	send_to(st.model, 0, MSG_TEXT, &m);
}

static void
do_reason(char *s)
{
	struct msg_reason m = {.item = number(&s)};

	m.delta = decode(s);
	send_to(st.model, 0, MSG_REASON, &m);
}

static void
do_item(char *s)
{
	struct msg_item m = {.item = number(&s), .whole = -1};

	m.kind = (uint8_t)number(&s);
	m.text = decode(s);
	send_to(st.model, 0, MSG_ITEM, &m);
}

static void
do_turn(char *s)
{
	static const char *const words[] = {"start", "done", "fail", "cut"};
	struct msg_turn m = {.number = 1};

	while (strcmp(words[m.phase], s) != 0)
		m.phase++;
	send_to(st.model, 0, MSG_TURN, &m);
}

static void
do_fail(char *s)
{
	struct msg_fail m = {.code = 69, .text = decode(s)};

	send_to(st.model, 0, MSG_FAIL, &m);
}

static void
do_usage(char *s)
{
	struct msg_usage m = {.window = number(&s)};

	m.window_used = number(&s);
	m.output = number(&s);
	send_to(st.model, 0, MSG_USAGE, &m);
}

static void
do_withdraw(char *s)
{
	send_to(st.gate, number(&s), MSG_WITHDRAW, &(struct msg_withdraw){});
}

static void
do_plan(char *s)
{
	struct bytes v[WORDS_MAX], states[WORDS_MAX], steps[WORDS_MAX];
	size_t n = split(s, v) / 2, i;
	struct msg_plan m = {0};

	for (i = 0; i < n; i++) {
		states[i] = v[2 * i];
		steps[i] = v[2 * i + 1];
	}
	m.steps = (struct msg_list){(uint32_t)n, steps};
	m.states = (struct msg_list){(uint32_t)n, states};
	send_to(st.model, 0, MSG_PLAN, &m);
}

static void
do_question(char *s)
{
	struct bytes v[WORDS_MAX];
	size_t n = split(s, v);
	struct msg_question m = {.id = bytes_of("q"), .question = v[0]};

	m.labels = (struct msg_list){(uint32_t)n - 1, v + 1};
	send_to(st.model, 1, MSG_QUESTION, &m);
}

static int
patch_fd(void)
{
	if (st.patch.len == 0)
		return -1;
	return fd_memfd("patch", st.patch.p, st.patch.len);
}

static void
do_begin(char *s)
{
	struct bytes v[WORDS_MAX];
	uint32_t id = number(&s);
	struct msg_begin m = {.tool = (uint8_t)number(&s),
	    .cwd = bytes_of("/"),
	    .outside = st.outside.len > 0,
	    .patch = patch_fd()};

	m.argv.n = (uint32_t)split(s, v);
	m.argv.v = v;
	if (m.tool == TOOL_PATCH)
		m.changes = m.argv;
	send_to(st.gate, id, MSG_BEGIN, &m);
	fd_close(&m.patch);
}

static void
do_output(char *s)
{
	uint32_t id = number(&s);
	struct msg_output m = {.data = decode(s)};

	send_to(st.gate, id, MSG_OUTPUT, &m);
}

static void
do_done(char *s)
{
	uint32_t id = number(&s);
	struct msg_done m = {.status = (uint8_t)number(&s),
	    .denials = {st.denial.len > 0, &st.denial}};

	m.exit = number(&s) << 8;
	if (*s != '\0')
		m.reason = decode(s);
	send_to(st.gate, id, MSG_DONE, &m);
}

static void
do_set(char *s)
{
	static const struct {
		const char *word;
		struct bytes *field;
	} fields[] = {{"cwd", &st.cwd}, {"write", &st.write},
	    {"host", &st.host}, {"rule", &st.rule}, {"file", &st.file},
	    {"why", &st.why}, {"words", &st.words}, {"scope", &st.scope},
	    {"patch", &st.patch}, {"outside", &st.outside},
	    {"denial", &st.denial}, {"changed", &st.changed},
	    {"grant", &st.grant}, {"links", &st.links}, {"top", &st.top},
	    {"known", &st.known}};
	size_t i, len;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		len = strlen(fields[i].word);
		if (strncmp(s, fields[i].word, len) != 0)
			continue;
		s += len;
		*fields[i].field = decode(s + (*s == ' '));
		return;
	}
}

static void
do_ask(char *s)
{
	static const uint8_t hash[32] = {1};
	struct bytes v[WORDS_MAX], writes[WORDS_MAX], links[WORDS_MAX];
	uint32_t id = number(&s);
	struct msg_ask m = {.what = (uint8_t)number(&s),
	    .cwd = st.cwd,
	    .writes = {split_lines(st.write, writes), writes},
	    .hosts = {st.host.len > 0, &st.host},
	    .rule = st.rule,
	    .rule_file = st.file,
	    .rule_line = 7,
	    .why = st.why,
	    .words = st.words,
	    .scope = st.scope,
	    .top = st.top,
	    .granted = st.known.len > 0,
	    .links = {split_lines(st.links, links), links},
	    .hash = {hash, sizeof(hash)},
	    .patch = patch_fd()};

	m.argv.n = (uint32_t)split(s, v);
	m.argv.v = v;
	send_to(st.gate, id, MSG_ASK, &m);
	fd_close(&m.patch);
}

static void
do_give(char *s)
{
	struct msg_give m = {.what = (uint8_t)number(&s)};
	struct bytes b = decode(s);

	m.text = fd_memfd("give", b.p, b.len);
	send_to(st.main, 0, MSG_GIVE, &m);
	fd_close(&m.text);
}

static void
do_names(char *s)
{
	struct bytes b = decode(s);
	struct msg_names m = {.list = fd_memfd("names", b.p, b.len)};

	send_to(st.gate, 0, MSG_NAMES, &m);
	fd_close(&m.list);
}

static void
do_models(char *s)
{
	struct bytes b = decode(s);
	struct msg_model_list m = {.list = fd_memfd("models", b.p, b.len)};

	send_to(st.model, 0, MSG_MODEL_LIST, &m);
	fd_close(&m.list);
}

static void
do_flood(char *s)
{
	st.flood_left = number(&s);
	st.flood_chunk = number(&s);
}

static void
do_stop(char *s)
{
	(void)s;
	send_to(st.main, 0, MSG_STOP, &(struct msg_stop){});
}

static const struct {
	const char *word;
	void (*fn)(char *s);
} commands[] = {{"text", do_text}, {"reason", do_reason}, {"item", do_item},
    {"turn", do_turn}, {"fail", do_fail}, {"usage", do_usage},
    {"plan", do_plan}, {"question", do_question}, {"begin", do_begin},
    {"output", do_output}, {"done", do_done}, {"set", do_set}, {"ask", do_ask},
    {"withdraw", do_withdraw}, {"flood", do_flood}, {"give", do_give},
    {"names", do_names}, {"models", do_models}, {"stop", do_stop}};

static void
run_line(char *line)
{
	char *rest = line + strcspn(line, " ");
	size_t i;

	if (*rest != '\0')
		*rest++ = '\0';
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].word, line) == 0) {
			commands[i].fn(rest);
			return;
		}
	fatal("the script says %s", line);
}

/* A long answer, as fast as the front takes it. */
static bool
flood(void)
{
	static const char line[] =
	    "All work and no play makes a *dull* stream of `words`, says "
	    "line after line.\n\n";
	static char chunk[32768];
	struct msg_text m = {.item = 9};
	size_t i;

	for (i = 0; i < st.flood_chunk && i < sizeof(chunk); i++)
		chunk[i] = line[i % (sizeof(line) - 1)];
	m.delta = (struct bytes){(const uint8_t *)chunk, i};
	while (st.flood_left > 0 && chan_waiting(st.model) < FLOOD_ROOM) {
		send_to(st.model, 0, MSG_TEXT, &m);
		st.flood_left -= st.flood_left < i ? st.flood_left : i;
	}
	return st.flood_left > 0;
}

void
run_script(void *arg)
{
	const char *bad;
	char *line;
	uint64_t ms;

	(void)arg;
	while (st.next != NULL && st.waiting[0] == '\0') {
		if (flood()) {
			(void)loop_timer(st.loop, 1, run_script, NULL);
			return;
		}
		line = strsep(&st.next, "\n");
		if (*line == '\0' || *line == '#')
			continue;
		if (strncmp(line, "wait ", 5) == 0) {
			(void)strlcpy(st.waiting, line + 5, sizeof(st.waiting));
		} else if (strncmp(line, "sleep ", 6) == 0) {
			ms = (uint64_t)strtonum(line + 6, 0, 60000, &bad);
			(void)loop_timer(st.loop, ms, run_script, NULL);
			return;
		} else
			run_line(line);
	}
}

/* Start and end. */

static void
closed(void *arg, struct chan *ch, int err)
{
	(void)arg;
	(void)ch;
	if (err != ERR_EOF)
		note("broken", bytes_of(err_str(err)));
}

static void
ended(void *arg, pid_t pid, int status)
{
	char line[32];

	(void)arg;
	(void)pid;
	(void)snprintf(line, sizeof(line), "%d", status);
	note("ended", bytes_of(line));
	loop_stop(st.loop);
}

static struct chan *
wire(int *theirs, enum role self, const struct chan_handler *h)
{
	int fds[2];

	if (fd_pair(fds) != 0)
		fatal("no socket pair");
	*theirs = fds[1];
	return chan_new(st.loop, fds[0], self, ROLE_UI, h, closed, NULL);
}

static void
tell(const char *key, const char *value)
{
	struct msg_conf m = {.key = bytes_of(key), .value = bytes_of(value)};

	send_to(st.main, 0, MSG_CONF, &m);
}

static void
tell_all(char *argv[])
{
	struct msg_hello hello = {.role = ROLE_UI,
	    .session = bytes_of("01234567-89ab-7def-8123-456789abcdef")};
	uint8_t hash[SCHEMA_HASH_LEN];
	char *eq;

	schema_hash(hash);
	hello.schema = (struct bytes){hash, sizeof(hash)};
	send_to(st.main, 0, MSG_HELLO, &hello);
	tell("front.mode", "tui");
	tell("front.color", "1");
	for (; *argv != NULL; argv++) {
		eq = strchr(*argv, '=');
		if (eq == NULL)
			continue;
		*eq = '\0';
		tell(*argv, eq + 1);
	}
	send_to(st.main, 0, MSG_END, &(struct msg_end){0});
}

int
main(int argc, char *argv[])
{
	const char *history = getenv("STAGE_HISTORY");
	const char *build = getenv("CORDON_BUILD");
	char program[4096];
	struct start s;
	struct buf b;
	pid_t pid;
	int i, pidfd;

	if (argc < 3)
		fatalx(64, "usage: stage SCRIPT LOG [KEY=VALUE ...]");
	buf_init(&b, SCRIPT_MAX);
	st.log = fopen(argv[2], "w");
	if (st.log == NULL || fd_read_file(AT_FDCWD, argv[1], &b) != 0)
		fatal("cannot open %s or %s", argv[1], argv[2]);
	st.script = st.next = buf_cstr(&b);
	st.cwd = bytes_of("/home/someone/project");
	st.loop = loop_new();
	(void)signal(SIGHUP, SIG_IGN); /* what the front does is the test */
	start_init(&s, ROLE_UI);
	(void)snprintf(program, sizeof(program), "%s/cordon-ui",
	    build == NULL ? "." : build);
	s.program = program;
	for (i = 0; i < 3; i++)
		s.stdio[i] = i;
	st.main = wire(&s.main, ROLE_MAIN, stage_main);
	st.model = wire(&s.peers[ROLE_MODEL], ROLE_MODEL, stage_model);
	st.gate = wire(&s.peers[ROLE_GATE], ROLE_GATE, stage_gate);
	if (history != NULL)
		s.extra[2] = open(
		    history, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (start_role(&s, &pid, &pidfd) != 0)
		fatal("cannot start cordon-ui");
	(void)close(s.main);
	(void)close(s.peers[ROLE_MODEL]);
	(void)close(s.peers[ROLE_GATE]);
	if (loop_child(st.loop, pid, pidfd, ended, NULL) != 0)
		fatal("cannot watch cordon-ui");
	tell_all(argv + 3);
	(void)loop_run(st.loop);
	(void)fclose(st.log);
	return st.code;
}
