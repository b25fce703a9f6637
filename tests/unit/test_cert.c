/*
 * test_cert.c: what certificates say, made here for what no server is given.
 */
/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* openssl */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
/* under test */
#include "buf.h"
#include "cert.h"

#define NOW		INT64_C(1795225200)	/* 21 November 2026 */
#define DAY		INT64_C(86400)
#define EXTENSIONS	3

/* One key for all: what is looked at is who vouches for whom. */
static EVP_PKEY *key;
static char roots[] = "/tmp/tlswarden-roots.XXXXXX";

struct wish {
	const char	*subject;
	const char	*issuer;
	struct {
		int		 nid;
		const char	*value;
	} extensions[EXTENSIONS];
	int64_t		 begins;	/* 0: a day ago */
	int64_t		 ends;		/* 0: in ten days */
};

#define CA		{ NID_basic_constraints, "critical,CA:TRUE" }
#define ROOT		{ "root", "root", { CA }, 0, 0 }
#define MIDDLE		{ "middle", "root", { CA }, 0, 0 }
#define LEAF		{ "leaf", "middle", { { 0, NULL } }, 0, 0 }

static void
name_it(X509_NAME *name, const char *text)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)text, -1, -1, 0), 1);
}

static X509 *
make(const struct wish *w)
{
	X509 *cert = X509_new();
	X509_EXTENSION *e;
	size_t i;

	assert_non_null(cert);
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 7);
	name_it(X509_get_subject_name(cert), w->subject);
	name_it(X509_get_issuer_name(cert), w->issuer);
	ASN1_TIME_set(X509_getm_notBefore(cert), w->begins != 0 ? w->begins : NOW - DAY);
	ASN1_TIME_set(X509_getm_notAfter(cert), w->ends != 0 ? w->ends : NOW + 10 * DAY);
	X509_set_pubkey(cert, key);
	for (i = 0; i < EXTENSIONS && w->extensions[i].value != NULL; i++) {
		e = X509V3_EXT_conf_nid(NULL, NULL, w->extensions[i].nid,
		    w->extensions[i].value);
		assert_non_null(e);
		assert_int_equal(X509_add_ext(cert, e, -1), 1);
		X509_EXTENSION_free(e);
	}
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	return cert;
}

/* Its bytes, with another number of the same length where the algorithm stands. */
static void
add(struct chain *chain, const struct wish *w, uint8_t algorithm)
{
	static const uint8_t sha256_rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11 };
	const size_t n = sizeof(sha256_rsa);
	X509 *cert = make(w);
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der), i;

	assert_true(len > 0);
	for (i = 0; algorithm != 0 && i + (int)n <= len; i++)
		if (memcmp(der + i, sha256_rsa, n) == 0)
			der[i + (int)n - 1] = algorithm;
	chain_add(chain, der, (size_t)len);
	OPENSSL_free(der);
	X509_free(cert);
}

static void
read_one(struct cert_facts *f, const struct wish *w, const char *name)
{
	struct chain chain = { .count = 0 };

	add(&chain, w, 0);
	cert_read(f, &chain, name, NULL, NOW);
	chain_free(&chain);
}

static int
set_up(void **state)
{
	(void)state;
	/* the machine's own roots are none of ours */
	setenv("SSL_CERT_FILE", "/dev/null", 1);
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	key = EVP_RSA_gen(2048);
	close(mkstemp(roots));
	return key == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	return unlink(roots);
}

static void
trust_only(const struct wish *w)
{
	FILE *f = fopen(roots, "w");
	X509 *cert = make(w);

	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	assert_int_equal(fclose(f), 0);
	X509_free(cert);
}

/* --- */

