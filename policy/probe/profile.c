/*
 * profile.c owns the guidelines as tables; it may not know what a server does.
 */
/* libc */
#include <string.h>
/* this project */
#include "profile.h"
#include "suites.h"

/* ECDHE with AES-GCM or ChaCha20, and the same two ciphers in TLS 1.3. */
static const uint16_t intermediate_suites[] = {
	0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8,
	0x1301, 0x1302, 0x1303, 0
};
static const uint16_t mozilla_groups[] = { 0x11ec, 0x001d, 0x0017, 0x0018, 0 };

/* No suite of TLS 1.2 at all. */
static const uint16_t modern_suites[] = { 0x1301, 0x1302, 0x1303, 0 };

/* ECDHE and DHE with AES in GCM, CCM, or CBC with SHA-2; in TLS 1.3 no ChaCha20. */
static const uint16_t bsi_suites[] = {
	0xc023, 0xc024, 0xc02b, 0xc02c, 0xc0ac, 0xc0ad,
	0xc027, 0xc028, 0xc02f, 0xc030,
	0x0040, 0x006a, 0x00a2, 0x00a3,
	0x0067, 0x006b, 0x009e, 0x009f, 0xc09e, 0xc09f,
	0x1301, 0x1302, 0x1304, 0
};
static const uint16_t bsi_groups[] = {
	0x0017, 0x0018, 0x0019, 0x001a, 0x001b, 0x001c, 0x001f, 0x0020, 0x0021,
	0x0101, 0x0102, 0x11eb, 0x11ec, 0x11ed, 0
};

static const struct profile profiles[] = {
	{ "default", "the RFCs that the findings name", 0, NULL, NULL, 0,
	    NULL, 0 },
	{ "mozilla-intermediate", "Mozilla, Server Side TLS 6.0, intermediate",
	    VERSION_TLS1_2, intermediate_suites, mozilla_groups, 112, NULL, 2048 },
	{ "modern", "Mozilla, Server Side TLS 6.0, modern",
	    VERSION_TLS1_3, modern_suites, mozilla_groups, 128, "EC", 0 },
	{ "bsi", "BSI TR-02102-2, 2026-01", VERSION_TLS1_2, bsi_suites, bsi_groups,
	    120, NULL, 3000 },
};

const struct profile *
profile_get(size_t i)
{
	return i < sizeof(profiles) / sizeof(profiles[0]) ? &profiles[i] : NULL;
}

const struct profile *
profile_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}

bool
profile_lists(const uint16_t *list, uint16_t number)
{
	if (list == NULL)
		return true;
	for (; *list != 0; list++)
		if (*list == number)
			return true;
	return false;
}
