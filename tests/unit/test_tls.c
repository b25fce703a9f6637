/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
/* cmocka */
#include <cmocka.h>
/* openssl */
#include <openssl/objects.h>
#include <openssl/ssl.h>
/* under test */
#include "buf.h"
#include "cipher_table.h"
#include "tls.h"

static void
test_versions(void **state)
{
	static const struct {
		const char	*name;
		uint32_t	 number;
		uint32_t	 later;
		const char	*printed;
	} rows[] = {
		{ "SSLv2", 0x0002, 0, "SSLv2" }, { "SSLv3", 0x0300, 0, "SSLv3" },
		{ "TLSv1", 0x0301, 0, "TLSv1" }, { "tlsv1.0", 0x0301, 0, "TLSv1" },
		{ "TLSv1.1", 0x0302, 0, "TLSv1.1" }, { "TLSv1.2", 0x0303, 0, "TLSv1.2" },
		{ "TLSV1.3", 0x0304, 0, "TLSv1.3" }, { "TLSv1.4", 0, 0x0305, "TLSv1.4" },
		{ "TLSv1.9", 0, 0x030a, "TLSv1.9" }, { "TLSv1.10", 0, 0, NULL },
		{ "TLSv2", 0, 0, NULL }, { "TLS", 0, 0, NULL }, { "", 0, 0, NULL },
		{ "TLSv1.", 0, 0, NULL }, { "unknown", 0, 0, NULL },
	};
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i].name);
		assert_int_equal(tls_version(rows[i].name, len), rows[i].number);
		assert_int_equal(tls_version_later(rows[i].name, len), rows[i].later);
		if (rows[i].printed != NULL)
			assert_string_equal(tls_version_name(rows[i].number |
			    rows[i].later), rows[i].printed);
	}
	assert_string_equal(tls_version_name(0), "");
	assert_string_equal(tls_version_name(0x0303ff), "");
}

static void
test_tables_are_sorted_and_agree(void **state)
{
	struct cipher c;
	size_t i;

	(void)state;
	for (i = 0; i < cipher_table_count; i++) {
		if (i > 0)
			assert_true(strcasecmp(cipher_table[i - 1].name,
			    cipher_table[i].name) < 0);
		assert_true(tls_cipher(cipher_table[i].name,
		    strlen(cipher_table[i].name), &c));
		assert_string_equal(c.name, cipher_table[i].name);
		if (c.iana[0] != '\0') {
			assert_true(tls_cipher(c.iana, strlen(c.iana), &c));
			assert_string_equal(c.name, cipher_table[i].name);
		}
		if (c.former[0] != '\0') {
			assert_true(tls_cipher(c.former, strlen(c.former), &c));
			assert_string_equal(c.name, cipher_table[i].name);
		}
		assert_true(c.strength <= c.bits);
		assert_true(!c.tls13 || c.fs);
	}
	for (i = 0; i < cipher_names_count; i++) {
		if (i > 0)
			assert_true(strcasecmp(cipher_names[i - 1].other,
			    cipher_names[i].other) < 0);
		assert_true(tls_cipher(cipher_names[i].other,
		    strlen(cipher_names[i].other), &c));
		assert_string_equal(c.name, cipher_names[i].name);
	}
	for (i = 0; i < cipher_iana_count; i++) {
		if (i > 0)
			assert_true(strcasecmp(cipher_iana[i - 1].name,
			    cipher_iana[i].name) < 0);
		assert_true(tls_cipher(cipher_iana[i].name,
		    strlen(cipher_iana[i].name), &c));
		assert_string_equal(c.iana, cipher_iana[i].name);
	}
}

/* Every suite of the OpenSSL at hand, against what it says of itself. */
static void
test_openssl_agrees(void **state)
{
	STACK_OF(SSL_CIPHER) *stack;
	const SSL_CIPHER *suite;
	const char *name, *standard;
	struct cipher c;
	SSL_CTX *ctx;
	int alg, bits, i, kx;

	(void)state;
	ctx = SSL_CTX_new(TLS_method());
	assert_non_null(ctx);
	assert_int_equal(SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384:"
	    "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"
	    "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256"), 1);
	assert_int_equal(SSL_CTX_set_cipher_list(ctx,
	    "ALL:COMPLEMENTOFALL:@SECLEVEL=0"), 1);
	stack = SSL_CTX_get_ciphers(ctx);
	assert_true(sk_SSL_CIPHER_num(stack) > 100);
	for (i = 0; i < sk_SSL_CIPHER_num(stack); i++) {
		suite = sk_SSL_CIPHER_value(stack, i);
		name = SSL_CIPHER_get_name(suite);
		standard = SSL_CIPHER_standard_name(suite);
		assert_true(tls_cipher(name, strlen(name), &c));
		assert_string_equal(c.name, name);
		if (standard != NULL)
			assert_string_equal(c.iana, standard);
		bits = SSL_CIPHER_get_bits(suite, &alg);
		assert_true(tls_bits_fit(&c, (uint32_t)bits));
		if (strstr(c.iana, "_CCM_8") == NULL)
			assert_int_equal(c.strength, bits);
		assert_int_equal(c.bits, alg);
		assert_int_equal(c.aead, SSL_CIPHER_is_aead(suite));
		assert_int_equal(c.anon, SSL_CIPHER_get_auth_nid(suite) == NID_auth_null);
		kx = SSL_CIPHER_get_kx_nid(suite);
		assert_int_equal(c.fs, kx == NID_kx_any || kx == NID_kx_dhe ||
		    kx == NID_kx_ecdhe || kx == NID_kx_dhe_psk ||
		    kx == NID_kx_ecdhe_psk);
		assert_int_equal(c.tls13, kx == NID_kx_any);
	}
	SSL_CTX_free(ctx);
}

