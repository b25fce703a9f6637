/*
 * doctor_postfix.c owns which services of a Postfix there are to look at, and
 * in which order they are looked at; it may not know what is wrong with any.
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "mem.h"
/* this folder */
#include "doctor_postfix.h"

/* --- what a service is */

static bool
is_set(const struct smtp_service *s, const char *name)
{
	struct buf b = BUF_INIT;
	bool set;

	set = postfix_get(s->conf, s->entry, name, &b)[0] != '\0';
	buf_free(&b);
	return set;
}

static bool
is_yes(const struct smtp_service *s, const char *name)
{
	return postfix_is(s->conf, s->entry, name, "yes");
}

static enum tls_level
find_level(const struct smtp_service *s)
{
	struct buf b = BUF_INIT;
	const char *level;
	enum tls_level result;

	level = postfix_get(s->conf, s->entry, "smtpd_tls_security_level", &b);
	if (strcasecmp(level, "none") == 0)
		result = LEVEL_NONE;
	else if (level[0] == '\0' && is_yes(s, "smtpd_enforce_tls"))
		result = LEVEL_ENCRYPT;
	else if (level[0] == '\0')
		result = is_yes(s, "smtpd_use_tls") ? LEVEL_MAY : LEVEL_NONE;
	else
		/* all but "may" is taken for the lowest level that requires TLS */
		result = strcasecmp(level, "may") == 0 ? LEVEL_MAY : LEVEL_ENCRYPT;
	buf_free(&b);
	return result;
}

/* A word of a list of protocols: what it allows, and whether it forbids. */
struct protocols {
	uint32_t	lowest;		/* of those named */
	uint32_t	above;		/* >=: from here on */
	uint32_t	forbidden[8];
	size_t		count;
};

static void
read_protocol(struct protocols *p, const char *word, size_t len)
{
	uint32_t v;

	if (len > 2 && strncmp(word, ">=", 2) == 0) {
		v = purpose_version(word + 2, len - 2);
		if (v == 0)
			v = (uint32_t)strtoul(word + 2, NULL, 16);
		p->above = v;
	} else if (word[0] == '!') {
		v = purpose_version(word + 1, len - 1);
		if (v != 0 && p->count < 8)
			p->forbidden[p->count++] = v;
	} else {
		v = purpose_version(word, len);
		if (v != 0 && v < p->lowest)
			p->lowest = v;
	}
}

/* The lowest version that a list like "!SSLv2, >=TLSv1" lets pass. */
static uint32_t
lowest_version(const char *list)
{
	static const uint32_t versions[] = { 0x0002, 0x0300, 0x0301, 0x0302,
	    0x0303, 0x0304 };
	struct protocols p = { .lowest = PURPOSE_NO_TLS };
	size_t i, j, n;
	bool forbidden;

	for (; *(list += strspn(list, ",: \t")) != '\0'; list += n) {
		n = strcspn(list, ",: \t");
		read_protocol(&p, list, n);
	}
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		forbidden = versions[i] < p.above ||
		    (p.lowest != PURPOSE_NO_TLS && versions[i] < p.lowest);
		for (j = 0; j < p.count; j++)
			forbidden |= versions[i] == p.forbidden[j];
		if (!forbidden)
			return versions[i];
	}
	return PURPOSE_NO_TLS;
}

/*
 * The level that the service has, and the floor that it will have once that is
 * right: Postfix has one list of versions for TLS that is required.
 */
static void
find_floor(struct smtp_service *s)
{
	struct buf b = BUF_INIT;

	s->required = s->wrapper || s->purpose.implicit_tls || (!s->mx &&
	    s->level != LEVEL_MAY);
	s->floor = lowest_version(postfix_get(s->conf, s->entry, s->required ?
	    "smtpd_tls_mandatory_protocols" : "smtpd_tls_protocols", &b));
	buf_free(&b);
}

/* Where it listens: on its own address, or on those of main.cf. */
static const char *
find_place(struct smtp_service *s, char *host, size_t size)
{
	const char *colon = strrchr(s->front->name, ':');
	struct buf b = BUF_INIT;
	const char *all;

	s->port = doctor_port(colon != NULL ? colon + 1 : s->front->name);
	if (colon != NULL) {
		snprintf(host, size, "%.*s", (int)(colon - s->front->name),
		    s->front->name);
	} else {
		all = postfix_get(s->conf, NULL, "inet_interfaces", &b);
		snprintf(host, size, "%s", all);
	}
	buf_free(&b);
	return colon != NULL ? host : NULL;
}

