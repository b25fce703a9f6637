/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "hello.h"
#include "ssl2.h"
#include "suites.h"

static const uint16_t suites_[] = { 0x0005, 0xc02f };
static const uint16_t groups_[] = { 0x001d };

static void
build(struct buf *b, uint16_t version, bool compression, const char *sni)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.version = version;
	h.suites = suites_;
	h.suite_count = 2;
	h.groups = groups_;
	h.group_count = 1;
	h.compression = compression;
	h.sni = sni;
	memset(h.random, 0xaa, sizeof(h.random));
	hello_build(b, &h);
}

/* SSLv3 has no extensions: RFC 6101, section 5.6.1.2. */
static void
test_build_ssl3(void **state)
{
	static const uint8_t end[] = {
		0, 0, 6, 0x00, 0x05, 0xc0, 0x2f, 0x00, 0xff, 2, 1, 0
	};
	struct buf b = BUF_INIT;

	(void)state;
	build(&b, 0x0300, true, NULL);
	assert_int_equal(b.len, 5 + 4 + 2 + 32 + sizeof(end));
	assert_memory_equal(b.data, "\x16\x03\x00\x00\x32\x01\x00\x00\x2e\x03\x00", 11);
	assert_memory_equal(b.data + 43, end, sizeof(end));
	buf_free(&b);
}

static void
test_build_tls13(void **state)
{
	struct buf b = BUF_INIT;
	const uint8_t *p;
	size_t at;

	(void)state;
	build(&b, 0x0304, false, "a.example");
	p = (const uint8_t *)b.data;
	assert_int_equal(p[1] << 8 | p[2], 0x0301);
	assert_int_equal((size_t)(p[3] << 8 | p[4]), b.len - 5);
	assert_int_equal((size_t)(p[6] << 16 | p[7] << 8 | p[8]), b.len - 9);
	assert_int_equal(p[9] << 8 | p[10], 0x0303);
	assert_int_equal(p[43], 32);
	assert_memory_equal(p + 76, "\0\4\0\5\xc0\x2f\1\0", 8);	/* no SCSV */
	at = 86;
	assert_int_equal((size_t)(p[84] << 8 | p[85]), b.len - at);
	assert_memory_equal(p + at, "\0\0\0\x0e\0\x0c\0\0\x09" "a.example", 18);
	assert_memory_equal(p + at + 18, "\0\x0a\0\4\0\2\0\x1d", 8);
	/* supported_versions, and a key_share with nothing in it */
	assert_memory_equal(p + b.len - 13, "\0\x2b\0\3\2\3\4\0\x33\0\2\0\0", 13);
	buf_free(&b);
}

/* A record of handshake type with one message. */
static size_t
put_record(uint8_t *out, uint8_t message, const void *body, size_t len)
{
	out[0] = 22;
	out[1] = 3;
	out[2] = 3;
	out[3] = (uint8_t)((len + 4) >> 8);
	out[4] = (uint8_t)(len + 4);
	out[5] = message;
	out[6] = 0;
	out[7] = (uint8_t)(len >> 8);
	out[8] = (uint8_t)len;
	memcpy(out + 9, body, len);
	return len + 9;
}

/* TLS 1.2, DHE, RFC 5746's extension, a chain of one byte, a prime of 1023 bits. */
static size_t
put_flight(uint8_t *out)
{
	static const uint8_t chain[] = { 0, 0, 4, 0, 0, 1, 0x30 };
	uint8_t hello[2 + 32 + 1 + 2 + 1 + 2 + 5] = { 3, 3 };
	uint8_t key[2 + 128 + 3 + 3] = { 0, 128, 0x40 };
	size_t len;

	memcpy(hello + 35, "\0\x39\0\0\5\xff\x01\0\1\0", 10);
	memcpy(key + 130, "\0\1\2\0\1\2", 6);
	len = put_record(out, 2, hello, sizeof(hello));
	len += put_record(out + len, 11, chain, sizeof(chain));
	len += put_record(out + len, 12, key, sizeof(key));
	return len + put_record(out + len, 14, "", 0);
}

static void
check_flight(const struct hello_answer *a)
{
	assert_int_equal(a->kind, HELLO_SERVER);
	assert_int_equal(a->version, 0x0303);
	assert_int_equal(a->suite, 0x0039);
	assert_int_equal(a->compression, 0);
	assert_true(a->renegotiation);
	assert_int_equal(a->dh_bits, 1023);
	assert_int_equal(a->certificates_len, 7);
	assert_memory_equal(a->certificates, "\0\0\4\0\0\1\x30", 7);
}

