/*
 * lex.c owns the reading of bytes: lines, encoding, words, quotes, operators.
 * It may not know what a policy is.
 */
/* libc */
#include <string.h>
/* this project */
#include "lex.h"
#include "mem.h"
#include "source.h"

#define BAD_LINES_MAX	20	/* then it is no text at all */
#define BYTE_ORDER_MARK	"\xef\xbb\xbf"

static const char word_marks[] = "_.:/@+*%-";

void
lexer_init(struct lexer *lx, const struct source *source, struct diags *diags)
{
	memset(lx, 0, sizeof(*lx));
	lx->source = source;
	lx->diags = diags;
	lx->next = source->text;
	if (strncmp(lx->next, BYTE_ORDER_MARK, 3) == 0)
		lx->next += 3;
	lx->last = TOKEN_END;
}

static struct place
place_at(const struct lexer *lx, const char *p, size_t width)
{
	struct place place = {
		.file = lx->source->path,
		.line_text = lx->line,
		.from = lx->source->included ? &lx->source->from : NULL,
		.line = lx->number,
		.column = (unsigned int)(p - lx->line) + 1,
		.width = (unsigned int)width
	};

	return place;
}

/* Bytes of the UTF-8 character at p (RFC 3629), or 0 when it is none. */
static size_t
utf8_length(const unsigned char *p, const unsigned char *end)
{
	size_t n, i;
	unsigned char low = 0x80, high = 0xbf;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		n = 3;
		low = p[0] == 0xe0 ? 0xa0 : 0x80;
		high = p[0] == 0xed ? 0x9f : 0xbf;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		n = 4;
		low = p[0] == 0xf0 ? 0x90 : 0x80;
		high = p[0] == 0xf4 ? 0x8f : 0xbf;
	} else
		return 0;
	if ((size_t)(end - p) < n || p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return n;
}

/* What the bytes of the current line have wrong, or NULL; *where says where. */
static const char *
line_fault(const struct lexer *lx, const char **where)
{
	const char *p;
	size_t n;

	for (p = lx->line; p < lx->end; p += n) {
		*where = p;
		n = utf8_length((const unsigned char *)p, (const unsigned char *)lx->end);
		if (n == 0)
			return "this is not UTF-8";
		if (*p == '\0')
			return "a NUL byte has no place in a policy";
		if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
			return "a control character has no place in a policy";
	}
	*where = lx->line;
	if (lx->end - lx->line > LEX_LINE_MAX)
		return "the line has more than 4096 bytes";
	return NULL;
}

static bool
next_line(struct lexer *lx)
{
	const char *stop = lx->source->text + lx->source->len, *where, *fault, *lf;
	struct place place;

	if (lx->next >= stop)
		return false;
	lx->line = lx->at = lx->next;
	lx->number++;
	lf = memchr(lx->line, '\n', (size_t)(stop - lx->line));
	lx->end = lf != NULL ? lf : stop;
	lx->next = lf != NULL ? lf + 1 : stop;
	if (lx->end > lx->line && lx->end[-1] == '\r')
		lx->end--;
	fault = line_fault(lx, &where);
	lx->line_bad = fault != NULL;
	if (fault == NULL)
		return true;
	place = place_at(lx, where, 1);
	if (++lx->bad_lines < BAD_LINES_MAX)
		diag_add(lx->diags, DIAG_ERROR, &place, NULL, "%s", fault);
	else {
		diag_add(lx->diags, DIAG_ERROR, &place,
		    "is this the right file?", "%s, and so it went on: the rest of the "
		    "file was not read", fault);
		lx->next = stop;
	}
	return true;
}

/* Does the next line belong to the statement of the current one? */
static bool
goes_on(const struct lexer *lx)
{
	if (lx->by_line || lx->next >= lx->source->text + lx->source->len)
		return false;
	return strchr(" \t\r\n#})", *lx->next) != NULL && *lx->next != '\0';
}

static void
skip_blanks(struct lexer *lx)
{
	while (lx->at < lx->end && (*lx->at == ' ' || *lx->at == '\t'))
		lx->at++;
	if (lx->at < lx->end && *lx->at == '#')
		lx->at = lx->end;
}

