/* SPDX-License-Identifier: Apache-2.0 */

/* cordon without a sub-command, and cordon resume: a person at a terminal. */

#include "config.h"

#include <sysexits.h>
#include <unistd.h>

#include "base/str.h"

#include "cordon/cmd.h"
#include "cordon/front.h"
#include "cordon/launch.h"
#include "cordon/session.h"
#include "cordon/session_args.h"

static int
tui_go(const struct session_args *args, const char *prompt, const char *resume)
{
	struct session_args later = *args;
	struct launch_next next = {NEXT_END, ""}, now;
	struct launch l = {
	    .args = args,
	    .mode = "tui",
	    .prompt = bytes_of(prompt == NULL ? "" : prompt),
	    .resume = resume,
	    .next = &next,
	    .color = front_color(STDOUT_FILENO),
	};
	int r = launch_run(&l);

	/* What the command line says of the first prompt and of where we are
	 * has been done. */
	later.cd = NULL;
	later.image = (struct opt_list){NULL, 0};
	l.args = &later;
	l.prompt = bytes_of("");
	while (next.what != NEXT_END) {
		now = next;
		next.what = NEXT_END;
		l.resume = now.what == NEXT_RESUME ? now.id : NULL;
		l.fork = now.what == NEXT_FORK ? now.id : NULL;
		r = launch_run(&l);
	}
	return r;
}

int
tui_run(const struct session_args *args, const char *prompt)
{
	return tui_go(args, prompt, NULL);
}

static int
resume_run(const struct cmd_line *line)
{
	const struct session_args *session = cordon_session(line);
	const char *prompt;
	char id[SESSION_ID_SIZE];
	int r = resume_session(line, true, session->cd, id, &prompt);

	return r == EX_OK ? tui_go(session, prompt, id) : r;
}

const struct cmd cmd_resume = {
    .name = "resume",
    .summary = "Go on with a session, by default the newest of this folder.",
    .operands = "[ID] [PROMPT]",
    .man = "cordon(1)",
    .opts = resume_opts,
    .args_size = sizeof(struct resume_args),
    .max = 2,
    .flags = CMD_INHERIT,
    .run = resume_run,
};
