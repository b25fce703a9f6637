/*
 * postfix_expand.c owns $name and its kin in Postfix's parameters, and their
 * defaults; it may not know what a parameter means.
 */
/* libc */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
/* this folder */
#include "postfix_conf.h"

#define DEPTH_MAX	16
#define NAMES_MAX	1000	/* looked up for one value */
#define BLANKS		" \t\r\n"

/*
 * What we ask about, as Postfix 3.10 has it; a Postfix that can be asked for
 * its own defaults is.
 */
static const struct {
	const char	*name;
	const char	*value;
} defaults[] = {
	{ "compatibility_level", "0" },
	{ "inet_interfaces", "all" },
	{ "mail_owner", "postfix" },
	{ "mail_version", "" },
	{ "milter_default_action", "tempfail" },
	{ "milter_macro_daemon_name", "$myhostname" },
	{ "milter_macro_defaults", "" },
	{ "milter_protocol", "6" },
	{ "non_smtpd_milters", "" },
	{ "postscreen_upstream_proxy_protocol", "" },
	{ "queue_directory", "/var/spool/postfix" },
	{ "receive_override_options", "" },
	{ "smtpd_authorized_xclient_hosts", "" },
	{ "smtpd_enforce_tls", "no" },
	{ "smtpd_milter_maps", "" },
	{ "smtpd_milters", "" },
	{ "smtpd_sasl_auth_enable", "no" },
	{ "smtpd_service_name", "smtpd" },
	{ "smtpd_tls_auth_only", "no" },
	{ "smtpd_tls_dkey_file", "$smtpd_tls_dcert_file" },
	{ "smtpd_tls_eckey_file", "$smtpd_tls_eccert_file" },
	{ "smtpd_tls_key_file", "$smtpd_tls_cert_file" },
	{ "smtpd_tls_mandatory_protocols", ">=TLSv1" },
	{ "smtpd_tls_protocols", ">=TLSv1" },
	{ "smtpd_tls_security_level", "" },
	{ "smtpd_tls_wrappermode", "no" },
	{ "smtpd_upstream_proxy_protocol", "" },
	{ "smtpd_use_tls", "no" },
};

struct expansion {
	const struct postfix_conf	*conf;
	const struct postfix_service	*service;
	struct buf			*out;
	unsigned int			*names;	/* how many there were */
};

static void	expand(struct expansion *, const char *, size_t, unsigned int);

const char *
postfix_default(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (strcmp(defaults[i].name, name) == 0)
			return defaults[i].value;
	return "";
}

static const char *
look_up(const struct expansion *e, const char *name)
{
	const char *value;

	value = postfix_raw(e->conf, e->service, name);
	if (value == NULL && e->service != NULL &&
	    strcmp(name, "service_name") == 0)
		return e->service->name;
	if (value == NULL)
		value = params_get(&e->conf->defaults, name);
	return value != NULL ? value : postfix_default(name);
}

static void
expand_name(struct expansion *e, const char *name, size_t len,
    unsigned int depth)
{
	struct buf b = BUF_INIT;
	const char *value;

	buf_put(&b, name, len);
	value = look_up(e, buf_str(&b));
	expand(e, value, strlen(value), depth + 1);
	buf_free(&b);
}

/* Bytes up to the one that closes what text begins with, or len. */
static size_t
closing(const char *text, size_t len)
{
	char open = text[0], close = open == '{' ? '}' : ')';
	unsigned int depth = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		depth += text[i] == open;
		depth -= text[i] == close;
		if (depth == 0)
			return i;
	}
	return len;
}

static size_t
skip_blanks(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && strchr(BLANKS, text[i]) != NULL)
		i++;
	return i;
}

/* Cut "{ ... }" off the front: the inside, stripped; 0 when there is none. */
static size_t
take_braces(const char **at, size_t *left, const char **inside)
{
	size_t blank = skip_blanks(*at, *left), end, len;

	*at += blank;
	*left -= blank;
	*inside = *at;
	if (*left == 0 || **at != '{')
		return 0;
	end = closing(*at, *left);
	blank = 1 + skip_blanks(*at + 1, end > 0 ? end - 1 : 0);
	*inside = *at + blank;
	len = end > blank ? end - blank : 0;
	while (len > 0 && strchr(BLANKS, (*inside)[len - 1]) != NULL)
		len--;
	end = end < *left ? end + 1 : end;
	*at += end;
	*left -= end;
	return len;
}

/* What follows a colon, in braces or up to the end. */
static void
expand_otherwise(struct expansion *e, const char *text, size_t len,
    unsigned int depth)
{
	const char *inside;
	size_t n, blank = skip_blanks(text, len);

	if (blank < len && text[blank] == '{') {
		n = take_braces(&text, &len, &inside);
		text = inside;
		len = n;
	}
	expand(e, text, len, depth + 1);
}

/*
 * What follows ? or :, in braces or (only ?) up to the end.  As many as there
 * are, one behind the other: what is read may be long, and the stack is not.
 */
