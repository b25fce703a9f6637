/*
 * doctor_sendmail.c owns what is wrong with each port of a Sendmail, and the
 * line it ought to have; it may not know where the file came from.
 */
/* libc */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "mem.h"
/* this folder */
#include "doctor_sendmail.h"

#define TIMES		"T=C:10s;S:10s;R:10s"
#define STARTTLS_OFF	'S'
#define AUTH_OFF	'A'
#define AUTH_WANTED	'a'
#define TLS_FIRST	's'
#define DAEMON_MC	"DAEMON_OPTIONS(`"

/* --- what a daemon is */

static const char *
key(const struct sendmail_daemon *d, const char *letter)
{
	const char *value = params_get(&d->keys, letter);

	return value != NULL ? value : "";
}

static bool
has_flag(const char *modifiers, char flag)
{
	return strchr(modifiers, flag) != NULL;
}

/* Milters of the daemon: its own list, or that of all. */
static const char *
filters_of(const struct sendmail_conf *c, const struct sendmail_daemon *d)
{
	const char *own = params_get(&d->keys, "I");

	return own != NULL ? own : sendmail_option(c, "inputmailfilters");
}

static bool
is_our_filter(const struct sendmail_filter *f, const struct milter_socket *ours)
{
	struct milter_socket s;
	const char *address;
	bool same;

	address = f != NULL ? params_get(&f->keys, "S") : NULL;
	if (address == NULL || milter_socket_parse(&s, address) == -1)
		return false;
	same = milter_socket_same(&s, ours);
	milter_socket_clear(&s);
	return same;
}

/* F=T 4xx, F=4 421, F=R 5xx; nothing: mail passes. */
static const char *
action_of(const struct sendmail_filter *f)
{
	const char *flags = params_get(&f->keys, "F");

	if (flags == NULL)
		return "accept";
	return strchr(flags, 'R') != NULL ? "reject" :
	    strchr(flags, 'T') != NULL || strchr(flags, '4') != NULL ?
	    "tempfail" : "accept";
}

static bool
action_fits(const struct port *p, const char *action)
{
	return p->closed ? strcmp(action, "accept") != 0 :
	    strcmp(action, "reject") != 0;
}

static void
describe(const struct checkup *k, const struct sendmail_conf *c,
    const struct sendmail_daemon *d, struct port *p)
{
	const char *port = key(d, "P"), *mechanisms;

	memset(p, 0, sizeof(*p));
	p->conf = c;
	p->daemon = d;
	p->label = key(d, "N");
	p->modifiers = key(d, "M");
	p->port = doctor_port(port[0] != '\0' ? port : "smtp");
	p->wrapper = has_flag(p->modifiers, TLS_FIRST);
	p->tls = sendmail_has_certificate(c) &&
	    (p->wrapper || !has_flag(p->modifiers, STARTTLS_OFF));
	mechanisms = sendmail_option(c, "authmechanisms");
	/* Its own list, where none is set, has neither. */
	p->passwords = strcasestr(mechanisms, "PLAIN") != NULL ||
	    strcasestr(mechanisms, "LOGIN") != NULL;
	p->auth_off = has_flag(p->modifiers, AUTH_OFF);
	p->auth = !p->auth_off && (p->passwords ||
	    has_flag(p->modifiers, AUTH_WANTED));
	p->judged = p->auth || !doctor_is_loopback(key(d, "A"));
	p->guess = p->wrapper ? "submissions" : p->auth ? "submission" :
	    "internal";
	purpose_find(k->policy, p->port, p->label, NULL, &p->purpose);
	p->mx = strcmp(p->purpose.known ? p->purpose.service : p->guess,
	    "mx") == 0;
	p->closed = p->purpose.known ? p->purpose.submission : !p->mx;
}

/* --- the line it ought to have */

