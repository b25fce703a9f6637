/*
 * cmd_explain.c owns `tlswarden explain': what would this session get, and
 * why?  It may not know how the answer is shown.
 */
/* libc */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
/* this project */
#include "attr.h"
#include "cli.h"
#include "explain.h"
#include "walk.h"

#define OPT_FORMAT	256
#define OPT_OBSERVE	257
#define OPT_RECORD	258

static const struct option_row options[] = {
	{ 'c', "policy", "POLICY", "by this policy" },
	{ OPT_FORMAT, "format", "text|json", "how the answer is written" },
	{ OPT_OBSERVE, "observe", NULL, "as tlswardend --observe would answer" },
	{ OPT_RECORD, "record", "LINE", "the session of this line of the log" },
	{ 'h', "help", NULL, "show this help" },
	{ 0, NULL, NULL, NULL }
};

struct request {
	const char	*policy;
	const char	*record;
	bool		 json;
	bool		 observe;
	uint32_t	 day;
};

static int
bad_fact(const char *fact, const char *why)
{
	struct buf b = BUF_INIT;
	int status;

	buf_put_visible(&b, fact, 80);
	status = command_usage(&command_explain, "%s: %s", buf_str(&b), why);
	buf_free(&b);
	return status;
}

/* YYYY-MM-DD; what is no day at all is refused, the 31st of June is not. */
static int
read_day(const char *text, uint32_t *day)
{
	unsigned int y, m, d;
	char end;

	if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
	    sscanf(text, "%4u-%2u-%2u%c", &y, &m, &d, &end) != 3 ||
	    m < 1 || m > 12 || d < 1 || d > 31)
		return -1;
	*day = y * 10000 + m * 100 + d;
	return 0;
}

static int
no_such_fact(const char *fact, size_t len)
{
	const char *near = attr_near(fact, len);
	struct buf why = BUF_INIT;
	int status;

	if (near != NULL)
		buf_printf(&why, "no attribute is named so; did you mean %s?", near);
	else
		buf_puts(&why, "no attribute is named so; see tlswarden-policy(5)");
	status = bad_fact(fact, buf_str(&why));
	buf_free(&why);
	return status;
}

/* A value that is none of its type: which are. */
static int
no_such_value(const char *fact, enum attr attr)
{
	enum attr_type type = attr_info(attr)->type;
	struct buf why = BUF_INIT;
	int status;

	buf_printf(&why, "the value is not a%s %s", type == TYPE_ADDRESS ? "n" : "",
	    attr_type_name(type));
	if (type == TYPE_TLS)
		buf_puts(&why, ": SSLv2, SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3 or none");
	status = bad_fact(fact, buf_str(&why));
	buf_free(&why);
	return status;
}

static int
put_fact(struct explanation *e, struct request *rq, bool *given, const char *fact)
{
	const char *value = strchr(fact, '=');
	enum attr attr;

	if (value == NULL)
		return bad_fact(fact, "a fact is written attribute=value");
	if (strncmp(fact, "date=", 5) == 0)
		return read_day(fact + 5, &rq->day) == 0 ? EXIT_CLEAN :
		    bad_fact(fact, "a date is written YYYY-MM-DD");
	attr = attr_find(fact, (size_t)(value - fact));
	if (attr == ATTR_NOTHING)
		return no_such_fact(fact, (size_t)(value - fact));
	value++;
	if (given[attr])
		return bad_fact(fact, "the attribute was given already");
	given[attr] = e->given[attr] = true;
	if (strcmp(value, "none") == 0)
		session_set_none(e->session, attr);
	else if (*value == '\0' ||
	    session_set(e->session, attr, value, strlen(value)) == -1)
		return no_such_value(fact, attr);
	return EXIT_CLEAN;
}

/* A trace is filled anew for each stage: keep a copy. */
static void
keep_step(void *ctx, enum stage stage, const struct verdict *v,
    const struct trace *trace)
{
	struct explanation *e = ctx;
	struct step *step = &e->steps[e->count++];

	step->stage = stage;
	step->verdict = *v;
	step->trace = trace_new(e->policy);
	memcpy(step->trace->entries, trace->entries,
	    trace->count * sizeof(*trace->entries));
}

