/*
 * stream.h: the bytes of a file, whatever it was compressed with.
 *
 * Told by its first bytes, not by its name.  Nothing is read ahead of what is
 * asked for by more than a block, and memory does not grow with the file.
 */
#ifndef TLSWARDEN_STREAM_H
#define TLSWARDEN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * No log holds a thousand times what it takes: beyond this ratio, and once
 * that many bytes came out, a file is not read further.
 */
#define STREAM_RATIO_MAX	1000
#define STREAM_RATIO_FROM	(UINT64_C(1) << 30)

struct stream;

/* NULL when it cannot be opened; why gets a sentence.  "-" is standard input. */
struct stream	*stream_open(const char *path, char *why, size_t);
void		 stream_free(struct stream *);
/*
 * At least one byte, unless the stream is over: 0, or is broken from here on:
 * -1, and stream_why() says a sentence.
 */
ssize_t		 stream_read(struct stream *, void *, size_t);
const char	*stream_why(const struct stream *);
/* Bytes taken from the file, and its size; 0: not known. */
uint64_t	 stream_taken(const struct stream *);
uint64_t	 stream_size(const struct stream *);

/* --- a form of compression: gz.c, xz.c, zst.c */

#define STREAM_MAGIC	6

struct unpack_io {
	const uint8_t	*in;
	size_t		 in_len;
	uint8_t		*out;
	size_t		 out_len;
	bool		 last;		/* the file has no more than `in' */
};

enum unpack {
	UNPACK_MORE,		/* goes on */
	UNPACK_END,		/* one whole piece is over; another may follow */
	UNPACK_BROKEN,
	UNPACK_MEMORY		/* wants more than we give */
};

struct packing {
	const char	*name;
	/* Are these the first bytes of one?  At least STREAM_MAGIC, if there are. */
	bool		 (*begins)(const uint8_t *, size_t);
	void		*(*start)(void);	/* NULL: no memory */
	/* Moves in and out of io along. */
	enum unpack	 (*run)(void *, struct unpack_io *);
	void		 (*end)(void *);
};

extern const struct packing packing_gz;
extern const struct packing packing_xz;
extern const struct packing packing_zst;

#endif
