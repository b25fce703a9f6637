/*
 * pattern_trial.c owns what a pattern may cost: a look at its text, and subjects
 * that are made to cost much.  It may not know PCRE2.
 *
 * It need not be exact: the limits hold whatever it overlooks.
 */
/* libc */
#include <ctype.h>
#include <string.h>
/* this project */
#include "pattern.h"

#define NESTED_MAX	256	/* groups in groups; PCRE2's own limit is 250 */

/* The end of an escape, a class or \Q..\E that starts at i; or i. */
static size_t
skip_atom(const char *p, size_t len, size_t i)
{
	const char *end;

	if (p[i] == '\\' && i + 1 < len) {
		if (p[i + 1] != 'Q')
			return i + 2;
		for (end = p + i + 2; end + 1 < p + len; end++)
			if (end[0] == '\\' && end[1] == 'E')
				return (size_t)(end - p) + 2;
		return len;
	}
	if (p[i] != '[')
		return i;
	i++;
	if (i < len && p[i] == '^')
		i++;
	if (i < len && p[i] == ']')
		i++;
	while (i < len && p[i] != ']')
		i += p[i] == '\\' ? 2 : 1;
	return i < len ? i + 1 : len;
}

/* Length of a quantifier without an upper end at i; 0 when there is none. */
static size_t
repetition(const char *p, size_t len, size_t i)
{
	size_t n = 1;

	if (i >= len)
		return 0;
	if (p[i] == '*' || p[i] == '+')
		return 1;
	if (p[i] != '{')
		return 0;
	while (i + n < len && p[i + n] >= '0' && p[i + n] <= '9')
		n++;
	if (n == 1 || i + n + 1 >= len || p[i + n] != ',' || p[i + n + 1] != '}')
		return 0;
	return n + 2;
}

bool
pattern_is_nested(const char *p, size_t len)
{
	bool inside[NESTED_MAX] = { false };
	size_t depth = 0, i, n, next;
	bool closed;

	for (i = 0; i < len; i = next) {
		next = skip_atom(p, len, i);
		closed = false;
		if (next == i) {
			next++;
			if (p[i] == '(' && depth + 1 < NESTED_MAX)
				inside[++depth] = false;
			else if (p[i] == ')' && depth > 0)
				closed = inside[depth--];
		}
		n = p[i] == '(' || p[i] == '|' ? 0 : repetition(p, len, next);
		if (n > 0 && closed)
			return true;
		/* What is possessive gives nothing back: (a++)+ is harmless. */
		if ((n > 0 && !(next + n < len && p[next + n] == '+')) || closed)
			inside[depth] = true;
		next += n;
	}
	return false;
}

/*
 * Backtracking costs most on a long run of what the pattern repeats, followed
 * by something that it does not want.  So the bytes that the pattern names are
 * taken from its text: each alone, each behind those before it, two in turns,
 * and all in their order.
 */
#define BYTES_MAX	8	/* different ones */
#define ORDER_MAX	64
#define HEAD_MAX	16	/* bytes of them before a run */
#define PAIRED_MAX	4	/* of the different ones */

struct samples {
	char	bytes[BYTES_MAX];
	size_t	count;
	char	order[ORDER_MAX];	/* all of them, as they stand */
	size_t	length;
	char	stranger;		/* none of them */
};

static void
sample(struct samples *s, char c)
{
	if (s->length < ORDER_MAX)
		s->order[s->length++] = c;
	if (s->count < BYTES_MAX && memchr(s->bytes, c, s->count) == NULL)
		s->bytes[s->count++] = c;
}

/* A byte that an escape stands for; 0 when it is none. */
static char
escaped(char c)
{
	static const char letters[] = "dDwWsShHvVNRnt", stand[] = "0aa  a a\vaa\n\n\t";
	const char *at = strchr(letters, c);

	if (c != '\0' && at != NULL)
		return stand[at - letters];
	return isalnum((unsigned char)c) ? 0 : c;
}

