/*
 * run_session.c plays the scripts X.in against the policy X.conf (without one:
 * the policy built in) and compares verdicts and traces with X.ref, byte for
 * byte.  With -u the .ref files are written anew, to be read through with git
 * diff.
 *
 * A script is a line an event, as a milter gets them:
 *
 *	session TITLE			a new connection
 *	today DATE			of the sessions that follow, YYYY-MM-DD
 *	connect|helo|mail|rcpt FACTS	facts of the event, then the verdict
 *	eom|abort|close			the end of message or connection
 *
 * FACTS are name=value (value in double quotes if it holds blanks); "none"
 * stands for lacking and "?" for unknown.  tls=VERSION,CIPHER,BITS is what the
 * MTA's three macros say; at HELO and MAIL, without it, it says nothing.
 */
/* libc */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "buf.h"
#include "mem.h"
#include "policy.h"

struct play {
	const char	*name;
	unsigned int	 line;
	struct policy	*policy;
	struct scratch	*scratch;
	struct trace	*trace;
	struct session	*session;
	uint32_t	 today;
	bool		 mail;		/* the session got as far as MAIL */
	struct buf	 out;
};

static bool update;
static unsigned int tests, failures;

static void
give_up(const struct play *play, const char *why, const char *what)
{
	printf("Bail out! %s:%u: %s: %s\n", play->name, play->line, why, what);
	exit(1);
}

static bool
read_file(const char *path, struct buf *b)
{
	char chunk[4096];
	size_t n;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(b, chunk, n);
	fclose(f);
	return true;
}

/* --- facts */

/* The next name=value; both end in NUL.  false at the end of the line. */
static bool
next_fact(struct play *play, char **line, char **name, char **value)
{
	char *p = *line + strspn(*line, " \t");

	if (*p == '\0')
		return false;
	*name = p;
	p = strchr(p, '=');
	if (p == NULL)
		give_up(play, "not name=value", *name);
	*p++ = '\0';
	*value = p;
	if (*p == '"') {
		*value = ++p;
		p += strcspn(p, "\"");
		if (*p == '\0')
			give_up(play, "no closing quote", *value);
	} else {
		p += strcspn(p, " \t");
	}
	if (*p != '\0')
		*p++ = '\0';
	*line = p;
	return true;
}

static void
set_tls(struct play *play, char *macros)
{
	static const char *const words[] = { "absent", "present", "inconsistent" };
	char *bits, *cipher;
	enum tls_report report;

	cipher = strchr(macros, ',');
	bits = cipher != NULL ? strchr(cipher + 1, ',') : NULL;
	if (bits == NULL)
		give_up(play, "not VERSION,CIPHER,BITS", macros);
	*cipher++ = '\0';
	*bits++ = '\0';
	report = session_set_tls(play->session, macros, cipher, bits);
	if (report != TLS_PRESENT)
		buf_printf(&play->out, "    TLS is %s\n", words[report]);
}

static void
set_facts(struct play *play, char *line)
{
	char *name, *value;
	enum attr attr;

	while (next_fact(play, &line, &name, &value)) {
		attr = attr_find(name, strlen(name));
		if (attr == ATTR_NOTHING)
			give_up(play, "no such attribute", name);
		if (attr == ATTR_TLS && strchr(value, ',') != NULL)
			set_tls(play, value);
		else if (strcmp(value, "none") == 0)
			session_set_none(play->session, attr);
		else if (strcmp(value, "?") == 0)
			session_set_unknown(play->session, attr);
		else if (session_set(play->session, attr, value, strlen(value)) == -1)
			buf_printf(&play->out, "    %s does not fit\n", name);
	}
}

/* --- verdicts */

static void
put_marks(struct play *play, const char *what, const struct marks *marks)
{
	unsigned int i;

	for (i = 0; i < marks->count && i < MARKS_MAX; i++)
		buf_printf(&play->out, "%s%s", i == 0 ? what : ",",
		    policy_rule_name(play->policy, marks->rules[i]));
}

static void
put_verdict(struct play *play, const struct verdict *v)
{
	const struct policy *p = play->policy;
	struct buf *out = &play->out;

	if (!v->decided)
		buf_printf(out, "    waits for %s", attr_info(v->missing)->name);
	else
		buf_printf(out, "    %s by %s", action_name(v->action),
		    policy_rule_name(p, v->rule));
	if (v->decided && v->rule == RULE_UNDECIDED)
		buf_printf(out, " missing %s", attr_info(v->missing)->name);
	if (v->withheld)
		buf_printf(out, " withheld %s by %s", action_name(v->observed_whole),
		    policy_rule_name(p, v->observed_rule));
	put_marks(play, " observed ", &v->observed);
	put_marks(play, " noted ", &v->notes);
	if (v->decided && policy_rule_alarm(p, v->rule) != NULL)
		buf_printf(out, " alarm %s", policy_rule_alarm(p, v->rule));
	if (v->limits > 0)
		buf_printf(out, " limits %u", v->limits);
	buf_putc(out, '\n');
	if (v->reply.code != 0)
		buf_printf(out, "    %u %s %s\n", v->reply.code, v->reply.enhanced,
		    v->reply.text);
}

static void
put_trace(struct play *play)
{
	const struct trace_entry *entry;
	uint32_t i;

	for (i = 0; i < play->trace->count; i++) {
		entry = &play->trace->entries[i];
		if (entry->answer == TRACE_NOT_REACHED)
			break;
		buf_printf(&play->out, "\t%s: %s", policy_rule_name(play->policy, i),
		    trace_answer_name(entry->answer));
		if (entry->answer == TRACE_OBSERVED)
			buf_printf(&play->out, " (%s)", entry->stage_word);
		if (entry->why != NULL) {
			buf_puts(&play->out, ": ");
			policy_print_cond(entry->why, &play->out);
		}
		buf_putc(&play->out, '\n');
	}
}

