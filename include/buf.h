/*
 * buf.h: a growing string of bytes.
 *
 * A buf starts as BUF_INIT (all zero), grows as things are put into it and
 * is emptied by buf_free().  data is always NUL-terminated once anything was
 * put; use buf_str() for a pointer that is never NULL.  Growth goes through
 * mem.h and so does not fail.
 */
#ifndef TLSWARDEN_BUF_H
#define TLSWARDEN_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char	*data;
	size_t	 len;		/* bytes in use, without the NUL */
	size_t	 size;		/* bytes allocated */
};

#define BUF_INIT { NULL, 0, 0 }

/* Room for so many bytes more, so that what is put grows it once. */
void		 buf_reserve(struct buf *, size_t);
void		 buf_put(struct buf *, const void *, size_t);
void		 buf_puts(struct buf *, const char *);
void		 buf_putc(struct buf *, char);
void		 buf_printf(struct buf *, const char *, ...)
		    __attribute__((__format__(printf, 2, 3)));
void		 buf_vprintf(struct buf *, const char *, va_list)
		    __attribute__((__format__(printf, 2, 0)));
/* Drop what stands after the first len bytes. */
void		 buf_truncate(struct buf *, size_t len);
void		 buf_clear(struct buf *);
void		 buf_free(struct buf *);
const char	*buf_str(const struct buf *);
/* Hand the string to the caller, who frees it; the buf is empty again. */
char		*buf_steal(struct buf *);

/*
 * Append text of unknown origin for a person to read: bytes outside printable
 * ASCII, and the backslash, become \xHH; at most max bytes of input are used.
 */
void		 buf_put_visible(struct buf *, const char *, size_t max);

#endif
