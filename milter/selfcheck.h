/*
 * selfcheck.h: does the daemon still judge rightly?  For the watchdog.
 */
#ifndef TLSWARDEN_SELFCHECK_H
#define TLSWARDEN_SELFCHECK_H

/* 0, or -1 when the policy with the known answers was not taken. */
int		 selfcheck_init(void);
/*
 * Judge sessions whose answers are known, and look whether the thread that
 * writes the log still runs.  NULL: all is well; else what is not.  Once an
 * answer was wrong, no later one is believed.  For one thread.
 */
const char	*selfcheck(void);

#endif
