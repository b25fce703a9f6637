/*
 * load.c owns the load on a milter: so many sessions, by so many threads that
 * each wait for their answers as an smtpd(8) does, and how long they waited.  It
 * may not know what is good or bad.
 *
 *	load run SOCKET KIND SESSIONS THREADS RATE RECIPIENTS BODY
 *	load hold SOCKET KIND SESSIONS		until standard input ends
 *	load negotiate SOCKET			the milter's answer, in hex
 *	load syslog SOCKET			counts datagrams until SIGTERM
 *
 * RATE is in sessions a second of all threads together; 0: as fast as it goes.
 */
/* libc */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "buf.h"
#include "mem.h"
/* the benchmark */
#include "script.h"

#define ANSWER_MAX	4096	/* bytes of a packet from a milter */
#define ANSWERS		32	/* characters of what a session was answered */
#define THREADS_MAX	256
#define WAIT_SECONDS	60	/* for one answer */

struct job {
	const char	*path;
	const struct script_kind *kind;
	size_t		 sessions;
	unsigned int	 threads;
	double		 rate;
	unsigned int	 recipients;
	size_t		 body;
	struct timespec	 start;
};

/* One thread's, and what it found. */
struct client {
	const struct job *job;
	pthread_t	 thread;
	unsigned int	 number;
	struct script	*script;
	char		 offered[ANSWER_MAX];	/* the answer the script is made for */
	size_t		 offered_len;
	uint64_t	*waited;		/* ns, of each session */
	size_t		 done;
	uint64_t	 sent;			/* bytes */
	uint64_t	 writes;
	char		 answers[ANSWERS];	/* of the first session */
	size_t		 odd;			/* sessions answered otherwise */
};

static void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, errno != 0 ? strerror(errno) : "not as expected");
	exit(1);
}

static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* --- the wire */

static int
dial(const char *path)
{
	struct timeval limit = { .tv_sec = WAIT_SECONDS };
	struct sockaddr_un sun;
	int fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == -1)
		die(path);
	return fd;
}

static void
say(int fd, const char *p, size_t len)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n == -1)
			die("send");
	}
}

/* One packet, with its length; only one is ever on its way. */
static size_t
hear(int fd, char packet[ANSWER_MAX])
{
	size_t have = 0, want = sizeof(uint32_t);
	uint32_t len;
	ssize_t n;

	while (have < want) {
		errno = 0;
		n = recv(fd, packet + have, ANSWER_MAX - have, 0);
		if (n <= 0)
			die("recv");
		have += (size_t)n;
		if (have < sizeof(len))
			continue;
		memcpy(&len, packet, sizeof(len));
		want = sizeof(len) + ntohl(len);
		errno = 0;
		if (want > ANSWER_MAX || have > want)
			die("packet");
	}
	return have;
}

/* --- a session */

/* A milter answers each session alike: the script is made once. */
static void
take_offer(struct client *c, const char *packet, size_t len)
{
	const struct job *j = c->job;

	if (len == c->offered_len && memcmp(packet, c->offered, len) == 0)
		return;
	memcpy(c->offered, packet, len);
	c->offered_len = len;
	errno = 0;
	if (!script_make(c->script, c->offered, len, j->kind, j->recipients, j->body))
		die("negotiation");
}

/* A reply by its code, other answers by their letter. */
static void
note(char answers[ANSWERS], const char *packet)
{
	size_t len = strlen(answers);

	if (packet[4] == 'y')
		snprintf(answers + len, ANSWERS - len, "%.3s", packet + 5);
	else
		snprintf(answers + len, ANSWERS - len, "%c", packet[4]);
}

static void
play(struct client *c, int fd, const struct step *s)
{
	say(fd, c->script->text.data + s->from, s->to - s->from);
	c->sent += s->to - s->from;
	c->writes++;
}

/* The socket, still open when held is set and the session came to MAIL; or -1. */
static int
session(struct client *c, bool held)
{
	char offer[SCRIPT_OFFER], packet[ANSWER_MAX], answers[ANSWERS] = "";
	const struct step *s = NULL;
	uint64_t start = now();
	size_t i, len;
	int fd;

	script_offer(offer);
	fd = dial(c->job->path);
	say(fd, offer, sizeof(offer));
	len = hear(fd, packet);
	take_offer(c, packet, len);
	for (i = 0; i < c->script->count; i++) {
		s = &c->script->steps[i];
		play(c, fd, s);
		if (!s->answered)
			continue;
		hear(fd, packet);
		note(answers, packet);
		if (packet[4] != 'c' || (held && s->is_mail))
			break;
	}
	c->waited[c->done] = now() - start;
	if (c->done++ == 0)
		memcpy(c->answers, answers, sizeof(answers));
	else if (strcmp(answers, c->answers) != 0)
		c->odd++;
	if (held)
		return fd;
	/* refused before MAIL, smtpd leaves without a word */
	if (packet[4] == 'c' || (s != NULL && s->is_mail))
		play(c, fd, &c->script->end);
	close(fd);
	return -1;
}

/* --- many */

