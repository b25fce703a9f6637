/*
 * net.c owns sockets and the clock of the audit; it may not know what is said
 * on a connection.
 */
/* libc */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "net.h"

#define CONNECT_MS	3000

int64_t
net_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
net_fail(struct net *n, const char *fault)
{
	if (n->fault == NULL)
		n->fault = fault;
	return -1;
}

void
net_step(struct net *n, int ms)
{
	n->step = net_now() + (int64_t)ms * n->given.times;
	if (n->step > n->given.end)
		n->step = n->given.end;
}

/* 0 when the socket is ready for the events before the step is over. */
static int
await(struct net *n, short events)
{
	struct pollfd p;
	int64_t left;
	int ready;

	p.fd = n->fd;
	p.events = events;
	for (;;) {
		left = n->step - net_now();
		if (left <= 0) {
			n->timed_out = 1;
			return net_fail(n, "did not answer in time");
		}
		ready = poll(&p, 1, (int)left);
		if (ready > 0)
			return 0;
		if (ready == -1 && errno != EINTR)
			return net_fail(n, "could not be waited for");
	}
}

static const char *
reason(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "refuses connections";
	case ECONNRESET:
	case EPIPE:
		return "reset the connection";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "cannot be reached";
	case ETIMEDOUT:
		return "did not answer in time";
	case EACCES:
	case EPERM:
		return "may not be connected to";
	default:
		return "cannot be talked to";
	}
}

/* Would the kernel let us come from the server's address? */
static bool
is_from_itself(const struct sockaddr_in *to)
{
	struct sockaddr_in from = { .sin_port = 0 };
	socklen_t size = sizeof(from);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool same;

	same = fd != -1 &&
	    connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&from, &size) == 0 &&
	    from.sin_addr.s_addr == to->sin_addr.s_addr;
	if (fd != -1)
		close(fd);
	return same;
}

/* The loopback of IPv4 has many addresses; where it has not, we come as we do. */
static void
leave_address(int fd, const struct sockaddr *sa)
{
	struct sockaddr_in from, to;

	if (sa->sa_family != AF_INET)
		return;
	memcpy(&to, sa, sizeof(to));
	if (!is_from_itself(&to))
		return;
	memset(&from, 0, sizeof(from));
	from.sin_family = AF_INET;
	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	if (from.sin_addr.s_addr == to.sin_addr.s_addr)
		from.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)bind(fd, (struct sockaddr *)&from, sizeof(from));
}

int
net_open(struct net *n, const struct sockaddr *sa, socklen_t len,
    const struct net_time *given, bool elsewhere)
{
	socklen_t size = sizeof(int);
	int error = 0;

	memset(n, 0, sizeof(*n));
	n->given = *given;
	n->fd = socket(sa->sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (n->fd == -1)
		return net_fail(n, reason(errno));
	if (elsewhere)
		leave_address(n->fd, sa);
	net_step(n, CONNECT_MS);
	if (connect(n->fd, sa, len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return net_fail(n, reason(errno));
	if (await(n, POLLOUT) == -1)
		return -1;
	if (getsockopt(n->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
		error = errno;
	return error == 0 ? 0 : net_fail(n, reason(error));
}

void
net_close(struct net *n)
{
	if (n->fd != -1)
		close(n->fd);
	n->fd = -1;
}

ssize_t
net_read(struct net *n, void *p, size_t size)
{
	ssize_t got;

	if (n->taken >= NET_BYTES_MAX)
		return net_fail(n, "sent more than 256 KB");
	if (size > NET_BYTES_MAX - n->taken)
		size = NET_BYTES_MAX - n->taken;
	for (;;) {
		/* Data that is already there must not outlast the time. */
		if (await(n, POLLIN) == -1)
			return -1;
		got = recv(n->fd, p, size, 0);
		if (got > 0) {
			n->taken += (size_t)got;
			return got;
		}
		if (got == 0)
			return net_fail(n, "closed the connection");
		if (errno != EINTR && errno != EAGAIN)
			return net_fail(n, reason(errno));
	}
}

int
net_write(struct net *n, const void *p, size_t size)
{
	const char *at = p;
	ssize_t put;

	while (size > 0) {
		if (await(n, POLLOUT) == -1)
			return -1;
		put = send(n->fd, at, size, MSG_NOSIGNAL);
		if (put >= 0) {
			at += put;
			size -= (size_t)put;
		} else if (errno != EINTR && errno != EAGAIN)
			return net_fail(n, reason(errno));
	}
	return 0;
}
