/*
 * check_cond.c owns the types of comparisons: which operator and which value
 * fits which attribute; it may not know the grammar, nor how facts are compared.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "check.h"
#include "lex.h"
#include "netblock.h"
#include "pattern.h"
#include "service.h"
#include "suggest.h"
#include "tls.h"

enum { EQUAL = 1, ORDER = 2, MEMBER = 4, REGEX = 8 };

static const struct type_row {
	unsigned int	 operators;
	const char	*values;	/* for people */
	const char	*usage;
} types[] = {
	[TYPE_WORD] = { EQUAL | MEMBER | REGEX, "a word", "=, !=, in, not in, ~ and !~" },
	[TYPE_NUMBER] = { EQUAL | ORDER | MEMBER, "a number",
	    "=, !=, <, <=, >, >=, in and not in" },
	[TYPE_ADDRESS] = { EQUAL | MEMBER, "an address or network",
	    "=, !=, in and not in" },
	[TYPE_TLS] = { EQUAL | ORDER | MEMBER, "a version of TLS",
	    "=, !=, <, <=, >, >=, in and not in" },
	[TYPE_CIPHER] = { EQUAL | MEMBER | REGEX, "a cipher suite",
	    "=, !=, in, not in, ~ and !~" },
	[TYPE_FLAG] = { EQUAL, "yes or no", "=, != or nothing at all" },
	[TYPE_DOMAIN] = { EQUAL | MEMBER | REGEX, "a host name",
	    "=, !=, in, not in, ~ and !~" },
	[TYPE_MAILBOX] = { EQUAL | MEMBER | REGEX, "a mail address",
	    "=, !=, in, not in, ~ and !~" },
	[TYPE_TEXT] = { EQUAL | MEMBER | REGEX, "a text", "=, !=, in, not in, ~ and !~" },
};

static const char *
service_word(const void *ctx, size_t i)
{
	const struct policy *p = ctx;

	if (i < p->service_count)
		return p->services[i].name;
	return i == p->service_count ? "other" : NULL;
}

int
check_service_name(struct check *c, const char *name, const struct place *place)
{
	struct buf hint = BUF_INIT;

	if (strcmp(name, "other") == 0 || service_find(c->policy, name) != NULL)
		return 0;
	diag_add(c->diags, DIAG_ERROR, place,
	    check_suggest(c, &hint, name, service_word, c->policy),
	    "no service is named \"%s\"", name);
	buf_free(&hint);
	return -1;
}

static const char *
version_word(const void *ctx, size_t i)
{
	static const uint32_t versions[] = {
		0x0002, 0x0300, 0x0301, 0x0302, TLS_1_2, TLS_1_3
	};

	(void)ctx;
	if (i >= sizeof(versions) / sizeof(versions[0]))
		return NULL;
	return tls_version_name(versions[i]);
}

static void
misfit(struct check *c, const struct cond *cond, const char *hint)
{
	const struct attr_info *info = attr_info(cond->attr);

	diag_add(c->diags, DIAG_ERROR, &cond->value_place, hint,
	    "\"%s\" is compared with %s, not with \"%s\"", info->name,
	    types[info->type].values, cond->value.text);
}

static void
check_number(struct check *c, struct cond *cond)
{
	struct value *v = &cond->value;
	uint64_t n = 0;
	size_t i;

	for (i = 0; v->text[i] >= '0' && v->text[i] <= '9' && i < 10; i++)
		n = n * 10 + (uint64_t)(v->text[i] - '0');
	if (i == 0 || v->text[i] != '\0' || n > UINT32_MAX)
		misfit(c, cond, NULL);
	else if (cond->attr == ATTR_PORT && n > UINT16_MAX)
		diag_add(c->diags, DIAG_ERROR, &cond->value_place, NULL,
		    "a port is at most %d", UINT16_MAX);
	v->number = (uint32_t)n;
}

static void
check_address(struct check *c, struct cond *cond)
{
	struct value *v = &cond->value;
	char right[ADDRESS_TEXT + 4];
	struct buf hint = BUF_INIT;

	switch (netblock_parse(v->text, strlen(v->text), &v->address, &v->prefix)) {
	case 0:
		break;
	case -2:
		netblock_format(&v->address, v->prefix, right);
		buf_printf(&hint, "did you mean %s?", right);
		diag_add(c->diags, DIAG_ERROR, &cond->value_place, buf_str(&hint),
		    "the network %s has host bits set", v->text);
		break;
	default:
		misfit(c, cond, NULL);
	}
	buf_free(&hint);
}

static void
check_tls(struct check *c, struct cond *cond)
{
	struct value *v = &cond->value;
	struct buf hint = BUF_INIT;
	const char *near;

	v->number = tls_version(v->text, strlen(v->text));
	if (v->number != 0)
		return;
	near = suggest(v->text, strlen(v->text), version_word, NULL);
	if (near != NULL)
		buf_printf(&hint, "did you mean %s?", near);
	else
		buf_puts(&hint, "one of SSLv2, SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3");
	misfit(c, cond, buf_str(&hint));
	buf_free(&hint);
}

