/*
 * grade.h: what the MTA says of TLS, as facts, and how good that is.
 */
#ifndef TLSWARDEN_GRADE_H
#define TLSWARDEN_GRADE_H

#include "kept.h"

struct grade;

struct grade	*grade_new(void);
void		 grade_free(struct grade *);

/* bits: "256/256", or the first of them. */
struct handshake {
	struct slice	 version;
	struct slice	 cipher;
	struct slice	 bits;
};

/*
 * Keep tls, cipher and cipher_bits, and say what the outcome of a session with
 * them is.  What contradicts itself is not known: OUTCOME_UNKNOWN.
 */
enum outcome	 grade_handshake(struct grade *, const struct handshake *,
		    struct kept *);

#endif
