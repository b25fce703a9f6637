/*
 * judge_tls.c owns which findings versions, suites and groups earn; it may
 * not know how findings are told.
 */
/* libc */
#include <stddef.h>
/* this project */
#include "judge.h"

static const struct version_facts *
version_of(const struct facts *f, uint16_t version)
{
	return &f->versions[version - VERSION_SSL3];
}

#define SHOWN_MAX	4	/* all of them stand in the list of suites */

/* Each suite once, in whatever version it was taken. */
static bool
put_suites(const struct facts *f, struct detail *d,
    bool (*wanted)(uint16_t, const void *), const void *what)
{
	uint16_t seen[SUITES_MAX], number;
	size_t v, i, n = 0, k;

	for (v = 0; v < VERSIONS; v++)
		for (i = 0; i < f->versions[v].suite_count; i++) {
			number = f->versions[v].suites[i];
			for (k = 0; k < n && seen[k] != number; k++)
				;
			if (k < n || n == SUITES_MAX || !wanted(number, what))
				continue;
			seen[n++] = number;
			if (n <= SHOWN_MAX)
				detail_add(d, "%s%s", n > 1 ? " " : "",
				    suite_name(number));
		}
	if (n > SHOWN_MAX)
		detail_add(d, " and %zu more", n - SHOWN_MAX);
	return n > 0;
}

static bool
has_trait(uint16_t number, const void *trait)
{
	return (suite_traits(number) & *(const unsigned int *)trait) != 0;
}

/* What is worse than having no forward secrecy is told by itself. */
static bool
only_lacks_fs(uint16_t number, const void *unused)
{
	unsigned int traits = suite_traits(number);

	(void)unused;
	return (traits & SUITE_NO_FS) && (traits & SUITE_WEAK) == 0;
}

/* Of those that no graver finding names. */
static bool
is_plain_dhe(uint16_t number, const void *unused)
{
	unsigned int traits = suite_traits(number);

	(void)unused;
	return (traits & SUITE_DHE) && (traits & (SUITE_WEAK | SUITE_OLD)) == 0;
}

static bool
is_plain_cbc(uint16_t number, const void *unused)
{
	unsigned int traits = suite_traits(number);

	(void)unused;
	return (traits & SUITE_CBC) && (traits & (SUITE_WEAK | SUITE_NO_FS |
	    SUITE_OLD)) == 0;
}

static bool
has_suites(const struct facts *f, struct detail *d, unsigned int trait)
{
	return put_suites(f, d, has_trait, &trait);
}

static bool
ssl2(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->ssl2;
}

static bool
ssl3(const struct facts *f, struct detail *d)
{
	(void)d;
	return version_of(f, VERSION_SSL3)->taken;
}

static bool
tls10(const struct facts *f, struct detail *d)
{
	(void)d;
	return version_of(f, 0x0301)->taken;
}

static bool
tls11(const struct facts *f, struct detail *d)
{
	(void)d;
	return version_of(f, 0x0302)->taken;
}

static bool
old_only(const struct facts *f, struct detail *d)
{
	(void)d;
	return facts_has_tls(f) && !version_of(f, VERSION_TLS1_2)->taken &&
	    !version_of(f, VERSION_TLS1_3)->taken;
}

static bool
tls13_missing(const struct facts *f, struct detail *d)
{
	(void)d;
	return !version_of(f, VERSION_TLS1_3)->taken &&
	    version_of(f, VERSION_TLS1_2)->taken;
}

#define SUITE_CHECK(name, trait) \
	static bool \
	name(const struct facts *f, struct detail *d) \
	{ \
		return has_suites(f, d, trait); \
	}

SUITE_CHECK(suite_null, SUITE_NULL)
SUITE_CHECK(suite_anon, SUITE_ANON)
SUITE_CHECK(suite_export, SUITE_EXPORT)
SUITE_CHECK(suite_3des, SUITE_3DES)

/* What was made for export is told as that. */
static bool
is_rc4(uint16_t number, const void *unused)
{
	unsigned int traits = suite_traits(number);

	(void)unused;
	return (traits & SUITE_RC4) && (traits & SUITE_EXPORT) == 0;
}

static bool
suite_rc4(const struct facts *f, struct detail *d)
{
	return put_suites(f, d, is_rc4, NULL);
}

static bool
is_des(uint16_t number, const void *unused)
{
	unsigned int traits = suite_traits(number);

	(void)unused;
	return (traits & SUITE_DES) && (traits & SUITE_EXPORT) == 0;
}

