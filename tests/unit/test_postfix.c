/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "join.h"
#include "postfix.h"
#include "scan.h"
/* tests */
#include "mta_lines.h"

#define GCM	"TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)"
#define TLS13	"TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange " \
		"X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256"
#define TAIL	"from=<a@example.net> to=<b@elsewhere.example> proto=ESMTP helo=<mx>"

static struct postfix *
begin(struct told *t)
{
	*t = (struct told){ .now = BEGIN };
	return postfix_new(NULL, 0, hear, t);
}

/* Feed lines, each ending in \n; the number that were of use. */
static unsigned int
feed(struct postfix *p, struct told *t, const char *lines)
{
	unsigned int used = 0;
	const char *end;

	for (; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
		struct line l = line_of(t, "mx", lines, (size_t)(end - lines));

		used += postfix_line(p, &l);
	}
	return used;
}

static void
end(struct postfix *p, struct told *t, const char *wanted)
{
	postfix_end(p);
	assert_string_equal(buf_str(&t->text), wanted);
	postfix_free(p);
	buf_free(&t->text);
}

static void
check(const char *lines, const char *wanted)
{
	struct told t;
	struct postfix *p = begin(&t);

	feed(p, &t, lines);
	end(p, &t, wanted);
}

static void
test_message(void **state)
{
	(void)state;
	check("postfix/smtpd[7]: connect from unknown[198.18.0.16]\n"
	    "postfix/smtpd[7]: E91C47A6: client=unknown[198.18.0.16]\n"
	    "postfix/cleanup[8]: E91C47A6: message-id=<>\n"
	    "postfix/qmgr[9]: E91C47A6: from=<a@example.net>, size=240, nrcpt=1 (queue active)\n"
	    "postfix/smtpd[7]: disconnect from unknown[198.18.0.16] ehlo=1 mail=1 rcpt=1 "
	    "data=1 quit=1 commands=5\n"
	    "postfix/qmgr[9]: E91C47A6: removed\n",
	    "message mx 198.18.0.16 - - cleartext - - a@example.net E91C47A6 eom ?\n");
	/* A message in two pieces, and one that was given up after MAIL. */
	check("postfix/smtpd[7]: connect from unknown[198.18.0.16]\n"
	    "postfix/smtpd[7]: E91C47A6: client=unknown[198.18.0.16]\n"
	    "postfix/qmgr[9]: E91C47A6: from=<a@example.net>, size=240, nrcpt=1 (queue active)\n"
	    "postfix/smtpd[7]: disconnect from unknown[198.18.0.16] ehlo=1 mail=2 rcpt=1 "
	    "bdat=2 rset=1 quit=1 commands=8\n",
	    "message mx 198.18.0.16 - - cleartext - - a@example.net E91C47A6 eom ?\n"
	    "message mx 198.18.0.16 - - cleartext - - ? ? abort ?\n");
	/* BDAT that was refused took nothing: its MAIL was given up. */
	check("postfix/smtpd[7]: connect from unknown[198.18.0.16]\n"
	    "postfix/smtpd[7]: disconnect from unknown[198.18.0.16] ehlo=1 mail=1 rcpt=1 "
	    "bdat=0/1 quit=1 commands=4/5\n",
	    "message mx 198.18.0.16 - - cleartext - - ? ? abort ?\n");
	/* The queue manager may come last, and a name may be verified. */
	check("postfix/smtpd[7]: connect from client.example.net[2001:DB8::0:7]\n"
	    "postfix/smtpd[7]: E91C47A6: client=client.example.net[2001:DB8::0:7]\n"
	    "postfix/smtpd[7]: disconnect from client.example.net[2001:DB8::0:7] ehlo=1 "
	    "mail=1 rcpt=1 data=1 quit=1 commands=5\n"
	    "postfix/qmgr[9]: E91C47A6: from=<>, size=240, nrcpt=1 (queue active)\n",
	    "message mx 2001:db8::7 client.example.net - cleartext - - <> E91C47A6 eom ?\n");
}

