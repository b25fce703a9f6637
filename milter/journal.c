/*
 * journal.c owns what is said about sessions, faults and the daemon itself;
 * it may not know how lines leave the process, nor libmilter.
 */
/* libc */
#include <pthread.h>
#include <string.h>
#include <time.h>
/* this project */
#include "metrics.h"
#include "record.h"
#include "stats.h"
/* this program */
#include "alarm.h"
#include "clock.h"
#include "ending.h"
#include "journal.h"
#include "sink.h"

#define HOUR	3600
#define MINUTE	60
#define RAW_MAX	64		/* of a macro in a fault, bytes */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct stats *stats;
static struct metrics *metrics;
static time_t stats_since;

/* At most one event a period; those between are not told. */
struct limit {
	time_t	period;
	time_t	next;
};
static struct limit inconsistent_limit = { HOUR, 0 };
static struct limit no_port_limit = { HOUR, 0 };
static struct limit regex_limit = { MINUTE, 0 };
static struct limit metrics_limit = { HOUR, 0 };

static bool
allowed(struct limit *l)
{
	time_t now = clock_steady();
	bool yes;

	pthread_mutex_lock(&lock);
	yes = l->next == 0 || now >= l->next;
	if (yes)
		l->next = now + l->period;
	pthread_mutex_unlock(&lock);
	return yes;
}

void
journal_init(void)
{
	stats = stats_new();
	metrics = metrics_new();
	stats_since = time(NULL);
}

/* What is held under the lock is a few additions, or one copy of the totals. */
struct metrics *
journal_metrics(void)
{
	struct metrics *m = metrics_new();

	pthread_mutex_lock(&lock);
	metrics_copy(m, metrics);
	pthread_mutex_unlock(&lock);
	return m;
}

void
journal_take_policy(const struct policy *p)
{
	pthread_mutex_lock(&lock);
	metrics_take_policy(metrics, p);
	pthread_mutex_unlock(&lock);
}

static void
count_event(enum metrics_event e, uint64_t count)
{
	pthread_mutex_lock(&lock);
	metrics_event(metrics, e, count);
	pthread_mutex_unlock(&lock);
}

/* --- sessions */

static enum log_format
format_of(const struct edition *e)
{
	return policy_settings(e->policy)->log_format;
}

/* Copy a field as the record of the session has it: privacy was seen to. */
static void
copy_field(struct record *to, const char *name, const struct record *from,
    const char *from_name)
{
	const struct field *f;

	f = record_find(from, from_name);
	if (f == NULL)
		return;
	if (f->absent) {
		record_put_none(to, name);
		return;
	}
	record_put_client(to, name, f->value, f->len);
	/* or a hash would read as a name, and its owner count twice */
	if (f->cut && to->count > 0 && to->fields[to->count - 1].client)
		to->fields[to->count - 1].cut = true;
}

static void
put_alarm(const struct conn *c, const char *kind, const struct record *judged)
{
	struct alarm_note note;
	struct record r;
	struct fact user;
	char since[CLOCK_TEXT];

	user = session_fact(c->session, ATTR_USER);
	pthread_mutex_lock(&lock);
	stats_alarm(stats);
	metrics_alarm(metrics, kind);
	pthread_mutex_unlock(&lock);
	if (!alarm_raise(kind, user.state == FACT_KNOWN ? user.text : "",
	    clock_today(), &note))
		return;
	clock_format(note.since, since);
	record_init(&r);
	record_start(&r, "alarm");
	record_put(&r, "kind", kind);
	copy_field(&r, "user", judged, "user");
	copy_field(&r, "client", judged, "client");
	copy_field(&r, "service", judged, "service");
	copy_field(&r, "mechanism", judged, "auth");
	record_put_number(&r, "count", note.count);
	record_put(&r, "since", since);
	sink_put(SINK_WARNING, &r, format_of(c->edition));
	record_free(&r);
}

/* A rule raises its alarm once a transaction, however many records tell it. */
static void
raise_alarm(struct conn *c, uint32_t rule, const struct record *judged)
{
	const struct policy *p = c->edition->policy;
	const char *kind;
	unsigned int i;

	if (rule >= policy_rule_count(p))
		return;
	kind = policy_rule_alarm(p, rule);
	if (kind == NULL)
		return;
	for (i = 0; i < c->alarm_count; i++)
		if (c->alarms[i] == rule)
			return;
	if (c->alarm_count < CONN_ALARMS)
		c->alarms[c->alarm_count++] = rule;
	put_alarm(c, kind, judged);
}