/*
 * front is the inet entry, entry the smtpd behind it.
 */
static void
describe(const struct checkup *k, struct smtp_service *s, bool screened)
{
	struct buf b = BUF_INIT;
	char host[256];
	const char *listener;

	s->label = s->front->name;
	listener = find_place(s, host, sizeof(host));
	s->auth = is_yes(s, "smtpd_sasl_auth_enable");
	s->level = find_level(s);
	s->wrapper = is_yes(s, "smtpd_tls_wrappermode");
	s->proxied = is_set(s, "smtpd_upstream_proxy_protocol");
	if (screened)
		s->proxied = postfix_get(s->conf, s->front,
		    "postscreen_upstream_proxy_protocol", &b)[0] != '\0';
	s->judged = s->auth || s->proxied || !doctor_is_loopback(host);
	s->guess = s->wrapper ? "submissions" : screened ? "mx" :
	    s->auth ? "submission" : "internal";
	purpose_find(k->policy, s->port, postfix_get(s->conf, s->entry,
	    "milter_macro_daemon_name", &b), listener, &s->purpose);
	s->mx = strcmp(s->purpose.known ? s->purpose.service : s->guess, "mx") == 0;
	s->closed = s->purpose.known ? s->purpose.submission : !s->mx;
	find_floor(s);
	buf_free(&b);
}

static bool
is_command(const struct postfix_service *s, const char *name)
{
	const char *slash = strrchr(s->command, '/');

	return strcmp(slash != NULL ? slash + 1 : s->command, name) == 0;
}

static size_t
find_services(const struct checkup *k, const struct postfix_conf *c,
    struct smtp_service *all)
{
	const struct postfix_service *e;
	struct smtp_service *s;
	struct buf b = BUF_INIT;
	size_t i, n = 0;
	bool screened;

	for (i = 0; i < c->count; i++) {
		e = &c->services[i];
		screened = is_command(e, "postscreen");
		if (strcmp(e->type, "inet") != 0 ||
		    (!screened && !is_command(e, "smtpd")))
			continue;
		s = &all[n];
		memset(s, 0, sizeof(*s));
		s->conf = c;
		s->front = s->entry = e;
		if (screened)
			s->entry = postfix_service_find(c, postfix_get(c, e,
			    "smtpd_service_name", &b), "pass");
		if (s->entry == NULL)
			continue;
		describe(k, s, screened);
		n++;
	}
	buf_free(&b);
	return n;
}

/* --- the daemon's socket */

/* What is chrooted reaches only what is below the queue directory. */
static void
move_socket(struct checkup *k, struct target *t, const struct smtp_service *s)
{
	struct complaint *c;
	struct buf b = BUF_INIT, directory = BUF_INIT;

	c = complain(k, WEIGHT_FAULT, "socket-chroot", s->label, "smtpd is "
	    "chrooted to %s and cannot reach %s: the socket has to be in there",
	    t->queue, t->socket.path);
	free(t->asked_path);
	t->asked_path = t->socket.path;
	buf_printf(&b, "%s/tlswarden/tlswarden.sock", t->queue);
	t->socket.path = buf_steal(&b);
	buf_printf(&b, "set socket unix:%s mode 0660 group %s", t->socket.path,
	    k->group);
	complaint_paste(c, "policy.conf", "", "set socket", buf_str(&b));
	buf_clear(&b);
	buf_printf(&directory, "%s/tlswarden", t->queue);
	buf_puts(&b, "install -d -o tlswarden -g ");
	shell_put(&b, k->group);
	buf_puts(&b, " -m 2750 ");
	shell_put(&b, buf_str(&directory));
	buf_free(&directory);
	complaint_paste(c, "a shell", "", "", buf_str(&b));
	buf_free(&b);
}

static bool
is_below(const char *path, const char *directory)
{
	size_t n = strlen(directory);

	return strncmp(path, directory, n) == 0 && path[n] == '/';
}

