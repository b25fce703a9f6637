/*
 * doctor_sendmail_tls.c owns the options of a Sendmail that all its ports
 * share: AUTH and TLS; it may not know of milters.
 */
/* libc */
#include <string.h>
#include <strings.h>
/* this folder */
#include "doctor_sendmail.h"

#define SEPARATORS	", \t"

/* One option: its name in the .cf, in lower case, and in the .mc. */
struct option {
	const char	*name;
	const char	*folded;
	const char	*mc;
};

static const struct option auth_options = { "AuthOptions", "authoptions",
    "confAUTH_OPTIONS" };
static const struct option cipher_list = { "CipherList", "cipherlist",
    "confCIPHER_LIST" };
static const struct option ssl_options = { "ServerSSLOptions",
    "serverssloptions", "confSERVER_SSL_OPTIONS" };
static const struct option cert_file = { "ServerCertFile", "servercertfile",
    "confSERVER_CERT" };
static const struct option key_file = { "ServerKeyFile", "serverkeyfile",
    "confSERVER_KEY" };

static void
paste_option(struct complaint *c, const struct option *o, const char *value)
{
	struct buf b = BUF_INIT, old = BUF_INIT;

	buf_printf(&b, "define(`%s', `%s')dnl", o->mc, value);
	complaint_paste(c, "sendmail.mc", "", "", buf_str(&b));
	buf_clear(&b);
	buf_printf(&old, "O %s", o->name);
	buf_printf(&b, "O %s=%s", o->name, value);
	complaint_paste(c, "sendmail.cf", "", buf_str(&old), buf_str(&b));
	buf_free(&b);
	buf_free(&old);
}

/* --- AUTH */

static bool
auth_waits(const struct port *p)
{
	return (p->wrapper && p->tls) ||
	    strchr(sendmail_option(p->conf, auth_options.folded), 'p') != NULL;
}

static void
check_auth(struct checkup *k, const struct port *p)
{
	const char *value = sendmail_option(p->conf, auth_options.folded);
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s%sp", value, value[0] != '\0' ? "," : "");
	paste_option(complain(k, WEIGHT_FAULT, "auth-clear", p->label,
	    "AUTH PLAIN and LOGIN are offered before TLS: passwords cross the "
	    "network in the clear, and no milter can stop that (RFC 8314, "
	    "section 4.1)"), &auth_options, buf_str(&b));
	buf_free(&b);
}

/* --- TLS */

static const struct {
	const char	*name;
	uint32_t	 version;
} off_switches[] = {
	{ "SSL_OP_NO_TLSv1", 0x0301 },
	{ "SSL_OP_NO_TLSv1_1", 0x0302 },
	{ "SSL_OP_NO_TLSv1_2", 0x0303 },
	{ "SSL_OP_NO_TLSv1_3", 0x0304 },
};
#define SWITCHES	(sizeof(off_switches) / sizeof(off_switches[0]))

/* The version that a word of ServerSSLOptions switches off, or 0. */
static uint32_t
switched_off(const char *word, size_t len)
{
	size_t i;

	if (len > 0 && *word == '+')
		word++, len--;
	for (i = 0; i < SWITCHES; i++)
		if (strlen(off_switches[i].name) == len &&
		    strncasecmp(off_switches[i].name, word, len) == 0)
			return off_switches[i].version;
	return 0;
}

static uint32_t
find_floor(const struct sendmail_conf *c)
{
	const char *at, *value = sendmail_option(c, ssl_options.folded);
	uint32_t floor;
	bool off;
	size_t n;

	for (floor = PURPOSE_TLS_1_0; floor <= 0x0304; floor++) {
		off = false;
		for (at = value; *(at += strspn(at, SEPARATORS)) != '\0'; at += n) {
			n = strcspn(at, SEPARATORS);
			off |= switched_off(at, n) == floor;
		}
		if (!off)
			return floor;
	}
	return PURPOSE_NO_TLS;
}

/* Where a sender goes back to cleartext, a floor above the policy's hurts. */
static void
check_floor(struct checkup *k, const struct port *p)
{
	const char *at = sendmail_option(p->conf, ssl_options.folded);
	uint32_t floor = find_floor(p->conf), v;
	struct buf b = BUF_INIT;
	size_t n;

	for (; *(at += strspn(at, SEPARATORS)) != '\0'; at += n) {
		n = strcspn(at, SEPARATORS);
		v = switched_off(at, n);
		if (v >= p->purpose.floor)
			continue;
		buf_puts(&b, b.len > 0 ? " " : "");
		buf_put(&b, at, n);
	}
	paste_option(complain(k, WEIGHT_WARNING, "tls-floor", p->label,
	    "the server refuses TLS below %s, the policy would take %s: such a "
	    "sender comes back in the clear (RFC 9325, section 5.2)",
	    purpose_version_name(floor), purpose_version_name(p->purpose.floor)),
	    &ssl_options, buf_str(&b));
	buf_free(&b);
}

