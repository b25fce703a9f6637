/*
 * macro.c owns the macros: which to ask for at which stage, and which fact
 * each of them is; it may not know what a policy makes of the facts.
 */
/* libc */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "buf.h"
#include "session.h"
#include "xtext.h"
/* this program */
#include "journal.h"
#include "macro.h"

#define MACRO_NAME	24
#define LIST_MAX	512
#define AT(stage)	(1u << (stage))
#define AT_TLS		(AT(SMFIM_CONNECT) | AT(SMFIM_HELO) | AT(SMFIM_ENVFROM))

enum macro {
	M_J, M_V, M_PORT, M_ADDR, M_DAEMON, M_CLIENT_NAME, M_CLIENT_RESOLVE,
	M_TLS_VERSION, M_CIPHER, M_CIPHER_BITS, M_VERIFY, M_CERT_SUBJECT,
	M_CERT_ISSUER, M_CN_SUBJECT, M_CN_ISSUER, M_TLS_SNI, M_MAIL_ADDR,
	M_RCPT_ADDR, M_AUTH_TYPE, M_AUTH_AUTHEN, M_I
};

/*
 * j is always there.  What has no attribute here is read below.  Not const, for
 * libmilter takes names that it could write to; it does not.
 */
static struct row {
	char		name[MACRO_NAME];
	unsigned int	stages;		/* to ask for it at */
	enum attr	attr;
} rows[] = {
	[M_J] = { "j", AT_TLS | AT(SMFIM_ENVRCPT) | AT(SMFIM_EOM), ATTR_NOTHING },
	[M_V] = { "v", AT(SMFIM_CONNECT), ATTR_NOTHING },
	[M_PORT] = { "{daemon_port}", AT(SMFIM_CONNECT), ATTR_PORT },
	[M_ADDR] = { "{daemon_addr}", AT(SMFIM_CONNECT), ATTR_LISTENER },
	[M_DAEMON] = { "{daemon_name}", AT(SMFIM_CONNECT), ATTR_DAEMON },
	[M_CLIENT_NAME] = { "{client_name}", AT(SMFIM_CONNECT), ATTR_NOTHING },
	[M_CLIENT_RESOLVE] = { "{client_resolve}", AT(SMFIM_CONNECT), ATTR_NOTHING },
	[M_TLS_VERSION] = { "{tls_version}", AT_TLS, ATTR_NOTHING },
	[M_CIPHER] = { "{cipher}", AT_TLS, ATTR_NOTHING },
	[M_CIPHER_BITS] = { "{cipher_bits}", AT_TLS, ATTR_NOTHING },
	[M_VERIFY] = { "{verify}", AT_TLS, ATTR_NOTHING },
	[M_CERT_SUBJECT] = { "{cert_subject}", AT_TLS, ATTR_NOTHING },
	[M_CERT_ISSUER] = { "{cert_issuer}", AT_TLS, ATTR_NOTHING },
	[M_CN_SUBJECT] = { "{cn_subject}", AT_TLS, ATTR_NOTHING },
	[M_CN_ISSUER] = { "{cn_issuer}", AT_TLS, ATTR_NOTHING },
	[M_TLS_SNI] = { "{tls_sni}", AT_TLS, ATTR_NOTHING },
	[M_MAIL_ADDR] = { "{mail_addr}", AT(SMFIM_ENVFROM), ATTR_NOTHING },
	[M_RCPT_ADDR] = { "{rcpt_addr}", AT(SMFIM_ENVRCPT), ATTR_NOTHING },
	[M_AUTH_TYPE] = { "{auth_type}", AT(SMFIM_ENVFROM), ATTR_AUTH },
	[M_AUTH_AUTHEN] = { "{auth_authen}", AT(SMFIM_ENVFROM), ATTR_USER },
	[M_I] = { "i", AT(SMFIM_ENVFROM) | AT(SMFIM_ENVRCPT) | AT(SMFIM_EOM),
	    ATTR_NOTHING },
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

/* What is asked for at each stage, as libmilter takes it. */
static char lists[SMFIM_LAST + 1][LIST_MAX];

void
macro_init(void)
{
	size_t i, len;
	int stage;

	for (stage = SMFIM_FIRST; stage <= SMFIM_LAST; stage++) {
		len = 0;
		for (i = 0; i < ROWS; i++)
			if (rows[i].stages & AT(stage))
				len += (size_t)snprintf(lists[stage] + len,
				    LIST_MAX - len, "%s%s", len > 0 ? " " : "",
				    rows[i].name);
	}
}

int
macro_request(SMFICTX *ctx)
{
	int stage;

	for (stage = SMFIM_FIRST; stage <= SMFIM_LAST; stage++)
		if (lists[stage][0] != '\0' &&
		    smfi_setsymlist(ctx, stage, lists[stage]) != MI_SUCCESS)
			return -1;
	return 0;
}

/* NULL when it was not sent, or sent empty, which means the same. */
static const char *
get(SMFICTX *ctx, enum macro macro)
{
	const char *value = smfi_getsymval(ctx, rows[macro].name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

#define STRUCK_OUT	'\177'	/* in no name of a host */

/*
 * Were the MTA's macros of this stage lost?  libmilter drops those for which it
 * has no memory without a word, and goes on with those of earlier stages, or of
 * this stage the last time.  Each stage we ask for has a j of its own: the one
 * that was read is struck out.
 */
static bool
were_lost(SMFICTX *ctx, const struct conn *c)
{
	char *j = c->asked ? smfi_getsymval(ctx, rows[M_J].name) : NULL;

	if (j == NULL || j[0] == '\0')
		return false;
	if (j[0] == STRUCK_OUT)
		return true;
	j[0] = STRUCK_OUT;
	return false;
}

/* Set a fact; text that does not fit its type leaves it unknown. */
static void
set(struct session *s, enum attr attr, const char *value)
{
	if (value != NULL)
		session_set(s, attr, value, strlen(value));
}

/* Postfix calls itself by name and version, Sendmail by version alone. */
static bool
is_sendmail(const char *v)
{
	return v != NULL && v[0] >= '0' && v[0] <= '9';
}

/* A name that the client gave, which Sendmail encodes. */
static void
set_name(SMFICTX *ctx, struct session *s, enum attr attr, const char *value)
{
	struct buf b = BUF_INIT;

	if (value == NULL || strchr(value, '+') == NULL || !is_sendmail(get(ctx, M_V))) {
		set(s, attr, value);
		return;
	}
	xtext_decode(&b, value, strlen(value), attr_info(attr)->max);
	session_set(s, attr, b.data, b.len);
	buf_free(&b);
}

/* Did those of CONNECT come?  No other stage repeats them: any one will do. */
bool
macro_connect_came(SMFICTX *ctx)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].stages == AT(SMFIM_CONNECT) &&
		    get(ctx, (enum macro)i) != NULL)
			return true;
	return false;
}

