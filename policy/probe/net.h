/*
 * net.h: a connection on which nothing takes longer, or more, than we say.
 *
 * Each step (a greeting, a reply, a handshake) has its own time, however the
 * peer drips its bytes, and the whole has an end that no step can move.  Who
 * gives the whole more time than it has by default gives each step more.
 */
#ifndef TLSWARDEN_NET_H
#define TLSWARDEN_NET_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_BYTES_MAX	(256 * 1024)	/* taken from one connection */

struct net_time {
	int64_t		 end;		/* when everything is over */
	int		 times;		/* a step may take so many times its own */
};

struct net {
	int		 fd;		/* -1: closed */
	int64_t		 step;		/* when this step is over */
	struct net_time	 given;
	size_t		 taken;		/* bytes read */
	const char	*fault;		/* why it failed; NULL: it did not */
	int		 timed_out;
};

/* Milliseconds since some moment. */
int64_t	 net_now(void);
/*
 * 0, or -1 and fault.  In any case net_close() ends it.  elsewhere: come from
 * another address than the server's own, when that is on this machine.
 */
int	 net_open(struct net *, const struct sockaddr *, socklen_t,
	    const struct net_time *, bool elsewhere);
void	 net_close(struct net *);
/* The next step may take so many milliseconds, or times as many. */
void	 net_step(struct net *, int);
/* At least one byte and at most size; -1 and fault.  The end is a fault. */
ssize_t	 net_read(struct net *, void *, size_t size);
/* All of it: 0, or -1 and fault. */
int	 net_write(struct net *, const void *, size_t);
/* Note why it failed, when nothing was noted before; gives -1. */
int	 net_fail(struct net *, const char *);

#endif
