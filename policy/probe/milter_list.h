/*
 * milter_list.h: the value of smtpd_milters: addresses, some in braces with
 * settings of their own.
 */
#ifndef TLSWARDEN_MILTER_LIST_H
#define TLSWARDEN_MILTER_LIST_H

#include "buf.h"
#include "params.h"

#include <stdbool.h>
#include <stddef.h>

struct milter_item {
	char		*address;	/* as written */
	bool		 braces;
	struct params	 settings;	/* default_action=accept, ... */
};

struct milter_list {
	struct milter_item	*all;
	size_t			 count;
};

void	milter_list_parse(struct milter_list *, const char *);
void	milter_list_clear(struct milter_list *);
/* Put another address in at a place, before what is there. */
void	milter_list_insert(struct milter_list *, size_t, const char *address);
void	milter_list_remove(struct milter_list *, size_t);
void	milter_list_put(const struct milter_list *, struct buf *);

#endif
