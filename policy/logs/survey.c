/*
 * survey.c owns the counting of entries for a report; it may not know where
 * entries come from, nor how a report is shown.
 */
/* libc */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "mem.h"
/* this directory */
#include "scan.h"
#include "survey_inside.h"

/* A chart has a place for each day; what is further apart is not filled up. */
#define DAYS_FILLED	400
#define HOSTS		4096
#define HOST_SHOWN	64	/* bytes of a name */

bool
entry_is_wanted(const struct entry *e, const struct wanted *w)
{
	struct slice service = e->facts[ATTR_SERVICE];

	if (w->since != 0 && e->time < w->since)
		return false;
	if (w->until != 0 && (e->time > w->until || e->time == 0))
		return false;
	return w->service == NULL || (service.p != NULL &&
	    service.len == strlen(w->service) &&
	    strncasecmp(service.p, w->service, service.len) == 0);
}

/* --- life */

static size_t
share_of_memory(const struct section *sections, size_t count, size_t memory)
{
	size_t i, n = 0;

	for (i = 0; i < count; i++)
		n += sections[i].same == NULL && sections[i].rows_max == 0;
	return n > 0 ? memory / n : memory;
}

/* The section of --by: its dimensions stand before what it shows anyway. */
static void
make_by(struct survey *s)
{
	const enum column *by = s->settings->by;
	size_t n = 0, i;

	s->by = survey_by;
	while (by[n] != COL_NOTHING)
		n++;
	memcpy(s->by.by, by, (n + 1) * sizeof(*by));
	memcpy(s->by.shows, by, n * sizeof(*by));
	for (i = 0; survey_by.shows[i] != COL_NOTHING; i++) {
		assert(n + i + 1 < SHEET_COLUMNS);
		s->by.shows[n + i] = survey_by.shows[i];
	}
	s->by.shows[n + i] = COL_NOTHING;
	if (n == 1 && by[0] == COL_DAY) {
		s->by.order = NULL;
		s->by.whole = true;
	}
}

static void
add_host(struct survey *s, const struct sighting *seen)
{
	const struct entry *e = seen->entry;

	if (e->host.len == 0)
		return;
	name_start(&s->name);
	name_part(&s->name, e->host);
	if (seen->lump != NULL)
		(void)tally_merge(s->hosts, &s->name, seen->lump);
	else
		(void)tally_add(s->hosts, &s->name, e->time, RANK_UNKNOWN);
}

static void
add_lump(void *ctx, const struct sighting *seen)
{
	struct survey *s = ctx;
	size_t i;

	add_host(s, seen);
	for (i = 0; i < s->count; i++)
		if (s->parts[i].lumped)
			part_add(&s->parts[i], seen);
}

static void
add_to_direct(struct survey *s, bool odd)
{
	struct part *p;

	for (p = s->parts; p < s->parts + s->count; p++)
		if (!p->lumped && p->tally != NULL && p->section->odd == odd)
			s->direct[s->direct_count++] = p;
}

struct survey *
survey_new(const struct survey_settings *settings)
{
	struct survey *s = mem_calloc(1, sizeof(*s));
	const struct section *sections = survey_sections;
	size_t i, memory;

	s->settings = settings;
	s->count = survey_section_count;
	if (settings->by[0] != COL_NOTHING) {
		make_by(s);
		sections = &s->by;
		s->count = 1;
	}
	memory = share_of_memory(sections, s->count, settings->max_memory);
	s->parts = mem_calloc(s->count, sizeof(*s->parts));
	s->direct = mem_calloc(s->count, sizeof(*s->direct));
	for (i = 0; i < s->count; i++) {
		part_init(&s->parts[i], &sections[i], memory);
		s->parts[i].lumped = lumps_suffice(&sections[i]);
	}
	add_to_direct(s, false);
	s->even = s->direct_count;
	add_to_direct(s, true);
	s->lumps = lumps_new(add_lump, s);
	s->hosts = tally_new(0, HOSTS, 0);
	s->rules = survey_part(s, SURVEY_RULES);
	return s;
}

void
survey_free(struct survey *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->count; i++)
		part_free(&s->parts[i]);
	tally_free(s->hosts);
	lumps_free(s->lumps);
	free(s->direct);
	free(s->parts);
	free(s);
}

struct part *
survey_part(const struct survey *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (strcmp(s->parts[i].section->name, name) == 0)
			return &s->parts[i];
	return NULL;
}

/* --- counting */

/* "rule:action,rule:action,+2" */
static void
add_marks(struct survey *s, struct sighting *seen, struct slice marks,
    struct slice how, struct slice verdict)
{
	struct slice mark, action;

	while (marks.len > 0) {
		mark = action = cut_until(&marks, ',');
		if (mark.len == 0 || *mark.p == '+')
			continue;
		seen->rule = cut_until(&action, ':');
		seen->verdict = seen->rule.len < mark.len ? action : verdict;
		seen->how = how;
		part_add(s->rules, seen);
	}
}

/* The beginning of a session that is not in the log hides nothing. */
static void
add_told(struct told *told, const struct sighting *seen)
{
	told->messages++;
	told->with_tls += seen->rank > RANK_NONE;
	told->unknown += seen->rank == RANK_UNKNOWN && !seen->entry->partial &&
	    seen->entry->facts[ATTR_TLS].p == NULL;
}

