/*
 * parse_rule.c owns the clauses of a rule and of the default; it may not know
 * how conditions are read, nor what a reply may say.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "parser.h"
#include "suggest.h"

/* Two clauses of one kind exclude each other. */
enum clause_kind { CLAUSE_IF, CLAUSE_ACTION, CLAUSE_ALARM, CLAUSE_OBSERVE,
    CLAUSE_FROM, CLAUSE_UNTIL, CLAUSE_SHARE, CLAUSE_OWNER, CLAUSE_BECAUSE };

struct clause {
	const char	*word;
	enum clause_kind kind;
	int		(*parse)(struct parser *, struct rule *, const struct clause *);
	enum action	 action;	/* CLAUSE_ACTION */
	const char	*example;	/* CLAUSE_ACTION with a reply */
};

static int
parse_if(struct parser *p, struct rule *r, const struct clause *c)
{
	(void)c;
	r->cond = parse_cond(p);
	return r->cond != NULL ? 0 : -1;
}

static int
parse_plain(struct parser *p, struct rule *r, const struct clause *c)
{
	(void)p;
	r->action = c->action;
	return 0;
}

static bool
is_digits(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return n > 0;
}

/* RFC 3463, section 2: class "." subject "." detail, without leading zeros. */
static bool
is_enhanced(const char *s, size_t n)
{
	size_t part[3] = { 0, 0, 0 }, i, k = 0;

	for (i = 0; i < n; i++) {
		if (s[i] == '.') {
			if (++k == 3)
				return false;
			continue;
		}
		if (s[i] < '0' || s[i] > '9' ||
		    (part[k] == 1 && s[i - 1] == '0') || ++part[k] > 3)
			return false;
	}
	return k == 2 && part[0] == 1 && part[1] > 0 && part[2] > 0;
}

static int
parse_reply(struct parser *p, struct rule *r, const struct clause *c)
{
	struct reply_spec *reply = &r->reply;

	r->action = c->action;
	reply->place = p->tok.place;
	if (p->tok.kind != TOKEN_WORD || p->tok.len != 3 || !is_digits(p->tok.text, 3))
		return parser_expected(p, "a reply code", c->example);
	reply->code = (unsigned int)(p->tok.text[0] - '0') * 100 +
	    (unsigned int)(p->tok.text[1] - '0') * 10 +
	    (unsigned int)(p->tok.text[2] - '0');
	parser_next(p);
	if (p->tok.kind != TOKEN_WORD || !is_enhanced(p->tok.text, p->tok.len))
		return parser_expected(p, "an enhanced status code", c->example);
	memcpy(reply->enhanced, p->tok.text, p->tok.len);
	reply->enhanced[p->tok.len] = '\0';
	/* both codes are one thing to look at */
	reply->place.width = p->tok.place.line != reply->place.line ? 3 :
	    p->tok.place.column + p->tok.place.width - reply->place.column;
	parser_next(p);
	if (p->tok.kind != TOKEN_STRING)
		return parser_expected(p, "the text of the reply in quotes", c->example);
	reply->text_place = p->tok.place;
	reply->text = token_text(&p->tok);
	parser_next(p);
	return 0;
}

static int
parse_alarm(struct parser *p, struct rule *r, const struct clause *c)
{
	(void)c;
	r->alarm = parser_name(p, "the kind of alarm");
	return r->alarm != NULL ? 0 : -1;
}

static int
parse_observe(struct parser *p, struct rule *r, const struct clause *c)
{
	(void)p;
	(void)c;
	r->observe = true;
	return 0;
}

static int
parse_from(struct parser *p, struct rule *r, const struct clause *c)
{
	(void)c;
	return parser_day(p, &r->from);
}

static int
parse_until(struct parser *p, struct rule *r, const struct clause *c)
{
	(void)c;
	r->until_place = p->tok.place;
	return parser_day(p, &r->until);
}

static int
parse_share(struct parser *p, struct rule *r, const struct clause *c)
{
	const struct token *t = &p->tok;
	size_t i;

	(void)c;
	if (t->kind != TOKEN_WORD || t->len < 2 || t->len > 4 ||
	    t->text[t->len - 1] != '%' || !is_digits(t->text, t->len - 1))
		return parser_expected(p, "a share of clients",
		    "a share is written as 10%");
	r->share = 0;
	for (i = 0; i + 1 < t->len; i++)
		r->share = r->share * 10 + (unsigned int)(t->text[i] - '0');
	if (r->share > 100) {
		diag_add(p->diags, DIAG_ERROR, &t->place, NULL,
		    "a share is at most 100%%");
		return -1;
	}
	r->has_share = true;
	parser_next(p);
	return 0;
}

static int
parse_owner(struct parser *p, struct rule *r, const struct clause *c)
{
	(void)c;
	r->owner = parser_string(p, "the owner of the rule");
	return r->owner != NULL ? 0 : -1;
}

static int
parse_because(struct parser *p, struct rule *r, const struct clause *c)
{
	(void)c;
	r->because = parser_string(p, "the reason for the rule");
	return r->because != NULL ? 0 : -1;
}

#define SUCH_AS(s) "for example: " s

