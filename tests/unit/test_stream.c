/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
/* compression */
#include <lzma.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
/* cmocka */
#include <cmocka.h>
/* this project */
#include "buf.h"
/* under test */
#include "reader.h"
#include "stream.h"
/* tests */
#include "mutate.h"

static char path[] = "/tmp/tlswarden-stream.XXXXXX";
static char why[200];

static int
setup(void **state)
{
	int fd;

	(void)state;
	fd = mkstemp(path);
	return fd == -1 ? -1 : close(fd);
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(path);
}

/* --- packing, each a whole piece behind what is there */

static void
pack_gz(struct buf *out, const void *data, size_t len)
{
	z_stream z;
	char *room;

	memset(&z, 0, sizeof(z));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 9,
	    Z_DEFAULT_STRATEGY), Z_OK);
	z.avail_out = (uInt)deflateBound(&z, len);
	room = malloc(z.avail_out);
	assert_non_null(room);
	z.next_in = data;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_put(out, room, z.total_out);
	deflateEnd(&z);
	free(room);
}

static void
pack_xz(struct buf *out, const void *data, size_t len)
{
	size_t size = lzma_stream_buffer_bound(len), n = 0;
	uint8_t *room = malloc(size);

	assert_non_null(room);
	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, data,
	    len, room, &n, size), LZMA_OK);
	buf_put(out, room, n);
	free(room);
}

static void
pack_zst(struct buf *out, const void *data, size_t len)
{
	size_t size = ZSTD_compressBound(len), n;
	ZSTD_CCtx *c = ZSTD_createCCtx();
	char *room = malloc(size);

	assert_non_null(room);
	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(c, room, size, data, len);
	assert_false(ZSTD_isError(n));
	buf_put(out, room, n);
	ZSTD_freeCCtx(c);
	free(room);
}

static const struct {
	const char	*name;
	void		(*pack)(struct buf *, const void *, size_t);
} packers[] = {
	{ "gzip", pack_gz }, { "xz", pack_xz }, { "zstd", pack_zst },
};

#define PACKERS	(sizeof(packers) / sizeof(packers[0]))

/* --- reading */

