/*
 * outlet.h: the way of log lines out of the program.
 *
 * outlet_open() is called once, before there are threads; one thread sends.
 */
#ifndef TLSWARDEN_OUTLET_H
#define TLSWARDEN_OUTLET_H

#include "sink.h"

#include <stddef.h>

#define OUTLET_HEADER	80	/* bytes of what stands before a record */
#define OUTLET_END	2	/* and behind it, with NUL */

void	outlet_open(enum sink_target);
/* Write what stands before a record, or behind it; how many bytes that is. */
size_t	outlet_header(char [OUTLET_HEADER], enum sink_level);
size_t	outlet_end(char [OUTLET_END]);

enum delivery {
	DELIVERED,
	LATER,		/* try again in a while, with the same line */
	NEVER		/* a line of that length is not taken here */
};
/*
 * Send a line, header and end included, and wait half a second at most.  What
 * part of it went out is in done, which is 0 for a new line.
 */
enum delivery	outlet_send(const char *line, size_t len, size_t *done);
/*
 * One line past the queue, for a program that has no memory left; to standard
 * error before outlet_open().
 */
void	outlet_last_words(const char *words);

#endif
