/*
 * doctor_milter.c owns the question whether a service of Postfix asks the
 * daemon, and what it does without it; it may not know what TLS or AUTH are.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this folder */
#include "doctor_postfix.h"
#include "milter_list.h"

#define NO_MILTERS	"no_milters"

void
put_override(struct buf *b, const char *name, const char *value)
{
	if (value[0] != '\0' && strpbrk(value, " \t{}") != NULL)
		buf_printf(b, "  -o { %s = %s }", name, value);
	else
		buf_printf(b, "  -o %s=%s", name, value);
}

void
paste_service(struct complaint *c, const struct smtp_service *s,
    const char *lines)
{
	complaint_paste(c, "master.cf", s->entry->heading, "", lines);
}

void
target_put(const struct target *t, const struct postfix_service *entry,
    struct buf *b)
{
	size_t n = strlen(t->queue);

	if (t->socket.path != NULL && entry->chroot &&
	    strncmp(t->socket.path, t->queue, n) == 0)
		buf_printf(b, "unix:%s", t->socket.path + n);
	else
		milter_socket_put(&t->socket, b);
}

bool
is_ours(const struct target *t, const struct postfix_service *entry,
    const char *address, bool *stale)
{
	struct milter_socket s;
	struct buf path = BUF_INIT;
	bool same;

	*stale = false;
	if (milter_socket_parse(&s, address) == -1)
		return false;
	if (s.path != NULL) {
		/* A path is the jail's; one without a slash, the queue's. */
		if (s.path[0] != '/')
			buf_printf(&path, "%s/%s", t->queue, s.path);
		else
			buf_printf(&path, "%s%s", entry->chroot ? t->queue : "",
			    s.path);
		*stale = strstr(s.path, "tlswarden") != NULL ||
		    (t->asked_path != NULL && strcmp(s.path, t->asked_path) == 0);
		free(s.path);
		s.path = buf_steal(&path);
	}
	same = milter_socket_same(&s, &t->socket);
	milter_socket_clear(&s);
	if (same)
		*stale = false;
	return same;
}

/* --- what is there, and what ought to be */

struct plan {
	struct milter_list	 list;
	struct milter_item	*item;		/* ours, NULL: it is not there */
	const char		*action;	/* while the daemon is down */
	struct buf		 action_buf;
	bool			 stale;		/* there, at another address */
	bool			 changed;	/* the list has to be written */
	struct buf		 lines;
};

static void
find_ours(struct plan *p, const struct smtp_service *s, const struct target *t)
{
	struct buf b = BUF_INIT;
	bool stale;
	size_t i;

	milter_list_parse(&p->list, postfix_get(s->conf, s->entry,
	    "smtpd_milters", &b));
	for (i = 0; i < p->list.count && (p->item == NULL || p->stale); i++) {
		if (is_ours(t, s->entry, p->list.all[i].address, &stale)) {
			p->item = &p->list.all[i];
			p->stale = false;
		} else if (stale && p->item == NULL) {
			p->item = &p->list.all[i];
			p->stale = true;
		}
	}
	buf_free(&b);
}

/* Of ours, or when it is not there, of any milter without its own. */
static const char *
setting(const struct plan *p, const struct smtp_service *s, const char *own,
    const char *general, struct buf *b)
{
	const char *value = NULL;

	if (p->item != NULL)
		value = params_get(&p->item->settings, own);
	return value != NULL ? value : postfix_get(s->conf, s->entry, general, b);
}

static bool
is_closed(const char *action)
{
	return strcasecmp(action, "tempfail") == 0 ||
	    strcasecmp(action, "shutdown") == 0 ||
	    strcasecmp(action, "reject") == 0;
}

/* On port 25 a server that is put off for our fault may not come again. */
static bool
action_fits(const struct smtp_service *s, const char *action)
{
	if (s->closed)
		return is_closed(action);
	return strcasecmp(action, "reject") != 0 &&
	    strcasecmp(action, "quarantine") != 0;
}

/*
 * Where other milters are besides, or ours has settings already, ours is
 * changed and the others are left alone.
 */
static void
change(struct plan *p, const char *own, const char *general, const char *value)
{
	if (p->list.count > 1 || p->item->braces) {
		params_set(&p->item->settings, own, strlen(own), value,
		    strlen(value));
		p->changed = true;
		return;
	}
	buf_puts(&p->lines, p->lines.len > 0 ? "\n" : "");
	put_override(&p->lines, general, value);
}

