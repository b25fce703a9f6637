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
#include "sendmail.h"
/* tests */
#include "mta_lines.h"

#define TLS13	"version=TLSv1.3, verify=NO, cipher=TLS_AES_256_GCM_SHA384, bits=256/256"
#define END	", class=0, nrcpts=1, msgid=<m@mx2.example.com>, proto=ESMTP, daemon=MTA-v4, " \
		"relay=[192.0.2.7]\n"

static struct sendmail *
begin(struct told *t)
{
	*t = (struct told){ .now = BEGIN };
	return sendmail_new(NULL, 0, hear, t);
}

static unsigned int
feed(struct sendmail *p, struct told *t, const char *lines)
{
	unsigned int used = 0;
	const char *end;

	for (; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
		struct line l = line_of(t, "mx", lines, (size_t)(end - lines));

		used += sendmail_line(p, &l);
	}
	return used;
}

static void
check_told(struct told *t, const char *wanted)
{
	assert_string_equal(buf_str(&t->text), wanted);
	buf_clear(&t->text);
}

static void
finish(struct sendmail *p, struct told *t, const char *wanted)
{
	sendmail_end(p);
	check_told(t, wanted);
	sendmail_free(p);
	buf_free(&t->text);
}

static void
check(const char *lines, const char *wanted)
{
	struct told t;
	struct sendmail *p = begin(&t);

	feed(p, &t, lines);
	finish(p, &t, wanted);
}

static void
test_message(void **state)
{
	(void)state;
	check("sendmail[1]: A1: from=<a@example.net>, size=23" END
	    "sendmail[1]: A1: to=<b@example.com>, delay=00:00:00, mailer=esmtp, pri=30023, "
	    "stat=queued\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net A1 eom ?\n");
	check("sm-mta[1]: STARTTLS=server, relay=client.example.net [192.0.2.7], " TLS13 "\n"
	    "sm-mta[1]: AUTH=server, relay=client.example.net [192.0.2.7], authid=a+2Bb, "
	    "mech=PLAIN, bits=0\n"
	    "sm-mta[1]: A1: from=<>, size=23, class=-60, nrcpts=1, msgid=<a@b>, "
	    "proto=ESMTPSA, daemon=MSA-v4, relay=client.example.net [192.0.2.7]\n",
	    "message submission 192.0.2.7 client.example.net TLSv1.3 encrypted PLAIN a+b <> A1 "
	    "eom ?\n");
	check("sm-mta[1]: STARTTLS=server, relay=x@client.example.net [IPv6:2001:db8:77:0:0:0:0:11]"
	    " (may be forged), version=TLSv1, verify=OK, cipher=ECDHE-RSA-AES256-SHA, "
	    "bits=256/256\n"
	    "sm-mta[1]: STARTTLS=server, cert-subject=/CN=client,+20version=TLSv1, "
	    "cert-issuer=/O=Bed, verifymsg=ok\n"
	    "sm-mta[1]: A1: from=<a@example.net>, size=23, class=0, nrcpts=1, msgid=<a@b>, "
	    "proto=SMTP, daemon=TLSMTA, relay=x@client.example.net "
	    "[IPv6:2001:db8:77:0:0:0:0:11] (may be forged)\n",
	    "message submissions 2001:db8:77::11 - TLSv1 deprecated - - a@example.net A1 eom "
	    "?\n");
	check("sm-mta[1]: STARTTLS=server, relay=[192.0.2.7], version=TLSv1.3, verify=FAIL, "
	    "cipher=TLS_AES_256_GCM_SHA384, bits=256/256\n"
	    "sm-mta[1]: A1: from=<a@example.net>, size=23" END,
	    "message mx 192.0.2.7 - TLSv1.3 encrypted - - a@example.net A1 eom ?\n");
	/* TLS that LogLevel kept out of the log; and a message of the machine's own. */
	check("sendmail[1]: A1: from=<a@example.net>, size=23, class=0, nrcpts=1, msgid=<a@b>, "
	    "proto=ESMTPS, daemon=MTA, relay=[192.0.2.7]\n"
	    "sendmail[2]: A2: from=root, size=23, class=0, nrcpts=1, msgid=<a@b>, "
	    "relay=root@localhost\n",
	    "message mx 192.0.2.7 - ? unknown - - a@example.net A1 eom ?\n");
}

