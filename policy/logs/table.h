/*
 * table.h: a bounded number of things that are going on, found by what is kept
 * of them: sessions by host, program and process, messages by host and queue
 * id.
 *
 * A node is the first member of what it stands in.  The table knows which
 * thing was silent longest, so that its owner can end it to make room.
 */
#ifndef TLSWARDEN_TABLE_H
#define TLSWARDEN_TABLE_H

#include "kept.h"
#include "reader.h"
#include "sip.h"

struct node {
	struct node	*chain;		/* of the same slot */
	struct node	**at;		/* what points to it there */
	struct node	*older;
	struct node	*newer;
	const struct kept *kept;	/* of the same thing: host and name */
	uint32_t	 pid;
	uint64_t	 hash;
};

/*
 * What a thing is looked up by: two texts and a number.  table_key() cuts the
 * texts as kept_set() does, or what is longer would never be found again.
 */
struct key {
	struct slice	 host;
	struct slice	 name;		/* program or queue id */
	uint32_t	 pid;		/* 0 when it does not matter */
	uint64_t	 hash;		/* of one table; 0: not known yet */
};

#define TABLE_RECENT	64

struct table {
	struct node	**slots;
	struct node	*recent[TABLE_RECENT];	/* by process, which need no hash */
	size_t		 mask;
	size_t		 count;
	size_t		 max;
	struct sip_key	 secret;
	enum kept_name	 name;
	struct node	*oldest;
	struct node	*newest;
};

/* name: what a thing is found by, beside its host. */
void		 table_init(struct table *, size_t max, enum kept_name name);
/* Frees what the table itself holds. */
void		 table_free(struct table *);
struct key	 table_key(struct slice host, struct slice name, uint32_t pid);
/* The process that wrote the line. */
struct key	 table_process(const struct line *);
uint64_t	 table_hash(const struct table *, struct key *);
struct node	*table_find(const struct table *, struct key *);
/*
 * Host and name are set in what is kept, which the node points to from now on.
 * The caller made room: count < max.
 */
void		 table_add(struct table *, struct node *, struct kept *, struct key *);
void		 table_remove(struct table *, struct node *);
/* It was heard of. */
void		 table_touch(struct table *, struct node *);

#endif
