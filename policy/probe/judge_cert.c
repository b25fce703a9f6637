/*
 * judge_cert.c owns which findings certificates earn; it may not know how
 * findings are told.
 */
/* libc */
#include <stddef.h>
/* this project */
#include "judge.h"

static bool
cert_missing(const struct facts *f, struct detail *d)
{
	(void)d;
	return facts_has_tls(f) && !f->cert.readable;
}

static bool
put_end(const struct facts *f, struct detail *d, int from, int below)
{
	if (!f->cert.readable || f->cert.days < from || f->cert.days >= below)
		return false;
	detail_add(d, "%s", f->cert.until);
	return true;
}

static bool
cert_expired(const struct facts *f, struct detail *d)
{
	return put_end(f, d, -1000000, 0);
}

static bool
cert_early(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->cert.readable && f->cert.early;
}

static bool
cert_expires_7(const struct facts *f, struct detail *d)
{
	return put_end(f, d, 0, 7);
}

static bool
cert_expires_14(const struct facts *f, struct detail *d)
{
	return put_end(f, d, 7, 14);
}

static bool
cert_expires_30(const struct facts *f, struct detail *d)
{
	return put_end(f, d, 14, 30);
}

static bool
cert_name(const struct facts *f, struct detail *d)
{
	if (!f->cert.readable || f->cert.wanted[0] == '\0' || f->cert.name_fits)
		return false;
	detail_add(d, "%s is not among: %s", f->cert.wanted, f->cert.names);
	return true;
}

static bool
put_trust(const struct facts *f, struct detail *d, enum trust trust)
{
	if (!f->cert.readable || f->cert.trust != trust)
		return false;
	if (f->cert.trust_fault != NULL)
		detail_add(d, "%s", f->cert.trust_fault);
	else if (trust != TRUST_SELF)
		detail_add(d, "%s", f->cert.issuer);
	return true;
}

static bool
cert_self_signed(const struct facts *f, struct detail *d)
{
	return put_trust(f, d, TRUST_SELF);
}

static bool
cert_untrusted(const struct facts *f, struct detail *d)
{
	return put_trust(f, d, TRUST_ROOT) || put_trust(f, d, TRUST_BAD);
}

static bool
chain_incomplete(const struct facts *f, struct detail *d)
{
	return put_trust(f, d, TRUST_INCOMPLETE);
}

static bool
chain_order(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->cert.readable && !f->cert.ordered;
}

static bool
cert_key(const struct facts *f, struct detail *d)
{
	if (!f->cert.readable || f->cert.strength >= 112)
		return false;
	detail_add(d, "%s, %u bits", f->cert.key, f->cert.key_bits);
	return true;
}

static bool
cert_signature(const struct facts *f, struct detail *d)
{
	if (!f->cert.readable || !f->cert.weak_signature)
		return false;
	detail_add(d, "%s", f->cert.signature);
	return true;
}

const struct check cert_checks[] = {
	{ FINDING_CERT_MISSING, cert_missing },
	{ FINDING_CERT_EXPIRED, cert_expired },
	{ FINDING_CERT_EARLY, cert_early },
	{ FINDING_CERT_EXPIRES_7, cert_expires_7 },
	{ FINDING_CERT_EXPIRES_14, cert_expires_14 },
	{ FINDING_CERT_EXPIRES_30, cert_expires_30 },
	{ FINDING_CERT_NAME, cert_name },
	{ FINDING_CERT_SELF_SIGNED, cert_self_signed },
	{ FINDING_CERT_UNTRUSTED, cert_untrusted },
	{ FINDING_CHAIN_INCOMPLETE, chain_incomplete },
	{ FINDING_CHAIN_ORDER, chain_order },
	{ FINDING_CERT_KEY, cert_key },
	{ FINDING_CERT_SIGNATURE, cert_signature },
	{ FINDINGS, NULL }
};
