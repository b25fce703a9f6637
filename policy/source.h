/*
 * source.h: the files a policy is made of.
 *
 * A file is read whole, once, into memory that lives as long as the policy:
 * places of diagnostics and rules point into it.  Only regular files of a
 * bounded size, not writable by everybody, are read.
 */
#ifndef TLSWARDEN_SOURCE_H
#define TLSWARDEN_SOURCE_H

#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#define SOURCE_LIST_MAX		(16 * 1024 * 1024)	/* bytes of one list file */
#define SOURCE_TOTAL_MAX	(64 * 1024 * 1024)	/* of all files together */

struct policy_files;
struct stat;

struct source {
	char		*path;
	char		*text;		/* NUL-terminated */
	size_t		 len;
	unsigned int	 depth;		/* 0: the policy file itself */
	struct place	 from;		/* the include or list that named it */
	bool		 included;	/* from is set */
	const struct source *parent;	/* lent; NULL: the policy file itself */
	char		*base;		/* its directory as the policy file names it */
	dev_t		 device;	/* of a file: which one it is */
	ino_t		 inode;		/* 0: text at hand */
	struct timespec	 written;
	struct source	*next;
};

/* Owns sources; the order is that of reading. */
struct source_set {
	struct source	*first;
	struct source	**last;
	size_t		 total;		/* bytes */
};

struct source_set *source_set_new(void);
void		 source_set_free(struct source_set *);

/*
 * Read a file; a relative path is relative to the directory of the file that
 * names it (from).  NULL when it cannot be used; diags says why, with the
 * place of the statement that named it, or the path alone.
 */
struct source	*source_open(struct source_set *, const char *path, size_t max,
		    const struct source *parent, const struct place *from,
		    struct diags *);
/*
 * The bytes of a file under the same rules, in memory of the caller's and
 * followed by a NUL; NULL: why says what is wrong.
 */
char		*source_read(const char *path, size_t max, size_t *len,
		    struct stat *, char *why, size_t size);
/* A source of text that is at hand already; it is copied. */
struct source	*source_text(struct source_set *, const char *name,
		    const char *, size_t, struct diags *);
/* Are all files still there as they were read? */
bool		 source_stands(const struct source_set *, struct policy_files *);
/* SHA-256 over names left out, contents in order, as hex. */
void		 source_hash(const struct source_set *, char [65]);

#endif
