/*
 * milter_socket.c owns the address of a milter and the way there; it may not
 * know what is spoken.
 */
/* libc */
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "mem.h"
/* this folder */
#include "milter_socket.h"

#define SPEC_MAX	512
#define PATH_LONGEST	500	/* and with "unix:" before it still less than that */
#define HOST_MAX	255	/* RFC 1035, 2.3.4 */
#define PATH_BYTES	sizeof(((struct sockaddr_un *)0)->sun_path)

/* --- its spelling */

static bool
is_port(const char *s)
{
	unsigned long n;
	char *end;

	if (*s < '0' || *s > '9' || strlen(s) > 5)
		return false;
	n = strtoul(s, &end, 10);
	return *end == '\0' && n > 0 && n < 65536;
}

static void
drop_brackets(char *host)
{
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
}

static int
parse_inet(struct milter_socket *s, const char *rest)
{
	const char *mark;

	if ((mark = strchr(rest, '@')) != NULL) {
		s->port = mem_strndup(rest, (size_t)(mark - rest));
		s->host = mem_strdup(mark + 1);
	} else if ((mark = strrchr(rest, ':')) != NULL) {
		s->host = mem_strndup(rest, (size_t)(mark - rest));
		s->port = mem_strdup(mark + 1);
	} else
		return -1;
	drop_brackets(s->host);
	/* what no host has would be read as something else where it is pasted */
	if (s->host[0] != '\0' && strlen(s->host) <= HOST_MAX &&
	    strpbrk(s->host, "@[]{}, \t\r\n") == NULL && is_port(s->port))
		return 0;
	milter_socket_clear(s);
	return -1;
}

int
milter_socket_parse(struct milter_socket *s, const char *spec)
{
	const char *rest;

	memset(s, 0, sizeof(*s));
	if (strlen(spec) > SPEC_MAX)
		return -1;
	if (strncmp(spec, "inet:", 5) == 0)
		return parse_inet(s, spec + 5);
	if (strncmp(spec, "inet6:", 6) == 0)
		return parse_inet(s, spec + 6);
	if (strncmp(spec, "unix:", 5) == 0)
		rest = spec + 5;
	else if (strncmp(spec, "local:", 6) == 0)
		rest = spec + 6;
	else if (spec[0] == '/')
		rest = spec;
	else
		return -1;
	if (rest[0] == '\0' || strlen(rest) > PATH_LONGEST)
		return -1;
	s->path = mem_strdup(rest);
	return 0;
}

void
milter_socket_clear(struct milter_socket *s)
{
	free(s->path);
	free(s->host);
	free(s->port);
	memset(s, 0, sizeof(*s));
}

bool
milter_socket_is_loopback(const struct milter_socket *s)
{
	return s->path == NULL && (strcasecmp(s->host, "localhost") == 0 ||
	    strncmp(s->host, "127.", 4) == 0 || strcmp(s->host, "::1") == 0);
}

bool
milter_socket_same(const struct milter_socket *a, const struct milter_socket *b)
{
	if (a->path != NULL || b->path != NULL)
		return a->path != NULL && b->path != NULL &&
		    strcmp(a->path, b->path) == 0;
	return strcmp(a->port, b->port) == 0 &&
	    (strcasecmp(a->host, b->host) == 0 ||
	    (milter_socket_is_loopback(a) && milter_socket_is_loopback(b)));
}

void
milter_socket_put(const struct milter_socket *s, struct buf *b)
{
	if (s->path != NULL)
		buf_printf(b, "unix:%s", s->path);
	else if (strchr(s->host, ':') != NULL)
		buf_printf(b, "inet:[%s]:%s", s->host, s->port);
	else
		buf_printf(b, "inet:%s:%s", s->host, s->port);
}

/* --- the way there */

int64_t
milter_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
milter_socket_wait(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int n;

	do {
		left = deadline - milter_clock();
		if (left <= 0)
			break;
		n = poll(&p, 1, left > 3600000 ? 3600000 : (int)left);
		if (n > 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return -1;
	} while (true);
	errno = ETIMEDOUT;
	return -1;
}

/* Connect within the deadline: 0, or -1 with errno. */
static int
reach(int fd, const struct sockaddr *sa, socklen_t len, int64_t deadline)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (connect(fd, sa, len) == 0)
		return 0;
	/* A unix socket whose queue is full cannot be waited for. */
	if (errno != EINPROGRESS)
		return -1;
	if (milter_socket_wait(fd, POLLOUT, deadline) == -1)
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
open_to(int family, const struct sockaddr *sa, socklen_t len, int64_t deadline)
{
	int error, fd;

	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || reach(fd, sa, len, deadline) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int
connect_unix(const char *path, int64_t deadline)
{
	struct sockaddr_un sun;

	if (strlen(path) >= PATH_BYTES) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, path, strlen(path));
	return open_to(AF_UNIX, (const struct sockaddr *)&sun, sizeof(sun),
	    deadline);
}

int
milter_socket_connect(const struct milter_socket *s, int64_t deadline)
{
	struct addrinfo hints, *all, *ai;
	int fd = -1;

	if (s->path != NULL)
		return connect_unix(s->path, deadline);
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV;
	if (getaddrinfo(s->host, s->port, &hints, &all) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	errno = EADDRNOTAVAIL;
	for (ai = all; ai != NULL && fd == -1; ai = ai->ai_next)
		fd = open_to(ai->ai_family, ai->ai_addr, ai->ai_addrlen, deadline);
	freeaddrinfo(all);
	return fd;
}
