/*
 * own_logfmt.c owns the fields of a record: what each of them is for, the
 * undoing of its escapes, and the form in which they are name=value.  It may
 * not know what a whole record is.
 */
/* libc */
#include <stddef.h>
#include <string.h>
/* this project */
#include "marks.h"
#include "own.h"

#define CUT	"\\..."
#define CUT_LEN	4

#define NAME_ROOM	16

struct row {
	char		 name[NAME_ROOM];	/* with its `=', zeros behind it */
	uint32_t	 bit;		/* of the attribute */
	uint16_t	 offset;	/* in struct own */
	uint8_t		 len;		/* with the `=' */
	uint8_t		 skip;		/* that many are mostly not there */
	uint8_t		 attr;		/* enum attr */
	uint8_t		 room[7];	/* a size by which it is found fast */
};

#define PLACE(member)	offsetof(struct own, member)
#define FACT(name, skip, a) \
	{ name "=", ATTR_BIT(a), PLACE(entry.facts[a]), sizeof(name), skip, a, { 0 } }
#define TEXT(name, skip, member) \
	{ name "=", 0, PLACE(member), sizeof(name), skip, ATTR_NOTHING, { 0 } }

#define GUESSES		8

/*
 * In the order of records, in which most names are found at the first look:
 * also where what stands between them is rare.
 */
static const struct row rows[] = {
	TEXT("v", 0, version),
	[OWN_EVENT] = TEXT("event", 0, entry.event),
	TEXT("id", 0, entry.id),
	TEXT("verdict", 0, entry.verdict),
	TEXT("rule", 0, entry.rule),
	TEXT("stage", 0, entry.stage),
	TEXT("reply", 5, entry.reply),
	TEXT("missing", 0, entry.missing),
	TEXT("observed", 0, entry.observed),
	TEXT("notes", 0, entry.notes),
	TEXT("kind", 0, kind),
	FACT("service", 0, ATTR_SERVICE),
	FACT("port", 0, ATTR_PORT),
	FACT("client", 0, ATTR_CLIENT),
	FACT("client_name", 0, ATTR_CLIENT_NAME),
	FACT("helo", 0, ATTR_HELO),
	FACT("tls", 0, ATTR_TLS),
	FACT("cipher", 0, ATTR_CIPHER),
	FACT("cipher_bits", 0, ATTR_CIPHER_BITS),
	FACT("cert_verified", 4, ATTR_CERT_VERIFIED),
	FACT("cert_subject", 0, ATTR_CERT_SUBJECT),
	FACT("cert_issuer", 0, ATTR_CERT_ISSUER),
	FACT("sni", 0, ATTR_SNI),
	TEXT("outcome", 0, outcome),
	FACT("auth", 0, ATTR_AUTH),
	FACT("user", 0, ATTR_USER),
	FACT("sender", 0, ATTR_SENDER),
	FACT("recipient", 1, ATTR_RECIPIENT),
	TEXT("recipients", 0, nothing),
	TEXT("qid", 0, entry.qid),
	FACT("listener", 0, ATTR_LISTENER),
	FACT("daemon", 1, ATTR_DAEMON),
	FACT("mta", 0, ATTR_MTA),
	TEXT("policy", 0, entry.policy),
	TEXT("mechanism", 0, mechanism),
	TEXT("count", 0, number),
	/* which no field begins with */
	TEXT("\n", 0, nothing),
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]) - 1)
_Static_assert(ROWS <= OWN_STRANGER, "a bit of `seen' for each row");

bool
own_is_name(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static unsigned int
take_row(struct own *o, unsigned int row)
{
	uint64_t bit = UINT64_C(1) << row;

	if ((o->seen & bit) != 0)
		return OWN_REFUSED;
	o->seen |= bit;
	return row;
}

static unsigned int
take_stranger(struct own *o, const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < o->strangers; i++)
		if (o->stranger[i].len == len &&
		    memcmp(o->stranger[i].p, name, len) == 0)
			return OWN_REFUSED;
	if (o->strangers == RECORD_FIELDS)
		return OWN_REFUSED;
	o->stranger[o->strangers++] = (struct slice){ name, len };
	return OWN_STRANGER;
}

unsigned int
own_name(struct own *o, const char *name, size_t len)
{
	unsigned int row;

	for (row = 0; row < ROWS; row++)
		if (rows[row].len == len + 1 && memcmp(rows[row].name, name, len) == 0)
			return take_row(o, row);
	return take_stranger(o, name, len);
}

