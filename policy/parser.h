/*
 * parser.h: what the files of the parser share.
 *
 * The parser looks at one token.  A function that meets something wrong says
 * so, once, and returns -1 or NULL; its caller passes that on until somebody
 * knows where to go on: at the next clause of a rule, at the next statement.
 */
#ifndef TLSWARDEN_PARSER_H
#define TLSWARDEN_PARSER_H

#include "lex.h"
#include "rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct parser {
	struct policy	*policy;
	struct diags	*diags;
	const struct source *source;
	struct lexer	 lex;
	struct token	 tok;
	uint32_t	*settings_seen;	/* bits, shared by all files of a policy */
	unsigned int	 depth;		/* of a condition */
	unsigned int	 terms;		/* comparisons of a condition */
};

/* --- parse.c */

void	 parser_next(struct parser *);
/* Is it this word?  If so, go on behind it. */
bool	 parser_accept(struct parser *, const char *word);
bool	 parser_accept_kind(struct parser *, enum token_kind);
/* Say "expected WHAT, found ..."; always -1. */
int	 parser_expected(struct parser *, const char *what, const char *hint);
/* As above when the statement goes on. */
int	 parser_end(struct parser *);
/* A new [a-z][a-z0-9-]*; NULL when it is not. */
char	*parser_name(struct parser *, const char *what);
/* The text of a quoted string; NULL when it is none. */
char	*parser_string(struct parser *, const char *what);
/* The text of a word or quoted string; NULL when it is neither. */
char	*parser_value(struct parser *, const char *what);
/* A number up to max. */
int	 parser_number(struct parser *, uint32_t max, const char *what, uint32_t *);
/* YYYY-MM-DD */
int	 parser_day(struct parser *, day_t *);
/* Room for one more element in an array that grows by doubling. */
void	*grow(void *array, size_t count, size_t size);
/* 'did you mean "..."?' or NULL; lives in buf. */
const char *parser_suggest(struct parser *, struct buf *,
	    const char *(*next)(const void *, size_t), const void *);

/* --- parse_rule.c */

int	 parse_rule(struct parser *);
int	 parse_default(struct parser *);
/* Does the token begin a clause of a rule? */
bool	 is_clause(const struct token *);
/* -1 when it is not the name of an action. */
int	 action_find(const struct token *, enum action *);

/* --- parse_cond.c */

struct cond *parse_cond(struct parser *);

/* --- parse_list.c */

int	 parse_list(struct parser *);
/* What stands behind `list NAME =' or `in'. */
int	 parse_list_body(struct parser *, struct list *);
/* An item told by its text; -1 when the text is none. */
int	 parse_item(struct parser *, const struct token *, struct list *);

/* --- settings.c */

int	 parse_set(struct parser *);

/* --- parse_expect.c */

int	 parse_expect(struct parser *);

#endif
