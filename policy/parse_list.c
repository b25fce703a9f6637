/*
 * parse_list.c owns the grammar of lists and of list files, and tells from an
 * item's text what it is; it may not know what the list is compared with.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "netblock.h"
#include "parser.h"
#include "source.h"
#include "tls.h"

static const char digits[] = "0123456789";

static bool
is_number(const char *s, uint32_t *number)
{
	uint64_t n = 0;

	if (s[strspn(s, digits)] != '\0' || strlen(s) > 10)
		return false;
	for (; *s != '\0'; s++)
		n = n * 10 + (uint64_t)(*s - '0');
	*number = (uint32_t)n;
	return n <= UINT32_MAX;
}

/* 192.0.2.300 has a dot, but was not meant as a domain. */
static bool
is_domain(const char *s)
{
	const char *label;
	size_t n;

	if (*s == '.')
		s++;
	for (label = s;; label += n + 1) {
		n = strcspn(label, ".");
		if (n == 0 || n > 63)
			return false;
		if (label[n] == '\0' || strcmp(label + n, ".") == 0)
			break;
	}
	return label[strspn(label, digits)] != '\0' && strpbrk(s, "/:%+*") == NULL;
}

/* By its text alone: 0, or -1 and the reason was told. */
static int
classify(struct parser *p, struct item *it)
{
	char right[ADDRESS_TEXT + 4], *hint;
	const char *slash;
	struct buf b = BUF_INIT;
	int r;

	it->kind = ITEM_WORD;
	if (it->quoted)
		return 0;
	if (is_number(it->text, &it->number)) {
		it->kind = ITEM_NUMBER;
		return 0;
	}
	if (strcmp(it->text, "<>") == 0 || strchr(it->text, '@') != NULL) {
		it->kind = ITEM_MAILBOX;
		return 0;
	}
	r = netblock_parse(it->text, strlen(it->text), &it->address, &it->prefix);
	if (r == 0) {
		it->kind = ITEM_NETWORK;
		return 0;
	}
	if (r == -2) {
		netblock_format(&it->address, it->prefix, right);
		buf_printf(&b, "did you mean %s?", right);
		hint = buf_steal(&b);
		diag_add(p->diags, DIAG_ERROR, &it->place, hint,
		    "the network %s has host bits set", it->text);
		free(hint);
		return -1;
	}
	if (strpbrk(it->text, "/:") != NULL) {
		slash = strchr(it->text, '/');
		diag_add(p->diags, DIAG_ERROR, &it->place,
		    slash != NULL && strchr(slash, '.') != NULL ?
		    "a network is written with the length of its prefix: 192.0.2.0/24" :
		    "a word with / or : stands in double quotes",
		    "\"%s\" is neither an address nor a network", it->text);
		return -1;
	}
	/* a version of TLS has a dot, too */
	if (strchr(it->text, '.') == NULL ||
	    tls_version(it->text, strlen(it->text)) != 0)
		return 0;
	/* a wildcard is for check_wild.c, which knows what it is compared with */
	if (!is_domain(it->text) && strchr(it->text, '*') == NULL) {
		diag_add(p->diags, DIAG_ERROR, &it->place, NULL,
		    "\"%s\" is neither an address nor a domain", it->text);
		return -1;
	}
	it->kind = ITEM_DOMAIN;
	return 0;
}

int
parse_item(struct parser *p, const struct token *t, struct list *l)
{
	struct item *it;

	l->items = grow(l->items, l->count, sizeof(*l->items));
	it = &l->items[l->count];
	memset(it, 0, sizeof(*it));
	it->quoted = t->kind == TOKEN_STRING;
	it->text = token_text(t);
	it->place = t->place;
	if (classify(p, it) == -1) {
		free(it->text);
		return -1;
	}
	l->count++;
	return 0;
}

