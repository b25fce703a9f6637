/*
 * xz.c owns the reading of .xz files through liblzma; it may not know where
 * the bytes come from.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* liblzma */
#include <lzma.h>
/* this project */
#include "stream.h"

/* "xz -9" needs 65 MiB to read; a header may ask for 4 GiB. */
#define MEMORY_MAX	(UINT64_C(96) << 20)

static bool
xz_begins(const uint8_t *p, size_t len)
{
	return len >= 6 && memcmp(p, "\xfd" "7zXZ", 6) == 0;
}

static void *
xz_start(void)
{
	lzma_stream *s;

	s = calloc(1, sizeof(*s));
	if (s != NULL && lzma_stream_decoder(s, MEMORY_MAX, 0) != LZMA_OK) {
		free(s);
		return NULL;
	}
	return s;
}

static enum unpack
xz_run(void *state, struct unpack_io *io)
{
	lzma_stream *s = state;
	lzma_ret result;

	s->next_in = io->in;
	s->avail_in = io->in_len;
	s->next_out = io->out;
	s->avail_out = io->out_len;
	result = lzma_code(s, LZMA_RUN);
	io->in = s->next_in;
	io->in_len = s->avail_in;
	io->out = s->next_out;
	io->out_len = s->avail_out;
	switch (result) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return UNPACK_MORE;
	case LZMA_STREAM_END:
		if (lzma_stream_decoder(s, MEMORY_MAX, 0) != LZMA_OK)
			return UNPACK_MEMORY;
		return UNPACK_END;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return UNPACK_MEMORY;
	default:
		return UNPACK_BROKEN;
	}
}

static void
xz_end(void *state)
{
	lzma_stream *s = state;

	lzma_end(s);
	free(s);
}

const struct packing packing_xz = {
	"xz", xz_begins, xz_start, xz_run, xz_end
};
