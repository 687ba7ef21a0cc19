/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unit test of cordon-gate: asking, and what an answer is bound to.
 */

#include "config.h"

#include <setjmp.h>
#include <sha2.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/xmem.h"

#include "tests/helper/gate_peers.h"

static int
setup_headless(void **state)
{
	(void)state;
	return start_gate("1", EXEC_ASK);
}

/* The first call, which was approved: its files are looked at again, and are
 * the same. */
static void
it_runs(const char *spawned)
{
	digest_is('a');
	(void)want(MSG_SPAWN, 1, spawned);
	cell_spawned(1, false);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 1, "0");
}

static void
a_person_says_yes(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	answer(1, ANSWER_ONCE, hex);
	(void)want(MSG_RECORD, 0, "approval ");
	(void)want(MSG_RECORD, 0, "intent ");
	it_runs("/bin/bash -lc sh ./x.sh");
	/* Once is once. */
	forget();
	asked(2, "c2", hex);
	answer(2, ANSWER_NO, hex);
	(void)want(MSG_RESULT, 2, "2 rejected: the person said no");
	none(MSG_SPAWN);
}

/* What is long is not cut. */
static void
every_word_is_asked_about(void **state)
{
	static const char begins[] = "sh ./x.sh ";
	static char cmd[40000];

	(void)state;
	memset(cmd, 'a', sizeof(cmd) - 1);
	memcpy(cmd, begins, sizeof(begins) - 1);
	call_exec(1, "c1", cmd, 0);
	digest_is('a');
	(void)want(MSG_ASK, 1, "");
	assert_int_equal(t.asked, strlen("/bin/bash -lc ") + strlen(cmd));
}

static void
a_script_changed_after_the_yes(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	answer(1, ANSWER_ONCE, hex);
	digest_is('b');
	(void)want(MSG_RESULT, 1, "2 rejected: a file of this command was ch");
	(void)want(MSG_RECORD, 0, "refusal ");
	assert_null(find(MSG_SPAWN, 1, ""));
}

/* What was approved is looked at when its turn has come: a patch before it
 * may have changed the script. */
static void
a_script_changed_by_the_call_before(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	call_patch(1, "p1",
	    "*** Begin Patch\n*** Update File: x.sh\n-a\n+b\n*** End Patch\n");
	(void)want(MSG_SPAWN, 1, "/x/cordon-tool patch");
	cell_spawned(1, false);
	(void)want(MSG_BEGIN, 1, "");
	forget();
	asked(2, "c2", hex);
	answer(2, ANSWER_ONCE, hex);
	(void)want(MSG_RECORD, 0, "intent ");
	none(MSG_SPAWN);
	cell_exit(1, EXIT_STATUS, 0);
	digest_is('b');
	(void)want(MSG_RESULT, 2, "2 rejected: a file of this command was ch");
	assert_null(find(MSG_SPAWN, 2, ""));
}

static void
yes_for_the_session(void **state)
{
	struct msg_grants revoke = {.revoke = 1};
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	answer(1, ANSWER_SESSION, hex);
	it_runs("");
	forget();
	/* The same again: not asked, still looked at. */
	call_exec(2, "c2", "sh ./x.sh", 0);
	digest_is('a');
	forget();
	digest_is('a');
	assert_null(find(MSG_ASK, 0, ""));
	(void)want(MSG_SPAWN, 2, "");
	cell_spawned(2, false);
	cell_exit(2, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 2, "0");
	/* Another script is another question, and so is it when revoked. */
	forget();
	call_exec(3, "c3", "sh ./x.sh", 0);
	digest_is('c');
	(void)want(MSG_ASK, 3, "");
	assert_int_equal(chan_send(t.ui, 9, MSG_GRANTS, &revoke), 0);
	(void)want(MSG_GRANT, 9, "");
	(void)want(
	    MSG_RECORD, 0, "approval {\"answer\":\"revoked\",\"grant\":1");
	forget();
	call_exec(4, "c4", "sh ./x.sh", 0);
	digest_is('a');
	(void)want(MSG_ASK, 4, "");
}

