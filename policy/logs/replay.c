/*
 * replay.c owns the judgement of what was logged by another policy than it was
 * judged by; it may not know where entries come from, nor how they are shown.
 */
/* libc */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "policy.h"
#include "walk.h"
/* this directory */
#include "replay.h"
#include "replay_sections.h"
#include "when.h"

/* A policy, and what is needed to ask it. */
struct judge {
	const struct policy *policy;
	struct scratch	*scratch;
	struct trace	*trace;
	struct verdict	 verdict;
};

/* What became of it, or would. */
struct fate {
	bool		 refused;
	bool		 undecided;
	struct slice	 rule;
	struct slice	 verdict;
};

struct replay {
	const struct replay_settings *settings;
	struct part	*parts;
	struct session	*session;
	struct judge	 now;
	struct judge	 old;
	struct when_day	 day;
	const struct entry *judged;	/* the latest, or as it was guessed */
	struct entry	 guess;
	int64_t		 first;
	int64_t		 last;
	uint64_t	 messages;
	uint64_t	 sessions;
	uint64_t	 same;
	uint64_t	 refused_messages;
	uint64_t	 refused_sessions;
	uint64_t	 let_in;
	uint64_t	 undecided;
	uint64_t	 observed;
	uint64_t	 elsewhere;	/* refused by the mail server itself */
	uint64_t	 local;		/* not from the network */
	uint64_t	 limits;
};

static struct slice
text(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

/* --- life */

static void
judge_init(struct judge *j, const struct policy *policy)
{
	memset(j, 0, sizeof(*j));
	j->policy = policy;
	if (policy == NULL)
		return;
	j->scratch = policy_scratch(policy);
	j->trace = trace_new(policy);
}

static void
judge_clear(struct judge *j)
{
	if (j->policy == NULL)
		return;
	scratch_free(j->scratch);
	trace_free(j->trace);
}

struct replay *
replay_new(const struct replay_settings *settings)
{
	struct replay *r = mem_calloc(1, sizeof(*r));
	size_t i;

	r->settings = settings;
	r->session = session_new();
	judge_init(&r->now, settings->policy);
	judge_init(&r->old, settings->old);
	r->parts = mem_calloc(replay_section_count, sizeof(*r->parts));
	for (i = 0; i < replay_section_count; i++)
		part_init(&r->parts[i], &replay_sections[i],
		    settings->max_memory / replay_section_count);
	return r;
}

void
replay_free(struct replay *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < replay_section_count; i++)
		part_free(&r->parts[i]);
	judge_clear(&r->now);
	judge_clear(&r->old);
	session_free(r->session);
	free(r->parts);
	free(r);
}

/* --- judging */

static bool
is_refusal(enum action action)
{
	return action == ACTION_REJECT || action == ACTION_TEMPFAIL ||
	    action == ACTION_DISCONNECT;
}

static void
prepare(struct replay *r, const struct entry *e, uint32_t day)
{
	session_forget(r->session, STAGE_CONNECT);
	if (entry_session(e, r->session) == -1) {
		/* Without memory nothing is known, and nothing is claimed. */
		session_forget(r->session, STAGE_CONNECT);
		return;
	}
	/* Each policy has names of its own for the ports. */
	if (e->facts[ATTR_PORT].p != NULL)
		session_clear(r->session, ATTR_SERVICE);
	session_set_today(r->session, day);
}

/*
 * A client that left before MAIL met no later verdict; one that never said HELO,
 * or whose handshake failed, met none.  But of one that was turned away before,
 * nobody knows how far it would have gone.
 */
static bool
ends_early(const struct judge *j, const struct entry *e, bool before)
{
	return e->kind == ENTRY_SESSION && !before &&
	    (j->verdict.stage > STAGE_HELO || e->lacking[ATTR_HELO] ||
	    e->handshake_failed);
}

/* Postfix names the user of a MAIL that was refused, and not the mechanism. */
static bool
lacks_mechanism(const struct entry *e)
{
	return e->facts[ATTR_USER].p != NULL && e->facts[ATTR_AUTH].p == NULL &&
	    !e->lacking[ATTR_AUTH];
}

/*
 * Who is let through goes on, and so do the rules that only observe: for a
 * message up to the last stage that they ask about.
 */
static void
walk(struct replay *r, const struct judge *j, const struct entry *e, uint32_t day,
    struct trace *trace, struct verdict *v)
{
	enum stage stage, last = e->kind == ENTRY_MESSAGE ?
	    policy_last_stage(j->policy) : STAGE_HELO;

	prepare(r, e, day);
	policy_walk(j->policy, r->session, j->scratch, false, trace, NULL, NULL, v);
	for (stage = session_stage(r->session) + 1; v->action == ACTION_ACCEPT &&
	    stage <= last; stage++) {
		session_set_stage(r->session, stage);
		policy_judge(j->policy, r->session, j->scratch, false, v, trace);
	}
}