/* A filter of ours that does the right thing when the daemon is down. */
static const struct sendmail_filter *
fitting_filter(const struct port *p, const struct milter_socket *ours)
{
	const struct sendmail_filter *f;
	size_t i;

	for (i = 0; i < p->conf->filter_count; i++) {
		f = &p->conf->filters[i];
		if (is_our_filter(f, ours) && action_fits(p, action_of(f)))
			return f;
	}
	return NULL;
}

/* The parts of the line without those of these keys. */
static void
put_without(struct buf *b, const char *text, const char *letters)
{
	size_t n;
	bool first = true;

	for (; *(text += strspn(text, ", \t")) != '\0'; text += n) {
		n = strcspn(text, ",");
		if (strchr(letters, toupper((unsigned char)text[0])) != NULL)
			continue;
		buf_puts(b, first ? "" : ", ");
		buf_put(b, text, n);
		first = false;
	}
}

static void
put_modifiers(struct buf *b, const struct port *p)
{
	struct buf m = BUF_INIT;
	const char *c;

	for (c = p->modifiers; *c != '\0'; c++)
		if (*c != STARTTLS_OFF || p->wrapper)
			buf_putc(&m, *c);
	if (p->purpose.implicit_tls && !p->wrapper)
		buf_putc(&m, TLS_FIRST);
	if (m.len > 0)
		buf_printf(b, ", M=%s", buf_str(&m));
	buf_free(&m);
}

/* The daemon's milters with ours: name instead of what was ours before. */
static void
put_filters(struct buf *b, const struct port *p, const struct milter_socket *ours,
    const char *name)
{
	const char *at = filters_of(p->conf, p->daemon);
	size_t n;

	buf_printf(b, ", InputMailFilters=%s", name);
	for (; *(at += strspn(at, ",; \t")) != '\0'; at += n) {
		n = strcspn(at, ",; \t");
		if (is_our_filter(sendmail_filter_find(p->conf, at, n), ours))
			continue;
		buf_putc(b, ';');
		buf_put(b, at, n);
	}
}

/* A name that no filter has yet. */
static void
put_new_name(struct buf *b, const struct port *p)
{
	buf_puts(b, p->closed ? "tlswarden-submission" : "tlswarden");
	while (sendmail_filter_find(p->conf, b->data, b->len) != NULL)
		buf_putc(b, '1');
}

static void
paste_filter(struct complaint *c, const char *name, const char *spec)
{
	struct buf old = BUF_INIT, line = BUF_INIT;

	buf_printf(&old, "MAIL_FILTER(`%s", name);
	buf_printf(&line, "MAIL_FILTER(`%s', `%s')dnl", name, spec);
	complaint_paste(c, "sendmail.mc", "", buf_str(&old), buf_str(&line));
	buf_clear(&old);
	buf_clear(&line);
	buf_printf(&old, "X%s", name);
	buf_printf(&line, "X%s, %s", name, spec);
	complaint_paste(c, "sendmail.cf", "", buf_str(&old), buf_str(&line));
	buf_free(&old);
	buf_free(&line);
}

static void
paste_daemon(struct complaint *c, const char *before, const char *after)
{
	struct buf old = BUF_INIT, line = BUF_INIT;

	buf_printf(&old, DAEMON_MC "%s", before);
	buf_printf(&line, DAEMON_MC "%s')dnl", after);
	complaint_paste(c, "sendmail.mc", "", buf_str(&old), buf_str(&line));
	buf_free(&old);
	buf_free(&line);
}

void
port_paste(const struct port *p, const struct milter_socket *ours,
    struct complaint *c)
{
	const struct sendmail_filter *f = fitting_filter(p, ours);
	struct buf name = BUF_INIT, line = BUF_INIT, old = BUF_INIT;
	struct buf spec = BUF_INIT, all = BUF_INIT;

