/*
 * notify.c owns the datagrams to the service manager; it may not know what the
 * daemon does.
 */
/* libc */
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this program */
#include "clock.h"
#include "notify.h"

static struct sockaddr_un address;
static socklen_t address_len;		/* 0: nobody listens */

/* --- the environment */

/* A path, or with "@" a name of Linux's that no file has. */
static void
set_address(const char *name)
{
	size_t len;

	len = strlen(name);
	if ((name[0] != '/' && name[0] != '@') || len < 2 ||
	    len >= sizeof(address.sun_path))
		return;
	address.sun_family = AF_UNIX;
	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
	    (name[0] == '/' ? 1 : 0));
}

/* A decimal number from the environment; 0 when it is none. */
static uint64_t
number_of(const char *name)
{
	const char *text;
	uintmax_t n;
	char *end;

	text = getenv(name);
	if (text == NULL || text[0] < '0' || text[0] > '9')
		return 0;
	errno = 0;
	n = strtoumax(text, &end, 10);
	return errno == 0 && *end == '\0' ? n : 0;
}

uint64_t
notify_init(void)
{
	const char *name;
	uint64_t limit;

	name = getenv("NOTIFY_SOCKET");
	if (name != NULL)
		set_address(name);
	limit = number_of("WATCHDOG_USEC");
	if (address_len == 0 || limit == 0)
		return 0;
	/* It may be meant for the process that started this one. */
	if (getenv("WATCHDOG_PID") != NULL &&
	    number_of("WATCHDOG_PID") != (uint64_t)getpid())
		return 0;
	/* Two may come late on a busy machine. */
	return limit / 3 > 0 ? limit / 3 : 1;
}

/* --- what is said */

/* A connected socket shows by POLLOUT that the other side has room. */
static void
say(const char *text, size_t len)
{
	struct pollfd p = { .events = POLLOUT };

	if (address_len == 0)
		return;
	p.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p.fd == -1)
		return;
	if (connect(p.fd, (struct sockaddr *)&address, address_len) == 0 &&
	    poll(&p, 1, NOTIFY_WAIT_MS) == 1)
		/* who does not take it will say so: there is nobody to tell */
		(void)send(p.fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(p.fd);
}

/* A line end would begin another statement, and a policy is quoted here. */
static void
say_status(const char *before, const char *status)
{
	char text[NOTIFY_STATUS + 32];
	size_t i, n;

	n = (size_t)snprintf(text, sizeof(text), "%sSTATUS=%.*s", before,
	    NOTIFY_STATUS - 1, status);
	for (i = strlen(before); i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	say(text, n);
}

void
notify_ready(const char *status)
{
	say_status("READY=1\n", status);
}

void
notify_status(const char *status)
{
	say_status("", status);
}

/* The time says which READY=1 answers the reload that was asked for. */
void
notify_reloading(void)
{
	char text[64];
	int n;

	n = snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	    clock_usec());
	say(text, (size_t)n);
}

void
notify_alive(void)
{
	static const char text[] = "WATCHDOG=1";

	say(text, sizeof(text) - 1);
}

void
notify_stopping(void)
{
	static const char text[] = "STOPPING=1";

	say(text, sizeof(text) - 1);
}