static void
raise_marked(struct conn *c, const struct marks *m, const struct record *judged)
{
	unsigned int i;

	for (i = 0; i < m->count && i < MARKS_MAX; i++)
		raise_alarm(c, m->rules[i], judged);
}

static void
put_judged(struct conn *c, const struct account *a, const struct verdict *v,
    bool said)
{
	const struct edition *e = c->edition;
	struct record r;

	ending_begin_record();
	record_init(&r);
	record_judged(&r, a, e->policy, c->session, v, &e->privacy);
	if (said)
		sink_put(SINK_INFO, &r, format_of(e));
	pthread_mutex_lock(&lock);
	stats_count(stats, a, c->session, v);
	metrics_count(metrics, a, e->policy, c->session, v);
	pthread_mutex_unlock(&lock);
	raise_alarm(c, v->rule, &r);
	if (v->withheld)
		raise_alarm(c, v->observed_rule, &r);
	raise_marked(c, &v->observed, &r);
	raise_marked(c, &v->notes, &r);
	record_free(&r);
	ending_end_record();
}

static void
put_message(struct conn *c, enum stage stage, const struct verdict *v, bool said)
{
	const struct account a = {
		.event = "message",
		.id = c->id,
		.qid = c->qid[0] != '\0' ? c->qid : NULL,
		.stage = stage,
		.mail = true,
		.recipients = c->recipients,
	};

	put_judged(c, &a, v, said);
}

void
journal_message(struct conn *c, enum stage stage, const struct verdict *v)
{
	put_message(c, stage, v, true);
}

void
journal_abandoned(struct conn *c, const struct verdict *v)
{
	bool said = c->abandoned++ < CONN_ABANDONED;

	if (c->abandoned == CONN_ABANDONED + 1)
		c->unsaid_since = time(NULL);
	put_message(c, STAGE_ABORT, v, said);
}

void
journal_unsaid(const struct conn *c)
{
	struct record r;
	char since[CLOCK_TEXT];

	if (c->abandoned <= CONN_ABANDONED)
		return;
	ending_begin_record();
	count_event(METRICS_UNSAID, c->abandoned - CONN_ABANDONED);
	clock_format(c->unsaid_since, since);
	record_init(&r);
	record_start(&r, "dropped");
	record_put(&r, "id", c->id);
	record_put_number(&r, "count", c->abandoned - CONN_ABANDONED);
	record_put(&r, "since", since);
	sink_put(SINK_WARNING, &r, format_of(c->edition));
	record_free(&r);
	ending_end_record();
}

void
journal_session(struct conn *c, enum stage stage, const struct verdict *v)
{
	const struct account a = {
		.event = "session",
		.id = c->id,
		.stage = stage,
	};

	put_judged(c, &a, v, true);
}

/* --- faults */

/* As a record of ours, in the form of the current policy. */
static void
put_ours(enum sink_level level, const struct record *r)
{
	struct edition *e;

	e = current_acquire();
	sink_put(level, r, e != NULL ? format_of(e) : LOG_LOGFMT);
	edition_release(&e);
}

void
journal_fault(const char *kind, const char *sentence)
{
	struct record r;

	pthread_mutex_lock(&lock);
	metrics_fault(metrics, kind);
	pthread_mutex_unlock(&lock);
	record_init(&r);
	record_start(&r, "fault");
	record_put(&r, "kind", kind);
	if (sentence != NULL)
		record_put(&r, "message", sentence);
	put_ours(SINK_ERROR, &r);
	record_free(&r);
}

static void
put_place(struct record *r, const struct conn *c)
{
	char scratch[SESSION_SCRATCH];
	const char *text;

	record_put(r, "id", c->id);
	text = session_text(c->session, ATTR_SERVICE, scratch, sizeof(scratch));
	if (text[0] != '\0')
		record_put(r, "service", text);
}

static void
put_raw(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s%s=", b->len > 0 ? " " : "", name);
	if (value == NULL)
		return;
	buf_put(b, value, strnlen(value, RAW_MAX));
	if (strnlen(value, RAW_MAX + 1) > RAW_MAX)
		buf_puts(b, "...");
}