/* The person has named the first words: others may follow, but nothing else
 * may be different. */
static void
yes_for_what_begins_so(void **state)
{
	struct bytes words[] = {bytes_of("sh"), bytes_of("./x.sh")};
	struct msg_answer m = {.answer = ANSWER_SESSION,
	    .channel = CHANNEL_TTY,
	    .scope = bytes_of("sh ./x.sh and more"),
	    .words = {2, words}};
	char hex[STR_HEX_SIZE(32)];
	uint8_t hash[32];

	(void)state;
	asked(1, "c1", hex);
	assert_int_equal(str_unhex(hash, 32, hex), 0);
	m.hash = m.shown = (struct bytes){hash, 32};
	assert_int_equal(chan_send(t.ui, 1, MSG_ANSWER, &m), 0);
	it_runs("");
	/* More words, and another script: not asked, but on record. */
	forget();
	call_exec(2, "c2", "sh ./x.sh -v now", 0);
	digest_is('b');
	forget();
	digest_is('b');
	(void)want(MSG_RECORD, 0, "approval {\"call\":2,");
	assert_null(find(MSG_ASK, 0, ""));
	(void)want(MSG_SPAWN, 2, "");
	cell_spawned(2, false);
	cell_exit(2, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, 2, "0");
	/* Other words, a word that only begins so, a second command. */
	static const char *const others[] = {"sh ./y.sh", "sh ./x.sh2",
	    "sh ./x.sh; id", "sh ./x.sh >x", "sh ./x.sh $HOME", "sh"};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		forget();
		call_exec((uint32_t)i + 3, "", others[i], 0);
		digest_is('a');
		(void)want(MSG_ASK, (uint32_t)i + 3, "");
	}
}

static int
setup_short(void **state)
{
	int r;

	grant_ms = "300";
	r = setup_untrusted(state);
	grant_ms = "60000";
	return r;
}

static void
a_grant_expires(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	answer(1, ANSWER_SESSION, hex);
	it_runs("");
	pump(400);
	forget();
	call_exec(2, "c2", "sh ./x.sh", 0);
	digest_is('a');
	(void)want(MSG_ASK, 2, "");
	(void)want(
	    MSG_RECORD, 0, "approval {\"answer\":\"expired\",\"grant\":1");
}

static void
an_answer_to_something_else(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	hex[0] = hex[0] == '0' ? '1' : '0';
	answer(1, ANSWER_ONCE, hex);
	(void)want(MSG_DROPPED, 0, "");
	none(MSG_SPAWN);
}

static void
cancel_while_asking(void **state)
{
	char hex[STR_HEX_SIZE(32)];

	(void)state;
	asked(1, "c1", hex);
	cancel(1);
	answer(1, ANSWER_ONCE, hex); /* too late */
	(void)want(MSG_RESULT, 1, "3 ");
	none(MSG_SPAWN);
	assert_null(find(MSG_DROPPED, 0, ""));
}

static void
nobody_is_there_to_ask(void **state)
{
	(void)state;
	call_exec(1, "c1", "./x", 0);
	(void)want(MSG_RESULT, 1,
	    "2 rejected: ./x: not known to only read "
	    "(nobody is there to ask)");
	(void)want(MSG_DONE, 1, "2 ");
	none(MSG_SPAWN);
	assert_null(find(MSG_ASK, 0, ""));
}

/* The approval would not be bound to the script behind so many words. */
static void
too_many_words_to_look_at(void **state)
{
	char line[12000] = "true", *end = line + 4;
	int i;

	(void)state;
	for (i = 0; i < 5000; i++, end += 2)
		memcpy(end, " x", 2);
	memcpy(end, "; sh x.sh", sizeof("; sh x.sh"));
	call_exec(1, "c1", line, 0);
	(void)want(MSG_RESULT, 1,
	    "2 rejected: the files of this command cannot be looked at");
	none(MSG_ASK);
}

