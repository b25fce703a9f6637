/*
 * check_list.c owns the indexes of lists, and the proof that a list fits the
 * attribute it is compared with; it may not know how lists are written.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "check.h"
#include "mem.h"
#include "netblock.h"
#include "strset.h"
#include "tls.h"

/* A suite enters by its one name as well, which is the one looked up. */
static void
add_suite(void *ctx, const char *name)
{
	struct strset *set = ctx;
	struct cipher cipher;

	strset_add(set, name);
	if (tls_cipher(name, strlen(name), &cipher))
		strset_add(set, cipher.name);
}

static int
by_number(const void *va, const void *vb)
{
	uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

	return a < b ? -1 : a > b;
}

void
list_index(struct check *c, struct list *l)
{
	size_t i;

	l->strings = strset_new();
	if (l->origin == LIST_CIPHERS) {
		if (l->argument != NULL &&
		    tls_cipher_string(l->argument, add_suite, l->strings) == -1)
			diag_add(c->diags, DIAG_ERROR, &l->place,
			    "openssl ciphers -v 'STRING' shows what a string selects",
			    "OpenSSL finds no cipher for \"%s\"", l->argument);
		return;
	}
	for (i = 0; i < l->count; i++) {
		const struct item *it = &l->items[i];

		if (it->kind == ITEM_NETWORK) {
			if (l->networks == NULL)
				l->networks = netblock_new();
			netblock_add(l->networks, &it->address, it->prefix);
			continue;
		}
		strset_add(l->strings, it->text);
		if (it->kind != ITEM_NUMBER)
			continue;
		if (l->numbers == NULL)
			l->numbers = mem_calloc(l->count, sizeof(*l->numbers));
		l->numbers[l->number_count++] = it->number;
	}
	if (l->numbers != NULL)
		qsort(l->numbers, l->number_count, sizeof(*l->numbers), by_number);
}

static int
by_name(const void *va, const void *vb)
{
	const struct list_entry *a = va, *b = vb;

	return strcmp(a->list->name, b->list->name);
}

void
check_lists(struct check *c)
{
	struct policy *p = c->policy;
	struct strset *names = strset_new();
	size_t i;

	c->lists = mem_calloc(p->list_count, sizeof(*c->lists));
	for (i = 0; i < p->list_count; i++) {
		struct list *l = p->lists[i];

		list_index(c, l);
		if (strset_contains(names, l->name, strlen(l->name))) {
			diag_add(c->diags, DIAG_ERROR, &l->place, NULL,
			    "there is a list \"%s\" already", l->name);
			continue;
		}
		strset_add(names, l->name);
		c->lists[c->list_count++].list = l;
	}
	strset_free(names);
	qsort(c->lists, c->list_count, sizeof(*c->lists), by_name);
}

static const char *
list_name(const void *ctx, size_t i)
{
	const struct check *c = ctx;

	return i < c->list_count ? c->lists[i].list->name : NULL;
}

static struct list_entry *
find_list(struct check *c, const struct cond *cond)
{
	struct list wanted = { .name = cond->list_name };
	struct list_entry key = { .list = &wanted }, *found;
	struct buf hint = BUF_INIT;

	found = bsearch(&key, c->lists, c->list_count, sizeof(*c->lists), by_name);
	if (found != NULL)
		return found;
	if (check_suggest(c, &hint, cond->list_name, list_name, c) == NULL)
		buf_puts(&hint, "a single value stands in braces: { value }");
	diag_add(c->diags, DIAG_ERROR, &cond->value_place, buf_str(&hint),
	    "no list is named \"%s\"", cond->list_name);
	buf_free(&hint);
	return NULL;
}

/*
 * NULL when the item can be compared with the attribute, else what is needed.
 * Names of several spellings enter the index with all of them.
 */
static const char *
item_fault(const struct item *it, enum attr attr, struct strset *strings)
{
	struct cipher cipher;
	uint32_t version;

	switch (attr_info(attr)->type) {
	case TYPE_ADDRESS:
		return it->kind == ITEM_NETWORK ? NULL : "an address or network";
	case TYPE_NUMBER:
		if (attr == ATTR_PORT && it->number > UINT16_MAX)
			return "a port";
		return it->kind == ITEM_NUMBER ? NULL : "a number";
	case TYPE_TLS:
		version = tls_version(it->text, strlen(it->text));
		if (version == 0)
			return "a version of TLS";
		strset_add(strings, tls_version_name(version));
		return NULL;
	case TYPE_CIPHER:
		if (!tls_cipher(it->text, strlen(it->text), &cipher))
			return "a cipher suite";
		strset_add(strings, cipher.name);
		return NULL;
	case TYPE_DOMAIN:
		return it->kind != ITEM_NETWORK && it->kind != ITEM_MAILBOX ? NULL :
		    "a domain";
	case TYPE_MAILBOX:
		return it->kind != ITEM_NETWORK ? NULL : "a mail address or a domain";
	default:
		return it->kind != ITEM_NETWORK ? NULL : "a word or text";
	}
}

/* One item that does not fit is enough: the others are likely of its kind. */
static bool
list_fits(struct check *c, const struct cond *cond, struct list *l)
{
	const char *name = attr_info(cond->attr)->name, *fault;
	const struct place *place;
	size_t i;

	if (l->origin == LIST_CIPHERS && cond->attr != ATTR_CIPHER) {
		diag_add(c->diags, DIAG_ERROR, &cond->value_place, NULL,
		    "a list of ciphers does not fit the attribute \"%s\"", name);
		return false;
	}
	for (i = 0; i < l->count; i++) {
		const struct item *it = &l->items[i];

		/* it is the item that is wrong, whatever asks for it */
		if (check_wild(c, cond->attr, it->text, it->quoted, &it->place))
			continue;
		place = l->name == NULL ? &it->place : &cond->value_place;
		if (cond->attr == ATTR_SERVICE) {
			if (check_service_name(c, it->text, place) == -1)
				return false;
			continue;
		}
		fault = item_fault(it, cond->attr, l->strings);
		if (fault == NULL)
			continue;
		diag_add(c->diags, DIAG_ERROR, place, NULL,
		    "the list does not fit the attribute \"%s\": \"%s\" is not %s",
		    name, it->text, fault);
		return false;
	}
	return true;
}

void
check_in(struct check *c, struct cond *cond)
{
	struct list_entry *entry;
	uint32_t bit = 1u << cond->attr;

	if (cond->list_name == NULL) {
		list_index(c, cond->list);
		list_fits(c, cond, cond->list);
		return;
	}
	entry = find_list(c, cond);
	if (entry == NULL)
		return;
	entry->list->used = true;
	cond->list = entry->list;
	/* a long list is proved once, however many rules ask it */
	if ((entry->fits & bit) == 0 && list_fits(c, cond, entry->list))
		entry->fits |= bit;
}