static bool
suite_des(const struct facts *f, struct detail *d)
{
	return put_suites(f, d, is_des, NULL);
}

static bool
is_old(uint16_t number, const void *unused)
{
	unsigned int traits = suite_traits(number);

	(void)unused;
	return (traits & SUITE_OLD) && (traits & SUITE_WEAK) == 0;
}

static bool
suite_old(const struct facts *f, struct detail *d)
{
	return put_suites(f, d, is_old, NULL);
}

static bool
fs_missing(const struct facts *f, struct detail *d)
{
	(void)d;
	return facts_all_have(f, SUITE_NO_FS);
}

/* When no suite has it, that is told once. */
static bool
suite_no_fs(const struct facts *f, struct detail *d)
{
	return !fs_missing(f, d) && put_suites(f, d, only_lacks_fs, NULL);
}

static bool
suite_dhe(const struct facts *f, struct detail *d)
{
	return put_suites(f, d, is_plain_dhe, NULL);
}

static bool
suite_cbc(const struct facts *f, struct detail *d)
{
	return put_suites(f, d, is_plain_cbc, NULL);
}

static bool
client_chooses(const struct facts *f, struct detail *d)
{
	bool client = false;
	size_t v;

	(void)d;
	for (v = 0; v < VERSIONS; v++)
		if (f->versions[v].chooser == CHOOSER_CLIENT)
			client = true;
	return client && (facts_traits(f) & (SUITE_WEAK | SUITE_NO_FS));
}

static bool
dh_short(const struct facts *f, struct detail *d)
{
	if (f->dh_bits == 0 || f->dh_bits >= 2048)
		return false;
	detail_add(d, "%u bits", f->dh_bits);
	return true;
}

static bool
group_weak(const struct facts *f, struct detail *d)
{
	size_t i, n = 0;

	for (i = 0; i < f->group_count; i++)
		if (group_is_weak(f->groups[i]))
			detail_add(d, "%s%s", n++ > 0 ? " " : "", group_name(f->groups[i]));
	return n > 0;
}

static bool
pq_missing(const struct facts *f, struct detail *d)
{
	size_t i;

	(void)d;
	for (i = 0; i < f->group_count; i++)
		if (group_is_hybrid(f->groups[i]))
			return false;
	return facts_has_tls(f);
}

static bool
compression(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->compression;
}

static bool
renegotiation_insecure(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->hello && !f->renegotiation;
}

static bool
renegotiation_client(const struct facts *f, struct detail *d)
{
	(void)d;
	return f->renegotiates;
}

static bool
session_shared(const struct facts *f, struct detail *d)
{
	if (f->session_of == 0)
		return false;
	detail_add(d, "of port %u", f->session_of);
	return true;
}

const struct check tls_checks[] = {
	{ FINDING_SSL2, ssl2 },
	{ FINDING_SSL3, ssl3 },
	{ FINDING_TLS10, tls10 },
	{ FINDING_TLS11, tls11 },
	{ FINDING_OLD_ONLY, old_only },
	{ FINDING_TLS13_MISSING, tls13_missing },
	{ FINDING_SUITE_NULL, suite_null },
	{ FINDING_SUITE_ANON, suite_anon },
	{ FINDING_SUITE_EXPORT, suite_export },
	{ FINDING_SUITE_RC4, suite_rc4 },
	{ FINDING_SUITE_3DES, suite_3des },
	{ FINDING_SUITE_DES, suite_des },
	{ FINDING_SUITE_OLD, suite_old },
	{ FINDING_FS_MISSING, fs_missing },
	{ FINDING_SUITE_NO_FS, suite_no_fs },
	{ FINDING_SUITE_DHE, suite_dhe },
	{ FINDING_SUITE_CBC, suite_cbc },
	{ FINDING_CLIENT_CHOOSES, client_chooses },
	{ FINDING_DH_SHORT, dh_short },
	{ FINDING_GROUP_WEAK, group_weak },
	{ FINDING_PQ_MISSING, pq_missing },
	{ FINDING_COMPRESSION, compression },
	{ FINDING_RENEGOTIATION_INSECURE, renegotiation_insecure },
	{ FINDING_RENEGOTIATION_CLIENT, renegotiation_client },
	{ FINDING_SESSION_SHARED, session_shared },
	{ FINDINGS, NULL }
};
