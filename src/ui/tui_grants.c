/* SPDX-License-Identifier: Apache-2.0 */

/* Front, mode tui: what the person has granted for the session. */

#include "config.h"

#include "ui/tui.h"

void
tui_grants(struct tui *t, uint32_t revoke)
{
	struct msg_grants m = {.revoke = revoke};

	t->granted = false;
	tui_say(t, ST_HEAD, "Granted for this session");
	front_send(t->f, ROLE_GATE, 0, MSG_GRANTS, &m);
}

int
tui_on_grant(struct front *f, uint32_t id, struct msg_grant *m)
{
	struct tui *t = f->state;

	(void)id;
	if (!m->last) {
		t->granted = true;
		tui_say(t, ST_PLAIN, "  %u  %.*s, for %u minutes", m->number,
		    (int)m->text.len, (const char *)m->text.p, m->minutes);
		return 0;
	}
	tui_say(t, ST_DIM,
	    t->granted ? "  /grants NUMBER takes one back"
		       : "  nothing; s at a question grants something");
	tui_gap(t);
	return 0;
}
