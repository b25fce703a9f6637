/*
 * settings.c owns what `set' can say: the names, how each value is read and
 * written; it may not know what follows from them.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
/* this project */
#include "mem.h"
#include "parser.h"
#include "print.h"
#include "settings.h"

#define CONTACT_MAX	200	/* it goes into replies */
#define METRICS_PATH_MAX 1000

/* A number's name as a string. */
#define DIGITS_OF(n)	#n
#define DIGITS(n)	DIGITS_OF(n)

struct choice {
	const char	*word;
	int		 value;
};

static const struct choice modes[] = {
	{ "enforce", false }, { "observe", true }, { NULL, 0 }
};
static const struct choice undecideds[] = {
	{ "tempfail", UNDECIDED_TEMPFAIL }, { "accept", UNDECIDED_ACCEPT }, { NULL, 0 }
};
static const struct choice formats[] = {
	{ "logfmt", LOG_LOGFMT }, { "json", LOG_JSON }, { NULL, 0 }
};
static const struct choice privacies[] = {
	{ "full", PRIVACY_FULL }, { "truncated", PRIVACY_TRUNCATED },
	{ "hashed", PRIVACY_HASHED }, { "none", PRIVACY_NONE }, { NULL, 0 }
};

/* The strings belong to the policy, though its readers see them as const. */
static void
replace(const char **where, char *text)
{
	free((void *)(uintptr_t)*where);
	*where = text;
}

void
settings_init(struct settings *s)
{
	memset(s, 0, sizeof(*s));
	s->socket = mem_strdup("");
	s->socket_mode = 0660;
	s->socket_group = mem_strdup("");
	s->contact = mem_strdup("");
	s->key_file = mem_strdup("");
	s->metrics_file = mem_strdup("");
}

void
settings_clear(struct settings *s)
{
	replace(&s->socket, NULL);
	replace(&s->socket_group, NULL);
	replace(&s->contact, NULL);
	replace(&s->key_file, NULL);
	replace(&s->metrics_file, NULL);
}

/* NULL when the text can name a socket. */
static const char *
socket_fault(const char *s)
{
	struct sockaddr_un sun;
	const char *rest = strchr(s, ':');

	if (rest == NULL)
		return "a socket is unix:/path, inet:port@host or inet6:port@host";
	rest++;
	if (strncmp(s, "unix:", 5) == 0 || strncmp(s, "local:", 6) == 0) {
		if (rest[0] != '/')
			return "the path of a socket begins with /";
		if (strlen(rest) >= sizeof(sun.sun_path))
			return "the path of the socket is too long";
		return NULL;
	}
	if (strncmp(s, "inet:", 5) != 0 && strncmp(s, "inet6:", 6) != 0)
		return "a socket is unix:/path, inet:port@host or inet6:port@host";
	if (strchr(rest, '@') == NULL && strchr(rest, ':') == NULL)
		return "without a host the socket would be open to everybody";
	return NULL;
}

/* NULL when replies can carry it. */
static const char *
contact_fault(const char *text)
{
	const char *c;

	for (c = text; *c >= 0x20 && *c < 0x7f; c++)
		continue;
	if (*c == '\0' && c - text <= CONTACT_MAX)
		return NULL;
	return "the contact is printable ASCII, at most " DIGITS(CONTACT_MAX)
	    " characters: it goes into replies";
}

static const char *
key_file_fault(const char *path)
{
	return path[0] == '/' ? NULL : "the path of the key file begins with /";
}

/* NULL when the collector would read a file of that name. */
static const char *
metrics_fault(const char *path)
{
	static const char end[] = ".prom";
	size_t len = strlen(path);

	if (path[0] != '/')
		return "the path of the metrics file begins with /";
	if (len > METRICS_PATH_MAX)
		return "the path of the metrics file is too long";
	if (len < sizeof(end) || strcmp(path + len - strlen(end), end) != 0 ||
	    path[len - strlen(end) - 1] == '/')
		return "the name of the metrics file ends in .prom: "
		    "the collector reads no other";
	return NULL;
}

