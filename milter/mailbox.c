/*
 * mailbox.c owns the spellings of a mailbox and which of them are one; it may
 * not know libmilter, nor what the mailbox is compared with.
 */
/* libc */
#include <ctype.h>
#include <string.h>
/* this program */
#include "mailbox.h"

#define NOWHERE		((size_t)-1)

/* What was read: the bytes themselves, without the quotes around them. */
struct reading {
	char	text[MAILBOX_TEXT];
	size_t	len;
	size_t	at;		/* places of the last @, the first ! */
	size_t	bang;		/* and the last %, that were not quoted */
	size_t	percent;
	size_t	escaped;	/* the last @ behind a backslash */
	bool	null;		/* there was "" */
	bool	cut;		/* there is more, for which there was no room */
};

static bool
is_atext(char c)
{
	return c == '.' || (unsigned char)c >= 0x80 ||
	    isalnum((unsigned char)c) || (c != '\0' &&
	    strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static void
restart(struct reading *r)
{
	r->len = 0;
	r->at = r->bang = r->percent = r->escaped = NOWHERE;
	r->null = r->cut = false;
}

static void
keep(struct reading *r, char c)
{
	if (r->len < sizeof(r->text) - 1)
		r->text[r->len++] = c;
	else
		r->cut = true;
}

/* From behind the opening parenthesis to behind the one that closes it. */
static const char *
skip_comment(const char *s)
{
	unsigned int depth = 1;

	for (; *s != '\0' && depth > 0; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '(')
			depth++;
		else if (*s == ')')
			depth--;
	}
	return s;
}

/* From behind the opening quote to behind the closing one. */
static const char *
read_quoted(struct reading *r, const char *s)
{
	size_t before = r->len;

	for (; *s != '\0' && *s != '"'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		keep(r, *s);
	}
	r->null = r->null || r->len == before;
	return *s == '"' ? s + 1 : s;
}

/* An address in brackets is one word, colons and all. */
static const char *
read_literal(struct reading *r, const char *s)
{
	for (; *s != '\0' && *s != ']' && *s != '>'; s++)
		keep(r, *s);
	if (*s != ']')
		return s;
	keep(r, ']');
	return s + 1;
}

static void
read_plain(struct reading *r, char c)
{
	if (c == '@')
		r->at = r->len;
	else if (c == '!' && r->bang == NOWHERE)
		r->bang = r->len;
	else if (c == '%')
		r->percent = r->len;
	keep(r, c);
}

/* A route ends, "@a,@b:", or the name of a group. */
static bool
ends_prefix(const struct reading *r, char c)
{
	return c == ':' && (r->at == NOWHERE || r->text[0] == '@');
}

/* A semicolon ends a group, and before more of a name is part of it. */
static bool
ends(const char *s)
{
	return *s == '\0' || *s == '>' ||
	    (*s == ';' && (s[1] == '\0' || s[1] == '>' || isspace((unsigned char)s[1])));
}

static void
read_all(struct reading *r, const char *s)
{
	char c;

	restart(r);
	while (!ends(s)) {
		c = *s++;
		if (c == '<' || ends_prefix(r, c))
			restart(r);
		else if (c == '(')
			s = skip_comment(s);
		else if (c == '"')
			s = read_quoted(r, s);
		else if (c == '\\' && *s != '\0') {
			if (*s == '@')
				r->escaped = r->len;
			keep(r, *s++);
		}
		else if (!isspace((unsigned char)c))
			read_plain(r, c);
		if (c == '[')
			s = read_literal(r, s);
	}
}

struct writing {
	char	*out;
	size_t	 len;
};

static void
put(struct writing *w, const char *s, size_t n)
{
	if (n > MAILBOX_TEXT - 1 - w->len)
		n = MAILBOX_TEXT - 1 - w->len;
	memcpy(w->out + w->len, s, n);
	w->len += n;
}

/* In quotes only when it cannot do without. */
static void
put_local(struct writing *w, const char *s, size_t n, bool null)
{
	size_t i;

	for (i = 0; i < n && is_atext(s[i]); i++)
		;
	if (i == n && (n > 0 || !null)) {
		put(w, s, n);
		return;
	}
	put(w, "\"", 1);
	for (i = 0; i < n; i++) {
		if (s[i] == '"' || s[i] == '\\')
			put(w, "\\", 1);
		put(w, s + i, 1);
	}
	put(w, "\"", 1);
}

/* To Sendmail a name in brackets is that name; an address is digits or colons. */
static bool
is_bracketed_name(const char *s, size_t n)
{
	size_t i;

	if (n < 3 || s[0] != '[' || s[n - 1] != ']' || memchr(s, ':', n) != NULL)
		return false;
	for (i = 1; i < n - 1; i++)
		if (s[i] != '.' && !isdigit((unsigned char)s[i]))
			return true;
	return false;
}

static void
put_domain(struct writing *w, const char *s, size_t n)
{
	while (n > 0 && s[n - 1] == '.')
		n--;
	if (is_bracketed_name(s, n)) {
		s++;
		n -= 2;
		while (n > 0 && s[n - 1] == '.')
			n--;
	}
	put(w, "@", 1);
	put(w, s, n);
}

void
mailbox_read(const char *argument, char out[MAILBOX_TEXT])
{
	struct writing w = { out, 0 };
	struct reading r;
	size_t mark;

	read_all(&r, argument);
	/* a mark may stand behind what was kept: it is too long, and stays so */
	if (r.cut) {
		put(&w, r.text, r.len);
		out[w.len] = '\0';
		return;
	}
	mark = r.at != NOWHERE ? r.at : r.bang == NOWHERE ? r.percent : NOWHERE;
	/* Without another, Sendmail takes it for the @ it is. */
	if (mark == NOWHERE && r.bang == NOWHERE)
		mark = r.escaped;
	if (mark != NOWHERE) {
		put_local(&w, r.text, mark, r.null);
		put_domain(&w, r.text + mark + 1, r.len - mark - 1);
	} else if (r.bang != NOWHERE) {
		put_local(&w, r.text + r.bang + 1, r.len - r.bang - 1, r.null);
		put_domain(&w, r.text, r.bang);
	} else if (r.len > 0 || r.null) {
		put_local(&w, r.text, r.len, r.null);
	} else {
		put(&w, "<>", 2);
	}
	out[w.len] = '\0';
}

bool
mailbox_is_null(const char *argument)
{
	return strncmp(argument, "<>", 2) == 0 &&
	    (argument[2] == '\0' || isspace((unsigned char)argument[2]));
}
