/*
 * fuzz_session.c: a mail server's side of connections: macros and arguments to
 * the callbacks themselves, with the test in libmilter's place.
 *
 *	P n		the n-th policy
 *	{name}=value	a macro from now on; ! forgets all of them
 *	O, o		a new connection; o: the MTA sends no macros we ask for
 *	C host address, H name, M sender, R recipient, E, A
 *
 * Records parse and stay within their bound; every message has one; facts are
 * those of the last greeting; and no message is taken on a submission port
 * that the policy refuses.
 */
/* libc */
#include <arpa/inet.h>
#include <strings.h>
/* this project */
#include "buf.h"
#include "policy.h"
#include "record.h"
/* this program */
#include "callback.h"
#include "conn.h"
#include "current.h"
#include "journal.h"
#include "macro.h"
#include "negotiate.h"
#include "sink.h"
/* tests */
#include "given.h"

#define MACROS		40
#define MACRO_NAME	24
#define POLICIES	3

static struct {
	char	 name[MACRO_NAME];
	char	*value;
} macros[MACROS];
static struct smfiDesc callbacks;
static struct edition *editions[POLICIES];
static void *private;
static unsigned int records;	/* of messages, since MAIL */
static unsigned int replies;

/* What an MTA knows of its own connection. */
static struct {
	unsigned int	 policy;
	bool		 connected;
	bool		 in_mail;
	bool		 asked;		/* the macros we want are sent */
	bool		 login;		/* a port that people log in to */
	bool		 implicit;	/* 465 */
	bool		 must_refuse;	/* the built-in policy, at MAIL */
	unsigned int	 given_up;
} mta;

static const char more_text[] =
	"set log-format json\nset log-client truncated\nset log-user none\n"
	"service special daemon ORIGINATING\n"
	"list boxes = { bob@example.com, .example.net, <> }\n"
	"rule one\n if sender in boxes and recipient = postmaster@example.org\n"
	" reject 550 5.7.1 \"no, 100% %{service} %{rule} %{port} %{tls}\"\n"
	"rule two\n if helo ~ /^(a+)+$/ or client_name = mx.example.net\n"
	" tempfail 451 4.7.1 \"later\"\n share 50%\n"
	"rule three\n if cert_verified and cert_subject ~ /CN=ann/\n note\n"
	"rule four\n if sni = mail.example.org or user in { ann, eve }\n"
	" reject 554 5.7.0 \"no\"\n observe\n alarm seen\n"
	"rule five\n if recipient ~ /x/i\n disconnect 421 4.7.0 \"bye\"\n";

/* --- in libmilter's place */

char *
smfi_getsymval(SMFICTX *ctx, char *name)
{
	static char j[16];
	size_t i;

	(void)ctx;
	/* an MTA sends it with every stage */
	if (strcmp(name, "j") == 0) {
		snprintf(j, sizeof(j), "mx.example.org");
		return j;
	}
	for (i = 0; i < MACROS; i++)
		if (macros[i].value != NULL && strcmp(macros[i].name, name) == 0)
			return macros[i].value;
	return NULL;
}

int
smfi_setsymlist(SMFICTX *ctx, int stage, char *list)
{
	(void)ctx;
	PROMISE(stage >= SMFIM_FIRST && stage <= SMFIM_LAST && list[0] != '\0');
	return MI_SUCCESS;
}

void *
smfi_getpriv(SMFICTX *ctx)
{
	(void)ctx;
	return private;
}

int
smfi_setpriv(SMFICTX *ctx, void *p)
{
	(void)ctx;
	private = p;
	return MI_SUCCESS;
}

int
smfi_setreply(SMFICTX *ctx, char *code, char *enhanced, char *text)
{
	(void)ctx;
	replies++;
	PROMISE(strlen(code) == 3 && code[0] == enhanced[0]);
	PROMISE(is_printable(text, strlen(text), ""));
	return MI_SUCCESS;
}

int
smfi_register(struct smfiDesc description)
{
	callbacks = description;
	return MI_SUCCESS;
}

/* --- in place of the log */

/* The record says of the session what is known of it, and nothing else. */
static void
compare(const struct record *read, const struct session *s)
{
	static const enum attr told[] = { ATTR_CLIENT, ATTR_HELO, ATTR_TLS, ATTR_USER,
	    ATTR_SENDER, ATTR_PORT };
	char scratch[SESSION_SCRATCH];
	const struct field *f;
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		text = session_text(s, told[i], scratch, sizeof(scratch));
		f = record_find(read, attr_info(told[i])->name);
		PROMISE((text[0] != '\0') == (f != NULL && !f->absent && (!f->cut ||
		    session_fact(s, told[i]).state == FACT_KNOWN)));
		if (text[0] == '\0')
			continue;
		PROMISE(f->len <= strlen(text) && memcmp(f->value, text, f->len) == 0);
		PROMISE(f->cut || f->len == strlen(text));
	}
}

