/*
 * peer.c owns reading who the client is; it may not know of which session.
 */
/* libc */
#include <string.h>
/* this project */
#include "address.h"
#include "peer.h"
#include "scan.h"

#define NAME_MAX_BYTES	1024	/* a host name and more */

/* Digits of a port, which postscreen and tlsproxy add. */
static void
cut_port(struct slice *s)
{
	struct slice rest = *s;
	uint32_t port;

	if (cut_prefix(&rest, ":") && cut_number(&rest, &port) == 0)
		*s = rest;
}

bool
cut_peer(struct slice *s, struct peer *peer)
{
	struct slice rest = *s, name, address;

	name = cut_until(&rest, '[');
	if (name.len > NAME_MAX_BYTES || memchr(name.p, ' ', name.len) != NULL)
		return false;
	address = cut_until(&rest, ']');
	if (address.len == 0 || address.len >= ADDRESS_TEXT ||
	    address.p + address.len >= s->p + s->len)
		return false;
	cut_port(&rest);
	*peer = (struct peer){
		.whole = { s->p, s->len - rest.len },
		.name = name.len == 0 || slice_is(name, "unknown") ? SLICE_NULL : name,
		.address = address
	};
	*s = rest;
	return true;
}

bool
peer_relay(struct slice relay, struct peer *peer)
{
	size_t open = slice_find_last(relay, "["), at;
	struct slice name, rest, address;

	if (open == SIZE_MAX)
		return false;
	name = (struct slice){ relay.p, open };
	rest = slice_from(relay, open + 1);
	address = cut_until(&rest, ']');
	if (address.len == 0 || address.len >= ADDRESS_TEXT || name.len > NAME_MAX_BYTES ||
	    address.p + address.len >= relay.p + relay.len)
		return false;
	/* Behind what identd of the client made up. */
	at = slice_find_last(name, "@");
	if (at != SIZE_MAX)
		name = slice_from(name, at + 1);
	if (name.len > 0 && name.p[name.len - 1] == ' ')
		name.len--;
	*peer = (struct peer){ .whole = relay, .address = address };
	if (name.len > 0 && name.p[0] != '[' && !slice_starts(rest, " (may be forged)"))
		peer->name = name;
	return true;
}

struct slice
peer_address(const struct peer *peer, char text[ADDRESS_TEXT])
{
	struct address a;

	if (address_parse(&a, peer->address.p, peer->address.len) == -1)
		return SLICE_NULL;
	address_format(&a, text);
	return slice_of(text);
}

void
peer_keep(const struct peer *peer, struct kept *k)
{
	char text[ADDRESS_TEXT];

	kept_set(k, ATTR_CLIENT, peer_address(peer, text));
	if (peer->name.p != NULL)
		kept_set(k, ATTR_CLIENT_NAME, peer->name);
	else
		kept_lack(k, ATTR_CLIENT_NAME);
	kept_set(k, KEPT_PEER, peer->whole);
}