static void
expand_branches(struct expansion *e, bool yes, const char *text, size_t len,
    unsigned int depth)
{
	const char *inside;
	size_t n, blank;

	for (;;) {
		blank = skip_blanks(text, len);
		text += blank;
		len -= blank;
		if (len == 0 || (*text != '?' && *text != ':'))
			return;
		if (*text == ':') {
			if (!yes)
				expand_otherwise(e, text + 1, len - 1, depth);
			return;
		}
		text++, len--;
		blank = skip_blanks(text, len);
		if (blank >= len || text[blank] != '{')
			break;
		n = take_braces(&text, &len, &inside);
		if (yes) {
			expand(e, inside, n, depth + 1);
			return;
		}
	}
	if (yes)
		expand(e, text, len, depth + 1);
}

/* Numbers parted by dots, as compatibility levels are; else as text. */
static int
compare(const char *a, const char *b)
{
	char *rest_a, *rest_b;
	long x, y;

	while (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
		x = strtol(a, &rest_a, 10);
		y = strtol(b, &rest_b, 10);
		if (x != y)
			return x < y ? -1 : 1;
		a = rest_a + (*rest_a == '.');
		b = rest_b + (*rest_b == '.');
	}
	return strcmp(a, b);
}

static bool
holds(const char *operator, size_t len, int order)
{
	static const struct {
		const char	*name;
		bool		 below, same, above;
	} operators[] = {
		{ "==", false, true, false },
		{ "!=", true, false, true },
		{ "<=", true, true, false },
		{ ">=", false, true, true },
		{ "<", true, false, false },
		{ ">", false, false, true },
	};
	size_t i, n;

	for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		n = strlen(operators[i].name);
		if (len < n || strncmp(operator, operators[i].name, n) != 0)
			continue;
		return order < 0 ? operators[i].below :
		    order == 0 ? operators[i].same : operators[i].above;
	}
	return false;
}

/* {a} OPERATOR {b} ? {yes} : {no} */
static void
expand_comparison(struct expansion *e, const char *text, size_t len,
    unsigned int depth)
{
	struct buf left = BUF_INIT, right = BUF_INIT;
	struct expansion side = *e;
	const char *inside, *operator;
	size_t n;
	bool yes;

	n = take_braces(&text, &len, &inside);
	side.out = &left;
	expand(&side, inside, n, depth + 1);
	n = skip_blanks(text, len);
	operator = text + n;
	len -= n;
	for (n = 0; n < len && operator[n] != '{'; n++)
		;
	text = operator + n;
	len -= n;
	yes = n > 0;
	if (yes) {
		size_t m = take_braces(&text, &len, &inside);

		side.out = &right;
		expand(&side, inside, m, depth + 1);
		yes = holds(operator, n, compare(buf_str(&left), buf_str(&right)));
		expand_branches(e, yes, text, len, depth);
	}
	buf_free(&left);
	buf_free(&right);
}

/* What stands between ${ and }: name, name?text, name:text, a comparison. */
static void
expand_braces(struct expansion *e, const char *text, size_t len,
    unsigned int depth)
{
	struct buf value = BUF_INIT;
	struct expansion inner = *e;
	size_t n = 0, blank = skip_blanks(text, len);

	text += blank;
	len -= blank;
	if (len > 0 && *text == '{') {
		expand_comparison(e, text, len, depth);
		return;
	}
	while (n < len && (isalnum((unsigned char)text[n]) || text[n] == '_'))
		n++;
	if (n + skip_blanks(text + n, len - n) == len) {
		expand_name(e, text, n, depth);
		return;
	}
	inner.out = &value;
	expand_name(&inner, text, n, depth);
	expand_branches(e, value.len > 0, text + n, len - n, depth);
	buf_free(&value);
}

/* One $ and what belongs to it: how many bytes that was. */
static size_t
expand_dollar(struct expansion *e, const char *text, size_t len,
    unsigned int depth)
{
	size_t n = 1;

	if (len < 2)
		return len;
	if (text[1] == '$') {
		buf_putc(e->out, '$');
		return 2;
	}
	if (text[1] == '{' || text[1] == '(') {
		n = closing(text + 1, len - 1);
		expand_braces(e, text + 2, n > 0 ? n - 1 : 0, depth);
		return n + 2 < len ? n + 2 : len;
	}
	while (n < len && (isalnum((unsigned char)text[n]) || text[n] == '_'))
		n++;
	expand_name(e, text + 1, n - 1, depth);
	return n;
}

/* A loop among the names ends at the depth, or when the value is too long. */
static void
expand(struct expansion *e, const char *text, size_t len, unsigned int depth)
{
	size_t i = 0;

	if (depth > DEPTH_MAX || ++*e->names > NAMES_MAX)
		return;
	while (i < len && e->out->len < POSTFIX_VALUE_MAX) {
		if (text[i] == '$')
			i += expand_dollar(e, text + i, len - i, depth);
		else
			buf_putc(e->out, text[i++]);
	}
}

const char *
postfix_get(const struct postfix_conf *c, const struct postfix_service *s,
    const char *name, struct buf *b)
{
	unsigned int names = 0;
	struct expansion e = { c, s, b, &names };

	buf_clear(b);
	expand_name(&e, name, strlen(name), 0);
	return buf_str(b);
}
