/*
 * draw.h: policies and facts by chance, the same for the same seed.
 */
#ifndef TLSWARDEN_DRAW_H
#define TLSWARDEN_DRAW_H

#include "buf.h"
#include "session.h"

#define DRAW_SEED	20261120	/* when none is given */

void		 draw_seed(unsigned long);
/* 0 to n - 1 */
unsigned int	 draw(unsigned int n);
/* Append the text of a policy. */
void		 draw_policy(struct buf *);
/* One of so many rules, whose comparisons are drawn by the function. */
void		 draw_rules(struct buf *, unsigned int n,
		    void (*comparison)(struct buf *));
/* The comparisons of draw_policy(). */
void		 draw_comparison(struct buf *);
/* Forget all facts and set others; some lack, some are not known. */
void		 draw_facts(struct session *);

#endif