static void
judge(struct play *play)
{
	struct verdict v;

	policy_judge(play->policy, play->session, play->scratch, false, &v, play->trace);
	put_verdict(play, &v);
	put_trace(play);
}

/* --- events */

static void
start(struct play *play, const char *title)
{
	buf_printf(&play->out, "%ssession %s\n", play->out.len > 0 ? "\n" : "", title);
	session_free(play->session);
	play->session = session_new();
	play->mail = false;
	if (play->session == NULL)
		give_up(play, "no memory", title);
}

/* As the daemon does: facts of the stage and later ones go, fresh ones come. */
static void
enter(struct play *play, enum stage stage, char *facts)
{
	session_forget(play->session, stage);
	session_set_stage(play->session, stage);
	session_set_today(play->session, play->today);
	if (stage == STAGE_MAIL) {
		play->mail = true;
		session_set_tls(play->session, NULL, NULL, NULL);
	}
	set_facts(play, facts);
	if (stage == STAGE_CONNECT)
		policy_classify(play->policy, play->session);
	judge(play);
}

static void
leave(struct play *play, enum stage stage)
{
	if (stage == STAGE_ABORT) {
		session_forget(play->session, STAGE_MAIL);
		session_set_stage(play->session, STAGE_HELO);
		return;
	}
	session_set_stage(play->session, stage);
	buf_printf(&play->out, "    outcome %s\n",
	    outcome_name(session_outcome(play->session, play->mail)));
}

static void
run_line(struct play *play, char *line)
{
	char *rest;
	int stage;

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return;
	rest = line + strcspn(line, " \t");
	if (*rest != '\0')
		*rest++ = '\0';
	rest += strspn(rest, " \t");
	if (strcmp(line, "session") == 0) {
		start(play, rest);
		return;
	}
	if (strcmp(line, "today") == 0) {
		play->today = (uint32_t)(strtoul(rest, NULL, 10) * 10000 +
		    strtoul(rest + 5, NULL, 10) * 100 + strtoul(rest + 8, NULL, 10));
		return;
	}
	stage = stage_find(line, strlen(line));
	if (stage == -1 || play->session == NULL)
		give_up(play, "no such event here", line);
	buf_printf(&play->out, "%s%s%s\n", line, *rest != '\0' ? " " : "", rest);
	if (stage <= STAGE_RCPT)
		enter(play, (enum stage)stage, rest);
	else
		leave(play, (enum stage)stage);
}

/* --- scripts */

static struct policy *
load(struct play *play, const char *conf)
{
	struct diags *diags = diags_new();
	struct buf b = BUF_INIT;
	struct policy *policy;

	if (access(conf, F_OK) == 0)
		policy = policy_load(conf, 0, diags);
	else
		policy = policy_builtin(0, diags);
	diags_print(diags, &b, false);
	if (policy == NULL)
		give_up(play, "policy refused", buf_str(&b));
	buf_free(&b);
	diags_free(diags);
	return policy;
}

static void
compare(const char *ref, const struct buf *out)
{
	struct buf expected = BUF_INIT;
	const char *line;
	bool same;
	size_t n;
	FILE *f;

	if (update && (f = fopen(ref, "we")) != NULL) {
		fwrite(out->data, 1, out->len, f);
		fclose(f);
	}
	read_file(ref, &expected);
	same = strcmp(buf_str(&expected), buf_str(out)) == 0;
	printf("%s %u - %s\n", same ? "ok" : "not ok", ++tests, ref);
	failures += !same;
	for (line = buf_str(out); !same && *line != '\0'; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		printf("# %.*s\n", (int)n, line);
	}
	buf_free(&expected);
}

/* name ends in .in; base is the same without. */
static void
run(const char *name)
{
	struct play play = { .name = name };
	char conf[300], ref[300], line[1024];
	int base = (int)strlen(name) - 3;
	FILE *f;

	snprintf(conf, sizeof(conf), "%.*s.conf", base, name);
	snprintf(ref, sizeof(ref), "%.*s.ref", base, name);
	play.policy = load(&play, conf);
	play.scratch = policy_scratch(play.policy);
	play.trace = trace_new(play.policy);
	f = fopen(name, "re");
	if (f == NULL)
		give_up(&play, strerror(errno), name);
	while (fgets(line, sizeof(line), f) != NULL) {
		play.line++;
		run_line(&play, line);
	}
	fclose(f);
	compare(ref, &play.out);
	buf_free(&play.out);
	session_free(play.session);
	trace_free(play.trace);
	scratch_free(play.scratch);
	policy_unref(&play.policy);
}

static int
is_script(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 3 && n < 256 && strcmp(d->d_name + n - 3, ".in") == 0;
}

int
main(int argc, char *argv[])
{
	const char *top = getenv("TOP_SRCDIR");
	struct dirent **found;
	struct buf path = BUF_INIT;
	int i, n;

	update = argc > 1 && strcmp(argv[1], "-u") == 0;
	buf_printf(&path, "%s/tests/session", top != NULL ? top : ".");
	if (chdir(buf_str(&path)) == -1 ||
	    (n = scandir(".", &found, is_script, alphasort)) <= 0) {
		printf("Bail out! no scripts in %s\n", buf_str(&path));
		return 1;
	}
	buf_free(&path);
	for (i = 0; i < n; i++) {
		run(found[i]->d_name);
		free(found[i]);
	}
	free(found);
	printf("1..%u\n", tests);
	return failures == 0 ? 0 : 1;
}
