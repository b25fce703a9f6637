/*
 * check_wild.c owns what is written as a pattern where a text is compared as
 * it stands, and how it is written instead; it may not know where it stood.
 */
/* libc */
#include <string.h>
/* this project */
#include "check.h"

/* The domain that "@example.org" or "*.example.org" means; NULL: no such one. */
static const char *
domain_of(const char *text, bool *whole)
{
	text += strspn(text, "*");
	*whole = *text == '@';
	if (*whole)
		text++;
	if (*text == '\0' || strpbrk(text, "*@") != NULL || (!*whole && *text != '.'))
		return NULL;
	return text;
}

/* The same as a regular expression. */
static void
put_regex(const char *text, struct buf *b)
{
	const char *s = text + strspn(text, "*");

	buf_puts(b, s != text || *s == '@' ? "~ /" : "~ /^");
	for (; *s != '\0'; s++) {
		if (*s == '*') {
			s += strspn(s, "*") - 1;
			if (s[1] == '\0')
				break;
			buf_puts(b, ".*");
			continue;
		}
		if (strchr(".\\+?()[]{}|^$/", *s) != NULL)
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
	buf_puts(b, *s == '\0' ? "$/i" : "/i");
}

static bool
is_wild(enum attr attr, const char *text, bool quoted)
{
	bool star = strchr(text, '*') != NULL;

	switch (attr_info(attr)->type) {
	case TYPE_MAILBOX:
		return star || text[0] == '@';
	case TYPE_DOMAIN:
		return star;
	case TYPE_WORD:
		/* quoted, it is meant as it stands */
		return !quoted && (star || (attr == ATTR_USER && text[0] == '@'));
	default:
		return false;
	}
}

bool
check_wild(struct check *c, enum attr attr, const char *text, bool quoted,
    const struct place *place)
{
	const struct attr_info *info = attr_info(attr);
	struct buf hint = BUF_INIT;
	const char *domain;
	bool whole;

	if (!is_wild(attr, text, quoted))
		return false;
	domain = info->type == TYPE_WORD ? NULL : domain_of(text, &whole);
	if (text[strspn(text, "*")] == '\0')
		buf_puts(&hint, "without a comparison any value will do");
	else if (domain != NULL && info->type == TYPE_MAILBOX && whole)
		buf_printf(&hint, "all addresses of a domain are: in { %s }", domain);
	else if (domain != NULL && !whole)
		buf_printf(&hint, "subdomains are matched by: in { %s }", domain);
	else {
		buf_puts(&hint, "a part is matched by: ");
		put_regex(text, &hint);
	}
	diag_add(c->diags, DIAG_ERROR, place, buf_str(&hint),
	    "\"%s\" is compared as it stands, and no \"%s\" is like that", text,
	    info->name);
	buf_free(&hint);
	return true;
}
