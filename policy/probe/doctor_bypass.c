/*
 * doctor_bypass.c owns what lets sessions around the daemon, or lies to it, on
 * more than one service of a Postfix; it may not know of sockets or TLS.
 */
/* libc */
#include <ctype.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "address.h"
/* this folder */
#include "doctor_postfix.h"
#include "milter_list.h"

#define SEPARATORS	", \t"

/* Where a value is set, and so where it has to be changed. */
struct scope {
	const struct postfix_conf	*conf;
	const struct postfix_service	*entry;	/* NULL: main.cf */
	const char			*label;
	const char			*name;	/* of the parameter */
};

static void
paste_value(struct complaint *c, const struct scope *o, const char *value)
{
	struct buf b = BUF_INIT;

	if (o->entry != NULL) {
		put_override(&b, o->name, value);
		complaint_paste(c, "master.cf", o->entry->heading, "", buf_str(&b));
	} else {
		buf_printf(&b, "%s =%s%s", o->name, value[0] != '\0' ? " " : "",
		    value);
		complaint_paste(c, "main.cf", "", o->name, buf_str(&b));
	}
	buf_free(&b);
}

static void
add_word(struct buf *b, const char *text, size_t len)
{
	if (b->len > 0)
		buf_puts(b, ", ");
	buf_put(b, text, len);
}

/* --- milter_macro_defaults */

/* What a session's verdict rests on; {client_...} and {cert_...}, too. */
static bool
is_fact(const char *name, size_t len)
{
	static const char *const facts[] = { "tls_version", "cipher",
	    "cipher_bits", "verify", "cn_subject", "cn_issuer", "tls_sni",
	    "auth_type", "auth_authen", "auth_author", "daemon_port",
	    "daemon_addr", "daemon_name" };
	size_t i;

	/* Postfix takes the name with braces and without. */
	if (len > 2 && name[0] == '{' && name[len - 1] == '}')
		name++, len -= 2;
	if ((len > 7 && strncasecmp(name, "client_", 7) == 0) ||
	    (len > 5 && strncasecmp(name, "cert_", 5) == 0))
		return true;
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (strlen(facts[i]) == len && strncasecmp(name, facts[i], len) == 0)
			return true;
	return false;
}

/* One assignment: bytes of it; {name}=value, name=value, { {name} = value }. */
static size_t
assignment(const char *at, const char **name, size_t *name_len)
{
	unsigned int depth = 0;
	size_t n = 0;

	do {
		depth += at[n] == '{';
		depth -= at[n] == '}' && depth > 0;
		n++;
	} while (at[n] != '\0' && (depth > 0 || strchr(SEPARATORS, at[n]) == NULL));
	*name = at;
	if (at[0] == '{' && strchr(" \t{", at[1]) != NULL)
		*name += 1 + strspn(at + 1, " \t");
	*name_len = strcspn(*name, "= \t");
	return n;
}

static void
check_macro_defaults(struct checkup *k, const struct scope *o, const char *value)
{
	struct buf rest = BUF_INIT, bad = BUF_INIT;
	const char *name;
	size_t n, len;

	for (; *(value += strspn(value, SEPARATORS)) != '\0'; value += n) {
		n = assignment(value, &name, &len);
		if (is_fact(name, len))
			add_word(&bad, name, len);
		else
			add_word(&rest, value, n);
	}
	if (bad.len > 0)
		paste_value(complain(k, WEIGHT_FAULT, "macro-defaults", o->label,
		    "milter_macro_defaults forges what the policy rests on: %s",
		    buf_str(&bad)), o, buf_str(&rest));
	buf_free(&rest);
	buf_free(&bad);
}

/* --- the others */

static void
check_maps(struct checkup *k, const struct scope *o, const char *value)
{
	(void)value;
	paste_value(complain(k, WEIGHT_WARNING, "milter-maps", o->label,
	    "smtpd_milter_maps can give clients other milters, or none: they pass "
	    "unjudged (an exception belongs in the policy, where it has an end "
	    "and is on record)"), o, "");
}

/* This machine itself, or one address. */
static bool
is_one_host(const char *text, size_t len)
{
	struct address a;

	if (len > 2 && text[0] == '[' && text[len - 1] == ']')
		text++, len -= 2;
	if (len >= 4 && strncmp(text, "127.", 4) == 0)
		return true;
	if (len > 2 && strncmp(text, "[::1]/128", len) == 0)
		return true;
	return address_parse(&a, text, len) == 0;
}

