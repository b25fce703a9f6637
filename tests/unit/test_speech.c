/*
 * SMTP, IMAP and POP3 with a server that is a list of lines: what each verb
 * makes of them, and of a connection that fails at any step.  The linker puts
 * the two functions below in the place of the wire's.
 */
/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "speech.h"

static const char *script;	/* what the server says, lines with \n */
static int steps;		/* lines and commands that still go well */
static char heard[512];		/* the commands it got */

int __wrap_wire_line(struct wire *, char [LINE_SIZE]);
int __wrap_wire_puts(struct wire *, const char *);

/* A script that ends closes the connection; one that ends in "~" goes on so. */
int
__wrap_wire_line(struct wire *w, char line[LINE_SIZE])
{
	size_t len = strcspn(script, "\n");

	if (steps-- <= 0 || *script == '\0')
		return net_fail(&w->net, "closed the connection");
	snprintf(line, LINE_SIZE, "%.*s", (int)len, script);
	if (strcmp(script + len, "\n~") != 0)
		script += len + (script[len] == '\n');
	return (int)strlen(line);
}

int
__wrap_wire_puts(struct wire *w, const char *text)
{
	if (steps-- <= 0)
		return net_fail(&w->net, "closed the connection");
	strncat(heard, text, sizeof(heard) - strlen(heard) - 1);
	return 0;
}

enum verb { GREETING, OFFER, STARTTLS, AUTH, MAIL, ANSWERED };

struct told {
	struct offer	 offer;
	enum answer	 answer;
	char		 said[SAID_SIZE];
	const char	*fault;
};

static int
ask(const struct speech *s, enum verb verb, const char *lines, int good, struct told *t)
{
	static struct wire w;
	int result = -2;

	memset(&w, 0, sizeof(w));
	memset(t, 0, sizeof(*t));
	script = lines;
	steps = good;
	heard[0] = '\0';
	switch (verb) {
	case GREETING:
		result = s->greeting(&w, t->said);
		break;
	case OFFER:
		result = s->offer(&w, &t->offer);
		break;
	case STARTTLS:
		result = s->starttls(&w, "");
		break;
	case AUTH:
		result = s->auth(&w, &t->answer, t->said);
		break;
	case MAIL:
		result = s->mail(&w, &t->answer, t->said);
		break;
	case ANSWERED:
		result = s->answered(&w, &t->answer);
		break;
	}
	t->fault = w.net.fault;
	return result;
}

#define NOT_IMAP	"does not speak IMAP"
#define NOT_POP3	"does not speak POP3"
#define NOT_SMTP	"does not speak SMTP"
#define LONG		"sent a reply of more than 200 lines"
#define SMTP		&smtp_speech
#define IMAP		&imap_speech
#define POP3		&pop3_speech