static void
explain(struct explanation *e, const struct request *rq)
{
	struct scratch *scratch = policy_scratch(e->policy);
	struct trace *trace = trace_new(e->policy);
	struct verdict final;
	enum stage stage;
	struct buf b = BUF_INIT;

	session_set_today(e->session, rq->day);
	policy_walk(e->policy, e->session, scratch, rq->observe, trace,
	    keep_step, e, &final);
	/*
	 * A client that is let through goes on, and so do the rules that only
	 * observe: the verdict stays, the marks become whole.
	 */
	for (stage = session_stage(e->session) + 1; final.action == ACTION_ACCEPT &&
	    stage <= policy_last_stage(e->policy); stage++) {
		session_set_stage(e->session, stage);
		policy_judge(e->policy, e->session, scratch, rq->observe, &final,
		    trace);
		keep_step(e, stage, &final, trace);
	}
	if (session_fact(e->session, ATTR_SERVICE).state == FACT_KNOWN)
		e->given[ATTR_SERVICE] = true;
	if (rq->json)
		explain_json(e, &b);
	else
		explain_text(e, term_has_colour(stdout), &b);
	fputs(buf_str(&b), stdout);
	buf_free(&b);
	trace_free(trace);
	scratch_free(scratch);
}

static int
read_options(int argc, char **argv, struct request *rq)
{
	int letter;

	while ((letter = command_option(&command_explain, argc, argv)) != -1) {
		switch (letter) {
		case 'c':
			rq->policy = optarg;
			break;
		case OPT_FORMAT:
			rq->json = strcmp(optarg, "json") == 0;
			if (!rq->json && strcmp(optarg, "text") != 0)
				return command_usage(&command_explain,
				    "the format is text or json");
			break;
		case OPT_OBSERVE:
			rq->observe = true;
			break;
		case OPT_RECORD:
			rq->record = optarg;
			break;
		case 'h':
			command_help(&command_explain, stdout);
			return -1;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc && rq->record == NULL)
		return command_usage(&command_explain,
		    "which session? give facts or a record");
	return EXIT_CLEAN;
}

/*
 * What a person gives must be able to be: a service that the policy does not
 * have, or a user who did not log in, would be judged as something else.
 */
static int
check_given(const struct explanation *e, const struct policy *p)
{
	struct fact service, cipher, strength;

	/* all that was given has come then; the walk begins where it begins */
	session_set_stage(e->session, STAGE_RCPT);
	service = session_fact(e->session, ATTR_SERVICE);
	cipher = session_fact(e->session, ATTR_CIPHER);
	strength = session_fact(e->session, ATTR_CIPHER_STRENGTH);
	if (e->given[ATTR_SERVICE] && service.state == FACT_KNOWN &&
	    !policy_has_service(p, service.text))
		return bad_fact(service.text, "the policy has no service of this "
		    "name; Postfix's smtp is mx, and its smtps is submissions");
	if (e->given[ATTR_CIPHER] && cipher.state == FACT_KNOWN &&
	    strength.state != FACT_KNOWN)
		return bad_fact(cipher.text, "no cipher suite of this name is known; "
		    "it has one of OpenSSL and one of IANA, or give cipher_strength=BITS");
	if (e->given[ATTR_USER] && !e->given[ATTR_AUTH])
		return bad_fact("user", "a user has logged in: give auth=MECHANISM "
		    "as well");
	return EXIT_CLEAN;
}

static int
run(int argc, char **argv)
{
	struct request rq = { .day = today() };
	struct explanation e = { .session = session_new() };
	struct diags *diags = diags_new();
	struct policy *policy = NULL;
	bool given[ATTR_COUNT] = { false };	/* on the command line, not by a record */
	size_t n;
	int i, status;

	status = read_options(argc, argv, &rq);
	if (status == EXIT_CLEAN && rq.record != NULL)
		status = explain_record(&e, rq.record);
	for (i = optind; status == EXIT_CLEAN && i < argc; i++)
		status = put_fact(&e, &rq, given, argv[i]);
	if (status == EXIT_CLEAN) {
		policy = load_policy(rq.policy, rq.day, diags, &status);
		if (policy == NULL) {
			print_diags(diags);
			status = EXIT_FAILED;
		}
	}
	if (policy != NULL && rq.record == NULL)
		status = check_given(&e, policy);
	if (policy != NULL && status == EXIT_CLEAN) {
		e.policy = policy;
		explain(&e, &rq);
	}
	for (n = 0; n < e.count; n++)
		trace_free(e.steps[n].trace);
	buf_free(&e.recorded.policy);
	buf_free(&e.recorded.verdict);
	buf_free(&e.recorded.rule);
	policy_unref(&policy);
	diags_free(diags);
	session_free(e.session);
	return status == -1 ? EXIT_CLEAN : status;
}

const struct command command_explain = {
	"explain", run, "what would a session get, and why?",
	"[-c POLICY] [--format text|json] [--observe] [--record LINE] "
	"ATTRIBUTE=VALUE...", options
};
