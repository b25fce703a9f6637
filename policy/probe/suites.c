/*
 * suites.c owns what a suite or group is worth; it may not know who offers it.
 */
/* libc */
#include <string.h>
/* this project */
#include "suites.h"

/* What stands in a name, and what it means. */
static const struct {
	const char	*part;
	unsigned int	 traits;
} parts[] = {
	{ "_NULL_", SUITE_NULL },
	{ "_anon_", SUITE_ANON },
	{ "EXPORT", SUITE_EXPORT },
	{ "_RC4_", SUITE_RC4 },
	{ "_DES_", SUITE_DES },
	{ "_DES40_", SUITE_DES },
	{ "_RC2_", SUITE_DES },
	{ "_3DES_", SUITE_3DES },
	{ "_IDEA_", SUITE_OLD },
	{ "_SEED_", SUITE_OLD },
	{ "_MD5", SUITE_OLD },
	{ "_CBC_", SUITE_CBC },
	{ "TLS_DHE_", SUITE_DHE },
	{ "TLS_DH_anon_", SUITE_DHE },
	{ "TLS_ECDHE_", SUITE_ECDHE },
	{ "TLS_ECDH_anon_", SUITE_ECDHE },
};

static const char *
find(const struct numbered *table, size_t count, uint16_t number)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (table[i].number == number)
			return table[i].name;
	return NULL;
}

const char *
suite_name(uint16_t number)
{
	const char *name;

	name = find(suites_tls13, suites_tls13_count, number);
	if (name == NULL)
		name = find(suites_before, suites_before_count, number);
	return name;
}

unsigned int
suite_traits(uint16_t number)
{
	const char *name;
	unsigned int traits = 0;
	size_t i;

	if (find(suites_tls13, suites_tls13_count, number) != NULL)
		return 0;
	name = find(suites_before, suites_before_count, number);
	if (name == NULL)
		return 0;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i].part) != NULL)
			traits |= parts[i].traits;
	if ((traits & (SUITE_DHE | SUITE_ECDHE)) == 0)
		traits |= SUITE_NO_FS;
	return traits;
}

const char *
group_name(uint16_t number)
{
	return find(groups, groups_count, number);
}

/* Curves under 224 bits have less than 112 bits of strength. */
int
group_is_weak(uint16_t number)
{
	const char *name = group_name(number);

	return name != NULL && (strstr(name, "ct16") != NULL ||
	    strstr(name, "ct19") != NULL || strstr(name, "cp16") != NULL ||
	    strstr(name, "cp19") != NULL);
}

int
group_is_hybrid(uint16_t number)
{
	const char *name = group_name(number);

	return name != NULL && strstr(name, "MLKEM") != NULL;
}

const char *
version_text(uint16_t version)
{
	static const char *const names[VERSIONS] = {
		"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"
	};

	if (version < VERSION_SSL3 || version > VERSION_TLS1_3)
		return "";
	return names[version - VERSION_SSL3];
}
