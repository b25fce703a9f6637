/*
 * milter_ping.h: is a tlswardend there, and does it answer?
 *
 * The MTA's part of the milter protocol (version 6) is played for one session
 * of reserved facts: no port, from localhost, as mail that did not come by
 * SMTP.  The daemon lets such a session pass whatever its policy says, so the
 * right answer is known.
 */
#ifndef TLSWARDEN_MILTER_PING_H
#define TLSWARDEN_MILTER_PING_H

#include "buf.h"
#include "milter_socket.h"

#include <stdint.h>

/* The names a session of ours goes by; RFC 2606 keeps them from anybody. */
#define MILTER_PING_HELO	"ping.tlswarden.invalid"
#define MILTER_PING_SENDER	"<ping@ping.tlswarden.invalid>"

/* 0, or -1 and why: one sentence without a full stop. */
int	milter_ping(const struct milter_socket *, int64_t deadline,
	    struct buf *why);

#endif
