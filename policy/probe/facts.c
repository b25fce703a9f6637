/*
 * facts.c owns what can be asked of the facts of a port; it may not know how
 * they were learnt.
 */
/* this project */
#include "facts.h"

bool
facts_has_tls(const struct facts *f)
{
	size_t i;

	for (i = 0; i < VERSIONS; i++)
		if (f->versions[i].taken)
			return true;
	return false;
}

unsigned int
facts_traits(const struct facts *f)
{
	unsigned int traits = 0;
	size_t i, n;

	for (i = 0; i < VERSIONS; i++)
		for (n = 0; n < f->versions[i].suite_count; n++)
			traits |= suite_traits(f->versions[i].suites[n]);
	return traits;
}

bool
facts_all_have(const struct facts *f, unsigned int trait)
{
	size_t i, n;

	for (i = 0; i < VERSIONS; i++)
		for (n = 0; n < f->versions[i].suite_count; n++)
			if ((suite_traits(f->versions[i].suites[n]) & trait) == 0)
				return false;
	return facts_has_tls(f);
}
