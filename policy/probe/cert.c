/*
 * cert.c owns how certificates are read and judged; it may not know how they
 * were sent.
 */
/* libc */
#include <stdio.h>
#include <string.h>
#include <time.h>
/* openssl */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
/* this project */
#include "address.h"
#include "cert.h"

#define NAMES_MAX	200
#define DAY		86400

static void
put_name(char text[CERT_TEXT], const X509_NAME *name)
{
	BIO *b = BIO_new(BIO_s_mem());
	int len = 0;

	if (b != NULL && X509_NAME_print_ex(b, name, 0,
	    XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB & ~XN_FLAG_SPC_EQ) >= 0)
		len = BIO_read(b, text, CERT_TEXT - 1);
	text[len > 0 ? len : 0] = '\0';
	BIO_free(b);
}

/* A NUL would hide what stands behind it, and a blank makes two names of one. */
static void
put_printable(char *text, const unsigned char *p, size_t len)
{
	for (; len > 0; len--, p++)
		*text++ = *p > ' ' && *p < 0x7f ? (char)*p : '?';
}

static void
put_names(struct cert_facts *f, X509 *cert)
{
	GENERAL_NAMES *names;
	const GENERAL_NAME *name;
	size_t used = 0;
	int i, len;

	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (i = 0; i < sk_GENERAL_NAME_num(names) && i < NAMES_MAX; i++) {
		name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_DNS)
			continue;
		len = ASN1_STRING_length(name->d.dNSName);
		if (len <= 0 || (size_t)len + 2 > sizeof(f->names) - used)
			continue;
		if (used > 0)
			f->names[used++] = ' ';
		put_printable(f->names + used,
		    ASN1_STRING_get0_data(name->d.dNSName), (size_t)len);
		used += (size_t)len;
	}
	f->names[used] = '\0';
	GENERAL_NAMES_free(names);
}

static int64_t
seconds(const ASN1_TIME *t)
{
	struct tm tm;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm);
}

/* It fails where OpenSSL cannot compute the digest, as MD2, and names it all the same. */
static bool
is_weak_digest(const X509 *cert)
{
	int digest = NID_undef;

	(void)X509_get_signature_info((X509 *)(uintptr_t)cert, &digest, NULL, NULL, NULL);
	return digest == NID_sha1 || digest == NID_md5 || digest == NID_md4 ||
	    digest == NID_md2;
}

static bool
is_self_signed(X509 *cert)
{
	return X509_NAME_cmp(X509_get_subject_name(cert),
	    X509_get_issuer_name(cert)) == 0;
}

static void
put_dates(struct cert_facts *f, X509 *cert, int64_t now)
{
	struct tm tm;
	time_t ends;

	f->begins = seconds(X509_get0_notBefore(cert));
	f->ends = seconds(X509_get0_notAfter(cert));
	f->early = f->begins > now;
	f->days = (int)((f->ends - now) / DAY);
	if (f->ends < now)
		f->days = -(int)((now - f->ends) / DAY) - 1;
	ends = (time_t)f->ends;
	if (gmtime_r(&ends, &tm) == NULL ||
	    strftime(f->until, sizeof(f->until), "%Y-%m-%d", &tm) == 0)
		strcpy(f->until, "?");
}

static void
put_key(struct cert_facts *f, X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	const char *type;
	int bits;

	strcpy(f->key, "unknown");
	if (key == NULL)
		return;
	type = EVP_PKEY_get0_type_name(key);
	if (type != NULL)
		snprintf(f->key, sizeof(f->key), "%s", type);
	bits = EVP_PKEY_bits(key);
	f->key_bits = bits > 0 ? (unsigned int)bits : 0;
	bits = EVP_PKEY_security_bits(key);
	f->strength = bits > 0 ? (unsigned int)bits : 0;
}

/* A name in the subject alone does not count (RFC 9525, section 2). */
static void
check_name(struct cert_facts *f, X509 *cert, const char *name)
{
	struct address a;

	if (name == NULL || name[0] == '\0')
		return;
	snprintf(f->wanted, sizeof(f->wanted), "%s", name);
	if (address_parse(&a, name, strlen(name)) == 0)
		f->name_fits = X509_check_ip_asc(cert, name, 0) == 1;
	else
		f->name_fits = X509_check_host(cert, name, 0,
		    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1;
}

static enum trust
trust_of(int error)
{
	switch (error) {
	case X509_V_OK:
		return TRUST_GOOD;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return TRUST_SELF;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return TRUST_ROOT;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return TRUST_INCOMPLETE;
	default:
		return TRUST_BAD;
	}
}

/* Dates and strength are judged elsewhere, each for itself. */
static void
check_trust(struct cert_facts *f, X509 *cert, STACK_OF(X509) *others,
    const char *ca_file)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int error;

	if (store == NULL || ctx == NULL)
		goto out;
	X509_STORE_set_default_paths(store);
	if (ca_file != NULL)
		X509_STORE_load_file(store, ca_file);
	if (X509_STORE_CTX_init(ctx, store, cert, others) != 1)
		goto out;
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
	X509_VERIFY_PARAM_set_auth_level(param, 0);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_verify_cert(ctx);
	error = X509_STORE_CTX_get_error(ctx);
	f->trust = trust_of(error);
	if (f->trust == TRUST_BAD)
		f->trust_fault = X509_verify_cert_error_string(error);
	/*
	 * Debian's ssl-cert puts the certificate that it makes for each machine
	 * among the roots of that machine: clients have it nowhere.
	 */
	if (f->trust == TRUST_GOOD && ca_file == NULL && is_self_signed(cert)) {
		f->trust = TRUST_SELF;
		f->trust_fault = "this machine trusts it, and others do not";
	}
out:
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
}

static STACK_OF(X509) *
parse(const struct chain *chain)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	const unsigned char *p;
	X509 *cert;
	size_t i;

	for (i = 0; certs != NULL && i < chain->count; i++) {
		p = chain->der[i];
		cert = d2i_X509(NULL, &p, (long)chain->len[i]);
		if (cert == NULL)
			break;
		sk_X509_push(certs, cert);
	}
	return certs;
}

void
cert_read(struct cert_facts *f, const struct chain *chain, const char *name,
    const char *ca_file, int64_t now)
{
	STACK_OF(X509) *certs = parse(chain);
	X509 *cert, *next;
	int i;

	memset(f, 0, sizeof(*f));
	f->count = chain->count;
	if (sk_X509_num(certs) > 0) {
		cert = sk_X509_value(certs, 0);
		f->readable = true;
		put_name(f->subject, X509_get_subject_name(cert));
		put_name(f->issuer, X509_get_issuer_name(cert));
		put_names(f, cert);
		put_dates(f, cert, now);
		put_key(f, cert);
		OBJ_obj2txt(f->signature, sizeof(f->signature),
		    OBJ_nid2obj(X509_get_signature_nid(cert)), 0);
		check_name(f, cert, name);
		check_trust(f, cert, certs, ca_file);
	}
	f->ordered = true;
	for (i = 0; i < sk_X509_num(certs); i++) {
		cert = sk_X509_value(certs, i);
		next = sk_X509_value(certs, i + 1);	/* NULL behind the last */
		if (next != NULL && X509_check_issued(next, cert) != X509_V_OK)
			f->ordered = false;
		if ((i == 0 || !is_self_signed(cert)) && is_weak_digest(cert))
			f->weak_signature = true;
	}
	sk_X509_pop_free(certs, X509_free);
	ERR_clear_error();
}
