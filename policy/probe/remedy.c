/*
 * remedy.c owns how the lines that mend the findings of a port become one line
 * for each parameter; it may not know what any means.
 */
/* libc */
#include <string.h>
#include <strings.h>
/* this project */
#include "remedy.h"

/* What is made of the words of all findings; of all others the last counts. */
static const struct {
	const char	*key;
	const char	*between;
} lists[] = {
	{ "smtpd_tls_exclude_ciphers", ", " },
	{ "tls_ssl_options", ", " },
	{ "define(`confSERVER_SSL_OPTIONS'", " " },
	{ "ssl_options", " " },
};
#define LISTS	(sizeof(lists) / sizeof(lists[0]))

/* What stands in a list already is not seen from outside, and shall stay. */
static const char *const keep[] = {
	[SERVER_POSTFIX] = "# keep what it has, and add:",
	[SERVER_SENDMAIL] = "dnl keep what it has, and add:",
	[SERVER_DOVECOT] = "# keep what it has, and add:",
};

/* Where a line belongs that Postfix reads, by what the port is for. */
static const char *const entries[PORT_SERVICES] = {
	[PORT_MX] = "smtp", [PORT_SUBMISSION] = "submission",
	[PORT_SUBMISSIONS] = "submissions",
};

/* Syntax that came with a version, and what there was before. */
static const struct {
	const char	*line;
	const char	*comment;
} versions[] = {
	/* doctor holds such a floor for no finding, and this is why */
	{ "smtpd_tls_protocols = >=", "# only when tlswardend is to excuse no client "
	    "below: it would not see them\n"
	    "# Postfix 3.6 or later; before: !SSLv2, !SSLv3, !TLSv1, !TLSv1.1" },
	{ "tls_eecdh_auto_curves = X25519MLKEM768", "# OpenSSL 3.5 or later" },
	{ "smtpd_tls_chain_files", "# Postfix 3.4 or later; before: "
	    "smtpd_tls_cert_file and smtpd_tls_key_file" },
};

const char *
remedy_of(const struct finding_info *info, enum server server)
{
	return server == SERVER_POSTFIX ? info->postfix :
	    server == SERVER_SENDMAIL ? info->sendmail : info->dovecot;
}

bool
remedy_fits(const struct facts *f, enum server server)
{
	bool postfix, sendmail;

	if (f->target.service >= PORT_IMAP || server == SERVER_DOVECOT)
		return f->target.service >= PORT_IMAP && server == SERVER_DOVECOT;
	postfix = strcasestr(f->greeting, "Postfix") != NULL;
	sendmail = strcasestr(f->greeting, "Sendmail") != NULL;
	return postfix == sendmail ||
	    (server == SERVER_POSTFIX ? postfix : sendmail);
}

/* Where the value begins; the key is what stands before it, without " = ". */
static const char *
find_value(const char *line, size_t len, size_t *key_len)
{
	const char *at;

	if ((at = memmem(line, len, "', `", 4)) != NULL) {
		*key_len = (size_t)(at + 1 - line);
		return at + 4;
	}
	if (line[0] != '-' && line[0] != ' ' &&
	    (at = memmem(line, len, " = ", 3)) != NULL) {
		*key_len = (size_t)(at - line);
		return at + 3;
	}
	return NULL;
}

static void
add_word(struct buf *b, size_t start, const char *word, size_t len,
    const char *between)
{
	const char *at = buf_str(b) + start, *end;
	size_t n;

	/* once is enough */
	for (; *(at += strspn(at, ", ")) != '\0'; at = end) {
		end = at + strcspn(at, ", ");
		n = (size_t)(end - at);
		if (n == len && strncmp(at, word, n) == 0)
			return;
	}
	if (b->len > start)
		buf_puts(b, between);
	buf_put(b, word, len);
}

/* What stands between the words of a list; NULL: this is none. */
static const char *
list_between(const char *key, size_t key_len)
{
	size_t i;

	for (i = 0; i < LISTS; i++)
		if (strlen(lists[i].key) == key_len &&
		    strncmp(lists[i].key, key, key_len) == 0)
			return lists[i].between;
	return NULL;
}

static void
take_value(struct buf *b, size_t start, const char *value, size_t len,
    const char *between)
{
	const char *end = value + len;
	size_t n;

	if (between == NULL) {
		buf_truncate(b, start);
		buf_put(b, value, len);
	}
	while (between != NULL && value < end) {
		n = strcspn(value, ", '\n");
		if (n > 0)
			add_word(b, start, value, n, between);
		value += n + 1;
	}
}

/* The value that the parameter gets from all findings together. */
static void
put_value(struct buf *b, const struct findings *all, enum server server,
    const char *key, size_t key_len)
{
	const char *line, *value, *between = list_between(key, key_len);
	size_t i, len, n, start = b->len;

	for (i = 0; i < all->count; i++) {
		line = remedy_of(all->list[i].info, server);
		for (; line != NULL && *line != '\0'; line += len + (line[len] != '\0')) {
			len = strcspn(line, "\n");
			value = find_value(line, len, &n);
			if (value == NULL || n != key_len || strncmp(line, key, n) != 0)
				continue;
			n = len - (size_t)(value - line);
			if (line[len - 1] == 'l' && n >= 5 && key[key_len - 1] == '\'')
				n -= strlen("')dnl");
			take_value(b, start, value, n, between);
		}
	}
}

static void
put_heading(struct buf *b, const char *line, enum port_service service)
{
	size_t i;

	if (strncmp(line, "-o ", 3) == 0)
		buf_printf(b, "# in master.cf, under %s:\n  ", entries[service]);
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (strncmp(line, versions[i].line, strlen(versions[i].line)) == 0)
			buf_printf(b, "%s\n", versions[i].comment);
}

const char *
remedy_lines(struct buf *b, const struct findings *all,
    const struct finding_info *info, enum server server,
    enum port_service service)
{
	const char *line = remedy_of(info, server), *value;
	size_t len, n;
	bool main_cf = false;

	buf_clear(b);
	if (line == NULL)
		return NULL;
	for (; *line != '\0'; line += len + (line[len] != '\0')) {
		len = strcspn(line, "\n");
		value = find_value(line, len, &n);
		if (b->len > 0)
			buf_putc(b, '\n');
		if (server == SERVER_POSTFIX && service < PORT_IMAP) {
			if (value != NULL && !main_cf)
				buf_puts(b, "# in main.cf:\n");
			main_cf |= value != NULL;
			put_heading(b, line, service);
		}
		if (value == NULL) {
			buf_put(b, line, len);
			continue;
		}
		if (list_between(line, n) != NULL)
			buf_printf(b, "%s\n", keep[server]);
		buf_put(b, line, (size_t)(value - line));
		put_value(b, all, server, line, n);
		if (line[n - 1] == '\'')
			buf_puts(b, "')dnl");
	}
	return buf_str(b);
}