	if (f == NULL) {
		if (ours->path != NULL)
			buf_printf(&spec, "S=unix:%s", ours->path);
		else
			buf_printf(&spec, "S=inet:%s@%s", ours->port, ours->host);
		buf_printf(&spec, ", %s" TIMES, p->closed ? "F=T, " : "");
		put_new_name(&name, p);
	} else
		buf_puts(&name, f->name);
	put_without(&line, p->daemon->text, "IM");
	put_modifiers(&line, p);
	put_filters(&line, p, ours, buf_str(&name));
	if (f == NULL)
		paste_filter(c, buf_str(&name), buf_str(&spec));
	paste_daemon(c, p->daemon->text, buf_str(&line));
	buf_printf(&old, "O DaemonPortOptions=%s", p->daemon->text);
	buf_printf(&all, "O DaemonPortOptions=%s", buf_str(&line));
	complaint_paste(c, "sendmail.cf", "", buf_str(&old), buf_str(&all));
	buf_free(&name);
	buf_free(&line);
	buf_free(&old);
	buf_free(&spec);
	buf_free(&all);
}

/* The complaint whose lines for the .mc change this daemon; NULL text: any. */
static struct complaint *
changes_daemon(struct checkup *k, const char *text)
{
	struct buf old = BUF_INIT;
	struct complaint *found = NULL;
	const struct paste *p;
	size_t i, j;

	buf_printf(&old, DAEMON_MC "%s", text != NULL ? text : "");
	for (i = 0; i < k->count && found == NULL; i++)
		for (j = 0; j < k->complaints[i].count; j++) {
			p = &k->complaints[i].pastes[j];
			if (text != NULL ? strcmp(p->replaces, buf_str(&old)) == 0 :
			    strncmp(p->replaces, buf_str(&old), old.len) == 0)
				found = &k->complaints[i];
		}
	buf_free(&old);
	return found;
}

/*
 * Of its own Sendmail has a port 25 as long as the .mc names no port, and a port
 * 587 unless it is told not to.  Once the .mc names one, it has to name them all.
 */
static void
keep_defaults(struct checkup *k, const struct sendmail_daemon *daemons, size_t count)
{
	static const char msa[] = "Port=587, Name=MSA, M=E";
	static const char *const defaults[] = { msa, "Name=MTA",
	    "Name=MTA-v4, Family=inet", "Name=MTA-v6, Family=inet6" };
	struct complaint *c = changes_daemon(k, NULL);
	size_t i, j;

	for (i = 0; c != NULL && i < count; i++)
		for (j = 0; j < sizeof(defaults) / sizeof(defaults[0]); j++) {
			if (strcmp(daemons[i].text, defaults[j]) != 0)
				continue;
			if (defaults[j] == msa)
				complaint_paste(c, "sendmail.mc", "",
				    "FEATURE(`no_default_msa",
				    "FEATURE(`no_default_msa')dnl");
			if (changes_daemon(k, defaults[j]) == NULL)
				paste_daemon(c, defaults[j], defaults[j]);
		}
}

/* --- what is said */

static void
check_filter(struct checkup *k, const struct port *p,
    const struct milter_socket *ours, struct checkup_row *row)
{
	const struct sendmail_filter *f = NULL;
	const char *at = filters_of(p->conf, p->daemon), *action;
	size_t n;

	for (; *(at += strspn(at, ",; \t")) != '\0'; at += n) {
		n = strcspn(at, ",; \t");
		f = sendmail_filter_find(p->conf, at, n);
		if (is_our_filter(f, ours))
			break;
		f = NULL;
	}
	row_put(row, COLUMN_MILTER, f != NULL ? "yes" : "no");
	if (f == NULL) {
		if (p->judged)
			port_paste(p, ours, complain(k, p->closed ? WEIGHT_FAULT :
			    WEIGHT_WARNING, "milter-missing", p->label,
			    "tlswardend is not among the milters of this port: "
			    "nothing is enforced or recorded here"));
		return;
	}
	action = action_of(f);
	row_put(row, COLUMN_DOWN, action);
	if (!p->judged || action_fits(p, action))
		return;
	port_paste(p, ours, complain(k, p->closed ? WEIGHT_FAULT :
	    WEIGHT_WARNING, "default-action", p->label, p->closed ?
	    "while tlswardend is down this port takes mail unjudged (no F=T): a "
	    "submission service must fail closed" :
	    "while tlswardend is down mail from other servers is refused (F=R): "
	    "port 25 ought to accept it"));
}

