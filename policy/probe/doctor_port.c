/*
 * doctor_port.c owns the names of ports and of this machine; it may not know
 * who uses them.
 */
/* libc */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this folder */
#include "doctor.h"

/* By number, by the names a mail server's ports have, by the machine's list. */
unsigned int
doctor_port(const char *name)
{
	static const struct {
		const char	*name;
		unsigned int	 port;
	} ports[] = {
		{ "smtp", 25 }, { "smtps", 465 }, { "submissions", 465 },
		{ "ssmtp", 465 }, { "urd", 465 }, { "submission", 587 },
	};
	const struct servent *e;
	size_t i, digits;
	unsigned long number;

	digits = strspn(name, "0123456789");
	if (digits > 0) {
		number = digits <= 5 && name[digits] == '\0' ?
		    strtoul(name, NULL, 10) : 0;
		return number <= UINT16_MAX ? (unsigned int)number : 0;
	}
	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (strcmp(ports[i].name, name) == 0)
			return ports[i].port;
	e = getservbyname(name, "tcp");
	return e != NULL ? ntohs((uint16_t)e->s_port) : 0;
}

bool
doctor_is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcasecmp(host, "localhost") == 0 ||
	    strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0 ||
	    strcasecmp(host, "loopback-only") == 0;
}
