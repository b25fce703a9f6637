/*
 * given.h: the facts of a session as lines of text: name=value, name! for
 * lacking, name? for not known, and date=20261121.
 */
#ifndef TLSWARDEN_GIVEN_H
#define TLSWARDEN_GIVEN_H

/* this project */
#include "session.h"
/* tests */
#include "fuzz.h"

static inline void
give_line(struct session *s, struct input line)
{
	size_t n = 0;
	enum attr a;

	while (n < line.len && line.p[n] != '=' && line.p[n] != '!' && line.p[n] != '?')
		n++;
	if (n == line.len)
		return;
	if (n == 4 && memcmp(line.p, "date", 4) == 0) {
		char *day = input_string(line);

		session_set_today(s, (uint32_t)strtoul(day + n + 1, NULL, 10));
		free(day);
		return;
	}
	a = attr_find(line.p, n);
	if (a == ATTR_NOTHING)
		return;
	if (line.p[n] == '!')
		session_set_none(s, a);
	else if (line.p[n] == '?')
		session_set_unknown(s, a);
	else
		session_set(s, a, line.p + n + 1, line.len - n - 1);
}

static inline void
give(struct session *s, struct input facts)
{
	while (facts.len > 0)
		give_line(s, take_until(&facts, "\n"));
}

/* What a session says of itself holds together, whatever it was given. */
static inline void
look_at_facts(const struct session *s)
{
	const struct attr_info *info;
	char scratch[SESSION_SCRATCH];
	const char *text;
	struct fact f;
	unsigned int i;

	for (i = 0; i < ATTR_COUNT; i++) {
		info = attr_info((enum attr)i);
		f = session_fact(s, (enum attr)i);
		text = session_text(s, (enum attr)i, scratch, sizeof(scratch));
		PROMISE(f.state != FACT_UNSET);
		PROMISE((f.state == FACT_KNOWN) == (text[0] != '\0'));
		PROMISE(strlen(text) <= info->max || text == scratch);
		PROMISE(f.state != FACT_KNOWN || session_stage(s) >= info->arrives);
		PROMISE(!f.cut || f.state == FACT_UNKNOWN);
	}
}

#endif
