/*
 * judge_port.c owns which findings a port and its protocol earn; it may not
 * know how findings are told.
 */
/* libc */
#include <string.h>
/* this project */
#include "judge.h"

static const struct port_info *
info_of(const struct facts *f)
{
	return &port_infos[f->target.service];
}

static bool
is_mx(const struct facts *f)
{
	return f->target.service == PORT_MX;
}

static bool
incomplete(const struct facts *f, struct detail *d)
{
	if (f->incomplete == NULL)
		return false;
	detail_add(d, "the server %s", f->incomplete);
	return true;
}

static bool
starttls_missing(const struct facts *f, struct detail *d)
{
	(void)d;
	return !info_of(f)->implicit && f->before.known && !f->before.starttls;
}

static bool
starttls_refused(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->starttls_refused;
}

/* A port that talks in the clear alone is told by implicit-tls-missing. */
static bool
implicit_missing(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->clear && !facts_has_tls(f);
}

static bool
implicit_mixed(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->clear && facts_has_tls(f);
}

static bool
tls_broken(const struct facts *f, struct detail *d)
{
	/* where a handshake came to its end, there is a version to be found */
	if (facts_has_tls(f) || f->clear || f->handshake == NULL)
		return false;
	detail_add(d, "the server %s", f->handshake);
	return true;
}

static bool
auth_taken(const struct facts *f, struct detail *d)
{
	if (f->auth != ANSWER_YES)
		return false;
	detail_add(d, "AUTH PLAIN was answered: %s", f->auth_said);
	return true;
}

static bool
auth_offered(const struct facts *f, struct detail *d)
{
	if (!f->before.readable)
		return false;
	detail_add(d, "%s", f->before.mechanisms);
	return true;
}

static bool
auth_challenge(const struct facts *f, struct detail *d)
{
	if (!f->before.login || f->before.readable)
		return false;
	detail_add(d, "%s", f->before.mechanisms);
	return true;
}

static bool
auth_missing(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->after.known && !f->after.login &&
	    info_of(f)->speech == &smtp_speech && !is_mx(f);
}

static bool
auth_on_mx(const struct facts *f, struct detail *d)
{
	if (!is_mx(f) || !f->after.login)
		return false;
	detail_add(d, "%s", f->after.mechanisms);
	return true;
}

static bool
mail_in_clear(const struct facts *f, struct detail *d)
{
	if (is_mx(f) || f->mail != ANSWER_YES)
		return false;
	detail_add(d, "MAIL was answered: %s", f->mail_said);
	return true;
}

static bool
tls_required_on_mx(const struct facts *f, struct detail *d)
{
	/* 530: RFC 3207, section 4; others refuse for other reasons. */
	if (!is_mx(f) || f->mail != ANSWER_NO ||
	    strncmp(f->mail_said, "530", 3) != 0)
		return false;
	detail_add(d, "MAIL was answered: %s", f->mail_said);
	return true;
}

static bool
starttls_inside(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->after.known && f->after.starttls;
}

static bool
injection(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->injection == ANSWER_YES;
}

const struct check port_checks[] = {
	{ FINDING_INCOMPLETE, incomplete },
	{ FINDING_STARTTLS_MISSING, starttls_missing },
	{ FINDING_STARTTLS_REFUSED, starttls_refused },
	{ FINDING_IMPLICIT_MISSING, implicit_missing },
	{ FINDING_IMPLICIT_MIXED, implicit_mixed },
	{ FINDING_TLS_BROKEN, tls_broken },
	{ FINDING_AUTH_TAKEN, auth_taken },
	{ FINDING_AUTH_OFFERED, auth_offered },
	{ FINDING_AUTH_CHALLENGE, auth_challenge },
	{ FINDING_AUTH_MISSING, auth_missing },
	{ FINDING_AUTH_ON_MX, auth_on_mx },
	{ FINDING_MAIL_IN_CLEAR, mail_in_clear },
	{ FINDING_TLS_REQUIRED_ON_MX, tls_required_on_mx },
	{ FINDING_STARTTLS_INSIDE, starttls_inside },
	{ FINDING_INJECTION, injection },
	{ FINDINGS, NULL }
};
