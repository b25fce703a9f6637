/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "join.h"
#include "reader.h"
/* tests */
#include "mta_lines.h"
#include "mutate.h"

#define LINES		DRAWS(1000000)
#define SECONDS_MAX	120	/* of CPU; a second or two without sanitizers */

/* Lines as the servers wrote them; what is sent of them is damaged. */
static const char *const corpus[] = {
	"postfix/smtpd[7]: connect from unknown[198.18.0.16]",
	"postfix/smtpd[7]: E91C47A6: client=unknown[198.18.0.16]",
	"postfix/submission/smtpd[8]: 971C67E4: client=unknown[198.18.0.88], "
	"sasl_method=PLAIN, sasl_username=ann@example.com, sasl_sender=<foo>",
	"postfix/cleanup[9]: E91C47A6: message-id=<a@b>",
	"postfix/cleanup[9]: E91C47A6: milter-reject: END-OF-MESSAGE from unknown[192.0.2.7]: "
	"5.7.1 Command rejected; from=<a@example.net> to=<c@example.com> proto=ESMTP helo=<mx>",
	"postfix/cleanup[9]: 971C67E4: reject: header Subject: x from unknown[198.18.0.24]; "
	"from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mx>: 5.7.1 no such words",
	"postfix/qmgr[3]: E91C47A6: from=<a@example.net>, size=240, nrcpt=1 (queue active)",
	"postfix/qmgr[3]: 971C67E4: from=<\"a, b\"@example.net>, size=2, nrcpt=1 (queue active)",
	"postfix/smtpd[7]: Anonymous TLS connection established from unknown[198.18.0.16]: "
	"TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519",
	"postfix/smtpd[7]: NOQUEUE: reject: RCPT from unknown[198.18.0.16]: 554 5.7.1 "
	"<a@elsewhere.example>: Relay access denied; from=<a@example.net> "
	"to=<a@elsewhere.example> proto=ESMTP helo=<mx>",
	"postfix/smtpd[7]: NOQUEUE: milter-reject: MAIL from unknown[198.18.0.16]: 530 5.7.0 "
	"Encryption required; from=<a@example.net> proto=ESMTP helo=<mx> sasl_username=<ann>",
	"postfix/smtpd[7]: NOQUEUE: milter-reject: EHLO from unknown[198.18.0.16]: 554 5.7.0 "
	"TLS 1.2 or later required, you used TLSv1.; proto=ESMTP helo=<mx>",
	"postfix/smtpd[7]: warning: unknown[198.18.0.16]: SASL LOGIN authentication failed: x",
	"postfix/smtpd[7]: SSL_accept error from unknown[198.18.0.16]: -1",
	"postfix/smtpd[7]: lost connection after DATA (5 bytes) from unknown[198.18.0.16]",
	"postfix/smtpd[7]: disconnect from unknown[198.18.0.16] ehlo=2 starttls=1 auth=0/1 "
	"mail=1 rcpt=1/2 data=1 quit=1 commands=7/9",
	"postfix/tlsproxy[5]: TLS handshake failed for service=smtpd peer=[198.18.9.11]:60411",
	"postfix/postscreen[6]: PASS OLD [198.18.9.10]:46241",
	"sendmail[1]: NOQUEUE: connect from client.example.net [198.51.100.7]",
	"sendmail[1]: STARTTLS=server, relay=[198.18.0.91], version=TLSv1, verify=NO, "
	"cipher=ECDHE-RSA-AES256-SHA, bits=256/256",
	"sendmail[1]: STARTTLS=server, cert-subject=/CN=x, cert-issuer=/CN=y, verifymsg=ok",
	"sendmail[1]: STARTTLS=server, error: accept failed=-1, reason=x, relay=[198.18.0.91]",
	"sendmail[1]: AUTH=server, relay=[198.18.0.91], authid=ann, mech=PLAIN, bits=0",
	"sendmail[1]: 6AL2Q1: from=<a@example.net>, size=23, class=0, nrcpts=1, msgid=<a@b>, "
	"proto=ESMTPSA, daemon=MTA-v4, relay=[198.18.0.91]",
	"sendmail[1]: 6AL2Q2: from=<\\303\\244@example.net>, size=0, class=0, nrcpts=0, "
	"proto=ESMTP, daemon=MSA, relay=[198.18.0.91]",
	"sendmail[1]: 6AL2Q1: to=<b@example.com>, delay=00:00:00, stat=queued",
	"sendmail[1]: 6AL2Q2: ruleset=check_rcpt, arg1=<a@b>, relay=[198.18.0.91], reject=550 "
	"5.7.1 <a@b>... Relaying denied",
	"sendmail[1]: 6AL2Q2: Milter: from=<a@example.net>, reject=530 5.7.0 TLS required",
	"sendmail[1]: 6AL2Q2: Milter: helo=mx, reject=554 5.7.0 TLS required",
	"sendmail[1]: 6AL2Q2: AUTH failure (PLAIN): no, user=ann, relay=[198.18.0.91]",
	"sendmail[1]: 6AL2Q2: lost input channel from [198.18.0.91] to MTA-v4 after mail",
	"sendmail[1]: 6AL2Q2: rejecting server EHLO from [198.18.0.91] due to traffic",
	"sendmail[1]: 6AL2Q3: [198.18.0.91] did not issue MAIL/EXPN/VRFY/ETRN during "
	"connection to MSA-v4",
};