static void
keep_verified(void *ctx, const struct entry *e)
{
	struct buf *b = ctx;

	put_word(b, e->facts[ATTR_CERT_VERIFIED], e->lacking[ATTR_CERT_VERIFIED]);
}

/* What Sendmail says of a client's certificate (its STARTTLS(8), verify). */
static void
test_verified(void **state)
{
	static const char *const rows[][2] = { { "OK", " yes" }, { "TRUSTED", " yes" },
	    { "FAIL", " no" }, { "NO", " -" }, { "NOT", " -" } };
	struct told t = { .now = BEGIN };
	struct buf heard = BUF_INIT;
	struct sendmail *p;
	char lines[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(lines, sizeof(lines), "sm-mta[1]: STARTTLS=server, "
		    "relay=[192.0.2.7], version=TLSv1.3, verify=%s, "
		    "cipher=TLS_AES_256_GCM_SHA384, bits=256/256\n"
		    "sm-mta[1]: A1: from=<a@example.net>, size=23" END, rows[i][0]);
		p = sendmail_new(NULL, 0, keep_verified, &heard);
		assert_int_equal(feed(p, &t, lines), 2);
		sendmail_end(p);
		sendmail_free(p);
		assert_string_equal(buf_str(&heard), rows[i][1]);
		buf_clear(&heard);
	}
	buf_free(&heard);
}

static void
test_several(void **state)
{
	(void)state;
	check("sendmail[1]: STARTTLS=server, relay=[192.0.2.7], " TLS13 "\n"
	    "sendmail[1]: A1: from=<a@example.net>, size=23" END
	    "sendmail[1]: A1: to=<b@example.com>, delay=00:00:00, stat=queued\n"
	    "sendmail[1]: A2: from=<b@example.net>, size=0, class=0, nrcpts=1, proto=ESMTPS, "
	    "daemon=MTA-v4, relay=[192.0.2.7]\n"
	    "sendmail[1]: A3: from=<c@example.net>, size=23" END
	    /* Another client of a process of the same number. */
	    "sendmail[1]: A4: from=<d@example.net>, size=23, class=0, nrcpts=1, msgid=<m@b>, "
	    "proto=ESMTP, daemon=MTA-v4, relay=[192.0.2.8]\n",
	    "message mx 192.0.2.7 - TLSv1.3 encrypted - - a@example.net A1 eom ?\n"
	    "message mx 192.0.2.7 - TLSv1.3 encrypted - - b@example.net A2 abort ?\n"
	    "message mx 192.0.2.7 - TLSv1.3 encrypted - - c@example.net A3 eom ?\n"
	    "message mx 192.0.2.8 - - cleartext - - d@example.net A4 eom ?\n");
}

