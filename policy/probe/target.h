/*
 * target.h: a port to be audited, and what is expected to speak there.
 */
#ifndef TLSWARDEN_TARGET_H
#define TLSWARDEN_TARGET_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_SIZE	256	/* a name as long as DNS has them, with NUL */

enum port_service {
	PORT_MX,
	PORT_SUBMISSION,
	PORT_SUBMISSIONS,
	PORT_IMAP,
	PORT_IMAPS,
	PORT_POP3,
	PORT_POP3S,
	PORT_SERVICES
};

struct port_info {
	const char	*name;
	uint16_t	 port;		/* the registered one */
	bool		 implicit;	/* TLS from the start */
	bool		 login;		/* a service that people log in to */
	const struct speech *speech;
};

extern const struct port_info port_infos[PORT_SERVICES];

struct target {
	char			 host[HOST_SIZE];	/* as given, or an address */
	uint16_t		 port;
	enum port_service	 service;
	bool			 guessed;	/* nobody asked for this very port */
	struct sockaddr_storage	 sa;		/* with the port */
	socklen_t		 salen;
	char			 address[64];	/* numeric */
};

/*
 * Read HOST[:PORT][/SERVICE], with an IPv6 address in brackets when a port
 * follows.  A host alone stands for all services, each on its own port and
 * guessed.  Returns how many targets were written, at most PORT_SERVICES, or
 * 0 and what is wrong with the text.
 */
size_t	 target_parse(const char *, struct target [PORT_SERVICES], const char **fault);
/*
 * Find the address.  Unless remote, one that is not this machine's own is
 * refused.  0, or -1 and why.
 */
int	 target_resolve(struct target *, bool remote, const char **fault);
/* Is the host an address, and no name? */
bool	 target_is_address(const struct target *);

#endif
