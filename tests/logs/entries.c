/*
 * entries.c prints what Postfix's and Sendmail's lines in log files come to,
 * one JSON object an entry, for tests that know what was sent.
 *
 *	entries [-j] [-s NAME=PATTERN]... FILE...
 *
 * The last object counts the lines that were of use, and those that were not.
 * With -j the records of tlswardend are read too, all files in the order of
 * time, and what both tell is told once.
 */
/* libc */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "join.h"
#include "merge.h"
#include "reader.h"

#define NAMES_MAX	32

static const char *const origins[] = { "record", "postfix", "sendmail" };
static const char *const kinds[] = { "message", "session", "alarm", "other" };

static void
put_text(struct slice s)
{
	size_t i;

	putchar('"');
	for (i = 0; i < s.len; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '"' || s.p[i] == '\\')
			printf("\\u%04x", (unsigned int)(unsigned char)s.p[i]);
		else
			putchar(s.p[i]);
	putchar('"');
}

static void
put(const char *name, struct slice s)
{
	if (s.p == NULL)
		return;
	printf(", \"%s\": ", name);
	put_text(s);
}

static void
put_fact(const struct entry *e, enum attr attr)
{
	if (e->lacking[attr])
		printf(", \"%s\": null", attr_info(attr)->name);
	else
		put(attr_info(attr)->name, e->facts[attr]);
}

static void
tell(void *ctx, const struct entry *e)
{
	unsigned int i;

	(void)ctx;
	printf("{\"origin\": \"%s\", \"kind\": \"%s\", \"time\": %" PRId64,
	    origins[e->origin], kinds[e->kind], e->time);
	put("host", e->host);
	for (i = 0; i < ATTR_COUNT; i++)
		put_fact(e, (enum attr)i);
	put("qid", e->qid);
	put("verdict", e->verdict);
	put("stage", e->stage);
	put("reply", e->reply);
	printf(", \"outcome\": \"%s\", \"handshake_failed\": %s, \"auth_clear\": %u, "
	    "\"auth_failed\": %u, \"refused\": %s, \"refused_by_us\": %s%s}\n",
	    e->outcome == OUTCOME_UNKNOWN ? "unknown" : outcome_name(e->outcome),
	    e->handshake_failed ? "true" : "false", (unsigned int)e->auth_clear,
	    (unsigned int)e->auth_failed, e->refused ? "true" : "false",
	    e->refused_by_us ? "true" : "false", e->gap ? ", \"gap\": true" : "");
}

static int
read_joined(char **paths, int count, const struct service_name *names,
    size_t name_count)
{
	struct join *join = join_new(names, name_count, tell, NULL);
	struct merge *merge = merge_new((const char *const *)paths, (size_t)count,
	    (int64_t)time(NULL));
	const struct join_count *n = join_count(join);
	struct line line;
	int result, status = 0;

	while ((result = merge_next(merge, &line)) != 0) {
		if (result == 1) {
			join_line(join, &line);
			continue;
		}
		fprintf(stderr, "%s: %s\n", merge_path(merge), merge_why(merge));
		status = 2;
	}
	join_end(join);
	printf("{\"used\": %" PRIu64 ", \"unused\": %" PRIu64 ", \"broken\": %" PRIu64
	    ", \"gaps\": %" PRIu64 "}\n", n->records + n->mta, n->other, n->broken,
	    n->gaps);
	merge_free(merge);
	join_free(join);
	return status;
}

static int
read_file(const char *path, struct postfix *postfix, struct sendmail *sendmail,
    unsigned long *used, unsigned long *unused)
{
	struct reader *r;
	struct line line;
	char why[256];
	int result;

	r = reader_open(path, (int64_t)time(NULL), why, sizeof(why));
	if (r == NULL) {
		fprintf(stderr, "%s: %s\n", path, why);
		return -1;
	}
	while ((result = reader_next(r, &line)) == 1)
		if (postfix_line(postfix, &line) || sendmail_line(sendmail, &line))
			++*used;
		else
			++*unused;
	reader_free(r);
	return result;
}

int
main(int argc, char **argv)
{
	struct service_name names[NAMES_MAX];
	unsigned long used = 0, unused = 0;
	struct sendmail *sendmail;
	struct postfix *postfix;
	size_t count = 0;
	int c, status = 0;
	bool joined = false;
	char *equals;

	while ((c = getopt(argc, argv, "js:")) != -1) {
		joined |= c == 'j';
		if (c == 'j')
			continue;
		equals = c == 's' ? strchr(optarg, '=') : NULL;
		if (equals == NULL || count == NAMES_MAX)
			return 64;
		*equals = '\0';
		names[count++] = (struct service_name){ optarg, equals + 1 };
	}
	if (joined)
		return read_joined(argv + optind, argc - optind, names, count);
	postfix = postfix_new(names, count, tell, NULL);
	sendmail = sendmail_new(names, count, tell, NULL);
	for (; optind < argc; optind++)
		if (read_file(argv[optind], postfix, sendmail, &used, &unused) == -1)
			status = 2;
	postfix_end(postfix);
	sendmail_end(sendmail);
	postfix_free(postfix);
	sendmail_free(sendmail);
	printf("{\"used\": %lu, \"unused\": %lu}\n", used, unused);
	return status;
}