bool
lexer_statement(struct lexer *lx)
{
	struct place place;

	while (lx->line != NULL && goes_on(lx))
		next_line(lx);
	while (next_line(lx)) {
		lx->last = TOKEN_END;
		skip_blanks(lx);
		if (lx->at == lx->end)
			continue;
		lx->last_place = place_at(lx, lx->at, 0);
		if (lx->at == lx->line || lx->by_line)
			return true;
		place = place_at(lx, lx->at, 1);
		diag_add(lx->diags, DIAG_ERROR, &place,
		    "a statement begins with the first character of its line",
		    "this line continues a statement, but there is none before it");
		while (goes_on(lx))
			next_line(lx);
	}
	return false;
}

void
lexer_skip_line(struct lexer *lx)
{
	lx->at = lx->end;
	lx->last = TOKEN_END;
}

void
lexer_stop(struct lexer *lx)
{
	lx->next = lx->source->text + lx->source->len;
}

static void
bad(struct lexer *lx, struct token *t, size_t width, const char *hint, const char *what)
{
	t->kind = TOKEN_BAD;
	t->place = place_at(lx, lx->at, width);
	/* a line of bad bytes was reported as that */
	if (!lx->line_bad)
		diag_add(lx->diags, DIAG_ERROR, &t->place, hint, "%s", what);
	lx->at += width;
}

static void
take(struct lexer *lx, struct token *t, enum token_kind kind, size_t width)
{
	t->kind = kind;
	t->text = lx->at;
	t->len = width;
	t->place = place_at(lx, lx->at, width);
	lx->at += width;
}

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr(word_marks, c) != NULL);
}

bool
lex_is_word(const char *s)
{
	if (strcmp(s, "<>") == 0)
		return true;
	return *s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/@+*%-")] == '\0';
}

/* Text between two marks, in which a backslash takes the next byte with it. */
static void
lex_enclosed(struct lexer *lx, struct token *t, enum token_kind kind, char mark)
{
	const char *p = lx->at + 1;
	size_t width;

	while (p < lx->end && *p != mark) {
		if (*p == '\\' && kind == TOKEN_STRING && p + 1 < lx->end &&
		    p[1] != '\\' && p[1] != '"') {
			lx->at = p;
			bad(lx, t, 2, "in quotes, only \\\" and \\\\ are known",
			    "unknown escape");
			return;
		}
		p += *p == '\\' && p + 1 < lx->end ? 2 : 1;
	}
	if (p >= lx->end) {
		bad(lx, t, (size_t)(lx->end - lx->at), NULL, kind == TOKEN_STRING ?
		    "the quoted text does not end on this line" :
		    "the regular expression does not end on this line");
		return;
	}
	width = (size_t)(p - lx->at) + 1;
	if (width > LEX_WORD_MAX + 2 && kind == TOKEN_STRING) {
		bad(lx, t, width, NULL, "the text has more than 1024 bytes");
		return;
	}
	t->kind = kind;
	t->text = lx->at + 1;
	t->len = width - 2;
	t->nocase = kind == TOKEN_REGEX && p + 1 < lx->end && p[1] == 'i';
	if (t->nocase)
		width++;
	t->place = place_at(lx, lx->at, width);
	lx->at += width;
	if (kind == TOKEN_REGEX && lx->at < lx->end && is_word_byte(*lx->at))
		bad(lx, t, 1, "the only flag is i, for upper and lower case",
		    "unknown flag of a regular expression");
}

static void
lex_word(struct lexer *lx, struct token *t)
{
	const char *p = lx->at;
	size_t n;

	while (p < lx->end && is_word_byte(*p))
		p++;
	n = (size_t)(p - lx->at);
	if (n > LEX_WORD_MAX)
		bad(lx, t, n, NULL, "the word has more than 1024 bytes");
	else
		take(lx, t, TOKEN_WORD, n);
}

