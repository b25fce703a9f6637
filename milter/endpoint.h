/*
 * endpoint.h: the socket an MTA connects to.
 *
 * Functions that can fail return 0, or an exit status of sysexits.h after they
 * have complained.
 */
#ifndef TLSWARDEN_ENDPOINT_H
#define TLSWARDEN_ENDPOINT_H

#include "policy.h"
#include "process.h"

#include <sys/types.h>
#include <stdbool.h>

#define ENDPOINT_DEFAULT	"unix:/run/tlswarden/tlswarden.sock"

struct endpoint {
	char		*spec;		/* as libmilter wants it */
	char		*path;		/* unix: the file; NULL: inet */
	char		*host;		/* inet */
	char		*port;
	int		 family;	/* AF_UNIX, AF_INET, AF_INET6 */
	mode_t		 mode;		/* unix */
	gid_t		 gid;		/* unix; -1: that of the process */
	int		 lock_fd;
	dev_t		 dev;		/* unix: the file, once it is there */
	ino_t		 ino;
};

/*
 * unix:/path, local:/path, inet:port@host, inet6:port@host and Postfix's
 * inet:host:port.  from_option tells which exit status is due.
 */
int	endpoint_parse(struct endpoint *, const char *spec, bool from_option);
/* Mode and group, from the policy. */
int	endpoint_configure(struct endpoint *, const struct settings *);
/*
 * See to it that the address is ours alone: take the lock, remove the socket
 * file of a process that is gone.  EX_TEMPFAIL when somebody answers there.
 */
int	endpoint_claim(struct endpoint *, const struct identity *);
/* Around libmilter's own opening: the umask, then owner and group. */
mode_t	endpoint_umask(const struct endpoint *);
int	endpoint_opened(struct endpoint *, const struct identity *);
/* Remove the socket file, if it is still ours. */
void	endpoint_remove(const struct endpoint *);
/* What it owns; the lock goes with the process. */
void	endpoint_clear(struct endpoint *);

#endif
