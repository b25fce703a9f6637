/*
 * gz.c owns the reading of gzip (RFC 1952) through zlib; it may not know where
 * the bytes come from.
 */
/* libc */
#include <limits.h>
#include <stdlib.h>
/* zlib */
#define ZLIB_CONST
#include <zlib.h>
/* this project */
#include "stream.h"

#define GZIP_ONLY	16	/* added to the window bits: see inflateInit2() */

static bool
gz_begins(const uint8_t *p, size_t len)
{
	return len >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

static void *
gz_start(void)
{
	z_stream *z;

	z = calloc(1, sizeof(*z));
	if (z != NULL && inflateInit2(z, MAX_WBITS + GZIP_ONLY) != Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static uInt
bounded(size_t n)
{
	return n < UINT_MAX ? (uInt)n : UINT_MAX;
}

static enum unpack
gz_run(void *state, struct unpack_io *io)
{
	z_stream *z = state;
	uInt in, out;
	int result;

	z->next_in = io->in;
	z->avail_in = in = bounded(io->in_len);
	z->next_out = io->out;
	z->avail_out = out = bounded(io->out_len);
	result = inflate(z, Z_NO_FLUSH);
	io->in += in - z->avail_in;
	io->in_len -= in - z->avail_in;
	io->out += out - z->avail_out;
	io->out_len -= out - z->avail_out;
	switch (result) {
	case Z_OK:
	case Z_BUF_ERROR:
		return UNPACK_MORE;
	case Z_STREAM_END:
		/* A file may be several, one behind the other: section 2.2. */
		return inflateReset(z) == Z_OK ? UNPACK_END : UNPACK_BROKEN;
	case Z_MEM_ERROR:
		return UNPACK_MEMORY;
	default:
		return UNPACK_BROKEN;
	}
}

static void
gz_end(void *state)
{
	z_stream *z = state;

	(void)inflateEnd(z);
	free(z);
}

const struct packing packing_gz = {
	"gzip", gz_begins, gz_start, gz_run, gz_end
};
