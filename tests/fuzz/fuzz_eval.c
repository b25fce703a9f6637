/*
 * fuzz_eval.c: a policy, "---" on a line of its own, and the facts of a
 * session (see given.h).
 *
 * Judged after every stage and judged once the verdict is the same, with a
 * trace and without, with an index of the rules and without; the last stage
 * decides; replies are whole.  The record of it stays within its bound, can be
 * read again, and judged again says the same.
 */
/* this project */
#include "buf.h"
#include "index.h"
#include "policy.h"
#include "record.h"
#include "rule.h"
#include "walk.h"
/* tests */
#include "../property/coherent.h"
#include "given.h"

static const struct record_privacy full = { .client = PRIVACY_FULL,
    .user = PRIVACY_FULL, .sender = PRIVACY_FULL };

static bool
same_reply(const struct reply *a, const struct reply *b)
{
	return a->code == b->code && strcmp(a->enhanced, b->enhanced) == 0 &&
	    strcmp(a->text, b->text) == 0;
}

static bool
same(const struct verdict *a, const struct verdict *b)
{
	return a->decided == b->decided && a->action == b->action &&
	    a->rule == b->rule && a->missing == b->missing &&
	    a->withheld == b->withheld && a->observed_whole == b->observed_whole &&
	    a->observed_rule == b->observed_rule && same_reply(&a->reply, &b->reply);
}

static void
look_at(const struct verdict *v)
{
	const struct reply *r = &v->reply;
	size_t len = strlen(r->text);

	PROMISE(len <= REPLY_TEXT_MAX && is_printable(r->text, len, ""));
	PROMISE(is_printable(r->enhanced, strlen(r->enhanced), ""));
	PROMISE(v->action != ACTION_NOTE);
	PROMISE(!v->withheld || v->action == ACTION_ACCEPT);
	switch (v->decided ? v->action : ACTION_ACCEPT) {
	case ACTION_REJECT:
		PROMISE(r->code / 100 == 5 && r->enhanced[0] == '5');
		break;
	case ACTION_TEMPFAIL:
		PROMISE(r->code / 100 == 4 && r->code != 421 && r->enhanced[0] == '4');
		break;
	case ACTION_DISCONNECT:
		PROMISE(r->code == 421 && r->enhanced[0] == '4');
		break;
	default:
		PROMISE(r->code == 0);
		break;
	}
}

static void
keep_record(const struct policy *p, const struct session *s, const struct verdict *v)
{
	struct account account = { .event = "message", .id = "0123456789abcdef",
	    .stage = v->stage, .mail = v->stage >= STAGE_MAIL };
	struct session *again = session_new();
	struct record r, read;
	struct buf line;
	int format;

	PROMISE(again != NULL);
	for (format = LOG_LOGFMT; format <= LOG_JSON; format++) {
		line = (struct buf)BUF_INIT;
		record_init(&r);
		record_judged(&r, &account, p, s, v, &full);
		record_format(&r, (enum log_format)format, &line);
		PROMISE(line.len <= RECORD_MAX && is_printable(line.data, line.len, ""));
		record_init(&read);
		PROMISE(record_parse(&read, line.data, line.len) == 0);
		record_facts(&read, again);
		session_set_stage(again, STAGE_RCPT);
		look_at_facts(again);
		record_free(&read);
		record_free(&r);
		buf_free(&line);
	}
	session_free(again);
}

static bool
is_whole(const struct record *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->fields[i].cut)
			return false;
	return true;
}

/* Judged again by its record a session gets the verdict that it got. */
static void
judge_record(const struct policy *p, struct session *s, struct scratch *scratch)
{
	struct session *again = session_new();
	struct account account = { .event = "message", .id = "0123456789abcdef" };
	struct buf line = BUF_INIT;
	struct verdict first, second;
	struct record r;

	PROMISE(again != NULL);
	make_coherent(s);
	policy_walk(p, s, scratch, false, NULL, NULL, NULL, &first);
	account.stage = first.stage;
	account.mail = first.stage >= STAGE_MAIL;
	record_init(&r);
	record_judged(&r, &account, p, s, &first, &full);
	record_format(&r, LOG_LOGFMT, &line);
	PROMISE(record_parse(&r, line.data, line.len) == 0);
	record_facts(&r, again);
	session_set_today(again, session_today(s));
	policy_walk(p, again, scratch, false, NULL, NULL, NULL, &second);
	PROMISE(!is_whole(&r) || (first.action == second.action &&
	    first.rule == second.rule && first.missing == second.missing &&
	    same_reply(&first.reply, &second.reply)));
	record_free(&r);
	buf_free(&line);
	session_free(again);
}

/* Few rules have no index; here they have one. */
static void
judge_indexed(struct policy *p, const struct session *s, struct scratch *scratch,
    const struct verdict *plain)
{
	struct index *kept = p->index;
	struct verdict v;

	p->index = index_new(p->rules, p->rule_count);
	policy_judge(p, s, scratch, false, &v, NULL);
	PROMISE(same(plain, &v) && v.limits <= plain->limits);
	index_free(p->index);
	p->index = kept;
}

static void
judge(struct policy *p, struct session *s)
{
	struct scratch *scratch = policy_scratch(p);
	struct trace *trace = trace_new(p);
	struct verdict once, staged, traced, walked;
	enum stage stage;

	session_set_stage(s, STAGE_CONNECT);
	policy_classify(p, s);
	for (stage = STAGE_CONNECT; stage <= STAGE_RCPT; stage++) {
		session_set_stage(s, stage);
		look_at_facts(s);
		policy_judge(p, s, scratch, false, &staged, NULL);
		look_at(&staged);
		judge_indexed(p, s, scratch, &staged);
		PROMISE(staged.decided || stage < policy_last_stage(p));
		if (staged.decided)
			break;
	}
	session_set_stage(s, STAGE_CLOSE);
	policy_judge(p, s, scratch, false, &once, NULL);
	policy_judge(p, s, scratch, false, &traced, trace);
	PROMISE(same(&once, &staged) && same(&once, &traced));
	policy_walk(p, s, scratch, false, NULL, NULL, NULL, &walked);
	PROMISE(same(&walked, &once) && walked.stage == staged.stage);
	keep_record(p, s, &walked);
	policy_judge(p, s, scratch, true, &once, NULL);
	PROMISE(once.action == ACTION_ACCEPT);
	judge_record(p, s, scratch);
	trace_free(trace);
	scratch_free(scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size }, text;
	struct diags *diags = diags_new();
	struct session *s = session_new();
	struct policy *p;

	PROMISE(s != NULL);
	text = take_until(&in, "\n---\n");
	p = policy_parse("fuzz.conf", text.p, text.len, 0, diags);
	if (p != NULL) {
		give(s, in);
		judge(p, s);
	}
	policy_unref(&p);
	session_free(s);
	diags_free(diags);
	return 0;
}
