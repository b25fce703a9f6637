/*
 * kept.h: facts that outlive the line that told them.
 *
 * Values are copied into one buffer; what is longer than a fact may be is cut
 * so that it still is too long, and so unknown to whoever judges it.
 */
#ifndef TLSWARDEN_KEPT_H
#define TLSWARDEN_KEPT_H

#include "buf.h"
#include "entry.h"

#define KEPT_VALUE_MAX	256	/* bytes of what is no attribute */

enum kept_name {	/* what is kept beside the attributes */
	KEPT_HOST = ATTR_COUNT,
	KEPT_PROGRAM,
	KEPT_QID,
	KEPT_REPLY,
	KEPT_PEER,		/* the client, as the line had it */
	KEPT_COUNT
};

struct piece {
	uint32_t	 at;
	uint32_t	 len;
	bool		 known;
};

/* All zero is empty; free with kept_free(). */
struct kept {
	struct buf	 text;
	struct piece	 pieces[KEPT_COUNT];
	bool		 lacking[ATTR_COUNT];
};

void		 kept_clear(struct kept *);
void		 kept_free(struct kept *);
void		 kept_copy(struct kept *, const struct kept *from);
/* name: an attribute or a kept_name.  An empty value forgets it. */
void		 kept_set(struct kept *, unsigned int name, struct slice);
/* The same of an attribute that the line has as xtext. */
void		 kept_set_xtext(struct kept *, enum attr, struct slice value);
void		 kept_lack(struct kept *, enum attr);
/* Neither known nor lacking any more. */
void		 kept_forget(struct kept *, enum attr);
/* p is NULL when it is not known; lent until the next change. */
struct slice	 kept_get(const struct kept *, unsigned int name);
/* Host, queue id, reply and facts; the rest of the entry is left alone. */
void		 kept_entry(const struct kept *, struct entry *);

#endif
