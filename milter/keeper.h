/*
 * keeper.h: the thread for what is not a session's business.
 */
#ifndef TLSWARDEN_KEEPER_H
#define TLSWARDEN_KEEPER_H

/* It reloads on SIGUSR1, which must be blocked, and sums up every hour. */
int	keeper_start(void);

#endif
