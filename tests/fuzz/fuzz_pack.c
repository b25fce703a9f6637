/*
 * fuzz_pack.c: a compressed log that somebody has prepared.
 *
 * Read in large pieces and read in small ones the bytes are the same, up to
 * the same end; a fault is one either way, and has its sentence.
 */
/* this project */
#include "buf.h"
#include "stream.h"
/* tests */
#include "memory_file.h"

#define ENOUGH	(1 << 20)	/* bytes unpacked, then it is given up */

/* 0 or -1 as the stream ends; 1: there was more. */
static int
unpack(const char *path, size_t step, struct buf *out, char *why, size_t size)
{
	char room[4096];
	struct stream *s;
	ssize_t n = 1;

	s = stream_open(path, why, size);
	PROMISE(s != NULL);
	while (out->len < ENOUGH && (n = stream_read(s, room, step)) > 0) {
		PROMISE((size_t)n <= step);
		buf_put(out, room, (size_t)n);
	}
	PROMISE(stream_taken(s) <= stream_size(s));
	if (n <= 0)
		PROMISE(stream_read(s, room, step) == n);
	snprintf(why, size, "%s", n == -1 ? stream_why(s) : "");
	PROMISE((n == -1) == (why[0] != '\0'));
	stream_free(s);
	return n > 0 ? 1 : (int)n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf large = BUF_INIT, small = BUF_INIT;
	const char *path = memory_file(data, size);
	char why[200];
	int end, again;
	size_t n;

	end = unpack(path, 4096, &large, why, sizeof(why));
	again = unpack(path, 1 + size % 97, &small, why, sizeof(why));
	n = large.len < small.len ? large.len : small.len;
	PROMISE(n == 0 || memcmp(large.data, small.data, n) == 0);
	/*
	 * How much comes out before a fault is the library's to say; and libzstd
	 * holds the length a frame announces against what it has only where
	 * there is room for all of it.
	 */
	if (end != 1 && again != 1)
		PROMISE(end == again || (size > 0 && data[0] == 0x28));
	if (end == 0 && again == 0)
		PROMISE(large.len == small.len);
	buf_free(&large);
	buf_free(&small);
	return 0;
}
