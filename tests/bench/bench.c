/*
 * bench.c says what a decision costs, and how that grows with the rules, and
 * how long long lists take to load and to ask.  It judges nothing: figures of
 * one machine are compared with each other, as ratios.
 *
 * Processor time is measured, and of several rounds the fastest counts: what
 * else the machine did can only have made the others slower.
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "buf.h"
#include "diag.h"
#include "policy.h"
#include "session.h"

#define ROUNDS		9
#define ROUND_SECONDS	0.02
#define TODAY		20261121

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct policy *
load(const char *name, const struct buf *text, struct diags *diags)
{
	struct policy *p;
	struct buf b = BUF_INIT;

	p = policy_parse(name, text->data, text->len, TODAY, diags);
	if (p == NULL) {
		diags_print(diags, &b, false);
		fputs(buf_str(&b), stderr);
		exit(1);
	}
	buf_free(&b);
	return p;
}

/* --- decisions */

/* Rules as people write them, none of which matches the session below. */
static void
put_rule(struct buf *b, const char *kind, unsigned int i)
{
	static const char *const kinds[] = { "tls", "client", "sender", "helo", "cipher" };

	if (strcmp(kind, "mixed") == 0)
		kind = kinds[i % (sizeof(kinds) / sizeof(kinds[0]))];
	buf_printf(b, "rule r%u\n    if ", i);
	if (strcmp(kind, "tls") == 0)
		buf_puts(b, "service = submission and tls < TLSv1.2");
	else if (strcmp(kind, "client") == 0)
		buf_printf(b, "client in { 10.%u.%u.0/24, 2001:db8:%x::/48 } and not tls",
		    i >> 8, i & 255, i);
	else if (strcmp(kind, "sender") == 0)
		buf_printf(b, "sender in { example%u.net, .example%u.net }", i, i);
	else if (strcmp(kind, "helo") == 0)
		buf_printf(b, "helo ~ /^host%u\\.(test|invalid)$/", i);
	else
		buf_puts(b, "tls and cipher in { RC4-SHA, RC4-MD5 }");
	buf_printf(b, " and user != u%u\n    reject 554 5.7.0 \"no\"\n", i);
}

static struct session *
ordinary_session(const struct policy *p)
{
	static const struct {
		enum attr	 attr;
		const char	*text;
	} facts[] = {
		{ ATTR_PORT, "587" }, { ATTR_CLIENT, "198.51.100.7" },
		{ ATTR_CLIENT_NAME, "pc.example.com" }, { ATTR_HELO, "pc.example.com" },
		{ ATTR_AUTH, "PLAIN" }, { ATTR_USER, "ann" },
		{ ATTR_SENDER, "ann@mail.example.com" },
	};
	struct session *s = session_new();
	size_t i;

	if (s == NULL)
		exit(1);
	session_set_today(s, TODAY);
	session_set_tls(s, "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256");
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		session_set(s, facts[i].attr, facts[i].text, strlen(facts[i].text));
	session_set_stage(s, STAGE_CONNECT);
	policy_classify(p, s);
	session_set_stage(s, STAGE_MAIL);
	return s;
}

/* Nanoseconds of one decision. */
static double
decision(const struct policy *p, const struct session *s)
{
	struct scratch *scratch = policy_scratch(p);
	double best = 0, start, took;
	struct verdict v;
	unsigned int round;
	size_t n, done;

	for (n = 1, took = 0; took < ROUND_SECONDS / 4; n *= 2) {
		start = now();
		for (done = 0; done < n; done++)
			policy_judge(p, s, scratch, false, &v, NULL);
		took = now() - start;
	}
	for (round = 0; round < ROUNDS; round++) {
		start = now();
		for (done = 0; done < n; done++)
			policy_judge(p, s, scratch, false, &v, NULL);
		took = (now() - start) / (double)n * 1e9;
		if (round == 0 || took < best)
			best = took;
	}
	if (!v.decided || v.rule != RULE_DEFAULT)
		fputs("bench: a rule decided that should not have\n", stderr);
	scratch_free(scratch);
	return best;
}

static void
bench_decisions(const char *kind)
{
	static const unsigned int sizes[] = { 10, 100, 1000 };
	double first = 0, ns;
	struct session *s;
	struct policy *p;
	struct diags *d;
	struct buf b = BUF_INIT;
	unsigned int i, k;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf_clear(&b);
		for (k = 0; k < sizes[i]; k++)
			put_rule(&b, kind, k);
		d = diags_new();
		p = load("bench", &b, d);
		s = ordinary_session(p);
		ns = decision(p, s);
		if (i == 0)
			first = ns;
		printf("%-8s %5u rules  %10.0f ns a decision  %7.1f ns a rule  x %.1f\n",
		    kind, sizes[i], ns, ns / sizes[i], ns / first);
		session_free(s);
		policy_unref(&p);
		diags_free(d);
	}
	buf_free(&b);
}

