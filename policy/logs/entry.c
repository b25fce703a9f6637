/*
 * entry.c owns how an entry becomes a session that a policy can judge; it may
 * not know where the entry came from.
 */
/* libc */
#include <string.h>
/* this project */
#include "entry.h"

bool
entry_judged_refused(const struct entry *e)
{
	return slice_is(e->verdict, "reject") || slice_is(e->verdict, "tempfail") ||
	    slice_is(e->verdict, "disconnect");
}

static bool
is_text(enum attr attr)
{
	switch (attr_info(attr)->type) {
	case TYPE_NUMBER:
	case TYPE_ADDRESS:
	case TYPE_TLS:
	case TYPE_FLAG:
		return false;
	default:
		return true;
	}
}

/*
 * What does not fit the type is unknown, and no failure.  A text that fits,
 * or that was kept cut, and yet is not there had no memory.
 */
static int
set_text(struct session *s, enum attr attr, struct slice value)
{
	struct fact fact;

	if (session_set(s, attr, value.p, value.len) == 0 || !is_text(attr))
		return 0;
	fact = session_fact(s, attr);
	if (fact.text != NULL || memchr(value.p, '\0', value.len) != NULL)
		return 0;
	return -1;
}

static int
set_fact(struct session *s, const struct entry *e, enum attr attr)
{
	enum attr on = attr_info(attr)->depends;

	if (e->lacking[attr]) {
		session_set_none(s, attr);
		return 0;
	}
	if (e->facts[attr].p != NULL && !e->marked[attr])
		return set_text(s, attr, e->facts[attr]);
	/* Lacking what it depends on: the session knows. */
	if (on == ATTR_NOTHING || !e->lacking[on])
		session_set_unknown(s, attr);
	return 0;
}

int
entry_session(const struct entry *e, struct session *s)
{
	unsigned int i;
	int stage = -1;

	for (i = 0; i < ATTR_COUNT; i++)
		session_clear(s, (enum attr)i);
	for (i = 0; i < ATTR_COUNT; i++)
		if (attr_info((enum attr)i)->silence != SILENCE_DERIVED &&
		    set_fact(s, e, (enum attr)i) == -1)
			return -1;
	if (e->stage.p != NULL)
		stage = stage_find(e->stage.p, e->stage.len);
	session_set_stage(s, stage == -1 ? STAGE_CLOSE : (enum stage)stage);
	return 0;
}
