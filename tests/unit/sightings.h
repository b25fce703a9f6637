/*
 * sightings.h: entries for the tests of reports, from records and from what an
 * MTA alone would tell.
 */
#ifndef TLSWARDEN_TESTS_SIGHTINGS_H
#define TLSWARDEN_TESTS_SIGHTINGS_H

#include "join.h"

#include <stdint.h>
#include <string.h>

/* 2026-11-20 00:00 UTC */
#define DAY		INT64_C(1795132800)
#define HOUR		INT64_C(3600)

/* Tell sink of a record; the test fails when it is none. */
static inline void
tell(entry_sink *sink, void *ctx, int64_t time, const char *host, const char *text)
{
	struct line line = { .time = time, .host = { host, strlen(host) },
	    .program = { "tlswardend", 10 }, .pid = 1, .text = { text, strlen(text) } };
	bool broken = false;

	assert_true(own_line(&line, sink, ctx, &broken));
	assert_false(broken);
}

static inline void
put_fact(struct entry *e, enum attr attr, const char *text)
{
	e->facts[attr] = (struct slice){ text, strlen(text) };
}

/* What Postfix's own lines tell of a message; tls NULL: none. */
static inline struct entry
postfix_entry(int64_t time, const char *host, const char *service,
    const char *client, const char *tls, const char *sender)
{
	struct entry e = { .origin = ORIGIN_POSTFIX, .kind = ENTRY_MESSAGE,
	    .time = time, .host = { host, strlen(host) },
	    .outcome = tls != NULL ? OUTCOME_ENCRYPTED : OUTCOME_CLEARTEXT };

	put_fact(&e, ATTR_SERVICE, service);
	put_fact(&e, ATTR_CLIENT, client);
	if (tls != NULL)
		put_fact(&e, ATTR_TLS, tls);
	else
		e.lacking[ATTR_TLS] = true;
	e.lacking[ATTR_AUTH] = true;
	put_fact(&e, ATTR_SENDER, sender);
	return e;
}

#endif