static void
test_no_message(void **state)
{
	struct told t;
	struct sendmail *p = begin(&t);

	(void)state;
	feed(p, &t, "sendmail[1]: A1: [192.0.2.7] did not issue MAIL/EXPN/VRFY/ETRN during "
	    "connection to MTA-v4\n");
	check_told(&t, "session mx 192.0.2.7 - - abandoned - - ? ? close ?\n");
	feed(p, &t, "sendmail[1]: STARTTLS=server, error: accept failed=-1, reason=wrong version "
	    "number, SSL_error=1, errno=0, retry=-1, relay=[192.0.2.7]\n"
	    "sendmail[1]: STARTTLS=server: error:0A00010B:SSL routines::wrong version "
	    "number:../ssl/record/ssl3_record.c:350:\n"
	    "sendmail[1]: A1: [192.0.2.7] did not issue MAIL/EXPN/VRFY/ETRN during connection "
	    "to TLSMTA-v4\n");
	check_told(&t, "session submissions 192.0.2.7 - - abandoned - - ? ? close ? handshake\n");
	feed(p, &t, "sendmail[1]: A1: AUTH failure (PLAIN): user not found (-20) SASL(-13): user "
	    "not found: checkpass failed, user=no such, relay=[192.0.2.9], relay=[192.0.2.7]\n"
	    "sendmail[1]: A1: AUTH decode64 error [1 for \"!!!\"], relay=[192.0.2.7]\n"
	    "sendmail[1]: AUTH=server, relay=[192.0.2.7], authid=ann, mech=LOGIN, bits=0\n"
	    "sendmail[1]: A1: [192.0.2.7] did not issue MAIL/EXPN/VRFY/ETRN during connection "
	    "to BROKEN\n");
	check_told(&t, "session other 192.0.2.7 - - abandoned LOGIN ann ? ? close ? clear=3 "
	    "failed=2\n");
	/* Sendmail quotes VRFY and EXPN behind the client's name. */
	assert_int_equal(feed(p, &t, "sendmail[9]: A9: mx.example.net [192.0.2.7]: VRFY x "
	    "[192.0.2.99] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA-v4\n"
	    "sendmail[9]: A9: [192.0.2.7]: EXPN x@y [192.0.2.99] did not issue "
	    "MAIL/EXPN/VRFY/ETRN during connection to MTA-v4\n"
	    "sendmail[9]: A9: <-- x [192.0.2.99] did not issue MAIL/EXPN/VRFY/ETRN during "
	    "connection to MTA-v4\n"), 0);
	check_told(&t, "");
	feed(p, &t, "sendmail[1]: A1: lost input channel from [192.0.2.7] to MSA-v4 after rcpt\n"
	    "sendmail[1]: A1: from=<a@example.net>, size=0, class=0, nrcpts=1, proto=ESMTP, "
	    "daemon=MSA-v4, relay=[192.0.2.7]\n"
	    /* Nothing but its beginning; from LogLevel 12 on that is a line. */
	    "sendmail[2]: NOQUEUE: connect from [192.0.2.8]\n"
	    "sendmail[3]: A3: rejecting server EHLO from client.example.net [192.0.2.9] due to "
	    "traffic before response\n");
	finish(p, &t, "message submission 192.0.2.7 - - cleartext - - a@example.net A1 abort ?\n"
	    "session ? 192.0.2.8 - - abandoned - - ? ? close ?\n"
	    "session ? 192.0.2.9 client.example.net - abandoned - - ? ? connect ? refused\n");
}

#define TOO_OLD	"554 5.7.0 TLS 1.2 or later required, you used TLSv1."

