/*
 * mta_lines.h: lines of mail servers for tests, and what they came to as text.
 *
 * An entry is one line of words: kind, service, client, client_name, tls,
 * outcome, auth, user, sender, queue id, stage, reply; then what else is true.
 * "?" is not known, "-" is lacking.
 */
#ifndef TLSWARDEN_TEST_MTA_LINES_H
#define TLSWARDEN_TEST_MTA_LINES_H

#include "buf.h"
#include "join.h"

#include <stdlib.h>
#include <string.h>

#define BEGIN	((int64_t)1795225200)

struct told {
	struct buf	 text;
	const char	*host;		/* only what is of this host; NULL: all */
	unsigned int	 entries;
	unsigned int	 others;	/* of other hosts */
	int64_t		 now;
};

static inline void
put_word(struct buf *b, struct slice s, bool lacking)
{
	if (lacking)
		buf_puts(b, " -");
	else if (s.p == NULL)
		buf_puts(b, " ?");
	else {
		buf_putc(b, ' ');
		buf_put(b, s.p, s.len);
	}
}

static inline void
hear(void *ctx, const struct entry *e)
{
	static const enum attr before[] = { ATTR_SERVICE, ATTR_CLIENT, ATTR_CLIENT_NAME,
	    ATTR_TLS }, after[] = { ATTR_AUTH, ATTR_USER, ATTR_SENDER };
	static const char *const kinds[] = { "message", "session", "alarm", "other" };
	struct told *t = ctx;
	size_t i;

	if (t->host != NULL && !slice_is(e->host, t->host)) {
		t->others++;
		return;
	}
	t->entries++;
	buf_puts(&t->text, kinds[e->kind]);
	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		put_word(&t->text, e->facts[before[i]], e->lacking[before[i]]);
	buf_printf(&t->text, " %s",
	    e->outcome == OUTCOME_UNKNOWN ? "unknown" : outcome_name(e->outcome));
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++)
		put_word(&t->text, e->facts[after[i]], e->lacking[after[i]]);
	put_word(&t->text, e->qid, false);
	put_word(&t->text, e->stage, false);
	put_word(&t->text, e->reply, false);
	if (e->refused)
		buf_puts(&t->text, " refused");
	if (e->refused_by_us)
		buf_puts(&t->text, " ours");
	if (e->handshake_failed)
		buf_puts(&t->text, " handshake");
	if (e->auth_clear > 0)
		buf_printf(&t->text, " clear=%u", (unsigned int)e->auth_clear);
	if (e->auth_failed > 0)
		buf_printf(&t->text, " failed=%u", (unsigned int)e->auth_failed);
	buf_putc(&t->text, '\n');
}

/* "program[pid]: text", a second after the one before. */
static inline struct line
line_of(struct told *t, const char *host, const char *s, size_t len)
{
	const char *open = memchr(s, '[', len), *close = memchr(s, ']', len);
	struct line l = { .time = t->now, .host = { host, strlen(host) } };

	l.program = (struct slice){ s, (size_t)(open - s) };
	l.pid = (uint32_t)strtoul(open + 1, NULL, 10);
	l.text = (struct slice){ close + 3, (size_t)(s + len - close - 3) };
	return l;
}

#endif
