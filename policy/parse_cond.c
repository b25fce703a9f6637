/*
 * parse_cond.c owns the grammar of conditions; it may not know which value
 * fits which attribute (check_cond.c does).
 *
 *	condition  = conjunction { "or" conjunction }
 *	conjunction = negation { "and" negation }
 *	negation   = "not" negation | "(" condition ")" | comparison
 *	comparison = ATTRIBUTE [ operator value | ["not"] "in" list | "~" regex ]
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "parser.h"

/* The evaluation walks a condition by recursion: both bound its stack. */
#define DEPTH_MAX	100
#define TERMS_MAX	1000

static struct cond	*parse_or(struct parser *);

static const char *
attr_word(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ATTR_COUNT ? attr_info((enum attr)i)->name : NULL;
}

static struct cond *
join(enum cond_kind kind, struct cond *left, struct cond *right)
{
	struct cond *c;

	c = mem_calloc(1, sizeof(*c));
	c->kind = kind;
	c->attr = ATTR_NOTHING;
	c->place = left->place;
	c->left = left;
	c->right = right;
	return c;
}

/* An attribute nobody knows is said so, and its comparison read all the same. */
static enum attr
parse_attr(struct parser *p)
{
	struct buf b = BUF_INIT;
	enum attr attr;

	attr = attr_find(p->tok.text, p->tok.len);
	if (attr == ATTR_NOTHING)
		diag_add(p->diags, DIAG_ERROR, &p->tok.place,
		    parser_suggest(p, &b, attr_word, NULL),
		    "no attribute is named \"%.*s\"",
		    p->tok.len < 64 ? (int)p->tok.len : 64, p->tok.text);
	buf_free(&b);
	parser_next(p);
	return attr;
}

static int
parse_comparand(struct parser *p, struct cond *c)
{
	bool is_none;

	c->value_place = p->tok.place;
	/* a line that begins the next clause is no value */
	if (is_clause(&p->tok) && p->tok.place.line != c->place.line)
		return parser_expected(p, "a value", NULL);
	is_none = token_is(&p->tok, "none");
	c->value.quoted = p->tok.kind == TOKEN_STRING;
	c->value.text = parser_value(p, "a value");
	if (c->value.text == NULL)
		return -1;
	if (is_none && c->kind == COND_EQ)
		c->kind = COND_NONE;
	return 0;
}

static bool
looks_like_name(const struct token *t)
{
	size_t i;

	if (t->kind != TOKEN_WORD || token_is(t, "file") || token_is(t, "ciphers"))
		return false;
	for (i = 0; i < t->len; i++)
		if (strchr(".:/@<", t->text[i]) != NULL)
			return false;
	return t->text[0] < '0' || t->text[0] > '9';
}

/* "in" takes the name of a list, a list, or one network. */
static int
parse_in(struct parser *p, struct cond *c)
{
	struct list *l;

	c->kind = COND_IN;
	c->value_place = p->tok.place;
	if (looks_like_name(&p->tok)) {
		c->list_name = parser_name(p, "a list");
		return c->list_name != NULL ? 0 : -1;
	}
	l = mem_calloc(1, sizeof(*l));
	l->place = p->tok.place;
	l->used = true;
	c->list = l;
	if (p->tok.kind != TOKEN_WORD || token_is(&p->tok, "file") ||
	    token_is(&p->tok, "ciphers"))
		return parse_list_body(p, l);
	if (parse_item(p, &p->tok, l) == -1)
		return -1;
	if (l->items[0].kind != ITEM_NETWORK)
		return parser_expected(p, "a list or a network",
		    "to compare with one value write =");
	parser_next(p);
	return 0;
}

static int
parse_regex(struct parser *p, struct cond *c)
{
	c->kind = COND_MATCH;
	c->value_place = p->tok.place;
	if (p->tok.kind != TOKEN_REGEX)
		return parser_expected(p, "a regular expression",
		    "for example: ~ /^mail[0-9]/i");
	c->pattern_text = token_text(&p->tok);
	c->pattern_nocase = p->tok.nocase;
	parser_next(p);
	return 0;
}

