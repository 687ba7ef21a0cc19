/* SPDX-License-Identifier: Apache-2.0 */

/* Library: the page that is attached to a review. */

#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/vis.h"
#include "report/html.h"
#include "report/report.h"

#define SCALE_MAX 12 /* bytes that one byte of text becomes at most */

static const char style[] =
    "body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:70em;"
    "padding:0 1em;background:#fff;color:#111}"
    "article{border-left:4px solid #889;margin:.5em 0;padding:.2em .8em}"
    "article>header{color:#445}summary{color:#667;font-size:12px}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3em 0;"
    "font:12px/1.4 ui-monospace,monospace}"
    ".k{font-weight:600;margin-right:.7em}"
    ".refusal,.violation,.no{border-color:#b00}"
    ".approval,.you{border-color:#06c}.result,.model{border-color:#080}"
    "label{margin-right:1em}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}"
    "article>header{color:#aab}}";

static void
put_quoted(const void *p, size_t len, unsigned flags)
{
	struct buf seen;
	const uint8_t *s;
	size_t i, run;

	buf_init(&seen, SCALE_MAX * len + 1);
	(void)vis_add(&seen, p, len, flags);
	s = buf_data(&seen);
	for (i = run = 0; i < seen.len; i++) {
		const char *with = s[i] == '<'   ? "&lt;"
				   : s[i] == '>' ? "&gt;"
				   : s[i] == '&' ? "&amp;"
				   : s[i] == '"' ? "&quot;"
						 : NULL;

		if (with == NULL)
			continue;
		put_raw(s + run, i - run);
		put("%s", with);
		run = i + 1;
	}
	put_raw(s + run, seen.len - run);
	buf_fini(&seen);
}

static void
put_text(const char *s)
{
	put_quoted(s, strlen(s), 0);
}

void
html_begin(const char *what, const char *id, const char *const *kinds)
{
	const char *const *k;

	put("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src"
	    " 'none'; style-src 'unsafe-inline'\">"
	    "<meta name=\"viewport\" content=\"width=device-width\"><title>%s "
	    "of session ",
	    what);
	put_text(id);
	put("</title><style>%s", style);
	for (k = kinds; *k != NULL; k++)
		put("#f-%s:not(:checked)~main .%s{display:none}", *k, *k);
	put("</style></head><body><h1>%s</h1><p>Session ", what);
	put_text(id);
	put("</p>\n");
	for (k = kinds; *k != NULL; k++)
		put("<input type=\"checkbox\" id=\"f-%s\" checked>"
		    "<label for=\"f-%s\">%s</label>\n",
		    *k, *k, *k);
	put("<main>\n");
}

void
html_end(void)
{
	put("</main></body></html>\n");
}

void
html_entry(const char *kind, const char *time, struct bytes text,
    struct bytes body, const char *fold)
{
	put("<article class=\"%s\"><header><span class=\"k\">%s</span><time>",
	    kind, kind);
	put_text(time);
	put("</time> ");
	put_quoted(text.p, text.len, 0);
	put("</header>");
	if (fold != NULL)
		put("<details><summary>%s</summary>", fold);
	put("<pre>");
	put_quoted(body.p, body.len, VIS_NL | VIS_TAB);
	put("</pre>%s</article>\n", fold != NULL ? "</details>" : "");
}