/* What bash would only read with, another program may do anything with. */
static void
a_line_is_one_only_for_a_shell(void **state)
{
	static const char *const shells[] = {
	    "/w/evil", "/bin/env", "git", "/w/bash", "/usr/bin/../../w/bash"};
	uint32_t i, n = sizeof(shells) / sizeof(shells[0]);
	char ident[8];

	(void)state;
	for (i = 0; i < n; i++) {
		(void)snprintf(ident, sizeof(ident), "c%u", i);
		call_exec_by(i + 1, ident, shells[i], "ls");
		(void)want(MSG_RESULT, i + 1, "2 rejected: ");
	}
	none(MSG_SPAWN);
	call_exec_by(n + 1, "last", "/usr/bin/bash", "ls");
	(void)want(MSG_SPAWN, n + 1, "/usr/bin/bash -lc ls");
	cell_spawned(n + 1, false);
	cell_exit(n + 1, EXIT_STATUS, 0);
	(void)want(MSG_RESULT, n + 1, "0 ");
}

static int
setup_patches(void **state)
{
	int r;

	default_write = THREE_ASK;
	r = setup_untrusted(state);
	default_write = THREE_YES;
	return r;
}

/* A patch of three files, one of which is moved, up to its question. */
static void
patch_asked(uint32_t id, uint8_t hash[32])
{
	char ident[] = {'p', (char)('0' + id), '\0'};

	call_patch(id, ident,
	    "*** Begin Patch\n*** Add File: a\n+x\n*** Update File: d/b\n"
	    "*** Move to: d/c\n@@\n-1\n+2\n*** Delete File: e\n"
	    "*** End Patch\n");
	digest_is('a');
	assert_int_equal(str_unhex(hash, 32, want(MSG_ASK, id, "")->text), 0);
	forget();
}

/* The person has named a folder: other patches in it are not asked about, and
 * nothing else is allowed by it. */
static void
yes_for_a_folder(void **state)
{
	static const char *const later[][2] = {
	    {"*** Add File: d/x/y\n+x\n", "known"},
	    {"*** Update File: d/b\n*** Move to: e\n@@\n-1\n+2\n", NULL},
	    {"*** Add File: da\n+x\n", NULL}};
	char text[200], hex[STR_HEX_SIZE(32)];
	uint32_t i;

	(void)state;
	call_patch(
	    1, "p1", "*** Begin Patch\n*** Add File: d/a\n+x\n*** End Patch\n");
	digest_is('a');
	(void)strlcpy(hex, want(MSG_ASK, 1, "")->text, sizeof(hex));
	forget();
	answer_for(1, hex, "/w/d/");
	it_runs("");
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		forget();
		(void)snprintf(text, sizeof(text),
		    "*** Begin Patch\n%s*** End Patch\n", later[i][0]);
		call_patch(i + 2, "", text);
		digest_is('b');
		if (later[i][1] == NULL) {
			(void)want(MSG_ASK, i + 2, "");
			continue;
		}
		forget();
		digest_is('b');
		(void)want(MSG_SPAWN, i + 2, "");
		assert_null(find(MSG_ASK, 0, ""));
		cell_spawned(i + 2, false);
		cell_exit(i + 2, EXIT_STATUS, 0);
		(void)want(MSG_RESULT, i + 2, "0");
	}
}

static void
answer_but_for(uint32_t id, const uint8_t hash[32], enum answer what,
    uint32_t n, const char *const *refused)
{
	struct bytes names[4];
	struct msg_answer m = {.answer = (uint8_t)what,
	    .channel = CHANNEL_TTY,
	    .hash = {hash, 32},
	    .shown = {hash, 32},
	    .message = bytes_of("not these"),
	    .refused = {n, names}};
	uint32_t i;

	for (i = 0; i < n; i++)
		names[i] = bytes_of(refused[i]);
	assert_int_equal(chan_send(t.ui, id, MSG_ANSWER, &m), 0);
}

