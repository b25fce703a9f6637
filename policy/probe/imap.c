/*
 * imap.c owns the few verbs of IMAP (RFC 9051) that an audit needs; it may not
 * know what their answers are worth.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this project */
#include "speech.h"

static const char not_imap[] = "does not speak IMAP";

/* Read up to the tagged line (left in line) or a request to go on, which is 2;
 * 1 when the server said no.  Capabilities on the way are noted. */
static int
reply(struct wire *w, const char *tag, char line[LINE_SIZE], struct offer *o,
    void (*add)(struct offer *, const char *))
{
	size_t len = strlen(tag);
	int n;

	net_step(&w->net, REPLY_MS);
	for (n = 0; n < LINES_MAX; n++) {
		if (wire_line(w, line) == -1)
			return -1;
		if (line[0] == '+' && (line[1] == ' ' || line[1] == '\0'))
			return 2;
		if (strncmp(line, tag, len) == 0 && line[len] == ' ')
			return said_starts(line + len + 1, "OK") ? 0 : 1;
		if (strncmp(line, "* ", 2) != 0)
			return net_fail(&w->net, not_imap);
		if (add != NULL)
			add(o, line + 2);
	}
	return net_fail(&w->net, "sent a reply of more than 200 lines");
}

static int
greeting(struct wire *w, char said[SAID_SIZE])
{
	char line[LINE_SIZE];

	net_step(&w->net, GREETING_MS);
	if (wire_line(w, line) == -1)
		return -1;
	said_copy(said, line);
	if (strncmp(line, "* ", 2) != 0)
		return net_fail(&w->net, not_imap);
	return said_starts(line + 2, "OK") ? 0 : 1;
}

static void
add_capabilities(struct offer *o, const char *text)
{
	size_t len;

	if (!said_starts(text, "CAPABILITY "))
		return;
	for (text += 11; *text != '\0'; text += len) {
		text += strspn(text, " ");
		len = strcspn(text, " ");
		if (len == 8 && said_starts(text, "STARTTLS"))
			o->starttls = true;
		else if (len == 13 && said_starts(text, "LOGINDISABLED"))
			o->locked = true;
		else if (len > 5 && said_starts(text, "AUTH="))
			offer_mechanism(o, text + 5, len - 5);
	}
}

/* Where LOGINDISABLED is missing, the command LOGIN is offered. */
static int
offer(struct wire *w, struct offer *o)
{
	char line[LINE_SIZE];
	int said;

	memset(o, 0, sizeof(*o));
	if (wire_puts(w, "a1 CAPABILITY\r\n") == -1)
		return -1;
	said = reply(w, "a1", line, o, add_capabilities);
	if (said != 0)
		return said == -1 ? -1 : 1;
	if (!o->locked && strstr(o->mechanisms, "LOGIN") == NULL)
		offer_mechanism(o, "LOGIN", 5);
	o->known = true;
	return 0;
}

static int
starttls(struct wire *w, const char *more)
{
	char line[LINE_SIZE], text[64];
	int said;

	snprintf(text, sizeof(text), "a2 STARTTLS\r\n%s", more);
	if (wire_puts(w, text) == -1)
		return -1;
	said = reply(w, "a2", line, NULL, NULL);
	return said == 2 ? 1 : said;
}

static int
auth(struct wire *w, enum answer *answer, char said[SAID_SIZE])
{
	char line[LINE_SIZE];
	int got;

	if (wire_puts(w, "a3 AUTHENTICATE PLAIN\r\n") == -1)
		return -1;
	got = reply(w, "a3", line, NULL, NULL);
	if (got == -1)
		return -1;
	said_copy(said, line);
	*answer = got == 2 ? ANSWER_YES : ANSWER_NO;
	if (got == 2 && (wire_puts(w, "*\r\n") == -1 ||
	    reply(w, "a3", line, NULL, NULL) == -1))
		return -1;
	return 0;
}

static int
answered(struct wire *w, enum answer *answer)
{
	char line[LINE_SIZE];
	int n;

	if (wire_puts(w, "a4 LOGOUT\r\n") == -1)
		return -1;
	net_step(&w->net, REPLY_MS);
	for (n = 0; n < LINES_MAX; n++) {
		if (wire_line(w, line) == -1)
			return -1;
		if (strncmp(line, "a9 ", 3) == 0 || strncmp(line, "a4 ", 3) == 0) {
			*answer = line[1] == '9' ? ANSWER_YES : ANSWER_NO;
			return 0;
		}
	}
	return net_fail(&w->net, not_imap);
}

const struct speech imap_speech = {
	"STARTTLS", greeting, offer, starttls, auth, NULL, "a9 NOOP\r\n", answered,
	"a1 CAPABILITY\r\n"
};
