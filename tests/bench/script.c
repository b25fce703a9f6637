/*
 * script.c owns what is said to a milter in a session, and in which writes; it
 * may not know sockets, nor what is measured.
 */
/* libc */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
/* this project */
#include "buf.h"
/* the benchmark */
#include "script.h"

/* libmilter/mfdef.h; the benchmark speaks for a server, which does not have it */
#define PROTOCOL	6
#define ACTIONS		0x1FFu
#define STEPS		0x1FFFFFu
#define NORCPT		0x8u
#define NOBODY		0x10u
#define NOHDRS		0x20u
#define NOEOH		0x40u
#define NODATA		0x200u
#define CHUNK		65535

enum place { CONNECT, HELO, MAIL, RCPT, DATA, EOM, EOH, PLACES };

static const char commands[PLACES + 1] = "CHMRTEN";

/* What Postfix sends to a milter that asks for nothing. */
static const char *const own_lists[PLACES] = {
	"j {daemon_name} {daemon_addr} v _",
	"{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
	"i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}",
	"i {rcpt_addr} {rcpt_host} {rcpt_mailer}", "i", "i", "i",
};

static const struct script_kind kinds[] = {
	{ "mx", "25", "mx.example.org", NULL, NULL, NULL, NULL, false },
	{ "submission", "587", "ORIGINATING", "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256",
	    "PLAIN", true },
	{ "clear-login", "587", "ORIGINATING", NULL, NULL, NULL, "PLAIN", false },
	{ "old-tls", "587", "ORIGINATING", "TLSv1.1", "ECDHE-RSA-AES256-SHA", "256",
	    "PLAIN", true },
};

/* What is known when a stage is told. */
struct state {
	const struct script_kind *kind;
	bool		 tls;
	bool		 queued;	/* there is a queue id */
	char		 recipient[64];
};

const struct script_kind *
script_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static void
put_number(struct buf *b, uint32_t number)
{
	uint32_t n = htonl(number);

	buf_put(b, &n, sizeof(n));
}

static size_t
packet(struct buf *b, char command)
{
	put_number(b, 0);
	buf_putc(b, command);
	return b->len;
}

static void
packet_end(struct buf *b, size_t begun)
{
	uint32_t n = htonl((uint32_t)(b->len - begun + 1));

	memcpy(b->data + begun - 5, &n, sizeof(n));
}

static void
put_string(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s) + 1);
}

void
script_offer(char offer[SCRIPT_OFFER])
{
	struct buf b = BUF_INIT;
	size_t begun = packet(&b, 'O');

	put_number(&b, PROTOCOL);
	put_number(&b, ACTIONS);
	put_number(&b, STEPS);
	packet_end(&b, begun);
	memcpy(offer, b.data, SCRIPT_OFFER);
	buf_free(&b);
}

/* --- macros */

/* NULL: the server has no value for it, and leaves it out. */
static const char *
value(const struct state *s, const char *name, size_t len)
{
	const struct script_kind *k = s->kind;
	const struct {
		const char	*name;
		const char	*value;
	} known[] = {
		{ "j", "mx.example.org" },
		{ "v", "Postfix 3.7.11" },
		{ "_", "client.example.net [192.0.2.7]" },
		{ "i", s->queued ? "4F1A2B3C4D" : NULL },
		{ "{daemon_port}", k->port },
		{ "{daemon_addr}", "203.0.113.1" },
		{ "{daemon_name}", k->daemon },
		{ "{client_name}", "client.example.net" },
		{ "{client_resolve}", "OK" },
		{ "{tls_version}", s->tls ? k->version : NULL },
		{ "{cipher}", s->tls ? k->cipher : NULL },
		{ "{cipher_bits}", s->tls ? k->bits : NULL },
		{ "{mail_addr}", "ann@example.net" },
		{ "{rcpt_addr}", s->recipient[0] != '\0' ? s->recipient : NULL },
		{ "{auth_type}", k->auth },
		{ "{auth_authen}", k->auth != NULL ? "ann" : NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].name) == len && memcmp(known[i].name, name, len) == 0)
			return known[i].value;
	return NULL;
}

static void
put_macros(struct script *sc, const struct state *s, enum place place)
{
	const char *p = sc->lists[place] != NULL ? sc->lists[place] : own_lists[place];
	size_t begun = packet(&sc->text, 'D'), n;
	const char *text;

	buf_putc(&sc->text, commands[place]);
	for (p += strspn(p, " "); *p != '\0'; p += n, p += strspn(p, " ")) {
		n = strcspn(p, " ");
		text = value(s, p, n);
		if (text == NULL)
			continue;
		buf_put(&sc->text, p, n);
		buf_putc(&sc->text, '\0');
		put_string(&sc->text, text);
	}
	packet_end(&sc->text, begun);
}

/* --- writes */

/* What was put since the last step is one write. */
static bool
step(struct script *sc, bool answered, bool is_mail)
{
	struct step *s;

	if (sc->count == SCRIPT_STEPS)
		return false;
	s = &sc->steps[sc->count];
	s->from = sc->count > 0 ? s[-1].to : 0;
	s->to = sc->text.len;
	s->answered = answered;
	s->is_mail = is_mail;
	sc->count++;
	return true;
}

