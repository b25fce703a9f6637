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

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

struct edition {
	atomic_uint		 refs;
	struct policy		*policy;
	uint64_t		 generation;	/* 1, and one more a reload */
	time_t			 loaded;
	struct key		 key;
	struct record_privacy	 privacy;	/* points to the key */
};

/* Takes the policy over; key may be NULL.  Not yet numbered. */
struct edition	*edition_new(struct policy *, const struct key *);
void		 edition_release(struct edition **);

/* Take over the caller's reference; gives it the next generation. */
void		 current_replace(struct edition *);
/* Never NULL once there was a current_replace(). */
struct edition	*current_acquire(void);

#endif
