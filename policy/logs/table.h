/*
 * table.h: a bounded number of things that are going on, found by key.
 *
 * A node is the first member of what it stands in.  The table knows which
 * thing was silent longest, so that its owner can end it to make room.
 */
#ifndef TLSWARDEN_TABLE_H
#define TLSWARDEN_TABLE_H

#include "slice.h"

struct node {
	struct node	*chain;		/* of the same slot */
	struct node	**at;		/* what points to it there */
	struct node	*older;
	struct node	*newer;
	uint64_t	 hash;
};

/* What a thing is looked up by: two texts and a number. */
struct key {
	struct slice	 host;
	struct slice	 name;		/* program or queue id */
	uint32_t	 pid;		/* 0 when it does not matter */
};

typedef bool table_same(const struct node *, const struct key *);

struct table {
	struct node	**slots;
	size_t		 mask;
	size_t		 count;
	size_t		 max;
	uint64_t	 seed;
	table_same	*same;
	struct node	*oldest;
	struct node	*newest;
};

void		 table_init(struct table *, size_t max, table_same *);
/* Frees what the table itself holds. */
void		 table_free(struct table *);
uint64_t	 table_hash(const struct table *, const struct key *);
struct node	*table_find(const struct table *, const struct key *, uint64_t hash);
/* The caller made room: count < max. */
void		 table_add(struct table *, struct node *, uint64_t hash);
void		 table_remove(struct table *, struct node *);
/* It was heard of. */
void		 table_touch(struct table *, struct node *);

#endif