static void
check_xclient(struct checkup *k, const struct scope *o, const char *value)
{
	struct buf rest = BUF_INIT, bad = BUF_INIT;
	size_t n;

	for (; *(value += strspn(value, SEPARATORS)) != '\0'; value += n) {
		n = strcspn(value, SEPARATORS);
		add_word(is_one_host(value, n) ? &rest : &bad, value, n);
	}
	if (bad.len > 0)
		paste_value(complain(k, WEIGHT_WARNING, "xclient", o->label,
		    "smtpd_authorized_xclient_hosts is wider than single addresses "
		    "(%s): whoever comes from there chooses client, port and login, "
		    "and has the front end's TLS", buf_str(&bad)), o,
		    buf_str(&rest));
	else
		complain(k, WEIGHT_NOTE, "xclient", o->label, "%s may choose "
		    "client, port and login of a session (XCLIENT); the TLS on "
		    "record is that of the front end", buf_str(&rest));
	buf_free(&rest);
	buf_free(&bad);
}

static const struct {
	const char	*name;
	void		(*check)(struct checkup *, const struct scope *, const char *);
} checks[] = {
	{ "milter_macro_defaults", check_macro_defaults },
	{ "smtpd_milter_maps", check_maps },
	{ "smtpd_authorized_xclient_hosts", check_xclient },
};

/* In main.cf when a judged service has it from there, and where it is set. */
static void
check_all(struct checkup *k, const struct smtp_service *all, size_t count,
    const struct postfix_conf *conf, size_t which)
{
	struct scope o = { conf, NULL, "", checks[which].name };
	struct buf b = BUF_INIT;
	bool inherited = false;
	const char *value;
	size_t i;

	for (i = 0; i < count; i++)
		if (all[i].judged &&
		    params_get(&all[i].entry->overrides, o.name) == NULL)
			inherited = true;
	value = postfix_get(conf, NULL, o.name, &b);
	if (inherited && value[0] != '\0')
		checks[which].check(k, &o, value);
	for (i = 0; i < count; i++) {
		o.entry = all[i].entry;
		o.label = all[i].label;
		if (!all[i].judged || params_get(&o.entry->overrides, o.name) == NULL)
			continue;
		value = postfix_get(conf, o.entry, o.name, &b);
		if (value[0] != '\0')
			checks[which].check(k, &o, value);
	}
	buf_free(&b);
}

/* Mail that came by no SMTP has nothing to judge, and no port to judge it by. */
static void
check_non_smtpd(struct checkup *k, const struct postfix_conf *conf,
    const struct target *t)
{
	const struct postfix_service *cleanup;
	static const struct postfix_service nobody;
	struct scope o = { conf, NULL, "", "non_smtpd_milters" };
	struct milter_list list;
	struct buf b = BUF_INIT;
	bool found = false, stale;
	size_t i;

	cleanup = postfix_service_find(conf, "cleanup", "unix");
	if (cleanup != NULL && params_get(&cleanup->overrides, o.name) != NULL) {
		o.entry = cleanup;
		o.label = cleanup->name;
	}
	milter_list_parse(&list, postfix_get(conf, cleanup, o.name, &b));
	for (i = 0; i < list.count; i++)
		if (is_ours(t, cleanup != NULL ? cleanup : &nobody,
		    list.all[i].address, &stale) || stale) {
			milter_list_remove(&list, i--);
			found = true;
		}
	buf_clear(&b);
	milter_list_put(&list, &b);
	if (found)
		paste_value(complain(k, WEIGHT_WARNING, "non-smtpd-milters",
		    o.label, "non_smtpd_milters has tlswardend: mail of this machine "
		    "itself has no port, TLS or login, and only fills the log"),
		    &o, buf_str(&b));
	milter_list_clear(&list);
	buf_free(&b);
}

void
doctor_bypass(struct checkup *k, const struct smtp_service *all, size_t count,
    const struct postfix_conf *conf, const struct target *t)
{
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		check_all(k, all, count, conf, i);
	check_non_smtpd(k, conf, t);
	for (i = 0; i < count; i++)
		if (all[i].proxied)
			complain(k, WEIGHT_NOTE, "proxy-protocol", all[i].label,
			    "client and port are what the front end says (PROXY): only "
			    "it may reach this port; TLS that ends at the front end is "
			    "not seen here");
}