/* The options that put everything right; the list of milters comes first. */
static void
write_lines(struct plan *p, const struct smtp_service *s, const struct target *t,
    bool wrong_protocol)
{
	struct buf value = BUF_INIT, all = BUF_INIT;
	bool missing = p->item == NULL;

	target_put(t, s->entry, &value);
	if (p->item == NULL) {
		milter_list_insert(&p->list, 0, buf_str(&value));
		p->item = &p->list.all[0];
		p->changed = true;
	} else if (p->stale) {
		free(p->item->address);
		p->item->address = buf_steal(&value);
		p->changed = true;
	}
	if (!action_fits(s, p->action))
		change(p, "default_action", "milter_default_action",
		    s->closed ? "tempfail" : "accept");
	else if (missing && !s->closed && strcasecmp(p->action, "accept") != 0 &&
	    postfix_raw(s->conf, s->entry, "milter_default_action") == NULL)
		/* Postfix's own choice, and nobody's here: a new milter must not
		 * put off port 25. */
		change(p, "default_action", "milter_default_action", "accept");
	if (wrong_protocol)
		change(p, "protocol", "milter_protocol", "6");
	if (p->changed) {
		buf_clear(&value);
		milter_list_put(&p->list, &value);
		put_override(&all, "smtpd_milters", buf_str(&value));
		if (p->lines.len > 0)
			buf_printf(&all, "\n%s", buf_str(&p->lines));
		buf_free(&p->lines);
		p->lines = all;
	}
	buf_free(&value);
}

/* --- what is said */

static void
check_attached(struct checkup *k, const struct smtp_service *s,
    const struct target *t, const struct plan *p, bool was_there)
{
	struct complaint *c;

	if (was_there && !p->stale)
		return;
	if (!was_there)
		c = complain(k, s->closed ? WEIGHT_FAULT : WEIGHT_WARNING,
		    "milter-missing", s->label, "tlswardend is not among the milters "
		    "of this service: nothing is enforced or recorded here");
	else
		c = complain(k, WEIGHT_FAULT, "milter-path", s->label,
		    "smtpd_milters names a socket where tlswardend does not "
		    "listen%s", s->entry->chroot && t->socket.path != NULL ?
		    ": smtpd is chrooted, its paths begin in the queue directory" : "");
	paste_service(c, s, buf_str(&p->lines));
}

static void
check_action(struct checkup *k, const struct smtp_service *s,
    const struct plan *p)
{
	struct complaint *c;

	if (action_fits(s, p->action))
		return;
	if (s->closed)
		c = complain(k, WEIGHT_FAULT, "default-action", s->label,
		    "while tlswardend is down this service takes mail unjudged "
		    "(%s): a submission service must fail closed", p->action);
	else
		c = complain(k, WEIGHT_WARNING, "default-action", s->label,
		    "while tlswardend is down mail from other servers is lost or "
		    "held (%s): port 25 ought to accept it", p->action);
	paste_service(c, s, buf_str(&p->lines));
}

static void
check_off(struct checkup *k, const struct smtp_service *s)
{
	struct buf value = BUF_INIT, rest = BUF_INIT, lines = BUF_INIT;
	const char *at;
	size_t n;
	bool off = false;

	at = postfix_get(s->conf, s->entry, "receive_override_options", &value);
	for (; *(at += strspn(at, ", \t")) != '\0'; at += n) {
		n = strcspn(at, ", \t");
		if (n == strlen(NO_MILTERS) && strncasecmp(at, NO_MILTERS, n) == 0) {
			off = true;
			continue;
		}
		if (rest.len > 0)
			buf_putc(&rest, ',');
		buf_put(&rest, at, n);
	}
	if (off) {
		put_override(&lines, "receive_override_options", buf_str(&rest));
		paste_service(complain(k, s->closed ? WEIGHT_FAULT :
		    WEIGHT_WARNING, "milters-off", s->label,
		    "receive_override_options has no_milters: every milter is "
		    "switched off here"), s, buf_str(&lines));
	}
	buf_free(&value);
	buf_free(&rest);
	buf_free(&lines);
}

void
doctor_milter(struct checkup *k, const struct smtp_service *s,
    const struct target *t, struct checkup_row *row)
{
	struct plan p = { .item = NULL };
	struct buf protocol = BUF_INIT;
	bool there, old;

	find_ours(&p, s, t);
	there = p.item != NULL;
	p.action = setting(&p, s, "default_action", "milter_default_action",
	    &p.action_buf);
	row_put(row, COLUMN_MILTER, !there ? "no" : p.stale ? "astray" : "yes");
	if (there)
		row_put(row, COLUMN_DOWN, p.action);
	if (s->judged) {
		old = strtol(setting(&p, s, "protocol", "milter_protocol",
		    &protocol), NULL, 10) < 6;
		write_lines(&p, s, t, old);
		check_off(k, s);
		check_attached(k, s, t, &p, there);
		if (there)
			check_action(k, s, &p);
		if (there && old)
			/* Measured: from 2 on all that a verdict rests on arrives. */
			paste_service(complain(k, WEIGHT_NOTE, "milter-protocol",
			    s->label, "milter_protocol is below 6, which Postfix has "
			    "had since 2.6: tlswardend works, other milters may "
			    "not"), s,
			    buf_str(&p.lines));
	}
	milter_list_clear(&p.list);
	buf_free(&p.lines);
	buf_free(&p.action_buf);
	buf_free(&protocol);
}