static void
check_socket(struct checkup *k, struct target *t, const struct smtp_service *all,
    size_t count)
{
	const struct smtp_service *jailed = NULL, *judged = NULL;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!all[i].judged)
			continue;
		judged = &all[i];
		if (all[i].entry->chroot && jailed == NULL)
			jailed = &all[i];
	}
	if (judged == NULL)
		return;
	if (t->socket.path != NULL && jailed != NULL &&
	    !is_below(t->socket.path, t->queue))
		move_socket(k, t, jailed);
	else
		doctor_reach(k, &t->socket, postfix_get(judged->conf, NULL,
		    "mail_owner", &b), jailed != NULL ? strlen(t->queue) : 0,
		    "Postfix");
	if (t->socket.path == NULL && !milter_socket_is_loopback(&t->socket))
		complain(k, WEIGHT_NOTE, "socket-open", "", "the socket is on the "
		    "network (%s): whoever reaches it is taken for the mail server",
		    t->socket.host);
	buf_free(&b);
}

/* --- ports that the policy does not know */

static void
check_unknown(struct checkup *k, const struct smtp_service *all, size_t count,
    const char *guess)
{
	struct buf ports = BUF_INIT;
	const char *first = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct smtp_service *s = &all[i];

		if (!s->judged || s->purpose.known || s->port == 0 ||
		    strcmp(s->guess, guess) != 0)
			continue;
		if (first == NULL)
			first = s->label;
		buf_printf(&ports, "%s%u", ports.len > 0 ? " " : "", s->port);
	}
	if (first != NULL)
		doctor_unknown(k, first, guess, buf_str(&ports));
	buf_free(&ports);
}

static void
check_services(struct checkup *k, const struct smtp_service *all, size_t count,
    const struct target *t)
{
	static const char *const guesses[] = { "mx", "submission", "submissions",
	    "internal" };
	struct checkup_row *row;
	char port[16];
	size_t i;

	for (i = 0; i < count; i++) {
		row = checkup_add_row(k);
		snprintf(port, sizeof(port), "%u", all[i].port);
		row_put(row, COLUMN_NAME, all[i].label);
		row_put(row, COLUMN_PORT, port);
		row_put(row, COLUMN_SERVICE, all[i].judged ? all[i].purpose.service :
		    "(this machine)");
		doctor_milter(k, &all[i], t, row);
		doctor_tls(k, &all[i], row);
	}
	for (i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		check_unknown(k, all, count, guesses[i]);
}

/* The macro {daemon_port} came with 3.2; without it there is no service. */
static void
check_version(struct checkup *k, const char *version)
{
	unsigned long major, minor = 0;
	char *end;

	major = strtoul(version, &end, 10);
	if (*end == '.')
		minor = strtoul(end + 1, NULL, 10);
	if (version[0] == '\0' || major > 3 || (major == 3 && minor >= 2))
		return;
	complain(k, WEIGHT_FAULT, "postfix-old", "", "Postfix %s does not tell "
	    "milters the port, 3.2 and later do: to tlswardend every session belongs "
	    "to the service \"other\", unless the policy knows it by daemon name "
	    "(milter_macro_daemon_name); update Postfix", version);
}

void
doctor_postfix(struct checkup *k, const struct postfix_conf *c)
{
	struct buf queue = BUF_INIT, b = BUF_INIT;
	struct smtp_service *all;
	struct target t = { .queue = NULL };
	const char *version;
	size_t count;

	version = postfix_get(c, NULL, "mail_version", &b);
	buf_printf(&queue, "Postfix%s%s in %s", version[0] != '\0' ? " " : "",
	    version, c->directory);
	k->server = buf_steal(&queue);
	check_version(k, version);
	t.queue = postfix_get(c, NULL, "queue_directory", &queue);
	all = mem_calloc(c->count + 1, sizeof(*all));
	count = find_services(k, c, all);
	if (milter_socket_parse(&t.socket, k->socket) == 0) {
		check_socket(k, &t, all, count);
		check_services(k, all, count, &t);
		doctor_bypass(k, all, count, c, &t);
	}
	milter_socket_clear(&t.socket);
	free(t.asked_path);
	free(all);
	buf_free(&queue);
	buf_free(&b);
}