/* Every macro that was asked for at the stage and is a fact by itself. */
static void
set_plain(SMFICTX *ctx, struct session *s, int stage)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].attr == ATTR_USER && rows[i].stages & AT(stage))
			set_name(ctx, s, ATTR_USER, get(ctx, (enum macro)i));
		else if (rows[i].attr != ATTR_NOTHING && rows[i].stages & AT(stage))
			set(s, rows[i].attr, get(ctx, (enum macro)i));
}

/* --- TLS */

static enum tls_report
set_tls(SMFICTX *ctx, struct conn *c)
{
	const char *version = get(ctx, M_TLS_VERSION);
	const char *cipher = get(ctx, M_CIPHER);
	const char *bits = get(ctx, M_CIPHER_BITS);
	enum tls_report report;

	report = session_set_tls(c->session, version, cipher, bits);
	if (report == TLS_INCONSISTENT && !session_starved(c->session))
		journal_inconsistent(c, version, cipher, bits);
	return report;
}

/*
 * {verify} is Sendmail's: OK and TRUSTED (DANE) are verified, FAIL came and
 * was not; NO, NOT, NONE and the others say there is no certificate to speak
 * of.  Postfix sends names only of a certificate it trusts, and leaves out one
 * that holds control characters.
 */
static void
set_certificate(SMFICTX *ctx, const struct conn *c)
{
	const char *verify = c->postfix ? NULL : get(ctx, M_VERIFY);
	const char *subject = get(ctx, M_CERT_SUBJECT);
	const char *issuer = get(ctx, M_CERT_ISSUER);
	struct session *s = c->session;

	set_name(ctx, s, ATTR_CERT_SUBJECT, subject != NULL || c->postfix ?
	    subject : get(ctx, M_CN_SUBJECT));
	set_name(ctx, s, ATTR_CERT_ISSUER, issuer != NULL || c->postfix ?
	    issuer : get(ctx, M_CN_ISSUER));
	if (verify == NULL ? subject != NULL || issuer != NULL :
	    strcmp(verify, "OK") == 0 || strcmp(verify, "TRUSTED") == 0)
		set(s, ATTR_CERT_VERIFIED, "yes");
	else if (verify != NULL && strcmp(verify, "FAIL") == 0)
		set(s, ATTR_CERT_VERIFIED, "no");
}