static void
add_totals(struct survey *s, const struct sighting *seen)
{
	const struct entry *e = seen->entry;

	if (e->kind == ENTRY_MESSAGE) {
		s->messages++;
		s->outcomes[e->outcome]++;
		if (e->origin != ORIGIN_RECORD)
			add_told(&s->told[e->origin], seen);
	} else if (e->kind == ENTRY_SESSION) {
		s->sessions++;
		s->abandoned += e->outcome == OUTCOME_ABANDONED;
	} else if (slice_is(e->event, "dropped"))
		s->dropped += e->count;
	s->refused += seen->refused &&
	    (e->kind == ENTRY_MESSAGE || e->kind == ENTRY_SESSION);
	s->handshakes += e->handshake_failed;
	s->unasked[e->kind != ENTRY_MESSAGE] += e->no_milter;
	if (e->time > 0) {
		if (s->first == 0 || e->time < s->first)
			s->first = e->time;
		if (e->time > s->last)
			s->last = e->time;
	}
}

static void
add_all(struct survey *s, const struct sighting *seen)
{
	size_t n = sighting_is_plain(seen) ? s->even : s->direct_count, i;

	for (i = 0; i < n; i++)
		part_expect(s->direct[i], seen);
	add_totals(s, seen);
	if (seen->entry->kind == ENTRY_MESSAGE || seen->entry->kind == ENTRY_SESSION)
		lumps_add(s->lumps, seen);
	else
		add_host(s, seen);
}

void
survey_add(void *ctx, const struct entry *e)
{
	struct survey *s = ctx;
	struct sighting seen;

	s->recorded |= e->origin == ORIGIN_RECORD;
	if (!entry_is_wanted(e, &s->settings->wanted))
		return;
	if (slice_is(e->rule, "non-smtp")) {
		s->local++;
		return;
	}
	sighting_of(&seen, e, &s->day);
	add_all(s, &seen);
	if (s->rules != NULL && (e->observed.p != NULL || e->notes.p != NULL)) {
		add_marks(s, &seen, e->observed, (struct slice){ "observed", 8 },
		    SLICE_NULL);
		add_marks(s, &seen, e->notes, (struct slice){ "noted", 5 },
		    (struct slice){ "note", 4 });
	}
}

/* --- reporting */

/* Days without any mail are days, too. */
static void
fill_days(struct part *p)
{
	const struct tally_row **rows;
	uint32_t day, last;
	char first_text[WHEN_TEXT], last_text[WHEN_TEXT];
	struct slice a, b;
	struct name name;
	size_t n;

	assert(p != NULL);
	rows = tally_rows(p->tally, NULL, NULL);
	n = tally_count(p->tally);
	if (n < 2)
		goto out;
	a = tally_part(rows[0], 0);
	b = tally_part(rows[n - 1], 0);
	memcpy(first_text, a.p, a.len);
	first_text[a.len] = '\0';
	memcpy(last_text, b.p, b.len);
	last_text[b.len] = '\0';
	day = when_read_day(first_text);
	last = when_read_day(last_text);
	if (when_days(day, last) > DAYS_FILLED)
		goto out;
	for (; day < last; day = when_next_day(day)) {
		when_day_text(day, first_text);
		name_start(&name);
		name_part(&name, (struct slice){ first_text, strlen(first_text) });
		(void)tally_add(p->tally, &name, 0, RANK_UNKNOWN);
	}
out:
	free(rows);
}

static void
put_numbers(const struct survey *s, struct report *r)
{
	report_number(r, "messages", "messages", s->messages, true);
	report_number(r, "encrypted", "came encrypted",
	    s->outcomes[OUTCOME_ENCRYPTED], true);
	report_number(r, "deprecated", "with old TLS",
	    s->outcomes[OUTCOME_DEPRECATED], true);
	report_number(r, "cleartext", "in the clear",
	    s->outcomes[OUTCOME_CLEARTEXT], true);
	report_number(r, "unclear", "unclear how they came",
	    s->outcomes[OUTCOME_UNKNOWN], false);
	report_number(r, "refused", "refused", s->refused, true);
	report_number(r, "sessions", "sessions without mail", s->sessions, true);
	report_number(r, "abandoned", "sessions abandoned in the clear",
	    s->abandoned, false);
	report_number(r, "handshakes", "handshakes that failed", s->handshakes, false);
	report_number(r, "local", "messages not from the network", s->local, false);
}

static void
put_hosts(const struct survey *s, struct report *r)
{
	const struct tally_row **rows = tally_rows(s->hosts, NULL, NULL);
	size_t i;

	for (i = 0; i < 8 && rows[i] != NULL; i++) {
		if (i > 0)
			buf_puts(&r->hosts, ", ");
		put_plain(&r->hosts, tally_part(rows[i], 0), HOST_SHOWN);
	}
	if (rows[i] != NULL)
		buf_printf(&r->hosts, ", and %zu more", tally_count(s->hosts) - i);
	free(rows);
}

void
survey_report(const struct survey *s, const struct policy *policy, uint32_t today,
    struct report *r)
{
	const struct part *p, *of;
	size_t i;

	lumps_pour(s->lumps);
	for (i = 0; i < s->direct_count; i++)
		part_settle(s->direct[i]);
	r->since = s->settings->wanted.since;
	r->until = s->settings->wanted.until;
	r->first = s->first;
	r->last = s->last;
	put_hosts(s, r);
	put_numbers(s, r);
	survey_find_nothing(s, r);
	if (s->by.name != NULL) {
		r->one_table = true;
		(void)part_sheet(&s->parts[0], s->parts[0].tally, r, s->settings->top);
		return;
	}
	fill_days(survey_part(s, SURVEY_DAYS));
	for (i = 0; i < s->count; i++) {
		p = &s->parts[i];
		of = p->section->same != NULL ? survey_part(s, p->section->same) : p;
		assert(of != NULL);
		(void)part_sheet(p, of->tally, r, s->settings->top);
		/* The passwords come first, then what ends. */
		if (i == 0)
			survey_find_first(s, policy, today, r);
	}
	survey_find_rest(s, r);
}
