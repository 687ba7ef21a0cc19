/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Part of main: a program of the person's that answers instead of them.
 *
 * It gets one JSON object on its standard input and is believed only if it
 * is still the file that it was when the session began, ends in time with
 * status 0, and prints one JSON object with a verdict that is known.
 * Anything else is a no that says what was wrong.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "base/xmem.h"
#include "cordon/approve.h"
#include "cordon/errand.h"
#include "cordon/load.h"
#include "cordon/oneshot.h"
#include "cordon/session.h"
#include "proto/permit.h"
#include "sandbox/spec.h"

#define APPROVE_ARGS    64
#define APPROVE_TIMEOUT 60000        /* ms, as the table of keys has it */
#define REQUEST_MAX     (1u << 20)   /* bytes of one question */
#define REPLY_MAX       16384        /* bytes of what is printed */
#define MESSAGE_MAX     3000         /* bytes of a message to the model */
#define FILE_READ       (64u * 1024) /* bytes read at a time for a hash */
#define FILES_MAX       256          /* of a question, as ASK has it */
#define REFUSED_MAX     64           /* of an answer, as APPROVED has it */

/* One ASK that waits for its answer; its place is used again. */
struct question {
	bool open;
	struct approver *a; /* borrowed */
	struct errand errand;
	uint32_t id;
	uint8_t bound[32];           /* the ASK's hash */
	uint8_t what;                /* enum ask_what */
	uint8_t permit[PERMIT_SIZE]; /* if it is to run outside the cell */
	/* Files of a patch, of which it may refuse some; the answer names them
	 * as the question does. */
	struct buf files;
	int request; /* owned: what the program reads, a sealed memfd */
};

/* The program. */

static int
hash_file(int fd, uint8_t hash[32])
{
	static uint8_t piece[FILE_READ];
	SHA2_CTX ctx;
	ssize_t n;

	SHA256Init(&ctx);
	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return ERR_IO;
		SHA256Update(&ctx, piece, (size_t)n);
	}
	SHA256Final(hash, &ctx);
	return 0;
}

/* A name without a slash stands for the program that PATH finds. */
static int
find_program(const char *name, char real[PATH_MAX])
{
	const char *path = getenv("PATH"), *end;
	char file[PATH_MAX];

	if (strchr(name, '/') != NULL)
		return realpath(name, real) == NULL ? ERR_NOENT : 0;
	for (; path != NULL && *path != '\0';
	     path = *end == '\0' ? end : end + 1) {
		end = strchrnul(path, ':');
		if (*path == '/' &&
		    str_fmt(file, sizeof(file), "%.*s/%s", (int)(end - path),
			path, name) == 0 &&
		    access(file, X_OK) == 0 && realpath(file, real) != NULL)
			return 0;
	}
	return ERR_NOENT;
}

/* The folder that commands can write and the program lies in, or NULL. */
static const char *
writable_around(const struct approver *a)
{
	const struct conf_value *roots;
	static char real[PATH_MAX];
	size_t i;

	if (spec_beneath(a->program, a->workspace))
		return a->workspace;
	roots = conf_get(a->conf, "sandbox_workspace_write.writable_roots");
	for (i = 0; roots != NULL && i < roots->n; i++)
		if (realpath(roots->v[i], real) != NULL &&
		    spec_beneath(a->program, real))
			return real;
	return NULL;
}

int
approver_init(struct approver *a, char *why, size_t size)
{
	const char *name = conf_text(a->conf, "approve.command"), *root;
	int fd, r;

	if (name == NULL)
		return 0;
	why[0] = '\0';
	if (find_program(name, a->program) != 0) {
		(void)snprintf(why, size,
		    "approve.command: %s: not found; give its path", name);
		a->program[0] = '\0';
		return ERR_NOENT;
	}
	root = writable_around(a);
	if (root != NULL) {
		(void)snprintf(why, size,
		    "approve.command: %s lies in %s, which commands can write; "
		    "put it elsewhere",
		    a->program, root);
		return ERR_PERM;
	}
	fd = path_open_trusted(a->program, why, size);
	r = fd < 0 ? fd : hash_file(fd, a->hash);
	fd_close(&fd);
	if (r == 0 && access(a->program, X_OK) == -1)
		r = ERR_PERM;
	if (r != 0 && why[0] == '\0')
		(void)snprintf(why, size, "approve.command: %s: %s", a->program,
		    err_sys(errno));
	return r;
}

void
approver_fini(struct approver *a)
{
	struct question *q;
	size_t i;

	for (i = 0; i < APPROVE_OPEN_MAX && (q = a->open[i]) != NULL; i++) {
		errand_fini(&q->errand);
		buf_fini(&q->files);
		fd_close(&q->request);
		free(q);
		a->open[i] = NULL;
	}
}

