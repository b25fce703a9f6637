/*
 * fuzz_speech.c: what a server says to the audit in SMTP, IMAP or POP3.
 *
 * The first line names the protocol (s, i, p) and the verbs in their order: g
 * the greeting, o what is offered, t STARTTLS, a a login, m mail, n whether the
 * stowaway was answered.  All else is the server's, said at once.
 *
 * Every verb ends, with a fault when it fails; nothing waits for a server that
 * has gone; what is kept of its words is printable and has its bound.
 */
/* libc */
#include <sys/socket.h>
#include <unistd.h>
/* this project */
#include "speech.h"
/* tests */
#include "fuzz.h"

static void
look_at_said(const char said[SAID_SIZE])
{
	size_t len = strnlen(said, SAID_SIZE);

	PROMISE(len < SAID_SIZE && is_printable(said, len, ""));
}

static void
look_at_offer(const struct offer *o)
{
	look_at_said(o->mechanisms);
	look_at_said(o->name);
	PROMISE(o->login || (!o->readable && o->mechanisms[0] == '\0'));
}

/* What the verb gave; -1 ends the conversation. */
static int
speak(const struct speech *speech, char verb, struct wire *w)
{
	enum answer answer = ANSWER_NONE;
	char said[SAID_SIZE] = "";
	struct offer o;
	int got = 0;

	switch (verb) {
	case 'g':
		got = speech->greeting(w, said);
		break;
	case 'o':
		got = speech->offer(w, &o);
		look_at_offer(&o);
		break;
	case 't':
		got = speech->starttls(w, speech->stowaway);
		break;
	case 'a':
		got = speech->auth(w, &answer, said);
		break;
	case 'm':
		got = speech->mail != NULL ? speech->mail(w, &answer, said) : 0;
		break;
	case 'n':
		got = speech->answered(w, &answer);
		break;
	default:
		return 0;
	}
	PROMISE(got == 0 || got == 1 || got == -1);
	PROMISE((got == -1) == (w->net.fault != NULL));
	PROMISE(got != 1 || answer == ANSWER_NONE);
	PROMISE(!w->net.timed_out);
	look_at_said(said);
	return got;
}

static void
converse(const struct speech *speech, struct input verbs, struct input server)
{
	struct wire w;
	int fds[2];
	size_t i;

	PROMISE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	PROMISE(server.len == 0 ||
	    write(fds[1], server.p, server.len) == (ssize_t)server.len);
	PROMISE(shutdown(fds[1], SHUT_WR) == 0);
	memset(&w, 0, sizeof(w));
	w.net.fd = fds[0];
	w.net.given.end = net_now() + 60000;
	w.net.given.times = 1;
	net_step(&w.net, 60000);
	for (i = 0; i < verbs.len && i < 12; i++)
		if (speak(speech, verbs.p[i], &w) == -1)
			break;
	PROMISE(w.net.taken <= server.len);
	wire_close(&w);
	close(fds[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size }, verbs;
	const struct speech *speech;

	/* it has to fit into the socket at once */
	if (size > 64 * 1024)
		return 0;
	verbs = take_until(&in, "\n");
	if (verbs.len == 0)
		return 0;
	speech = verbs.p[0] == 'i' ? &imap_speech : verbs.p[0] == 'p' ? &pop3_speech :
	    &smtp_speech;
	verbs.p++;
	verbs.len--;
	converse(speech, verbs, in);
	return 0;
}
