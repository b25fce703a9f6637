/*
 * planted.c owns the mistakes that an analyser has to find in a running daemon:
 * the same objects, linked with these in front of a function; it may not know
 * which analyser looks.
 *
 * The variable PLANTED names one: race, leak or unset.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "policy.h"

void	 __real_policy_judge(const struct policy *, const struct session *,
	    struct scratch *, bool, struct verdict *, struct trace *);
void	 __wrap_policy_judge(const struct policy *, const struct session *,
	    struct scratch *, bool, struct verdict *, struct trace *);

/* Volatile: a compiler that sees through it leaves nothing to be found. */
static volatile unsigned int judged;
static void *volatile last;

/* Sessions are judged by several threads, and this takes no lock. */
static void
race(void)
{
	judged++;
}

/* Each time the place of the one before is forgotten. */
static void
leak(void)
{
	last = malloc(100);
}

/* What nobody set decides. */
static void
unset(void)
{
	unsigned char *p = malloc(1);

	last = p;
	p = last;
	if (p != NULL && *p == 'x')
		judged = 0;
	free(p);
}

static const struct planted {
	const char	*name;
	void		(*make)(void);
} mistakes[] = {
	{ "race", race }, { "leak", leak }, { "unset", unset },
};

void
__wrap_policy_judge(const struct policy *p, const struct session *s,
    struct scratch *scratch, bool observe, struct verdict *v, struct trace *t)
{
	const char *name = getenv("PLANTED");
	size_t i;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		if (name != NULL && strcmp(name, mistakes[i].name) == 0)
			mistakes[i].make();
	__real_policy_judge(p, s, scratch, observe, v, t);
}
