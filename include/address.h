/*
 * address.h: an IP address as a value.
 *
 * IPv4-mapped IPv6 addresses (::ffff:192.0.2.1) are IPv4 addresses here, so
 * that one client has one address however the listening socket was opened.
 * Zone identifiers (fe80::1%eth0) and the "IPv6:" prefix of SMTP address
 * literals are accepted and dropped.
 */
#ifndef TLSWARDEN_ADDRESS_H
#define TLSWARDEN_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

#define ADDRESS_TEXT	48	/* room for any address as text, with NUL */

struct address {
	uint8_t	bits;		/* 32 or 128; 0 is no address */
	uint8_t	bytes[16];	/* network order, the first bits/8 in use */
};

/* From network-order bytes, n is 4 or 16. */
void	address_from_bytes(struct address *, const uint8_t *, size_t n);
/* 0, or -1 when the text is not an address (text need not end in NUL). */
int	address_parse(struct address *, const char *, size_t len);
void	address_format(const struct address *, char [ADDRESS_TEXT]);
/* <0, 0, >0: IPv4 before IPv6, then by value. */
int	address_compare(const struct address *, const struct address *);
/* Set all bits behind the first `prefix' to zero. */
void	address_mask(struct address *, unsigned int prefix);

#endif