static const struct row {
	const struct speech *speech;
	enum verb	 verb;
	const char	*lines;
	int		 result;
	enum answer	 answer;
	const char	*fault;
} rows[] = {
	{ SMTP, GREETING, "220-a\n220 b", 0, ANSWER_NONE, NULL },
	{ SMTP, GREETING, "554 no", 1, ANSWER_NONE, NULL },
	{ SMTP, GREETING, "SSH-2.0", -1, ANSWER_NONE, NOT_SMTP },
	{ SMTP, GREETING, "2x0 a", -1, ANSWER_NONE, NOT_SMTP },
	{ SMTP, GREETING, "22x a", -1, ANSWER_NONE, NOT_SMTP },
	{ SMTP, GREETING, "220a", -1, ANSWER_NONE, NOT_SMTP },
	{ SMTP, GREETING, "220", 0, ANSWER_NONE, NULL },
	{ SMTP, GREETING, "220-a\n~", -1, ANSWER_NONE, LONG },
	{ SMTP, OFFER, "250-mx\n250-STARTTLS\n250-AUTH PLAIN\n250 STARTTLSX", 0, ANSWER_NONE,
	    NULL },
	{ SMTP, OFFER, "502 no", 1, ANSWER_NONE, NULL },
	{ SMTP, STARTTLS, "220 go", 0, ANSWER_NONE, NULL },
	{ SMTP, STARTTLS, "454 no", 1, ANSWER_NONE, NULL },
	{ SMTP, AUTH, "334 \n501 cancelled", 0, ANSWER_YES, NULL },
	{ SMTP, AUTH, "530 no", 0, ANSWER_NO, NULL },
	{ SMTP, MAIL, "250 ok\n250 ok", 0, ANSWER_YES, NULL },
	{ SMTP, MAIL, "530 no\n250 ok", 0, ANSWER_NO, NULL },
	{ SMTP, ANSWERED, "221 bye", 0, ANSWER_NO, NULL },
	{ SMTP, ANSWERED, "250 ok", 0, ANSWER_YES, NULL },
	{ IMAP, GREETING, "* OK hi", 0, ANSWER_NONE, NULL },
	{ IMAP, GREETING, "* BYE", 1, ANSWER_NONE, NULL },
	{ IMAP, GREETING, "220 a", -1, ANSWER_NONE, NOT_IMAP },
	{ IMAP, OFFER, "* CAPABILITY IMAP4 STARTTLS AUTH= AUTH=PLAIN STARTTLSX "
	    "LOGINDISABLEDX\na1 OK", 0, ANSWER_NONE, NULL },
	{ IMAP, OFFER, "* FLORP\na1 BAD", 1, ANSWER_NONE, NULL },
	{ IMAP, OFFER, "+\n", 1, ANSWER_NONE, NULL },
	{ IMAP, OFFER, "+x", -1, ANSWER_NONE, NOT_IMAP },
	{ IMAP, OFFER, "a1OK", -1, ANSWER_NONE, NOT_IMAP },
	{ IMAP, OFFER, "* a\n~", -1, ANSWER_NONE, LONG },
	{ IMAP, STARTTLS, "* a\na2 OK", 0, ANSWER_NONE, NULL },
	{ IMAP, STARTTLS, "a2 NO", 1, ANSWER_NONE, NULL },
	{ IMAP, STARTTLS, "+ ", 1, ANSWER_NONE, NULL },
	{ IMAP, AUTH, "+ \na3 BAD", 0, ANSWER_YES, NULL },
	{ IMAP, AUTH, "a3 NO", 0, ANSWER_NO, NULL },
	{ IMAP, ANSWERED, "* BYE\na9 OK", 0, ANSWER_YES, NULL },
	{ IMAP, ANSWERED, "* BYE\na4 OK", 0, ANSWER_NO, NULL },
	{ IMAP, ANSWERED, "* BYE\n~", -1, ANSWER_NONE, NOT_IMAP },
	{ POP3, GREETING, "+OK hi", 0, ANSWER_NONE, NULL },
	{ POP3, GREETING, "-ERR no", 1, ANSWER_NONE, NULL },
	{ POP3, GREETING, "+ ", -1, ANSWER_NONE, NOT_POP3 },
	{ POP3, GREETING, "+x", -1, ANSWER_NONE, NOT_POP3 },
	{ POP3, OFFER, "+OK\nSTLS\nUSER\nSASL PLAIN\nXLIS\n.", 0, ANSWER_NONE, NULL },
	{ POP3, OFFER, "-ERR", 1, ANSWER_NONE, NULL },
	{ POP3, OFFER, "+", 1, ANSWER_NONE, NULL },
	{ POP3, OFFER, "+OK\n~", -1, ANSWER_NONE, LONG },
	{ POP3, STARTTLS, "+OK", 0, ANSWER_NONE, NULL },
	{ POP3, STARTTLS, "-ERR", 1, ANSWER_NONE, NULL },
	{ POP3, STARTTLS, "+", 1, ANSWER_NONE, NULL },
	{ POP3, AUTH, "+ \n-ERR", 0, ANSWER_YES, NULL },
	{ POP3, AUTH, "-ERR", 0, ANSWER_NO, NULL },
	{ POP3, ANSWERED, "-ERR", 0, ANSWER_YES, NULL },
	{ POP3, ANSWERED, "+OK\nSTLS", 0, ANSWER_YES, NULL },
	{ POP3, ANSWERED, "+OK\n\n", 0, ANSWER_NO, NULL },
	{ POP3, ANSWERED, "+OK", 0, ANSWER_NO, NULL },
};

