/*
 * survey_sections.c owns which tables a report has; it may not know how they
 * are counted or shown.
 */
/* libc */
#include <stddef.h>
/* this directory */
#include "survey_sections.h"

/* What is not told apart by clients cannot be many. */
#define FEW	4096
#define RULES	16384		/* more than a policy may have */

static bool
is_traffic(const struct sighting *s)
{
	return s->entry->kind == ENTRY_MESSAGE || s->entry->kind == ENTRY_SESSION;
}

static bool
is_dated(const struct sighting *s)
{
	return is_traffic(s) && s->day.len > 0;
}

static bool
is_message(const struct sighting *s)
{
	return s->entry->kind == ENTRY_MESSAGE;
}

static bool
has_tls(const struct sighting *s)
{
	return is_traffic(s) && s->rank > RANK_NONE;
}

static bool
is_incoming(const struct sighting *s)
{
	return is_message(s) && s->incoming;
}

static bool
is_clear(const struct sighting *s)
{
	return is_incoming(s) && s->entry->outcome == OUTCOME_CLEARTEXT;
}

static bool
is_old_client(const struct sighting *s)
{
	return is_traffic(s) && s->entry->outcome == OUTCOME_DEPRECATED &&
	    !s->incoming;
}

static bool
is_exposed(const struct sighting *s)
{
	if (s->entry->kind == ENTRY_ALARM)
		return slice_is(s->entry->alarm, "password-exposed");
	return is_traffic(s) && s->exposed;
}

static bool
is_attempt(const struct sighting *s)
{
	return is_traffic(s) && s->entry->auth_clear > 0 && !s->login;
}

static bool
is_gap(const struct sighting *s)
{
	return is_traffic(s) && s->entry->gap;
}

static bool
is_abandoned(const struct sighting *s)
{
	return is_traffic(s) && (s->entry->outcome == OUTCOME_ABANDONED ||
	    s->entry->handshake_failed);
}

static bool
is_judged(const struct sighting *s)
{
	return is_traffic(s) && s->rule.p != NULL;
}

static bool
is_alarm(const struct sighting *s)
{
	return s->entry->kind == ENTRY_ALARM;
}

static bool
is_event(const struct sighting *s)
{
	return s->entry->kind == ENTRY_OTHER;
}

/* --- which rows */

static bool
came_clear(const struct tally_row *row)
{
	return row->counters[COUNT_OUTCOME + OUTCOME_CLEARTEXT] > 0;
}

static bool
came_deprecated(const struct tally_row *row)
{
	return row->counters[COUNT_OUTCOME + OUTCOME_DEPRECATED] > 0;
}

/* Of what came before a row was its own, nobody knows. */
static bool
always_encrypted(const struct tally_row *row)
{
	return row->error == 0 && row->count > 0 &&
	    row->counters[COUNT_OUTCOME + OUTCOME_ENCRYPTED] == row->count &&
	    !slice_starts(tally_part(row, 0), "(") &&
	    !slice_is(tally_part(row, 0), "<>");
}

static bool
lost_tls(const struct tally_row *row)
{
	return row->counters[COUNT_WITH_TLS] > 0 &&
	    row->counters[COUNT_IN_CLEAR] > row->counters[COUNT_WITH_TLS];
}

/* --- in which order */

static int
by_outcome(const struct tally_row *a, const struct tally_row *b, enum outcome o)
{
	uint64_t x = a->counters[COUNT_OUTCOME + (size_t)o];
	uint64_t y = b->counters[COUNT_OUTCOME + (size_t)o];

	return x > y ? -1 : x < y;
}

static int
order_clear(const struct tally_row *a, const struct tally_row *b)
{
	return by_outcome(a, b, OUTCOME_CLEARTEXT);
}

static int
order_deprecated(const struct tally_row *a, const struct tally_row *b)
{
	return by_outcome(a, b, OUTCOME_DEPRECATED);
}

static int
order_clear_since(const struct tally_row *a, const struct tally_row *b)
{
	uint64_t x = a->counters[COUNT_CLEAR_SINCE], y = b->counters[COUNT_CLEAR_SINCE];

	return x > y ? -1 : x < y;
}

static int
order_attempts(const struct tally_row *a, const struct tally_row *b)
{
	uint64_t x = a->counters[COUNT_ATTEMPTS], y = b->counters[COUNT_ATTEMPTS];

	return x > y ? -1 : x < y;
}

#define END	COL_NOTHING
#define OUTCOMES COL_ENCRYPTED, COL_DEPRECATED, COL_CLEARTEXT, COL_ABANDONED
#define SEEN	COL_FIRST, COL_LAST

