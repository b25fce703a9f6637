/*
 * stats.c owns the totals of the hourly summary; it may not know what an hour
 * is.
 */
/* libc */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "attr.h"
#include "mem.h"
#include "record.h"
#include "session.h"
#include "stats.h"
#include "verdict.h"

#define SERVICES_MAX	16	/* counted apart; more go to "other" */
#define SERVICE_NAME	(POLICY_NAME_MAX + 1)
#define VERSIONS_MAX	8	/* none, the six versions, unknown */
#define OUTCOMES	(OUTCOME_ABANDONED + 1)
#define ACTIONS		(ACTION_NOTE + 1)

struct total {
	char		name[SERVICE_NAME];
	uint64_t	count;
};

struct stats {
	uint64_t	 messages;
	uint64_t	 sessions;
	uint64_t	 alarms;
	uint64_t	 undecided;
	uint64_t	 other;
	struct total	 services[SERVICES_MAX];
	struct total	 versions[VERSIONS_MAX];
	uint64_t	 outcomes[OUTCOMES];
	uint64_t	 actions[ACTIONS];
};

struct stats *
stats_new(void)
{
	return mem_calloc(1, sizeof(struct stats));
}

void
stats_free(struct stats *st)
{
	free(st);
}

/* The total of that name, made when there is room; NULL when there is none. */
static struct total *
find_total(struct total *totals, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count && totals[i].name[0] != '\0'; i++)
		if (strcmp(totals[i].name, name) == 0)
			return &totals[i];
	if (i == count || strlen(name) >= SERVICE_NAME)
		return NULL;
	strcpy(totals[i].name, name);
	return &totals[i];
}

static void
count_service(struct stats *st, const struct session *s)
{
	char scratch[SESSION_SCRATCH];
	const char *name;
	struct total *t = NULL;

	name = session_text(s, ATTR_SERVICE, scratch, sizeof(scratch));
	if (name[0] != '\0' && strcmp(name, "other") != 0)
		t = find_total(st->services, SERVICES_MAX, name);
	if (t != NULL)
		t->count++;
	else
		st->other++;
}

static void
count_version(struct stats *st, const struct session *s)
{
	char scratch[SESSION_SCRATCH];
	const char *name = "unknown";
	struct total *t;

	switch (session_fact(s, ATTR_TLS).state) {
	case FACT_KNOWN:
		name = session_text(s, ATTR_TLS, scratch, sizeof(scratch));
		break;
	case FACT_NONE:
		name = "none";
		break;
	case FACT_UNKNOWN:
	case FACT_UNSET:
		break;
	}
	t = find_total(st->versions, VERSIONS_MAX, name);
	if (t != NULL)
		t->count++;
}

void
stats_count(struct stats *st, const struct account *a, const struct session *s,
    const struct verdict *v)
{
	if (strcmp(a->event, "message") == 0)
		st->messages++;
	else
		st->sessions++;
	count_service(st, s);
	count_version(st, s);
	st->outcomes[session_outcome(s, a->mail)]++;
	if (v->decided)
		st->actions[v->action]++;
	else
		st->undecided++;
}

void
stats_alarm(struct stats *st)
{
	st->alarms++;
}

/* --- the record: lists of name:count, without what never happened */

static void
list_count(struct buf *b, const char *name, uint64_t count)
{
	if (count == 0)
		return;
	buf_printf(b, "%s%s:%" PRIu64, b->len > 0 ? "," : "", name, count);
}

static void
put_list(struct record *r, const char *name, struct buf *b)
{
	/* Sixteen names of 64 bytes do not fit a line: it may be cut. */
	if (b->len > 0)
		record_put_client(r, name, b->data, b->len);
	buf_clear(b);
}

void
stats_record(struct stats *st, struct record *r, bool reset)
{
	struct buf b = BUF_INIT;
	size_t i;

	if (r->count == 0)
		record_start(r, "summary");
	record_put_number(r, "messages", st->messages);
	record_put_number(r, "sessions", st->sessions);
	for (i = 0; i < SERVICES_MAX; i++)
		list_count(&b, st->services[i].name, st->services[i].count);
	list_count(&b, "other", st->other);
	put_list(r, "services", &b);
	for (i = 0; i < VERSIONS_MAX; i++)
		list_count(&b, st->versions[i].name, st->versions[i].count);
	put_list(r, "tls", &b);
	for (i = 0; i < OUTCOMES; i++)
		list_count(&b, i == OUTCOME_UNKNOWN ? "unknown" :
		    outcome_name((enum outcome)i), st->outcomes[i]);
	put_list(r, "outcomes", &b);
	for (i = 0; i < ACTIONS; i++)
		list_count(&b, action_name((enum action)i), st->actions[i]);
	list_count(&b, "undecided", st->undecided);
	put_list(r, "verdicts", &b);
	record_put_number(r, "alarms", st->alarms);
	buf_free(&b);
	if (reset)
		memset(st, 0, sizeof(*st));
}
