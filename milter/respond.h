/*
 * respond.h: the answer to the MTA.
 */
#ifndef TLSWARDEN_RESPOND_H
#define TLSWARDEN_RESPOND_H

/* libmilter wants to know what bool is */
#include <stdbool.h>
#include <libmilter/mfapi.h>

#include "verdict.h"

/*
 * What a verdict means to libmilter, with its reply set.  An accept is never
 * SMFIS_ACCEPT: at HELO it would end the connection, and a later login be
 * missed; at the end of a message libmilter would not notice SMFIC_QUIT_NC, and
 * the next session go on with the facts of this one.
 */
sfsistat	respond(SMFICTX *, const struct verdict *);

/*
 * The answer when we fail ourselves: no mail on a service that people log in
 * to, but port 25 goes on.  The fault is logged.
 */
sfsistat	respond_failure(SMFICTX *);

#endif
