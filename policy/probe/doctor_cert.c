/*
 * doctor_cert.c owns the question whether a service of Postfix has a certificate
 * that it can read; it may not know what stands in one.
 */
/* libc */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this folder */
#include "doctor_postfix.h"

#define SEPARATORS	", \t\r\n"
/* Nobody has such files: who forgets to put in his own is told. */
#define CHAIN	"/REPLACE/WITH/YOUR/key-and-chain.pem"
#define CERT	"/REPLACE/WITH/YOUR/chain.pem"
#define KEY	"/REPLACE/WITH/YOUR/key.pem"

/* When the first is set, Postfix looks at none of the others. */
static const char *const cert_names[] = { "smtpd_tls_chain_files",
    "smtpd_tls_cert_file", "smtpd_tls_eccert_file", "smtpd_tls_dcert_file" };
static const char *const key_names[] = { NULL, "smtpd_tls_key_file",
    "smtpd_tls_eckey_file", "smtpd_tls_dkey_file" };
#define NAMES	(sizeof(cert_names) / sizeof(cert_names[0]))

/* "" for none: "none" asks for suites without a certificate. */
static const char *
get_files(const struct smtp_service *s, const char *name, struct buf *b)
{
	const char *value = postfix_get(s->conf, s->entry, name, b);

	value += strspn(value, SEPARATORS);
	return strcasecmp(value, "none") == 0 ? "" : value;
}

bool
has_certificate(const struct smtp_service *s)
{
	struct buf b = BUF_INIT;
	bool has = false;
	size_t i;

	for (i = 0; i < NAMES; i++)
		has |= get_files(s, cert_names[i], &b)[0] != '\0';
	buf_free(&b);
	return has;
}

/* Does the service itself say what main.cf says for the others? */
static bool
is_overridden(const struct smtp_service *s)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (params_get(&s->entry->overrides, cert_names[i]) != NULL)
			return true;
	return false;
}

/* smtpd_tls_chain_files came with 3.4. */
static bool
knows_chain(const struct smtp_service *s)
{
	struct buf b = BUF_INIT;
	unsigned long major, minor = 0;
	char *end;

	major = strtoul(postfix_get(s->conf, NULL, "mail_version", &b), &end, 10);
	if (*end == '.')
		minor = strtoul(end + 1, NULL, 10);
	buf_free(&b);
	return major > 3 || (major == 3 && minor >= 4);
}

static void
paste_file(struct complaint *c, const struct smtp_service *s, const char *name,
    const char *value)
{
	struct buf b = BUF_INIT;

	if (is_overridden(s)) {
		put_override(&b, name, value);
		paste_service(c, s, buf_str(&b));
	} else {
		buf_printf(&b, "%s = %s", name, value);
		complaint_paste(c, "main.cf", "", name, buf_str(&b));
	}
	buf_free(&b);
}

void
paste_certificate(struct complaint *c, const struct smtp_service *s)
{
	if (knows_chain(s))
		paste_file(c, s, cert_names[0], CHAIN);
	else {
		paste_file(c, s, cert_names[1], CERT);
		paste_file(c, s, key_names[1], KEY);
	}
}

/* Each file of a list, once: TLS is off when one cannot be read. */
static bool
check_files(struct checkup *k, const struct smtp_service *s, const char *name)
{
	struct buf value = BUF_INIT, path = BUF_INIT;
	const char *at;
	bool good = true;
	size_t n;
	int error;

	at = get_files(s, name, &value);
	for (; good && *(at += strspn(at, SEPARATORS)) != '\0'; at += n) {
		n = strcspn(at, SEPARATORS);
		buf_clear(&path);
		buf_put(&path, at, n);
		/* what is relative begins in a directory that we do not know */
		error = *at == '/' ? doctor_file(k, buf_str(&path)) : 0;
		if (error == 0)
			continue;
		good = false;
		complain(k, WEIGHT_FAULT, "cert-unreadable", s->label,
		    "%s names %s: %s: no session gets TLS", name, buf_str(&path),
		    strerror(error));
	}
	buf_free(&value);
	buf_free(&path);
	return good;
}

static void
check_all_files(struct checkup *k, const struct smtp_service *s)
{
	struct buf b = BUF_INIT;
	size_t i;

	if (get_files(s, cert_names[0], &b)[0] != '\0')
		check_files(k, s, cert_names[0]);
	else
		for (i = 1; i < NAMES; i++)
			if (get_files(s, cert_names[i], &b)[0] != '\0' &&
			    check_files(k, s, cert_names[i]))
				check_files(k, s, key_names[i]);
	buf_free(&b);
}

/* Where TLS is off altogether, the lines of tls-off bring the certificate. */
void
doctor_cert(struct checkup *k, const struct smtp_service *s)
{
	if (s->level == LEVEL_NONE)
		return;
	if (has_certificate(s))
		check_all_files(k, s);
	else
		paste_certificate(complain(k, WEIGHT_FAULT, "cert-missing",
		    s->label, "TLS is switched on and there is no certificate, so no "
		    "session can use it (put in the names of your files, the key "
		    "first)"), s);
}