static void
lex_unknown(struct lexer *lx, struct token *t)
{
	static const struct {
		const char	*text;
		const char	*hint;
	} habits[] = {
		{ "==", "write =" },
		{ "=~", "write ~" },
		{ "&&", "write and" },
		{ "||", "write or" },
		{ "!", "write not" },
		{ "'", "write double quotes" },
		{ ";", "a statement ends with its line" },
	};
	const unsigned char *p = (const unsigned char *)lx->at;
	size_t i, n, left = (size_t)(lx->end - lx->at);

	for (i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
		n = strlen(habits[i].text);
		if (n <= left && strncmp(lx->at, habits[i].text, n) == 0) {
			bad(lx, t, n, habits[i].hint, "this means nothing here");
			return;
		}
	}
	n = utf8_length(p, (const unsigned char *)lx->end);
	bad(lx, t, n > 0 ? n : 1, "text with such characters stands in double quotes",
	    "a character that belongs to no word");
}

static bool
lex_operator(struct lexer *lx, struct token *t)
{
	static const struct {
		const char	*text;
		enum token_kind	 kind;
	} operators[] = {	/* longer ones first */
		{ "<>", TOKEN_WORD },
		{ "<=", TOKEN_LE },
		{ ">=", TOKEN_GE },
		{ "!=", TOKEN_NE },
		{ "!~", TOKEN_NOMATCH },
		{ "<", TOKEN_LT },
		{ ">", TOKEN_GT },
		{ "=", TOKEN_EQ },
		{ "~", TOKEN_MATCH },
		{ "(", TOKEN_OPEN },
		{ ")", TOKEN_CLOSE },
		{ "{", TOKEN_BRACE },
		{ "}", TOKEN_UNBRACE },
		{ ",", TOKEN_COMMA },
	};
	size_t i, n, left = (size_t)(lx->end - lx->at);

	if (left >= 2 && lx->at[0] == '=' && (lx->at[1] == '=' || lx->at[1] == '~'))
		return false;
	for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		n = strlen(operators[i].text);
		if (n <= left && strncmp(lx->at, operators[i].text, n) == 0) {
			take(lx, t, operators[i].kind, n);
			return true;
		}
	}
	return false;
}

void
lexer_next(struct lexer *lx, struct token *t)
{
	memset(t, 0, sizeof(*t));
	for (;;) {
		skip_blanks(lx);
		if (lx->at < lx->end)
			break;
		if (!goes_on(lx)) {
			t->kind = TOKEN_END;
			t->place = lx->last_place;
			t->place.column += t->place.width;
			t->place.width = 1;
			return;
		}
		next_line(lx);
	}
	if (*lx->at == '"')
		lex_enclosed(lx, t, TOKEN_STRING, '"');
	else if (*lx->at == '/' &&
	    (lx->last == TOKEN_MATCH || lx->last == TOKEN_NOMATCH))
		lex_enclosed(lx, t, TOKEN_REGEX, '/');
	else if (is_word_byte(*lx->at))
		lex_word(lx, t);
	else if (!lex_operator(lx, t))
		lex_unknown(lx, t);
	lx->last = t->kind;
	lx->last_place = t->place;
}

/*
 * In quotes, a backslash stands before what it makes plain; in a regular
 * expression it belongs to the expression, but before a slash.
 */
char *
token_text(const struct token *t)
{
	struct buf b = BUF_INIT;
	size_t i;

	if (t->kind != TOKEN_STRING && t->kind != TOKEN_REGEX)
		return mem_strndup(t->text != NULL ? t->text : "", t->len);
	for (i = 0; i < t->len; i++) {
		if (t->text[i] == '\\' && i + 1 < t->len) {
			i++;
			if (t->kind == TOKEN_REGEX && t->text[i] != '/')
				buf_putc(&b, '\\');
		}
		buf_putc(&b, t->text[i]);
	}
	return buf_steal(&b);
}

struct place
lex_within(const struct place *place, const char *text, size_t offset, bool regex)
{
	struct place p = *place;
	size_t i;

	/* what needs an escape was written with one */
	p.column += 1;
	for (i = 0; i < offset && text[i] != '\0'; i++)
		p.column += strchr(regex ? "/" : "\"\\", text[i]) != NULL ? 2 : 1;
	p.width = 1;
	return p;
}

bool
token_is(const struct token *t, const char *word)
{
	return t->kind == TOKEN_WORD && t->len == strlen(word) &&
	    memcmp(t->text, word, t->len) == 0;
}