static void
test_tls(void **state)
{
	static const struct {
		const char	*line;
		const char	*told;
	} rows[] = {
		{ "Anonymous TLS connection established from unknown[192.0.2.7]: " TLS13,
		    "TLSv1.3 encrypted" },
		{ "Anonymous TLS connection established from unknown[192.0.2.7]: " GCM,
		    "TLSv1.2 encrypted" },
		{ "Trusted TLS connection established from unknown[192.0.2.7]: " TLS13
		    " client-signature RSA-PSS (2048 bits) client-digest SHA256",
		    "TLSv1.3 encrypted" },
		{ "Untrusted TLS connection reused from unknown[192.0.2.7] to mx.example.com: "
		    TLS13, "TLSv1.3 encrypted" },
		{ "Verified TLS connection established from unknown[192.0.2.7]: TLSv1.1 with "
		    "cipher ECDHE-RSA-AES256-SHA (256/256 bits)", "TLSv1.1 deprecated" },
		{ "Anonymous TLS connection established from unknown[192.0.2.7]: TLSv1 with "
		    "cipher DES-CBC3-SHA (112/168 bits)", "TLSv1 deprecated" },
		{ "Anonymous TLS connection established from unknown[192.0.2.7]: TLSv1.2 with "
		    "cipher NULL-SHA256 (0/0 bits)", "TLSv1.2 deprecated" },
		/* A version and a cipher that cannot be together. */
		{ "Anonymous TLS connection established from unknown[192.0.2.7]: TLSv1.3 with "
		    "cipher ECDHE-RSA-AES256-SHA (256/256 bits)", "? unknown" },
	};
	char lines[1024], wanted[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(lines, sizeof(lines), "postfix/smtpd[7]: connect from "
		    "unknown[192.0.2.7]\npostfix/smtpd[7]: %s\n"
		    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=2 "
		    "starttls=1 quit=1 commands=4\n", rows[i].line);
		snprintf(wanted, sizeof(wanted), "session mx 192.0.2.7 - %s - - ? ? close ?\n",
		    rows[i].told);
		check(lines, wanted);
	}
}

/* smtpd_tls_loglevel = 0, the default: what is not logged is not "no TLS". */
static void
test_tls_not_logged(void **state)
{
	(void)state;
	check("postfix/smtpd[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: 8135660A: client=unknown[192.0.2.7]\n"
	    "postfix/qmgr[9]: 8135660A: from=<a@example.net>, size=240, nrcpt=1 (queue active)\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=2 starttls=1 mail=1 "
	    "rcpt=1 data=1 quit=1 commands=7\n"
	    "postfix/submissions/smtpd[8]: connect from unknown[192.0.2.8]\n"
	    "postfix/submissions/smtpd[8]: 8E45160C: client=unknown[192.0.2.8], "
	    "sasl_method=PLAIN, sasl_username=ann@example.com\n"
	    "postfix/qmgr[9]: 8E45160C: from=<b@example.net>, size=240, nrcpt=1 (queue active)\n"
	    "postfix/submissions/smtpd[8]: disconnect from unknown[192.0.2.8] ehlo=1 auth=1 "
	    "mail=1 rcpt=1 data=1 quit=1 commands=6\n"
	    "postfix/submission/smtpd[9]: connect from unknown[192.0.2.9]\n"
	    "postfix/submission/smtpd[9]: disconnect from unknown[192.0.2.9] ehlo=1 quit=1 "
	    "commands=2\n"
	    /* It does log TLS, then: on the port of TLS there was none. */
	    "postfix/smtpd[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: Anonymous TLS connection established from unknown[192.0.2.7]: "
	    GCM "\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=2 starttls=1 quit=1 "
	    "commands=4\n"
	    "postfix/submissions/smtpd[8]: connect from unknown[192.0.2.8]\n"
	    "postfix/submissions/smtpd[8]: disconnect from unknown[192.0.2.8] ehlo=1 quit=1 "
	    "commands=2\n",
	    "message mx 192.0.2.7 - ? unknown - - a@example.net 8135660A eom ?\n"
	    "message submissions 192.0.2.8 - ? unknown PLAIN ann@example.com b@example.net "
	    "8E45160C eom ?\n"
	    "session submission 192.0.2.9 - - abandoned - - ? ? close ?\n"
	    "session mx 192.0.2.7 - TLSv1.2 encrypted - - ? ? close ?\n"
	    "session submissions 192.0.2.8 - - abandoned - - ? ? close ?\n");
}