const struct section survey_sections[] = {
	{ .name = SURVEY_EXPOSED, .title = "Exposed passwords",
	  .note = "These users logged in without encryption: whoever could listen has "
	      "their password. Have it changed.",
	  .by = { COL_USER, COL_CLIENT, COL_SERVICE, COL_AUTH, END },
	  .shows = { COL_USER, COL_CLIENT, COL_SERVICE, COL_AUTH, COL_MESSAGES,
	      COL_SESSIONS, COL_ALARMS, SEEN, END },
	  .odd = true, .takes = is_exposed,
	  .order = order_messages, .counters = COUNTERS_EVENTS },
	{ .name = SURVEY_LOST_TLS, .title = "Clients that no longer use TLS",
	  .note = "They came encrypted before; their last messages came in the clear.",
	  .by = { COL_CLIENT, COL_SERVICE, END },
	  .shows = { COL_CLIENT, COL_SERVICE, COL_MESSAGES, COL_CLEAR_SINCE,
	      COL_LAST_TLS, COL_LAST, COL_BEST, END },
	  .takes = is_message, .keeps = lost_tls, .order = order_clear_since,
	  .counters = COUNTERS_FALL },
	{ .name = SURVEY_GAPS, .title = "Gaps",
	  .note = "The mail server saw these, and tlswardend has no record of them: it "
	      "was down, or is not attached to that service.",
	  .by = { COL_HOST, COL_DAY, COL_SERVICE, END },
	  .shows = { COL_HOST, COL_DAY, COL_SERVICE, COL_MESSAGES, COL_SESSIONS, SEEN,
	      END },
	  .odd = true, .takes = is_gap, .counters = COUNTERS_BASIC, .rows_max = FEW },
	{ .name = "days_tls", .title = "TLS versions by day",
	  .note = "Messages, by the version of TLS they came with.",
	  .by = { COL_DAY, END },
	  .shows = { COL_DAY, COL_TLS13, COL_TLS12, COL_TLS11, COL_TLS10, COL_SSL,
	      COL_NO_TLS, COL_TLS_UNKNOWN, END },
	  .whole = true, .same = SURVEY_DAYS, .chart = CHART_SHARES,
	  .chart_from = COL_TLS13, .chart_to = COL_TLS_UNKNOWN },
	{ .name = SURVEY_DAYS, .title = "Outcomes by day",
	  .note = "Messages and sessions, by what became of the chance to encrypt.",
	  .by = { COL_DAY, END },
	  .shows = { COL_DAY, OUTCOMES, COL_UNCLEAR, COL_MESSAGES, COL_SESSIONS,
	      COL_REFUSED, END },
	  .lumps = true, .takes = is_dated, .counters = COUNTERS_RANKS, .rows_max = FEW,
	  .whole = true, .chart = CHART_STACK, .chart_from = COL_ENCRYPTED,
	  .chart_to = COL_UNCLEAR },
	{ .name = "services", .title = "Services",
	  .by = { COL_SERVICE, END },
	  .shows = { COL_SERVICE, COL_MESSAGES, COL_SHARE, COL_SESSIONS, OUTCOMES,
	      COL_REFUSED, END },
	  .lumps = true, .takes = is_traffic,
	  .order = order_messages, .counters = COUNTERS_OUTCOME,
	  .rows_max = FEW, .whole = true },
	{ .name = "tls", .title = "TLS versions",
	  .by = { COL_TLS, END },
	  .shows = { COL_TLS, COL_MESSAGES, COL_SHARE, COL_SESSIONS, END },
	  .lumps = true, .takes = is_traffic,
	  .order = order_messages, .counters = COUNTERS_BASIC,
	  .rows_max = FEW, .whole = true },
	{ .name = "ciphers", .title = "Cipher suites",
	  .by = { COL_TLS, COL_CIPHER, END },
	  .shows = { COL_TLS, COL_CIPHER, COL_MESSAGES, COL_SHARE, COL_SESSIONS, END },
	  .lumps = true, .takes = has_tls,
	  .order = order_messages, .counters = COUNTERS_BASIC,
	  .rows_max = FEW },
	{ .name = "outcomes", .title = "Outcomes",
	  .by = { COL_OUTCOME, END },
	  .shows = { COL_OUTCOME, COL_MESSAGES, COL_SHARE, COL_SESSIONS, END },
	  .lumps = true, .takes = is_traffic,
	  .order = order_messages, .counters = COUNTERS_BASIC,
	  .rows_max = FEW, .whole = true },
	{ .name = "hosts", .title = "Hosts",
	  .by = { COL_HOST, END },
	  .shows = { COL_HOST, COL_MESSAGES, COL_SHARE, COL_SESSIONS, OUTCOMES,
	      COL_REFUSED, SEEN, END },
	  .lumps = true, .takes = is_traffic,
	  .order = order_messages, .counters = COUNTERS_OUTCOME,
	  .rows_max = FEW, .whole = true, .several = true },
	{ .name = "old_clients", .title = "Clients with old TLS, and their users",
	  .note = "On the ports where users submit mail: TLS below 1.2, or a weak "
	      "cipher suite.",
	  .by = { COL_USER, COL_CLIENT, COL_TLS, COL_CIPHER, END },
	  .shows = { COL_USER, COL_CLIENT, COL_TLS, COL_CIPHER, COL_MESSAGES,
	      COL_SESSIONS, SEEN, END },
	  .odd = true, .takes = is_old_client,
	  .order = order_messages, .counters = COUNTERS_BASIC },
	{ .name = "cleartext_domains", .title = "Cleartext senders by domain",
	  .note = "Mail from other servers: the sender's domain.",
	  .by = { COL_DOMAIN, END },
	  .shows = { COL_DOMAIN, COL_CLEARTEXT, COL_MESSAGES, SEEN, COL_BEST, END },
	  .keeps = came_clear, .order = order_clear, .same = SURVEY_DOMAINS,
	  .chart = CHART_BARS, .chart_from = COL_CLEARTEXT, .chart_to = COL_CLEARTEXT },
	{ .name = "cleartext_networks", .title = "Cleartext senders by network",
	  .note = "The same by the client's network.",
	  .by = { COL_NETWORK, END },
	  .shows = { COL_NETWORK, COL_CLEARTEXT, SEEN, END },
	  .odd = true, .takes = is_clear,
	  .order = order_clear, .counters = COUNTERS_OUTCOME },
	{ .name = "old_domains", .title = "Old TLS by domain",
	  .note = "Mail from other servers with TLS below 1.2, or a weak cipher suite.",
	  .by = { COL_DOMAIN, END },
	  .shows = { COL_DOMAIN, COL_DEPRECATED, COL_MESSAGES, SEEN, COL_BEST,
	      COL_WORST, END },
	  .keeps = came_deprecated, .order = order_deprecated, .same = SURVEY_DOMAINS },
	{ .name = SURVEY_DOMAINS, .title = "Domains that always came encrypted",
	  .note = "With TLS 1.2 or later, without exception: candidates for a rule "
	      "that asks for it.",
	  .by = { COL_DOMAIN, END },
	  .shows = { COL_DOMAIN, COL_MESSAGES, SEEN, COL_BEST, COL_WORST, END },
	  .takes = is_incoming, .keeps = always_encrypted, .order = order_messages,
	  .counters = COUNTERS_OUTCOME },
	{ .name = "abandoned", .title = "Abandoned sessions and failed handshakes",
	  .note = "They left in the clear without mail, or TLS failed; only the mail "
	      "server's own log knows which.",
	  .by = { COL_NETWORK, COL_SERVICE, END },
	  .shows = { COL_NETWORK, COL_SERVICE, COL_COUNT, COL_HANDSHAKES, SEEN, END },
	  .odd = true, .takes = is_abandoned,
	  .order = order_count, .counters = COUNTERS_EVENTS },
	{ .name = "clear_attempts", .title = "Login attempts in the clear",
	  .note = "AUTH before TLS that did not log in: guesses of strangers, or a "
	      "user's program that is set up wrongly.",
	  .by = { COL_NETWORK, COL_SERVICE, END },
	  .shows = { COL_NETWORK, COL_SERVICE, COL_ATTEMPTS, COL_SESSIONS, SEEN, END },
	  .odd = true, .takes = is_attempt,
	  .order = order_attempts, .counters = COUNTERS_EVENTS },
	{ .name = SURVEY_RULES, .title = "Verdicts by rule",
	  .by = { COL_RULE, COL_VERDICT, COL_HOW, END },
	  .shows = { COL_RULE, COL_VERDICT, COL_HOW, COL_MESSAGES, COL_SESSIONS, SEEN,
	      END },
	  .lumps = true, .takes = is_judged,
	  .order = order_count, .counters = COUNTERS_BASIC,
	  .rows_max = RULES, .whole = true },
	{ .name = "alarms", .title = "Alarms",
	  .by = { COL_KIND, COL_USER, COL_SERVICE, END },
	  .shows = { COL_KIND, COL_USER, COL_SERVICE, COL_ALARMS, COL_TIMES,
	      SEEN, END },
	  .odd = true, .takes = is_alarm,
	  .order = order_count, .counters = COUNTERS_EVENTS },
	{ .name = "events", .title = "The daemon itself",
	  .by = { COL_EVENT, END },
	  .shows = { COL_EVENT, COL_COUNT, SEEN, END },
	  .odd = true, .takes = is_event,
	  .order = order_count, .counters = COUNTERS_BASIC,
	  .rows_max = FEW, .whole = true },
};

const size_t survey_section_count =
    sizeof(survey_sections) / sizeof(survey_sections[0]);

/* The table of --by, but for what it is counted by. */
const struct section survey_by = {
	.name = "by", .title = "Messages and sessions",
	.by = { END },
	.shows = { COL_MESSAGES, COL_SHARE, COL_SESSIONS, OUTCOMES, COL_REFUSED, SEEN,
	    COL_BEST, COL_WORST, END },
	.takes = is_traffic, .lumps = true, .order = order_messages,
	.counters = COUNTERS_OUTCOME
};

const struct section survey_exceptions = {
	.name = SURVEY_EXCEPTIONS, .title = "Exceptions",
	.note = "Rules of the policy that have an end, and how often they were used.",
	.shows = { COL_RULE, COL_UNTIL, COL_STATUS, COL_MESSAGES, COL_SESSIONS, COL_LAST,
	    COL_OWNER, COL_BECAUSE, END },
	.whole = true
};
