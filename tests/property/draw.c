/*
 * draw.c draws policies and facts by chance, the same for the same seed.
 */
/* libc */
#include <string.h>
/* this project */
#include "draw.h"

static uint64_t chance;

void
draw_seed(unsigned long seed)
{
	chance = seed * 2654435761u + 1;
}

/* xorshift64*, good enough here and the same everywhere */
unsigned int
draw(unsigned int n)
{
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return (unsigned int)((chance * 0x2545f4914f6cdd1du) >> 33) % n;
}

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define ONE_OF(a)	((a)[draw(COUNT(a))])

/* --- policies */

static const char *const comparisons[] = {
	"service = mx", "service != mx", "service in { submission, submissions }",
	"service ~ /^sub/", "port = 25", "port != 587", "port >= 465", "port in ports",
	"listener = 192.0.2.53", "daemon = ORIGINATING", "daemon in words",
	"client in nets", "client not in nets", "client = 192.0.2.0/28",
	"client = 2001:db8::7", "client_name in domains", "client_name ~ /\\.net$/i",
	"client_name = mx.example.net", "helo = localhost", "helo in domains",
	"helo !~ /^[a-z.]+$/", "helo ~ /^(a+)+$/", "tls", "not tls", "tls = none",
	"tls != none", "tls < TLSv1.2", "tls >= TLSv1.3", "tls = TLSv1.2",
	"tls != TLSv1.1", "tls in { TLSv1.2, TLSv1.3 }", "cipher = RC4-SHA",
	"cipher in modern", "cipher not in modern", "cipher ~ /CBC|SHA$/",
	"cipher = none", "cipher_bits < 128", "cipher_bits = none",
	"cipher_strength < 112", "cipher_strength >= 128", "cipher_aead",
	"cipher_aead = no", "cipher_fs", "cipher_fs != yes", "cipher_anon",
	"cipher_anon = none", "cert_verified", "cert_verified = no",
	"cert_verified = none", "cert_subject ~ /^CN=/", "cert_subject = \"CN=ann\"",
	"cert_subject", "cert_issuer != none", "sni = mail.example.org", "sni in domains",
	"sni", "auth", "auth = PLAIN", "auth in words", "auth != LOGIN", "auth = none",
	"user = ann", "user in words", "user = none", "user ~ /@/", "sender = <>",
	"sender in boxes", "sender not in domains", "sender = ann@example.org",
	"sender ~ /^ann@/", "recipient in boxes", "recipient = none", "recipient",
	"recipient !~ /^postmaster@/", "mta ~ /^Postfix/",
};

static const char *const actions[] = {
	"accept", "accept", "reject 550 5.7.1 \"no, %{service} %{rule}\"",
	"reject 554 5.7.0 \"no %{contact}\"", "tempfail 451 4.7.1 \"later, on %{date}\"",
	"disconnect 421 4.7.0 \"bye\"", "note",
};

static const char *const stagings[] = {
	"observe", "from 2026-12-01", "until 2026-12-01", "from 2027-06-01", "share 50%",
	"share 10%", "until 2026-06-01",
};

static const char preamble[] =
	"service special port 10025 daemon ORIGINATING\n"
	"list ports = { 25, 587 }\n"
	"list nets = { 192.0.2.0/24, 2001:db8::/32 }\n"
	"list words = { PLAIN, ann, ORIGINATING }\n"
	"list domains = { example.org, .example.org, mx.example.net }\n"
	"list boxes = { bob@example.com, .example.net, <> }\n"
	"list modern = ciphers \"ECDHE+AESGCM:ECDHE+CHACHA20\"\n";

void
draw_comparison(struct buf *b)
{
	buf_puts(b, ONE_OF(comparisons));
}

static void
put_condition(struct buf *b, unsigned int depth, void (*comparison)(struct buf *))
{
	switch (depth > 0 ? draw(7) : 6) {
	case 0:
	case 1:
		buf_putc(b, '(');
		put_condition(b, depth - 1, comparison);
		buf_puts(b, " and ");
		put_condition(b, depth - 1, comparison);
		buf_putc(b, ')');
		break;
	case 2:
	case 3:
		buf_putc(b, '(');
		put_condition(b, depth - 1, comparison);
		buf_puts(b, " or ");
		put_condition(b, depth - 1, comparison);
		buf_putc(b, ')');
		break;
	case 4:
		buf_puts(b, "not (");
		put_condition(b, depth - 1, comparison);
		buf_putc(b, ')');
		break;
	default:
		comparison(b);
		break;
	}
}

