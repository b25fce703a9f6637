/*
 * fuzz_reply.c: what an administrator may write for a reply: the contact, the
 * name of a rule, its action, each on a line; then facts (see given.h).
 *
 * What the policy takes, libmilter takes: code and class agree, the text is
 * one line of printable ASCII within its bound, and a percent sign comes out
 * as it was.
 */
/* this project */
#include "buf.h"
#include "policy.h"
/* this program */
#include "current.h"
#include "journal.h"
#include "macro.h"
#include "respond.h"
/* tests */
#include "given.h"

#define MAXREPLYLEN	980	/* libmilter's */

static struct policy *policy;
static const struct verdict *judged;
static unsigned int replies;

/* --- what respond.c asks of others */

struct edition *
current_acquire(void)
{
	static struct edition e;

	e.policy = policy;
	return &e;
}

void
edition_release(struct edition **e)
{
	*e = NULL;
}

void
journal_fault(const char *kind, const char *sentence)
{
	(void)sentence;
	PROMISE(strcmp(kind, "reply") != 0);
}

void
macro_service(SMFICTX *ctx, const struct policy *p, struct session *s)
{
	(void)ctx;
	session_set_number(s, ATTR_PORT, 587);
	policy_classify(p, s);
}

bool
macro_connect_came(SMFICTX *ctx)
{
	(void)ctx;
	return true;
}

bool
macro_is_mx(SMFICTX *ctx)
{
	(void)ctx;
	return false;
}

static bool
is_code(const char *s)
{
	return strlen(s) == 3 && (s[0] == '4' || s[0] == '5') &&
	    strspn(s, "0123456789") == 3;
}

/* RFC 3463: class.subject.detail, of up to three digits each. */
static bool
is_enhanced(const char *s, char class)
{
	size_t i, n;

	if (s[0] != class || s[1] != '.')
		return false;
	for (s += 2, i = 0; i < 2; i++) {
		n = strspn(s, "0123456789");
		if (n < 1 || n > 3 || s[n] != (i == 0 ? '.' : '\0'))
			return false;
		s += n + 1;
	}
	return true;
}

/* As libmilter checks it; an MTA makes one percent sign of two. */
int
smfi_setreply(SMFICTX *ctx, char *code, char *enhanced, char *text)
{
	const char *s;
	size_t n = 0;

	(void)ctx;
	replies++;
	PROMISE(is_code(code) && is_enhanced(enhanced, code[0]));
	PROMISE(strlen(text) <= MAXREPLYLEN && strpbrk(text, "\r\n") == NULL);
	for (s = text; *s != '\0'; s++) {
		PROMISE(*s != '%' || *++s == '%');
		if (judged != NULL)
			PROMISE(judged->reply.text[n] == *s);
		n++;
	}
	PROMISE(judged == NULL || judged->reply.text[n] == '\0');
	return MI_SUCCESS;
}

static void
answer(struct session *s)
{
	struct verdict v;
	sfsistat said;

	session_set_stage(s, STAGE_CONNECT);
	policy_classify(policy, s);
	session_set_stage(s, STAGE_RCPT);
	look_at_facts(s);
	policy_judge(policy, s, NULL, false, &v, NULL);
	PROMISE(v.decided && v.rule == 0);
	PROMISE(v.reply.code == 0 || strlen(v.reply.text) <= REPLY_TEXT_MAX);
	judged = &v;
	replies = 0;
	said = respond(NULL, &v);
	PROMISE((said == SMFIS_CONTINUE) == (v.action == ACTION_ACCEPT));
	PROMISE((said == SMFIS_REJECT) == (v.action == ACTION_REJECT));
	PROMISE(replies == (v.action != ACTION_ACCEPT));
	judged = NULL;
	PROMISE(respond_failure(NULL) == SMFIS_TEMPFAIL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size }, line;
	struct diags *diags = diags_new();
	struct session *s = session_new();
	struct buf b = BUF_INIT;

	PROMISE(s != NULL);
	line = take_until(&in, "\n");
	buf_puts(&b, "set contact \"");
	buf_put(&b, line.p, line.len);
	line = take_until(&in, "\n");
	buf_puts(&b, "\"\nrule ");
	buf_put(&b, line.p, line.len);
	line = take_until(&in, "\n");
	buf_puts(&b, "\n    ");
	buf_put(&b, line.p, line.len);
	policy = policy_parse("fuzz.conf", buf_str(&b), b.len, 0, diags);
	/* more was in it than one rule that decides */
	if (policy != NULL && policy_rule_count(policy) == 1 &&
	    policy_rule_action(policy, 0) != ACTION_NOTE &&
	    memmem(b.data, b.len, "observe", 7) == NULL &&
	    memmem(b.data, b.len, "share", 5) == NULL &&
	    memmem(b.data, b.len, "from", 4) == NULL &&
	    memmem(b.data, b.len, "until", 5) == NULL &&
	    memmem(b.data, b.len, " if", 3) == NULL) {
		give(s, in);
		answer(s);
	}
	policy_unref(&policy);
	session_free(s);
	diags_free(diags);
	buf_free(&b);
	return 0;
}
