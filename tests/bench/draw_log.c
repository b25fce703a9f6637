/*
 * draw_log.c writes a log of any length, as tlswardend, Postfix or Sendmail
 * would have written it in the week before yesterday; on one day the same
 * arguments give the same log.  It may not know who reads it.
 *
 *	draw_log records|postfix|sendmail LINES [CLIENTS]
 */
/* libc */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY		86400
#define WEEK		(7 * DAY)
#define PROCESSES	50
#define DOMAINS		5000
#define USERS		2000
#define MTA_USERS	50

struct mail {
	uint64_t	 number;
	unsigned int	 client;
	unsigned int	 domain;
	unsigned int	 user;
	unsigned int	 tls;		/* index of the table */
	int		 submission;
};

static const struct {
	const char	*version;
	const char	*cipher;
	unsigned int	 bits;
	unsigned int	 share;		/* in hundred */
} tls[] = {
	{ "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256, 70 },
	{ "TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", 256, 20 },
	{ "TLSv1", "ECDHE-RSA-AES256-SHA", 256, 2 },
	{ NULL, NULL, 0, 8 },
};

static uint64_t state = 0x1d872b41a7d3f9c5;
static uint64_t lines, lines_max;
static time_t start;
static bool servers;		/* a log of theirs, and not of records */
static unsigned int clients = 20000;

/* xorshift64* */
static unsigned int
draw(unsigned int below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned int)((state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % below;
}

static struct mail
next_mail(uint64_t number)
{
	struct mail m = { .number = number };
	unsigned int percent = draw(100);

	/* A few send most of it. */
	m.client = draw(2) ? draw(clients) : draw(clients / 100 + 1);
	m.domain = draw(2) ? draw(DOMAINS) : draw(DOMAINS / 100);
	m.user = draw(USERS);
	m.submission = draw(100) < 20;
	/* A user has a few machines. */
	if (m.submission)
		m.client = (m.user * 3 + draw(3)) % clients;
	while (percent >= tls[m.tls].share)
		percent -= tls[m.tls++].share;
	return m;
}

static time_t
now(void)
{
	return start + (time_t)(lines * WEEK / lines_max);
}

/* The time of the log, made anew when it changes. */
static const char *
stamp(void)
{
	static char text[64];
	static time_t last;
	time_t t = now();
	struct tm tm;

	if (t != last) {
		gmtime_r(&t, &tm);
		if (servers)
			strftime(text, sizeof(text), "%b %e %H:%M:%S", &tm);
		else
			strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.123456+00:00", &tm);
		last = t;
	}
	return text;
}

static void
end_line(void)
{
	putchar('\n');
	if (++lines >= lines_max) {
		fflush(stdout);
		exit(ferror(stdout) != 0);
	}
}

/* --- tlswardend */

static void
put_tls(const struct mail *m)
{
	if (tls[m->tls].version == NULL)
		fputs("tls=none outcome=cleartext", stdout);
	else
		printf("tls=%s cipher=%s cipher_bits=%u outcome=%s", tls[m->tls].version,
		    tls[m->tls].cipher, tls[m->tls].bits,
		    strcmp(tls[m->tls].version, "TLSv1") == 0 ? "deprecated" : "encrypted");
}

static void
record(const struct mail *m)
{
	printf("%s mail tlswardend[1234]: v=1 event=message id=%016" PRIx64
	    " verdict=accept rule=default stage=eom service=%s port=%s "
	    "client=198.%u.%u.%u client_name=mx%u.d%u.example.net helo=mx%u.d%u.example.net ",
	    stamp(), m->number * UINT64_C(0x9e3779b97f4a7c15),
	    m->submission ? "submission" : "mx", m->submission ? "587" : "25",
	    18 + (m->client >> 16), m->client >> 8 & 255, m->client & 255, m->client,
	    m->domain, m->client, m->domain);
	put_tls(m);
	if (m->submission)
		printf(" auth=PLAIN user=u%u@example.org sender=u%u@example.org", m->user,
		    m->user);
	else
		printf(" auth=none sender=someone%u@d%u.example.net", m->user, m->domain);
	printf(" recipients=1 qid=4%010" PRIX64 " listener=192.0.2.1 mta=\"Postfix 3.7.11\""
	    " policy=5f0c9a2b77e1", m->number);
	end_line();
}

/* --- Postfix: as many sessions at once as there are processes */

struct session {
	struct mail	 mail;
	unsigned int	 step;
};

static void
postfix_line(const struct session *s, unsigned int pid, const char *program,
    const char *text)
{
	printf("%s mail postfix/%s%s[%u]: %s", stamp(),
	    s->mail.submission && strcmp(program, "smtpd") == 0 ? "submission/" : "", program,
	    pid, text);
}

static void
put_client(const struct mail *m)
{
	printf("mx%u.d%u.example.net[198.%u.%u.%u]", m->client, m->domain,
	    18 + (m->client >> 16), m->client >> 8 & 255, m->client & 255);
}

/* The next line of the session.  0: it was the last one. */
static int
postfix_step(struct session *s, unsigned int pid)
{
	const struct mail *m = &s->mail;
	char qid[24];

	snprintf(qid, sizeof(qid), "4%010" PRIX64, m->number);
	switch (s->step++) {
	case 0:
		postfix_line(s, pid, "smtpd", "connect from ");
		put_client(m);
		break;
	case 1:
		if (tls[m->tls].version == NULL)
			return 1;
		postfix_line(s, pid, "smtpd", "Anonymous TLS connection established from ");
		put_client(m);
		printf(": %s with cipher %s (%u/%u bits)", tls[m->tls].version,
		    tls[m->tls].cipher, tls[m->tls].bits, tls[m->tls].bits);
		break;
	case 2:
		postfix_line(s, pid, "smtpd", qid);
		fputs(": client=", stdout);
		put_client(m);
		if (m->submission)
			printf(", sasl_method=PLAIN, sasl_username=u%u@example.org", m->user);
		break;
	case 3:
		postfix_line(s, 21, "cleanup", qid);
		printf(": message-id=<%s.%u@d%u.example.net>", qid, m->user, m->domain);
		break;
	case 4:
		postfix_line(s, 20, "qmgr", qid);
		printf(": from=<someone%u@d%u.example.net>, size=%u, nrcpt=1 (queue active)",
		    m->user, m->domain, 1000 + m->user);
		break;
	case 5:
		postfix_line(s, pid, "smtpd", "disconnect from ");
		put_client(m);
		fputs(tls[m->tls].version == NULL ? " ehlo=1" : " ehlo=2 starttls=1", stdout);
		fputs(m->submission ? " auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8" :
		    " mail=1 rcpt=1 data=1 quit=1 commands=7", stdout);
		break;
	case 6:
		postfix_line(s, 22, "lmtp", qid);
		printf(": to=<u%u@example.org>, relay=mail[private/dovecot-lmtp], delay=0.2,"
		    " delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <u%u@example.org>"
		    " Saved)", m->user, m->user);
		break;
	default:
		postfix_line(s, 20, "qmgr", qid);
		fputs(": removed", stdout);
		end_line();
		return 0;
	}
	end_line();
	return 1;
}

/* --- Sendmail */

static int
sendmail_step(struct session *s, unsigned int pid)
{
	const struct mail *m = &s->mail;
	char relay[96];

	(void)pid;	/* of Sendmail each session has its own */
	snprintf(relay, sizeof(relay), "relay=mx%u.d%u.example.net [198.%u.%u.%u]", m->client,
	    m->domain, 18 + (m->client >> 16), m->client >> 8 & 255, m->client & 255);
	if (s->step == 0 && tls[m->tls].version == NULL)
		s->step++;
	if (s->step == 1 && !m->submission)
		s->step++;
	printf("%s mail sm-mta[%u]: ", stamp(),
	    1000 + (unsigned int)(m->number % 60000));
	if (s->step == 0)
		printf("STARTTLS=server, %s, version=%s, verify=NO, cipher=%s, bits=%u/%u", relay,
		    tls[m->tls].version, tls[m->tls].cipher, tls[m->tls].bits,
		    tls[m->tls].bits);
	else if (s->step == 1)
		printf("AUTH=server, %s, authid=u%u@example.org, mech=PLAIN, bits=0", relay,
		    m->user % MTA_USERS);
	else if (s->step == 2)
		printf("6AL%011" PRIu64 ": from=<someone%u@d%u.example.net>, size=%u, class=0, "
		    "nrcpts=1, msgid=<%" PRIx64 "@d%u.example.net>, proto=ESMTP%s%s, daemon=%s, %s",
		    m->number, m->user, m->domain, 1000 + m->user, m->number, m->domain,
		    tls[m->tls].version == NULL ? "" : "S", m->submission ? "A" : "",
		    m->submission ? "MSA" : "MTA", relay);
	else
		printf("6AL%011" PRIu64 ": to=<u%u@example.org>, delay=00:00:01, xdelay=00:00:00, "
		    "mailer=local, pri=30450, dsn=2.0.0, stat=Sent", m->number, m->user);
	end_line();
	return s->step++ < 3;
}

static void
draw_sessions(int (*step)(struct session *, unsigned int))
{
	static struct session sessions[PROCESSES];
	uint64_t number = 0;
	unsigned int i;

	for (i = 0; i < PROCESSES; i++)
		sessions[i].mail = next_mail(number++);
	for (;;) {
		i = draw(PROCESSES);
		if (step(&sessions[i], 1000 + i) == 0)
			sessions[i] = (struct session){ .mail = next_mail(number++) };
	}
}

int
main(int argc, char *argv[])
{
	struct mail mail;
	uint64_t number = 0;

	if (argc > 3)
		clients = (unsigned int)strtoul(argv[3], NULL, 10);
	lines_max = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	if (lines_max == 0 || clients == 0) {
		fputs("usage: draw_log records|postfix|sendmail LINES [CLIENTS]\n", stderr);
		return 64;
	}
	start = (time(NULL) / DAY - 8) * DAY;
	servers = strcmp(argv[1], "records") != 0;
	if (strcmp(argv[1], "postfix") == 0)
		draw_sessions(postfix_step);
	else if (strcmp(argv[1], "sendmail") == 0)
		draw_sessions(sendmail_step);
	else
		for (;;) {
			mail = next_mail(number++);
			record(&mail);
		}
	return 0;
}
