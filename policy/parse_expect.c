/*
 * parse_expect.c owns the grammar of expectations; it may not know how they
 * are tried (expect.c does).
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "parser.h"

static const char *
fact_word(const void *ctx, size_t i)
{
	(void)ctx;
	if (i < ATTR_COUNT)
		return attr_info((enum attr)i)->name;
	return i == ATTR_COUNT ? "date" : NULL;
}

/* The date of the session is given like a fact: ATTR_NOTHING. */
static int
parse_given(struct parser *p, struct expect *e)
{
	struct buf b = BUF_INIT;
	struct given g = { .place = p->tok.place };
	struct token value;
	day_t day;

	g.attr = p->tok.kind == TOKEN_WORD ?
	    attr_find(p->tok.text, p->tok.len) : ATTR_NOTHING;
	if (g.attr == ATTR_NOTHING && !token_is(&p->tok, "date")) {
		if (p->tok.kind == TOKEN_WORD)
			diag_add(p->diags, DIAG_ERROR, &p->tok.place,
			    parser_suggest(p, &b, fact_word, NULL),
			    "no attribute is named \"%.*s\"",
			    p->tok.len < 64 ? (int)p->tok.len : 64, p->tok.text);
		else
			parser_expected(p, "an attribute", NULL);
		buf_free(&b);
		return -1;
	}
	parser_next(p);
	if (!parser_accept_kind(p, TOKEN_EQ))
		return parser_expected(p, "\"=\"", "facts are given as tls=TLSv1.2");
	value = p->tok;
	if (g.attr == ATTR_NOTHING) {
		if (parser_day(p, &day) == -1)
			return -1;
	} else if (value.kind == TOKEN_WORD || value.kind == TOKEN_STRING)
		parser_next(p);
	else
		return parser_expected(p, "a value", NULL);
	g.text = token_text(&value);
	g.none = token_is(&value, "none");
	g.place.width = value.place.line == g.place.line ?
	    value.place.column + value.place.width - g.place.column : g.place.width;
	e->given = grow(e->given, e->count, sizeof(*e->given));
	e->given[e->count++] = g;
	return 0;
}

static int
parse_parts(struct parser *p, struct expect *e)
{
	if (parser_accept(p, "undecided"))
		e->undecided = true;
	else if (action_find(&p->tok, &e->action) == 0 && e->action != ACTION_NOTE)
		parser_next(p);
	else
		return parser_expected(p,
		    "accept, reject, tempfail, disconnect or undecided", NULL);
	if (parser_accept(p, "by")) {
		e->rule_place = p->tok.place;
		e->rule = parser_name(p, "the name of a rule");
		if (e->rule == NULL)
			return -1;
	}
	if (!parser_accept(p, "when"))
		return p->tok.kind == TOKEN_END ? 0 : parser_expected(p,
		    e->rule != NULL ? "\"when\"" : "\"by\" or \"when\"", NULL);
	do {
		if (parse_given(p, e) == -1)
			return -1;
	} while (p->tok.kind != TOKEN_END);
	return 0;
}

int
parse_expect(struct parser *p)
{
	struct policy *policy = p->policy;
	struct expect e = { .place = p->tok.place };

	if (policy->expect_count >= POLICY_RULES_MAX) {
		diag_add(p->diags, DIAG_ERROR, &e.place, NULL,
		    "the policy has more than %d expectations", POLICY_RULES_MAX);
		lexer_stop(&p->lex);
		return -1;
	}
	if (parse_parts(p, &e) == -1) {
		expect_clear(&e);
		return -1;
	}
	policy->expects = grow(policy->expects, policy->expect_count, sizeof(e));
	policy->expects[policy->expect_count++] = e;
	return 0;
}
