/*
 * print.c owns the canonical form of a policy: includes expanded, statements in
 * a fixed order, one clause a line.  It may not know how a policy is read, but
 * what it writes must read back as the same policy.
 */
/* libc */
#include <string.h>
/* this project */
#include "lex.h"
#include "netblock.h"
#include "policy.h"
#include "print.h"
#include "rule.h"
#include "settings.h"
#include "tls.h"

#define COLUMNS		90
#define CLAUSE		"    "
#define FURTHER		"        "

void
print_value(struct buf *out, const char *s, bool quoted)
{
	if (!quoted && lex_is_word(s)) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

/*
 * Words put one after the other, with a line end where the next would not fit:
 * a line of a policy has a limit, and a list has none.
 */
struct flow {
	struct buf	*out;
	size_t		 line;		/* where the current line begins */
	bool		 wrap;
};

/* When the line is too long now, break it before what begins at `start'. */
static void
flow_fit(struct flow *f, size_t start)
{
	struct buf tail = BUF_INIT;

	if (!f->wrap || f->out->len - f->line <= COLUMNS ||
	    start <= f->line + strlen(FURTHER))
		return;
	buf_puts(&tail, f->out->data + start);
	/* the blank before it goes */
	buf_truncate(f->out, start - 1);
	buf_putc(f->out, '\n');
	f->line = f->out->len;
	buf_puts(f->out, FURTHER);
	buf_puts(f->out, buf_str(&tail));
	buf_free(&tail);
}

static void
print_regex(const struct cond *c, struct buf *out)
{
	const char *s;

	buf_putc(out, '/');
	for (s = c->pattern_text; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			buf_putc(out, *s++);
		else if (*s == '/')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_puts(out, c->pattern_nocase ? "/i" : "/");
}

static void
print_item(const struct item *it, struct buf *out)
{
	char text[ADDRESS_TEXT + 4];

	if (it->kind == ITEM_NETWORK) {
		netblock_format(&it->address, it->prefix, text);
		buf_puts(out, text);
	} else
		print_value(out, it->text, it->quoted);
}

static void
print_list_body(const struct list *l, struct flow *f)
{
	struct buf *out = f->out;
	size_t i, start;

	if (l->origin != LIST_INLINE) {
		buf_puts(out, l->origin == LIST_FILE ? "file " : "ciphers ");
		print_value(out, l->argument, true);
		return;
	}
	buf_puts(out, "{ ");
	for (i = 0; i < l->count; i++) {
		start = out->len;
		print_item(&l->items[i], out);
		buf_puts(out, i + 1 < l->count ? "," : " }");
		flow_fit(f, start);
		if (i + 1 < l->count)
			buf_putc(out, ' ');
	}
}

/*
 * As the attribute reads it, where one value has several spellings.  Before
 * check.c a value has no type yet: then as written.
 */
static void
print_comparand(const struct cond *c, struct buf *out)
{
	const struct value *v = &c->value;
	char text[ADDRESS_TEXT + 4];

	if (c->attr != ATTR_NOTHING && !v->quoted)
		switch (attr_info(c->attr)->type) {
		case TYPE_NUMBER:
			buf_printf(out, "%u", v->number);
			return;
		case TYPE_TLS:
			buf_puts(out, tls_version_name(v->number));
			return;
		case TYPE_FLAG:
			buf_puts(out, v->number != 0 ? "yes" : "no");
			return;
		case TYPE_ADDRESS:
			netblock_format(&v->address, v->prefix, text);
			buf_puts(out, text);
			return;
		default:
			break;
		}
	print_value(out, v->text, v->quoted);
}

static void
print_comparison(const struct cond *c, struct flow *f)
{
	struct buf *out = f->out;

	buf_puts(out, c->attr != ATTR_NOTHING ? attr_info(c->attr)->name : "?");
	switch (c->kind) {
	case COND_NONE:
		buf_puts(out, c->negated ? " != none" : " = none");
		break;
	case COND_EQ:
		buf_puts(out, c->negated ? " != " : " = ");
		print_comparand(c, out);
		break;
	case COND_LT:
	case COND_LE:
		buf_puts(out, c->kind == COND_LT ? " < " : " <= ");
		print_comparand(c, out);
		break;
	case COND_GT:
	case COND_GE:
		buf_puts(out, c->kind == COND_GT ? " > " : " >= ");
		print_comparand(c, out);
		break;
	case COND_IN:
		buf_puts(out, c->negated ? " not in " : " in ");
		if (c->list_name != NULL)
			buf_puts(out, c->list_name);
		else
			print_list_body(c->list, f);
		break;
	case COND_MATCH:
		buf_puts(out, c->negated ? " !~ " : " ~ ");
		print_regex(c, out);
		break;
	default:
		break;
	}
}

static void	print_flow(const struct cond *, struct flow *);

/* In parentheses where the grammar would read it otherwise. */
static void
print_part(const struct cond *c, bool enclosed, struct flow *f)
{
	if (enclosed)
		buf_putc(f->out, '(');
	print_flow(c, f);
	if (enclosed)
		buf_putc(f->out, ')');
}

/* Break before what follows, when that would not fit. */
static void
flow_before(const struct cond *c, struct flow *f)
{
	struct buf ahead = BUF_INIT;
	struct flow once = { .out = &ahead };

	if (!f->wrap)
		return;
	print_flow(c, &once);
	/* "and " and a parenthesis at each end */
	if (f->out->len - f->line + ahead.len + 6 > COLUMNS) {
		buf_truncate(f->out, f->out->len - 1);
		buf_putc(f->out, '\n');
		f->line = f->out->len;
		buf_puts(f->out, FURTHER);
	}
	buf_free(&ahead);
}

static void
print_flow(const struct cond *c, struct flow *f)
{
	switch (c->kind) {
	case COND_AND:
	case COND_OR:
		print_part(c->left, c->kind == COND_AND && c->left->kind == COND_OR, f);
		buf_putc(f->out, ' ');
		flow_before(c->right, f);
		buf_puts(f->out, c->kind == COND_AND ? "and " : "or ");
		print_part(c->right, c->kind == COND_AND && c->right->kind == COND_OR, f);
		break;
	case COND_NOT:
		buf_puts(f->out, "not ");
		print_part(c->left,
		    c->left->kind == COND_AND || c->left->kind == COND_OR, f);
		break;
	default:
		print_comparison(c, f);
		break;
	}
}

void
policy_print_cond(const struct cond *c, struct buf *out)
{
	struct flow f = { .out = out };

	print_flow(c, &f);
}

enum attr
policy_cond_attr(const struct cond *c)
{
	return c->attr;
}

static void
print_action(const struct rule *r, struct buf *out)
{
	buf_puts(out, action_name(r->action));
	if (r->reply.code != 0) {
		buf_printf(out, " %03u %s ", r->reply.code, r->reply.enhanced);
		print_value(out, r->reply.text, true);
	}
	buf_putc(out, '\n');
}

static void
print_day(const char *word, day_t day, struct buf *out)
{
	if (day != 0)
		buf_printf(out, CLAUSE "%s %04u-%02u-%02u\n", word, day / 10000,
		    day / 100 % 100, day % 100);
}

static void
print_quoted(const char *word, const char *text, struct buf *out)
{
	if (text == NULL)
		return;
	buf_printf(out, CLAUSE "%s ", word);
	print_value(out, text, true);
	buf_putc(out, '\n');
}

static void
print_rule(const struct rule *r, struct buf *out)
{
	struct flow f = { .out = out, .wrap = true };

	buf_printf(out, "rule %s\n", r->name);
	if (r->cond != NULL) {
		f.line = out->len;
		buf_puts(out, CLAUSE "if ");
		print_flow(r->cond, &f);
		buf_putc(out, '\n');
	}
	buf_puts(out, CLAUSE);
	print_action(r, out);
	if (r->alarm != NULL)
		buf_printf(out, CLAUSE "alarm %s\n", r->alarm);
	if (r->observe)
		buf_puts(out, CLAUSE "observe\n");
	print_day("from", r->from, out);
	print_day("until", r->until, out);
	if (r->has_share)
		buf_printf(out, CLAUSE "share %u%%\n", r->share);
	print_quoted("owner", r->owner, out);
	print_quoted("because", r->because, out);
}

static void
print_service(const struct service *s, struct buf *out)
{
	struct flow f = { .out = out, .line = out->len, .wrap = true };
	char text[ADDRESS_TEXT];
	size_t i, start;
	size_t n = s->port_count + s->daemon_count + s->listener_count;

	buf_printf(out, "service %s", s->name);
	for (i = 0; i < n; i++) {
		size_t k = i;

		buf_putc(out, ' ');
		start = out->len;
		if (k < s->port_count)
			buf_printf(out, "%s%u", k == 0 ? "port " : "", s->ports[k]);
		else if ((k -= s->port_count) < s->daemon_count) {
			buf_puts(out, k == 0 ? "daemon " : "");
			print_value(out, s->daemons[k],
			    strcmp(s->daemons[k], "port") == 0 ||
			    strcmp(s->daemons[k], "daemon") == 0 ||
			    strcmp(s->daemons[k], "listener") == 0 ||
			    strcmp(s->daemons[k], "tls") == 0);
		} else {
			k -= s->daemon_count;
			address_format(&s->listeners[k], text);
			buf_printf(out, "%s%s", k == 0 ? "listener " : "", text);
		}
		flow_fit(&f, start);
	}
	buf_puts(out, s->implicit_tls ? " tls implicit\n" : "\n");
}

static void
print_given(const struct given *g, struct buf *out)
{
	buf_puts(out, g->attr == ATTR_NOTHING ? "date" : attr_info(g->attr)->name);
	buf_putc(out, '=');
	print_value(out, g->text, !g->none && strcmp(g->text, "none") == 0);
}

static void
print_expect(const struct expect *e, struct buf *out)
{
	struct flow f = { .out = out, .line = out->len, .wrap = true };
	size_t i, start;

	buf_printf(out, "expect %s", e->undecided ? "undecided" : action_name(e->action));
	if (e->rule != NULL)
		buf_printf(out, " by %s", e->rule);
	for (i = 0; i < e->count; i++) {
		buf_puts(out, i == 0 ? " when " : " ");
		start = out->len;
		print_given(&e->given[i], out);
		flow_fit(&f, start);
	}
	buf_putc(out, '\n');
}

/* Groups stand apart. */
static void
gap(struct buf *out, size_t start)
{
	if (out->len > start)
		buf_putc(out, '\n');
}

static void
print_list(const struct list *l, struct buf *out)
{
	struct flow f = { .out = out, .line = out->len, .wrap = true };

	buf_printf(out, "list %s = ", l->name);
	print_list_body(l, &f);
	buf_putc(out, '\n');
}

void
policy_print(const struct policy *p, struct buf *out)
{
	size_t i, start = out->len;

	settings_print(&p->settings, out);
	gap(out, start);
	start = out->len;
	for (i = 0; i < p->service_count; i++)
		if (!p->services[i].builtin)
			print_service(&p->services[i], out);
	gap(out, start);
	start = out->len;
	for (i = 0; i < p->list_count; i++)
		print_list(p->lists[i], out);
	gap(out, start);
	for (i = 0; i < p->rule_count; i++) {
		print_rule(&p->rules[i], out);
		buf_putc(out, '\n');
	}
	buf_puts(out, "default ");
	print_action(&p->fallback, out);
	if (p->expect_count > 0)
		buf_putc(out, '\n');
	for (i = 0; i < p->expect_count; i++)
		print_expect(&p->expects[i], out);
}
