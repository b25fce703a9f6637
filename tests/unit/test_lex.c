/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "lex.h"
#include "source.h"

struct bench {
	struct source_set *set;
	struct diags	*diags;
	struct lexer	 lex;
};

static void
open_text(struct bench *b, const char *text, size_t len)
{
	struct source *s;

	b->set = source_set_new();
	b->diags = diags_new();
	s = source_text(b->set, "t", text, len, b->diags);
	assert_non_null(s);
	lexer_init(&b->lex, s, b->diags);
}

static void
close_text(struct bench *b)
{
	source_set_free(b->set);
	diags_free(b->diags);
}

/* The next token: kind, text as meant, line and column. */
static void
expect_token(struct bench *b, enum token_kind kind, const char *text,
    unsigned int line, unsigned int column)
{
	struct token t;
	char *s;

	lexer_next(&b->lex, &t);
	assert_int_equal(t.kind, kind);
	if (text != NULL) {
		s = token_text(&t);
		assert_string_equal(s, text);
		free(s);
	}
	assert_int_equal(t.place.line, line);
	assert_int_equal(t.place.column, column);
}

static void
test_statements(void **state)
{
	static const char text[] =
	    "# c\n\nrule a # b\n  if x\n\n# c\n\ty\n}\n)\nrule b\n";
	struct bench b;

	(void)state;
	open_text(&b, text, strlen(text));
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "rule", 3, 1);
	expect_token(&b, TOKEN_WORD, "a", 3, 6);
	expect_token(&b, TOKEN_WORD, "if", 4, 3);
	expect_token(&b, TOKEN_WORD, "x", 4, 6);
	expect_token(&b, TOKEN_WORD, "y", 7, 2);
	expect_token(&b, TOKEN_UNBRACE, NULL, 8, 1);
	expect_token(&b, TOKEN_CLOSE, NULL, 9, 1);
	expect_token(&b, TOKEN_END, NULL, 9, 2);
	expect_token(&b, TOKEN_END, NULL, 9, 2);
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "rule", 10, 1);
	/* from the middle of a statement to the next one */
	assert_false(lexer_statement(&b.lex));
	assert_int_equal(diags_total(b.diags), 0);
	close_text(&b);
}

static void
test_skip(void **state)
{
	static const char text[] = "a b c\n d e\n f\ng h\n i\n";
	struct bench b;

	(void)state;
	open_text(&b, text, strlen(text));
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "a", 1, 1);
	lexer_skip_line(&b.lex);
	expect_token(&b, TOKEN_WORD, "d", 2, 2);
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "g", 4, 1);
	lexer_skip_line(&b.lex);
	lexer_skip_line(&b.lex);
	lexer_stop(&b.lex);
	expect_token(&b, TOKEN_END, NULL, 4, 2);
	assert_false(lexer_statement(&b.lex));
	close_text(&b);
}

static void
test_operators(void **state)
{
	static const char text[] = "a<b<=c<>d>=e>f=g!=h~/i\\/j\\.k/i!~/l/(){},<> 10%\n";
	static const struct {
		enum token_kind	 kind;
		const char	*text;
	} expected[] = {
		{ TOKEN_WORD, "a" }, { TOKEN_LT, "<" }, { TOKEN_WORD, "b" },
		{ TOKEN_LE, "<=" }, { TOKEN_WORD, "c" }, { TOKEN_WORD, "<>" },
		{ TOKEN_WORD, "d" }, { TOKEN_GE, ">=" }, { TOKEN_WORD, "e" },
		{ TOKEN_GT, ">" }, { TOKEN_WORD, "f" }, { TOKEN_EQ, "=" },
		{ TOKEN_WORD, "g" }, { TOKEN_NE, "!=" }, { TOKEN_WORD, "h" },
		{ TOKEN_MATCH, "~" }, { TOKEN_REGEX, "i/j\\.k" },
		{ TOKEN_NOMATCH, "!~" }, { TOKEN_REGEX, "l" }, { TOKEN_OPEN, "(" },
		{ TOKEN_CLOSE, ")" }, { TOKEN_BRACE, "{" }, { TOKEN_UNBRACE, "}" },
		{ TOKEN_COMMA, "," }, { TOKEN_WORD, "<>" }, { TOKEN_WORD, "10%" },
		{ TOKEN_END, NULL },
	};
	struct bench b;
	struct token t;
	size_t i;
	char *s;

	(void)state;
	open_text(&b, text, strlen(text));
	assert_true(lexer_statement(&b.lex));
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		lexer_next(&b.lex, &t);
		assert_int_equal(t.kind, expected[i].kind);
		if (expected[i].text == NULL)
			continue;
		s = token_text(&t);
		assert_string_equal(s, expected[i].text);
		free(s);
		assert_int_equal(t.nocase, i == 16);
	}
	assert_int_equal(diags_total(b.diags), 0);
	close_text(&b);
}

