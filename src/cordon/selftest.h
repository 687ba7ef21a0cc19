/* SPDX-License-Identifier: Apache-2.0 */

#ifndef CORDON_SELFTEST_H
#define CORDON_SELFTEST_H

#define SELFTESTS 5

enum selftest_result { SELFTEST_NOT_RUN, SELFTEST_CONTAINED, SELFTEST_ESCAPED };

/* One attempt to get out of a cell, judged from outside of it. */
struct selftest {
	const char *name;
	enum selftest_result result;
	char why[256]; /* it was not run, in words to show; or "" */
};

/*
 * Makes each attempt through `cordon sandbox`, in a folder that is removed
 * afterwards.  0 if every one was made and contained; ERR_PERM if one got
 * out, ERR_IO if one could not be made.
 */
int selftest_run(struct selftest tests[SELFTESTS]);
const char *selftest_word(const struct selftest *t);

#endif /* CORDON_SELFTEST_H */
