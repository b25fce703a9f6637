/*
 * peer.h: the client, as MTAs write it.
 *
 *	Postfix		mx.example.net[192.0.2.7]	unknown[192.0.2.7]
 *	postscreen	[192.0.2.7]:41234
 *	Sendmail	mx.example.net [192.0.2.7]	[IPv6:2001:db8::7]
 *			who@mx.example.net [192.0.2.7] (may be forged)
 */
#ifndef TLSWARDEN_PEER_H
#define TLSWARDEN_PEER_H

#include "address.h"
#include "kept.h"

struct peer {
	struct slice	 whole;		/* as it stands in the line */
	struct slice	 name;		/* NULL: none that is verified */
	struct slice	 address;	/* between the brackets */
};

/* Takes the client off the front of a line of Postfix's. */
bool	cut_peer(struct slice *, struct peer *);
/* The whole of the slice is what Sendmail says behind relay=. */
bool	peer_relay(struct slice, struct peer *);
/* The address in the form that records have; NULL: it is none. */
struct slice	peer_address(const struct peer *, char [ADDRESS_TEXT]);
/* Client and client_name. */
void	peer_keep(const struct peer *, struct kept *);

#endif
