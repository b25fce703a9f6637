/*
 * mem.h: allocation that does not fail.
 *
 * Every function here either returns memory or ends the program with
 * EX_OSERR after calling the hook, so that a last line can reach the log.
 * Callers bound every size that comes from a client or a file before they
 * ask.  The memory is released with free(3).
 *
 * The objects that must survive a lack of memory, a milter connection and its
 * session, are allocated with calloc(3) by their owners and not here.
 */
#ifndef TLSWARDEN_MEM_H
#define TLSWARDEN_MEM_H

#include <stddef.h>

/*
 * Called once, with the size asked for, before the program ends; it may end it
 * itself, with another status.
 */
typedef void mem_hook(size_t);

void	 mem_set_hook(mem_hook *);

/* End the program: others did not get the memory that there has to be. */
void	 mem_give_up(size_t) __attribute__((__noreturn__));

/* Zeroed memory for n objects of size bytes; the product is checked. */
void	*mem_calloc(size_t n, size_t size);
/* Resized memory for n objects of size bytes; the product is checked. */
void	*mem_resize(void *, size_t n, size_t size);
char	*mem_strdup(const char *);
/* The first len bytes and a NUL; the bytes may hold NULs themselves. */
char	*mem_strndup(const char *, size_t len);

#endif