static void
bench_builtin(void)
{
	struct diags *d = diags_new();
	struct policy *p = policy_builtin(TODAY, d);
	struct session *s = ordinary_session(p);

	printf("%-8s %5u rules  %10.0f ns a decision\n", "built in",
	    (unsigned int)policy_rule_count(p), decision(p, s));
	session_free(s);
	policy_unref(&p);
	diags_free(d);
}

/* --- lists */

static const struct list_kind {
	const char	*name;
	const char	*attr;
} list_kinds[] = {
	{ "networks", "client" },
	{ "domains", "client_name" },
	{ "mailboxes", "sender" },
};

static void
put_item(struct buf *b, const char *kind, unsigned int i)
{
	if (kind[0] == 'n')
		buf_printf(b, "2001:db8:%x:%x::/64\n", i >> 8, i & 255);
	else if (kind[0] == 'd')
		buf_printf(b, ".host%u-%u.example.org\n", i >> 8, i & 255);
	else
		buf_printf(b, "user%u@example%u.org\n", i >> 8, i & 255);
}

static void
write_list(const char *path, const char *kind, unsigned int count)
{
	struct buf b = BUF_INIT;
	unsigned int i;
	FILE *f;

	for (i = 0; i < count; i++)
		put_item(&b, kind, i);
	f = fopen(path, "we");
	if (f == NULL || fwrite(b.data, 1, b.len, f) != b.len || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
	buf_free(&b);
}

/* Milliseconds to load the list; *ns: a look-up that finds nothing. */
static double
bench_list(const struct list_kind *kind, unsigned int count, const char *path,
    double *ns)
{
	struct buf conf = BUF_INIT;
	struct session *s;
	struct policy *p;
	struct diags *d;
	double best = 0, start, took;
	unsigned int round;

	write_list(path, kind->name, count);
	buf_printf(&conf, "list l = file \"%s\"\nrule r\n    if %s in l\n    accept\n",
	    path, kind->attr);
	for (round = 0; round < ROUNDS; round++) {
		d = diags_new();
		start = now();
		p = load("bench", &conf, d);
		took = (now() - start) * 1e3;
		if (round == 0 || took < best)
			best = took;
		if (round + 1 == ROUNDS) {
			s = ordinary_session(p);
			*ns = decision(p, s);
			session_free(s);
		}
		policy_unref(&p);
		diags_free(d);
	}
	buf_free(&conf);
	return best;
}

static void
bench_lists(void)
{
	static const unsigned int sizes[] = { 1000, 10000, 100000 };
	char path[] = "/tmp/tlswarden-bench.XXXXXX";
	double first = 0, ms, ns;
	unsigned int i, k;
	int fd;

	fd = mkstemp(path);
	if (fd == -1) {
		perror(path);
		exit(1);
	}
	close(fd);
	for (i = 0; i < sizeof(list_kinds) / sizeof(list_kinds[0]); i++)
		for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			ms = bench_list(&list_kinds[i], sizes[k], path, &ns);
			if (k == 0)
				first = ms;
			printf("%-9s %6u items  %8.1f ms to load  x %-6.1f  "
			    "%6.0f ns to ask\n", list_kinds[i].name, sizes[k], ms,
			    ms / first, ns);
		}
	unlink(path);
}

/* --- expectations */

/* Each of n expectations is tried against up to n rules. */
static void
bench_expects(void)
{
	static const unsigned int sizes[] = { 1000, 10000 };
	struct buf b = BUF_INIT;
	struct policy *p;
	struct diags *d;
	double first = 0, start, took;
	unsigned int i, k;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf_clear(&b);
		for (k = 0; k < sizes[i]; k++)
			buf_printf(&b, "rule r%u\n if user=u%u\n accept\n", k, k);
		for (k = 0; k < sizes[i]; k++)
			buf_printf(&b, "expect accept by r%u when auth=PLAIN user=u%u\n",
			    k, k);
		d = diags_new();
		start = now();
		p = load("bench", &b, d);
		took = (now() - start) * 1e3;
		if (i == 0)
			first = took;
		printf("%5u rules, as many expectations  %8.1f ms to load  x %.1f\n",
		    sizes[i], took, took / first);
		policy_unref(&p);
		diags_free(d);
	}
	buf_free(&b);
}

int
main(void)
{
	static const char *const kinds[] = { "tls", "client", "sender", "helo", "cipher",
	    "mixed" };
	size_t i;

	bench_builtin();
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		bench_decisions(kinds[i]);
	bench_lists();
	bench_expects();
	return 0;
}