static void
test_trust(void **state)
{
	static const struct wish root = ROOT, middle = MIDDLE;
	static const struct {
		struct wish		 sent[3];
		const struct wish	*trusted;
		enum trust		 trust;
		int			 fault;
	} rows[] = {
		{ { LEAF }, NULL, TRUST_INCOMPLETE, 0 },
		{ { LEAF, MIDDLE }, NULL, TRUST_INCOMPLETE, 0 },
		{ { LEAF }, &root, TRUST_INCOMPLETE, 0 },
		{ { LEAF }, &middle, TRUST_INCOMPLETE, 0 },
		{ { LEAF, MIDDLE, ROOT }, NULL, TRUST_ROOT, 0 },
		{ { ROOT }, NULL, TRUST_SELF, 0 },
		{ { LEAF, MIDDLE }, &root, TRUST_GOOD, 0 },
		{ { ROOT }, &root, TRUST_GOOD, 0 },
		/* ended long ago, or weak: that is said elsewhere */
		{ { { "leaf", "middle", { { 0, NULL } }, 1, NOW - DAY }, MIDDLE }, &root,
		    TRUST_GOOD, 0 },
		/* of no server; and of an issuer that may not be one */
		{ { { "leaf", "middle", { { NID_ext_key_usage, "clientAuth" } }, 0, 0 },
		    MIDDLE }, &root, TRUST_BAD, X509_V_ERR_INVALID_PURPOSE },
		{ { LEAF, { "middle", "root", { { NID_basic_constraints, "CA:FALSE" } }, 0, 0 } },
		    &root, TRUST_BAD, X509_V_ERR_INVALID_CA },
	};
	struct cert_facts f;
	struct chain chain;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&chain, 0, sizeof(chain));
		for (k = 0; k < 3 && rows[i].sent[k].subject != NULL; k++)
			add(&chain, &rows[i].sent[k], 0);
		if (rows[i].trusted != NULL)
			trust_only(rows[i].trusted);
		cert_read(&f, &chain, NULL, rows[i].trusted != NULL ? roots : NULL, NOW);
		assert_int_equal(f.count, k);
		assert_true(f.readable);
		assert_int_equal(f.trust, rows[i].trust);
		if (rows[i].fault == 0)
			assert_null(f.trust_fault);
		else
			assert_string_equal(f.trust_fault,
			    X509_verify_cert_error_string(rows[i].fault));
		chain_free(&chain);
	}
}

/* What everybody trusts is trusted; but no certificate that vouches for itself. */
static void
test_roots_of_the_machine(void **state)
{
	static const struct wish root = ROOT, middle = MIDDLE, leaf = LEAF;
	struct chain chain = { .count = 0 };
	struct cert_facts f;

	(void)state;
	trust_only(&root);
	setenv("SSL_CERT_FILE", roots, 1);
	add(&chain, &leaf, 0);
	add(&chain, &middle, 0);
	cert_read(&f, &chain, NULL, NULL, NOW);
	assert_int_equal(f.trust, TRUST_GOOD);
	read_one(&f, &root, NULL);
	assert_int_equal(f.trust, TRUST_SELF);
	assert_non_null(f.trust_fault);
	setenv("SSL_CERT_FILE", "/dev/null", 1);
	chain_free(&chain);
}

/* Also of a digest that OpenSSL does not know how to compute any more. */
static void
test_weak_digests(void **state)
{
	static const struct {
		uint8_t	 algorithm;	/* of PKCS #1: 1.2.840.113549.1.1.n */
		bool	 weak;
	} rows[] = { { 2, true }, { 3, true }, { 4, true }, { 5, true }, { 11, false },
	    { 12, false }, { 13, false }, { 14, false } };
	static const struct wish root = ROOT, middle = MIDDLE, leaf = LEAF;
	struct cert_facts f;
	struct chain chain;
	size_t i, weak;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		/* the leaf, the one between, the root, whose signature is no matter */
		for (weak = 0; weak < 3; weak++) {
			memset(&chain, 0, sizeof(chain));
			add(&chain, &leaf, weak == 0 ? rows[i].algorithm : 0);
			add(&chain, &middle, weak == 1 ? rows[i].algorithm : 0);
			add(&chain, &root, weak == 2 ? rows[i].algorithm : 0);
			cert_read(&f, &chain, NULL, NULL, NOW);
			assert_int_equal(f.count, 3);
			assert_true(f.ordered);
			assert_int_equal(f.weak_signature, rows[i].weak && weak < 2);
			chain_free(&chain);
		}
}

/* More names, and longer ones, than there is room for: none is cut in two. */
static void
test_names(void **state)
{
	struct wish w = LEAF;
	struct buf names = BUF_INIT, wanted = BUF_INIT;
	struct cert_facts f;
	size_t len;
	int i;

	(void)state;
	buf_puts(&names, "IP:192.0.2.1,email:a@example.org");
	for (i = 0; i < 250; i++)
		buf_printf(&names, ",DNS:%d", i);
	w.extensions[0].nid = NID_subject_alt_name;
	w.extensions[0].value = buf_str(&names);
	/* the first two hundred of all kinds */
	for (i = 0; i < 198; i++)
		buf_printf(&wanted, "%s%d", i > 0 ? " " : "", i);
	read_one(&f, &w, "197");
	assert_string_equal(f.names, buf_str(&wanted));
	buf_clear(&names);
	for (i = 0; i < 30; i++)
		buf_printf(&names, "%sDNS:%060d", i > 0 ? "," : "", i);
	buf_puts(&names, ",DNS:short");
	w.extensions[0].value = buf_str(&names);
	read_one(&f, &w, "short");
	len = strlen(f.names);
	assert_true(len < sizeof(f.names) && len > sizeof(f.names) - 62);
	assert_int_equal((len - 6) % 61, 60);
	assert_string_equal(f.names + len - 6, " short");
	assert_true(f.name_fits);
	buf_free(&names);
	buf_free(&wanted);
}

