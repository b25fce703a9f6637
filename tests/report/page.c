/*
 * page.c owns the page of a server so large that its log is too long for a test:
 * each thing of a short log counts as if it had been seen many times.  It may not
 * know how a page looks.
 *
 *	page TIMES LOG
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "buf.h"
/* policy/logs */
#include "join.h"
#include "reader.h"
#include "render.h"
#include "survey_inside.h"

#define TODAY	20261121
#define NOW	1795262400	/* the same day */

static void
read_log(const char *path, struct survey *s)
{
	struct join *join = join_new(NULL, 0, survey_add, s);
	struct reader *reader;
	struct line line;
	char why[128];

	reader = reader_open(path, NOW, why, sizeof(why));
	if (reader == NULL) {
		fprintf(stderr, "%s: %s\n", path, why);
		exit(1);
	}
	while (reader_next(reader, &line) == 1)
		join_line(join, &line);
	join_end(join);
	join_free(join);
	reader_free(reader);
}

/* The row itself: it is asked for as if it was seen once more. */
static struct tally_row *
mutable(struct tally *t, const struct tally_row *like)
{
	struct name name = { .len = like->key_len };
	struct tally_row *row;

	memcpy(name.bytes, like->key, like->key_len);
	row = tally_add(t, &name, 0, RANK_UNKNOWN);
	row->count--;
	return row;
}

/* Of the clients' fall two of three counters are times. */
static void
multiply_part(const struct part *p, uint64_t times)
{
	const struct tally_row **rows;
	struct tally_row *row;
	size_t i, k;

	if (p->tally == NULL)
		return;
	rows = tally_rows(p->tally, NULL, NULL);
	for (i = 0; rows[i] != NULL; i++) {
		row = mutable(p->tally, rows[i]);
		row->count *= times;
		for (k = 0; k < (size_t)p->section->counters; k++)
			if (p->section->counters != COUNTERS_FALL ||
			    (k != COUNT_WITH_TLS && k != COUNT_IN_CLEAR))
				row->counters[k] *= times;
	}
	free(rows);
}

static void
multiply(struct survey *s, uint64_t times)
{
	uint64_t *const sums[] = { &s->messages, &s->sessions, &s->abandoned, &s->refused,
	    &s->handshakes, &s->local, &s->dropped };
	size_t i;

	lumps_pour(s->lumps);
	for (i = 0; i < s->count; i++)
		multiply_part(&s->parts[i], times);
	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		*sums[i] *= times;
	for (i = 0; i < sizeof(s->outcomes) / sizeof(s->outcomes[0]); i++)
		s->outcomes[i] *= times;
}

int
main(int argc, char *argv[])
{
	static const struct survey_settings settings = { .by = { COL_NOTHING }, .top = 20 };
	struct survey *s = survey_new(&settings);
	struct buf b = BUF_INIT;
	struct report r;

	if (argc != 3)
		return 64;
	read_log(argv[2], s);
	multiply(s, strtoull(argv[1], NULL, 10));
	report_init(&r, "tlswarden-report/1", "report", "How mail arrives");
	r.made = NOW;
	survey_report(s, NULL, TODAY, &r);
	render_html(&r, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
	report_free(&r);
	survey_free(s);
	return 0;
}