#define CORPUS	(sizeof(corpus) / sizeof(corpus[0]))

/* One session of each server, a step at a time among all that. */
static const char *const honest[] = {
	"postfix/smtpd[7]: connect from unknown[192.0.2.7]",
	"postfix/smtpd[7]: Anonymous TLS connection established from unknown[192.0.2.7]: "
	"TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)",
	"postfix/smtpd[7]: E91C47A6: client=unknown[192.0.2.7]",
	"postfix/qmgr[3]: E91C47A6: from=<a@example.net>, size=240, nrcpt=1 (queue active)",
	"postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=2 starttls=1 mail=1 rcpt=1 "
	"data=1 quit=1 commands=7",
	"sendmail[1]: STARTTLS=server, relay=[192.0.2.8], version=TLSv1, verify=NO, "
	"cipher=ECDHE-RSA-AES256-SHA, bits=256/256",
	"sendmail[1]: A1: from=<b@example.net>, size=23, class=0, nrcpts=1, msgid=<a@b>, "
	"proto=ESMTPS, daemon=MTA-v4, relay=[192.0.2.8]",
	"sendmail[1]: A1: to=<b@example.com>, delay=00:00:00, stat=queued",
	"sendmail[2]: A2: [192.0.2.9] did not issue MAIL/EXPN/VRFY/ETRN during connection to MSA",
};

#define HONEST	(sizeof(honest) / sizeof(honest[0]))

static const char honest_told[] =
    "message mx 192.0.2.7 - TLSv1.2 encrypted - - a@example.net E91C47A6 eom ?\n"
    "message mx 192.0.2.8 - TLSv1 deprecated - - b@example.net A1 eom ?\n"
    "session submission 192.0.2.9 - - abandoned - - ? ? close ?\n";

struct readers {
	struct told	 told;
	struct postfix	*postfix;
	struct sendmail	*sendmail;
};

static void
begin(struct readers *r)
{
	r->told = (struct told){ .now = BEGIN, .host = "honest" };
	r->postfix = postfix_new(NULL, 0, hear, &r->told);
	r->sendmail = sendmail_new(NULL, 0, hear, &r->told);
}

static void
finish(struct readers *r)
{
	postfix_end(r->postfix);
	sendmail_end(r->sendmail);
	postfix_free(r->postfix);
	sendmail_free(r->sendmail);
	buf_free(&r->told.text);
}

static void
take(struct readers *r, const struct line *l)
{
	if (!postfix_line(r->postfix, l))
		sendmail_line(r->sendmail, l);
}

static void
say(struct readers *r, const char *host, const char *s)
{
	struct line l = line_of(&r->told, host, s, strlen(s));

	take(r, &l);
}

/* The text is damaged, now and then the name or the process of the program. */
static void
say_damaged(struct readers *r, struct chance *c)
{
	static const char *const programs[] = { "postfix/smtpd", "sendmail", "postfix/qmgr",
	    "postfix/cleanup", "postfix-x/submissions/smtpd", "/smtpd", "sm-", "" };
	char text[1024];
	const char *s = corpus[draw(c, CORPUS)], *program;
	struct line l = line_of(&r->told, "evil", s, strlen(s));
	size_t len = l.text.len, times = draw(c, 4);

	memcpy(text, l.text.p, len);
	while (times-- > 0)
		len = mutate(c, text, len, sizeof(text));
	l.text = (struct slice){ text, len };
	if (draw(c, 8) == 0) {
		program = programs[draw(c, sizeof(programs) / sizeof(programs[0]))];
		l.program = (struct slice){ program, strlen(program) };
	}
	if (draw(c, 3) == 0)
		l.pid = (uint32_t)draw(c, 20000);
	take(r, &l);
}

