/*
 * sighting.c owns what follows from an entry, and the names under which it is
 * counted; it may not know what the counts are for.
 */
/* libc */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "address.h"
/* this directory */
#include "scan.h"
#include "sighting.h"

#define NETWORK_IPV4	24
#define NETWORK_IPV6	48

static const char *const rank_names[RANK_COUNT] = {
	[RANK_UNKNOWN] = "",
	[RANK_NONE] = "none",
	[RANK_SSL2] = "SSLv2",
	[RANK_SSL3] = "SSLv3",
	[RANK_TLS10] = "TLSv1",
	[RANK_TLS11] = "TLSv1.1",
	[RANK_TLS12] = "TLSv1.2",
	[RANK_TLS13] = "TLSv1.3",
	[RANK_LATER] = "later",
};

static struct slice
text(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

const char *
rank_name(enum tls_rank rank)
{
	return rank_names[rank];
}

enum tls_rank
rank_of(struct slice s)
{
	int rank;

	/* the common ones first */
	for (rank = RANK_LATER - 1; rank >= RANK_SSL2; rank--)
		if (slice_is(s, rank_names[rank]))
			return (enum tls_rank)rank;
	return slice_starts(s, "TLSv1.") && s.len == 7 && s.p[6] >= '4' &&
	    s.p[6] <= '9' ? RANK_LATER : RANK_UNKNOWN;
}

static enum tls_rank
rank_of_entry(const struct entry *e)
{
	if (e->lacking[ATTR_TLS])
		return RANK_NONE;
	if (e->facts[ATTR_TLS].p == NULL || e->marked[ATTR_TLS])
		return RANK_UNKNOWN;
	return rank_of(e->facts[ATTR_TLS]);
}

/* Mechanisms that send nothing which opens the account to who reads it. */
static bool
is_harmless(struct slice mechanism)
{
	static const char *const names[] = { "EXTERNAL", "GSSAPI", "GSS-SPNEGO",
	    "ANONYMOUS" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (mechanism.len == strlen(names[i]) &&
		    strncasecmp(mechanism.p, names[i], mechanism.len) == 0)
			return true;
	return false;
}

/* Port 25, or where nothing tells the port: nobody logged in. */
static bool
is_incoming(const struct entry *e, bool login)
{
	struct slice service = e->facts[ATTR_SERVICE];

	if (e->facts[ATTR_PORT].p != NULL)
		return slice_is(e->facts[ATTR_PORT], "25");
	if (service.p == NULL || service.len == 0 || slice_is(service, "other"))
		return !login;
	return slice_is(service, "mx");
}

void
sighting_of(struct sighting *s, const struct entry *e, struct when_day *day)
{
	memset(s, 0, sizeof(*s));
	s->entry = e;
	s->rank = rank_of_entry(e);
	/* Who left in the clear without mail sent nothing that could be read. */
	s->told = e->kind == ENTRY_SESSION && s->rank == RANK_NONE ?
	    RANK_UNKNOWN : s->rank;
	s->day = text(when_day(day, e->time) != 0 ? day->text : "");
	s->login = e->facts[ATTR_AUTH].p != NULL || e->facts[ATTR_USER].p != NULL;
	s->incoming = is_incoming(e, s->login);
	s->exposed = s->login && s->rank == RANK_NONE &&
	    !is_harmless(e->facts[ATTR_AUTH]);
	s->rule = e->rule;
	s->verdict = e->verdict;
	s->missing = e->missing;
	s->refused = entry_judged_refused(e) || e->refused || e->refused_by_us;
	if (s->verdict.p == NULL && e->origin != ORIGIN_RECORD)
		s->verdict = text(s->refused ? "refused" : "accept");
}

/* --- names */

#define ONES	UINT64_C(0x0101010101010101)

/* Eight bytes: what A to Z are gets the bit that makes them small. */
static inline void
lower_8(char *to, const char *from)
{
	uint64_t word, low, upper;

	memcpy(&word, from, sizeof(word));
	low = word & ONES * 0x7f;
	/* The top bit says: from A on, and not behind Z, and no byte above 0x7f. */
	upper = (low + ONES * (0x80 - 'A')) & ~(low + ONES * (0x7f - 'Z')) & ~word &
	    ONES * 0x80;
	word |= upper >> 2;
	memcpy(to, &word, sizeof(word));
}

static struct slice
lower(struct slice s, bool marked, char *scratch)
{
	size_t len = s.len < NAME_PART_MAX ? s.len : NAME_PART_MAX, i;

	for (i = 0; i + 8 <= len; i += 8)
		lower_8(scratch + i, s.p + i);
	for (; i < len; i++)
		scratch[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ?
		    (char)(s.p[i] + ('a' - 'A')) : s.p[i];
	/* As the record has it: this is not the whole name. */
	if (marked || len < s.len) {
		len = len < NAME_PART_MAX - 3 ? len : NAME_PART_MAX - 3;
		memcpy(scratch + len, "...", 3);
		len += 3;
	}
	return (struct slice){ scratch, len };
}

static struct slice
fact(const struct entry *e, enum attr attr, bool ours, char *scratch)
{
	if (e->facts[attr].p != NULL && !e->lacking[attr])
		return ours ? e->facts[attr] :
		    lower(e->facts[attr], e->marked[attr], scratch);
	if (e->lacking[attr] || (attr_info(attr)->depends != ATTR_NOTHING &&
	    e->lacking[attr_info(attr)->depends]))
		return text(ours ? "none" : "(none)");
	return text(ours ? "unknown" : "(unknown)");
}

static struct slice
domain(const struct entry *e, char *scratch)
{
	struct slice s = e->facts[ATTR_SENDER];
	const char *at;

	if (s.p == NULL || s.len == 0)
		return text("(unknown)");
	if (slice_is(s, "<>"))
		return text("<>");
	at = memrchr(s.p, '@', s.len);
	if (at == NULL)
		return text(e->marked[ATTR_SENDER] ? "(hashed)" : "(no domain)");
	s = slice_from(s, (size_t)(at + 1 - s.p));
	/* A mark says that the part before the @ is gone, as far as we care. */
	while (s.len > 0 && (s.p[s.len - 1] == '.' || s.p[s.len - 1] == '>'))
		s.len--;
	return lower(s, false, scratch);
}

/* 192.0.2.7 without its last number; -1 when it is nothing of that kind */
static int
cut_ipv4(struct slice s, char *scratch, size_t *len)
{
	size_t i, dot = 0;
	int dots = 0;

	if (s.len > 15)
		return -1;
	for (i = 0; i < s.len; i++) {
		if (s.p[i] == '.') {
			dot = i;
			dots++;
		} else if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
	}
	if (dots != 3)
		return -1;
	memcpy(scratch, s.p, dot);
	memcpy(scratch + dot, ".0/24", 5);
	*len = dot + 5;
	return 0;
}

/* Most addresses are IPv4, and there are many of them. */
static struct slice
network(const struct entry *e, char *scratch)
{
	struct slice s = e->facts[ATTR_CLIENT];
	struct address a;
	char address[ADDRESS_TEXT];
	size_t len;
	unsigned int prefix;

	if (s.p == NULL || e->marked[ATTR_CLIENT])
		return fact(e, ATTR_CLIENT, false, scratch);
	if (cut_ipv4(s, scratch, &len) == 0)
		return (struct slice){ scratch, len };
	if (address_parse(&a, s.p, s.len) == -1)
		return lower(s, false, scratch);
	prefix = a.bits == 32 ? NETWORK_IPV4 : NETWORK_IPV6;
	address_mask(&a, prefix);
	address_format(&a, address);
	len = (size_t)snprintf(scratch, SIGHTING_SCRATCH, "%s/%u", address, prefix);
	return (struct slice){ scratch, len };
}

/* Written as most programs do, whatever the log wrote. */
static struct slice
client(const struct entry *e, char *scratch)
{
	struct slice s = e->facts[ATTR_CLIENT];
	struct address a;

	if (s.p == NULL || e->marked[ATTR_CLIENT] || memchr(s.p, ':', s.len) == NULL ||
	    address_parse(&a, s.p, s.len) == -1)
		return fact(e, ATTR_CLIENT, false, scratch);
	address_format(&a, scratch);
	return text(scratch);
}

static struct slice
known(struct slice s, const char *otherwise)
{
	return s.p != NULL ? s : text(otherwise);
}

struct slice
sighting_name(const struct sighting *s, enum column c, char scratch[SIGHTING_SCRATCH])
{
	const struct entry *e = s->entry;

	switch (c) {
	case COL_DAY:
		return s->day.len > 0 ? s->day : text("unknown");
	case COL_HOST:
		return known(e->host.len > 0 ? e->host : SLICE_NULL, "(unknown)");
	case COL_SERVICE:
		return fact(e, ATTR_SERVICE, true, scratch);
	case COL_USER:
		return fact(e, ATTR_USER, false, scratch);
	case COL_CLIENT:
		return client(e, scratch);
	case COL_NETWORK:
		return network(e, scratch);
	case COL_DOMAIN:
		return domain(e, scratch);
	case COL_HELO:
		return fact(e, ATTR_HELO, false, scratch);
	case COL_TLS:
		return fact(e, ATTR_TLS, true, scratch);
	case COL_CIPHER:
		return fact(e, ATTR_CIPHER, true, scratch);
	case COL_AUTH:
		return fact(e, ATTR_AUTH, true, scratch);
	case COL_OUTCOME:
		return text(outcome_name(e->outcome));
	case COL_RULE:
		return known(s->rule, "unknown");
	case COL_VERDICT:
		return known(s->verdict, "unknown");
	case COL_HOW:
		return known(s->how, "decided");
	case COL_MISSING:
		return known(s->missing, "unknown");
	case COL_KIND:
		return known(e->alarm, "unknown");
	case COL_EVENT:
		return known(e->event, "unknown");
	default:
		assert(c < COL_DIMENSIONS);
		return text("");
	}
}
