/*
 * judge_cert.c owns which findings certificates earn; it may not know how
 * findings are told.
 */
/* libc */
#include <stddef.h>
/* this project */
#include "judge.h"

static bool
put_end(const struct cert_facts *c, struct detail *d, int from, int below)
{
	if (!c->readable || c->days < from || c->days >= below)
		return false;
	detail_add(d, "%s", c->until);
	return true;
}

static bool
cert_expired(const struct cert_facts *c, struct detail *d)
{
	return put_end(c, d, -1000000, 0);
}

static bool
cert_early(const struct cert_facts *c, struct detail *d)
{
	(void)d;
	return c->readable && c->early;
}

static bool
cert_expires_7(const struct cert_facts *c, struct detail *d)
{
	return put_end(c, d, 0, 7);
}

static bool
cert_expires_14(const struct cert_facts *c, struct detail *d)
{
	return put_end(c, d, 7, 14);
}

static bool
cert_expires_30(const struct cert_facts *c, struct detail *d)
{
	return put_end(c, d, 14, 30);
}

static bool
cert_name(const struct cert_facts *c, struct detail *d)
{
	if (!c->readable || c->wanted[0] == '\0' || c->name_fits)
		return false;
	if (c->names[0] == '\0')
		detail_add(d, "%s; it has no names, and the CN of its subject does "
		    "not count", c->wanted);
	else
		detail_add(d, "%s is not among: %s", c->wanted, c->names);
	return true;
}

static bool
put_trust(const struct cert_facts *c, struct detail *d, enum trust trust)
{
	if (!c->readable || c->trust != trust)
		return false;
	if (c->trust_fault != NULL)
		detail_add(d, "%s", c->trust_fault);
	else if (trust != TRUST_SELF)
		detail_add(d, "%s", c->issuer);
	return true;
}

static bool
cert_self_signed(const struct cert_facts *c, struct detail *d)
{
	return put_trust(c, d, TRUST_SELF);
}

static bool
cert_untrusted(const struct cert_facts *c, struct detail *d)
{
	return put_trust(c, d, TRUST_ROOT) || put_trust(c, d, TRUST_BAD);
}

static bool
chain_incomplete(const struct cert_facts *c, struct detail *d)
{
	return put_trust(c, d, TRUST_INCOMPLETE);
}

static bool
chain_order(const struct cert_facts *c, struct detail *d)
{
	(void)d;
	return c->readable && !c->ordered;
}

static bool
cert_key(const struct cert_facts *c, struct detail *d)
{
	if (!c->readable || c->strength >= 112)
		return false;
	detail_add(d, "%s, %u bits", c->key, c->key_bits);
	return true;
}

static bool
cert_signature(const struct cert_facts *c, struct detail *d)
{
	if (!c->readable || !c->weak_signature)
		return false;
	detail_add(d, "%s", c->signature);
	return true;
}

static const struct {
	enum finding_id	 id;
	bool		(*holds)(const struct cert_facts *, struct detail *);
} checks[] = {
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
};

/* Of either certificate; when there are two it is said of which. */
bool
cert_check(enum finding_id id, const struct facts *f, struct detail *d)
{
	const struct cert_facts *const both[] = { &f->cert, &f->other };
	char text[DETAIL_SIZE];
	struct detail one;
	size_t i, k;
	bool found = false;

	if (id == FINDING_CERT_MISSING)
		return facts_has_tls(f) && !f->cert.readable;
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		for (k = 0; k < 2 && checks[i].id == id; k++) {
			text[0] = '\0';
			one.text = text;
			one.len = 0;
			if (!both[k]->readable || !checks[i].holds(both[k], &one))
				continue;
			if (f->other.readable)
				detail_add(d, "%s%s%s", d->len > 0 ? "; " : "",
				    both[k]->key, text[0] != '\0' ? ": " : "");
			detail_add(d, "%s", text);
			found = true;
		}
	return found;
}