void
journal_inconsistent(const struct conn *c, const char *version,
    const char *cipher, const char *bits)
{
	struct buf b = BUF_INIT;
	struct record r;

	count_event(METRICS_INCONSISTENT, 1);
	if (!allowed(&inconsistent_limit))
		return;
	put_raw(&b, "{tls_version}", version);
	put_raw(&b, "{cipher}", cipher);
	put_raw(&b, "{cipher_bits}", bits);
	record_init(&r);
	record_start(&r, "fault");
	record_put(&r, "kind", "tls-inconsistent");
	put_place(&r, c);
	record_put_client(&r, "message", buf_str(&b), b.len);
	put_ours(SINK_ERROR, &r);
	record_free(&r);
	buf_free(&b);
}

void
journal_no_port(const struct conn *c)
{
	struct record r;

	count_event(METRICS_NO_PORT, 1);
	if (!allowed(&no_port_limit))
		return;
	record_init(&r);
	record_start(&r, "fault");
	record_put(&r, "kind", "no-port");
	put_place(&r, c);
	record_put(&r, "message", "the MTA does not say on which port a client "
	    "came: only daemon names and listeners tell services apart");
	put_ours(SINK_ERROR, &r);
	record_free(&r);
}

void
journal_regex_limit(const struct conn *c, const struct verdict *v)
{
	struct record r;

	count_event(METRICS_REGEX_LIMIT, v->limits);
	if (!allowed(&regex_limit))
		return;
	record_init(&r);
	record_start(&r, "fault");
	record_put(&r, "kind", "regex-limit");
	record_put(&r, "rule", policy_rule_name(c->edition->policy,
	    v->limit_rule));
	put_place(&r, c);
	put_ours(SINK_ERROR, &r);
	record_free(&r);
}

void
journal_unmetered(const char *path, const char *why)
{
	struct buf b = BUF_INIT;

	if (allowed(&metrics_limit)) {
		buf_printf(&b, "cannot write %s: %s", path, why);
		journal_fault("metrics", buf_str(&b));
	}
	buf_free(&b);
}

/* --- the daemon itself */

static void
put_edition(struct record *r, const struct edition *e, bool observe)
{
	char hash[13];

	memcpy(hash, policy_hash(e->policy), sizeof(hash) - 1);
	hash[sizeof(hash) - 1] = '\0';
	record_put(r, "policy", hash);
	record_put_number(r, "generation", e->generation);
	observe = observe || policy_settings(e->policy)->observe;
	record_put(r, "mode", observe ? "observe" : "enforce");
}

void
journal_start(const struct edition *e, bool observe, const char *socket)
{
	struct record r;

	record_init(&r);
	record_start(&r, "start");
	record_put(&r, "version", PACKAGE_VERSION);
	put_edition(&r, e, observe);
	record_put(&r, "socket", socket);
	put_ours(SINK_INFO, &r);
	record_free(&r);
}

void
journal_stop(void)
{
	struct record r;

	record_init(&r);
	record_start(&r, "stop");
	record_put(&r, "version", PACKAGE_VERSION);
	put_ours(SINK_INFO, &r);
	record_free(&r);
}

void
journal_reload(const struct edition *e, bool observe, bool ok)
{
	struct record r;

	count_event(ok ? METRICS_RELOAD_OK : METRICS_RELOAD_FAILED, 1);
	record_init(&r);
	record_start(&r, "reload");
	record_put(&r, "result", ok ? "ok" : "failed");
	put_edition(&r, e, observe);
	put_ours(ok ? SINK_INFO : SINK_ERROR, &r);
	record_free(&r);
}

void
journal_diagnostic(const char *level, const char *place, const char *message)
{
	struct record r;

	record_init(&r);
	record_start(&r, "diagnostic");
	record_put(&r, "level", level);
	if (place[0] != '\0')
		record_put(&r, "place", place);
	/* A message quotes the file, which may hold anything. */
	record_put_client(&r, "message", message, strlen(message));
	put_ours(strcmp(level, "error") == 0 ? SINK_ERROR : SINK_WARNING, &r);
	record_free(&r);
}

void
journal_diagnostics(const struct diags *d)
{
	size_t i;

	for (i = 0; i < diags_total(d); i++)
		journal_diagnostic(diags_level(d, i) == DIAG_ERROR ? "error" :
		    "warning", diags_where(d, i), diags_message(d, i));
}

void
journal_summary(void)
{
	char since[CLOCK_TEXT];
	struct record r;

	record_init(&r);
	record_start(&r, "summary");
	pthread_mutex_lock(&lock);
	clock_format(stats_since, since);
	stats_since = time(NULL);
	record_put(&r, "since", since);
	stats_record(stats, &r, true);
	pthread_mutex_unlock(&lock);
	put_ours(SINK_INFO, &r);
	record_free(&r);
}
