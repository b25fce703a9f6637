/*
 * judge_profile.c owns what does not fit a profile; it may not know how findings
 * are told.
 */
/* libc */
#include <string.h>
/* this project */
#include "judge.h"

static bool
versions(const struct profile *p, const struct facts *f, struct detail *d)
{
	uint16_t v;

	for (v = VERSION_SSL3; v < p->lowest; v++)
		if (f->versions[v - VERSION_SSL3].taken)
			detail_add(d, "%s%s", d->len > 0 ? " " : "", version_text(v));
	return d->len > 0;
}

/* A version that is older than the profile's has no place as a whole. */
static bool
suites(const struct profile *p, const struct facts *f, struct detail *d)
{
	const struct version_facts *v;
	uint16_t version;
	size_t i;

	if (p->suites == NULL)
		return false;
	for (version = p->lowest; version <= VERSION_TLS1_3; version++) {
		v = &f->versions[version - VERSION_SSL3];
		for (i = 0; i < v->suite_count; i++)
			if (!profile_lists(p->suites, v->suites[i]))
				detail_add(d, "%s%s", d->len > 0 ? " " : "",
				    suite_name(v->suites[i]));
	}
	return d->len > 0;
}

static bool
dh(const struct profile *p, const struct facts *f, struct detail *d)
{
	if (f->dh_bits == 0 || f->dh_bits >= p->dh_bits)
		return false;
	detail_add(d, "%u bits, and not %u", f->dh_bits, p->dh_bits);
	return true;
}

static bool
groups_beyond(const struct profile *p, const struct facts *f, struct detail *d)
{
	size_t i;

	for (i = 0; i < f->group_count; i++)
		if (!profile_lists(p->groups, f->groups[i]))
			detail_add(d, "%s%s", d->len > 0 ? " " : "",
			    group_name(f->groups[i]));
	return d->len > 0;
}

static void
key_of(const struct profile *p, const struct cert_facts *c, struct detail *d)
{
	const char *comma = d->len > 0 ? "; " : "";

	if (!c->readable)
		return;
	if (p->key != NULL && strcmp(p->key, c->key) != 0)
		detail_add(d, "%s%s, and not %s", comma, c->key, p->key);
	else if (c->strength < p->key_strength)
		detail_add(d, "%s%s, %u bits, is worth %u", comma, c->key,
		    c->key_bits, c->strength);
}

static bool
key(const struct profile *p, const struct facts *f, struct detail *d)
{
	key_of(p, &f->cert, d);
	key_of(p, &f->other, d);
	return d->len > 0;
}

bool
profile_check(enum finding_id id, const struct profile *p, const struct facts *f,
    struct detail *d)
{
	switch (id) {
	case FINDING_PROFILE_VERSION:
		return versions(p, f, d);
	case FINDING_PROFILE_SUITE:
		return suites(p, f, d);
	case FINDING_PROFILE_GROUP:
		return groups_beyond(p, f, d);
	case FINDING_PROFILE_DH:
		return dh(p, f, d);
	case FINDING_PROFILE_KEY:
		return key(p, f, d);
	default:
		return false;
	}
}
