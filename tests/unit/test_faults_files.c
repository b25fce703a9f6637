/*
 * A file that cannot be read whole, a log that a library cannot unpack: no
 * policy is made of half a file, and of a log it is said.  The linker puts
 * the functions below in the place of theirs.
 */
/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* this test */
#include "wrap.h"
/* libraries */
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
/* under test */
#include "policy.h"
#include "stream.h"
#include "text_file.h"

/* Calls that still go well before one fails; -1: all do. */
static int reads = -1, stats = -1, packers = -1, resets = -1;
static int read_errno = EIO;
static bool stat_changes;

WRAP(int, inflateInit2_, (z_streamp z, int bits, const char *v, int size),
    (z, bits, v, size), FAIL(packers, Z_MEM_ERROR))
WRAP(int, inflateReset, (z_streamp z), (z), FAIL(resets, Z_STREAM_ERROR))
WRAP(int, inflate, (z_streamp z, int flush), (z, flush), FAIL(packers, Z_MEM_ERROR))
WRAP(lzma_ret, lzma_stream_decoder, (lzma_stream *s, uint64_t memory, uint32_t flags),
    (s, memory, flags), FAIL(packers, LZMA_MEM_ERROR))
WRAP(lzma_ret, lzma_code, (lzma_stream *s, lzma_action a), (s, a),
    FAIL(resets, LZMA_MEM_ERROR))
WRAP(ZSTD_DCtx *, ZSTD_createDCtx, (void), (), FAIL(resets, NULL))
WRAP(size_t, ZSTD_DCtx_setParameter, (ZSTD_DCtx *d, ZSTD_dParameter p, int v),
    (d, p, v), FAIL(packers, (size_t)-1))

static int
wrong(int number)
{
	errno = number;
	return -1;
}

static int
changed(int (*real)(int, struct stat *), int fd, struct stat *st)
{
	bool now = fails(&stats);

	if (now && !stat_changes)
		return wrong(EIO);
	if (real(fd, st) == -1)
		return -1;
	st->st_mtim.tv_nsec ^= now && stat_changes;
	return 0;
}

WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n),
    FAIL(reads, wrong(read_errno)))
WRAP_WIDE(int, fstat, (int fd, struct stat *st), (fd, st),
    return changed(real, fd, st);)

/* A file of our own, and what is in it. */
static char path[] = "/tmp/test_faults.XXXXXX";

static int
set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd == -1)
		return -1;
	close(fd);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void
put(const void *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), len);
	close(fd);
}

static const char rules[] =
    "rule old\n    if tls < TLSv1.2\n    reject 554 5.7.0 \"no\"\n    because \"RFC 8996\"\n";

static struct policy *
loaded(char *message, size_t size)
{
	struct diags *d = diags_new();
	struct policy *p = policy_load(path, 20261121, d);

	snprintf(message, size, "%s", diags_total(d) > 0 ? diags_message(d, 0) : "");
	diags_free(d);
	return p;
}

/* A file that was not read whole, or changed meanwhile, is no policy. */
static void
test_policy_file(void **state)
{
	struct policy *p;
	char message[200];
	int i;

	(void)state;
	put(rules, strlen(rules));
	for (i = 0; i < 4; i++) {
		stats = i == 0 ? 0 : i == 1 || i == 3 ? 1 : -1;
		stat_changes = i == 3;
		reads = i == 2 ? 0 : -1;
		p = loaded(message, sizeof(message));
		assert_null(p);
		assert_non_null(strstr(message, i % 2 == 0 ? strerror(EIO) :
		    "it changed while it was read"));
	}
	stat_changes = false;
	/* a signal is no error */
	read_errno = EINTR;
	reads = 0;
	p = loaded(message, sizeof(message));
	assert_non_null(p);
	assert_int_equal(reads, -1);
	read_errno = EIO;
	policy_unref(&p);
}

static void
test_text_file(void **state)
{
	struct buf out = BUF_INIT, why = BUF_INIT;

	(void)state;
	put("0123456789", 10);
	assert_int_equal(text_file_read(path, 10, &out, &why), 0);
	assert_string_equal(buf_str(&out), "0123456789");
	assert_int_equal(text_file_read(path, 9, &out, &why), -1);
	assert_non_null(strstr(buf_str(&why), ": File too large"));
	buf_clear(&why);
	reads = 1;
	assert_int_equal(text_file_read(path, 10, &out, &why), -1);
	assert_non_null(strstr(buf_str(&why), strerror(EIO)));
	buf_clear(&why);
	stats = 0;
	assert_int_equal(text_file_read(path, 10, &out, &why), -1);
	read_errno = EINTR;
	reads = 0;
	assert_int_equal(text_file_read(path, 10, &out, &why), 0);
	read_errno = EIO;
	assert_string_equal(buf_str(&out), "0123456789");
	buf_free(&out);
	buf_free(&why);
}

