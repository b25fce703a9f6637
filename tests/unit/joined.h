/*
 * joined.h: lines of records and servers together for tests, and what join.h tells of them.
 */
#ifndef TLSWARDEN_TEST_JOINED_H
#define TLSWARDEN_TEST_JOINED_H

#include "buf.h"
#include "join.h"
#include "reader.h"

#include <string.h>

#define NOW	INT64_C(1795219200)	/* 2026-11-21 00:00:00 UTC */

static const char *const origins[] = { "record", "postfix", "sendmail" };
static const char *const kinds[] = { "message", "session", "alarm", "other" };

/* What is told, one line an entry: origin kind client qid and what is special. */
static inline void
write_down(void *ctx, const struct entry *e)
{
	struct buf *b = ctx;

	buf_printf(b, "%s %s %.*s", origins[e->origin], kinds[e->kind],
	    (int)e->facts[ATTR_CLIENT].len, e->facts[ATTR_CLIENT].p != NULL ?
	    e->facts[ATTR_CLIENT].p : "");
	if (e->qid.p != NULL)
		buf_printf(b, " %.*s", (int)e->qid.len, e->qid.p);
	if (e->handshake_failed)
		buf_puts(b, " handshake-failed");
	if (e->auth_clear > 0)
		buf_printf(b, " clear=%u", (unsigned int)e->auth_clear);
	if (e->auth_failed > 0)
		buf_printf(b, " failed=%u", (unsigned int)e->auth_failed);
	if (e->refused)
		buf_puts(b, " refused");
	if (e->refused_by_us)
		buf_puts(b, " refused-by-us");
	buf_putc(b, '\n');
}

static inline void
put_line(struct join *j, const char *text)
{
	static char scratch[READER_LINE_MAX];
	struct line line;

	assert_int_equal(line_parse(text, strlen(text), NOW, scratch, &line), 0);
	join_line(j, &line);
}

static inline void
join_text(const char *const *lines, size_t count, struct buf *said,
    struct join_count *n)
{
	struct join *j;
	size_t i;

	buf_clear(said);
	j = join_new(NULL, 0, write_down, said);
	for (i = 0; i < count; i++)
		put_line(j, lines[i]);
	join_end(j);
	*n = *join_count(j);
	join_free(j);
}

#define JOIN(lines, said, n) \
	join_text(lines, sizeof(lines) / sizeof((lines)[0]), said, n)

#define POSTFIX(t, pid, text)	"Nov 20 10:" t " mx1 postfix/smtpd[" pid "]: " text
#define QMGR(t, qid) \
	"Nov 20 10:" t " mx1 postfix/qmgr[3]: " qid ": from=<a@b>, size=1, nrcpt=1 " \
	"(queue active)"
#define RECORD(t, text)		"Nov 20 10:" t " mx1 tlswardend[9]: v=1 " text

#endif
