/*
 * notify.h: telling the service manager how the daemon stands.
 *
 * The protocol is that of sd_notify(3): datagrams to the socket that the
 * environment names.  Where there is none, nothing is said.  Each call waits at
 * most NOTIFY_WAIT_MS for room in that socket: not for threads that serve mail.
 */
#ifndef TLSWARDEN_NOTIFY_H
#define TLSWARDEN_NOTIFY_H

#include <stdint.h>

#define NOTIFY_WAIT_MS	1000
#define NOTIFY_STATUS	512	/* bytes of a status that are shown, with NUL */

/*
 * Read the environment; once, in the process that will serve.  Returns how
 * often, in microseconds, notify_alive() is to be called; 0: nobody watches.
 */
uint64_t notify_init(void);

/* The socket answers, or a reload is over; the status is a line for people. */
void	 notify_ready(const char *status);
void	 notify_status(const char *status);
void	 notify_reloading(void);
void	 notify_alive(void);
void	 notify_stopping(void);

#endif