static void
test_suites(void **state)
{
	static const struct {
		const char	*name;
		const char	*openssl;
		unsigned int	 bits, strength;
		bool		 aead, fs, anon, tls13;
	} rows[] = {
		{ "RC4-SHA", "RC4-SHA", 128, 80, false, false, false, false },
		{ "tls_rsa_with_rc4_128_md5", "RC4-MD5", 128, 80, false, false, false,
		    false },
		{ "DES-CBC3-SHA", "DES-CBC3-SHA", 168, 112, false, false, false, false },
		{ "EDH-RSA-DES-CBC3-SHA", "DHE-RSA-DES-CBC3-SHA", 168, 112, false, true,
		    false, false },
		{ "DES-CBC-SHA", "DES-CBC-SHA", 56, 56, false, false, false, false },
		{ "EXP-RC4-MD5", "EXP-RC4-MD5", 128, 40, false, false, false, false },
		{ "EXP-EDH-RSA-DES-CBC-SHA", "EXP-EDH-RSA-DES-CBC-SHA", 56, 40, false,
		    true, false, false },
		{ "EXP1024-RC4-SHA", "EXP1024-RC4-SHA", 128, 56, false, false, false,
		    false },
		{ "NULL-SHA256", "NULL-SHA256", 0, 0, false, false, false, false },
		{ "ADH-AES256-GCM-SHA384", "ADH-AES256-GCM-SHA384", 256, 256, true, true,
		    true, false },
		{ "AECDH-NULL-SHA", "AECDH-NULL-SHA", 0, 0, false, true, true, false },
		{ "ECDH-RSA-AES128-SHA", "ECDH-RSA-AES128-SHA", 128, 128, false, false,
		    false, false },
		{ "SRP-AES-256-CBC-SHA", "SRP-AES-256-CBC-SHA", 256, 256, false, false,
		    false, false },
		{ "TLS_AES_128_CCM_8_SHA256", "TLS_AES_128_CCM_8_SHA256", 128, 128, true,
		    true, false, true },
		{ "TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", 256,
		    256, true, true, false, true },
		{ "TLS_RSA_WITH_ARIA_256_CBC_SHA384", "TLS_RSA_WITH_ARIA_256_CBC_SHA384",
		    256, 256, false, false, false, false },
		{ "GOST2012-GOST8912-GOST8912", "LEGACY-GOST2012-GOST8912-GOST8912",
		    256, 256, false, false, false, false },
	};
	static const char *const nobody[] = { "", "AES", "ECDHE", "TLS_", "RC4-SHA ",
	    "RC4-SH", "RC4-SHAx", "(NONE)", "TLSv1.2" };
	struct cipher c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(tls_cipher(rows[i].name, strlen(rows[i].name), &c));
		assert_string_equal(c.name, rows[i].openssl);
		assert_int_equal(c.bits, rows[i].bits);
		assert_int_equal(c.strength, rows[i].strength);
		assert_int_equal(c.aead, rows[i].aead);
		assert_int_equal(c.fs, rows[i].fs);
		assert_int_equal(c.anon, rows[i].anon);
		assert_int_equal(c.tls13, rows[i].tls13);
	}
	for (i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		assert_false(tls_cipher(nobody[i], strlen(nobody[i]), &c));
	assert_false(tls_cipher("RC4-SHA\0", 8, &c));
	assert_true(tls_cipher("RC4-SHA-more", 7, &c));
}