/* Words of an OpenSSL cipher string that bring in what nobody should use. */
static bool
is_weak(const char *list)
{
	static const char *const weak[] = { "NULL", "EXP", "LOW", "RC4", "ADH",
	    "AECDH", "COMPLEMENTOFALL", "@SECLEVEL=0" };
	bool anonymous_off = strstr(list, "!aNULL") != NULL;
	const char *at;
	size_t n, i;

	for (; *(list += strspn(list, ":, \t")) != '\0'; list += n) {
		n = strcspn(list, ":, \t");
		if (*list == '!' || *list == '-')
			continue;
		if (n == 3 && strncmp(list, "ALL", 3) == 0 && !anonymous_off)
			return true;
		for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
			at = strstr(list, weak[i]);
			if (at != NULL && at < list + n)
				return true;
		}
	}
	return false;
}

bool
sendmail_has_certificate(const struct sendmail_conf *c)
{
	return sendmail_option(c, cert_file.folded)[0] != '\0' &&
	    sendmail_option(c, key_file.folded)[0] != '\0';
}

/* Two of a kind stand in one option, with a comma between. */
static void
check_files(struct checkup *k, const struct port *p, const struct option *o)
{
	const char *at = sendmail_option(p->conf, o->folded);
	struct buf path = BUF_INIT;
	size_t n;
	int error;

	for (; *(at += strspn(at, SEPARATORS)) != '\0'; at += n) {
		n = strcspn(at, SEPARATORS);
		buf_clear(&path);
		buf_put(&path, at, n);
		error = *at == '/' ? doctor_file(k, buf_str(&path)) : 0;
		if (error != 0)
			complain(k, WEIGHT_FAULT, "cert-unreadable", p->label,
			    "%s names %s: %s: no session gets TLS", o->name,
			    buf_str(&path), strerror(error));
	}
	buf_free(&path);
}

static void
check_certificate(struct checkup *k, const struct port *p)
{
	struct complaint *c;

	if (sendmail_has_certificate(p->conf)) {
		check_files(k, p, &cert_file);
		check_files(k, p, &key_file);
		return;
	}

	c = complain(k, p->mx ? WEIGHT_WARNING : WEIGHT_FAULT, "tls-off",
	    p->label, "there is no certificate with its key, so TLS is not offered "
	    "(put in the names of your files)");
	paste_option(c, &cert_file, "/REPLACE/WITH/YOUR/chain.pem");
	paste_option(c, &key_file, "/REPLACE/WITH/YOUR/key.pem");
}

/* Ports that the policy does not know, each kind in one line of it. */
static void
check_unknown(struct checkup *k, const struct port *all, size_t count)
{
	static const char *const guesses[] = { "submission", "submissions",
	    "internal" };
	struct buf ports = BUF_INIT;
	const struct port *first;
	size_t i, j;

	for (j = 0; j < sizeof(guesses) / sizeof(guesses[0]); j++) {
		first = NULL;
		buf_clear(&ports);
		for (i = 0; i < count; i++) {
			if (!all[i].judged || all[i].purpose.known ||
			    all[i].port == 0 || strcmp(all[i].guess, guesses[j]) != 0)
				continue;
			if (first == NULL)
				first = &all[i];
			buf_printf(&ports, "%s%u", ports.len > 0 ? " " : "",
			    all[i].port);
		}
		if (first != NULL)
			doctor_unknown(k, first->label, guesses[j], buf_str(&ports));
	}
	buf_free(&ports);
}

void
doctor_sendmail_options(struct checkup *k, const struct port *all, size_t count)
{
	const struct port *auth = NULL, *floor = NULL, *bare = NULL, *any = NULL;
	const char *ciphers;
	const struct port *p;
	size_t i;

	for (i = 0; i < count; i++) {
		p = &all[i];
		if (!p->judged)
			continue;
		any = p;
		if (auth == NULL && p->auth && p->passwords && !auth_waits(p))
			auth = p;
		if (floor == NULL && p->mx &&
		    p->purpose.floor < find_floor(p->conf))
			floor = p;
		if ((bare == NULL || bare->mx) &&
		    (p->auth || p->mx || p->wrapper))
			bare = p;
	}
	check_unknown(k, all, count);
	if (bare != NULL)
		check_certificate(k, bare);
	if (auth != NULL)
		check_auth(k, auth);
	if (floor != NULL)
		check_floor(k, floor);
	ciphers = any != NULL ? sendmail_option(any->conf, cipher_list.folded) : "";
	if (is_weak(ciphers))
		paste_option(complain(k, WEIGHT_WARNING, "cipher-list", "",
		    "CipherList has ciphers that do not encrypt, do not authenticate "
		    "the server, or are broken (RFC 9325, section 4.1)"),
		    &cipher_list, "HIGH:!aNULL:!eNULL");
}

void
doctor_sendmail_row(const struct port *p, struct checkup_row *row)
{
	row_put(row, COLUMN_AUTH, p->auth_off ? "off" : !p->passwords ? "no password" :
	    auth_waits(p) ? "after TLS" : "in the clear");
	row_put(row, COLUMN_TLS, !p->tls ? "none" : p->wrapper ? "implicit" : "may");
	if (p->tls)
		row_put(row, COLUMN_FLOOR, purpose_version_name(find_floor(p->conf)));
	if (p->judged)
		row_put(row, COLUMN_POLICY, purpose_version_name(p->purpose.floor));
}
