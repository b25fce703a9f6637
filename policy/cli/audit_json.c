/*
 * audit_json.c owns an audit as one JSON object for a program; it may not know
 * how it was come by.
 */
/* libc */
#include <string.h>
/* the probe */
#include "facts.h"
#include "findings.h"
#include "remedy.h"
/* this project */
#include "audit_report.h"

/* Line breaks are ours; other bytes outside printable ASCII are \xHH. */
static void
put_string(struct buf *b, const char *text)
{
	struct buf visible = BUF_INIT;
	const char *s, *end;

	buf_putc(b, '"');
	for (; *text != '\0'; text = *end == '\0' ? end : end + 1) {
		end = text + strcspn(text, "\n");
		buf_clear(&visible);
		buf_put_visible(&visible, text, (size_t)(end - text));
		for (s = buf_str(&visible); *s != '\0'; s++) {
			if (*s == '"' || *s == '\\')
				buf_putc(b, '\\');
			buf_putc(b, *s);
		}
		if (*end == '\n')
			buf_puts(b, "\\n");
	}
	buf_putc(b, '"');
	buf_free(&visible);
}

/* null when there is no text. */
static void
put_text(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, ",\"%s\":", name);
	if (text == NULL)
		buf_puts(b, "null");
	else
		put_string(b, text);
}

static void
put_flag(struct buf *b, const char *name, bool flag)
{
	buf_printf(b, ",\"%s\":%s", name, flag ? "true" : "false");
}

static void
put_names(struct buf *b, const char *name, const uint16_t *numbers, size_t count,
    const char *(*name_of)(uint16_t))
{
	size_t i;

	buf_printf(b, "\"%s\":[", name);
	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_putc(b, ',');
		put_string(b, name_of(numbers[i]));
	}
	buf_putc(b, ']');
}

static void
put_offer(struct buf *b, const char *name, const struct offer *o)
{
	buf_printf(b, ",\"%s\":", name);
	if (!o->known) {
		buf_puts(b, "null");
		return;
	}
	buf_printf(b, "{\"starttls\":%s", o->starttls ? "true" : "false");
	put_text(b, "name", o->name);
	put_text(b, "login", o->mechanisms);
	buf_putc(b, '}');
}

static void
put_versions(struct buf *b, const struct facts *f)
{
	static const char *const choosers[] = { "unknown", "server", "client" };
	const char *comma = "";
	size_t i;

	buf_puts(b, ",\"versions\":{");
	for (i = 0; i < VERSIONS; i++) {
		if (!f->versions[i].taken)
			continue;
		buf_printf(b, "%s\"%s\":{", comma,
		    version_text((uint16_t)(VERSION_SSL3 + i)));
		put_names(b, "suites", f->versions[i].suites,
		    f->versions[i].suite_count, suite_name);
		put_text(b, "chooser", choosers[f->versions[i].chooser]);
		buf_putc(b, '}');
		comma = ",";
	}
	buf_puts(b, "},");
	put_names(b, "groups", f->groups, f->group_count, group_name);
	buf_printf(b, ",\"dh_bits\":%u", f->dh_bits);
}

static void
put_cert(struct buf *b, const char *name, const struct cert_facts *c)
{
	static const char *const trusts[] = {
		[TRUST_UNKNOWN] = "unknown", [TRUST_GOOD] = "good",
		[TRUST_SELF] = "self-signed", [TRUST_ROOT] = "unknown root",
		[TRUST_INCOMPLETE] = "incomplete", [TRUST_BAD] = "bad",
	};

	if (!c->readable) {
		buf_printf(b, ",\"%s\":null", name);
		return;
	}
	buf_printf(b, ",\"%s\":{\"sent\":%zu", name, c->count);
	put_text(b, "subject", c->subject);
	put_text(b, "issuer", c->issuer);
	put_text(b, "names", c->names);
	put_text(b, "until", c->until);
	buf_printf(b, ",\"days\":%d", c->days);
	put_text(b, "key", c->key);
	buf_printf(b, ",\"bits\":%u,\"strength\":%u", c->key_bits, c->strength);
	put_text(b, "signature", c->signature);
	put_text(b, "trust", trusts[c->trust]);
	put_flag(b, "ordered", c->ordered);
	put_text(b, "wanted", c->wanted);
	put_flag(b, "name_fits", c->name_fits);
	buf_putc(b, '}');
}

static void
put_findings(struct buf *b, const struct findings *found,
    enum port_service service)
{
	static const char *const servers[] = { "postfix", "sendmail", "dovecot" };
	struct buf lines = BUF_INIT;
	unsigned int s;
	const struct finding *f;
	size_t i;

	buf_puts(b, ",\"findings\":[");
	for (i = 0; i < found->count; i++) {
		f = &found->list[i];
		buf_printf(b, "%s{\"id\":\"%s\"", i > 0 ? "," : "", f->info->id);
		put_text(b, "severity", severity_name(f->severity));
		put_text(b, "why", f->info->why);
		put_text(b, "detail", f->detail);
		for (s = SERVER_POSTFIX; s <= SERVER_DOVECOT; s++)
			put_text(b, servers[s], remedy_lines(&lines, found, f->info,
			    (enum server)s, service));
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
	buf_free(&lines);
}

static void
put_port(struct buf *b, const struct facts *f, const struct findings *found)
{
	buf_printf(b, "{\"port\":%u", f->target.port);
	put_text(b, "host", f->target.host);
	put_text(b, "address", f->target.address);
	put_text(b, "service", port_infos[f->target.service].name);
	put_text(b, "fault", f->fault);
	put_text(b, "incomplete", f->incomplete);
	put_text(b, "greeting", f->greeting);
	put_offer(b, "before_tls", &f->before);
	put_offer(b, "in_tls", &f->after);
	put_flag(b, "ssl2", f->ssl2);
	put_versions(b, f);
	put_flag(b, "compression", f->compression);
	put_flag(b, "secure_renegotiation", f->renegotiation);
	put_flag(b, "client_renegotiation", f->renegotiates);
	put_flag(b, "injection", f->injection == ANSWER_YES);
	put_flag(b, "resumption", f->resumes);
	buf_printf(b, ",\"session_of_port\":%u", f->session_of);
	put_cert(b, "certificate", &f->cert);
	put_cert(b, "other_certificate", &f->other);
	put_findings(b, found, f->target.service);
	buf_printf(b, ",\"connections\":%u,\"ms\":%u}", f->connections, f->ms);
}

void
audit_json(const struct audit_report *r, struct buf *b)
{
	size_t i;

	buf_puts(b, "{\"v\":1");
	put_text(b, "profile", r->profile->name);
	buf_puts(b, ",\"ports\":[");
	for (i = 0; i < r->count; i++) {
		if (i > 0)
			buf_putc(b, ',');
		put_port(b, &r->facts[i], &r->findings[i]);
	}
	buf_printf(b, "],\"not_audited\":%zu,\"faults\":%zu,\"warnings\":%zu,"
	    "\"notes\":%zu}\n", audit_faults(r), audit_total(r, SEVERITY_FAULT),
	    audit_total(r, SEVERITY_WARNING), audit_total(r, SEVERITY_NOTE));
}