static void
check(const struct row *row)
{
	struct told t;
	int result = ask(row->speech, row->verb, row->lines, 1000, &t);
	const char *fault = t.fault != NULL ? t.fault : "";

	if (result != row->result || t.answer != row->answer ||
	    strcmp(fault, row->fault != NULL ? row->fault : "") != 0)
		fail_msg("verb %d, \"%s\": %d, answer %d, %s", row->verb, row->lines,
		    result, t.answer, fault);
	/* no verb sends a name or a password */
	assert_null(strstr(heard, "@"));
}

static void
test_verbs(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

/*
 * Cut off after any number of steps, a verb that would have succeeded fails:
 * nothing is taken for an answer that was none.
 */
static void
test_cut_off(void **state)
{
	struct told t;
	size_t i;
	int n, needed, result;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].result == -1)
			continue;
		ask(rows[i].speech, rows[i].verb, rows[i].lines, 1000, &t);
		needed = 1000 - steps;
		/* that POP3's server closes behind its last word is expected */
		if (rows[i].speech == POP3 && rows[i].verb == ANSWERED)
			needed = 2;
		for (n = 0; n < needed; n++) {
			result = ask(rows[i].speech, rows[i].verb, rows[i].lines, n, &t);
			if (result != -1 || t.fault == NULL)
				fail_msg("verb %d, \"%s\" cut off after %d: %d",
				    rows[i].verb, rows[i].lines, n, result);
		}
	}
}

static void
test_offers(void **state)
{
	struct told t;

	(void)state;
	ask(SMTP, OFFER, "250-mx.example.org hello\n250-STARTTLS\n250-AUTH SCRAM-SHA-256\n"
	    "250-AUTHX PLAIN\n250 SIZE", 1000, &t);
	assert_true(t.offer.known && t.offer.starttls && t.offer.login);
	assert_false(t.offer.readable);
	assert_string_equal(t.offer.mechanisms, "SCRAM-SHA-256");
	assert_string_equal(t.offer.name, "mx.example.org");
	ask(IMAP, OFFER, "* CAPABILITY IMAP4 LOGINDISABLED AUTH=SCRAM-SHA-256 AUTH=\na1 OK",
	    1000, &t);
	assert_true(t.offer.known && t.offer.locked && t.offer.login);
	assert_false(t.offer.readable || t.offer.starttls);
	assert_string_equal(t.offer.mechanisms, "SCRAM-SHA-256");
	/* what is not locked is there without being named */
	ask(IMAP, OFFER, "* CAPABILITY IMAP4 AUTH=PLAIN\na1 OK", 1000, &t);
	assert_string_equal(t.offer.mechanisms, "PLAIN LOGIN");
	ask(IMAP, OFFER, "* CAPABILITY IMAP4 AUTH=LOGIN\na1 OK", 1000, &t);
	assert_string_equal(t.offer.mechanisms, "LOGIN");
	assert_true(t.offer.readable);
	/* as long as STARTTLS and LOGINDISABLED, and neither */
	ask(IMAP, OFFER, "* CAPABILITY CHILDREN IMAP4REV1 AUTH=CRAM-MD5\na1 OK", 1000, &t);
	assert_false(t.offer.starttls || t.offer.locked);
	assert_string_equal(t.offer.mechanisms, "CRAM-MD5 LOGIN");
	ask(POP3, OFFER, "+OK\nSTLSX\nUSER\nSASL  SCRAM-SHA-1\tPLAIN \n.", 1000, &t);
	assert_false(t.offer.starttls);
	assert_string_equal(t.offer.mechanisms, "USER SCRAM-SHA-1 PLAIN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_offers),
	};

	return cmocka_run_group_tests_name("speech", tests, NULL, NULL);
}
