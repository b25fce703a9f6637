/*
 * parse.c owns the statements of a policy file and the steps all parsers take;
 * it may not know what the parts mean to each other (check.c does).
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "parse.h"
#include "parser.h"
#include "source.h"
#include "suggest.h"

#define SERVICES_MAX	256

/* --- steps */

void
parser_next(struct parser *p)
{
	lexer_next(&p->lex, &p->tok);
}

bool
parser_accept(struct parser *p, const char *word)
{
	if (!token_is(&p->tok, word))
		return false;
	parser_next(p);
	return true;
}

bool
parser_accept_kind(struct parser *p, enum token_kind kind)
{
	if (p->tok.kind != kind)
		return false;
	parser_next(p);
	return true;
}

int
parser_expected(struct parser *p, const char *what, const char *hint)
{
	if (p->tok.kind == TOKEN_BAD)
		return -1;
	if (p->tok.kind == TOKEN_END)
		diag_add(p->diags, DIAG_ERROR, &p->tok.place, hint,
		    "expected %s, found the end of the statement", what);
	else if (p->tok.kind == TOKEN_STRING)
		diag_add(p->diags, DIAG_ERROR, &p->tok.place, hint,
		    "expected %s, found a quoted text", what);
	else
		diag_add(p->diags, DIAG_ERROR, &p->tok.place, hint,
		    "expected %s, found \"%.*s\"", what,
		    p->tok.len < 64 ? (int)p->tok.len : 64, p->tok.text);
	return -1;
}

int
parser_end(struct parser *p)
{
	if (p->tok.kind == TOKEN_END)
		return 0;
	return parser_expected(p, "the end of the statement", NULL);
}

char *
parser_name(struct parser *p, const char *what)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
	static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	char *name;

	if (p->tok.kind != TOKEN_WORD) {
		parser_expected(p, what, NULL);
		return NULL;
	}
	name = token_text(&p->tok);
	if (strchr(lower, name[0]) == NULL || name[strspn(name, all)] != '\0' ||
	    strlen(name) > POLICY_NAME_MAX) {
		diag_add(p->diags, DIAG_ERROR, &p->tok.place,
		    "a name begins with a-z, goes on with a-z, 0-9 and -, and has at "
		    "most 64 characters", "expected %s, but \"%.64s\" is no name",
		    what, name);
		free(name);
		return NULL;
	}
	parser_next(p);
	return name;
}

char *
parser_string(struct parser *p, const char *what)
{
	char *text;

	if (p->tok.kind != TOKEN_STRING) {
		parser_expected(p, what, p->tok.kind == TOKEN_WORD ?
		    "it stands in double quotes" : NULL);
		return NULL;
	}
	text = token_text(&p->tok);
	parser_next(p);
	return text;
}

char *
parser_value(struct parser *p, const char *what)
{
	char *text;

	if (p->tok.kind != TOKEN_STRING && p->tok.kind != TOKEN_WORD) {
		parser_expected(p, what, NULL);
		return NULL;
	}
	text = token_text(&p->tok);
	parser_next(p);
	return text;
}

int
parser_number(struct parser *p, uint32_t max, const char *what, uint32_t *number)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; p->tok.kind == TOKEN_WORD && i < p->tok.len && i < 10; i++) {
		if (p->tok.text[i] < '0' || p->tok.text[i] > '9')
			break;
		n = n * 10 + (uint64_t)(p->tok.text[i] - '0');
	}
	if (i == 0 || i < p->tok.len)
		return parser_expected(p, what, NULL);
	if (n > max) {
		diag_add(p->diags, DIAG_ERROR, &p->tok.place, NULL,
		    "expected %s, at most %u", what, max);
		return -1;
	}
	*number = (uint32_t)n;
	parser_next(p);
	return 0;
}