static void
test_refused(void **state)
{
	(void)state;
	/* By us: at HELO, without and with the client known; at MAIL. */
	check("sendmail[1]: A1: Milter: helo=mx, reject=530 5.7.0 Encryption required\n"
	    "sendmail[2]: STARTTLS=server, relay=[192.0.2.7], version=TLSv1, verify=NO, "
	    "cipher=ECDHE-RSA-AES256-SHA, bits=256/256\n"
	    "sendmail[2]: A2: milter=tlswarden, action=helo, reject=" TOO_OLD "\n"
	    "sendmail[2]: A2: Milter: helo=mx, reject=" TOO_OLD "\n"
	    "sendmail[3]: AUTH=server, relay=[192.0.2.8], authid=ann, mech=PLAIN, bits=0\n"
	    "sendmail[3]: A3: Milter: from=<a@example.net>, reject=530 5.7.0 Encryption "
	    "required: use STARTTLS\n"
	    "sendmail[3]: A3: from=<a@example.net>, size=0, class=0, nrcpts=0, proto=ESMTPA, "
	    "daemon=MTA-v4, relay=[192.0.2.8]\n",
	    "session ? ? ? - abandoned - - ? ? helo 530 5.7.0 ours\n"
	    "session ? 192.0.2.7 - TLSv1 deprecated - - ? ? helo 554 5.7.0 ours\n"
	    "message mx 192.0.2.8 - - cleartext PLAIN ann a@example.net A3 mail 530 5.7.0 ours "
	    "clear=1\n");
	/* By the server: the one recipient; one of two; the sender. */
	check("sendmail[1]: A1: ruleset=check_rcpt, arg1=<b@elsewhere.example>, "
	    "relay=[192.0.2.7], reject=550 5.7.1 <b@elsewhere.example>... Relaying denied\n"
	    "sendmail[1]: A1: from=<a@example.net>, size=0, class=0, nrcpts=0, proto=ESMTP, "
	    "daemon=MTA-v4, relay=[192.0.2.7]\n"
	    "sendmail[1]: A2: ruleset=check_rcpt, arg1=<\", relay=[192.0.2.9], reject=\"@x>, "
	    "relay=[192.0.2.7], reject=550 5.7.1 <b@elsewhere.example>... Relaying denied\n"
	    /* Sendmail takes addresses without <>, too. */
	    "sendmail[1]: A2: ruleset=check_rcpt, arg1=\"x, relay=[192.0.2.9], reject=550\"@x, "
	    "relay=[192.0.2.7], reject=550 5.7.1 <b@elsewhere.example>... Relaying denied\n"
	    "sendmail[1]: A2: ruleset=check_rcpt, arg1=(x, relay=[192.0.2.9], reject=550)b@x, "
	    "relay=[192.0.2.7], reject=550 5.7.1 <b@elsewhere.example>... Relaying denied\n"
	    "sendmail[1]: A2: from=<a@example.net>, size=23" END
	    "sendmail[1]: A3: ruleset=check_mail, arg1=<c@example.net>, relay=[192.0.2.7], "
	    "reject=553 5.1.8 <c@example.net>... Domain of sender address does not exist\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net A1 abort 550 5.7.1 refused\n"
	    "message mx 192.0.2.7 - - cleartext - - a@example.net A2 eom ?\n"
	    "message mx 192.0.2.7 - - cleartext - - c@example.net A3 mail 553 5.1.8 refused\n");
	/* The sender, who is nobody, and one without <>. */
	check("sendmail[1]: A1: ruleset=check_mail, arg1=<>, relay=[192.0.2.7], "
	    "reject=553 5.1.8 no\n"
	    "sendmail[2]: A2: ruleset=check_mail, arg1=c@example.net, relay=[192.0.2.8], "
	    "reject=553 5.1.8 no\n",
	    "message ? 192.0.2.7 - - cleartext - - <> A1 mail 553 5.1.8 refused\n"
	    "message ? 192.0.2.8 - - cleartext - - ? A2 mail 553 5.1.8 refused\n");
	/* A recipient, by ours: no sender stands there. */
	check("sendmail[1]: A1: Milter: to=<b@example.com>, reject=" TOO_OLD "\n"
	    "sendmail[1]: A1: from=<a@example.net>, size=0, class=0, nrcpts=0, proto=ESMTP, "
	    "daemon=MTA-v4, relay=[192.0.2.7]\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net A1 rcpt 554 5.7.0 ours\n");
	/* By another milter, once the message was there. */
	check("sendmail[1]: A1: from=<a@example.net>, size=23" END
	    "sendmail[1]: A1: Milter: data, reject=550 5.7.1 Command rejected\n"
	    "sendmail[1]: A1: to=<b@example.com>, delay=00:00:00, pri=30023, stat=Command "
	    "rejected\n",
	    "message mx 192.0.2.7 - - cleartext - - a@example.net A1 eom 550 5.7.1 refused\n");
}