static const struct clause clauses[] = {
	{ "if", CLAUSE_IF, parse_if, 0, NULL },
	{ "accept", CLAUSE_ACTION, parse_plain, ACTION_ACCEPT, NULL },
	{ "reject", CLAUSE_ACTION, parse_reply, ACTION_REJECT,
	    SUCH_AS("reject 554 5.7.0 \"TLS 1.2 or later required\"") },
	{ "tempfail", CLAUSE_ACTION, parse_reply, ACTION_TEMPFAIL,
	    SUCH_AS("tempfail 454 4.7.0 \"TLS required\"") },
	{ "disconnect", CLAUSE_ACTION, parse_reply, ACTION_DISCONNECT,
	    SUCH_AS("disconnect 421 4.7.0 \"TLS required\"") },
	{ "note", CLAUSE_ACTION, parse_plain, ACTION_NOTE, NULL },
	{ "alarm", CLAUSE_ALARM, parse_alarm, 0, NULL },
	{ "observe", CLAUSE_OBSERVE, parse_observe, 0, NULL },
	{ "from", CLAUSE_FROM, parse_from, 0, NULL },
	{ "until", CLAUSE_UNTIL, parse_until, 0, NULL },
	{ "share", CLAUSE_SHARE, parse_share, 0, NULL },
	{ "owner", CLAUSE_OWNER, parse_owner, 0, NULL },
	{ "because", CLAUSE_BECAUSE, parse_because, 0, NULL },
};
#define CLAUSES	(sizeof(clauses) / sizeof(clauses[0]))

static const char *
clause_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < CLAUSES ? clauses[i].word : NULL;
}

static const struct clause *
find_clause(const struct token *t)
{
	size_t i;

	for (i = 0; i < CLAUSES; i++)
		if (token_is(t, clauses[i].word))
			return &clauses[i];
	return NULL;
}

bool
is_clause(const struct token *t)
{
	return find_clause(t) != NULL;
}

int
action_find(const struct token *t, enum action *action)
{
	const struct clause *c;

	c = find_clause(t);
	if (c == NULL || c->kind != CLAUSE_ACTION)
		return -1;
	*action = c->action;
	return 0;
}

static int
parse_clause(struct parser *p, struct rule *r, const struct clause *c,
    const struct clause *seen[])
{
	const struct clause *before = seen[c->kind];
	struct place place = p->tok.place;

	if (before != NULL) {
		if (c->kind == CLAUSE_ACTION)
			diag_add(p->diags, DIAG_ERROR, &place, NULL, "a rule has one "
			    "action, and this one says \"%s\" already",
			    before->word);
		else
			diag_add(p->diags, DIAG_ERROR, &place, NULL,
			    "\"%s\" was given already", c->word);
		return -1;
	}
	seen[c->kind] = c;
	parser_next(p);
	return c->parse(p, r, c);
}

/*
 * After an error in a clause, go on at a line that begins with a clause, or
 * with what was meant as one: what is left of the broken one is not worth a
 * second complaint.
 */
static void
resume(struct parser *p)
{
	do {
		lexer_skip_line(&p->lex);
		parser_next(p);
	} while (p->tok.kind != TOKEN_END && (p->tok.kind != TOKEN_WORD ||
	    token_is(&p->tok, "and") || token_is(&p->tok, "or") ||
	    suggest(p->tok.text, p->tok.len, clause_name, NULL) == NULL));
}

static int
parse_clauses(struct parser *p, struct rule *r)
{
	const struct clause *seen[CLAUSES] = { NULL }, *c;
	struct buf b = BUF_INIT;
	int result = 0;

	while (p->tok.kind != TOKEN_END) {
		c = find_clause(&p->tok);
		if (c != NULL && parse_clause(p, r, c, seen) == 0)
			continue;
		if (c == NULL)
			parser_expected(p, "a clause of the rule, or \"and\" or \"or\"",
			    parser_suggest(p, &b, clause_name, NULL));
		buf_free(&b);
		result = -1;
		resume(p);
	}
	/* an action that was begun is not missed */
	r->has_action = seen[CLAUSE_ACTION] != NULL;
	if (!r->has_action && result == 0) {
		parser_expected(p, "an action",
		    "one of accept, reject, tempfail, disconnect, note");
		result = -1;
	}
	return result;
}

int
parse_rule(struct parser *p)
{
	struct policy *policy = p->policy;
	struct rule *r;
	struct place place = p->tok.place;
	char *name;

	if (is_clause(&p->tok))
		return parser_expected(p, "the name of the rule", NULL);
	name = parser_name(p, "the name of the rule");
	if (name == NULL)
		return -1;
	if (policy->rule_count >= POLICY_RULES_MAX) {
		diag_add(p->diags, DIAG_ERROR, &place, NULL,
		    "the policy has more than %d rules", POLICY_RULES_MAX);
		lexer_stop(&p->lex);
		free(name);
		return -1;
	}
	policy->rules = grow(policy->rules, policy->rule_count, sizeof(*r));
	r = &policy->rules[policy->rule_count++];
	memset(r, 0, sizeof(*r));
	r->name = name;
	r->place = place;
	r->share = 100;
	return parse_clauses(p, r);
}

int
parse_default(struct parser *p)
{
	struct policy *policy = p->policy;
	const struct clause *c;
	struct place place = p->tok.place;

	c = find_clause(&p->tok);
	if (c == NULL || c->kind != CLAUSE_ACTION || c->action == ACTION_NOTE)
		return parser_expected(p, "an action",
		    "one of accept, reject, tempfail, disconnect");
	if (policy->has_default) {
		diag_add(p->diags, DIAG_ERROR, &place, NULL,
		    "the default was given already, in line %u of \"%s\"",
		    policy->fallback.place.line, policy->fallback.place.file);
		return -1;
	}
	policy->has_default = true;
	policy->fallback.place = place;
	parser_next(p);
	if (c->parse(p, &policy->fallback, c) == -1)
		return -1;
	return parser_end(p);
}
