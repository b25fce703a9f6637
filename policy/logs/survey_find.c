/*
 * survey_find.c owns what of the counts is a finding: something that asks for
 * somebody to act; it may not know how it was counted.
 */
/* libc */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "policy.h"
/* this directory */
#include "survey_inside.h"

#define SOON		30	/* days before the end of an exception */
#define NAMES_SHOWN	3
#define NAME_SHOWN	40	/* bytes of one */
#define NAME_SIGNS	"@._+-=/"	/* in names that need no quotes */
#define HIDDEN_PART	10	/* of a log, from which on it is no accident */
#define CLEAR_RUN	3	/* messages in the clear that make a finding */

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* A log that is no longer written to would look like a good week. */
void
survey_find_nothing(const struct survey *s, struct report *r)
{
	const struct wanted *w = &s->settings->wanted;
	bool narrowed = w->since != 0 || w->until != 0 || w->service != NULL;

	if (s->messages + s->sessions + s->local == 0)
		report_finding(r, "nothing_counted", LEVEL_WARN, 1, NULL,
		    "No message and no session %s: is it the right log, and is it still "
		    "written to?", narrowed ? "as asked for" : "in the log");
}

/* A name that could be read as two, or as words of ours, stands in quotes. */
static void
put_user(struct buf *b, struct slice user)
{
	struct buf plain = BUF_INIT;
	const char *s;
	size_t i;
	bool quoted = user.len == 0;

	for (i = 0; i < user.len; i++)
		quoted |= !isalnum((unsigned char)user.p[i]) &&
		    memchr(NAME_SIGNS, user.p[i], sizeof(NAME_SIGNS) - 1) == NULL;
	put_plain(&plain, user, NAME_SHOWN);
	if (!quoted) {
		buf_puts(b, buf_str(&plain));
	} else {
		buf_putc(b, '"');
		for (s = buf_str(&plain); *s != '\0'; s++)
			if (*s == '"')
				buf_puts(b, "\\x22");
			else
				buf_putc(b, *s);
		buf_putc(b, '"');
	}
	buf_free(&plain);
}

/* Of how many users, and who they are. */
static void
find_exposed(const struct survey *s, struct report *r)
{
	const struct part *p = survey_part(s, SURVEY_EXPOSED);
	const struct tally_row **rows = tally_rows(p->tally, NULL, p->section->order);
	struct tally *users = tally_new(0, 0, 0);
	struct buf names = BUF_INIT;
	struct name name;
	size_t i, before;

	for (i = 0; rows[i] != NULL; i++) {
		before = tally_count(users);
		name_start(&name);
		name_part(&name, tally_part(rows[i], 0));
		(void)tally_add(users, &name, 0, RANK_UNKNOWN);
		if (tally_count(users) == before || before >= NAMES_SHOWN)
			continue;
		buf_puts(&names, before > 0 ? ", " : "");
		put_user(&names, tally_part(rows[i], 0));
	}
	i = tally_count(users);
	if (i > NAMES_SHOWN)
		buf_printf(&names, " and %zu more", i - NAMES_SHOWN);
	if (i > 0)
		report_finding(r, "exposed_passwords", LEVEL_BAD, i, SURVEY_EXPOSED,
		    "The password%s of %zu user%s crossed the network in the clear and "
		    "must be changed: %s.", plural(i), i, plural(i), buf_str(&names));
	buf_free(&names);
	tally_free(users);
	free(rows);
}

/*
 * A large sender has servers of many minds behind one address: one message in
 * the clear is no news, several in a row are.
 */
static void
find_lost(const struct survey *s, struct report *r)
{
	const struct part *p = survey_part(s, SURVEY_LOST_TLS);
	const struct tally_row **rows = tally_rows(p->tally, p->section->keeps, NULL);
	uint64_t n = 0;
	size_t i;

	for (i = 0; rows[i] != NULL; i++)
		n += rows[i]->counters[COUNT_CLEAR_SINCE] >= CLEAR_RUN;
	if (n > 0)
		report_finding(r, "lost_tls", LEVEL_WARN, n, SURVEY_LOST_TLS,
		    "%" PRIu64 " client%s came encrypted before, and now in the clear.",
		    n, plural(n));
	free(rows);
}

static void
find_gaps(const struct survey *s, struct report *r)
{
	const struct tally_row **rows = tally_rows(survey_part(s, SURVEY_GAPS)->tally,
	    NULL, NULL);
	uint64_t messages = 0, sessions = 0;
	size_t i;

	for (i = 0; rows[i] != NULL; i++) {
		messages += rows[i]->counters[COUNT_MESSAGES];
		sessions += rows[i]->counters[COUNT_SESSIONS];
	}
	free(rows);
	if (messages + sessions > 0)
		report_finding(r, "gaps", LEVEL_WARN, messages + sessions, SURVEY_GAPS,
		    "%" PRIu64 " message%s and %" PRIu64 " session%s went past tlswardend.",
		    messages, plural(messages), sessions, plural(sessions));
	if (s->dropped > 0)
		report_finding(r, "dropped", LEVEL_WARN, s->dropped, "events",
		    "%" PRIu64 " record%s could not be logged: the numbers are too low.",
		    s->dropped, plural(s->dropped));
}

/* The reason of gaps; where the daemon never was reached, there are none to see. */
static void
find_unasked(const struct survey *s, struct report *r)
{
	uint64_t messages = s->unasked[0], sessions = s->unasked[1];

	if (messages + sessions > 0)
		report_finding(r, "milter_unreached", LEVEL_WARN, messages + sessions, NULL,
		    "For %" PRIu64 " message%s and %" PRIu64 " session%s Postfix could not "
		    "connect to a milter: \"tlswarden doctor\" may say why.", messages,
		    plural(messages), sessions, plural(sessions));
}

