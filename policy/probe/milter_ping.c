/*
 * milter_ping.c owns the session that asks a daemon whether it is well; it may
 * not know who asks, nor what is made of the answer.
 */
/* libc */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
/* this folder */
#include "milter_ping.h"

/*
 * Numbers of the milter protocol, as libmilter/mfdef.h of Sendmail has them.
 */
#define MILTER_VERSION		6u
#define WE_OFFER	0x1ffu		/* every action */
#define WE_MAY_SKIP	0x1fffffu	/* every step */
#define ACTION_LISTS	0x100u		/* the milter chooses its macros */
#define SKIP_CONNECT	0x1u
#define SKIP_HELO	0x2u
#define SKIP_MAIL	0x4u
#define SILENT_CONNECT	0x1000u		/* no answer to CONNECT, HELO, MAIL */
#define SILENT_HELO	0x2000u
#define SILENT_MAIL	0x4000u
#define LIST_CONNECT	0u
#define LIST_MAIL	2u

#define PACKET_MAX	4096		/* an answer is far below that */

struct session {
	int		 fd;
	int64_t		 deadline;
	uint32_t	 steps;		/* what the milter can do without */
	struct buf	*why;
	size_t		 len;
	char		 packet[PACKET_MAX + 1];
};

static int
fail(struct session *s, const char *what, int error)
{
	buf_printf(s->why, "%s: %s", what, error == ETIMEDOUT ?
	    "no answer in time" : strerror(error));
	return -1;
}

