/*
 * merge.h: several logs read as one, in the order of time.
 *
 * What records and what an MTA tell of one session is found together only when
 * it comes together, also where they write to different files.  Files are
 * opened when their time has come, so that of a rotated set one or two are
 * open at once; and never more than MERGE_OPEN.
 */
#ifndef TLSWARDEN_MERGE_H
#define TLSWARDEN_MERGE_H

#include "reader.h"

#include <stddef.h>
#include <stdint.h>

#define MERGE_OPEN	16

struct merge;

/* The paths are lent.  now: see reader_open(). */
struct merge	*merge_new(const char *const *paths, size_t count, int64_t now);
void		 merge_free(struct merge *);
/*
 * 1: a line, lent until the next call; 0: the end of all; -1: one of them
 * could not be opened, or is broken from here on: see merge_why(), and go on.
 */
int		 merge_next(struct merge *, struct line *);
/* Path of what merge_next() spoke of last, and what is wrong with it. */
const char	*merge_path(const struct merge *);
const char	*merge_why(const struct merge *);
/* Of all of them together; bytes and size are those of the files. */
void		 merge_count(const struct merge *, struct reader_count *);

#endif
