/*
 * zst.c owns the reading of Zstandard (RFC 8878) through libzstd; it may not
 * know where the bytes come from.
 */
/* libc */
#include <stdlib.h>
/* libzstd */
#include <zstd.h>
#include <zstd_errors.h>
/* this project */
#include "stream.h"

/* A window of 64 MiB: all that zstd -19 asks for; "--ultra -22" wants more. */
#define WINDOW_LOG_MAX	26

/* A frame, or one of those to be skipped, with which pzstd begins. */
static bool
zst_begins(const uint8_t *p, size_t len)
{
	if (len < 4)
		return false;
	return (p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd) ||
	    ((p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18);
}

static void *
zst_start(void)
{
	ZSTD_DCtx *d;

	d = ZSTD_createDCtx();
	if (d != NULL && ZSTD_isError(ZSTD_DCtx_setParameter(d,
	    ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
		(void)ZSTD_freeDCtx(d);
		return NULL;
	}
	return d;
}

static enum unpack
zst_run(void *state, struct unpack_io *io)
{
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t result;

	result = ZSTD_decompressStream(state, &out, &in);
	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	if (!ZSTD_isError(result))
		return result == 0 ? UNPACK_END : UNPACK_MORE;
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_frameParameter_windowTooLarge:
	case ZSTD_error_memory_allocation:
		return UNPACK_MEMORY;
	default:
		return UNPACK_BROKEN;
	}
}

static void
zst_end(void *state)
{
	(void)ZSTD_freeDCtx(state);
}

const struct packing packing_zst = {
	"zstd", zst_begins, zst_start, zst_run, zst_end
};
