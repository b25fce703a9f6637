/*
 * milter_socket.h: where a milter listens.
 *
 * One address in the spellings of the daemon, of Postfix and of Sendmail:
 * unix:/path, local:/path, inet:port@host, inet6:port@host, inet:host:port.
 */
#ifndef TLSWARDEN_MILTER_SOCKET_H
#define TLSWARDEN_MILTER_SOCKET_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Where tlswardend listens when nobody says otherwise. */
#define MILTER_SOCKET_DEFAULT	"unix:/run/tlswarden/tlswarden.sock"

struct milter_socket {
	char	*path;		/* unix; NULL: inet */
	char	*host;
	char	*port;
};

/* 0, or -1 when it is no such address; then there is nothing to clear. */
int	milter_socket_parse(struct milter_socket *, const char *);
void	milter_socket_clear(struct milter_socket *);
/* The names of the loopback interface are one host. */
bool	milter_socket_same(const struct milter_socket *,
	    const struct milter_socket *);
bool	milter_socket_is_loopback(const struct milter_socket *);
/* In Postfix's spelling: unix:/path, inet:host:port. */
void	milter_socket_put(const struct milter_socket *, struct buf *);

/* Milliseconds of a clock that only goes forward. */
int64_t	milter_clock(void);
/*
 * A connection that does not block, or -1 with errno; ETIMEDOUT after the
 * deadline, EADDRNOTAVAIL when the host is not known.
 */
int	milter_socket_connect(const struct milter_socket *, int64_t deadline);
/* Wait for POLLIN or POLLOUT: 0, or -1 with errno. */
int	milter_socket_wait(int fd, short events, int64_t deadline);

#endif
