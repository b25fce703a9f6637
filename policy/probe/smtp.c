/*
 * smtp.c owns the few verbs of SMTP (RFC 5321, 3207, 4954) that an audit needs;
 * it may not know what their answers are worth.
 */
/* libc */
#include <ctype.h>
#include <string.h>
/* this project */
#include "speech.h"

/* A whole reply: its code, and its last line in said (may be NULL); each line
 * goes to add(), when there is one. */
static int
reply(struct wire *w, int ms, char said[SAID_SIZE], struct offer *o,
    void (*add)(struct offer *, int, const char *))
{
	char line[LINE_SIZE];
	int n, code;

	net_step(&w->net, ms);
	for (n = 0; n < LINES_MAX; n++) {
		if (wire_line(w, line) == -1)
			return -1;
		if (n == 0 && said != NULL)
			said_copy(said, line);
		if (!isdigit((unsigned char)line[0]) ||
		    !isdigit((unsigned char)line[1]) ||
		    !isdigit((unsigned char)line[2]) ||
		    strchr(" -", line[3]) == NULL)	/* finds NUL, too */
			return net_fail(&w->net, "does not speak SMTP");
		code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
		if (add != NULL)
			add(o, n, line[3] == '\0' ? "" : line + 4);
		if (line[3] != '-')
			return code;
	}
	return net_fail(&w->net, "sent a reply of more than 200 lines");
}

static int
greeting(struct wire *w, char said[SAID_SIZE])
{
	int code = reply(w, GREETING_MS, said, NULL, NULL);

	if (code == -1)
		return -1;
	return code / 100 == 2 ? 0 : 1;
}

static void
add_keyword(struct offer *o, int n, const char *text)
{
	size_t len = strcspn(text, " ");

	if (n == 0) {
		char name[LINE_SIZE];

		memcpy(name, text, len);
		name[len] = '\0';
		said_copy(o->name, name);
	} else if (len == 8 && said_starts(text, "STARTTLS"))
		o->starttls = true;
	else if (len == 4 && said_starts(text, "AUTH"))
		offer_mechanisms(o, text + 4);
}

static int
offer(struct wire *w, struct offer *o)
{
	int code;

	memset(o, 0, sizeof(*o));
	if (wire_puts(w, "EHLO audit.tlswarden.invalid\r\n") == -1)
		return -1;
	code = reply(w, REPLY_MS, NULL, o, add_keyword);
	if (code == -1)
		return -1;
	o->known = code / 100 == 2;
	return o->known ? 0 : 1;
}

static int
starttls(struct wire *w, const char *more)
{
	char text[64];
	int code;

	strcpy(text, "STARTTLS\r\n");
	strcat(text, more);
	if (wire_puts(w, text) == -1)
		return -1;
	code = reply(w, REPLY_MS, NULL, NULL, NULL);
	if (code == -1)
		return -1;
	return code == 220 ? 0 : 1;
}

/* 334 asks for credentials; an asterisk takes it back (RFC 4954, section 4). */
static int
auth(struct wire *w, enum answer *answer, char said[SAID_SIZE])
{
	int code;

	if (wire_puts(w, "AUTH PLAIN\r\n") == -1)
		return -1;
	code = reply(w, REPLY_MS, said, NULL, NULL);
	if (code == -1)
		return -1;
	*answer = code == 334 ? ANSWER_YES : ANSWER_NO;
	if (code == 334 && (wire_puts(w, "*\r\n") == -1 ||
	    reply(w, REPLY_MS, NULL, NULL, NULL) == -1))
		return -1;
	return 0;
}

/* A sender, and back: without a recipient there is no mail. */
static int
mail(struct wire *w, enum answer *answer, char said[SAID_SIZE])
{
	int code;

	if (wire_puts(w, "MAIL FROM:<>\r\n") == -1)
		return -1;
	code = reply(w, REPLY_MS, said, NULL, NULL);
	if (code == -1)
		return -1;
	*answer = code / 100 == 2 ? ANSWER_YES : ANSWER_NO;
	if (wire_puts(w, "RSET\r\n") == -1 ||
	    reply(w, REPLY_MS, NULL, NULL, NULL) == -1)
		return -1;
	return 0;
}

/* The first reply is QUIT's, unless a command from before was carried in. */
static int
answered(struct wire *w, enum answer *answer)
{
	int code;

	if (wire_puts(w, "QUIT\r\n") == -1)
		return -1;
	code = reply(w, REPLY_MS, NULL, NULL, NULL);
	if (code == -1)
		return -1;
	*answer = code == 221 ? ANSWER_NO : ANSWER_YES;
	return 0;
}

const struct speech smtp_speech = {
	"STARTTLS", greeting, offer, starttls, auth, mail, "NOOP\r\n", answered,
	"EHLO audit.tlswarden.invalid\r\n"
};
