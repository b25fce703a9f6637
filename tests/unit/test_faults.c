/*
 * Memory and libraries that refuse, each once: a condition is then unknown and
 * a fact not said; nothing is guessed.  The linker puts the functions below in
 * the place of theirs.
 */
/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
/* cmocka */
#include <cmocka.h>
/* this test */
#include "wrap.h"
/* libraries */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
/* under test */
#include "digest.h"
#include "grade.h"
#include "join.h"
#include "lump.h"
#include "merge.h"
#include "pattern.h"
#include "policy.h"
#include "record.h"
#include "replay.h"
#include "scan.h"
#include "session.h"
#include "source.h"
#include "stream.h"
#include "survey.h"
#include "tls.h"
#include "trace.h"
#include "twin.h"

/* Calls that still go well before one fails; -1: all do. */
static int strings = -1, maps = -1, contexts = -1,
    libcrypto = -1, libssl = -1;

WRAP(char *, strndup, (const char *s, size_t n), (s, n), FAIL(strings, NULL))
WRAP_WIDE(void *, mmap, (void *a, size_t n, int p, int f, int fd, off_t o),
    (a, n, p, f, fd, o), FAIL(maps, MAP_FAILED))
WRAP(void *, pcre2_general_context_create_8, (void *m, void *f, void *c), (m, f, c),
    FAIL(contexts, NULL))
WRAP(void *, pcre2_match_context_create_8, (void *c), (c), FAIL(contexts, NULL))
WRAP(void *, pcre2_match_data_create_8, (uint32_t n, void *c), (n, c),
    FAIL(contexts, NULL))
WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), FAIL(libcrypto, NULL))
WRAP(int, EVP_DigestInit_ex, (EVP_MD_CTX *c, const EVP_MD *t, ENGINE *e), (c, t, e),
    FAIL(libcrypto, 0))
WRAP(int, EVP_DigestUpdate, (EVP_MD_CTX *c, const void *p, size_t n), (c, p, n),
    FAIL(libcrypto, 0))
WRAP(int, EVP_DigestFinal_ex, (EVP_MD_CTX *c, unsigned char *p, unsigned int *n),
    (c, p, n), FAIL(libcrypto, 0))
WRAP(unsigned char *, HMAC, (const EVP_MD *t, const void *k, int kn,
    const unsigned char *p, size_t n, unsigned char *sum, unsigned int *sn),
    (t, k, kn, p, n, sum, sn), FAIL(libcrypto, NULL))
WRAP(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *m), (m), FAIL(libssl, NULL))

_Noreturn void __wrap_abort(void);

/* What a function did not come to free; the program would have ended. */
static void *volatile left_over[16];	/* volatile: it is only written */
static size_t left_count;
static bool keeping;

static void *
kept(void *p)
{
	if (keeping && left_count < sizeof(left_over) / sizeof(left_over[0]))
		left_over[left_count++] = p;
	return p;
}

WRAP(void *, mem_calloc, (size_t n, size_t size), (n, size), return kept(real(n, size));)

static jmp_buf aborted;

_Noreturn void
__wrap_abort(void)
{
	longjmp(aborted, 1);
}