/* Granted, applied, shown and recorded is what the yes is for. */
static void
yes_to_some_files_of_a_patch(void **state)
{
	static const char *const no[] = {"/w/e", "/w/d/c"};
	static const char rest[] =
	    "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n";
	char text[64 + SHA256_DIGEST_STRING_LENGTH], *sum;
	const struct event *e;
	uint8_t hash[32];

	(void)state;
	patch_asked(1, hash);
	answer_but_for(1, hash, ANSWER_ONCE, 2, no);
	e = want(MSG_RECORD, 0, "approval {");
	assert_non_null(strstr(e->text, "\"refused\":[\"/w/e\",\"/w/d/c\"]"));
	e = want(MSG_RECORD, 0, "intent {");
	assert_non_null(strstr(e->text, "\"write\":[\"/w\"]"));
	sum = SHA256Data((const uint8_t *)rest, strlen(rest), NULL);
	(void)snprintf(text, sizeof(text), "\"input_sha256\":\"%s\"", sum);
	free(sum);
	assert_non_null(strstr(e->text, text));
	digest_is('a');
	e = want(MSG_SPAWN, 1, "/x/cordon-tool patch --hashes in /w <<");
	assert_string_equal(strstr(e->text, "<<") + 2, rest);
	cell_spawned(1, false);
	assert_int_equal(write(t.out, "Done.\n", 6), 6);
	cell_exit(1, EXIT_STATUS, 0);
	(void)want(MSG_DONE, 1, "0 A a");
	e = want(MSG_RESULT, 1, "0 ");
	assert_true(str_ends(e->text,
	    "Done.\n[cordon: left out, since refused: d/c, e: not these]\n"));
}

static void
yes_to_no_file_of_a_patch(void **state)
{
	static const char *const no[] = {"/w/a", "/w/d/b", "/w/e"};
	uint8_t hash[32];

	(void)state;
	patch_asked(1, hash);
	answer_but_for(1, hash, ANSWER_ONCE, 3, no);
	(void)want(MSG_RECORD, 0,
	    "approval {\"call\":1,\"tool\":"
	    "\"apply_patch\",\"answer\":\"no\"");
	(void)want(
	    MSG_RESULT, 1, "2 patch rejected: the person said no: not these");
	none(MSG_SPAWN);
}

/* Not of this patch, more than this once, no question of it: such an answer
 * ends whoever sends it. */
static void
no_yes_to_what_is_not_there(void **state)
{
	static const struct {
		enum answer what;
		uint32_t n;
		const char *const refused[4];
	} rows[] = {{ANSWER_ONCE, 1, {"/w/x"}}, {ANSWER_ONCE, 1, {"a"}},
	    {ANSWER_ONCE, 1, {""}}, {ANSWER_SESSION, 1, {"/w/a"}},
	    {ANSWER_NO, 1, {"/w/a"}}};
	uint8_t hash[32];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (i > 0) /* the first has its own */
			(void)setup_patches(state);
		patch_asked(1, hash);
		answer_but_for(
		    1, hash, rows[i].what, rows[i].n, rows[i].refused);
		(void)want(MSG_DROPPED, 0, "");
		none(MSG_SPAWN);
		if (i + 1 < sizeof(rows) / sizeof(rows[0]))
			(void)teardown(state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup_untrusted, teardown)
	    T(a_person_says_yes),
	    T(every_word_is_asked_about),
	    T(a_script_changed_after_the_yes),
	    T(a_script_changed_by_the_call_before),
	    T(yes_for_the_session),
	    T(yes_for_what_begins_so),
	    cmocka_unit_test_setup_teardown(
		a_grant_expires, setup_short, teardown),
	    T(an_answer_to_something_else),
	    T(cancel_while_asking),
	    T(too_many_words_to_look_at),
#undef T
#define T(name) cmocka_unit_test_setup_teardown(name, setup_patches, teardown)
	    T(yes_for_a_folder),
	    T(yes_to_some_files_of_a_patch),
	    T(yes_to_no_file_of_a_patch),
	    T(no_yes_to_what_is_not_there),
#undef T
#define T(name) cmocka_unit_test_setup_teardown(name, setup_headless, teardown)
	    T(nobody_is_there_to_ask),
	    T(a_line_is_one_only_for_a_shell),
#undef T
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
