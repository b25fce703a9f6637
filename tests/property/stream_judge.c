/*
 * stream_judge.c: policies and facts in on standard input, verdicts out, so
 * that a judge in another language can be held against the library.
 *
 *	P LENGTH	a policy of that many bytes follows	-> ok, or error
 *	S NAME=VALUE	facts, separated by tabs		-> one line: the
 *			verdict stage by stage | that of one evaluation
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "buf.h"
#include "diag.h"
#include "mem.h"
#include "policy.h"
#include "session.h"

static void
put_marks(const struct policy *p, const char *name, const struct marks *m)
{
	unsigned int i;

	printf(" %s=", name);
	for (i = 0; i < m->count && i < MARKS_MAX; i++)
		printf("%s%s", i > 0 ? "," : "", policy_rule_name(p, m->rules[i]));
}

static void
give(struct session *s, char *fact)
{
	char *value = strchr(fact, '=');
	unsigned int y, m, d;
	enum attr a;

	if (value == NULL)
		exit(1);
	*value++ = '\0';
	if (strcmp(fact, "date") == 0) {
		if (sscanf(value, "%u-%u-%u", &y, &m, &d) != 3)
			exit(1);
		session_set_today(s, y * 10000 + m * 100 + d);
		return;
	}
	a = attr_find(fact, strlen(fact));
	if (a == ATTR_NOTHING || session_set(s, a, value, strlen(value)) != 0)
		exit(1);
}

static void
judge(const struct policy *p, struct scratch *scratch, char *line)
{
	struct session *s = session_new();
	struct verdict v;
	char *fact;
	int stage;

	if (s == NULL)
		exit(1);
	for (fact = strtok(line, "\t"); fact != NULL; fact = strtok(NULL, "\t"))
		give(s, fact);
	policy_classify(p, s);
	for (stage = STAGE_CONNECT; stage <= STAGE_RCPT; stage++) {
		session_set_stage(s, (enum stage)stage);
		policy_judge(p, s, scratch, false, &v, NULL);
		if (v.decided)
			break;
	}
	if (!v.decided)
		exit(1);
	printf("%s %s", action_name(v.action), policy_rule_name(p, v.rule));
	session_set_stage(s, STAGE_RCPT);
	policy_judge(p, s, scratch, false, &v, NULL);
	printf(" | %s %s", action_name(v.action), policy_rule_name(p, v.rule));
	put_marks(p, "observed", &v.observed);
	put_marks(p, "notes", &v.notes);
	putchar('\n');
	session_free(s);
}

static struct policy *
load(size_t len)
{
	struct diags *diags = diags_new();
	struct buf out = BUF_INIT;
	struct policy *p;
	char *text;

	text = mem_calloc(len + 1, 1);
	if (fread(text, 1, len, stdin) != len)
		exit(1);
	p = policy_parse("policy", text, len, 0, diags);
	if (p == NULL) {
		diags_print(diags, &out, false);
		fputs(buf_str(&out), stderr);
	}
	puts(p != NULL ? "ok" : "error");
	buf_free(&out);
	free(text);
	diags_free(diags);
	return p;
}

int
main(void)
{
	struct scratch *scratch = NULL;
	struct policy *p = NULL;
	char line[4096];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == 'P') {
			scratch_free(scratch);
			policy_unref(&p);
			p = load(strtoul(line + 2, NULL, 10));
			scratch = p != NULL ? policy_scratch(p) : NULL;
		} else if (p != NULL) {
			judge(p, scratch, line + 2);
		} else {
			puts("no policy");
		}
	}
	scratch_free(scratch);
	policy_unref(&p);
	return 0;
}
