/*
 * audit_text.c owns an audit as a person reads it; it may not know how it was
 * come by.
 */
/* libc */
#include <string.h>
/* the probe */
#include "facts.h"
#include "findings.h"
#include "remedy.h"
/* this project */
#include "audit_report.h"
#include "cli.h"

#define WIDTH	88

/* A label, and words behind it in lines of at most WIDTH columns. */
static void
put_words(struct buf *b, const char *label, const char *words)
{
	size_t column = 16, len;

	buf_printf(b, "  %-12s  ", label);
	while (*words != '\0') {
		len = strcspn(words, " ");
		if (column > 16 && column + 1 + len > WIDTH) {
			buf_puts(b, "\n                ");
			column = 16;
		} else if (column > 16)
			buf_putc(b, ' ');
		buf_put_visible(b, words, len);
		column += len + (column > 16);
		words += len;
		words += strspn(words, " ");
	}
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		buf_truncate(b, b->len - 1);
	buf_putc(b, '\n');
}

static void
put_logins(struct buf *b, const struct facts *f)
{
	struct buf line = BUF_INIT;

	if (f->before.known)
		buf_printf(&line, "before TLS: %s%s", f->before.login ?
		    f->before.mechanisms : "not offered",
		    f->auth == ANSWER_YES ? ", taken" :
		    f->auth == ANSWER_NO ? ", refused" : "");
	if (f->after.known)
		buf_printf(&line, "%sin TLS: %s", line.len > 0 ? "; " : "",
		    f->after.login ? f->after.mechanisms : "not offered");
	if (line.len > 0)
		put_words(b, "login", buf_str(&line));
	buf_free(&line);
}

static void
put_versions(struct buf *b, const struct facts *f)
{
	static const char *const choosers[] = {
		"", ", the server chooses", ", the client chooses"
	};
	struct buf line = BUF_INIT;
	const struct version_facts *v;
	size_t i, n;

	for (i = VERSIONS; i-- > 0; ) {
		v = &f->versions[i];
		if (!v->taken)
			continue;
		buf_clear(&line);
		buf_printf(&line, "%zu suite%s%s:", v->suite_count,
		    v->suite_count == 1 ? "" : "s", choosers[v->chooser]);
		for (n = 0; n < v->suite_count; n++)
			buf_printf(&line, " %s", suite_name(v->suites[n]));
		put_words(b, version_text((uint16_t)(VERSION_SSL3 + i)),
		    buf_str(&line));
	}
	buf_clear(&line);
	for (n = 0; n < f->group_count; n++)
		buf_printf(&line, "%s%s", n > 0 ? " " : "", group_name(f->groups[n]));
	if (f->dh_bits > 0)
		buf_printf(&line, "%sDHE with %u bits", n > 0 ? "; " : "", f->dh_bits);
	if (line.len > 0)
		put_words(b, "groups", buf_str(&line));
	buf_free(&line);
}

static void
put_cert(struct buf *b, const struct cert_facts *c)
{
	struct buf line = BUF_INIT;

	if (!c->readable)
		return;
	put_words(b, "certificate", c->subject);
	put_words(b, "issuer", c->issuer);
	put_words(b, "names", c->names[0] != '\0' ? c->names : "none");
	buf_printf(&line, "until %s (%d days), %s with %u bits, %s, %zu sent",
	    c->until, c->days, c->key, c->key_bits, c->signature, c->count);
	put_words(b, "", buf_str(&line));
	buf_free(&line);
}

/*
 * What to change, beneath the name of the server.  The lines are not indented:
 * pasted so, Postfix and Sendmail would take each for the end of the one before.
 */
static void
put_remedy(struct buf *b, const char *name, const char *lines)
{
	if (lines != NULL && *lines != '\0')
		buf_printf(b, "      %s\n%s\n", name, lines);
}

static void
put_finding(struct buf *b, const struct facts *facts,
    const struct findings *all, const struct finding *f, bool colour)
{
	static const enum tint tints[] = {
		TINT_NONE, TINT_DIM, TINT_STRONG, TINT_BAD
	};
	static const char *const servers[] = {
		[SERVER_POSTFIX] = "Postfix:", [SERVER_SENDMAIL] = "Sendmail:",
		[SERVER_DOVECOT] = "Dovecot:",
	};
	const struct finding_info *info = f->info;
	struct buf lines = BUF_INIT;
	unsigned int s;

	buf_puts(b, "  ");
	term_put(b, colour, tints[f->severity], severity_name(f->severity));
	buf_printf(b, "%*s%s\n", 9 - (int)strlen(severity_name(f->severity)), "",
	    info->id);
	put_words(b, "", info->why);
	if (f->detail[0] != '\0')
		put_words(b, "", f->detail);
	for (s = SERVER_POSTFIX; s <= SERVER_DOVECOT; s++)
		if (remedy_fits(facts, (enum server)s))
			put_remedy(b, servers[s], remedy_lines(&lines, all, info,
			    (enum server)s, facts->target.service));
	buf_free(&lines);
}

static void
put_port(struct buf *b, const struct facts *f, const struct findings *found,
    bool colour)
{
	struct buf title = BUF_INIT;
	size_t i;

	buf_put_visible(&title, f->target.host, HOST_SIZE);
	buf_printf(&title, " port %u, %s", f->target.port,
	    port_infos[f->target.service].name);
	if (!target_is_address(&f->target) && f->target.address[0] != '\0')
		buf_printf(&title, " (%s)", f->target.address);
	term_put(b, colour, TINT_STRONG, buf_str(&title));
	buf_putc(b, '\n');
	buf_free(&title);
	if (f->greeting[0] != '\0')
		put_words(b, "greeting", f->greeting);
	if (f->fault != NULL) {
		buf_puts(b, "  ");
		term_put(b, colour, TINT_BAD, "not audited");
		buf_printf(b, ": the server %s\n", f->fault);
		return;
	}
	put_logins(b, f);
	put_versions(b, f);
	put_cert(b, &f->cert);
	put_cert(b, &f->other);
	for (i = 0; i < found->count; i++)
		put_finding(b, f, found, &found->list[i], colour);
}

static void
put_count(struct buf *b, size_t n, const char *what)
{
	buf_printf(b, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

void
audit_text(const struct audit_report *r, bool colour, struct buf *b)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		put_port(b, &r->facts[i], &r->findings[i], colour);
		buf_putc(b, '\n');
	}
	put_count(b, r->count - audit_faults(r), "port");
	buf_puts(b, " audited, ");
	put_count(b, audit_total(r, SEVERITY_FAULT), "fault");
	buf_puts(b, ", ");
	put_count(b, audit_total(r, SEVERITY_WARNING), "warning");
	buf_puts(b, ", ");
	put_count(b, audit_total(r, SEVERITY_NOTE), "note");
	buf_printf(b, "; profile %s\n", r->profile->name);
}