/* What the client wrote comes before what Sendmail says, and is escaped. */
static void
test_forged(void **state)
{
	(void)state;
	check("sendmail[1]: A1: from=<\"a>, size=1, class=0, nrcpts=1, msgid=<b\"@example.net>, "
	    "size=0, class=0, nrcpts=0, proto=ESMTP, daemon=MTA-v4, relay=[192.0.2.7]\n"
	    "sendmail[1]: A2: from=<\"a\\\\\"b>, daemon=MSA, relay=[192.0.2.9]\"@example.net>, "
	    "size=23" END
	    "sendmail[1]: A3: from=<\\303\\244@example.net>, size=23, class=0, nrcpts=1, "
	    "msgid=<x>, proto=ESMTPS, daemon=MSA, relay=evil [192.0.2.9], "
	    "proto=ESMTP, daemon=MTA-v4, "
	    "relay=[192.0.2.7]\n"
	    "sendmail[1]: A4: from=<\\\\303\\9@example.net>, size=23" END,
	    "message mx 192.0.2.7 - - cleartext - - \"a>, size=1, class=0, nrcpts=1, "
	    "msgid=<b\"@example.net A1 abort ?\n"
	    "message mx 192.0.2.7 - - cleartext - - \"a\\\"b>, daemon=MSA, "
	    "relay=[192.0.2.9]\"@example.net A2 eom ?\n"
	    "message mx 192.0.2.7 - - cleartext - - \303\244@example.net A3 eom ?\n"
	    "message mx 192.0.2.7 - - cleartext - - \\303\\9@example.net A4 eom ?\n");
	/* An address of which the middle was left out is nobody's. */
	{
		char sender[204], line[512], wanted[512];

		memset(sender, 'x', sizeof(sender));
		memcpy(sender + 100, "...", 3);
		memcpy(sender + 188, "@example.com", 12);
		sender[201] = '\0';
		snprintf(line, sizeof(line), "sendmail[1]: A1: from=<%s>, size=23" END, sender);
		check(line, "message mx 192.0.2.7 - - cleartext - - ? A1 eom ?\n");
		/* A long one that is whole is somebody's. */
		memcpy(sender + 100, "xxx", 3);
		snprintf(line, sizeof(line), "sendmail[1]: A1: from=<%s>, size=23" END, sender);
		snprintf(wanted, sizeof(wanted),
		    "message mx 192.0.2.7 - - cleartext - - %s A1 eom ?\n", sender);
		check(line, wanted);
	}
}

/* A message waits for what may follow; a session for an hour. */
static void
test_time(void **state)
{
	struct told t;
	struct sendmail *p = begin(&t);

	(void)state;
	feed(p, &t, "sendmail[1]: STARTTLS=server, relay=[192.0.2.7], " TLS13 "\n"
	    "sendmail[1]: A1: from=<a@example.net>, size=23" END
	    "sendmail[2]: A2: Milter: from=<b@example.net>, reject=550 5.7.1 no\n");
	t.now += SENDMAIL_PATIENCE + 1;
	assert_int_equal(feed(p, &t, "sendmail[3]: poststats: statistics: No such file\n"), 0);
	/* One line may have a stamp that is damaged. */
	check_told(&t, "");
	feed(p, &t, "sendmail[3]: poststats: statistics: No such file\n");
	check_told(&t, "message mx 192.0.2.7 - TLSv1.3 encrypted - - a@example.net A1 eom ?\n");
	/* Its TLS is remembered, and so is the refusal. */
	t.now += 3600 - SENDMAIL_PATIENCE;
	feed(p, &t, "sendmail[1]: A3: from=<c@example.net>, size=23" END
	    "sendmail[1]: A3: to=<b@example.com>, stat=queued\n"
	    "sendmail[2]: A2: from=<b@example.net>, size=0, class=0, nrcpts=0, proto=ESMTP, "
	    "daemon=MTA, relay=[192.0.2.8]\n"
	    "sendmail[2]: A2: to=<b@example.com>, stat=queued\n");
	check_told(&t, "message mx 192.0.2.7 - TLSv1.3 encrypted - - c@example.net A3 eom ?\n"
	    "message mx 192.0.2.8 - - cleartext - - b@example.net A2 mail 550 5.7.1 refused\n");
	/* A session that was refused is over when nothing follows. */
	feed(p, &t, "sendmail[4]: STARTTLS=server, relay=[192.0.2.9], " TLS13 "\n"
	    "sendmail[4]: A5: Milter: helo=mx, reject=554 5.7.0 TLS\n");
	t.now += SENDMAIL_PATIENCE + 1;
	feed(p, &t, "sendmail[3]: poststats: statistics: No such file\n"
	    "sendmail[3]: poststats: statistics: No such file\n");
	check_told(&t, "session ? 192.0.2.9 - TLSv1.3 encrypted - - ? ? helo 554 5.7.0 ours\n");
	t.now += SENDMAIL_SILENCE + 1;
	feed(p, &t, "sendmail[1]: A4: from=<d@example.net>, size=23" END);
	finish(p, &t, "message mx 192.0.2.7 - - cleartext - - d@example.net A4 eom ?\n");
}

