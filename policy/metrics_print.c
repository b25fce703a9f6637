/*
 * metrics_print.c owns the names and labels under which totals are shown; it
 * may not know how they are counted.
 */
/* libc */
#include <stdio.h>
/* this project */
#include "exposition.h"
#include "metrics_inside.h"

#define P	"tlswarden_"

static const char *const whats[METRICS_WHATS] = { "session", "message" };

/* The outcomes that a session without mail, or a message, can have. */
static bool
can_be(enum metrics_what what, enum outcome o)
{
	return what == METRICS_SESSION ? o != OUTCOME_CLEARTEXT :
	    o != OUTCOME_ABANDONED;
}

static const char *
outcome_word(enum outcome o)
{
	return o == OUTCOME_UNKNOWN ? "unknown" : outcome_name(o);
}

static void
print_service(const struct metrics_service *s, enum metrics_what what,
    const char *name, struct buf *out)
{
	enum outcome o;

	for (o = OUTCOME_UNKNOWN; o < METRICS_OUTCOMES; o++)
		if (can_be(what, o) || s->outcomes[what][o] > 0)
			exposition_put(out, (int64_t)s->outcomes[what][o], name,
			    "service", s->name, "outcome", outcome_word(o), NULL);
}

static void
print_services(const struct metrics *m, enum metrics_what what, struct buf *out)
{
	const char *name = what == METRICS_MESSAGE ? P "messages_total" :
	    P "sessions_total";
	size_t i;

	exposition_counter(out, name, what == METRICS_MESSAGE ?
	    "Records of messages, taken, refused or given up." :
	    "Records of sessions that carried no message.");
	for (i = 0; i <= METRICS_SERVICES; i++)
		if (m->services[i].name[0] != '\0')
			print_service(&m->services[i], what, name, out);
}

static void
print_versions(const struct metrics *m, struct buf *out)
{
	size_t i, what;

	exposition_counter(out, P "tls_total",
	    "Records of messages and of sessions without, by TLS version.");
	for (what = 0; what < METRICS_WHATS; what++)
		for (i = 0; i < METRICS_VERSIONS; i++)
			exposition_put(out, (int64_t)m->versions[what][i],
			    P "tls_total", "event", whats[what], "tls",
			    metrics_versions[i], NULL);
}

/* --- rules */

static const uint64_t *
side(const struct metrics_rest *r, bool observed)
{
	return observed ? r->observed : r->applied;
}

/* What never happened is left out, but for what any policy may come to. */
static void
print_rest(const struct metrics_rest *r, const char *rule, bool observed,
    const char *name, struct buf *out)
{
	const uint64_t *counts = side(r, observed);
	enum action a;

	for (a = ACTION_ACCEPT; a < METRICS_ACTIONS; a++)
		if (counts[a] > 0 || (a == ACTION_ACCEPT && !observed))
			exposition_put(out, (int64_t)counts[a], name, "rule", rule,
			    "action", action_name(a), NULL);
}

static void
print_rules(const struct metrics *m, bool observed, const char *name,
    struct buf *out)
{
	size_t i;

	for (i = 0; i < METRICS_RULES && m->rules[i].name[0] != '\0'; i++) {
		const struct metrics_rule *r = &m->rules[i];

		/* a note decides nothing: there is nothing to observe */
		if (observed && r->action == ACTION_NOTE)
			continue;
		exposition_put(out, (int64_t)(observed ? r->observed : r->applied),
		    name, "rule", r->name, "action", action_name(r->action), NULL);
	}
	print_rest(&m->others, "other", observed, name, out);
	print_rest(&m->fallback, "default", observed, name, out);
	print_rest(&m->undecided, "undecided", observed, name, out);
}

static void
print_verdicts(const struct metrics *m, struct buf *out)
{
	exposition_counter(out, P "verdicts_total",
	    "Records by the rule that decided, and notes by their rule.");
	print_rules(m, false, P "verdicts_total", out);
	exposition_put(out, (int64_t)m->non_smtp, P "verdicts_total", "rule",
	    "non-smtp", "action", "accept", NULL);
	exposition_counter(out, P "observed_total",
	    "Records by a rule that would have decided and is only observed.");
	print_rules(m, true, P "observed_total", out);
}

static void
print_alarms(const struct metrics *m, struct buf *out)
{
	size_t i;

	exposition_counter(out, P "alarms_total",
	    "Alarms raised, also those that the log does not repeat.");
	for (i = 0; i <= METRICS_ALARMS; i++)
		if (m->alarms[i].kind[0] != '\0')
			exposition_put(out, (int64_t)m->alarms[i].count,
			    P "alarms_total", "kind", m->alarms[i].kind, NULL);
}