static void
set_sni(SMFICTX *ctx, const struct conn *c, bool tls)
{
	const char *sni = tls ? get(ctx, M_TLS_SNI) : NULL;

	if (sni != NULL)
		set(c->session, ATTR_SNI, sni);
	else if (!c->tells_sni)
		session_set_unknown(c->session, ATTR_SNI);
}

/* What is known of the encryption now, and nothing from before. */
static void
set_encryption(SMFICTX *ctx, struct conn *c)
{
	static const enum attr old[] = { ATTR_CERT_VERIFIED, ATTR_CERT_SUBJECT,
	    ATTR_CERT_ISSUER, ATTR_SNI };
	bool tls;
	size_t i;

	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		session_clear(c->session, old[i]);
	/* without TLS there is neither, whatever somebody's defaults say */
	tls = set_tls(ctx, c) != TLS_ABSENT;
	if (tls)
		set_certificate(ctx, c);
	set_sni(ctx, c, tls);
}

static bool
has_tls(const struct session *s)
{
	return session_fact(s, ATTR_TLS).state == FACT_KNOWN;
}

/* --- CONNECT */

static void
set_client(struct session *s, const struct sockaddr *sa)
{
	struct address a;

	if (sa == NULL)
		return;
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		address_from_bytes(&a, (const uint8_t *)&in.sin_addr, 4);
		session_set_client(s, &a);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		address_from_bytes(&a, in6.sin6_addr.s6_addr, 16);
		session_set_client(s, &a);
	}
}

/*
 * The name counts when it leads back to the address.  TEMP: nobody knows now.
 * An MTA that does not say how it resolved is believed only as far as Postfix,
 * which gives "unknown" for all that is not verified.
 */
static void
set_client_name(SMFICTX *ctx, const struct conn *c, const char *host)
{
	const char *resolve = get(ctx, M_CLIENT_RESOLVE);
	const char *name = get(ctx, M_CLIENT_NAME);
	struct session *s = c->session;

	if (name == NULL)
		name = host;
	if (resolve != NULL ? strcmp(resolve, "TEMP") == 0 : !c->postfix)
		return;
	if ((resolve != NULL && strcmp(resolve, "OK") != 0) || name == NULL ||
	    name[0] == '[' || strcasecmp(name, "unknown") == 0)
		session_set_none(s, ATTR_CLIENT_NAME);
	else
		set(s, ATTR_CLIENT_NAME, name);
}

/* Postfix sends the SNI from 3.12 on; Sendmail never does. */
static void
set_mta(SMFICTX *ctx, struct conn *c)
{
	const char *v = get(ctx, M_V);
	unsigned long major = 0, minor = 0;
	struct buf b = BUF_INIT;
	char *end;

	c->postfix = v != NULL && strncmp(v, "Postfix", 7) == 0;
	if (c->postfix) {
		major = strtoul(v + 7, &end, 10);
		minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	}
	c->tells_sni = major > 3 || (major == 3 && minor >= 12);
	if (v == NULL)
		return;
	if (is_sendmail(v))
		buf_puts(&b, "Sendmail ");
	/* one byte more than fits is enough to be seen as too long */
	buf_put(&b, v, strnlen(v, attr_info(ATTR_MTA)->max + 1));
	session_set(c->session, ATTR_MTA, b.data, b.len);
	buf_free(&b);
}

/*
 * Mail that did not come by SMTP is given to milters as a session of the
 * machine with itself, on no port; Postfix 3.7 calls that port 0.
 */