/* --- logs: two pieces of each packing, so that one ends before the other */

static const uint8_t gzip_twice[] =
    "\x1f\x8b\x08\0\0\0\0\0\x02\x03\x4b\xe4\x02\0\x07\xa1\xea\xdd\x02\0\0\0"
    "\x1f\x8b\x08\0\0\0\0\0\x02\x03\x4b\xe4\x02\0\x07\xa1\xea\xdd\x02\0\0\0";

/* All of the file; what went wrong stands in why. */
static ssize_t
drained(char *why, size_t size)
{
	struct stream *s = stream_open(path, why, size);
	char out[64];
	ssize_t n, all = 0;

	if (s == NULL)
		return -2;
	while ((n = stream_read(s, out, sizeof(out))) > 0)
		all += n;
	snprintf(why, size, "%s", n == -1 ? stream_why(s) : "");
	/* it stays as it is */
	if (n == -1)
		assert_int_equal(stream_read(s, out, sizeof(out)), -1);
	stream_free(s);
	return n == -1 ? -1 : all;
}

static void
test_log_file(void **state)
{
	char why[200];
	int n, failed = 0;

	(void)state;
	put("a\na\n", 4);
	stats = 0;
	assert_int_equal(drained(why, sizeof(why)), -2);
	read_errno = EINTR;
	reads = 0;
	assert_int_equal(drained(why, sizeof(why)), 4);
	read_errno = EIO;
	/* the file is over after the second */
	for (n = 0; n < 2; n++) {
		reads = n;
		assert_int_equal(drained(why, sizeof(why)), -1);
		assert_string_equal(why, strerror(EIO));
	}
	put(gzip_twice, sizeof(gzip_twice) - 1);
	assert_int_equal(drained(why, sizeof(why)), 4);
	for (n = 0; n < 6; n++) {
		reads = n;
		failed += drained(why, sizeof(why)) == -1;
		reads = -1;
	}
	assert_in_range(failed, 2, 5);
}

static void
packed_xz(void)
{
	lzma_stream s = LZMA_STREAM_INIT;
	uint8_t out[200];

	assert_int_equal(lzma_easy_encoder(&s, 0, LZMA_CHECK_CRC32), LZMA_OK);
	s.next_in = (const uint8_t *)"a\n";
	s.avail_in = 2;
	s.next_out = out;
	s.avail_out = sizeof(out);
	assert_int_equal(__real_lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	put(out, sizeof(out) - s.avail_out);
	lzma_end(&s);
}

static void
packed_gz(void)
{
	put(gzip_twice, sizeof(gzip_twice) - 1);
}

static void
packed_zst(void)
{
	char out[200];
	size_t n = ZSTD_compress(out, sizeof(out), "a\n", 2, 3);

	assert_false(ZSTD_isError(n));
	put(out, n);
}

/* Which library had no memory, at its beginning or later. */
static void
test_packed(void **state)
{
	static const char start[] = "not enough memory",
	    later[] = "unpacking it would need too much memory",
	    damaged[] = "the compressed data are damaged";
	static const struct {
		void		(*pack)(void);
		int		 *left;
		int		  good;
		const char	 *name, *why;
	} rows[] = {
		{ packed_gz, &packers, 0, "gzip", start },
		{ packed_gz, &packers, 1, "gzip", later },
		{ packed_gz, &resets, 0, "gzip", damaged },
		{ packed_xz, &packers, 0, "xz", start },
		{ packed_xz, &packers, 1, "xz", later },
		{ packed_xz, &resets, 0, "xz", later },
		{ packed_zst, &packers, 0, "zstd", start },
		{ packed_zst, &resets, 0, "zstd", start },
	};
	char why[200], expected[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rows[i].pack();
		*rows[i].left = rows[i].good;
		assert_int_equal(drained(why, sizeof(why)), -1);
		assert_int_equal(*rows[i].left, -1);
		snprintf(expected, sizeof(expected), "%s: %s", rows[i].name, rows[i].why);
		assert_string_equal(why, expected);
		assert_true(drained(why, sizeof(why)) > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_file),
		cmocka_unit_test(test_text_file),
		cmocka_unit_test(test_log_file),
		cmocka_unit_test(test_packed),
	};

	return cmocka_run_group_tests_name("faults_files", tests, set_up, tear_down);
}