void
draw_policy(struct buf *b)
{
	draw_rules(b, 1 + draw(8), draw_comparison);
}

void
draw_rules(struct buf *b, unsigned int n, void (*comparison)(struct buf *))
{
	unsigned int i;

	buf_puts(b, preamble);
	if (draw(3) == 0)
		buf_printf(b, "set undecided %s\n", draw(2) ? "tempfail" : "accept");
	if (draw(8) == 0)
		buf_puts(b, "set mode observe\n");
	for (i = 0; i < n; i++) {
		buf_printf(b, "rule r%u\n", i);
		if (draw(12) != 0) {
			buf_puts(b, "    if ");
			put_condition(b, draw(4), comparison);
			buf_putc(b, '\n');
		}
		buf_printf(b, "    %s\n", ONE_OF(actions));
		if (draw(3) == 0)
			buf_printf(b, "    %s\n", ONE_OF(stagings));
	}
	if (draw(4) == 0)
		buf_puts(b, "default reject 550 5.7.1 \"not here\"\n");
}

/* --- facts */

static const struct {
	enum attr	 attr;
	const char	*values[6];	/* ends in NULL */
} values[] = {
	{ ATTR_SERVICE, { "mx", "submission", "submissions", "special", NULL } },
	{ ATTR_PORT, { "25", "465", "587", "10025", "2525", NULL } },
	{ ATTR_LISTENER, { "192.0.2.53", "2001:db8::53", NULL } },
	{ ATTR_DAEMON, { "ORIGINATING", "smtpd", NULL } },
	{ ATTR_CLIENT, { "192.0.2.7", "198.51.100.7", "2001:db8::7", NULL } },
	{ ATTR_CLIENT_NAME, { "mx.example.net", "a.example.org", NULL } },
	{ ATTR_HELO, { "localhost", "example.org.", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
	    "MX.EXAMPLE.NET", NULL } },
	{ ATTR_TLS, { "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLSv1.4", NULL } },
	{ ATTR_CIPHER, { "RC4-SHA", "ECDHE-RSA-AES128-GCM-SHA256", "ADH-AES128-SHA",
	    "TLS_AES_256_GCM_SHA384", "TOMORROW", NULL } },
	{ ATTR_CIPHER_BITS, { "40", "128", NULL } },
	{ ATTR_CERT_VERIFIED, { "yes", "no", NULL } },
	{ ATTR_CERT_SUBJECT, { "CN=ann", "/CN=eve", NULL } },
	{ ATTR_CERT_ISSUER, { "CN=ca", NULL } },
	{ ATTR_SNI, { "mail.example.org", "example.org", NULL } },
	{ ATTR_AUTH, { "PLAIN", "LOGIN", NULL } },
	{ ATTR_USER, { "ann", "eve@example.org", NULL } },
	{ ATTR_SENDER, { "<>", "ann@example.org", "x@mx.example.net", NULL } },
	{ ATTR_RECIPIENT, { "bob@example.com", "postmaster@example.org", NULL } },
	{ ATTR_MTA, { "Postfix 3.7.11", "Sendmail 8.17.1.9", NULL } },
};

void
draw_facts(struct session *s)
{
	static const uint32_t days[] = { 0, 20260101, 20261120, 20261201, 20270701 };
	const char *value;
	size_t i, n;

	for (i = 0; i < COUNT(values); i++) {
		session_clear(s, values[i].attr);
		/* Mostly the port tells the service, as with a daemon. */
		if (values[i].attr == ATTR_SERVICE && draw(5) != 0)
			continue;
		switch (draw(8)) {
		case 0:
			session_set_none(s, values[i].attr);
			break;
		case 1:
			session_set_unknown(s, values[i].attr);
			break;
		case 2:
		case 3:
			break;
		default:
			for (n = 0; values[i].values[n] != NULL; n++)
				;
			value = values[i].values[draw((unsigned int)n)];
			session_set(s, values[i].attr, value, strlen(value));
			break;
		}
	}
	session_set_implicit_tls(s, false);
	session_set_today(s, ONE_OF(days));
}