/* There was a login: by whatever mechanism, when that makes no difference. */
static bool
walk_any(struct replay *r, struct judge *j, const struct entry *e, uint32_t day)
{
	static const char *const mechanisms[] = { "PLAIN", "LOGIN", "CRAM-MD5",
	    "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "NTLM", "GSSAPI", "XOAUTH2",
	    "OAUTHBEARER", "EXTERNAL", "OTHER" };
	uint32_t first = RULE_UNDECIDED;
	size_t i;

	r->guess = *e;
	for (i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		r->guess.facts[ATTR_AUTH] = text(mechanisms[i]);
		walk(r, j, &r->guess, day, NULL, &j->verdict);
		if (i > 0 && j->verdict.rule != first)
			return false;
		first = j->verdict.rule;
	}
	return true;
}

static void
judge(struct replay *r, struct judge *j, const struct entry *e, uint32_t day,
    bool before, struct fate *fate)
{
	const struct verdict *v = &j->verdict;

	r->judged = &r->guess;
	if (!lacks_mechanism(e) || !walk_any(r, j, e, day)) {
		walk(r, j, e, day, NULL, &j->verdict);
		r->judged = e;
	}
	r->limits += v->limits;
	memset(fate, 0, sizeof(*fate));
	fate->verdict = text(action_name(ACTION_ACCEPT));
	if (ends_early(j, e, before)) {
		memset(&j->verdict.observed, 0, sizeof(j->verdict.observed));
		j->verdict.withheld = false;
		return;
	}
	fate->undecided = v->rule == RULE_UNDECIDED;
	fate->refused = is_refusal(v->action);
	fate->rule = text(policy_rule_name(j->policy, v->rule));
	fate->verdict = text(action_name(v->action));
}

static void
recorded(const struct entry *e, struct fate *fate)
{
	memset(fate, 0, sizeof(*fate));
	fate->rule = e->rule;
	fate->verdict = e->verdict;
	fate->undecided = slice_is(e->rule, "undecided");
	fate->refused = entry_judged_refused(e) || e->refused_by_us;
}

/* --- counting */

static void
add(struct replay *r, const struct sighting *s)
{
	size_t i;

	for (i = 0; i < replay_section_count; i++)
		part_add(&r->parts[i], s);
}

/* The rules of the last walk, with what each of them said. */
static void
trace_again(struct replay *r, uint32_t day)
{
	struct verdict again;

	walk(r, &r->now, r->judged, day, r->now.trace, &again);
}

static struct slice
stopped_by(const struct judge *j)
{
	uint32_t i;

	for (i = 0; i < j->trace->count; i++)
		if (j->trace->entries[i].answer == TRACE_UNKNOWN &&
		    j->trace->entries[i].stage_word == NULL)
			return text(policy_rule_name(j->policy, i));
	return SLICE_NULL;
}

static void
add_observed(struct replay *r, struct sighting *s, uint32_t day)
{
	const struct policy *policy = r->now.policy;
	const struct trace_entry *entry;
	uint32_t i;

	trace_again(r, day);
	s->change = CHANGE_OBSERVED;
	for (i = 0; i < r->now.trace->count; i++) {
		entry = &r->now.trace->entries[i];
		if (entry->answer != TRACE_OBSERVED)
			continue;
		s->rule = text(policy_rule_name(policy, i));
		s->verdict = text(action_name(policy_rule_action(policy, i)));
		s->how = text(entry->stage_word);
		add(r, s);
	}
	if (r->now.verdict.withheld) {
		s->rule = text(policy_rule_name(policy, r->now.verdict.observed_rule));
		s->verdict = text(action_name(r->now.verdict.observed_whole));
		s->how = text("mode");
		add(r, s);
	}
}

static void
add_undecided(struct replay *r, struct sighting *s, uint32_t day)
{
	r->undecided++;
	trace_again(r, day);
	s->change = CHANGE_UNDECIDED;
	s->rule = stopped_by(&r->now);
	s->missing = text(attr_info(r->now.verdict.missing)->name);
	add(r, s);
}

static void
compare(struct replay *r, struct sighting *s, const struct fate *before,
    const struct fate *after, uint32_t day)
{
	const struct fate *shown = NULL;

	if (after->undecided && !before->undecided) {
		add_undecided(r, s, day);
	} else if (after->refused && !before->refused) {
		s->change = CHANGE_REFUSED;
		shown = after;
		if (s->entry->kind == ENTRY_MESSAGE)
			r->refused_messages++;
		else
			r->refused_sessions++;
	} else if (before->refused && !after->refused) {
		s->change = CHANGE_LET_IN;
		shown = before;
		r->let_in++;
	} else
		r->same++;
	if (shown != NULL) {
		s->rule = shown->rule;
		s->verdict = shown->verdict;
		add(r, s);
	}
	if (r->now.verdict.observed.count > 0 || r->now.verdict.withheld) {
		r->observed++;
		add_observed(r, s, day);
	}
}

