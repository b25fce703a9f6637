/*
 * netblock.h: a set of networks, looked up in a binary trie by prefix.
 *
 * Filled once, then only read.  A look-up costs at most one step a bit of the
 * address, however many networks there are.
 */
#ifndef TLSWARDEN_NETBLOCK_H
#define TLSWARDEN_NETBLOCK_H

#include "address.h"

#include <stdbool.h>

struct netblock;

struct netblock	*netblock_new(void);
void		 netblock_free(struct netblock *);
/* The address has its host bits zero. */
void		 netblock_add(struct netblock *, const struct address *,
		    unsigned int prefix);
bool		 netblock_contains(const struct netblock *,
		    const struct address *);

/*
 * Read "192.0.2.0/24", "2001:db8::/32" or an address alone.
 *  0: read
 * -1: not a network
 * -2: host bits are set; the right network is in *address and *prefix
 */
int		 netblock_parse(const char *, size_t, struct address *,
		    unsigned int *prefix);
/* ADDRESS_TEXT + 4 bytes; without /prefix when it is a whole address */
void		 netblock_format(const struct address *, unsigned int prefix,
		    char [ADDRESS_TEXT + 4]);

#endif