static void
test_room(void **state)
{
	char line[256];
	struct told t;
	struct sendmail *p = begin(&t);
	unsigned int i;

	(void)state;
	for (i = 0; i < SENDMAIL_SESSIONS + 10; i++) {
		snprintf(line, sizeof(line), "sendmail[%u]: STARTTLS=server, relay=[10.0.%u.%u], "
		    TLS13 "\n", i + 1, i / 256, i % 256);
		feed(p, &t, line);
	}
	assert_int_equal(t.entries, 10);
	assert_int_equal(sendmail_evicted(p), 10);
	sendmail_end(p);
	assert_int_equal(t.entries, SENDMAIL_SESSIONS + 10);
	sendmail_free(p);
	buf_free(&t.text);
}

/* What one of fifty processes says next, or nothing. */
static void
say(struct sendmail *p, struct told *t, unsigned int step, unsigned int i)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "sendmail[%u]: ", i);
	if (step == 0)
		buf_printf(&b, "STARTTLS=server, relay=[10.0.0.%u], " TLS13 "\n", i);
	else if (step == 1)
		buf_printf(&b, "Q%u: from=<%u@example.net>, size=1, class=0, nrcpts=1, "
		    "msgid=<a@b>, proto=ESMTP, daemon=MTA, relay=[10.0.0.%u]\n", i, i, i);
	else
		buf_printf(&b, "Q%u: to=<b@example.com>, stat=queued\n", i);
	/* Each third comes in the clear. */
	if (step != 0 || i % 3 != 0)
		feed(p, t, buf_str(&b));
	buf_free(&b);
}

static void
test_interleaved(void **state)
{
	struct buf wanted = BUF_INIT;
	struct told t;
	struct sendmail *p = begin(&t);
	unsigned int i, step;

	(void)state;
	for (step = 0; step < 3; step++)
		for (i = 1; i <= 50; i++)
			say(p, &t, step, i);
	for (i = 1; i <= 50; i++)
		buf_printf(&wanted, "message mx 10.0.0.%u - %s - - %u@example.net Q%u eom ?\n",
		    i, i % 3 == 0 ? "- cleartext" : "TLSv1.3 encrypted", i, i);
	finish(p, &t, buf_str(&wanted));
	buf_free(&wanted);
}

static void
test_strangers(void **state)
{
	struct told t;
	struct sendmail *p = begin(&t);

	(void)state;
	assert_int_equal(feed(p, &t, "postfix/sendmail[1]: A1: from=<a@example.net>, size=23" END
	    "sendmailx[1]: A1: from=<a@example.net>, size=23" END
	    "sendmail[0]: A1: from=<a@example.net>, size=23" END
	    "sendmail[1]: \n"
	    "sendmail[1]: A1\n"
	    "sendmail[1]: A1: from=<a@example.net>\n"
	    "sendmail[1]: A1: from=<a@example.net>, size=23, class=0, nrcpts=1, daemon=MTA, "
	    "relay=x\n"
	    "sendmail[1]: A1: from=<a@example.net>, daemon=MTA, relay=[192.0.2.7]\n"
	    "sendmail[1]: A1: to=<b@example.com>, stat=Sent\n"
	    "sendmail[1]: STARTTLS=client, relay=mx.example.net., version=TLSv1.3, verify=OK, "
	    "cipher=TLS_AES_256_GCM_SHA384, bits=256/256\n"
	    "sendmail[1]: STARTTLS=server, relay=, version=, verify=, cipher=, bits=\n"
	    "sendmail[1]: STARTTLS=server, cert-subject=, cert-issuer=, verifymsg=ok\n"
	    "sendmail[1]: AUTH=server, relay=[192.0.2.7], authid=ann\n"
	    "sendmail[1]: A1: ruleset=check_rcpt, arg1=<a, reject=550\n"
	    "sendmail[1]: A1: ruleset=check_vrfy, arg1=a, relay=[192.0.2.7], reject=550 no\n"
	    "sendmail[1]: A1: Milter: to=<a>, discard\n"
	    "sendmail[1]: A1:  did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA\n"), 0);
	finish(p, &t, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_verified),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_no_message),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_interleaved),
		cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests_name("sendmail", tests, NULL, NULL);
}