/* The policy keeps the text, faulty or not; a fault is said at its place. */
static int
keep_text(struct parser *p, const struct place *place, char *text, const char **where,
    const char *(*fault)(const char *))
{
	if (text == NULL)
		return -1;
	replace(where, text);
	if (fault == NULL || fault(text) == NULL)
		return 0;
	diag_add(p->diags, DIAG_ERROR, place, NULL, "%s", fault(text));
	return -1;
}

static int
parse_mode_bits(struct parser *p, unsigned int *mode)
{
	size_t i;

	*mode = 0;
	for (i = 0; p->tok.kind == TOKEN_WORD && i < p->tok.len && i < 5; i++) {
		if (p->tok.text[i] < '0' || p->tok.text[i] > '7')
			break;
		*mode = *mode * 8 + (unsigned int)(p->tok.text[i] - '0');
	}
	if (i < 3 || i < p->tok.len || *mode > 0777)
		return parser_expected(p, "a mode in octal", "for example: mode 0660");
	parser_next(p);
	return 0;
}

static int
parse_socket(struct parser *p, struct settings *s)
{
	struct place place = p->tok.place;

	if (keep_text(p, &place, parser_value(p, "a socket"), &s->socket, socket_fault) == -1)
		return -1;
	while (p->tok.kind != TOKEN_END) {
		if (parser_accept(p, "mode")) {
			if (parse_mode_bits(p, &s->socket_mode) == -1)
				return -1;
		} else if (parser_accept(p, "group")) {
			if (keep_text(p, &place, parser_value(p, "the name of a group"),
			    &s->socket_group, NULL) == -1)
				return -1;
		} else
			return parser_expected(p, "mode or group", NULL);
	}
	return 0;
}

static int
parse_contact(struct parser *p, struct settings *s)
{
	struct place place = p->tok.place;

	return keep_text(p, &place, parser_string(p, "the contact in quotes"), &s->contact,
	    contact_fault);
}

static int
parse_key_file(struct parser *p, struct settings *s)
{
	struct place place = p->tok.place;

	return keep_text(p, &place, parser_string(p, "a file name"), &s->key_file,
	    key_file_fault);
}

static int
parse_metrics_file(struct parser *p, struct settings *s)
{
	struct place place = p->tok.place;

	return keep_text(p, &place, parser_value(p, "a file name"), &s->metrics_file,
	    metrics_fault);
}

static const char *
choice_word(const void *ctx, size_t i)
{
	const struct choice *choices = ctx;

	return choices[i].word;
}

static int
parse_choice(struct parser *p, const struct choice *choices, int *value)
{
	struct buf what = BUF_INIT, hint = BUF_INIT;
	size_t i;

	for (i = 0; choices[i].word != NULL; i++) {
		if (parser_accept(p, choices[i].word)) {
			*value = choices[i].value;
			buf_free(&what);
			return 0;
		}
		buf_printf(&what, "%s%s", i == 0 ? "" :
		    choices[i + 1].word != NULL ? ", " : " or ", choices[i].word);
	}
	parser_expected(p, buf_str(&what),
	    parser_suggest(p, &hint, choice_word, choices));
	buf_free(&what);
	buf_free(&hint);
	return -1;
}

/* The choices are enums of several types: each has its way in and out. */
#define CHOICE(name, field, choices, type)				\
static int								\
parse_##name(struct parser *p, struct settings *s)			\
{									\
	int value;							\
									\
	if (parse_choice(p, choices, &value) == -1)			\
		return -1;						\
	s->field = (type)value;						\
	return 0;							\
}									\
									\
static int								\
get_##name(const struct settings *s)					\
{									\
	return (int)s->field;						\
}