void
sink_put(enum sink_level level, const struct record *r, enum log_format format)
{
	struct session *s = session_new();
	struct buf line = BUF_INIT;
	const struct field *event;
	struct record read;

	(void)level;
	PROMISE(s != NULL);
	record_format(r, format, &line);
	PROMISE(line.len <= RECORD_MAX && is_printable(line.data, line.len, ""));
	record_init(&read);
	PROMISE(record_parse(&read, line.data, line.len) == 0);
	event = record_find(&read, "event");
	PROMISE(event != NULL);
	if (strcmp(event->value, "message") == 0) {
		records++;
		if (mta.policy == 0)
			compare(&read, ((struct conn *)private)->session);
	}
	record_facts(&read, s);
	session_set_stage(s, STAGE_CLOSE);
	look_at_facts(s);
	record_free(&read);
	buf_free(&line);
	session_free(s);
}

/* --- the MTA */

static const char *
macro(const char *name)
{
	char copy[MACRO_NAME];
	const char *value;

	snprintf(copy, sizeof(copy), "%s", name);
	value = smfi_getsymval(NULL, copy);
	return value != NULL ? value : "";
}

static bool
is_new_tls(const char *version)
{
	return strncasecmp(version, "TLSv1.", 6) == 0 && version[6] >= '2' &&
	    version[6] <= '9' && version[7] == '\0';
}

/* What packaging/policy.conf refuses on a port that people log in to. */
static bool
is_refused(void)
{
	const char *version = macro("{tls_version}"), *cipher = macro("{cipher}");
	const char *bits = macro("{cipher_bits}");

	if (!mta.login || mta.policy != 0 || !mta.asked)
		return false;
	if (version[0] == '\0' && cipher[0] == '\0' && bits[0] == '\0')
		return mta.implicit || macro("{auth_type}")[0] != '\0' ||
		    macro("{auth_authen}")[0] != '\0';
	return !is_new_tls(version) || cipher[0] == '\0' || bits[0] == '\0' ||
	    strstr(cipher, "NULL") != NULL || strncasecmp(cipher, "ADH-", 4) == 0;
}

static void
look_at_conn(sfsistat said)
{
	struct conn *c = private;

	PROMISE(said == SMFIS_CONTINUE || said == SMFIS_REJECT ||
	    said == SMFIS_TEMPFAIL);
	PROMISE((said == SMFIS_CONTINUE) == (replies == 0) && replies <= 1);
	replies = 0;
	PROMISE(c != NULL && c->session != NULL);
	look_at_facts(c->session);
}

/* The facts about TLS are those of now, and whole. */
static void
look_at_tls(void)
{
	struct conn *c = private;
	struct fact tls = session_fact(c->session, ATTR_TLS);
	bool all = macro("{tls_version}")[0] != '\0' && macro("{cipher}")[0] != '\0' &&
	    macro("{cipher_bits}")[0] != '\0';

	PROMISE(tls.state != FACT_KNOWN || all);
	PROMISE(tls.state != FACT_NONE || !all);
	PROMISE(session_fact(c->session, ATTR_CERT_SUBJECT).state != FACT_KNOWN ||
	    macro("{cert_subject}")[0] != '\0' || macro("{cn_subject}")[0] != '\0');
}

static void
give_up(void)
{
	if (!mta.in_mail)
		return;
	records = 0;
	callbacks.xxfi_abort(NULL);
	mta.in_mail = false;
	PROMISE(records == (mta.given_up++ < CONN_ABANDONED) ||
	    ((struct conn *)private)->simulated);
}

static void
hang_up(void)
{
	give_up();
	if (private != NULL)
		callbacks.xxfi_close(NULL);
	PROMISE(private == NULL);
	mta.connected = false;
}

static void
negotiate(bool asked)
{
	unsigned long actions, steps, two, three;

	hang_up();
	callbacks.xxfi_negotiate(NULL, asked ? 0x1ff : 0, 0x1fffff, 0, 0, &actions,
	    &steps, &two, &three);
	PROMISE((steps & ~0x1fffffUL) == 0 && (actions & ~0x1ffUL) == 0);
	mta.asked = asked;
}

static void
connect_from(char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	char *address = strrchr(text, ' ');
	struct sockaddr *sa = NULL;
	const char *port;

	give_up();
	if (private == NULL)
		negotiate(true);
	if (address != NULL)
		*address++ = '\0';
	if (address != NULL && inet_pton(AF_INET, address, &in.sin_addr) == 1)
		sa = (struct sockaddr *)&in;
	else if (address != NULL && inet_pton(AF_INET6, address, &in6.sin6_addr) == 1)
		sa = (struct sockaddr *)&in6;
	look_at_conn(callbacks.xxfi_connect(NULL, text, sa));
	look_at_tls();
	port = macro("{daemon_port}");
	mta.implicit = strcmp(port, "465") == 0;
	mta.login = mta.implicit || strcmp(port, "587") == 0;
	mta.connected = true;
	mta.given_up = 0;
}