static void
test_login(void **state)
{
	static const struct {
		const char	*login;
		const char	*told;
	} rows[] = {
		{ "sasl_method=PLAIN, sasl_username=ann@example.com", "PLAIN ann@example.com" },
		{ "sasl_method=PLAIN, sasl_username=ann, sasl_sender=<b>", "PLAIN ann" },
		/* Nobody is taken for another by what he says of himself. */
		{ "sasl_method=LOGIN, sasl_username=ann, sasl_sender=x, sasl_username=root",
		    "LOGIN ann" },
		{ "sasl_method=LOGIN, sasl_username=ann, sasl_sender=b, sasl_sender=x",
		    "LOGIN ann" },
		{ "sasl_method=LOGIN, sasl_username=a b, orig_client=x",
		    "LOGIN a b, orig_client=x" },
	};
	char lines[1024], wanted[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(lines, sizeof(lines), "postfix/submission/smtpd[7]: connect from "
		    "unknown[192.0.2.7]\n"
		    "postfix/submission/smtpd[7]: 971C67E4: client=unknown[192.0.2.7], %s\n"
		    "postfix/qmgr[9]: 971C67E4: from=<x@example.net>, size=205, nrcpt=1 "
		    "(queue active)\npostfix/submission/smtpd[7]: disconnect from "
		    "unknown[192.0.2.7] ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6\n",
		    rows[i].login);
		snprintf(wanted, sizeof(wanted), "message submission 192.0.2.7 - - cleartext %s "
		    "x@example.net 971C67E4 eom ? clear=1\n", rows[i].told);
		check(lines, wanted);
	}
}

static void
test_login_failed(void **state)
{
	(void)state;
	/* In the clear, refused, aborted or malformed: each was sent. */
	check("postfix/submission/smtpd[7]: connect from unknown[198.18.0.46]\n"
	    "postfix/submission/smtpd[7]: warning: SASL authentication failure: Password "
	    "verification failed\n"
	    "postfix/submission/smtpd[7]: warning: unknown[198.18.0.46]: SASL PLAIN "
	    "authentication failed: authentication failure, sasl_username=no such, x=y\n"
	    "postfix/submission/smtpd[7]: warning: unknown[198.18.0.46]: SASL LOGIN "
	    "authentication aborted\n"
	    "postfix/submission/smtpd[7]: disconnect from unknown[198.18.0.46] ehlo=1 auth=0/4 "
	    "quit=1 commands=2/6\n",
	    "session submission 198.18.0.46 - - abandoned - - ? ? close ? clear=4 failed=4\n");
	/* One before STARTTLS, one after, one that was right. */
	check("postfix/submission/smtpd[7]: connect from unknown[198.18.0.47]\n"
	    "postfix/submission/smtpd[7]: warning: unknown[198.18.0.47]: SASL PLAIN "
	    "authentication failed: authentication failure\n"
	    "postfix/submission/smtpd[7]: Anonymous TLS connection established from "
	    "unknown[198.18.0.47]: " TLS13 "\n"
	    "postfix/submission/smtpd[7]: warning: unknown[198.18.0.47]: SASL PLAIN "
	    "authentication failed: authentication failure\n"
	    "postfix/submission/smtpd[7]: 2BEE87C2: client=unknown[198.18.0.47], "
	    "sasl_method=PLAIN, sasl_username=ann\n"
	    "postfix/qmgr[9]: 2BEE87C2: from=<a@example.net>, size=2, nrcpt=1 (queue active)\n"
	    "postfix/submission/smtpd[7]: disconnect from unknown[198.18.0.47] ehlo=2 "
	    "starttls=1 auth=1/3 mail=1 rcpt=1 data=1 quit=1 commands=8/10\n",
	    "message submission 198.18.0.47 - TLSv1.3 encrypted PLAIN ann a@example.net "
	    "2BEE87C2 eom ? clear=1 failed=2\n");
}