static bool
envelope(struct script *sc, struct state *s)
{
	size_t begun;
	int round;

	put_macros(sc, s, CONNECT);
	begun = packet(&sc->text, 'C');
	put_string(&sc->text, "client.example.net");
	buf_put(&sc->text, "4\x9c\x40", 3);
	put_string(&sc->text, "192.0.2.7");
	packet_end(&sc->text, begun);
	if (!step(sc, true, false))
		return false;
	for (round = s->kind->starttls ? 0 : 1; round < 2; round++) {
		s->tls = round == 1 && s->kind->version != NULL;
		put_macros(sc, s, HELO);
		begun = packet(&sc->text, 'H');
		put_string(&sc->text, "client.example.net");
		packet_end(&sc->text, begun);
		if (!step(sc, true, false))
			return false;
	}
	put_macros(sc, s, MAIL);
	begun = packet(&sc->text, 'M');
	put_string(&sc->text, "<ann@example.net>");
	put_string(&sc->text, "SIZE=2048");
	packet_end(&sc->text, begun);
	return step(sc, true, true);
}

static bool
recipients(struct script *sc, struct state *s, unsigned int count)
{
	size_t begun;
	unsigned int i;

	for (i = 0; i < count; i++) {
		snprintf(s->recipient, sizeof(s->recipient), "bob%u@example.org", i);
		put_macros(sc, s, RCPT);
		/* the first one that is taken opens a file of the queue */
		s->queued = true;
		if (sc->declined & NORCPT)
			continue;
		begun = packet(&sc->text, 'R');
		buf_printf(&sc->text, "<%s>", s->recipient);
		buf_putc(&sc->text, '\0');
		packet_end(&sc->text, begun);
		if (!step(sc, true, false))
			return false;
	}
	s->recipient[0] = '\0';
	put_macros(sc, s, DATA);
	if (!(sc->declined & NODATA)) {
		packet_end(&sc->text, packet(&sc->text, 'T'));
		return step(sc, true, false);
	}
	/* flushed when smtpd hands the milter over to cleanup */
	return step(sc, false, false);
}

static bool
put_header(struct script *sc, const char *name, const char *text)
{
	size_t begun = packet(&sc->text, 'L');

	put_string(&sc->text, name);
	put_string(&sc->text, text);
	packet_end(&sc->text, begun);
	return step(sc, true, false);
}

static bool
content(struct script *sc, struct state *s, size_t body)
{
	static const char line[] = "The quick brown fox jumps over the lazy dog, again.\r\n";
	size_t begun, done, n;

	if (!(sc->declined & NOHDRS) &&
	    (!put_header(sc, "From", "Ann <ann@example.net>") ||
	    !put_header(sc, "To", "Bob <bob0@example.org>") ||
	    !put_header(sc, "Subject", "lunch") ||
	    !put_header(sc, "Date", "Sat, 21 Nov 2026 12:00:00 +0000") ||
	    !put_header(sc, "Message-ID", "<1@client.example.net>")))
		return false;
	if (!(sc->declined & NOEOH)) {
		put_macros(sc, s, EOH);
		packet_end(&sc->text, packet(&sc->text, 'N'));
		if (!step(sc, true, false))
			return false;
	}
	for (; body > 0 && !(sc->declined & NOBODY); body -= n) {
		n = body < CHUNK ? body : CHUNK;
		begun = packet(&sc->text, 'B');
		for (done = 0; done < n; done++)
			buf_putc(&sc->text, line[done % (sizeof(line) - 1)]);
		packet_end(&sc->text, begun);
		if (!step(sc, true, false))
			return false;
	}
	put_macros(sc, s, EOM);
	packet_end(&sc->text, packet(&sc->text, 'E'));
	return step(sc, true, false);
}

/* --- the negotiation */

static bool
read_lists(struct script *sc, const char *p, size_t len)
{
	uint32_t place;
	const char *nul;

	while (len > 0) {
		if (len < sizeof(place) + 1)
			return false;
		memcpy(&place, p, sizeof(place));
		place = ntohl(place);
		nul = memchr(p + sizeof(place), '\0', len - sizeof(place));
		if (place >= PLACES || nul == NULL)
			return false;
		sc->lists[place] = p + sizeof(place);
		len -= (size_t)(nul + 1 - p);
		p = nul + 1;
	}
	return true;
}

bool
script_make(struct script *sc, const char *answer, size_t len,
    const struct script_kind *kind, unsigned int count, size_t body)
{
	struct state s = { .kind = kind };

	buf_clear(&sc->text);
	sc->count = 0;
	memset(sc->lists, 0, sizeof(sc->lists));
	if (len < SCRIPT_OFFER || answer[4] != 'O')
		return false;
	memcpy(&sc->declined, answer + 13, sizeof(sc->declined));
	sc->declined = ntohl(sc->declined);
	if (!read_lists(sc, answer + SCRIPT_OFFER, len - SCRIPT_OFFER) ||
	    !envelope(sc, &s) || !recipients(sc, &s, count) || !content(sc, &s, body))
		return false;
	sc->end.from = sc->text.len;
	packet_end(&sc->text, packet(&sc->text, 'A'));
	packet_end(&sc->text, packet(&sc->text, 'A'));
	packet_end(&sc->text, packet(&sc->text, 'Q'));
	sc->end.to = sc->text.len;
	sc->end.answered = sc->end.is_mail = false;
	return true;
}
