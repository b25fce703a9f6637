/*
 * wire.c owns lines: how they are read, and how long they may be.  It may not
 * know what they mean.
 */
/* libc */
#include <string.h>
/* this project */
#include "channel.h"
#include "wire.h"

int
wire_open(struct wire *w, const struct sockaddr *sa, socklen_t len,
    const struct net_time *given, bool elsewhere)
{
	memset(w, 0, sizeof(*w));
	return net_open(&w->net, sa, len, given, elsewhere);
}

void
wire_close(struct wire *w)
{
	channel_free(w->channel);
	w->channel = NULL;
	net_close(&w->net);
}

static int
fill(struct wire *w)
{
	ssize_t got;

	if (w->channel != NULL)
		got = channel_read(w->channel, &w->net, w->in, sizeof(w->in));
	else
		got = net_read(&w->net, w->in, sizeof(w->in));
	if (got <= 0)
		return -1;
	w->in_at = 0;
	w->in_len = (size_t)got;
	return 0;
}

int
wire_line(struct wire *w, char line[LINE_SIZE])
{
	size_t len = 0;
	char c;

	for (;;) {
		if (w->in_at == w->in_len && fill(w) == -1)
			return -1;
		c = w->in[w->in_at++];
		if (c == '\n')
			break;
		if (len == LINE_SIZE - 1)
			return net_fail(&w->net, "sent a line of more than 2047 bytes");
		line[len++] = c == '\r' || (c >= ' ' && c <= '~') ? c : '?';
	}
	if (len > 0 && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	for (char *cr = line; (cr = strchr(cr, '\r')) != NULL; )
		*cr = '?';
	return (int)len;
}

int
wire_send(struct wire *w, const void *p, size_t size)
{
	if (w->channel != NULL)
		return channel_write(w->channel, &w->net, p, size);
	return net_write(&w->net, p, size);
}

int
wire_puts(struct wire *w, const char *text)
{
	return wire_send(w, text, strlen(text));
}
