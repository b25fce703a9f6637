/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "digest.h"

/* FIPS 180-4's examples, as NIST publishes them. */
static const struct {
	const char	*text;
	unsigned int	 times;
	const char	*sum;
} hashes[] = {
	{ "", 1,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "aaaaaaaaaa", 100000,
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

/* RFC 4231, section 4: cases 1, 2, 6 and 7; keys are one byte repeated, or text. */
static const struct {
	uint8_t		 byte;
	size_t		 times;
	const char	*key;
	const char	*data;
	const char	*sum;
} macs[] = {
	{ 0x0b, 20, NULL, "Hi There",
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ 0, 0, "Jefe", "what do ya want for nothing?",
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ 0xaa, 131, NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ 0xaa, 131, NULL, "This is a test using a larger than block-size key and "
	    "a larger than block-size data. The key needs to be hashed before being "
	    "used by the HMAC algorithm.",
	    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
};

static void
test_sha256(void **state)
{
	uint8_t sum[DIGEST_SIZE];
	char hex[DIGEST_SIZE * 2 + 1];
	struct digest *d;
	unsigned int n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		d = digest_new();
		for (n = 0; n < hashes[i].times; n++)
			digest_add(d, hashes[i].text, strlen(hashes[i].text));
		digest_end(d, sum);
		digest_hex(sum, sizeof(sum), hex);
		assert_string_equal(hex, hashes[i].sum);
	}
}

static void
test_hmac(void **state)
{
	uint8_t key[131], sum[DIGEST_SIZE];
	char hex[DIGEST_SIZE * 2 + 1];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(macs) / sizeof(macs[0]); i++) {
		len = macs[i].times;
		memset(key, macs[i].byte, sizeof(key));
		if (macs[i].key != NULL) {
			len = strlen(macs[i].key);
			memcpy(key, macs[i].key, len);
		}
		assert_int_equal(digest_hmac(key, len, macs[i].data,
		    strlen(macs[i].data), sum), 0);
		digest_hex(sum, sizeof(sum), hex);
		assert_string_equal(hex, macs[i].sum);
	}
}

/* HMAC-SHA-256 of nothing under no key, as Python's hmac module has it. */
static void
test_empty_key(void **state)
{
	uint8_t sum[DIGEST_SIZE];
	char hex[DIGEST_SIZE * 2 + 1];

	(void)state;
	assert_int_equal(digest_hmac(NULL, 0, "", 0, sum), 0);
	digest_hex(sum, sizeof(sum), hex);
	assert_string_equal(hex,
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
test_hex(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x7f, 0x80, 0xff, 0xa5 };
	char hex[sizeof(bytes) * 2 + 1];

	(void)state;
	digest_hex(bytes, sizeof(bytes), hex);
	assert_string_equal(hex, "007f80ffa5");
	digest_hex(bytes, 0, hex);
	assert_string_equal(hex, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_empty_key),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