/* The question. */

static const char *const what_words[] = {
    [ASK_EXEC] = "command",
    [ASK_PATCH] = "patch",
    [ASK_WRITE] = "write",
    [ASK_READ] = "read",
    [ASK_NET] = "connect",
    [ASK_ESCALATE] = "outside",
    [ASK_TOOL] = "tool",
};

static void
put_list(struct jsonw *w, const char *name, const struct msg_list *l)
{
	uint32_t i;

	if (l->n == 0)
		return;
	jsonw_name(w, name);
	jsonw_array(w);
	for (i = 0; i < l->n; i++)
		jsonw_bytes(w, l->v[i].p, l->v[i].len);
	jsonw_end(w);
}

/* Of the ASK's pairs. */
static void
put_links(struct jsonw *w, const struct msg_list *l)
{
	uint32_t i;

	if (l->n < 2)
		return;
	jsonw_name(w, "links");
	jsonw_array(w);
	for (i = 0; i + 1 < l->n; i += 2) {
		jsonw_object(w);
		jsonw_name(w, "path");
		jsonw_bytes(w, l->v[i].p, l->v[i].len);
		jsonw_name(w, "place");
		jsonw_bytes(w, l->v[i + 1].p, l->v[i + 1].len);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
put_bytes(struct jsonw *w, const char *name, struct bytes b)
{
	if (b.len == 0)
		return;
	jsonw_name(w, name);
	jsonw_bytes(w, b.p, b.len);
}

static int
put_patch(struct jsonw *w, int patch)
{
	struct buf text;
	int r;

	if (patch == -1)
		return 0;
	buf_init(&text, REQUEST_MAX);
	r = fd_read_memfd(patch, &text);
	if (r == 0)
		put_bytes(
		    w, "patch", (struct bytes){buf_data(&text), text.len});
	buf_fini(&text);
	return r;
}

static int
write_request(
    const struct approver *a, uint32_t id, const struct msg_ask *m, int *fd)
{
	char hex[STR_HEX_SIZE(32)];
	struct buf out;
	struct jsonw w;
	int r;

	str_hex(hex, m->hash.p, m->hash.len);
	buf_init(&out, REQUEST_MAX);
	jsonw_init(&w, &out);
	jsonw_object(&w);
	jsonw_ku64(&w, "version", 1);
	jsonw_kstr(&w, "session", session_id(a->session));
	jsonw_ku64(&w, "call", id);
	jsonw_kstr(&w, "what", what_words[m->what]);
	put_list(&w, "argv", &m->argv);
	put_bytes(&w, "cwd", m->cwd);
	put_list(&w, "writes", &m->writes);
	put_list(&w, "reads", &m->reads);
	put_list(&w, "hosts", &m->hosts);
	put_links(&w, &m->links);
	put_bytes(&w, "rule", m->rule);
	put_bytes(&w, "rule_file", m->rule_file);
	if (m->rule_line > 0)
		jsonw_ku64(&w, "rule_line", m->rule_line);
	put_bytes(&w, "why", m->why);
	put_bytes(&w, "words", m->words);
	r = put_patch(&w, m->patch);
	jsonw_kstr(&w, "bound", hex);
	jsonw_end(&w);
	(void)buf_addc(&out, '\n');
	if (r == 0)
		r = buf_err(&out);
	if (r == 0)
		*fd = fd_memfd("question", buf_data(&out), out.len);
	buf_fini(&out);
	return r != 0 ? r : *fd < 0 ? *fd : 0;
}

/* The program, in the fork. */

struct reply {
	const struct question *q; /* borrowed */
	int verdict;              /* enum answer, or -1 */
	char message[MESSAGE_MAX + 1];
	struct buf refused; /* files, named as in the question */
	unsigned nrefused;
	char bad[128]; /* what is wrong with it, if anything */
};

/* Lists of names as they are kept and handed on: buf_add_u32 and bytes. */

static void
add_name(struct buf *to, struct bytes name)
{
	(void)buf_add_u32(to, (uint32_t)name.len);
	(void)buf_add(to, name.p, name.len);
}

static struct msg_list
take_names(struct bytes from, struct bytes *v, size_t max)
{
	struct msg_list l = {0, v};

	while (l.n < max && bytes_take(&from, &v[l.n]) == 0)
		l.n++;
	return l;
}

static void
take_refused(struct reply *r, struct bytes name)
{
	struct bytes v[FILES_MAX];
	struct msg_list files =
	    take_names((struct bytes){buf_data(&r->q->files), r->q->files.len},
		v, FILES_MAX);
	uint32_t i;

	for (i = 0; i < files.n; i++)
		if (bytes_eq(name, files.v[i]))
			break;
	if (i == files.n)
		(void)snprintf(r->bad, sizeof(r->bad),
		    "it refuses %.*s, which is no file of a patch that it was "
		    "asked about",
		    (int)(name.len > 48 ? 48 : name.len), (const char *)name.p);
	else if (++r->nrefused > REFUSED_MAX)
		(void)snprintf(r->bad, sizeof(r->bad),
		    "it refuses more than %d files", REFUSED_MAX);
	else
		add_name(&r->refused, name);
}

static void
take_member(void *arg, const struct msg_conf *m)
{
	static const char *const verdicts[] = {"no", "once", "session"};
	struct reply *r = arg;
	int i;

	if (bytes_is(m->key, "message") && m->kind == CONF_STR && !m->list) {
		if (bytes_copy(r->message, sizeof(r->message), m->value) != 0)
			(void)strlcpy(
			    r->bad, "its message is too long", sizeof(r->bad));
	} else if (bytes_is(m->key, "verdict") && m->kind == CONF_STR &&
		   !m->list) {
		for (i = 0; i < 3; i++)
			if (bytes_is(m->value, verdicts[i]))
				r->verdict = i;
		if (r->verdict == -1)
			(void)snprintf(r->bad, sizeof(r->bad),
			    "its verdict is %.32s, not once, session or no",
			    (const char *)m->value.p);
	} else if (bytes_is(m->key, "refused") && m->kind == CONF_STR &&
		   m->list)
		take_refused(r, m->value);
	else
		(void)snprintf(r->bad, sizeof(r->bad),
		    "its answer has a member %.*s",
		    (int)(m->key.len > 64 ? 64 : m->key.len),
		    (const char *)m->key.p);
}

/* Parsed where nothing can be lost by it: in cordon-load. */
static void
read_reply(const struct buf *out, struct reply *r)
{
	static const struct load_ops ops = {.conf = take_member};
	struct load *l = load_new();
	char error[512];
	int fd;

	r->verdict = -1;
	fd = fd_memfd("answer", buf_data(out), out->len);
	if (fd < 0 || lseek(fd, 0, SEEK_SET) == -1 ||
	    load_file(l, "json", 0, fd, "its answer") != 0)
		(void)strlcpy(
		    r->bad, "its answer cannot be read", sizeof(r->bad));
	else if (load_run(l, &ops, r, error, sizeof(error)) != 0)
		(void)strlcpy(r->bad, error, sizeof(r->bad));
	else if (r->verdict == -1 && r->bad[0] == '\0')
		(void)strlcpy(
		    r->bad, "its answer has no verdict", sizeof(r->bad));
	else if (r->nrefused > 0 && r->verdict != ANSWER_ONCE &&
		 r->bad[0] == '\0')
		(void)strlcpy(r->bad,
		    "it refuses some files, and its verdict is not once",
		    sizeof(r->bad));
	load_free(l);
}

static uint64_t
approve_ms(const struct conf *c)
{
	const char *text = conf_text(c, "approve.timeout_ms"), *why;
	long long ms =
	    text == NULL ? APPROVE_TIMEOUT : strtonum(text, 1, INT32_MAX, &why);

	return ms > 0 ? (uint64_t)ms : APPROVE_TIMEOUT;
}

static void
check_program(const struct approver *a)
{
	uint8_t hash[32];
	char why[256];
	int fd = path_open_trusted(a->program, why, sizeof(why));

	if (fd < 0 || hash_file(fd, hash) != 0 ||
	    memcmp(hash, a->hash, sizeof(hash)) != 0)
		errand_refuse("it was changed since the session began");
	(void)close(fd);
}

static void
ask_program(const void *what, int input)
{
	const struct question *q = what;
	const struct approver *a = q->a;
	const char *argv[APPROVE_ARGS] = {a->program};
	const struct conf_value *args = conf_get(a->conf, "approve.args");
	struct oneshot o = {.argv = argv,
	    .paths = a->paths,
	    .cwd = "/",
	    .env = (const char *const *)environ,
	    .tier = conf_text(a->conf, "sandbox_tier"),
	    .in = input,
	    .quiet = true};
	struct reply reply = {.q = q};
	struct spec spec;
	struct buf out, answer;
	size_t i;
	int code;

	for (i = 0; args != NULL && i < args->n && i < APPROVE_ARGS - 2; i++)
		argv[i + 1] = args->v[i];
	check_program(a);
	if (errand_spec(&spec, a->workspace, approve_ms(a->conf), REPLY_MAX) !=
	    0)
		errand_refuse("it cannot be run");
	o.ceiling = o.grant = &spec;
	buf_init(&out, REPLY_MAX + 1);
	code = oneshot_run(&o, &out);
	if (code == 124 || code == -EX_TEMPFAIL)
		errand_refuse("it did not answer within %llu ms",
		    (unsigned long long)approve_ms(a->conf));
	if (code < 0)
		errand_refuse("it cannot be run");
	if (code > 128)
		errand_refuse("it was ended by signal %d", code - 128);
	if (code != 0)
		errand_refuse("it failed with status %d", code);
	buf_init(&reply.refused, ERRAND_MAX);
	read_reply(&out, &reply);
	if (reply.bad[0] != '\0')
		errand_refuse("%s", reply.bad);
	buf_init(&answer, ERRAND_MAX);
	(void)buf_add_u8(&answer, (uint8_t)reply.verdict);
	add_name(&answer, bytes_of(reply.message));
	(void)buf_add(&answer, buf_data(&reply.refused), reply.refused.len);
	errand_answer(buf_data(&answer), answer.len);
}

/* The answer. */

static void
send_answer(struct question *q, enum answer answer, struct bytes message,
    struct msg_list refused)
{
	struct approver *a = q->a;
	struct chan *gate = session_chan(a->session, ROLE_GATE);
	struct chan *open = session_chan(a->session, ROLE_OPEN);
	const struct msg_permit permit = {{q->permit, sizeof(q->permit)}};
	struct msg_approved m = {.answer = (uint8_t)answer,
	    .hash = {q->bound, sizeof(q->bound)},
	    .message = message,
	    .program = bytes_of(a->program),
	    .program_hash = {a->hash, sizeof(a->hash)},
	    .request = q->request,
	    .refused = refused};

	/* Only what the program has read; the gate's word does not do. */
	if (q->what == ASK_ESCALATE && answer != ANSWER_NO && open != NULL)
		(void)chan_send(open, q->id, MSG_PERMIT, &permit);
	if (gate != NULL)
		(void)chan_send(gate, q->id, MSG_APPROVED, &m);
}

static void
send_no(struct question *q, const char *why)
{
	send_answer(q, ANSWER_NO, bytes_of(why), (struct msg_list){0, NULL});
}

static void
on_done(void *arg, bool ok, struct bytes b)
{
	struct bytes message, v[REFUSED_MAX];
	struct question *q = arg;
	char why[PATH_MAX + 600];
	uint64_t verdict;

	if (ok && bytes_take_number(&b, 1, &verdict) == 0 &&
	    verdict <= ANSWER_SESSION && bytes_take(&b, &message) == 0) {
		send_answer(q, (enum answer)verdict, message,
		    take_names(b, v, REFUSED_MAX));
	} else {
		(void)snprintf(why, sizeof(why), "%s did not answer: %.*s",
		    q->a->program, (int)b.len, (const char *)b.p);
		send_no(q, why);
	}
	buf_clear(&q->files);
	fd_close(&q->request);
	q->open = false;
}

/* A place that is free; NULL if all are taken. */
static struct question *
question_new(struct approver *a)
{
	size_t i = 0;

	while (i < APPROVE_OPEN_MAX && a->open[i] != NULL && a->open[i]->open)
		i++;
	if (i == APPROVE_OPEN_MAX)
		return NULL;
	if (a->open[i] == NULL) {
		a->open[i] = xcalloc(1, sizeof(*a->open[i]));
		errand_init(
		    &a->open[i]->errand, a->session, on_done, a->open[i]);
		buf_init(&a->open[i]->files, REQUEST_MAX);
	}
	a->open[i]->a = a;
	a->open[i]->request = -1;
	return a->open[i];
}

int
approver_ask(struct approver *a, uint32_t id, struct msg_ask *m)
{
	struct question none = {.a = a, .request = -1}, *q = question_new(a);
	int r = q == NULL ? ERR_SPACE : 0;
	uint32_t i;

	if (a->program[0] == '\0' || m->hash.len != sizeof(q->bound)) {
		fd_close(&m->patch);
		return ERR_STATE; /* gate was told of no program */
	}
	if (q == NULL)
		q = &none;
	q->id = id;
	q->what = m->what;
	for (i = 0; r == 0 && m->what == ASK_PATCH && i < m->writes.n; i++)
		add_name(&q->files, m->writes.v[i]);
	permit_hash(&m->argv, m->cwd, q->permit);
	memcpy(q->bound, m->hash.p, sizeof(q->bound));
	if (r == 0)
		r = write_request(a, id, m, &q->request);
	fd_close(&m->patch);
	if (r == 0)
		r = errand_start(&q->errand, ask_program, q, q->request);
	q->open = r == 0;
	if (r == 0)
		return 0;
	send_no(q, r == ERR_SPACE ? "the question is too large, or one of too "
				    "many, to be asked"
				  : "the question cannot be asked");
	buf_clear(&q->files);
	fd_close(&q->request);
	return 0;
}