static bool
is_simulated(SMFICTX *ctx, const char *host, const struct sockaddr *sa)
{
	const char *port = get(ctx, M_PORT);
	struct sockaddr_in in;

	if ((port != NULL && strcmp(port, "0") != 0) || host == NULL ||
	    sa == NULL || sa->sa_family != AF_INET ||
	    strcasecmp(host, "localhost") != 0)
		return false;
	memcpy(&in, sa, sizeof(in));
	return in.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

void
macro_service(SMFICTX *ctx, const struct policy *p, struct session *s)
{
	session_set_stage(s, STAGE_CONNECT);
	set_plain(ctx, s, SMFIM_CONNECT);
	/* No port will come later: without one the service is "other". */
	if (get(ctx, M_PORT) == NULL)
		session_set_none(s, ATTR_PORT);
	policy_classify(p, s);
}

bool
macro_is_mx(SMFICTX *ctx)
{
	const char *port = get(ctx, M_PORT);

	return port == NULL ? macro_connect_came(ctx) : strcmp(port, "25") == 0;
}

void
macro_connect(SMFICTX *ctx, struct conn *c, const char *host,
    const struct sockaddr *sa)
{
	struct session *s = c->session;

	c->untold = c->asked && get(ctx, M_J) == NULL && !macro_connect_came(ctx);
	(void)were_lost(ctx, c);
	c->simulated = is_simulated(ctx, host, sa);
	set_client(s, sa);
	set_mta(ctx, c);
	set_client_name(ctx, c, host);
	if (c->simulated)
		set(s, ATTR_SERVICE, "other");
	else
		macro_service(ctx, c->edition->policy, s);
	if (!c->simulated && session_fact(s, ATTR_PORT).state == FACT_NONE)
		journal_no_port(c);
	/* Implicit TLS on Postfix; the session may end before any HELO. */
	set_encryption(ctx, c);
}

/* --- later stages */

void
macro_helo(SMFICTX *ctx, struct conn *c, const char *name)
{
	session_set_stage(c->session, STAGE_HELO);
	session_forget(c->session, STAGE_HELO);
	c->greeted = true;
	set(c->session, ATTR_HELO, name);
	set_encryption(ctx, c);
	if (were_lost(ctx, c) && !has_tls(c->session))
		session_set_unknown(c->session, ATTR_TLS);
}

/*
 * What the argument says, or, where Postfix reads it otherwise, what Postfix
 * reads: its rewriting knows more of what is a mailbox than anybody outside.  To it
 * "<>ann@example.net" is no null sender, and "<,>" is one, for which it says nothing.
 * Sendmail's macro is what its aliases made of it.  Lost macros are an earlier one's.
 */
static void
read_mailbox(SMFICTX *ctx, const struct conn *c, enum macro name, bool lost,
    const char *argument, char out[MAILBOX_TEXT])
{
	const char *read = c->postfix && !lost ? smfi_getsymval(ctx, rows[name].name) : NULL;
	char other[MAILBOX_TEXT];

	mailbox_read(argument, out);
	if (read == NULL || strcasecmp(out, read) == 0 || mailbox_is_null(argument))
		return;
	/* what has no domain may be the text of an error */
	if (read[0] != '\0' && strchr(read, '@') == NULL && strcmp(out, "<>") != 0)
		return;
	/* Postfix quotes as we do, but its macro is in lower case */
	mailbox_read(read, other);
	if (strcasecmp(out, other) != 0)
		memcpy(out, other, strlen(other) + 1);
}

/* A name without a mechanism: some login, but nobody knows which. */
static void
set_login(SMFICTX *ctx, struct session *s)
{
	set_plain(ctx, s, SMFIM_ENVFROM);
	if (session_fact(s, ATTR_AUTH).state != FACT_KNOWN &&
	    get(ctx, M_AUTH_TYPE) == NULL && get(ctx, M_AUTH_AUTHEN) != NULL)
		session_set_unknown(s, ATTR_AUTH);
}

void
macro_mail(SMFICTX *ctx, struct conn *c, const char *sender)
{
	struct session *s = c->session;
	bool lost = were_lost(ctx, c);
	char mailbox[MAILBOX_TEXT];

	session_set_stage(s, STAGE_MAIL);
	session_forget(s, STAGE_MAIL);
	if (!c->greeted)
		session_set_none(s, ATTR_HELO);
	set_encryption(ctx, c);
	if ((lost || !c->asked) && !has_tls(s))
		session_set_unknown(s, ATTR_TLS);
	set_login(ctx, s);
	if (lost) {
		session_set_unknown(s, ATTR_AUTH);
		session_set_unknown(s, ATTR_USER);
	}
	if (sender != NULL) {
		read_mailbox(ctx, c, M_MAIL_ADDR, lost, sender, mailbox);
		set(s, ATTR_SENDER, mailbox);
	}
	/* Where nobody asks for recipients the MTA does not name them. */
	if (!policy_asks(c->edition->policy, ATTR_RECIPIENT))
		session_set_unknown(s, ATTR_RECIPIENT);
	/* Sendmail has one already; where its macros were lost, it is an earlier one */
	if (!lost)
		macro_qid(ctx, c);
}

void
macro_recipient(SMFICTX *ctx, const struct conn *c, const char *argument,
    char out[MAILBOX_TEXT])
{
	out[0] = '\0';
	if (argument != NULL)
		read_mailbox(ctx, c, M_RCPT_ADDR, were_lost(ctx, c), argument, out);
}

void
macro_rcpt(struct conn *c, const char *recipient)
{
	session_set_stage(c->session, STAGE_RCPT);
	session_forget(c->session, STAGE_RCPT);
	set(c->session, ATTR_RECIPIENT, recipient);
}

void
macro_qid(SMFICTX *ctx, struct conn *c)
{
	const char *id = get(ctx, M_I);
	size_t len;

	if (id == NULL)
		return;
	len = strnlen(id, sizeof(c->qid) - 1);
	memcpy(c->qid, id, len);
	c->qid[len] = '\0';
}
