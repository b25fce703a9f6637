/*
 * ring.h: things of different sizes that wait in one bounded room, first come
 * first served.  What stands in it does not move.
 */
#ifndef TLSWARDEN_RING_H
#define TLSWARDEN_RING_H

#include <stddef.h>

struct ring {
	char	*room;
	size_t	 size;
	size_t	 first;		/* the oldest */
	size_t	 next;		/* where the next one goes */
	size_t	 count;
};

void	 ring_init(struct ring *, size_t size);
void	 ring_free(struct ring *);
/* NULL when there is no room: take the oldest out, and ask again. */
void	*ring_put(struct ring *, size_t);
/* NULL when it is empty. */
void	*ring_oldest(struct ring *);
void	 ring_drop(struct ring *);

#endif
