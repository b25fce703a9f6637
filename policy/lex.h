/*
 * lex.h: from the bytes of a policy file to tokens.
 *
 * A statement begins with the first byte of a line; indented lines, and lines
 * that begin with a closing brace or parenthesis, continue it.  Blank lines
 * and comments do not end it.  In a list file (by_line) each line stands alone.
 *
 * What is wrong with the bytes themselves is reported here, once, and comes
 * out as TOKEN_BAD, about which the parser is silent.
 */
#ifndef TLSWARDEN_LEX_H
#define TLSWARDEN_LEX_H

#include "diag.h"

#include <stdbool.h>
#include <stddef.h>

#define LEX_LINE_MAX	4096	/* bytes of a line */
#define LEX_WORD_MAX	1024	/* bytes of a word or quoted string */

enum token_kind {
	TOKEN_END,		/* of the statement */
	TOKEN_BAD,		/* reported already */
	TOKEN_WORD,
	TOKEN_STRING,		/* in double quotes */
	TOKEN_REGEX,		/* between slashes, after ~ or !~ */
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_MATCH,
	TOKEN_NOMATCH,
	TOKEN_OPEN,		/* ( */
	TOKEN_CLOSE,
	TOKEN_BRACE,		/* { */
	TOKEN_UNBRACE,
	TOKEN_COMMA
};

struct token {
	enum token_kind	 kind;
	const char	*text;		/* lent; inside quotes or slashes, as written */
	size_t		 len;
	bool		 nocase;	/* REGEX: flag i */
	struct place	 place;		/* END: right behind the last token */
};

struct source;

struct lexer {
	const struct source *source;
	struct diags	*diags;
	bool		 by_line;
	/* private */
	const char	*line;		/* the current one; NULL: before the first */
	const char	*end;		/* of it */
	const char	*at;
	const char	*next;		/* the line after it */
	unsigned int	 number;
	unsigned int	 bad_lines;
	bool		 line_bad;
	enum token_kind	 last;
	struct place	 last_place;
};

void	 lexer_init(struct lexer *, const struct source *, struct diags *);
/* Go to the next statement, from wherever; false at the end of the file. */
bool	 lexer_statement(struct lexer *);
void	 lexer_next(struct lexer *, struct token *);
/* Drop what is left of the line; the statement goes on. */
void	 lexer_skip_line(struct lexer *);
/* Read no further statement. */
void	 lexer_stop(struct lexer *);

/* The caller's copy of a token's text, without escapes. */
char	*token_text(const struct token *);
/*
 * The place of byte `offset' of such a text, of a quoted string or of a
 * regular expression, that stands at `place'.
 */
struct place lex_within(const struct place *, const char *text, size_t offset,
	    bool regex);
bool	 token_is(const struct token *, const char *word);
/* Can the text stand as a word, without quotes? */
bool	 lex_is_word(const char *);

#endif
