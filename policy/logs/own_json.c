/*
 * own_json.c owns the JSON form of tlswardend's records: one flat object of
 * strings and whole numbers.  It may not know what a field means.
 */
/* libc */
#include <string.h>
/* this project */
#include "own.h"

struct cursor {
	const char	*p;
	const char	*end;
};

static void
skip_space(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

static int
expect_byte(struct cursor *c, char byte)
{
	skip_space(c);
	if (c->p == c->end || *c->p != byte)
		return -1;
	c->p++;
	return 0;
}

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;

	at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c);
	return at == NULL ? -1 : (int)(at - digits);
}

/*
 * The byte that an escape stands for; only printable ASCII has one.  -1 when
 * it is none; the cursor is behind the backslash.
 */
static int
escaped(struct cursor *c)
{
	int high, low;
	char byte;

	if (c->p == c->end)
		return -1;
	byte = *c->p++;
	if (byte != 'u')
		return byte == '\\' || byte == '/' || byte == '"' ? byte : -1;
	if (c->end - c->p < 4 || c->p[0] != '0' || c->p[1] != '0')
		return -1;
	high = hex(c->p[2]);
	low = hex(c->p[3]);
	if (high < 2 || high > 7 || low < 0)
		return -1;
	c->p += 4;
	return high << 4 | low;
}

/*
 * From behind the opening quote to behind the closing one.  A quote that was
 * escaped is none of ours: a record has \x22 for it.
 */
static int
string(struct own *o, struct cursor *c, struct slice *value)
{
	char *out = o->scratch + o->used;
	int byte;

	value->p = out;
	while (c->p < c->end && *c->p != '"') {
		byte = (unsigned char)*c->p++;
		if (byte == '\\')
			byte = escaped(c);
		if (byte < ' ' || byte > '~' || byte == '"')
			return -1;
		*out++ = (char)byte;
	}
	if (c->p == c->end)
		return -1;
	c->p++;
	value->len = (size_t)(out - value->p);
	return 0;
}

/* No zero in front. */
static int
number(struct cursor *c, struct slice *value)
{
	value->p = c->p;
	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	value->len = (size_t)(c->p - value->p);
	return value->len == 0 || (value->len > 1 && *value->p == '0') ? -1 : 0;
}

static unsigned int
name(struct own *o, struct cursor *c)
{
	const char *start;
	size_t len;

	if (expect_byte(c, '"') == -1)
		return OWN_REFUSED;
	start = c->p;
	while (c->p < c->end && own_is_name((unsigned char)*c->p))
		c->p++;
	len = (size_t)(c->p - start);
	if (c->p == c->end || *c->p != '"' || len == 0 || len > OWN_NAME_MAX)
		return OWN_REFUSED;
	c->p++;
	return own_name(o, start, len);
}

static int
field(struct own *o, struct cursor *c)
{
	struct slice value;
	unsigned int row;
	size_t used;

	row = name(o, c);
	if (row == OWN_REFUSED || expect_byte(c, ':') == -1)
		return -1;
	skip_space(c);
	if (c->p == c->end || *c->p != '"') {
		if (number(c, &value) == -1)
			return -1;
		return own_value(o, row, value.p, value.len);
	}
	c->p++;
	if (string(o, c, &value) == -1)
		return -1;
	/* Its escapes are undone where it stands; else it has to be kept. */
	used = o->used;
	if (own_value(o, row, value.p, value.len) == -1)
		return -1;
	if (o->used == used)
		o->used += value.len;
	return 0;
}

int
own_json(struct own *o, const char *p, size_t len)
{
	struct cursor c = { p + 1, p + len };

	if (field(o, &c) == -1)
		return -1;
	while (expect_byte(&c, ',') == 0)
		if (field(o, &c) == -1)
			return -1;
	if (expect_byte(&c, '}') == -1)
		return -1;
	skip_space(&c);
	return c.p == c.end ? 0 : -1;
}