/* RFC 8422, section 5.4: a curve with a name is a group; one that is spelt out is none. */
static void
test_read_curve(void **state)
{
	static const uint8_t keys[][8] = { { 3, 0, 29, 1, 9 }, { 1, 0, 29, 1, 9 } };
	uint8_t hello[2 + 32 + 1 + 2 + 1] = { 3, 3 }, bytes[1024];
	struct hello_reader r;
	size_t i, len;

	(void)state;
	memcpy(hello + 35, "\xc0\x2f\0", 3);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		len = put_record(bytes, 2, hello, sizeof(hello));
		len += put_record(bytes + len, 12, keys[i], sizeof(keys[i]));
		len += put_record(bytes + len, 14, "", 0);
		hello_reader_init(&r, true);
		assert_true(hello_reader_feed(&r, bytes, len));
		assert_int_equal(r.answer.kind, HELLO_SERVER);
		assert_int_equal(r.answer.suite, 0xc02f);
		assert_int_equal(r.answer.group, i == 0 ? 29 : 0);
		hello_reader_free(&r);
	}
}

/* However the bytes are cut, it is the same answer, and not before the last. */
static void
test_read_flight(void **state)
{
	uint8_t bytes[1024];
	struct hello_reader r;
	size_t len = put_flight(bytes), step, at, n;
	bool done;

	(void)state;
	for (step = 1; step <= len; step++) {
		hello_reader_init(&r, true);
		for (at = 0, done = false; at < len; at += n) {
			assert_false(done);
			n = len - at < step ? len - at : step;
			done = hello_reader_feed(&r, bytes + at, n);
		}
		assert_true(done);
		check_flight(&r.answer);
		hello_reader_free(&r);
	}
	hello_reader_init(&r, false);
	assert_true(hello_reader_feed(&r, bytes, len));
	assert_int_equal(r.answer.kind, HELLO_SERVER);
	assert_int_equal(r.answer.dh_bits, 0);
	hello_reader_free(&r);
}

/* Messages do not end where records end. */
static void
test_read_fragments(void **state)
{
	uint8_t bytes[1024], cut[4096];
	struct hello_reader r;
	size_t len = put_flight(bytes), at, body, i, n = 0;

	(void)state;
	for (at = 0; at < len; at += 5 + body) {
		body = (size_t)bytes[at + 3] << 8 | bytes[at + 4];
		for (i = 0; i < body; i++) {
			memcpy(cut + n, "\x16\3\3\0\1", 5);
			cut[n + 5] = bytes[at + 5 + i];
			n += 6;
		}
	}
	hello_reader_init(&r, true);
	assert_true(hello_reader_feed(&r, cut, n));
	check_flight(&r.answer);
	hello_reader_free(&r);
}

static const uint8_t retry[] = {
	22, 3, 3, 0, 88, 2, 0, 0, 84, 3, 3,
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
	0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
	32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x13, 0x02, 0, 0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0x11, 0xec
};

static void
test_read_retry(void **state)
{
	struct hello_reader r;

	(void)state;
	hello_reader_init(&r, false);
	assert_false(hello_reader_feed(&r, retry, sizeof(retry) - 1));
	assert_true(hello_reader_feed(&r, retry + sizeof(retry) - 1, 1));
	assert_int_equal(r.answer.kind, HELLO_RETRY);
	assert_int_equal(r.answer.version, 0x0304);
	assert_int_equal(r.answer.suite, 0x1302);
	assert_int_equal(r.answer.group, 0x11ec);
	assert_string_equal(group_name(r.answer.group), "X25519MLKEM768");
	assert_true(group_is_hybrid(r.answer.group));
	hello_reader_free(&r);
}

static void
expect(const void *bytes, size_t len, bool done, enum hello_kind kind)
{
	struct hello_reader r;

	hello_reader_init(&r, true);
	assert_int_equal(hello_reader_feed(&r, bytes, len), done);
	assert_int_equal(r.answer.kind, kind);
	hello_reader_free(&r);
}