static void
note_time(struct replay *r, const struct entry *e)
{
	if (e->time <= 0)
		return;
	if (r->first == 0 || e->time < r->first)
		r->first = e->time;
	if (e->time > r->last)
		r->last = e->time;
}

void
replay_add(void *ctx, const struct entry *e)
{
	struct replay *r = ctx;
	struct sighting s;
	struct fate before, after;
	uint32_t day;

	if ((e->kind != ENTRY_MESSAGE && e->kind != ENTRY_SESSION) ||
	    !entry_is_wanted(e, &r->settings->wanted))
		return;
	note_time(r, e);
	if (slice_is(e->rule, "non-smtp")) {
		r->local++;
		return;
	}
	if (e->origin != ORIGIN_RECORD && e->refused && !e->refused_by_us) {
		r->elsewhere++;
		return;
	}
	if (e->kind == ENTRY_MESSAGE)
		r->messages++;
	else
		r->sessions++;
	sighting_of(&s, e, &r->day);
	day = r->settings->day != 0 ? r->settings->day :
	    s.day.len > 0 ? r->day.day : r->settings->today;
	recorded(e, &before);
	if (r->old.policy != NULL)
		judge(r, &r->old, e, day, before.refused, &before);
	judge(r, &r->now, e, day, before.refused, &after);
	compare(r, &s, &before, &after, day);
}

/* --- reporting */

static void
put_numbers(const struct replay *r, struct report *out)
{
	report_number(out, "messages", "messages judged again", r->messages, true);
	report_number(out, "sessions", "sessions without mail", r->sessions, true);
	report_number(out, "refused", "newly refused",
	    r->refused_messages + r->refused_sessions, true);
	report_number(out, "let_in", "newly let in", r->let_in, true);
	report_number(out, "undecided", "not decided", r->undecided, true);
	report_number(out, "same", "nothing changes", r->same, true);
	report_number(out, "observed", "met a rule that only observes", r->observed,
	    false);
	report_number(out, "elsewhere", "refused by the mail server itself, not judged",
	    r->elsewhere, false);
	report_number(out, "local", "not from the network, not judged", r->local, false);
	report_number(out, "limits", "limits of patterns hit", r->limits, false);
}

static void
put_findings(const struct replay *r, struct report *out)
{
	const char *users = "refused_users", *networks = "refused_networks";
	uint64_t refused = replay_refused(r);
	struct buf b = BUF_INIT;

	/* What was not tried is not known to be harmless. */
	if (replay_is_empty(r))
		report_finding(out, "nothing_judged", LEVEL_WARN, 1, NULL,
		    "No message and no session to judge: is it the right log, and the "
		    "right time?");
	if (r->refused_messages > 0)
		buf_printf(&b, "%" PRIu64 " message%s", r->refused_messages,
		    r->refused_messages == 1 ? "" : "s");
	if (r->refused_sessions > 0)
		buf_printf(&b, "%s%" PRIu64 " session%s without mail",
		    b.len > 0 ? " and " : "", r->refused_sessions,
		    r->refused_sessions == 1 ? "" : "s");
	if (refused > 0)
		report_finding(out, "refused", LEVEL_BAD, refused,
		    report_find(out, users)->rows > 0 ? users : networks,
		    "%s would be newly refused.", buf_str(&b));
	buf_free(&b);
	if (r->let_in > 0)
		report_finding(out, "let_in", LEVEL_WARN, r->let_in, "let_in_networks",
		    "%" PRIu64 " that %s refused would be let in.", r->let_in,
		    r->let_in == 1 ? "was" : "were");
	if (r->undecided > 0)
		report_finding(out, "undecided", LEVEL_WARN, r->undecided, "undecided",
		    "%" PRIu64 " could not be decided: the log lacks a fact.",
		    r->undecided);
}

void
replay_report(const struct replay *r, struct report *out)
{
	size_t i;

	out->since = r->settings->wanted.since;
	out->until = r->settings->wanted.until;
	out->first = r->first;
	out->last = r->last;
	put_numbers(r, out);
	for (i = 0; i < replay_section_count; i++)
		(void)part_sheet(&r->parts[i], r->parts[i].tally, out, r->settings->top);
	put_findings(r, out);
}

uint64_t
replay_refused(const struct replay *r)
{
	return r->refused_messages + r->refused_sessions;
}

bool
replay_is_empty(const struct replay *r)
{
	return r->messages + r->sessions == 0;
}

uint64_t
replay_undecided(const struct replay *r)
{
	return r->undecided;
}