/* --- the daemon */

static void
print_faults(const struct metrics *m, struct buf *out)
{
	size_t i;

	exposition_counter(out, P "faults_total", "Failures of the daemon itself.");
	for (i = 0; i < METRICS_FAULTS; i++)
		exposition_put(out, (int64_t)m->faults[i], P "faults_total", "kind",
		    metrics_faults[i], NULL);
}

static void
print_reloads(const struct metrics *m, struct buf *out)
{
	exposition_counter(out, P "reloads_total", "Reloads of the policy.");
	exposition_put(out, (int64_t)m->events[METRICS_RELOAD_OK],
	    P "reloads_total", "result", "ok", NULL);
	exposition_put(out, (int64_t)m->events[METRICS_RELOAD_FAILED],
	    P "reloads_total", "result", "failed", NULL);
}

static void
print_log(const struct metrics *m, const struct metrics_now *now, struct buf *out)
{
	exposition_counter(out, P "records_dropped_total",
	    "Records that are not in the log, for want of room in the queue or "
	    "because one session gave up too many messages.");
	exposition_put(out, (int64_t)now->dropped, P "records_dropped_total",
	    "reason", "queue", NULL);
	exposition_put(out, (int64_t)m->events[METRICS_UNSAID],
	    P "records_dropped_total", "reason", "abandoned", NULL);
}

static void
print_single(struct buf *out, bool counter, const char *name, const char *help,
    uint64_t value)
{
	if (counter)
		exposition_counter(out, name, help);
	else
		exposition_gauge(out, name, help);
	exposition_put(out, (int64_t)value, name, NULL);
}

static void
print_gauges(const struct metrics *m, const struct metrics_now *now,
    struct buf *out)
{
	const struct {
		bool		 counter;
		const char	*name;
		const char	*help;
		uint64_t	 value;
	} rows[] = {
		{ false, P "up", "1; 0 when the daemon was stopped.", now->up },
		{ false, P "observing",
		    "1 when the whole policy is only observed.", now->observing },
		{ false, P "policy_generation",
		    "Number of the policy, 1 at the start.", now->generation },
		{ false, P "policy_rules", "Rules of the policy.", now->rules },
		{ false, P "policy_loaded_timestamp_seconds",
		    "When the policy was loaded.", (uint64_t)now->loaded },
		{ false, P "last_reload_successful",
		    "0 when the last reload failed.", !m->last_reload_failed },
		{ false, P "start_timestamp_seconds",
		    "When the daemon was started.", (uint64_t)now->started },
		{ false, P "metrics_timestamp_seconds",
		    "When this was written.", (uint64_t)now->written },
		{ false, P "sessions_open", "Sessions that are open.", now->open },
		{ false, P "log_queue_lines",
		    "Log lines that wait to be written.", now->queue },
		{ false, P "log_queue_limit_lines",
		    "Log lines that may wait.", now->queue_max },
		{ true, P "regex_limits_total", "Regular expressions that hit their "
		    "limit.", m->events[METRICS_REGEX_LIMIT] },
		{ true, P "inconsistent_macros_total", "Times that the macros of a "
		    "session contradicted about TLS.",
		    m->events[METRICS_INCONSISTENT] },
		{ true, P "sessions_without_port_total", "Sessions of which the "
		    "server did not say the port.", m->events[METRICS_NO_PORT] },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		print_single(out, rows[i].counter, rows[i].name, rows[i].help,
		    rows[i].value);
}

static void
print_infos(const struct metrics_now *now, struct buf *out)
{
	char hash[13];

	snprintf(hash, sizeof(hash), "%.12s", now->hash);
	exposition_gauge(out, P "build_info", "1, labelled with the version.");
	exposition_put(out, 1, P "build_info", "version", now->version, NULL);
	exposition_gauge(out, P "policy_info",
	    "1, labelled with the start of the policy's hash, as the log has it.");
	exposition_put(out, 1, P "policy_info", "policy", hash, NULL);
}

void
metrics_print(const struct metrics *m, const struct metrics_now *now,
    struct buf *out)
{
	print_infos(now, out);
	print_gauges(m, now, out);
	print_services(m, METRICS_SESSION, out);
	print_services(m, METRICS_MESSAGE, out);
	print_versions(m, out);
	print_verdicts(m, out);
	print_alarms(m, out);
	print_reloads(m, out);
	print_log(m, now, out);
	print_faults(m, out);
}
