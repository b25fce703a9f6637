/*
 * callback.c owns the order in which facts are taken, judged, answered and put
 * on record; it may not know how any of that is done.
 */
/* libc */
#include <string.h>
/* this project */
#include "session.h"
/* this program */
#include "callback.h"
#include "conn.h"
#include "journal.h"
#include "macro.h"
#include "negotiate.h"
#include "respond.h"

/* The connection, or NULL when there was no memory for it. */
static struct conn *
ready(SMFICTX *ctx)
{
	struct conn *c = smfi_getpriv(ctx);

	return c != NULL && c->session != NULL ? c : NULL;
}

static int
judge(struct conn *c, enum stage stage, struct verdict *v)
{
	if (conn_judge(c, stage, v) == -1)
		return -1;
	if (v->limits > 0)
		journal_regex_limit(c, v);
	return 0;
}

/* A session or message that ends before its verdict: nobody was refused. */
static const struct verdict *
settled(struct conn *c, enum stage stage)
{
	session_set_stage(c->session, stage);
	if (!c->verdict.decided) {
		c->verdict.decided = true;
		c->verdict.action = ACTION_ACCEPT;
		c->verdict.rule = c->simulated ? RULE_NON_SMTP : RULE_DEFAULT;
		c->verdict.missing = ATTR_NOTHING;
	}
	return &c->verdict;
}

/*
 * Nothing is judged here: a refusal would make Postfix greet with a text of its
 * own, and on Sendmail implicit TLS has not begun.  HELO judges with all that
 * is known by then.
 */
static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	struct conn *c = smfi_getpriv(ctx);

	if (c == NULL) {
		c = conn_new();
		smfi_setpriv(ctx, c);
	}
	if (c != NULL && conn_begin(c) == 0)
		macro_connect(ctx, c, host, address);
	return SMFIS_CONTINUE;
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	struct conn *c = ready(ctx);
	struct verdict *v;

	if (c == NULL)
		return respond_failure(ctx);
	v = &c->verdict;
	macro_helo(ctx, c, name);
	if (judge(c, STAGE_HELO, v) == -1)
		return respond_failure(ctx);
	if (verdict_refuses(v) && !(c->told && c->told_rule == v->rule)) {
		c->told = true;
		c->told_rule = v->rule;
		journal_session(c, STAGE_HELO, v);
	}
	return respond(ctx, v);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct conn *c = ready(ctx);

	if (c == NULL)
		return respond_failure(ctx);
	conn_begin_mail(c);
	macro_mail(ctx, c, argv[0]);
	if (judge(c, STAGE_MAIL, &c->verdict) == -1)
		return respond_failure(ctx);
	if (verdict_refuses(&c->verdict)) {
		journal_message(c, STAGE_MAIL, &c->verdict);
		conn_end_mail(c);
	}
	return respond(ctx, &c->verdict);
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	struct conn *c = ready(ctx);
	char recipient[MAILBOX_TEXT];
	struct verdict v;

	if (c == NULL)
		return respond_failure(ctx);
	macro_qid(ctx, c);
	macro_recipient(ctx, c, argv[0], recipient);
	macro_rcpt(c, recipient);
	/* MAIL decided, and not an earlier recipient */
	if (c->verdict.decided && c->recipient == NULL) {
		c->recipients++;
		return SMFIS_CONTINUE;
	}
	if (judge(c, STAGE_RCPT, &v) == -1)
		return respond_failure(ctx);
	if (conn_take_recipient(c, recipient, &v))
		journal_message(c, STAGE_RCPT, &v);
	return respond(ctx, &v);
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	struct conn *c = ready(ctx);

	if (c == NULL)
		return respond_failure(ctx);
	macro_qid(ctx, c);
	if (c->recipient != NULL)
		macro_rcpt(c, c->recipient);
	else
		/* nobody named one, but mail has recipients */
		session_set_unknown(c->session, ATTR_RECIPIENT);
	if (!c->verdict.decided && judge(c, STAGE_EOM, &c->verdict) == -1)
		return respond_failure(ctx);
	session_set_stage(c->session, STAGE_EOM);
	journal_message(c, STAGE_EOM, &c->verdict);
	conn_end_mail(c);
	return respond(ctx, &c->verdict);
}

/*
 * The health check of `tlswarden ping': no mail server names itself so for mail
 * that came on no port, and whoever can say it here speaks to the socket itself.
 * Only what is given up is left out of the log, never a message that was taken.
 */
static bool
is_ping(const struct conn *c)
{
	struct fact helo;

	if (!c->simulated)
		return false;
	helo = session_fact(c->session, ATTR_HELO);
	return helo.state == FACT_KNOWN &&
	    strcmp(helo.text, "ping.tlswarden.invalid") == 0;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct conn *c = ready(ctx);

	if (c == NULL || !c->in_mail)
		return SMFIS_CONTINUE;
	if (c->recipient != NULL)
		macro_rcpt(c, c->recipient);
	if (!is_ping(c))
		journal_abandoned(c, settled(c, STAGE_ABORT));
	conn_end_mail(c);
	session_set_stage(c->session, STAGE_HELO);
	session_forget(c->session, STAGE_MAIL);
	return SMFIS_CONTINUE;
}

/* A session that carried no mail: there may have been a login, or none. */
static void
end_session(struct conn *c)
{
	struct session *s = c->session;

	if (!c->greeted)
		session_set_none(s, ATTR_HELO);
	session_set_unknown(s, ATTR_AUTH);
	session_set_unknown(s, ATTR_RECIPIENT);
	journal_session(c, STAGE_CLOSE, settled(c, STAGE_CLOSE));
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct conn *c = smfi_getpriv(ctx);

	if (c != NULL && c->session != NULL && !c->had_mail && !c->told &&
	    !is_ping(c))
		end_session(c);
	if (c != NULL)
		journal_unsaid(c);
	conn_free(c);
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

int
callback_register(void)
{
	static char name[] = "tlswardend";
	struct smfiDesc d;

	macro_init();
	memset(&d, 0, sizeof(d));
	d.xxfi_name = name;
	d.xxfi_version = SMFI_VERSION;
	d.xxfi_flags = SMFIF_NONE;
	d.xxfi_connect = on_connect;
	d.xxfi_helo = on_helo;
	d.xxfi_envfrom = on_mail;
	d.xxfi_envrcpt = on_rcpt;
	d.xxfi_eom = on_eom;
	d.xxfi_abort = on_abort;
	d.xxfi_close = on_close;
	d.xxfi_negotiate = on_negotiate;
	return smfi_register(d) == MI_SUCCESS ? 0 : -1;
}