/* Is it the row's name and `=' that the text begins with?  It has NAME_ROOM bytes. */
static inline bool
is_named(const struct row *r, const char *p)
{
	static const unsigned char masks[2 * NAME_ROOM] = { 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const unsigned char *mask = masks + NAME_ROOM - r->len;
	uint64_t first, second;

	first = (word_at(p) ^ word_at(r->name)) & word_at(mask);
	second = (word_at(p + 8) ^ word_at(r->name + 8)) & word_at(mask + 8);
	return (first | second) == 0;
}

/* The row whose name and `=' the text begins with, if it is one of the next. */
static const struct row *
find_near(const struct row *next, const char *p)
{
	const struct row *r;

	for (r = next; r < rows + ROWS && r < next + GUESSES; r++)
		if (is_named(r, p))
			return r;
	return NULL;
}

/* --- values */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The value may stand in the scratch already: nothing becomes longer. */
static int
undo_escapes(struct own *o, struct slice *value, bool *cut)
{
	char *start = o->scratch + o->used, *out = start;
	const char *p = value->p, *end = p + value->len;
	int high, low;

	while (p < end) {
		if (*p != '\\') {
			*out++ = *p++;
			continue;
		}
		if (end - p < 4)
			return -1;
		if (end - p == CUT_LEN && memcmp(p, CUT, CUT_LEN) == 0) {
			*cut = true;
			break;
		}
		high = hex_digit(p[2]);
		low = hex_digit(p[3]);
		if (p[1] != 'x' || high < 0 || low < 0)
			return -1;
		*out++ = (char)(high << 4 | low);
		p += 4;
	}
	value->p = start;
	value->len = (size_t)(out - start);
	o->used += value->len;
	return 0;
}

/* What escapes there may have been were undone. */
static inline void
put_value(struct own *o, unsigned int row, struct slice value, bool absent)
{
	if (row == OWN_STRANGER)
		return;
	if (absent)
		o->none |= rows[row].bit;
	else
		memcpy((char *)o + rows[row].offset, &value, sizeof(value));
}

static inline bool
is_none(const char *p, size_t len)
{
	return len == 4 && memcmp(p, "none", 4) == 0;
}

int
own_value(struct own *o, unsigned int row, const char *p, size_t len)
{
	struct slice value = { p, len };
	bool cut = false;

	if (memchr(p, '\\', len) != NULL && undo_escapes(o, &value, &cut) == -1)
		return -1;
	put_value(o, row, value, is_none(p, len));
	if (cut && row != OWN_STRANGER)
		o->cut |= UINT64_C(1) << row;
	return 0;
}

void
own_mark_cut(struct own *o)
{
	unsigned int row;

	for (row = 0; row < ROWS; row++) {
		if ((o->cut & UINT64_C(1) << row) == 0)
			continue;
		if (rows[row].attr != ATTR_NOTHING)
			o->entry.marked[rows[row].attr] = true;
		else if (rows[row].offset == PLACE(mechanism))
			o->mechanism_cut = true;
	}
}

/* --- logfmt */

/*
 * A line as the daemon writes it: names of the table in about its order, and no
 * escapes.  Nothing is looked for then: the name is the one that is expected, and
 * its value ends where the next mark is, so that one field need not be read for the
 * next one to be found.  There are as many `=' as names, so none stands in a value.
 * False: it is another line, or none; what was put down is of no use.
 */
static bool
usual_logfmt(struct own *o, const char *text, size_t len)
{
	const struct row *next = rows, *r;
	char last[2 * NAME_ROOM] = "";
	struct line_marks marks;
	struct marks_walk walk;
	unsigned int fields = 0;
	const char *name;
	struct slice value;
	size_t at, end;

	if (!marks_of(text, len, &marks))
		return false;
	walk = marks_walk(&marks);
	for (at = 0; at < len; at = end + 1, next = r + 1, fields++) {
		name = text + at;
		if (len - at < NAME_ROOM)
			name = memcpy(last, name, len - at);
		r = next;
		if (next->skip != 0)
			r += next->skip;
		if (!is_named(r, name) && (r = find_near(next, name)) == NULL)
			return false;
		/* behind a line that was cut off stands what is left of the last name */
		if (r->len > len - at)
			return false;
		value.p = text + at + r->len;
		end = marks_next(&walk);
		if (end < len && text[end] != ' ') {
			if (text + end != value.p++)
				return false;
			do
				end = marks_next(&walk);
			while (end < len && text[end] != '"');
			value.len = (size_t)(text + end - value.p);
			if (end == len || marks_next(&walk) != ++end)
				return false;
			if (end < len && text[end] != ' ')
				return false;
		} else
			value.len = (size_t)(text + end - value.p);
		if (!is_none(value.p, value.len))
			memcpy((char *)o + r->offset, &value, sizeof(value));
		else if (r->bit != 0)
			o->none |= r->bit;
		else
			return false;
	}
	/* No row is taken twice, for they come in order. */
	o->seen = (uint64_t)(o->entry.event.p != NULL) << OWN_EVENT;
	return fields == marks.equals;
}

/* The field at p, whatever it is: what follows it, or NULL. */
static const char *
any_field(struct own *o, const char *p, const char *end)
{
	const char *name = p, *value;
	unsigned int row;

	while (p < end && own_is_name((unsigned char)*p))
		p++;
	if (p == end || *p != '=' || p == name || p - name > OWN_NAME_MAX)
		return NULL;
	row = own_name(o, name, (size_t)(p - name));
	if (row == OWN_REFUSED)
		return NULL;
	value = ++p;
	if (p < end && *p == '"') {
		value++;
		do
			p++;
		while (p < end && *p >= ' ' && *p <= '~' && *p != '"');
		if (p == end || *p != '"' || own_value(o, row, value, (size_t)(p - value)) == -1)
			return NULL;
		return p + 1;
	}
	while (p < end && *p > ' ' && *p <= '~' && *p != '"' && *p != '=' && *p != '\\')
		p++;
	put_value(o, row, (struct slice){ value, (size_t)(p - value) },
	    is_none(value, (size_t)(p - value)));
	return p;
}

static int
any_logfmt(struct own *o, const char *p, size_t len)
{
	const char *end = p + len;

	do {
		p = any_field(o, p, end);
		if (p == end)
			return 0;
		if (p == NULL || *p != ' ')
			return -1;
	} while (++p < end);
	return 0;
}

int
own_logfmt(struct own *o, const char *p, size_t len)
{
	if (usual_logfmt(o, p, len))
		return 0;
	own_start(o);
	return any_logfmt(o, p, len);
}
