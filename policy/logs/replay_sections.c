/*
 * replay_sections.c owns which tables a replay has; it may not know how
 * sessions are judged.
 */
/* libc */
#include <stddef.h>
/* this directory */
#include "replay_sections.h"

static bool
is_known(const struct sighting *s, enum attr attr)
{
	return s->entry->facts[attr].p != NULL;
}

static bool
refused_user(const struct sighting *s)
{
	return s->change == CHANGE_REFUSED && is_known(s, ATTR_USER);
}

static bool
refused_network(const struct sighting *s)
{
	return s->change == CHANGE_REFUSED && is_known(s, ATTR_CLIENT);
}

static bool
refused_domain(const struct sighting *s)
{
	return s->change == CHANGE_REFUSED && is_known(s, ATTR_SENDER);
}

static bool
refused_helo(const struct sighting *s)
{
	return s->change == CHANGE_REFUSED && is_known(s, ATTR_HELO);
}

static bool
let_in_user(const struct sighting *s)
{
	return s->change == CHANGE_LET_IN && is_known(s, ATTR_USER);
}

static bool
let_in_network(const struct sighting *s)
{
	return s->change == CHANGE_LET_IN && is_known(s, ATTR_CLIENT);
}

static bool
let_in_domain(const struct sighting *s)
{
	return s->change == CHANGE_LET_IN && is_known(s, ATTR_SENDER);
}

static bool
let_in_helo(const struct sighting *s)
{
	return s->change == CHANGE_LET_IN && is_known(s, ATTR_HELO);
}

static bool
is_observed(const struct sighting *s)
{
	return s->change == CHANGE_OBSERVED;
}

static bool
is_undecided(const struct sighting *s)
{
	return s->change == CHANGE_UNDECIDED;
}

/* Who, how often, when, how well, and by which rule. */
#define WHO(column)	\
	.by = { column, COL_RULE, COL_VERDICT, COL_NOTHING }, \
	.shows = { column, COL_RULE, COL_VERDICT, COL_MESSAGES, COL_SESSIONS, \
	    COL_FIRST, COL_LAST, COL_BEST, COL_WORST, COL_NOTHING }, \
	.order = order_messages, .counters = COUNTERS_BASIC

#define LET_IN_NOTE	"The rule is the one that refuses them without the new policy."

const struct section replay_sections[] = {
	{ .name = "refused_users", .title = "Newly refused: users",
	  WHO(COL_USER), .takes = refused_user },
	{ .name = "refused_networks", .title = "Newly refused: client networks",
	  WHO(COL_NETWORK), .takes = refused_network },
	{ .name = "refused_domains", .title = "Newly refused: sender domains",
	  WHO(COL_DOMAIN), .takes = refused_domain },
	{ .name = "refused_helos", .title = "Newly refused: HELO names",
	  WHO(COL_HELO), .takes = refused_helo },
	{ .name = "let_in_users", .title = "Newly let in: users",
	  .note = LET_IN_NOTE, WHO(COL_USER), .takes = let_in_user },
	{ .name = "let_in_networks", .title = "Newly let in: client networks",
	  .note = LET_IN_NOTE, WHO(COL_NETWORK), .takes = let_in_network },
	{ .name = "let_in_domains", .title = "Newly let in: sender domains",
	  .note = LET_IN_NOTE, WHO(COL_DOMAIN), .takes = let_in_domain },
	{ .name = "let_in_helos", .title = "Newly let in: HELO names",
	  .note = LET_IN_NOTE, WHO(COL_HELO), .takes = let_in_helo },
	{ .name = "observed", .title = "Observed only",
	  .note = "Rules of the new policy that would match and decide nothing yet: "
	      "observe, from a later day, outside their share of clients, or the whole "
	      "policy observes (mode).",
	  .by = { COL_RULE, COL_VERDICT, COL_HOW, COL_USER, COL_DOMAIN },
	  .shows = { COL_RULE, COL_VERDICT, COL_HOW, COL_USER, COL_DOMAIN, COL_MESSAGES,
	      COL_SESSIONS, COL_FIRST, COL_LAST, COL_NOTHING },
	  .takes = is_observed, .order = order_messages, .counters = COUNTERS_BASIC },
	{ .name = "undecided", .title = "Not decided",
	  .note = "The rule asks for a fact that the log does not tell.  Postfix tells "
	      "of TLS with smtpd_tls_loglevel = 1, Sendmail with a LogLevel of 9.",
	  .by = { COL_MISSING, COL_RULE, COL_SERVICE, COL_NOTHING },
	  .shows = { COL_MISSING, COL_RULE, COL_SERVICE, COL_MESSAGES, COL_SESSIONS,
	      COL_FIRST, COL_LAST, COL_NOTHING },
	  .takes = is_undecided, .order = order_messages, .counters = COUNTERS_BASIC },
};

const size_t replay_section_count =
    sizeof(replay_sections) / sizeof(replay_sections[0]);