static void
await_turn(const struct client *c, size_t n)
{
	const struct job *j = c->job;
	struct timespec at = j->start;
	double after;

	if (j->rate <= 0)
		return;
	after = (double)(n * j->threads + c->number) / j->rate + (double)at.tv_nsec / 1e9;
	at.tv_sec += (time_t)after;
	at.tv_nsec = (long)((after - (double)(time_t)after) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

static void *
client(void *arg)
{
	struct client *c = arg;
	size_t i, n = c->job->sessions / c->job->threads;

	for (i = 0; i < n; i++) {
		await_turn(c, i);
		session(c, false);
	}
	return NULL;
}

static void
client_init(struct client *c, const struct job *j, unsigned int number, size_t sessions)
{
	memset(c, 0, sizeof(*c));
	c->job = j;
	c->number = number;
	c->script = mem_calloc(1, sizeof(*c->script));
	c->waited = mem_calloc(sessions, sizeof(*c->waited));
}

static void
client_clear(struct client *c)
{
	buf_free(&c->script->text);
	free(c->script);
	free(c->waited);
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
print_result(const struct client *clients, const struct job *j, double seconds)
{
	size_t each = j->sessions / j->threads, n = each * j->threads, i, odd = 0;
	uint64_t *all = mem_calloc(n, sizeof(*all)), sent = 0, writes = 0;

	for (i = 0; i < j->threads; i++) {
		memcpy(all + i * each, clients[i].waited, each * sizeof(*all));
		odd += clients[i].odd;
		if (strcmp(clients[i].answers, clients[0].answers) != 0)
			odd++;
		sent += clients[i].sent;
		writes += clients[i].writes;
	}
	qsort(all, n, sizeof(*all), compare);
	printf("sessions=%zu seconds=%.6f p50=%" PRIu64 " p99=%" PRIu64 " answers=%s odd=%zu "
	    "bytes=%" PRIu64 " writes=%" PRIu64 "\n", n, seconds, all[n / 2],
	    all[n - 1 - n / 100], clients[0].answers, odd, sent / n, writes / n);
	free(all);
}

static void
run(struct job *j)
{
	struct client *clients = mem_calloc(j->threads, sizeof(*clients));
	unsigned int i;
	uint64_t start;

	for (i = 0; i < j->threads; i++)
		client_init(&clients[i], j, i, j->sessions / j->threads);
	clock_gettime(CLOCK_MONOTONIC, &j->start);
	start = now();
	for (i = 0; i < j->threads; i++) {
		errno = pthread_create(&clients[i].thread, NULL, client, &clients[i]);
		if (errno != 0)
			die("thread");
	}
	for (i = 0; i < j->threads; i++)
		pthread_join(clients[i].thread, NULL);
	print_result(clients, j, (double)(now() - start) / 1e9);
	for (i = 0; i < j->threads; i++)
		client_clear(&clients[i]);
	free(clients);
}

static void
hold(const struct job *j)
{
	struct rlimit l;
	struct client c;
	char byte;
	size_t i;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
	client_init(&c, j, 0, j->sessions);
	for (i = 0; i < j->sessions; i++)
		session(&c, true);
	printf("sessions=%zu answers=%s odd=%zu\n", c.done, c.answers, c.odd);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	client_clear(&c);
}

static void
negotiate(const char *path)
{
	char offer[SCRIPT_OFFER], packet[ANSWER_MAX];
	size_t i, len;
	int fd = dial(path);

	script_offer(offer);
	say(fd, offer, sizeof(offer));
	len = hear(fd, packet);
	for (i = 0; i < len; i++)
		printf("%02x", (unsigned char)packet[i]);
	putchar('\n');
	close(fd);
}

/* --- /dev/log */

static volatile sig_atomic_t ended;

static void
on_term(int number)
{
	(void)number;
	ended = 1;
}

static void
syslog_reader(const char *path)
{
	struct sigaction sa = { .sa_handler = on_term };
	struct sockaddr_un sun;
	uint64_t lines = 0;
	char line[8192];
	int fd;

	sigaction(SIGTERM, &sa, NULL);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    chmod(path, 0666) == -1)
		die(path);
	while (!ended)
		if (recv(fd, line, sizeof(line), 0) > 0)
			lines++;
	while (recv(fd, line, sizeof(line), MSG_DONTWAIT) > 0)
		lines++;
	printf("lines=%" PRIu64 "\n", lines);
}

/* --- the command line */

static void
set_job(struct job *j, char **argv)
{
	memset(j, 0, sizeof(*j));
	j->path = argv[0];
	j->kind = script_find(argv[1]);
	j->sessions = strtoul(argv[2], NULL, 10);
	j->threads = 1;
	j->recipients = 1;
	errno = 0;
	if (j->kind == NULL || j->sessions == 0)
		die("kind or sessions");
}

int
main(int argc, char **argv)
{
	struct job j;

	if (argc == 9 && strcmp(argv[1], "run") == 0) {
		set_job(&j, argv + 2);
		j.threads = (unsigned int)strtoul(argv[5], NULL, 10);
		j.rate = strtod(argv[6], NULL);
		j.recipients = (unsigned int)strtoul(argv[7], NULL, 10);
		j.body = strtoul(argv[8], NULL, 10);
		if (j.threads == 0 || j.threads > THREADS_MAX || j.sessions < j.threads)
			die("threads");
		run(&j);
	} else if (argc == 5 && strcmp(argv[1], "hold") == 0) {
		set_job(&j, argv + 2);
		hold(&j);
	} else if (argc == 3 && strcmp(argv[1], "negotiate") == 0) {
		negotiate(argv[2]);
	} else if (argc == 3 && strcmp(argv[1], "syslog") == 0) {
		syslog_reader(argv[2]);
	} else {
		fputs("load: see the head of load.c\n", stderr);
		return 64;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