/*
 * Messages of which the log level hides whether they came encrypted.  A few are
 * none: the line about TLS stood before the log began.
 */
static void
find_hidden(const struct survey *s, struct report *r)
{
	static const struct {
		const char	*name;
		const char	*setting;
	} servers[ORIGIN_SENDMAIL + 1] = {
		[ORIGIN_POSTFIX] = { "Postfix", "smtpd_tls_loglevel = 1 in main.cf" },
		[ORIGIN_SENDMAIL] = { "Sendmail", "LogLevel=9 or higher in sendmail.cf" },
	};
	const struct told *told;
	size_t i;

	for (i = 0; i <= ORIGIN_SENDMAIL; i++) {
		told = &s->told[i];
		if (told->unknown == 0 || (told->with_tls > 0 &&
		    told->unknown < told->messages / HIDDEN_PART))
			continue;
		report_finding(r, "tls_not_logged", LEVEL_WARN, told->unknown, "tls",
		    "Of %" PRIu64 " message%s the log of %s does not say with which TLS: "
		    "set %s.", told->unknown, plural(told->unknown), servers[i].name,
		    servers[i].setting);
	}
}

/* --- exceptions */

static struct slice
text(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static const struct tally_row *
uses(const struct survey *s, const struct policy *policy, uint32_t rule)
{
	struct name name;

	name_start(&name);
	name_part(&name, text(policy_rule_name(policy, rule)));
	name_part(&name, text(action_name(policy_rule_action(policy, rule))));
	name_part(&name, text(policy_rule_action(policy, rule) == ACTION_NOTE ?
	    "noted" : "decided"));
	return tally_find(s->rules->tally, &name);
}

enum end { END_FAR, END_SOON, END_OVER };

struct exceptions {
	struct sheet	*sheet;
	uint64_t	 over;
	uint64_t	 soon;
	uint64_t	 unused;
};

static enum end
put_status(struct sheet *sheet, int64_t left, bool unused)
{
	struct buf b = BUF_INIT;

	if (left < 0)
		buf_puts(&b, "ended");
	else if (left == 0)
		buf_puts(&b, "ends today");
	else if (left <= SOON)
		buf_printf(&b, "ends in %" PRId64 " day%s", left, left == 1 ? "" : "s");
	if (unused)
		buf_puts(&b, b.len > 0 ? ", unused" : "unused");
	sheet_text(sheet, text(buf_str(&b)));
	buf_free(&b);
	return left < 0 ? END_OVER : left <= SOON ? END_SOON : END_FAR;
}

static void
put_exception(struct exceptions *x, const struct survey *s,
    const struct policy *policy, uint32_t rule, uint32_t today)
{
	const struct tally_row *row = uses(s, policy, rule);
	uint32_t until = policy_rule_until(policy, rule);
	enum end end;
	bool unused;

	sheet_text(x->sheet, text(policy_rule_name(policy, rule)));
	sheet_number(x->sheet, until);
	/* Without any record nobody can say what was used. */
	unused = row == NULL && s->recorded;
	end = put_status(x->sheet, when_days(today, until), unused);
	sheet_number(x->sheet, row != NULL ? row->counters[COUNT_MESSAGES] : 0);
	sheet_number(x->sheet, row != NULL ? row->counters[COUNT_SESSIONS] : 0);
	if (row != NULL && row->last != 0)
		sheet_number(x->sheet, (uint64_t)row->last);
	else
		sheet_nothing(x->sheet);
	sheet_text(x->sheet, text(policy_rule_owner(policy, rule)));
	sheet_text(x->sheet, text(policy_rule_because(policy, rule)));
	x->over += end == END_OVER;
	x->soon += end == END_SOON;
	x->unused += unused && end != END_OVER;
}

static void
find_exceptions(const struct survey *s, const struct policy *policy,
    uint32_t today, struct report *r)
{
	const struct section *section = &survey_exceptions;
	struct exceptions x = { NULL, 0, 0, 0 };
	uint32_t rule;

	x.sheet = report_sheet(r, section->name, section->title, section->note,
	    section->shows);
	for (rule = 0; policy != NULL && rule < policy_rule_count(policy); rule++)
		if (policy_rule_until(policy, rule) != 0)
			put_exception(&x, s, policy, rule, today);
	if (x.over > 0)
		report_finding(r, "exceptions_ended", LEVEL_WARN, x.over, section->name,
		    "%" PRIu64 " exception%s of the policy ended and can be removed.",
		    x.over, plural(x.over));
	if (x.soon > 0)
		report_finding(r, "exceptions_ending", LEVEL_WARN, x.soon, section->name,
		    "%" PRIu64 " exception%s of the policy end%s within %d days.", x.soon,
		    plural(x.soon), x.soon == 1 ? "s" : "", SOON);
	if (x.unused > 0)
		report_finding(r, "exceptions_unused", LEVEL_WARN, x.unused,
		    section->name, "%" PRIu64 " exception%s of the policy %s not used.",
		    x.unused, plural(x.unused), x.unused == 1 ? "was" : "were");
}

void
survey_find_first(const struct survey *s, const struct policy *policy,
    uint32_t today, struct report *r)
{
	find_exposed(s, r);
	find_exceptions(s, policy, today, r);
}

void
survey_find_rest(const struct survey *s, struct report *r)
{
	find_lost(s, r);
	find_gaps(s, r);
	find_unasked(s, r);
	find_hidden(s, r);
}