static void
test_read_others(void **state)
{
	(void)state;
	expect("", 0, false, HELLO_MORE);
	expect("220 mx", 6, true, HELLO_NOT_TLS);
	expect("\x16\x02\0\0\1x", 6, true, HELLO_NOT_TLS);
	expect("\x16\3\1\0\0", 5, true, HELLO_MALFORMED);	/* nothing in it */
	expect("\x16\3\1\xff\xff", 5, true, HELLO_MALFORMED);	/* too much in it */
	expect("\x17\3\1\0\1x", 6, true, HELLO_MALFORMED);	/* data before all */
	expect("\x15\3\1\0\2\2\x28", 7, true, HELLO_ALERT);
	expect("\x15\3\1\0\1\2", 6, true, HELLO_MALFORMED);
	expect("\x15\3\1\0\2\1\x70", 7, false, HELLO_MORE);	/* a warning */
	expect("\x15\3\1\0\2\1\0", 7, true, HELLO_ALERT);	/* close_notify */
	expect("\x16\3\3\0\4\x0b\0\0\0", 9, true, HELLO_MALFORMED);
	expect("\x16\3\3\0\4\2\xff\xff\xff", 9, true, HELLO_MALFORMED);
	expect("\x16\3\3\0\4\2\0\0\0", 9, true, HELLO_MALFORMED);
	assert_string_equal(alert_name(40), "handshake_failure");
	assert_null(alert_name(255));
}

/* A hundred warnings are no conversation. */
static void
test_read_warnings(void **state)
{
	struct hello_reader r;
	int i, done = 0;

	(void)state;
	hello_reader_init(&r, true);
	for (i = 0; i < 100 && !done; i++)
		done = hello_reader_feed(&r,
		    (const uint8_t *)"\x15\3\1\0\2\1\x70", 7);
	assert_in_range(i, 2, 10);
	assert_int_equal(r.answer.kind, HELLO_ALERT);
	hello_reader_free(&r);
}

/* Each byte with each of some values, and each length: an answer or none, and
 * nothing read that was not sent (the sanitizers look). */
static void
test_mutations(void **state)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 20, 21, 22, 0x7f, 0x80, 0xff };
	uint8_t bytes[1024], *exact;
	struct hello_reader r;
	size_t len, at, v, seed;

	(void)state;
	for (seed = 0; seed < 2; seed++) {
		len = seed == 0 ? put_flight(bytes) : sizeof(retry);
		if (seed == 1)
			memcpy(bytes, retry, len);
		for (at = 0; at < len; at++)
			for (v = 0; v < sizeof(values); v++) {
				exact = malloc(len);
				memcpy(exact, bytes, len);
				exact[at] = values[v];
				hello_reader_init(&r, true);
				hello_reader_feed(&r, exact, len);
				if (r.answer.kind == HELLO_SERVER)
					assert_in_range(r.answer.version, 0x300, 0x304);
				hello_reader_free(&r);
				free(exact);
			}
		for (at = 0; at < len; at++) {
			exact = malloc(at + 1);
			memcpy(exact, bytes, at);
			hello_reader_init(&r, true);
			assert_false(hello_reader_feed(&r, exact, at));
			hello_reader_free(&r);
			free(exact);
		}
	}
}

/* A SERVER-HELLO of SSL 2.0, and what is nearly one. */
static void
test_ssl2(void **state)
{
	static const uint8_t good[SSL2_ANSWER] = { 0x80, 11, 4, 0, 1, 0, 2, 0, 0, 0, 3, 0, 16 };
	static const struct {
		size_t	 at;
		uint8_t	 byte;
		bool	 taken;
	} rows[] = {
		{ 0, 0x80, true }, { 0, 0x00, false },	/* a head of three bytes */
		{ 0, 0x81, true }, { 1, 10, false },	/* longer; too short */
		{ 2, 5, false }, { 3, 1, false },	/* another message; resumed */
		{ 4, 0, true },				/* no certificate's type */
		{ 5, 3, false }, { 6, 0, false },	/* another version */
		{ 9, 1, true }, { 10, 0, false },	/* kinds of cipher, and none */
	};
	uint8_t p[SSL2_ANSWER];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(p, good, sizeof(p));
		p[rows[i].at] = rows[i].byte;
		assert_int_equal(ssl2_is_server_hello(p, sizeof(p)), rows[i].taken);
		assert_false(ssl2_is_server_hello(p, sizeof(p) - 1));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build_ssl3),
		cmocka_unit_test(test_build_tls13),
		cmocka_unit_test(test_read_curve),
		cmocka_unit_test(test_read_flight),
		cmocka_unit_test(test_read_fragments),
		cmocka_unit_test(test_read_retry),
		cmocka_unit_test(test_read_others),
		cmocka_unit_test(test_read_warnings),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_ssl2),
	};

	return cmocka_run_group_tests_name("hello", tests, NULL, NULL);
}