static void
mail(char *sender)
{
	char *argv[] = { sender, NULL };
	sfsistat said;

	give_up();
	records = 0;
	mta.must_refuse = is_refused();
	said = callbacks.xxfi_envfrom(NULL, argv);
	look_at_conn(said);
	look_at_tls();
	mta.in_mail = said == SMFIS_CONTINUE;
	PROMISE(mta.in_mail == (records == 0));
	PROMISE(!mta.must_refuse || !mta.in_mail);
}

static void
recipient(char *name)
{
	char *argv[] = { name, NULL };

	if (mta.in_mail)
		look_at_conn(callbacks.xxfi_envrcpt(NULL, argv));
}

static void
end_of_message(void)
{
	if (!mta.in_mail)
		return;
	records = 0;
	look_at_conn(callbacks.xxfi_eom(NULL));
	PROMISE(records == 1);
	mta.in_mail = false;
}

/* A mailbox that was read, and needs no quotes, reads as itself, if it is whole. */
static void
read_mailbox(const char *argument)
{
	static const char atext[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789.!#$%&'*+-/=?^_`{|}~";
	char once[MAILBOX_TEXT], twice[MAILBOX_TEXT];
	size_t n;

	mailbox_read(argument, once);
	PROMISE(strlen(once) < MAILBOX_TEXT && once[0] != '\0');
	mailbox_read(once, twice);
	n = strspn(once, atext);
	PROMISE(n == 0 || once[n] != '@' ||
	    once[n + 1 + strspn(once + n + 1, atext)] != '\0' ||
	    strlen(once) == MAILBOX_TEXT - 1 || strcmp(once, twice) == 0);
}

static void
set_macro(char *name)
{
	char *value = strchr(name, '=');
	size_t i;

	if (value == NULL)
		return;
	*value++ = '\0';
	if (strlen(name) >= MACRO_NAME)
		return;
	for (i = 0; i < MACROS; i++) {
		if (macros[i].value != NULL && strcmp(macros[i].name, name) != 0)
			continue;
		free(macros[i].value);
		snprintf(macros[i].name, MACRO_NAME, "%s", name);
		macros[i].value = input_string((struct input){ value, strlen(value) });
		return;
	}
}

static void
forget_macros(void)
{
	size_t i;

	for (i = 0; i < MACROS; i++) {
		free(macros[i].value);
		macros[i].value = NULL;
	}
}

static void
choose_policy(const char *text)
{
	mta.policy = (unsigned int)(text[0] - '0') % POLICIES;
	editions[mta.policy]->refs++;
	current_replace(editions[mta.policy]);
}

static void
step(char *line)
{
	char *text = line[0] != '\0' && line[1] == ' ' ? line + 2 : line + 1;

	switch (line[0]) {
	case '\0':
		break;
	case 'P':
		hang_up();
		choose_policy(text);
		break;
	case 'O':
	case 'o':
		negotiate(line[0] == 'O');
		break;
	case 'C':
		connect_from(text);
		break;
	case 'H':
		give_up();
		if (mta.connected) {
			look_at_conn(callbacks.xxfi_helo(NULL, text));
			look_at_tls();
		}
		break;
	case 'M':
		read_mailbox(text);
		if (mta.connected)
			mail(text);
		break;
	case 'R':
		recipient(text);
		break;
	case 'E':
		end_of_message();
		break;
	case 'A':
		give_up();
		break;
	case '!':
		forget_macros();
		break;
	default:
		set_macro(line);
		break;
	}
}

static void
begin(void)
{
	static const char *const texts[] = { more_text,
	    "set mode observe\nset undecided tempfail\nrule r\n if auth = PLAIN or not tls\n"
	    " reject 530 5.7.0 \"no\"\n" };
	struct diags *diags = diags_new();
	struct policy *p;
	size_t i;

	PROMISE(callback_register() == 0);
	journal_init();
	for (i = 0; i < POLICIES; i++) {
		p = i == 0 ? policy_builtin(0, diags) : policy_parse("p", texts[i - 1],
		    strlen(texts[i - 1]), 0, diags);
		PROMISE(p != NULL);
		editions[i] = edition_new(p, NULL);
	}
	diags_free(diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	char *line, *end;

	if (editions[0] == NULL)
		begin();
	choose_policy("0");
	while (in.len > 0) {
		line = input_string(take_until(&in, "\n"));
		/* a macro may hold what no line of ours can */
		for (end = line; (end = strstr(end, "\\n")) != NULL; )
			memcpy(end, " \n", 2);
		step(line);
		free(line);
	}
	hang_up();
	forget_macros();
	return 0;
}
