/*
 * tally.h: how often each name was seen, when, and with what TLS.
 *
 * A tally is a hash table from names to rows of counters.  It grows with the
 * distinct names, or, given a bound, stays below it: when the bound is
 * reached, a new name takes the row of the one seen least (Space-Saving:
 * Metwally, Agrawal, El Abbadi, 2005).  From then on a count may be too low,
 * by at most the row's error; a name that is not there was seen at most
 * tally_bound() times; and every name seen more often than that is there.
 *
 * The hash is keyed with random bytes, for the names are chosen by clients.
 */
#ifndef TLSWARDEN_TALLY_H
#define TLSWARDEN_TALLY_H

#include "slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- a name, of one part or several */

#define NAME_PART_MAX	320	/* bytes; what is longer is cut */
#define NAME_BYTES		2048

struct name {
	size_t	 len;
	uint64_t hash;			/* in one tally; 0: not known yet */
	char	 bytes[NAME_BYTES];
};

/* Start a name, and append to it; a part may hold any bytes. */
static inline void
name_start(struct name *k)
{
	k->len = 0;
	k->hash = 0;
}
void	 name_part(struct name *, struct slice);

/* --- the table */

/* TLS by how good it is; what a row knows of best and worst. */
enum tls_rank {
	RANK_UNKNOWN,
	RANK_NONE,		/* known to be none */
	RANK_SSL2,
	RANK_SSL3,
	RANK_TLS10,
	RANK_TLS11,
	RANK_TLS12,
	RANK_TLS13,
	RANK_LATER,
	RANK_COUNT
};

struct tally_row {
	struct tally_row *chain;	/* private, as are the next two */
	uint64_t	 hash;
	uint32_t	 heap;
	uint16_t	 key_len;
	uint8_t		 best;		/* enum tls_rank */
	uint8_t		 worst;
	uint64_t	 count;		/* seen since the row is this name's */
	uint64_t	 error;		/* and at most so often before */
	int64_t		 first;		/* 0: not known */
	int64_t		 last;
	const char	*key;
	uint64_t	 counters[];	/* the owner's; zero at first */
};

struct tally;

/*
 * counters: how many a row has.  rows: most names; 0: any number.  memory:
 * bytes it may take; 0: any.  A tally always has room for a few rows.
 */
struct tally	*tally_new(size_t counters, size_t rows, size_t memory);
void		 tally_free(struct tally *);

/*
 * The row of the name, which was seen once more.  Lent until the next call.
 * time may be 0, rank RANK_UNKNOWN: neither changes the row.
 */
struct tally_row *tally_add(struct tally *, const struct name *, int64_t time,
		    enum tls_rank);
/*
 * Say that the name will be added: first one, then the other.  A large table is
 * far away, and what is needed of it can be on its way meanwhile.
 */
void		 tally_expect(const struct tally *, struct name *);
void		 tally_fetch(const struct tally *, const struct name *);
/* tally_add() of a row that is known, of a tally without bounds. */
void		 tally_again(struct tally_row *, int64_t time, enum tls_rank);
/* As if the name was seen as often as another one of another tally, and then. */
struct tally_row *tally_merge(struct tally *, const struct name *,
		    const struct tally_row *like);
/* NULL when there is none. */
const struct tally_row *tally_find(const struct tally *, const struct name *);

/* Start afresh. */
void		 tally_clear(struct tally *);
size_t		 tally_count(const struct tally *);
/* How often a name that is not there may have been seen; 0: never. */
uint64_t	 tally_bound(const struct tally *);
/* Bytes in use, as they are held against the bound. */
size_t		 tally_memory(const struct tally *);

/* The i-th part of a row's name; p is NULL behind the last. */
struct slice	 tally_part(const struct tally_row *, size_t i);

/*
 * The rows that keeps() says, or all when it is NULL, in an array that the
 * caller frees.  The order is given as for qsort(3); where it is NULL or says
 * 0, names decide.
 */
typedef int tally_order(const struct tally_row *, const struct tally_row *);
typedef bool tally_keeps(const struct tally_row *);
tally_order order_names;
const struct tally_row **tally_rows(const struct tally *, tally_keeps *, tally_order *);

#endif
