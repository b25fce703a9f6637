/*
 * reply_check.c owns what a reply may be: the class of its codes, its text and
 * what is filled in.  It may not know when a reply is sent.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "lex.h"
#include "mem.h"
#include "parse.h"
#include "rule.h"
#include "suggest.h"

/* RFC 5321, section 4.2, and RFC 3463, section 2: the classes agree. */
static const struct class {
	enum action	 action;
	char		 digit;
	const char	*codes;
} classes[] = {
	{ ACTION_REJECT, '5', "500 to 559 and 5.x.x" },
	{ ACTION_TEMPFAIL, '4', "400 to 459, but not 421, and 4.x.x" },
	{ ACTION_DISCONNECT, '4', "421 and 4.x.x" },
};

/* What %{...} takes, and the longest it becomes; 0: told by the policy. */
static const struct insert {
	const char	*name;
	enum piece_kind	 kind;
	size_t		 longest;
} inserts[] = {
	{ "contact", PIECE_CONTACT, 0 },
	{ "tls", PIECE_TLS, sizeof("TLSv1.3") - 1 },
	{ "port", PIECE_PORT, sizeof("65535") - 1 },
	{ "service", PIECE_SERVICE, 0 },
	{ "rule", PIECE_RULE, 0 },
	{ "date", PIECE_DATE, sizeof("2027-03-31") - 1 },
};
#define INSERTS	(sizeof(inserts) / sizeof(inserts[0]))

static const char *
insert_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < INSERTS ? inserts[i].name : NULL;
}

static void
check_codes(const struct rule *r, struct diags *diags)
{
	const struct reply_spec *reply = &r->reply;
	size_t i;
	bool fits;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (classes[i].action != r->action)
			continue;
		fits = reply->code / 100 == (unsigned int)(classes[i].digit - '0') &&
		    reply->code / 10 % 10 <= 5 &&
		    reply->enhanced[0] == classes[i].digit &&
		    (reply->code == 421) == (r->action == ACTION_DISCONNECT);
		if (!fits)
			diag_add(diags, DIAG_ERROR, &reply->place, NULL,
			    "%s goes with the codes %s, not with %03u %s",
			    action_name(r->action), classes[i].codes, reply->code,
			    reply->enhanced);
	}
}

static void
add_piece(struct reply_spec *reply, enum piece_kind kind, const char *text, size_t len)
{
	struct piece *piece;

	if (kind == PIECE_TEXT && len == 0)
		return;
	reply->pieces = mem_resize(reply->pieces, reply->count + 1, sizeof(*piece));
	piece = &reply->pieces[reply->count++];
	piece->kind = kind;
	piece->text = kind == PIECE_TEXT ? mem_strndup(text, len) : NULL;
}

static size_t
longest_service(const struct policy *p)
{
	size_t i, n, longest = sizeof("other") - 1;

	for (i = 0; i < p->service_count; i++) {
		n = strlen(p->services[i].name);
		if (n > longest)
			longest = n;
	}
	return longest;
}

static size_t
longest(const struct policy *p, const struct rule *r, const struct insert *in)
{
	switch (in->kind) {
	case PIECE_CONTACT:
		return strlen(p->settings.contact);
	case PIECE_SERVICE:
		return longest_service(p);
	case PIECE_RULE:
		return strlen(r->name);
	default:
		return in->longest;
	}
}

/* The insert at s, which begins with "%{"; NULL when there is none such. */
static const struct insert *
find_insert(const struct reply_spec *reply, const char *s, struct diags *diags)
{
	struct place place;
	struct buf hint = BUF_INIT;
	const char *name = s + 2, *near;
	size_t i, n = strcspn(name, "}");

	for (i = 0; name[n] == '}' && i < INSERTS; i++)
		if (strlen(inserts[i].name) == n && memcmp(inserts[i].name, name, n) == 0)
			return &inserts[i];
	place = lex_within(&reply->text_place, reply->text, (size_t)(s - reply->text),
	    false);
	place.width = 2;
	if (name[n] != '}') {
		diag_add(diags, DIAG_ERROR, &place, NULL, "\"%%{\" without its \"}\"");
		return NULL;
	}
	place.width = (unsigned int)n + 3;
	near = suggest(name, n, insert_name, NULL);
	if (near != NULL)
		buf_printf(&hint, "did you mean %%{%s}?", near);
	else
		buf_puts(&hint,
		    "a reply takes contact, tls, port, service, rule and date");
	diag_add(diags, DIAG_ERROR, &place, buf_str(&hint),
	    "a reply cannot hold %%{%.*s}", n < 64 ? (int)n : 64, name);
	buf_free(&hint);
	return NULL;
}

/* "%(contact)", as Postfix and Python write it, would reach the client as it is. */
static void
warn_parenthesis(const struct reply_spec *reply, const char *s, struct diags *diags)
{
	struct place place;
	struct buf hint = BUF_INIT;
	size_t i, n = strcspn(s, ")");

	for (i = 0; i < INSERTS; i++) {
		if (s[n] != ')' || strlen(inserts[i].name) != n - 2 ||
		    memcmp(inserts[i].name, s + 2, n - 2) != 0)
			continue;
		place = lex_within(&reply->text_place, reply->text,
		    (size_t)(s - reply->text), false);
		place.width = (unsigned int)n + 1;
		buf_printf(&hint, "write %%{%s}", inserts[i].name);
		diag_add(diags, DIAG_WARNING, &place, buf_str(&hint),
		    "the client will read %.*s as it stands here", (int)n + 1, s);
		buf_free(&hint);
	}
}

static void
cut(const struct policy *p, struct rule *r, struct diags *diags)
{
	struct reply_spec *reply = &r->reply;
	const struct insert *in;
	const char *s, *plain = reply->text;
	size_t total = 0;

	for (s = reply->text; *s != '\0';) {
		if (s[0] != '%' || s[1] != '{') {
			if (s[0] == '%' && s[1] == '(')
				warn_parenthesis(reply, s, diags);
			s++;
			total++;
			continue;
		}
		in = find_insert(reply, s, diags);
		if (in == NULL) {
			s += 2;
			continue;
		}
		add_piece(reply, PIECE_TEXT, plain, (size_t)(s - plain));
		add_piece(reply, in->kind, NULL, 0);
		total += longest(p, r, in);
		plain = s = strchr(s, '}') + 1;
	}
	add_piece(reply, PIECE_TEXT, plain, (size_t)(s - plain));
	if (total > REPLY_TEXT_MAX)
		diag_add(diags, DIAG_ERROR, &reply->text_place, NULL, "the text can grow "
		    "to %zu characters, and a reply has at most %d", total,
		    REPLY_TEXT_MAX);
}

void
reply_check(struct policy *p, struct rule *r, struct diags *diags)
{
	struct reply_spec *reply = &r->reply;
	struct place place;
	const char *s;

	/* what could not be read was reported */
	if (reply->text == NULL)
		return;
	check_codes(r, diags);
	for (s = reply->text; *s >= 0x20 && *s < 0x7f; s++)
		continue;
	if (*s != '\0') {
		place = lex_within(&reply->text_place, reply->text,
		    (size_t)(s - reply->text), false);
		diag_add(diags, DIAG_ERROR, &place, NULL,
		    "the text of a reply is printable ASCII");
	} else if (reply->text[strspn(reply->text, " ")] == '\0')
		diag_add(diags, DIAG_ERROR, &reply->text_place, NULL,
		    "the text of the reply is empty");
	else
		cut(p, r, diags);
}