static void
test_handshake_failed(void **state)
{
	(void)state;
	check("postfix/submission/smtpd[7]: connect from unknown[198.18.0.49]\n"
	    "postfix/submission/smtpd[7]: SSL_accept error from unknown[198.18.0.49]: -1\n"
	    "postfix/submission/smtpd[7]: warning: TLS library problem: error:0A00010B:SSL "
	    "routines::wrong version number:../ssl/record/ssl3_record.c:350:\n"
	    "postfix/submission/smtpd[7]: lost connection after STARTTLS from "
	    "unknown[198.18.0.49]\n"
	    "postfix/submission/smtpd[7]: disconnect from unknown[198.18.0.49] ehlo=1 "
	    "starttls=0/1 commands=1/2\n"
	    "postfix/submissions/smtpd[8]: connect from unknown[198.18.0.52]\n"
	    "postfix/submissions/smtpd[8]: SSL_accept error from unknown[198.18.0.52]: lost "
	    "connection\n"
	    "postfix/submissions/smtpd[8]: lost connection after CONNECT from "
	    "unknown[198.18.0.52]\n"
	    "postfix/submissions/smtpd[8]: disconnect from unknown[198.18.0.52] commands=0/0\n",
	    "session submission 198.18.0.49 - - abandoned - - ? ? close ? handshake\n"
	    "session submissions 198.18.0.52 - - abandoned - - ? ? close ? handshake\n");
}

#define REJECT	"postfix/smtpd[7]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 " \
		"<b@elsewhere.example>: Relay access denied; " TAIL "\n"
#define CONNECT	"postfix/smtpd[7]: connect from unknown[192.0.2.7]\n"

static void
test_refused(void **state)
{
	(void)state;
	/* By a milter that speaks of encryption, which is ours. */
	check(CONNECT "postfix/smtpd[7]: NOQUEUE: milter-reject: MAIL from unknown[192.0.2.7]: "
	    "530 5.7.0 Encryption required: use STARTTLS; from=<a@example.net> proto=ESMTP "
	    "helo=<mx> sasl_username=<ann@example.com>\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 auth=1 mail=0/1 quit=1 "
	    "commands=3/4\n",
	    "message mx 192.0.2.7 - - cleartext ? ann@example.com a@example.net ? mail "
	    "530 5.7.0 ours clear=1\n");
	/* Where the line says how, that is known, too. */
	check(CONNECT "postfix/smtpd[7]: NOQUEUE: milter-reject: MAIL from unknown[192.0.2.7]: "
	    "530 5.7.0 Encryption required: use STARTTLS; from=<a@example.net> proto=ESMTP "
	    "helo=<mx> sasl_method=LOGIN sasl_username=<ann@example.com>\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 auth=1 mail=0/1 quit=1 "
	    "commands=3/4\n",
	    "message mx 192.0.2.7 - - cleartext LOGIN ann@example.com a@example.net ? mail "
	    "530 5.7.0 ours clear=1\n");
	/* A recipient, by ours: what was given up is known. */
	check(CONNECT "postfix/smtpd[7]: NOQUEUE: milter-reject: RCPT from unknown[192.0.2.7]: "
	    "530 5.7.0 Encryption required: use STARTTLS; from=<a@example.net> "
	    "to=<b@example.com> proto=ESMTP helo=<mx>\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1 rcpt=0/1 quit=1 "
	    "commands=3/4\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net ? rcpt 530 5.7.0 ours\n");
	/* By another milter, at once and at the end of the message. */
	check(CONNECT "postfix/smtpd[7]: NOQUEUE: milter-reject: MAIL from unknown[192.0.2.7]: "
	    "550 5.7.1 Command rejected; from=<a@example.net> proto=ESMTP helo=<mx>\n"
	    "postfix/smtpd[7]: E91C47A6: client=unknown[192.0.2.7]\n"
	    "postfix/cleanup[8]: E91C47A6: message-id=<>\n"
	    "postfix/cleanup[8]: E91C47A6: milter-reject: END-OF-MESSAGE from "
	    "unknown[192.0.2.7]: 5.7.1 Command rejected; from=<b@example.net> to=<c@example.com> "
	    "proto=ESMTP helo=<mx>\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1/2 rcpt=1 "
	    "data=0/1 quit=1 commands=4/6\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net ? mail 550 5.7.1 refused\n"
	    "message mx 192.0.2.7 - - cleartext - - b@example.net E91C47A6 eom 5.7.1 refused\n");
	/* For what is in it. */
	check(CONNECT "postfix/smtpd[7]: 8FCD8610: client=unknown[192.0.2.7]\n"
	    "postfix/cleanup[8]: 8FCD8610: reject: header Subject: badword; from=<x> helo=<y> "
	    "from unknown[192.0.2.7]; " TAIL ": 5.7.1 no such words\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1 rcpt=1 data=0/1 "
	    "quit=1 commands=4/5\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net 8FCD8610 eom 5.7.1 refused\n");
	/* At EHLO: the MAIL that comes all the same is no message. */
	check("postfix/submissions/smtpd[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/submissions/smtpd[7]: Anonymous TLS connection established from "
	    "unknown[192.0.2.7]: TLSv1 with cipher ECDHE-RSA-AES256-SHA (256/256 bits)\n"
	    "postfix/submissions/smtpd[7]: NOQUEUE: milter-reject: EHLO from "
	    "unknown[192.0.2.7]: 554 5.7.0 TLS 1.2 or later required, you used TLSv1.; "
	    "proto=SMTP helo=<mx>\n"
	    "postfix/submissions/smtpd[7]: NOQUEUE: milter-reject: MAIL from "
	    "unknown[192.0.2.7]: 554 5.7.0 TLS 1.2 or later required, you used TLSv1.; "
	    "from=<a@example.net> proto=ESMTP helo=<mx>\n"
	    "postfix/submissions/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=0/1 "
	    "quit=1 commands=2/3\n",
	    "session submissions 192.0.2.7 - TLSv1 deprecated - - ? ? helo 554 5.7.0 ours\n");
}