static void
check_text(struct check *c, struct cond *cond)
{
	const struct attr_info *info = attr_info(cond->attr);
	struct value *v = &cond->value;
	struct cipher cipher;

	if (v->text[0] == '\0')
		diag_add(c->diags, DIAG_ERROR, &cond->value_place,
		    "what is lacking is none", "no session has an empty \"%s\"",
		    info->name);
	else if (strlen(v->text) > info->max)
		diag_add(c->diags, DIAG_ERROR, &cond->value_place, NULL,
		    "no \"%s\" is longer than %zu bytes", info->name, info->max);
	else if (check_wild(c, cond->attr, v->text, v->quoted, &cond->value_place))
		return;
	else if (cond->attr == ATTR_SERVICE)
		check_service_name(c, v->text, &cond->value_place);
	else if (info->type == TYPE_CIPHER) {
		if (tls_cipher(v->text, strlen(v->text), &cipher))
			v->suite = cipher.name;
		else
			misfit(c, cond, "a part of the name is matched by ~ /part/");
	}
	else if (info->type == TYPE_DOMAIN && v->text[0] == '.')
		misfit(c, cond, "subdomains are matched by: in { .example.org }");
	else if (info->type == TYPE_DOMAIN && strchr(v->text, '@') != NULL)
		misfit(c, cond, NULL);
	else if (info->type == TYPE_MAILBOX && strchr(v->text, '@') == NULL &&
	    strcmp(v->text, "<>") != 0)
		misfit(c, cond, "a domain is matched by: in { example.org }");
}

static void
check_value(struct check *c, struct cond *cond)
{
	struct value *v = &cond->value;

	v->type = attr_info(cond->attr)->type;
	switch (v->type) {
	case TYPE_NUMBER:
		check_number(c, cond);
		break;
	case TYPE_ADDRESS:
		check_address(c, cond);
		break;
	case TYPE_TLS:
		check_tls(c, cond);
		break;
	case TYPE_FLAG:
		v->number = strcmp(v->text, "yes") == 0;
		if (v->number == 0 && strcmp(v->text, "no") != 0)
			misfit(c, cond, NULL);
		break;
	default:
		check_text(c, cond);
	}
}

static void
check_pattern(struct check *c, struct cond *cond)
{
	const char *text = cond->pattern_text;
	char message[160];
	struct place place;
	size_t offset = 0;

	cond->pattern = pattern_compile(text, strlen(text), cond->pattern_nocase, message,
	    sizeof(message), &offset);
	c->policy->has_patterns = true;
	if (cond->pattern != NULL)
		return;
	place = lex_within(&cond->value_place, text, offset, true);
	diag_add(c->diags, DIAG_ERROR, &place, NULL,
	    "the regular expression cannot be used: %s", message);
}

/* Which of the groups of operators the comparison needs; 0: none. */
static unsigned int
group(enum cond_kind kind)
{
	switch (kind) {
	case COND_EQ:
		return EQUAL;
	case COND_LT:
	case COND_LE:
	case COND_GT:
	case COND_GE:
		return ORDER;
	case COND_IN:
		return MEMBER;
	case COND_MATCH:
		return REGEX;
	default:
		return 0;
	}
}

/* Can it be compared like this at all? */
static bool
operator_fits(struct check *c, const struct cond *cond)
{
	const struct attr_info *info = attr_info(cond->attr);
	const struct type_row *row = &types[info->type];
	struct buf hint = BUF_INIT;

	if (cond->kind == COND_PRESENT) {
		if (info->optional || info->type == TYPE_FLAG)
			return true;
		buf_printf(&hint, "compare it with %s", row->values);
		diag_add(c->diags, DIAG_ERROR, &cond->place, buf_str(&hint),
		    "\"%s\" alone asks nothing: every session has it", info->name);
	} else if (cond->kind == COND_NONE) {
		if (info->optional || info->depends != ATTR_NOTHING)
			return true;
		diag_add(c->diags, DIAG_ERROR, &cond->value_place, NULL,
		    "no session lacks \"%s\"", info->name);
	} else {
		if (row->operators & group(cond->kind))
			return true;
		buf_printf(&hint, "it is compared by %s", row->usage);
		diag_add(c->diags, DIAG_ERROR, &cond->value_place, buf_str(&hint),
		    "\"%s\" is %s: this comparison does not fit it", info->name,
		    row->values);
	}
	buf_free(&hint);
	return false;
}

void
check_cond(struct check *c, struct cond *cond)
{
	if (cond == NULL)
		return;
	check_cond(c, cond->left);
	check_cond(c, cond->right);
	/* an attribute nobody knows was reported when it was read */
	if (cond->attr == ATTR_NOTHING)
		return;
	c->policy->asks[cond->attr] = true;
	if (!operator_fits(c, cond))
		return;
	if (cond->kind == COND_IN)
		check_in(c, cond);
	else if (cond->kind == COND_MATCH)
		check_pattern(c, cond);
	else if (group(cond->kind) != 0)
		check_value(c, cond);
}