static void
test_name_fits(void **state)
{
	static const char alternatives[] = "DNS:mx.example.org,DNS:*.example.net,IP:192.0.2.1,"
	    "IP:2001:db8::1";
	static const struct {
		const char	*name;
		bool		 fits;
	} rows[] = {
		{ "mx.example.org", true }, { "MX.Example.Org", true },
		{ "a.example.net", true }, { "a.b.example.net", false },
		{ "example.net", false }, { "leaf", false }, { "192.0.2.1", true },
		{ "192.0.2.2", false }, { "2001:db8:0::1", true }, { "2001:db8::2", false },
		{ "", false }, { NULL, false },
	};
	struct wish w = LEAF;
	struct cert_facts f;
	size_t i;

	(void)state;
	w.extensions[0].nid = NID_subject_alt_name;
	w.extensions[0].value = alternatives;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_one(&f, &w, rows[i].name);
		assert_int_equal(f.name_fits, rows[i].fits);
		assert_string_equal(f.wanted, rows[i].name != NULL ? rows[i].name : "");
	}
}

static void
test_dates(void **state)
{
	static const struct {
		int64_t		 begins, ends;
		int		 days;
		const char	*until;
		bool		 early;
	} rows[] = {
		{ NOW - DAY, NOW + 10 * DAY, 10, "2026-12-01", false },
		{ NOW - DAY, NOW + DAY - 1, 0, "2026-11-22", false },
		{ NOW - DAY, NOW, 0, "2026-11-21", false },
		{ NOW - DAY, NOW - 1, -1, "2026-11-21", false },
		{ NOW - 9 * DAY, NOW - DAY, -2, "2026-11-20", false },
		{ NOW + 1, NOW + 2 * DAY, 2, "2026-11-23", true },
		{ NOW - DAY, INT64_C(253402300799), 2912118, "9999-12-31", false },
	};
	struct wish w = LEAF;
	struct cert_facts f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w.begins = rows[i].begins;
		w.ends = rows[i].ends;
		read_one(&f, &w, NULL);
		assert_int_equal(f.begins, rows[i].begins);
		assert_int_equal(f.ends, rows[i].ends);
		assert_int_equal(f.days, rows[i].days);
		assert_string_equal(f.until, rows[i].until);
		assert_int_equal(f.early, rows[i].early);
	}
	assert_string_equal(f.subject, "CN=leaf");
	assert_string_equal(f.issuer, "CN=middle");
	assert_string_equal(f.key, "RSA");
	assert_int_equal(f.key_bits, 2048);
	assert_int_equal(f.strength, 112);
}

/* One that cannot be read hides what stands behind it. */
static void
test_unreadable(void **state)
{
	static const struct wish root = ROOT, leaf = LEAF;
	struct chain chain = { .count = 0 };
	struct cert_facts f;

	(void)state;
	cert_read(&f, &chain, "mx.example.org", NULL, NOW);
	assert_false(f.readable);
	chain_add(&chain, (const uint8_t *)"\x30\x03\x02\x01\x01", 5);
	add(&chain, &root, 0);
	cert_read(&f, &chain, "mx.example.org", NULL, NOW);
	assert_false(f.readable);
	assert_int_equal(f.count, 2);
	assert_int_equal(f.trust, TRUST_UNKNOWN);
	chain_free(&chain);
	/* In the wrong order, the root first. */
	add(&chain, &root, 0);
	add(&chain, &leaf, 0);
	cert_read(&f, &chain, NULL, NULL, NOW);
	assert_true(f.readable);
	assert_false(f.ordered);
	chain_free(&chain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_roots_of_the_machine),
		cmocka_unit_test(test_weak_digests),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_fits),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests_name("cert", tests, set_up, tear_down);
}
