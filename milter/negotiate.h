/*
 * negotiate.h: what the MTA is asked to send, and what it need not send.
 */
#ifndef TLSWARDEN_NEGOTIATE_H
#define TLSWARDEN_NEGOTIATE_H

/* libmilter wants to know what bool is */
#include <stdbool.h>
#include <libmilter/mfapi.h>

/* The callback: begins the connection and keeps its policy. */
sfsistat	on_negotiate(SMFICTX *, unsigned long actions,
		    unsigned long steps, unsigned long, unsigned long,
		    unsigned long *want_actions, unsigned long *want_steps,
		    unsigned long *, unsigned long *);

#endif