static void
check_port(struct checkup *k, const struct port *p,
    const struct milter_socket *ours, struct checkup_row *row)
{
	if (p->judged && sendmail_has_certificate(p->conf) && !p->tls &&
	    (p->auth || p->mx))
		port_paste(p, ours, complain(k, p->mx ? WEIGHT_WARNING :
		    WEIGHT_FAULT, "tls-off", p->label, "STARTTLS is switched off "
		    "here (M=S)"));
	if (p->judged && p->purpose.implicit_tls && !p->wrapper)
		port_paste(p, ours, complain(k, WEIGHT_FAULT, "wrapper-missing",
		    p->label, "the policy expects TLS from the first byte here "
		    "(service %s), and the server begins in the clear (RFC 8314, "
		    "section 3.3)", p->purpose.service));
	if (p->judged && p->wrapper && p->purpose.known && !p->purpose.implicit_tls)
		doctor_implicit(k, p->label, p->purpose.service, p->port);
	check_filter(k, p, ours, row);
}

/* A file without any has one, on port 25. */
static void
assume_daemon(struct sendmail_daemon *d)
{
	static const char text[] = "Name=MTA, Port=smtp";

	memset(d, 0, sizeof(*d));
	d->text = mem_strdup(text);
	params_set(&d->keys, "N", 1, "MTA", 3);
	params_set(&d->keys, "P", 1, "smtp", 4);
}

static void
check_all(struct checkup *k, const struct sendmail_conf *c,
    const struct sendmail_daemon *daemons, size_t count,
    const struct milter_socket *ours)
{
	struct port *ports = mem_calloc(count, sizeof(*ports));
	struct checkup_row *row;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < count; i++) {
		describe(k, c, &daemons[i], &ports[i]);
		row = checkup_add_row(k);
		buf_clear(&b);
		buf_printf(&b, "%u", ports[i].port);
		row_put(row, COLUMN_NAME, ports[i].label);
		row_put(row, COLUMN_PORT, buf_str(&b));
		row_put(row, COLUMN_SERVICE, ports[i].judged ?
		    ports[i].purpose.service : "(this machine)");
		check_port(k, &ports[i], ours, row);
		doctor_sendmail_row(&ports[i], row);
	}
	keep_defaults(k, daemons, count);
	doctor_sendmail_options(k, ports, count);
	free(ports);
	buf_free(&b);
}

void
doctor_sendmail(struct checkup *k, const struct sendmail_conf *c)
{
	struct sendmail_daemon one;
	struct milter_socket ours;
	struct buf b = BUF_INIT, user = BUF_INIT;
	const char *as = sendmail_option(c, "runasuser");
	size_t n = strcspn(as, ":.");

	buf_printf(&b, "Sendmail, %s", c->path);
	k->server = buf_steal(&b);
	if (milter_socket_parse(&ours, k->socket) == -1)
		return;
	buf_put(&user, as, n);
	/* root needs no group, and who it becomes has at least one of its name */
	k->group = as[0] == '\0' ? NULL : as[n] != '\0' ? as + n + 1 : buf_str(&user);
	doctor_reach(k, &ours, user.len > 0 ? buf_str(&user) : "root", 0,
	    "Sendmail");
	doctor_sendmail_way(k, c, &ours);
	k->group = NULL;
	buf_free(&user);
	if (c->daemon_count > 0)
		check_all(k, c, c->daemons, c->daemon_count, &ours);
	else {
		assume_daemon(&one);
		check_all(k, c, &one, 1, &ours);
		params_clear(&one.keys);
		free(one.text);
	}
	milter_socket_clear(&ours);
}
