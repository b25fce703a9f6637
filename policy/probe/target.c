/*
 * target.c owns how a port to be audited is named and found; it may not know
 * what is done there.
 */
/* libc */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "address.h"
#include "speech.h"
#include "target.h"

const struct port_info port_infos[PORT_SERVICES] = {
	[PORT_MX] = { "mx", 25, false, false, &smtp_speech },
	[PORT_SUBMISSION] = { "submission", 587, false, true, &smtp_speech },
	[PORT_SUBMISSIONS] = { "submissions", 465, true, true, &smtp_speech },
	[PORT_IMAP] = { "imap", 143, false, true, &imap_speech },
	[PORT_IMAPS] = { "imaps", 993, true, true, &imap_speech },
	[PORT_POP3] = { "pop3", 110, false, true, &pop3_speech },
	[PORT_POP3S] = { "pop3s", 995, true, true, &pop3_speech },
};

static bool
find_service(const char *name, enum port_service *found)
{
	unsigned int i;

	for (i = 0; i < PORT_SERVICES; i++)
		if (strcmp(port_infos[i].name, name) == 0) {
			*found = (enum port_service)i;
			return true;
		}
	return false;
}

static bool
service_of_port(uint16_t port, enum port_service *found)
{
	unsigned int i;

	for (i = 0; i < PORT_SERVICES; i++)
		if (port_infos[i].port == port) {
			*found = (enum port_service)i;
			return true;
		}
	return false;
}

static bool
read_port(const char *text, uint16_t *port)
{
	unsigned long n;
	char *end;

	if (text[0] < '0' || text[0] > '9' || strlen(text) > 5)
		return false;
	n = strtoul(text, &end, 10);
	if (*end != '\0' || n == 0 || n > 65535)
		return false;
	*port = (uint16_t)n;
	return true;
}

/* Cut text into host and port (NULL when there is none). */
static bool
split(char *text, const char **host, const char **port)
{
	char *colon, *bracket;

	*host = text;
	*port = NULL;
	if (text[0] == '[') {
		bracket = strchr(text, ']');
		if (bracket == NULL || (bracket[1] != '\0' && bracket[1] != ':'))
			return false;
		*bracket = '\0';
		*host = text + 1;
		if (bracket[1] == ':')
			*port = bracket + 2;
		return (*host)[0] != '\0';
	}
	colon = strchr(text, ':');
	if (colon == NULL || strchr(colon + 1, ':') != NULL)
		return text[0] != '\0';	/* a name, or IPv6 without a port */
	*colon = '\0';
	*port = colon + 1;
	return text[0] != '\0';
}

static void
put_target(struct target *t, const char *host, uint16_t port,
    enum port_service service, bool guessed)
{
	memset(t, 0, sizeof(*t));
	memcpy(t->host, host, strlen(host));	/* zero behind, and it fits */
	t->port = port;
	t->service = service;
	t->guessed = guessed;
}

size_t
target_parse(const char *text, struct target targets[PORT_SERVICES],
    const char **fault)
{
	/* "[host]:65535/submissions" */
	char copy[HOST_SIZE + 32];
	const char *host, *port_text, *service_text = NULL;
	enum port_service service = PORT_MX;
	uint16_t port = 0;
	char *slash;
	unsigned int i;

	*fault = "HOST[:PORT][/SERVICE] is asked for";
	if (strlen(text) >= sizeof(copy))
		return 0;
	strcpy(copy, text);
	slash = strrchr(copy, '/');
	if (slash != NULL) {
		*slash = '\0';
		service_text = slash + 1;
	}
	if (!split(copy, &host, &port_text) || strlen(host) >= HOST_SIZE)
		return 0;
	*fault = "the service is none of mx, submission, submissions, imap, imaps, "
	    "pop3, pop3s";
	if (service_text != NULL && !find_service(service_text, &service))
		return 0;
	*fault = "the port is no number from 1 to 65535";
	if (port_text != NULL && !read_port(port_text, &port))
		return 0;
	*fault = "which service is on this port? say so as in HOST:2525/submission";
	if (service_text == NULL && port_text != NULL &&
	    !service_of_port(port, &service))
		return 0;
	if (service_text == NULL && port_text == NULL) {
		for (i = 0; i < PORT_SERVICES; i++)
			put_target(&targets[i], host, port_infos[i].port,
			    (enum port_service)i, true);
		return PORT_SERVICES;
	}
	put_target(&targets[0], host, port_text != NULL ? port :
	    port_infos[service].port, service, false);
	return 1;
}

bool
target_is_address(const struct target *t)
{
	struct address a;

	return address_parse(&a, t->host, strlen(t->host)) == 0;
}

/* Only addresses of this machine can be bound. */
static bool
is_own(const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_storage any;
	bool own;
	int fd;

	memset(&any, 0, sizeof(any));
	memcpy(&any, sa, len);
	if (any.ss_family == AF_INET)
		((struct sockaddr_in *)&any)->sin_port = 0;
	else
		((struct sockaddr_in6 *)&any)->sin6_port = 0;
	fd = socket(any.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	own = bind(fd, (struct sockaddr *)&any, len) == 0;
	close(fd);
	return own;
}

int
target_resolve(struct target *t, bool remote, const char **fault)
{
	struct addrinfo hints, *list, *a;
	char port[8];

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV;
	snprintf(port, sizeof(port), "%u", t->port);
	*fault = "has no address";
	if (getaddrinfo(t->host, port, &hints, &list) != 0)
		return -1;
	for (a = list; a != NULL; a = a->ai_next) {
		if (a->ai_family != AF_INET && a->ai_family != AF_INET6)
			continue;
		if (remote || is_own(a->ai_addr, a->ai_addrlen))
			break;
		*fault = "is no address of this machine; say --remote if you may "
		    "audit it";
	}
	if (a != NULL) {
		memcpy(&t->sa, a->ai_addr, a->ai_addrlen);
		t->salen = a->ai_addrlen;
		if (getnameinfo(a->ai_addr, a->ai_addrlen, t->address,
		    sizeof(t->address), NULL, 0, NI_NUMERICHOST) != 0)
			t->address[0] = '\0';
	}
	freeaddrinfo(list);
	return a != NULL ? 0 : -1;
}
