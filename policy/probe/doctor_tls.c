/*
 * doctor_tls.c owns the question whether a service of Postfix keeps passwords
 * off the wire by itself, and its TLS against the policy's; it may not know of
 * milters.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this folder */
#include "doctor_postfix.h"

static const char *
level_name(const struct smtp_service *s)
{
	static const char *const names[] = { "none", "may", "encrypt" };

	return s->wrapper && s->level != LEVEL_NONE ? "implicit" : names[s->level];
}

static void
paste_option(struct complaint *c, const struct smtp_service *s, const char *name,
    const char *value)
{
	struct buf b = BUF_INIT;

	put_override(&b, name, value);
	paste_service(c, s, buf_str(&b));
	buf_free(&b);
}

/* AUTH is kept back until TLS, one way or the other. */
static bool
auth_waits(const struct smtp_service *s)
{
	return s->level == LEVEL_ENCRYPT || (s->wrapper && s->level != LEVEL_NONE) ||
	    postfix_is(s->conf, s->entry, "smtpd_tls_auth_only", "yes");
}

static void
check_auth(struct checkup *k, const struct smtp_service *s)
{
	if (!s->auth || auth_waits(s))
		return;
	paste_option(complain(k, WEIGHT_FAULT, "auth-clear", s->label,
	    "AUTH is offered before TLS: passwords cross the network in the "
	    "clear, and no milter can stop that (RFC 8314, section 4.1)"),
	    s, "smtpd_tls_auth_only", "yes");
}

/* Somebody's password comes here. */
static bool
submits(const struct smtp_service *s)
{
	return s->auth || s->purpose.implicit_tls || s->wrapper ||
	    (s->closed && (s->port == 587 || s->port == 465));
}

static void
check_level(struct checkup *k, const struct smtp_service *s)
{
	struct complaint *c;

	if (s->level == LEVEL_NONE && (submits(s) || s->mx)) {
		c = complain(k, s->mx ? WEIGHT_WARNING : WEIGHT_FAULT,
		    "tls-off", s->label, s->mx ? "TLS is not offered: all mail from "
		    "other servers comes in the clear (RFC 7435, section 3)" :
		    "TLS is not offered (RFC 8314, section 3)");
		paste_option(c, s, "smtpd_tls_security_level",
		    s->mx ? "may" : "encrypt");
		if (!has_certificate(s))
			paste_certificate(c, s);
	}
	if (s->mx && s->level == LEVEL_ENCRYPT && !s->wrapper) {
		c = complain(k, WEIGHT_WARNING, "tls-required", s->label,
		    "TLS is required on the port where other servers bring mail: "
		    "RFC 3207, section 4, forbids that for a public MX");
		paste_option(c, s, "smtpd_tls_security_level", "may");
		/* what required it kept AUTH out of the clear */
		if (s->auth)
			paste_option(c, s, "smtpd_tls_auth_only", "yes");
	}
}

static void
check_wrapper(struct checkup *k, const struct smtp_service *s)
{
	if (s->purpose.implicit_tls && !s->wrapper)
		paste_option(complain(k, WEIGHT_FAULT, "wrapper-missing", s->label,
		    "the policy expects TLS from the first byte here (service %s), "
		    "and the server begins in the clear (RFC 8314, section 3.3)",
		    s->purpose.service), s, "smtpd_tls_wrappermode", "yes");
	if (s->wrapper && !s->purpose.implicit_tls && s->purpose.known)
		doctor_implicit(k, s->label, s->purpose.service, s->port);
}

static void
check_floor(struct checkup *k, const struct smtp_service *s)
{
	const char *name = s->required ? "smtpd_tls_mandatory_protocols" :
	    "smtpd_tls_protocols";
	char value[32];

	if (s->level == LEVEL_NONE && !submits(s) && !s->mx)
		return;
	if (s->floor < PURPOSE_TLS_1_0) {
		paste_option(complain(k, WEIGHT_FAULT, "tls-ssl", s->label,
		    "%s allows SSL 3.0 or older, which is broken (RFC 7568)", name),
		    s, name, "!SSLv2,!SSLv3");
		return;
	}
	if (s->purpose.floor >= s->floor)
		return;
	if (!s->mx) {
		complain(k, WEIGHT_NOTE, "tls-floor", s->label, "the server already "
		    "refuses below %s, where the policy would take %s: those clients "
		    "get neither a reply nor a record",
		    purpose_version_name(s->floor),
		    purpose_version_name(s->purpose.floor));
		return;
	}
	snprintf(value, sizeof(value), ">=%s",
	    purpose_version_name(s->purpose.floor));
	paste_option(complain(k, WEIGHT_WARNING, "tls-floor", s->label,
	    "the server refuses TLS below %s, the policy would take %s: such a "
	    "sender comes back in the clear (RFC 9325, section 5.2)",
	    purpose_version_name(s->floor), purpose_version_name(s->purpose.floor)),
	    s, name, value);
}

void
doctor_tls(struct checkup *k, const struct smtp_service *s,
    struct checkup_row *row)
{
	row_put(row, COLUMN_AUTH, !s->auth ? "off" : auth_waits(s) ?
	    "after TLS" : "in the clear");
	row_put(row, COLUMN_TLS, level_name(s));
	if (s->level != LEVEL_NONE)
		row_put(row, COLUMN_FLOOR, purpose_version_name(s->floor));
	if (!s->judged)
		return;
	row_put(row, COLUMN_POLICY, purpose_version_name(s->purpose.floor));
	check_level(k, s);
	doctor_cert(k, s);
	check_auth(k, s);
	check_wrapper(k, s);
	check_floor(k, s);
}