static int
send_all(struct session *s, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		if (milter_socket_wait(s->fd, POLLOUT, s->deadline) == -1)
			return fail(s, "sending", errno);
		n = send(s->fd, data, len, MSG_NOSIGNAL);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return fail(s, "sending", errno);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int
receive_all(struct session *s, char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		if (milter_socket_wait(s->fd, POLLIN, s->deadline) == -1)
			return fail(s, "waiting", errno);
		n = recv(s->fd, data, len, 0);
		if (n == 0) {
			buf_puts(s->why, "the connection was closed without an answer");
			return -1;
		}
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return fail(s, "waiting", errno);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static uint32_t
get_number(const char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return ntohl(n);
}

static void
put_number(struct buf *b, uint32_t n)
{
	n = htonl(n);
	buf_put(b, &n, sizeof(n));
}

/* --- packets: length, command, data */

static int
tell(struct session *s, char command, const struct buf *data)
{
	struct buf b = BUF_INIT;
	int result;

	put_number(&b, (uint32_t)(1 + (data != NULL ? data->len : 0)));
	buf_putc(&b, command);
	if (data != NULL && data->len > 0)
		buf_put(&b, data->data, data->len);
	result = send_all(s, b.data, b.len);
	buf_free(&b);
	return result;
}

/* The command is packet[0]; what follows it ends in a NUL of ours. */
static int
hear(struct session *s)
{
	char head[4];

	if (receive_all(s, head, sizeof(head)) == -1)
		return -1;
	s->len = get_number(head);
	if (s->len == 0 || s->len > PACKET_MAX) {
		buf_puts(s->why, "what answers there does not speak the milter "
		    "protocol");
		return -1;
	}
	if (receive_all(s, s->packet, s->len) == -1)
		return -1;
	s->packet[s->len] = '\0';
	return 0;
}

/* --- the session */

/* Does the list of names, parted by blanks, hold the name? */
static bool
has_name(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list != '\0') {
		list += strspn(list, " ,");
		if (strcspn(list, " ,") == len && strncmp(list, name, len) == 0)
			return true;
		list += strcspn(list, " ,");
	}
	return false;
}

/*
 * The macros asked for tell tlswardend from another milter: it wants the port
 * at CONNECT and the encryption and the login at MAIL.
 */
static bool
asks_as_ours(const struct session *s)
{
	size_t at = 13;
	bool port = false, login = false;
	const char *list;
	uint32_t stage;

	while (at + 4 < s->len) {
		stage = get_number(s->packet + at);
		list = s->packet + at + 4;
		if (stage == LIST_CONNECT)
			port = has_name(list, "{daemon_port}");
		if (stage == LIST_MAIL)
			login = has_name(list, "{tls_version}") &&
			    has_name(list, "{auth_type}");
		at += 4 + strlen(list) + 1;
	}
	return port && login;
}

static int
negotiate(struct session *s)
{
	struct buf b = BUF_INIT;
	int result;

	put_number(&b, MILTER_VERSION);
	put_number(&b, WE_OFFER);
	put_number(&b, WE_MAY_SKIP);
	result = tell(s, 'O', &b);
	buf_free(&b);
	if (result == -1 || hear(s) == -1)
		return -1;
	if (s->packet[0] != 'O' || s->len < 13 || get_number(s->packet + 1) < 2) {
		buf_puts(s->why, "what answers there does not speak the milter "
		    "protocol");
		return -1;
	}
	s->steps = get_number(s->packet + 9);
	if ((get_number(s->packet + 5) & ACTION_LISTS) == 0 || !asks_as_ours(s)) {
		buf_puts(s->why, "the milter there is not tlswardend: it does not "
		    "ask for port, TLS and login");
		return -1;
	}
	return 0;
}

static int
judge_answer(struct session *s, const char *stage)
{
	const char *said;

	switch (s->packet[0]) {
	case 'c':
		return 0;
	case 't':
		said = "a temporary failure";
		break;
	case 'r':
	case 'd':
	case 'a':
		said = "a verdict that is not due";
		break;
	case 'y':
		buf_printf(s->why, "%s got the reply ", stage);
		buf_put_visible(s->why, s->packet + 1, 200);
		return -1;
	default:
		said = "an answer that the protocol does not have there";
	}
	buf_printf(s->why, "%s got %s", stage, said);
	return -1;
}

/* One stage: nothing to say where the milter skips it, or keeps silent. */
static int
step(struct session *s, const char *stage, char command, const void *data,
    size_t len, uint32_t skip, uint32_t silent)
{
	struct buf b = BUF_INIT;
	int result;

	if (s->steps & skip)
		return 0;
	/* An MTA sends the stage's macros before it; we have none but our name. */
	buf_putc(&b, command);
	buf_put(&b, "j\0" MILTER_PING_HELO, sizeof("j\0" MILTER_PING_HELO));
	result = tell(s, 'D', &b);
	buf_clear(&b);
	buf_put(&b, data, len);
	if (result == 0)
		result = tell(s, command, &b);
	buf_free(&b);
	if (result == -1 || s->steps & silent)
		return result;
	do {
		if (hear(s) == -1)
			return -1;
	} while (s->packet[0] == 'p');	/* progress: it asks for patience */
	return judge_answer(s, stage);
}

static int
converse(struct session *s)
{
	static const char client[] = "localhost\0" "4\0\0" "127.0.0.1";
	int result;

	if (negotiate(s) == -1)
		return -1;
	result = step(s, "CONNECT", 'C', client, sizeof(client), SKIP_CONNECT,
	    SILENT_CONNECT);
	if (result == 0)
		result = step(s, "HELO", 'H', MILTER_PING_HELO,
		    sizeof(MILTER_PING_HELO), SKIP_HELO, SILENT_HELO);
	if (result == 0)
		result = step(s, "MAIL", 'M', MILTER_PING_SENDER,
		    sizeof(MILTER_PING_SENDER), SKIP_MAIL, SILENT_MAIL);
	if (result == 0)
		result = tell(s, 'Q', NULL);
	return result;
}

int
milter_ping(const struct milter_socket *where, int64_t deadline, struct buf *why)
{
	struct session s = { .deadline = deadline, .why = why };
	int result;

	s.fd = milter_socket_connect(where, deadline);
	if (s.fd == -1)
		return fail(&s, "connecting", errno);
	result = converse(&s);
	close(s.fd);
	return result;
}