/* A wrong item is left out, and the next one read. */
static int
parse_inline(struct parser *p, struct list *l)
{
	int result = 0;
	size_t seen = 0;

	while (!parser_accept_kind(p, TOKEN_UNBRACE)) {
		if (p->tok.kind != TOKEN_WORD && p->tok.kind != TOKEN_STRING)
			return parser_expected(p, seen > 0 ?
			    "an item of the list or \"}\"" : "an item of the list", NULL);
		if (parse_item(p, &p->tok, l) == -1)
			result = -1;
		seen++;
		parser_next(p);
		if (p->tok.kind != TOKEN_UNBRACE && !parser_accept_kind(p, TOKEN_COMMA))
			return parser_expected(p, "\",\" or \"}\"", NULL);
	}
	if (seen == 0) {
		diag_add(p->diags, DIAG_ERROR, &l->place, NULL, "the list is empty");
		return -1;
	}
	return result;
}

static void
read_list_file(struct parser *p, const struct source *s, struct list *l)
{
	struct lexer lx;
	struct token t, rest;

	lexer_init(&lx, s, p->diags);
	lx.by_line = true;
	while (lexer_statement(&lx)) {
		lexer_next(&lx, &t);
		if (t.kind == TOKEN_BAD)
			continue;
		lexer_next(&lx, &rest);
		if (rest.kind == TOKEN_BAD)
			continue;
		if (rest.kind != TOKEN_END)
			diag_add(p->diags, DIAG_ERROR, &rest.place, NULL,
			    "a list file has one item a line");
		else if (t.kind != TOKEN_WORD && t.kind != TOKEN_STRING)
			diag_add(p->diags, DIAG_ERROR, &t.place, NULL,
			    "expected an item of the list");
		else
			parse_item(p, &t, l);
	}
}

static int
parse_list_file(struct parser *p, struct list *l)
{
	struct buf b = BUF_INIT;
	struct source *s;
	char *path;

	l->origin = LIST_FILE;
	l->place = p->tok.place;
	path = parser_string(p, "a file name");
	if (path == NULL)
		return -1;
	s = source_open(p->policy->sources, path, SOURCE_LIST_MAX, p->source, &l->place,
	    p->diags);
	/* the canonical form has no includes: name the file from the first one */
	if (path[0] != '/')
		buf_puts(&b, p->source->base);
	buf_puts(&b, path);
	l->argument = buf_steal(&b);
	free(path);
	if (s == NULL)
		return -1;
	read_list_file(p, s, l);
	return 0;
}

int
parse_list_body(struct parser *p, struct list *l)
{
	if (parser_accept(p, "file"))
		return parse_list_file(p, l);
	if (parser_accept(p, "ciphers")) {
		l->origin = LIST_CIPHERS;
		l->place = p->tok.place;
		l->argument = parser_string(p, "a cipher string");
		return l->argument != NULL ? 0 : -1;
	}
	if (p->tok.kind != TOKEN_BRACE)
		return parser_expected(p, "a list",
		    "a list is { a, b }, file \"path\" or ciphers \"string\"");
	l->place = p->tok.place;
	parser_next(p);
	return parse_inline(p, l);
}

int
parse_list(struct parser *p)
{
	struct policy *policy = p->policy;
	struct list *l;
	struct place place = p->tok.place;
	char *name;
	int result;

	name = parser_name(p, "the name of the list");
	if (name == NULL)
		return -1;
	if (policy->list_count >= POLICY_RULES_MAX) {
		diag_add(p->diags, DIAG_ERROR, &place, NULL,
		    "the policy has more than %d lists", POLICY_RULES_MAX);
		lexer_stop(&p->lex);
		free(name);
		return -1;
	}
	l = mem_calloc(1, sizeof(*l));
	l->name = name;
	l->place = place;
	policy->lists = grow(policy->lists, policy->list_count, sizeof(struct list *));
	policy->lists[policy->list_count++] = l;
	if (!parser_accept_kind(p, TOKEN_EQ))
		return parser_expected(p, "\"=\"", NULL);
	result = parse_list_body(p, l);
	if (result == 0)
		result = parser_end(p);
	/* diagnostics about the list as a whole point to its name */
	l->place = place;
	return result;
}