static void
write_file(const struct buf *b, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(buf_str(b), 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* 0, or -1 with a sentence in why; what came before is in `out' either way. */
static int
unpack(const struct buf *b, size_t len, size_t step, struct buf *out)
{
	struct stream *s;
	char *room = malloc(step);
	ssize_t n;

	buf_clear(out);
	write_file(b, len);
	s = stream_open(path, why, sizeof(why));
	assert_non_null(s);
	while ((n = stream_read(s, room, step)) > 0)
		buf_put(out, room, (size_t)n);
	assert_int_equal(stream_read(s, room, step), n);
	assert_int_equal(stream_size(s), len);
	if (n == -1)
		snprintf(why, sizeof(why), "%s", stream_why(s));
	else
		assert_int_equal(stream_taken(s), len);
	stream_free(s);
	free(room);
	return (int)n;
}

static void
assert_same(const struct buf *a, const struct buf *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(buf_str(a), buf_str(b), a->len);
}

/* Lines that compress as logs do. */
static void
make_text(struct buf *b, size_t len)
{
	struct chance c = { len + 1 };

	buf_clear(b);
	while (b->len < len)
		buf_printf(b, "v=1 event=session client=192.0.2.%zu qid=%zx\n",
		    draw(&c, 256), draw(&c, 1 << 30));
}

/* In reads of any size; the empty file; two pieces; padding behind them. */
static void
test_whole(void **state)
{
	static const size_t steps[] = { 1, 7, 4096, 1 << 20 };
	struct buf text = BUF_INIT, twice = BUF_INIT, packed = BUF_INIT,
	    out = BUF_INIT;
	size_t i, k;

	(void)state;
	make_text(&text, 400000);
	for (k = 0; k < PACKERS; k++) {
		buf_clear(&packed);
		packers[k].pack(&packed, "", 0);
		assert_int_equal(unpack(&packed, packed.len, 10, &out), 0);
		assert_int_equal(out.len, 0);
		buf_clear(&packed);
		packers[k].pack(&packed, text.data, text.len);
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			assert_int_equal(unpack(&packed, packed.len, steps[i], &out), 0);
			assert_same(&out, &text);
		}
		packers[k].pack(&packed, text.data, text.len);
		for (i = 0; i < 8; i++)
			buf_putc(&packed, '\0');
		assert_int_equal(unpack(&packed, packed.len, 4096, &out), 0);
		buf_clear(&twice);
		buf_put(&twice, text.data, text.len);
		buf_put(&twice, text.data, text.len);
		assert_same(&out, &twice);
	}
	assert_int_equal(unpack(&text, text.len, 4096, &out), 0);
	assert_same(&out, &text);
	assert_int_equal(unpack(&text, 0, 4096, &out), 0);
	assert_int_equal(out.len, 0);
	buf_free(&text);
	buf_free(&twice);
	buf_free(&packed);
	buf_free(&out);
}

/* What pzstd begins with is skipped. */
static void
test_skippable(void **state)
{
	static const char *const texts[] = { "P+M text\n", "P*m text\n", "P*M text\n" };
	struct buf packed = BUF_INIT, out = BUF_INIT;
	size_t i;

	(void)state;
	buf_put(&packed, "\x50\x2a\x4d\x18\x04\0\0\0abcd", 12);
	pack_zst(&packed, "hello\n", 6);
	assert_int_equal(unpack(&packed, packed.len, 100, &out), 0);
	assert_string_equal(buf_str(&out), "hello\n");
	/* what only begins alike is a text */
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		buf_clear(&packed);
		buf_puts(&packed, texts[i]);
		assert_int_equal(unpack(&packed, packed.len, 100, &out), 0);
		assert_string_equal(buf_str(&out), texts[i]);
	}
	buf_free(&packed);
	buf_free(&out);
}

/* What could be read counts; then the file is said to be broken. */
static void
test_cut_off(void **state)
{
	struct buf text = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
	char want[64];
	size_t k, len;

	(void)state;
	make_text(&text, 3000000);
	for (k = 0; k < PACKERS; k++) {
		buf_clear(&packed);
		packers[k].pack(&packed, text.data, text.len);
		snprintf(want, sizeof(want), "%s: the file ends in the middle",
		    packers[k].name);
		for (len = 6; len < packed.len; len += packed.len / 7) {
			assert_int_equal(unpack(&packed, len, 65536, &out), -1);
			assert_string_equal(why, want);
			assert_true(out.len < text.len);
			assert_memory_equal(buf_str(&out), text.data, out.len);
		}
		assert_true(out.len > text.len / 2);
		assert_int_equal(unpack(&packed, packed.len - 1, 65536, &out), -1);
		assert_string_equal(why, want);
	}
	buf_free(&text);
	buf_free(&packed);
	buf_free(&out);
}

static void
test_damaged(void **state)
{
	struct buf text = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
	char want[64];
	size_t k;

	(void)state;
	make_text(&text, 1000000);
	for (k = 0; k < PACKERS; k++) {
		buf_clear(&packed);
		packers[k].pack(&packed, text.data, text.len);
		buf_puts(&packed, "and so on");
		assert_int_equal(unpack(&packed, packed.len, 65536, &out), -1);
		assert_same(&out, &text);
		snprintf(want, sizeof(want),
		    "%s: something else follows the compressed data",
		    packers[k].name);
		assert_string_equal(why, want);
		buf_truncate(&packed, packed.len - 9);
		packed.data[packed.len / 2] ^= 0x55;
		packed.data[packed.len / 2 + 1] ^= 0x55;
		assert_int_equal(unpack(&packed, packed.len, 65536, &out), -1);
		snprintf(want, sizeof(want), "%s: the compressed data are damaged",
		    packers[k].name);
		assert_string_equal(why, want);
	}
	buf_free(&text);
	buf_free(&packed);
	buf_free(&out);
}

#define MUTATED	DRAWS(1000)

/* Any damage at all: an end, and neither a crash nor a hang. */
static void
test_mutated(void **state)
{
	struct buf text = BUF_INIT, packed = BUF_INIT, out = BUF_INIT,
	    bad = BUF_INIT;
	struct chance c = { 3 };
	size_t i, k, n, faults = 0;

	(void)state;
	make_text(&text, 5000);
	for (k = 0; k < PACKERS; k++) {
		buf_clear(&packed);
		packers[k].pack(&packed, text.data, text.len);
		for (i = 0; i < MUTATED; i++) {
			buf_clear(&bad);
			buf_put(&bad, packed.data, packed.len);
			for (n = draw(&c, 4) + 1; n > 0; n--)
				bad.data[draw(&c, bad.len)] = (char)draw(&c, 256);
			faults += unpack(&bad, bad.len, 1000, &out) == -1;
		}
	}
	assert_in_range(faults, 2 * MUTATED, PACKERS * MUTATED);
	buf_free(&text);
	buf_free(&packed);
	buf_free(&out);
	buf_free(&bad);
}

/* --- bombs */

#define PIECE	((size_t)64 << 20)

static long
memory(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss / 1024;
}

/* A gigabyte of nothing in a megabyte, and more behind it. */
static void
test_bomb(void **state)
{
	struct buf piece = BUF_INIT, packed = BUF_INIT;
	char *zeros = calloc(1, PIECE), want[120];
	struct reader *r;
	struct line line;
	size_t i, k;
	long before;

	(void)state;
	assert_non_null(zeros);
	for (k = 0; k < PACKERS; k++) {
		buf_clear(&piece);
		buf_clear(&packed);
		packers[k].pack(&packed, "v=1 event=x\n", 12);
		packers[k].pack(&piece, zeros, PIECE);
		for (i = 0; i < 40; i++)
			buf_put(&packed, piece.data, piece.len);
		write_file(&packed, packed.len);
		before = memory();
		r = reader_open(path, 0, why, sizeof(why));
		assert_non_null(r);
		assert_int_equal(reader_next(r, &line), 1);
		assert_true(slice_is(line.text, "v=1 event=x"));
		assert_int_equal(reader_next(r, &line), -1);
		snprintf(want, sizeof(want), "%s: it unpacks to more than a thousand "
		    "times its size, which no log does", packers[k].name);
		assert_string_equal(reader_why(r), want);
		assert_true(reader_count(r)->bytes < packed.len / 2 + 300000);
		reader_free(r);
		assert_true(memory() - before < 32);
	}
	free(zeros);
	buf_free(&piece);
	buf_free(&packed);
}

/* A header that asks for gigabytes to unpack what follows. */
static void
test_hungry(void **state)
{
	static const char frame[] = "\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00";
	struct buf packed = BUF_INIT, out = BUF_INIT;

	(void)state;
	/* Window descriptor 0xa8: 2 to the 31. */
	buf_put(&packed, frame, sizeof(frame) - 1);
	assert_int_equal(unpack(&packed, packed.len, 100, &out), -1);
	assert_string_equal(why, "zstd: unpacking it would need too much memory");
	buf_free(&packed);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_skippable),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_mutated),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_hungry),
	};

	return cmocka_run_group_tests_name("stream", tests, setup, teardown);
}
