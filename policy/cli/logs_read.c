/*
 * logs_read.c owns which logs are read; it may not know what is made of them.
 */
/* libc */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "logs.h"
/* policy/logs */
#include "merge.h"

#define TELL_EVERY	4096	/* lines from one look at the clock to the next */

/* Where Debian and Red Hat keep the log of mail. */
static const char *const usual[] = { "/var/log/mail.log", "/var/log/maillog" };

static void
complain(const struct command *c, const struct merge *merge)
{
	struct buf b = BUF_INIT;

	buf_put_visible(&b, merge_path(merge), 4096);
	fprintf(stderr, "tlswarden %s: %s: %s\n", c->name, buf_str(&b),
	    merge_why(merge));
	buf_free(&b);
}

static const char *const *
usual_log(void)
{
	size_t i;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (access(usual[i], F_OK) == 0)
			return &usual[i];
	return NULL;
}

static int
read_all(const struct command *c, struct merge *merge, struct join *join)
{
	struct reader_count count;
	struct progress progress;
	struct line line;
	uint64_t lines = 0;
	int state, status = EXIT_CLEAN;

	progress_start(&progress);
	while ((state = merge_next(merge, &line)) != 0) {
		if (state == -1) {
			progress_end(&progress);
			complain(c, merge);
			status = EXIT_FAILED;
			continue;
		}
		join_line(join, &line);
		if (++lines % TELL_EVERY == 0 && progress.on) {
			merge_count(merge, &count);
			progress_tell(&progress, merge_path(merge), &count);
		}
	}
	progress_end(&progress);
	return status;
}

int
logs_read(const struct logs_options *o, const struct command *c, char **paths,
    int count, entry_sink *sink, void *ctx, struct logs_count *n)
{
	const char *const *logs = (const char *const *)paths;
	struct merge *merge;
	struct join *join;
	int status;

	memset(n, 0, sizeof(*n));
	if (count == 0) {
		logs = usual_log();
		count = 1;
	}
	if (logs == NULL)
		return command_usage(c, "which logs? there is no %s; from the journal: "
		    "journalctl -o export | tlswarden %s ... -", usual[0], c->name);
	merge = merge_new(logs, (size_t)count, o->now);
	join = join_new(o->services, o->service_count, sink, ctx);
	join_know(join, &o->answers);
	status = read_all(c, merge, join);
	join_end(join);
	n->files = (uint64_t)count;
	merge_count(merge, &n->read);
	n->join = *join_count(join);
	join_free(join);
	merge_free(merge);
	if (status == EXIT_CLEAN && n->read.lines > 0 &&
	    n->join.records + n->join.mta == 0) {
		fprintf(stderr, "tlswarden %s: no line is one of tlswardend, Postfix or "
		    "Sendmail: is it the right log?\n", c->name);
		status = EXIT_FAILED;
	}
	return status;
}