static void
test_quotes(void **state)
{
	static const char text[] = "a \"b # \\\" \\\\ c\"d /e/ \"\" \"\xc3\xa4\"\n";
	struct bench b;
	struct token t;
	struct place p;
	char *s;

	(void)state;
	open_text(&b, text, strlen(text));
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "a", 1, 1);
	lexer_next(&b.lex, &t);
	assert_int_equal(t.kind, TOKEN_STRING);
	s = token_text(&t);
	assert_string_equal(s, "b # \" \\ c");
	/* two bytes stand for the quote, two for the backslash */
	p = lex_within(&t.place, s, strlen(s) - 1, false);
	assert_int_equal(text[p.column - 1], 'c');
	free(s);
	expect_token(&b, TOKEN_WORD, "d", 1, 16);
	expect_token(&b, TOKEN_WORD, "/e/", 1, 18);
	expect_token(&b, TOKEN_STRING, "", 1, 22);
	expect_token(&b, TOKEN_STRING, "\xc3\xa4", 1, 25);
	assert_int_equal(diags_total(b.diags), 0);
	close_text(&b);
}

static void
test_encoding(void **state)
{
	static const char good[] =
	    "\xef\xbb\xbf\x61 \"\xf4\x8f\xbf\xbf\xe2\x82\xac\"\r\n\r\nb\r\n";
	/* overlong, surrogate, too large, alone, cut off */
	static const char *const wrong[] = {
		"a \"\xc0\xaf\"", "a \"\xe0\x80\xaf\"", "a \"\xed\xa0\x80\"",
		"a \"\xf4\x90\x80\x80\"", "a \"\x80\"", "a \"\xc3",
		"a \"\xf5\x80\x80\x80\"",
		"a \x01", "a \x7f", "a \r b"
	};
	struct bench b;
	size_t i;

	(void)state;
	open_text(&b, good, strlen(good));
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "a", 1, 1);
	expect_token(&b, TOKEN_STRING, "\xf4\x8f\xbf\xbf\xe2\x82\xac", 1, 3);
	expect_token(&b, TOKEN_END, NULL, 1, 12);
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "b", 3, 1);
	assert_int_equal(diags_total(b.diags), 0);
	close_text(&b);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		open_text(&b, wrong[i], strlen(wrong[i]));
		assert_true(lexer_statement(&b.lex));
		assert_int_equal(diags_count(b.diags, DIAG_ERROR), 1);
		close_text(&b);
	}
	open_text(&b, "a\0b", 3);
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "a", 1, 1);
	expect_token(&b, TOKEN_BAD, NULL, 1, 2);
	assert_int_equal(diags_count(b.diags, DIAG_ERROR), 1);
	close_text(&b);
}

static void
test_not_a_text(void **state)
{
	struct bench b;
	char noise[4000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(noise); i++)
		noise[i] = i % 4 == 3 ? '\n' : '\xff';
	open_text(&b, noise, sizeof(noise));
	while (lexer_statement(&b.lex))
		continue;
	assert_int_equal(diags_count(b.diags, DIAG_ERROR), 20);
	assert_string_equal(diags_hint(b.diags, 19), "is this the right file?");
	close_text(&b);
}

static void
test_by_line(void **state)
{
	static const char text[] = "a\n  b # c\n\n#\n} d\n";
	struct bench b;

	(void)state;
	open_text(&b, text, strlen(text));
	b.lex.by_line = true;
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "a", 1, 1);
	expect_token(&b, TOKEN_END, NULL, 1, 2);
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_WORD, "b", 2, 3);
	expect_token(&b, TOKEN_END, NULL, 2, 4);
	assert_true(lexer_statement(&b.lex));
	expect_token(&b, TOKEN_UNBRACE, NULL, 5, 1);
	assert_false(lexer_statement(&b.lex));
	close_text(&b);
}

static void
test_words(void **state)
{
	(void)state;
	assert_true(lex_is_word("a.B-1_2:/@+*%"));
	assert_true(lex_is_word("<>"));
	assert_false(lex_is_word(""));
	assert_false(lex_is_word("a b"));
	assert_false(lex_is_word("<a>"));
	assert_false(lex_is_word("a#"));
	assert_false(lex_is_word("\xc3\xa4"));
}

/* Tokens that the lexer does not make: nothing behind their end is read. */
static void
test_token_ends(void **state)
{
	struct token t = { .kind = TOKEN_REGEX, .text = "a\\\\x", .len = 2 };
	struct place p = { .column = 5 };
	char *s;

	(void)state;
	s = token_text(&t);
	assert_string_equal(s, "a\\");
	free(s);
	t.kind = TOKEN_END;
	t.text = NULL;
	t.len = 0;
	s = token_text(&t);
	assert_string_equal(s, "");
	free(s);
	/* behind the quote and three bytes, of which one needs an escape */
	assert_int_equal(lex_within(&p, "a\"b", 3, false).column, 10);
	assert_int_equal(lex_within(&p, "a\"b", 99, false).column, 10);
	assert_int_equal(lex_within(&p, "a/b", 99, true).column, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_encoding),
		cmocka_unit_test(test_not_a_text),
		cmocka_unit_test(test_by_line),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_token_ends),
	};

	return cmocka_run_group_tests_name("lex", tests, NULL, NULL);
}
