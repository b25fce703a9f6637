/*
 * respond.c owns the translation of verdicts, and of our own failure, into
 * libmilter's answers; it may not know how a verdict came about.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this project */
#include "policy.h"
/* this program */
#include "current.h"
#include "journal.h"
#include "macro.h"
#include "respond.h"

/* smfi_setreply() takes the text for a format: a percent sign is two. */
static void
double_percent(const char *text, char out[2 * REPLY_TEXT_MAX + 1])
{
	while (*text != '\0') {
		if (*text == '%')
			*out++ = '%';
		*out++ = *text++;
	}
	*out = '\0';
}

static void
set_reply(SMFICTX *ctx, const struct reply *r)
{
	char code[16], enhanced[sizeof(r->enhanced)];
	char text[2 * REPLY_TEXT_MAX + 1];

	snprintf(code, sizeof(code), "%u", r->code);
	memcpy(enhanced, r->enhanced, sizeof(enhanced));
	double_percent(r->text, text);
	if (smfi_setreply(ctx, code, enhanced, text) != MI_SUCCESS)
		journal_fault("reply", "libmilter did not take the reply");
}

sfsistat
respond(SMFICTX *ctx, const struct verdict *v)
{
	if (!v->decided)
		return SMFIS_CONTINUE;
	switch (v->action) {
	case ACTION_REJECT:
		set_reply(ctx, &v->reply);
		return SMFIS_REJECT;
	case ACTION_TEMPFAIL:
	case ACTION_DISCONNECT:
		/* the MTA closes the connection because the code is 421 */
		set_reply(ctx, &v->reply);
		return SMFIS_TEMPFAIL;
	case ACTION_ACCEPT:
	case ACTION_NOTE:
		break;
	}
	return SMFIS_CONTINUE;
}

static bool
refuses_on_failure(SMFICTX *ctx)
{
	struct edition *e;
	struct session *s;
	struct fact f;
	bool refuse;

	s = session_new_or_null();
	if (s == NULL)
		return !macro_is_mx(ctx);
	e = current_acquire();
	macro_service(ctx, e->policy, s);
	f = session_fact(s, ATTR_SERVICE);
	refuse = session_starved(s) || !macro_connect_came(ctx) ?
	    !macro_is_mx(ctx) : f.state == FACT_KNOWN && policy_is_submission(e->policy, f.text);
	edition_release(&e);
	session_free(s);
	return refuse;
}

sfsistat
respond_failure(SMFICTX *ctx)
{
	static const struct reply reply = {
		.code = 451,
		.enhanced = "4.3.0",
		.text = "Temporary failure of the policy service, try again later",
	};

	if (!refuses_on_failure(ctx)) {
		journal_fault("memory", "connection let through unjudged");
		return SMFIS_ACCEPT;
	}
	journal_fault("memory", "connection refused for now");
	set_reply(ctx, &reply);
	return SMFIS_TEMPFAIL;
}
