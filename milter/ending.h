/*
 * ending.h: the moment from which no session is put on record any more.
 *
 * libmilter's threads go on after smfi_main() has returned.  A session that one
 * of them would put on record after the daemon's last word waits for the end of
 * the process instead, and so does its answer: the MTA does with it what its
 * default action says, and what was answered is on record.
 */
#ifndef TLSWARDEN_ENDING_H
#define TLSWARDEN_ENDING_H

/* Around all that a record of a session comes to. */
void	ending_begin_record(void);
void	ending_end_record(void);

/* Those who are at it come to their end; nobody begins, for good. */
void	ending_now(void);

#endif