static void
test_bits(void **state)
{
	struct cipher c;

	(void)state;
	assert_true(tls_cipher("DES-CBC3-SHA", 12, &c));
	assert_true(tls_bits_fit(&c, 112));
	assert_true(tls_bits_fit(&c, 168));
	assert_false(tls_bits_fit(&c, 64));
	assert_false(tls_bits_fit(&c, 256));
	assert_true(tls_cipher("AES128-CCM8", 11, &c));
	assert_true(tls_bits_fit(&c, 64));
	assert_true(tls_bits_fit(&c, 128));
	assert_false(tls_bits_fit(&c, 0));
}

static void
collect(void *ctx, const char *name)
{
	buf_puts(ctx, name);
	buf_putc(ctx, '\n');
}

/* Is the name among those the string selects? */
static bool
selects(const char *string, const char *name)
{
	struct buf all = BUF_INIT;
	bool found = false;
	char *line;

	if (tls_cipher_string(string, collect, &all) == 0) {
		for (line = strtok(all.data, "\n"); line != NULL;
		    line = strtok(NULL, "\n"))
			if (strcmp(line, name) == 0)
				found = true;
	}
	buf_free(&all);
	return found;
}

static int
understood(const char *string)
{
	struct buf all = BUF_INIT;
	int result;

	result = tls_cipher_string(string, collect, &all);
	assert_true((result == 0) == (all.len > 0));
	buf_free(&all);
	return result;
}

static void
test_strings(void **state)
{
	static const char modern[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

	(void)state;
	assert_true(selects(modern, "ECDHE-RSA-AES128-GCM-SHA256"));
	assert_true(selects(modern, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
	assert_true(selects(modern, "TLS_AES_256_GCM_SHA384"));
	assert_false(selects(modern, "AES128-GCM-SHA256"));
	assert_false(selects(modern, "ECDHE-RSA-AES128-SHA"));
	assert_true(selects("HIGH:!aNULL", "DHE-RSA-AES256-SHA"));
	assert_false(selects("HIGH:!aNULL", "ADH-AES256-SHA"));
	assert_true(selects("ALL:@SECLEVEL=0", "ADH-AES256-SHA"));
	/* TLS 1.3 suites, by name and away */
	assert_true(selects("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"));
	assert_false(selects("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"));
	assert_true(selects("TLS_AES_128_CCM_SHA256 HIGH", "TLS_AES_128_CCM_SHA256"));
	assert_false(selects("TLS_AES_128_CCM_SHA256 HIGH", "TLS_AES_128_GCM_SHA256"));
	assert_false(selects("HIGH:!TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"));
	assert_true(selects("HIGH:!TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"));
	assert_false(selects("HIGH:!TLSv1.3", "TLS_AES_256_GCM_SHA384"));
	assert_false(selects("HIGH:-TLSv1.3", "TLS_AES_256_GCM_SHA384"));
	assert_true(selects("HIGH:+TLSv1.3", "TLS_AES_256_GCM_SHA384"));
	assert_true(selects("HIGH:TLSv1.3", "TLS_AES_256_GCM_SHA384"));
	/* moved to the end, or named and then not at all */
	assert_true(selects("HIGH:+TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"));
	assert_false(selects("HIGH:TLS_AES_256_GCM_SHA384:!TLSv1.3",
	    "TLS_AES_256_GCM_SHA384"));
	assert_false(selects("HIGH:TLS_AES_256_GCM_SHA384:-TLS_AES_256_GCM_SHA384",
	    "TLS_AES_256_GCM_SHA384"));
	assert_true(selects("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256",
	    "TLS_AES_128_GCM_SHA256"));
	assert_false(selects("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:"
	    "!TLS_AES_128_GCM_SHA256:!TLS_AES_128_CCM_SHA256", "TLS_AES_128_GCM_SHA256"));
	/* IANA names in a string of OpenSSL's */
	assert_true(selects("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"));
	assert_false(selects("HIGH:!TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"));

	assert_int_equal(understood("HIGH:!aNULL:!MD5:!RC4:!EXPORT:!LOW"), 0);
	assert_int_equal(understood("HIGH:+AES128-SHA:@STRENGTH"), 0);
	assert_int_equal(understood("ECDHE+AESGCM:HIGHH"), -1);
	assert_int_equal(understood("ECDHE+AESGCMM"), -1);
	assert_int_equal(understood("HIGH:!aNUL"), -1);
	assert_int_equal(understood("ECDHE+"), -1);
	assert_int_equal(understood("RC4"), -1);
	assert_int_equal(understood("!ALL"), -1);
	assert_int_equal(understood(""), -1);
	assert_int_equal(understood(" ::: "), -1);
	assert_int_equal(understood("@SECLEVEL=0"), -1);
	assert_int_equal(understood("TLS_AES_128_GCM_SHA256:!TLS_AES_128_GCM_SHA256"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_tables_are_sorted_and_agree),
		cmocka_unit_test(test_openssl_agrees),
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
