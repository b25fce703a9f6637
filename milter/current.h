/*
 * current.h: the policy that new sessions begin with.
 *
 * An edition is a loaded policy with what belongs to it in this process.  A
 * session acquires the current one when it begins and keeps it to its end;
 * a reload replaces the pointer, and the last session to release an edition
 * frees it.
 */
#ifndef TLSWARDEN_CURRENT_H
#define TLSWARDEN_CURRENT_H

#include "key.h"
#include "policy.h"
#include "record.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#define EDITION_SPARES	16	/* more threads than that seldom judge at once */

struct edition {
	atomic_uint		 refs;
	struct policy		*policy;
	uint64_t		 generation;	/* 1, and one more a reload */
	time_t			 loaded;
	struct key		 key;
	struct record_privacy	 privacy;	/* points to the key */
	pthread_mutex_t		 lock;		/* of the two below */
	struct scratch		*spares[EDITION_SPARES];
	unsigned int		 spare_count;
};

/* Takes the policy over; key may be NULL.  Not yet numbered. */
struct edition	*edition_new(struct policy *, const struct key *);
void		 edition_release(struct edition **);

/*
 * What the policy's patterns need for one judgement; NULL when it has none.  It
 * is given back, so that there are as many as threads that judge, and not as
 * sessions that are open.  0, or -1 when there is no memory.
 */
int		 edition_scratch(struct edition *, struct scratch **);
void		 edition_scratch_done(struct edition *, struct scratch *);

/* Take over the caller's reference; gives it the next generation. */
void		 current_replace(struct edition *);
/* Never NULL once there was a current_replace(). */
struct edition	*current_acquire(void);

#endif
