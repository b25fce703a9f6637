/*
 * pop3.c owns the few verbs of POP3 (RFC 1939, 2449, 2595) that an audit needs;
 * it may not know what their answers are worth.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this project */
#include "speech.h"

static const char not_pop3[] = "does not speak POP3";

/* 0 for +OK, 1 for -ERR, 2 for a request to go on. */
static int
status(struct wire *w, int ms, char said[SAID_SIZE])
{
	char line[LINE_SIZE];

	net_step(&w->net, ms);
	if (wire_line(w, line) == -1)
		return -1;
	if (said != NULL)
		said_copy(said, line);
	if (said_starts(line, "+OK"))
		return 0;
	if (said_starts(line, "-ERR"))
		return 1;
	if (line[0] == '+' && (line[1] == ' ' || line[1] == '\0'))
		return 2;
	return net_fail(&w->net, not_pop3);
}

static int
greeting(struct wire *w, char said[SAID_SIZE])
{
	int got = status(w, GREETING_MS, said);

	return got == 2 ? net_fail(&w->net, not_pop3) : got;
}

static void
add_capability(struct offer *o, const char *line)
{
	size_t len = strcspn(line, " ");

	if (len == 4 && said_starts(line, "STLS"))
		o->starttls = true;
	else if (len == 4 && said_starts(line, "USER"))
		offer_mechanism(o, "USER", 4);
	else if (len == 4 && said_starts(line, "SASL"))
		offer_mechanisms(o, line + 4);
}

static int
offer(struct wire *w, struct offer *o)
{
	char line[LINE_SIZE];
	int n, got;

	memset(o, 0, sizeof(*o));
	if (wire_puts(w, "CAPA\r\n") == -1)
		return -1;
	got = status(w, REPLY_MS, NULL);
	if (got != 0)
		return got == -1 ? -1 : 1;
	for (n = 0; n < LINES_MAX; n++) {
		if (wire_line(w, line) == -1)
			return -1;
		if (strcmp(line, ".") == 0) {
			o->known = true;
			return 0;
		}
		add_capability(o, line);
	}
	return net_fail(&w->net, "sent a reply of more than 200 lines");
}

static int
starttls(struct wire *w, const char *more)
{
	char text[64];
	int got;

	snprintf(text, sizeof(text), "STLS\r\n%s", more);
	if (wire_puts(w, text) == -1)
		return -1;
	got = status(w, REPLY_MS, NULL);
	return got == 2 ? 1 : got;
}

static int
auth(struct wire *w, enum answer *answer, char said[SAID_SIZE])
{
	int got;

	if (wire_puts(w, "AUTH PLAIN\r\n") == -1)
		return -1;
	got = status(w, REPLY_MS, said);
	if (got == -1)
		return -1;
	*answer = got == 2 ? ANSWER_YES : ANSWER_NO;
	if (got == 2 && (wire_puts(w, "*\r\n") == -1 ||
	    status(w, REPLY_MS, NULL) == -1))
		return -1;
	return 0;
}

/* QUIT has one line, and then the server is gone; more is more than we said. */
static int
answered(struct wire *w, enum answer *answer)
{
	char line[LINE_SIZE];
	int got;

	if (wire_puts(w, "QUIT\r\n") == -1)
		return -1;
	got = status(w, REPLY_MS, NULL);
	if (got == -1)
		return -1;
	*answer = ANSWER_NO;
	if (got != 0 || (wire_line(w, line) != -1 && line[0] != '\0'))
		*answer = ANSWER_YES;
	w->net.fault = NULL;	/* that it closes is what it should do */
	return 0;
}

const struct speech pop3_speech = {
	"STLS", greeting, offer, starttls, auth, NULL, "CAPA\r\n", answered, "CAPA\r\n"
};
