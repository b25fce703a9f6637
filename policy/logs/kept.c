/*
 * kept.c owns copies of facts; it may not know what lines tell them.
 */
/* libc */
#include <string.h>
/* this project */
#include "kept.h"
#include "scan.h"
#include "xtext.h"

#define TEXT_MAX	8192	/* of old values and new ones; then tidy up */

void
kept_clear(struct kept *k)
{
	buf_clear(&k->text);
	memset(k->pieces, 0, sizeof(k->pieces));
	memset(k->lacking, 0, sizeof(k->lacking));
}

void
kept_free(struct kept *k)
{
	buf_free(&k->text);
	kept_clear(k);
}

void
kept_copy(struct kept *k, const struct kept *from)
{
	buf_clear(&k->text);
	buf_put(&k->text, from->text.data, from->text.len);
	memcpy(k->pieces, from->pieces, sizeof(k->pieces));
	memcpy(k->lacking, from->lacking, sizeof(k->lacking));
}

/* Leave what is known, and not what was. */
static void
tidy(struct kept *k)
{
	struct buf old = k->text;
	unsigned int i;

	k->text = (struct buf)BUF_INIT;
	for (i = 0; i < KEPT_COUNT; i++) {
		if (!k->pieces[i].known)
			continue;
		buf_put(&k->text, old.data + k->pieces[i].at, k->pieces[i].len);
		k->pieces[i].at = (uint32_t)(k->text.len - k->pieces[i].len);
	}
	buf_free(&old);
}

void
kept_set(struct kept *k, unsigned int name, struct slice value)
{
	size_t max = name < ATTR_COUNT ? attr_info((enum attr)name)->max + 1 : KEPT_VALUE_MAX;
	struct piece *piece = &k->pieces[name];

	if (name < ATTR_COUNT)
		k->lacking[name] = false;
	if (value.len > max)
		value.len = max;
	if (value.p == NULL || value.len == 0) {
		piece->known = false;
		return;
	}
	if (piece->known && slice_equal(kept_get(k, name), value))
		return;
	piece->known = false;
	if (k->text.len + value.len > TEXT_MAX)
		tidy(k);
	*piece = (struct piece){ (uint32_t)k->text.len, (uint32_t)value.len, true };
	buf_put(&k->text, value.p, value.len);
}

void
kept_set_xtext(struct kept *k, enum attr attr, struct slice value)
{
	struct buf b = BUF_INIT;

	if (value.p == NULL || memchr(value.p, '+', value.len) == NULL) {
		kept_set(k, attr, value);
		return;
	}
	xtext_decode(&b, value.p, value.len, attr_info(attr)->max);
	kept_set(k, attr, (struct slice){ b.data, b.len });
	buf_free(&b);
}

void
kept_lack(struct kept *k, enum attr attr)
{
	k->pieces[attr].known = false;
	k->lacking[attr] = true;
}

void
kept_forget(struct kept *k, enum attr attr)
{
	k->pieces[attr].known = false;
	k->lacking[attr] = false;
}

struct slice
kept_get(const struct kept *k, unsigned int name)
{
	if (!k->pieces[name].known)
		return SLICE_NULL;
	return (struct slice){ k->text.data + k->pieces[name].at, k->pieces[name].len };
}

void
kept_entry(const struct kept *k, struct entry *e)
{
	unsigned int i;

	for (i = 0; i < ATTR_COUNT; i++) {
		e->facts[i] = kept_get(k, i);
		e->lacking[i] = k->lacking[i];
	}
	e->host = kept_get(k, KEPT_HOST);
	e->qid = kept_get(k, KEPT_QID);
	e->reply = kept_get(k, KEPT_REPLY);
}