static int
parse_operator(struct parser *p, struct cond *c)
{
	static const struct {
		enum token_kind	 token;
		enum cond_kind	 kind;
		bool		 negated;
	} operators[] = {
		{ TOKEN_EQ, COND_EQ, false },
		{ TOKEN_NE, COND_EQ, true },
		{ TOKEN_LT, COND_LT, false },
		{ TOKEN_LE, COND_LE, false },
		{ TOKEN_GT, COND_GT, false },
		{ TOKEN_GE, COND_GE, false },
		{ TOKEN_MATCH, COND_MATCH, false },
		{ TOKEN_NOMATCH, COND_MATCH, true },
	};
	size_t i;

	c->kind = COND_PRESENT;
	for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (parser_accept_kind(p, operators[i].token)) {
			c->kind = operators[i].kind;
			c->negated = operators[i].negated;
			if (c->kind == COND_MATCH)
				return parse_regex(p, c);
			return parse_comparand(p, c);
		}
	if (parser_accept(p, "not")) {
		c->negated = true;
		if (!parser_accept(p, "in"))
			return parser_expected(p, "\"in\"", NULL);
		return parse_in(p, c);
	}
	if (parser_accept(p, "in"))
		return parse_in(p, c);
	if ((p->tok.kind != TOKEN_WORD && p->tok.kind != TOKEN_STRING) ||
	    token_is(&p->tok, "and") || token_is(&p->tok, "or") || is_clause(&p->tok))
		return 0;
	return parser_expected(p, "an operator (=, !=, <, <=, >, >=, in, not in, ~, !~)",
	    token_is(&p->tok, "is") ? "write =" : NULL);
}

static struct cond *
parse_comparison(struct parser *p)
{
	struct cond *c;

	if (p->tok.kind != TOKEN_WORD || token_is(&p->tok, "and") ||
	    token_is(&p->tok, "or") || token_is(&p->tok, "in") || is_clause(&p->tok)) {
		parser_expected(p, "a condition", NULL);
		return NULL;
	}
	if (++p->terms > TERMS_MAX) {
		diag_add(p->diags, DIAG_ERROR, &p->tok.place,
		    "put the values into a list", "the condition has more than %d "
		    "comparisons", TERMS_MAX);
		return NULL;
	}
	c = mem_calloc(1, sizeof(*c));
	c->place = p->tok.place;
	c->attr = parse_attr(p);
	if (parse_operator(p, c) == 0)
		return c;
	cond_free(c);
	return NULL;
}

static struct cond *
parse_negation(struct parser *p)
{
	struct place place = p->tok.place;
	struct cond *c = NULL;

	if (p->depth >= DEPTH_MAX) {
		diag_add(p->diags, DIAG_ERROR, &place, NULL,
		    "the condition is nested more than %d deep", DEPTH_MAX);
		return NULL;
	}
	p->depth++;
	if (parser_accept(p, "not")) {
		c = parse_negation(p);
		if (c != NULL) {
			c = join(COND_NOT, c, NULL);
			c->place = place;
		}
	} else if (parser_accept_kind(p, TOKEN_OPEN)) {
		c = parse_or(p);
		if (c != NULL && !parser_accept_kind(p, TOKEN_CLOSE)) {
			parser_expected(p, "\")\"", NULL);
			cond_free(c);
			c = NULL;
		}
	} else
		c = parse_comparison(p);
	p->depth--;
	return c;
}

static struct cond *
parse_chain(struct parser *p, enum cond_kind kind, const char *word,
    struct cond *(*part)(struct parser *))
{
	struct cond *left, *right;

	left = part(p);
	while (left != NULL && parser_accept(p, word)) {
		right = part(p);
		if (right == NULL) {
			cond_free(left);
			return NULL;
		}
		left = join(kind, left, right);
	}
	return left;
}

static struct cond *
parse_and(struct parser *p)
{
	return parse_chain(p, COND_AND, "and", parse_negation);
}

static struct cond *
parse_or(struct parser *p)
{
	return parse_chain(p, COND_OR, "or", parse_and);
}

struct cond *
parse_cond(struct parser *p)
{
	p->depth = 0;
	p->terms = 0;
	return parse_or(p);
}