static void
test_damaged(void **state)
{
	struct chance c = { 20261121 };
	clock_t start = clock();
	struct buf wanted = BUF_INIT;
	struct readers r;
	unsigned int i;

	(void)state;
	begin(&r);
	for (i = 0; i < LINES; i++) {
		if (i % 100 == 0)
			say(&r, "honest", honest[i / 100 % HONEST]);
		if (i % 100 == 0 && i / 100 % HONEST == HONEST - 1)
			buf_puts(&wanted, honest_told);
		say_damaged(&r, &c);
		if (i % 1000 == 0)
			r.told.now++;
	}
	/* The last of the honest ones may have been half said. */
	assert_true(strncmp(buf_str(&r.told.text), buf_str(&wanted), wanted.len) == 0);
	assert_true(wanted.len > LINES / 1000 * sizeof(honest_told));
	assert_true(r.told.others > LINES / 100);
	finish(&r);
	buf_free(&wanted);
	assert_true((clock() - start) / CLOCKS_PER_SEC < SECONDS_MAX);
}

/* A beginning of every kind, and 64 KB that make the search for an end long. */
static void
test_long(void **state)
{
	static const char *const fill[] = { "; from=<", "[", "]", "<", ">", "\"", "\\", "\\303",
	    ", relay=", ", reject=", "; ", " ", "=", "a", "1", ", sasl_sender=", ">: ", "\n",
	    "mail=1 ", "mail=999999999 ", "[192.0.2.9]: ", " from x[192.0.2.9]: 554 5.7.0 TLS; " };
	static char text[READER_LINE_MAX];
	clock_t start = clock();
	struct readers r;
	struct line l;
	size_t i, j, at, cut, n;

	(void)state;
	begin(&r);
	for (i = 0; i < CORPUS; i++)
		for (j = 0; j < sizeof(fill) / sizeof(fill[0]); j++) {
			l = line_of(&r.told, "evil", corpus[i], strlen(corpus[i]));
			cut = l.text.len * ((i + j) % 5) / 4;
			memcpy(text, l.text.p, cut);
			n = strlen(fill[j]);
			for (at = cut; at + n <= sizeof(text); at += n)
				memcpy(text + at, fill[j], n);
			l.text = (struct slice){ text, at };
			take(&r, &l);
		}
	memset(text, 0, sizeof(text));
	for (i = 0; i < CORPUS; i++) {
		l = line_of(&r.told, "evil", corpus[i], strlen(corpus[i]));
		l.text = (struct slice){ text, sizeof(text) };
		take(&r, &l);
		l.host = l.program = l.text;
		take(&r, &l);
	}
	for (i = 0; i < HONEST; i++)
		say(&r, "honest", honest[i]);
	assert_string_equal(buf_str(&r.told.text), honest_told);
	finish(&r);
	assert_true((clock() - start) / CLOCKS_PER_SEC < SECONDS_MAX);
}

/* Every line cut at every place, and with a NUL there. */
static void
test_cut(void **state)
{
	struct readers r;
	char text[1024];
	struct line l;
	size_t i, at, len;

	(void)state;
	begin(&r);
	for (i = 0; i < CORPUS; i++) {
		l = line_of(&r.told, "evil", corpus[i], strlen(corpus[i]));
		len = l.text.len;
		memcpy(text, l.text.p, len);
		for (at = 0; at <= len; at++) {
			/* Its end is the end of what may be read. */
			char *exact = malloc(at > 0 ? at : 1);

			assert_non_null(exact);
			memcpy(exact, text, at);
			l.text = (struct slice){ exact, at };
			take(&r, &l);
			if (at > 0)
				exact[at / 2] = '\0';
			take(&r, &l);
			free(exact);
		}
	}
	for (i = 0; i < HONEST; i++)
		say(&r, "honest", honest[i]);
	assert_string_equal(buf_str(&r.told.text), honest_told);
	finish(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("mta_hostile", tests, NULL, NULL);
}
