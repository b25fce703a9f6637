/*
 * fuzz_logs.c: a log, into which anybody on the machine and every client can
 * write: lines of syslog and of the journal, of Postfix, Sendmail and
 * tlswardend.
 *
 * Every line is counted once; what is told of a session can be judged; the two
 * readers of records agree on what is one; and no form of a report carries a
 * byte that a terminal, a browser or a spreadsheet might obey.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "buf.h"
#include "join.h"
#include "policy.h"
#include "reader.h"
#include "record.h"
#include "render.h"
#include "replay.h"
#include "survey.h"
/* tests */
#include "given.h"
#include "json.h"
#include "memory_file.h"

#define NOW	INT64_C(1795225200)	/* 21 November 2026 */
#define TODAY	20261121

struct told {
	struct session	*session;
	struct survey	*survey;
	struct replay	*replay;
	uint64_t	 entries;
};

/* Read every byte, so that one that is not there shows. */
static void
look_at_slice(struct slice s)
{
	volatile unsigned char sum = 0;
	size_t i;

	PROMISE(s.len == 0 || s.p != NULL);
	PROMISE(s.len <= READER_LINE_MAX);
	for (i = 0; i < s.len; i++)
		sum = (unsigned char)(sum + (unsigned char)s.p[i]);
}

static void
hear(void *ctx, const struct entry *e)
{
	const struct slice all[] = { e->host, e->event, e->id, e->qid, e->verdict,
	    e->rule, e->stage, e->reply, e->observed, e->notes, e->missing, e->policy,
	    e->alarm };
	struct told *t = ctx;
	size_t i;

	t->entries++;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		look_at_slice(all[i]);
	for (i = 0; i < ATTR_COUNT; i++) {
		look_at_slice(e->facts[i]);
		PROMISE(!e->lacking[i] || e->facts[i].p == NULL);
	}
	PROMISE(entry_session(e, t->session) == 0);
	look_at_facts(t->session);
	survey_add(t->survey, e);
	replay_add(t->replay, e);
}

static void
hear_nothing(void *ctx, const struct entry *e)
{
	(void)e;
	++*(unsigned int *)ctx;
}

/* What the fast reader takes the careful one takes, and the other way round. */
static void
compare_readers(const struct line *line)
{
	unsigned int told = 0;
	struct record r;
	bool broken, taken;

	record_init(&r);
	taken = own_line(line, hear_nothing, &told, &broken);
	PROMISE(taken == (record_parse(&r, line->text.p, line->text.len) == 0));
	PROMISE(taken == (told == 1) && taken == !broken);
	record_free(&r);
}

static void
look_at_report(const struct report *r)
{
	struct buf b = BUF_INIT;

	render_text(r, false, &b);
	PROMISE(is_printable(buf_str(&b), b.len, "\n"));
	buf_clear(&b);
	render_json(r, &b);
	PROMISE(is_json(buf_str(&b)));
	buf_clear(&b);
	render_csv(r, &b);
	PROMISE(is_printable(buf_str(&b), b.len, "\r\n"));
	buf_clear(&b);
	render_html(r, &b);
	PROMISE(is_printable(buf_str(&b), b.len, "\n\t") && b.len > 0);
	buf_free(&b);
}

static void
report(const struct told *t, const struct policy *p)
{
	struct report r;

	report_init(&r, "fuzz/1", "fuzz", "Fuzz");
	survey_report(t->survey, p, TODAY, &r);
	look_at_report(&r);
	report_free(&r);
	report_init(&r, "fuzz/1", "fuzz", "Fuzz");
	replay_report(t->replay, &r);
	PROMISE(replay_refused(t->replay) <= t->entries);
	look_at_report(&r);
	report_free(&r);
}

/* A copy that ends where it ends: the reader's own has other lines behind it. */
static char *
copy_of(struct slice s)
{
	char *p = malloc(s.len > 0 ? s.len : 1);

	PROMISE(p != NULL);
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	return p;
}

static void
look_at_line(const struct line *read, struct join *join)
{
	struct line line = *read;
	struct slice *const parts[] = { &line.stamp, &line.host, &line.program,
	    &line.text };
	char *copies[sizeof(parts) / sizeof(parts[0])];
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		look_at_slice(*parts[i]);
		copies[i] = copy_of(*parts[i]);
		if (parts[i]->p != NULL)
			parts[i]->p = copies[i];
	}
	if (slice_is(line.program, "tlswardend"))
		compare_readers(&line);
	join_line(join, &line);
	/* nothing that is kept points into it */
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		free(copies[i]);
}

static void
read_log(const char *path, struct join *join)
{
	const struct join_count *count = join_count(join);
	struct reader *reader;
	struct line line;
	uint64_t lines = 0;
	char why[256];
	int state;

	reader = reader_open(path, NOW, why, sizeof(why));
	PROMISE(reader != NULL);
	while ((state = reader_next(reader, &line)) == 1) {
		lines++;
		look_at_line(&line, join);
		PROMISE(count->records + count->mta + count->other +
		    count->broken == lines);
	}
	PROMISE(state == 0 || reader_why(reader)[0] != '\0');
	PROMISE(reader_count(reader)->lines == lines + reader_count(reader)->broken ||
	    state == -1 || reader_count(reader)->broken > 0);
	reader_free(reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct survey_settings all = { .by = { COL_NOTHING } };
	static struct policy *policy;
	struct replay_settings again = { .today = TODAY };
	struct diags *diags = diags_new();
	struct join *join;
	struct told t = { .session = session_new() };

	if (policy == NULL)
		policy = policy_builtin(0, diags);
	diags_free(diags);
	again.policy = policy;
	t.survey = survey_new(&all);
	t.replay = replay_new(&again);
	PROMISE(t.session != NULL && t.replay != NULL && policy != NULL);
	join = join_new(NULL, 0, hear, &t);
	read_log(memory_file(data, size), join);
	join_end(join);
	join_free(join);
	if (t.entries > 0)
		report(&t, policy);
	survey_free(t.survey);
	replay_free(t.replay);
	session_free(t.session);
	return 0;
}
