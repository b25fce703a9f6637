/*
 * text_file.h: a whole file of bounded size.
 */
#ifndef TLSWARDEN_TEXT_FILE_H
#define TLSWARDEN_TEXT_FILE_H

#include "buf.h"

#include <stddef.h>

/* Into the buffer, which is emptied before.  0, or -1 and why. */
int	text_file_read(const char *path, size_t max, struct buf *, struct buf *why);

#endif
