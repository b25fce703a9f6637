/*
 * callback.h: what libmilter calls.
 */
#ifndef TLSWARDEN_CALLBACK_H
#define TLSWARDEN_CALLBACK_H

/* Tell libmilter of the callbacks.  0, or -1. */
int	callback_register(void);

#endif