/* The Gregorian calendar's months. */
static unsigned int
month_days(unsigned int year, unsigned int month)
{
	static const unsigned int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

int
parser_day(struct parser *p, day_t *day)
{
	unsigned int year, month, mday;
	char text[11];
	size_t i;

	if (p->tok.kind != TOKEN_WORD || p->tok.len != 10)
		return parser_expected(p, "a date", "a date is written as 2027-03-31");
	memcpy(text, p->tok.text, 10);
	text[10] = '\0';
	for (i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return parser_expected(p, "a date",
			    "a date is written as 2027-03-31");
	year = (unsigned int)strtoul(text, NULL, 10);
	month = (unsigned int)strtoul(text + 5, NULL, 10);
	mday = (unsigned int)strtoul(text + 8, NULL, 10);
	if (year < 1970 || month < 1 || month > 12 || mday < 1 ||
	    mday > month_days(year, month)) {
		diag_add(p->diags, DIAG_ERROR, &p->tok.place, NULL,
		    "the calendar has no day %s", text);
		return -1;
	}
	*day = year * 10000 + month * 100 + mday;
	parser_next(p);
	return 0;
}

void *
grow(void *array, size_t count, size_t size)
{
	/* full at each power of two */
	if ((count & (count - 1)) == 0)
		array = mem_resize(array, count > 0 ? count * 2 : 1, size);
	return array;
}

const char *
parser_suggest(struct parser *p, struct buf *b,
    const char *(*next)(const void *, size_t), const void *ctx)
{
	const char *word;

	if (p->tok.kind != TOKEN_WORD)
		return NULL;
	word = suggest(p->tok.text, p->tok.len, next, ctx);
	if (word == NULL)
		return NULL;
	buf_printf(b, "did you mean \"%s\"?", word);
	return buf_str(b);
}

/* --- statements */

static void	parse_file(struct parser *);

/* A file twice would give every rule twice; an ancestor would never end. */
static int
seen_before(struct parser *p, const struct source *s, const struct place *place)
{
	const struct source *o;

	for (o = s->parent; o != NULL; o = o->parent)
		if (o->inode != 0 && o->inode == s->inode && o->device == s->device) {
			diag_add(p->diags, DIAG_ERROR, place, NULL,
			    "the file \"%s\" includes itself", s->path);
			return -1;
		}
	for (o = p->policy->sources->first; o != s; o = o->next)
		if (o->inode != 0 && o->inode == s->inode && o->device == s->device) {
			diag_add(p->diags, DIAG_ERROR, place, NULL,
			    "the file \"%s\" is part of the policy already", s->path);
			return -1;
		}
	return 0;
}

static int
parse_include(struct parser *p)
{
	struct place place = p->tok.place;
	struct parser inner = *p;
	struct source *s;
	char *path;

	path = parser_string(p, "a file name");
	if (path == NULL || parser_end(p) == -1) {
		free(path);
		return -1;
	}
	if (p->source->depth >= POLICY_INCLUDE_MAX) {
		diag_add(p->diags, DIAG_ERROR, &place, NULL,
		    "includes are nested more than %d deep", POLICY_INCLUDE_MAX);
		free(path);
		return -1;
	}
	s = source_open(p->policy->sources, path, POLICY_FILE_MAX, p->source, &place,
	    p->diags);
	free(path);
	if (s == NULL || seen_before(p, s, &place) == -1)
		return -1;
	inner.source = s;
	parse_file(&inner);
	return 0;
}

static int
parse_port(struct parser *p, struct service *s)
{
	uint32_t port;

	if (parser_number(p, UINT16_MAX, "a port number", &port) == -1)
		return -1;
	s->ports = grow(s->ports, s->port_count, sizeof(*s->ports));
	s->ports[s->port_count++] = (uint16_t)port;
	return 0;
}

static int
parse_daemon(struct parser *p, struct service *s)
{
	char *name;

	name = parser_value(p, "the name of a daemon");
	if (name == NULL)
		return -1;
	s->daemons = grow(s->daemons, s->daemon_count, sizeof(*s->daemons));
	s->daemons[s->daemon_count++] = name;
	return 0;
}

static int
parse_listener(struct parser *p, struct service *s)
{
	struct address a;

	if (p->tok.kind != TOKEN_WORD ||
	    address_parse(&a, p->tok.text, p->tok.len) == -1)
		return parser_expected(p, "the address of a listener", NULL);
	s->listeners = grow(s->listeners, s->listener_count, sizeof(*s->listeners));
	s->listeners[s->listener_count++] = a;
	parser_next(p);
	return 0;
}

static int
parse_tls(struct parser *p, struct service *s)
{
	if (!parser_accept(p, "implicit"))
		return parser_expected(p, "\"implicit\"", NULL);
	s->implicit_tls = true;
	return 0;
}

static const struct {
	const char	*word;
	int		(*parse)(struct parser *, struct service *);
	bool		 many;
} service_parts[] = {
	{ "port", parse_port, true },
	{ "daemon", parse_daemon, true },
	{ "listener", parse_listener, true },
	{ "tls", parse_tls, false },
};
#define SERVICE_PARTS	(sizeof(service_parts) / sizeof(service_parts[0]))

static const char *
service_part_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < SERVICE_PARTS ? service_parts[i].word : NULL;
}

static size_t
service_part(const struct token *t)
{
	size_t i;

	for (i = 0; i < SERVICE_PARTS; i++)
		if (token_is(t, service_parts[i].word))
			break;
	return i;
}

static int
parse_service_parts(struct parser *p, struct service *s)
{
	struct buf b = BUF_INIT;
	size_t i;

	while (p->tok.kind != TOKEN_END) {
		i = service_part(&p->tok);
		if (i == SERVICE_PARTS) {
			parser_expected(p, "port, daemon, listener or tls",
			    parser_suggest(p, &b, service_part_name, NULL));
			buf_free(&b);
			return -1;
		}
		parser_next(p);
		do {
			if (service_parts[i].parse(p, s) == -1)
				return -1;
		} while (service_parts[i].many && p->tok.kind != TOKEN_END &&
		    service_part(&p->tok) == SERVICE_PARTS);
	}
	if (s->port_count + s->daemon_count + s->listener_count == 0)
		return parser_expected(p, "port, daemon or listener",
		    "a service is known by where it listens");
	return 0;
}

static int
parse_service(struct parser *p)
{
	struct policy *policy = p->policy;
	struct service *s;
	struct place place = p->tok.place;
	char *name;

	name = parser_name(p, "the name of a service");
	if (name == NULL)
		return -1;
	if (policy->service_count >= SERVICES_MAX) {
		diag_add(p->diags, DIAG_ERROR, &place, NULL,
		    "the policy has more than %d services", SERVICES_MAX);
		lexer_stop(&p->lex);
		free(name);
		return -1;
	}
	policy->services = grow(policy->services, policy->service_count, sizeof(*s));
	s = &policy->services[policy->service_count++];
	memset(s, 0, sizeof(*s));
	s->name = name;
	s->place = place;
	return parse_service_parts(p, s);
}

/* --- files */

static const struct {
	const char	*word;
	int		(*parse)(struct parser *);
} statements[] = {
	{ "set", parse_set },
	{ "service", parse_service },
	{ "list", parse_list },
	{ "rule", parse_rule },
	{ "default", parse_default },
	{ "expect", parse_expect },
	{ "include", parse_include },
};
#define STATEMENTS	(sizeof(statements) / sizeof(statements[0]))

static const char *
statement_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < STATEMENTS ? statements[i].word : NULL;
}

static void
parse_statement(struct parser *p)
{
	struct buf b = BUF_INIT;
	size_t i;

	parser_next(p);
	for (i = 0; i < STATEMENTS; i++)
		if (token_is(&p->tok, statements[i].word)) {
			parser_next(p);
			statements[i].parse(p);
			return;
		}
	if (is_clause(&p->tok))
		parser_expected(p, "a statement",
		    "begin the line with a space: it belongs to the rule above");
	else
		parser_expected(p, "a statement (set, service, list, rule, default, "
		    "expect or include)", parser_suggest(p, &b, statement_name, NULL));
	buf_free(&b);
}

static void
parse_file(struct parser *p)
{
	lexer_init(&p->lex, p->source, p->diags);
	while (lexer_statement(&p->lex))
		parse_statement(p);
}

void
parse(struct policy *policy, const struct source *source, struct diags *diags)
{
	struct parser p = { .policy = policy, .diags = diags, .source = source };
	uint32_t settings_seen = 0;

	p.settings_seen = &settings_seen;
	parse_file(&p);
}