/* A fact that could not be kept is unknown, and no record says it. */
static void
test_facts_without_memory(void **state)
{
	struct session *s = session_new_or_null();
	struct record r;
	char name[2000];

	(void)state;
	session_set_stage(s, STAGE_MAIL);
	/* the first texts need none */
	memset(name, 'x', sizeof(name));
	strings = 0;
	assert_int_equal(session_set(s, ATTR_CLIENT_NAME, name, 255), 0);
	assert_int_equal(session_set(s, ATTR_DAEMON, name, 31), 0);
	assert_false(session_starved(s));
	assert_int_equal(session_set_tls(s, "TLSv1.3", "TLS_AES_128_GCM_SHA256", "128"),
	    TLS_INCONSISTENT);
	assert_int_equal(session_fact(s, ATTR_TLS).state, FACT_UNKNOWN);
	assert_int_equal(session_fact(s, ATTR_CIPHER).state, FACT_UNKNOWN);
	strings = 0;
	assert_int_equal(session_set(s, ATTR_HELO, "mx.example.org", 14), -1);
	assert_int_equal(session_fact(s, ATTR_HELO).state, FACT_UNKNOWN);
	/* nor one that was too long to be kept whole */
	strings = 0;
	assert_int_equal(session_set(s, ATTR_HELO, name, sizeof(name)), -1);
	assert_int_equal(session_fact(s, ATTR_HELO).state, FACT_UNKNOWN);
	record_init(&r);
	record_put_fact(&r, s, ATTR_HELO, NULL);
	record_put_fact(&r, s, ATTR_TLS, NULL);
	assert_int_equal(r.count, 0);
	record_free(&r);
	session_free(s);
}

/* Without its memory a pattern is unknown, never yes and never no. */
static void
test_patterns(void **state)
{
	struct pattern *pattern;
	struct scratch *s;
	char message[100];
	size_t at;

	(void)state;
	maps = 0;
	assert_null(scratch_new_or_null());
	contexts = 0;
	assert_null(scratch_new_or_null());
	contexts = 1;
	assert_null(scratch_new_or_null());
	s = scratch_new_or_null();
	assert_non_null(s);
	pattern = pattern_compile("a", 1, false, message, sizeof(message), &at);
	assert_non_null(pattern);
	contexts = 0;
	assert_int_equal(pattern_match(pattern, "a", 1, s), PATTERN_LIMIT);
	assert_int_equal(pattern_match(pattern, "a", 1, s), PATTERN_YES);
	assert_int_equal(pattern_match(pattern, "b", 1, s), PATTERN_NO);
	pattern_free(pattern);
	scratch_free(s);
}

/* Nobody can go on without SHA-256; a keyed one has a caller that can. */
static void
test_digests(void **state)
{
	uint8_t sum[DIGEST_SIZE];
	struct digest *volatile d = NULL;
	volatile int n;

	(void)state;
	keeping = true;
	for (n = 0; n < 4; n++) {
		if (setjmp(aborted) == 0) {
			libcrypto = n;
			d = digest_new();
			digest_add(d, "x", 1);
			digest_end(d, sum);
			fail_msg("went on after failure %d", n);
		}
		if (d != NULL)
			digest_end(d, sum);
		d = NULL;
	}
	keeping = false;
	libcrypto = 0;
	assert_int_equal(digest_hmac("k", 1, "x", 1, sum), -1);
	assert_int_equal(digest_hmac("k", (size_t)INT32_MAX + 1, "x", 1, sum), -1);
	assert_int_equal(digest_hmac("k", 1, "x", 1, sum), 0);
}

static void
ignore(void *ctx, const char *name)
{
	(void)name;
	(*(int *)ctx)++;
}

static void
test_cipher_strings(void **state)
{
	int n = 0;

	(void)state;
	libssl = 0;
	assert_int_equal(tls_cipher_string("AESGCM", ignore, &n), -1);
	assert_int_equal(n, 0);
	assert_int_equal(tls_cipher_string("AESGCM", ignore, &n), 0);
	assert_true(n > 0);
}

/* What a caller had no memory for it gives back all the same. */
static void
test_nothing_to_free(void **state)
{
	(void)state;
	source_set_free(NULL);
	session_free(NULL);
	scratch_free(NULL);
	pattern_free(NULL);
	trace_free(NULL);
	stream_free(NULL);
	grade_free(NULL);
	merge_free(NULL);
	lumps_free(NULL);
	twins_free(NULL);
	postfix_free(NULL);
	sendmail_free(NULL);
	join_free(NULL);
	survey_free(NULL);
	replay_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts_without_memory),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_cipher_strings),
		cmocka_unit_test(test_nothing_to_free),
	};

	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