/* The members of a class that are written out; of [^...] some other byte. */
static void
sample_class(struct samples *s, const char *p, size_t len)
{
	static const char others[] = "a0 -";
	size_t i;

	if (len > 2 && p[1] == '^') {
		for (i = 0; others[i] != '\0'; i++)
			if (memchr(p, others[i], len) == NULL)
				break;
		sample(s, others[i] != '\0' ? others[i] : '~');
		return;
	}
	for (i = 1; i + 1 < len; i++) {
		if (p[i] == '\\' && i + 2 < len) {
			if (escaped(p[++i]) != 0)
				sample(s, escaped(p[i]));
		} else if (p[i] != '-' && !(i > 1 && p[i - 1] == '-'))
			sample(s, p[i]);
	}
}

static void
take_samples(struct samples *s, const char *p, size_t len)
{
	static const char strangers[] = "!~#\001";
	size_t i, next;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < len; i = next) {
		next = skip_atom(p, len, i);
		if (p[i] == '[')
			sample_class(s, p + i, next - i);
		else if (next == i + 2 && escaped(p[i + 1]) != 0)
			sample(s, escaped(p[i + 1]));
		else if (p[i] == '{')
			next = i + 1 + strspn(p + i + 1, "0123456789,}");
		else if (p[i] == '.')
			sample(s, 'a');
		else if (next == i && strchr("()*+?|^$", p[i]) == NULL)
			sample(s, p[i]);
		if (next == i)
			next++;
	}
	if (s->count == 0)
		sample(s, 'a');
	for (i = 0; memchr(s->bytes, strangers[i], s->count) != NULL &&
	    strangers[i + 1] != '\0'; i++)
		continue;
	s->stranger = strangers[i];
}

struct trying {
	const struct pattern	*pattern;
	struct scratch		*scratch;
	const struct samples	*samples;
	size_t			 max;
	struct pattern_trial	*worst;
};

/* First the head, then the unit again and again, at last the tail. */
static void
try_run(struct trying *t, size_t head, const char *unit, size_t n, const char *tail,
    size_t m)
{
	char subject[PATTERN_SUBJECT_MAX];
	unsigned int steps;
	size_t i;

	if (t->worst->steps > PATTERN_STEPS || head + m > t->max)
		return;
	memcpy(subject, t->samples->order, head);
	for (i = 0; head + i < t->max - m; i++)
		subject[head + i] = unit[i % n];
	memcpy(subject + head + i, tail, m);
	steps = pattern_cost(t->pattern, subject, t->max, t->scratch, t->worst->steps);
	if (steps <= t->worst->steps && t->worst->len > 0)
		return;
	t->worst->steps = steps;
	t->worst->len = t->max;
	memcpy(t->worst->subject, subject, t->max);
}

static void
try_tails(struct trying *t, size_t head, const char *unit, size_t n)
{
	const struct samples *s = t->samples;
	char last = s->order[s->length - 1];
	/* what a match must end in is looked for before all else */
	const char ends[] = { s->stranger, last, s->stranger };

	try_run(t, head, unit, n, ends, 1);
	try_run(t, head, unit, n, ends, 0);
	try_run(t, head, unit, n, ends, 2);
	try_run(t, head, unit, n, ends + 1, 2);
}

void
pattern_try(const struct pattern *pattern, const char *text, size_t max,
    struct scratch *scratch, struct pattern_trial *worst)
{
	struct samples s;
	struct trying t = { pattern, scratch, &s, max, worst };
	char pair[2];
	size_t i, k;

	if (t.max > PATTERN_SUBJECT_MAX)
		t.max = PATTERN_SUBJECT_MAX;
	memset(worst, 0, sizeof(*worst));
	take_samples(&s, text, strlen(text));
	for (i = 0; i < s.count; i++)
		try_tails(&t, 0, &s.bytes[i], 1);
	for (i = 1; i < s.length && i < HEAD_MAX; i++)
		try_tails(&t, i, &s.order[i], 1);
	try_tails(&t, 0, s.order, s.length);
	for (i = 0; i < s.count && i < PAIRED_MAX; i++)
		for (k = i + 1; k < s.count && k < PAIRED_MAX; k++) {
			pair[0] = s.bytes[i];
			pair[1] = s.bytes[k];
			try_tails(&t, 0, pair, sizeof(pair));
		}
}