/* How many there were is known only from the last line. */
static void
test_transactions(void **state)
{
	(void)state;
	/* Two recipients of one, refused. */
	check(CONNECT REJECT REJECT
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1 rcpt=0/2 quit=1 "
	    "commands=3/5\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net ? abort 554 5.7.1 refused\n");
	/* One refused, the next one not: one message, given up before DATA. */
	check(CONNECT REJECT "postfix/smtpd[7]: E91C47A6: client=unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1 rcpt=1/2 quit=1 "
	    "commands=3/5\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net E91C47A6 abort ?\n");
	/* The same lines, two transactions. */
	check(CONNECT REJECT "postfix/smtpd[7]: E91C47A6: client=unknown[192.0.2.7]\n"
	    "postfix/qmgr[9]: E91C47A6: from=<c@example.net>, size=2, nrcpt=1 (queue active)\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=2 rcpt=1/2 rset=1 "
	    "data=1 quit=1 commands=6/7\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net ? abort 554 5.7.1 refused\n"
	    "message mx 192.0.2.7 - - cleartext - - c@example.net E91C47A6 eom ?\n");
	/* No line at all. */
	check(CONNECT "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=2 rset=1 "
	    "quit=1 commands=5\n",
	    "message mx 192.0.2.7 - - cleartext - - ? ? abort ?\n"
	    "message mx 192.0.2.7 - - cleartext - - ? ? abort ?\n");
	/* RSET after a queue id, which the queue manager never sees. */
	check(CONNECT "postfix/smtpd[7]: A1: client=unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: A2: client=unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=2 rcpt=2 data=1 "
	    "rset=1 quit=1 commands=8\n"
	    "postfix/qmgr[9]: A2: from=<c@example.net>, size=2, nrcpt=1 (queue active)\n",
	    "message mx 192.0.2.7 - - cleartext - - c@example.net A2 eom ?\n"
	    "message mx 192.0.2.7 - - cleartext - - ? A1 abort ?\n");
	/* A line that counts beyond all measure. */
	{
		struct told t;
		struct postfix *p = begin(&t);

		feed(p, &t, CONNECT "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] "
		    "mail=999999999 commands=999999999\n");
		assert_int_equal(t.entries, 1000);
		postfix_free(p);
		buf_free(&t.text);
	}
}

/* On a central host many machines log, and each is known for what it logs. */
static void
test_hosts(void **state)
{
	struct told t;
	struct postfix *p = begin(&t);
	char name[24];
	int i, known = 0;

	(void)state;
	for (i = 0; i < 1000; i += 2) {
		snprintf(name, sizeof(name), "mx%d", i);
		postfix_host_logs_tls(p, slice_of(name));
	}
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "mx%d", i);
		assert_int_equal(postfix_host_has_tls(p, slice_of(name)), i % 2 == 0);
	}
	/* However many there are, they have their bounds. */
	for (i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "other%d", i);
		postfix_host_logs_tls(p, slice_of(name));
		known += postfix_host_has_tls(p, slice_of(name));
	}
	assert_int_equal(known, 100000);
	end(p, &t, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_tls_not_logged),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_login_failed),
		cmocka_unit_test(test_handshake_failed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_transactions),
		cmocka_unit_test(test_hosts),
	};

	return cmocka_run_group_tests_name("postfix", tests, NULL, NULL);
}