CHOICE(mode, observe, modes, bool)
CHOICE(undecided, undecided, undecideds, enum undecided)
CHOICE(log_format, log_format, formats, enum log_format)
CHOICE(log_client, log_client, privacies, enum privacy)
CHOICE(log_user, log_user, privacies, enum privacy)
CHOICE(log_sender, log_sender, privacies, enum privacy)

static void
print_socket(const struct settings *s, struct buf *out)
{
	if (s->socket[0] == '\0')
		return;
	buf_puts(out, "set socket ");
	print_value(out, s->socket, false);
	if (s->socket_mode != 0660)
		buf_printf(out, " mode %04o", s->socket_mode);
	if (s->socket_group[0] != '\0') {
		buf_puts(out, " group ");
		print_value(out, s->socket_group, false);
	}
	buf_putc(out, '\n');
}

static void
print_text(const char *name, const char *text, struct buf *out)
{
	if (text[0] == '\0')
		return;
	buf_printf(out, "set %s ", name);
	print_value(out, text, true);
	buf_putc(out, '\n');
}

static void
print_contact(const struct settings *s, struct buf *out)
{
	print_text("contact", s->contact, out);
}

static void
print_key_file(const struct settings *s, struct buf *out)
{
	print_text("key-file", s->key_file, out);
}

static void
print_metrics_file(const struct settings *s, struct buf *out)
{
	print_text("metrics-file", s->metrics_file, out);
}

static const struct setting {
	const char	*name;
	int		(*parse)(struct parser *, struct settings *);
	void		(*print)(const struct settings *, struct buf *);
	const struct choice *choices;	/* when it is printed as one */
	int		(*get)(const struct settings *);
} settings[] = {
	{ "socket", parse_socket, print_socket, NULL, NULL },
	{ "contact", parse_contact, print_contact, NULL, NULL },
	{ "mode", parse_mode, NULL, modes, get_mode },
	{ "undecided", parse_undecided, NULL, undecideds, get_undecided },
	{ "log-format", parse_log_format, NULL, formats, get_log_format },
	{ "log-client", parse_log_client, NULL, privacies, get_log_client },
	{ "log-user", parse_log_user, NULL, privacies, get_log_user },
	{ "log-sender", parse_log_sender, NULL, privacies, get_log_sender },
	{ "key-file", parse_key_file, print_key_file, NULL, NULL },
	{ "metrics-file", parse_metrics_file, print_metrics_file, NULL, NULL },
};
#define SETTINGS	(sizeof(settings) / sizeof(settings[0]))

static const char *
setting_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < SETTINGS ? settings[i].name : NULL;
}

int
parse_set(struct parser *p)
{
	struct buf hint = BUF_INIT;
	size_t i;

	for (i = 0; i < SETTINGS; i++)
		if (token_is(&p->tok, settings[i].name))
			break;
	if (i == SETTINGS) {
		parser_expected(p, "the name of a setting",
		    parser_suggest(p, &hint, setting_name, NULL));
		buf_free(&hint);
		return -1;
	}
	if (*p->settings_seen & (1u << i)) {
		diag_add(p->diags, DIAG_ERROR, &p->tok.place, NULL,
		    "\"%s\" was set already", settings[i].name);
		return -1;
	}
	*p->settings_seen |= 1u << i;
	parser_next(p);
	if (settings[i].parse(p, &p->policy->settings) == -1)
		return -1;
	return parser_end(p);
}

/* What was left at its default is not printed: every default is 0. */
void
settings_print(const struct settings *s, struct buf *out)
{
	size_t i, k;
	int value;

	for (i = 0; i < SETTINGS; i++) {
		if (settings[i].print != NULL) {
			settings[i].print(s, out);
			continue;
		}
		value = settings[i].get(s);
		for (k = 0; value != 0 && settings[i].choices[k].word != NULL; k++)
			if (settings[i].choices[k].value == value)
				buf_printf(out, "set %s %s\n", settings[i].name,
				    settings[i].choices[k].word);
	}
}
