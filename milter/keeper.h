/*
 * keeper.h: the thread for what is not a session's business.
 */
#ifndef TLSWARDEN_KEEPER_H
#define TLSWARDEN_KEEPER_H

#include <stdint.h>

/*
 * Call it when the socket listens, for it says so to the service manager.  It
 * reloads on SIGUSR1, which must be blocked, sums up every hour, and feeds the
 * watchdog of the service manager every so many microseconds; 0: never.
 */
int	keeper_start(uint64_t watchdog);

#endif
