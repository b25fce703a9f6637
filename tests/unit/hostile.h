/*
 * hostile.h: values that a client may try, and how they stand in a record.
 */
#ifndef TLSWARDEN_TEST_HOSTILE_H
#define TLSWARDEN_TEST_HOSTILE_H

#include <stddef.h>

/* Lengths, for some hold NULs. */
static const struct {
	const char	*value;
	size_t		 len;
	const char	*logfmt;	/* as it stands in the line */
} hostile[] = {
	{ "mx.example.net", 14, "x=mx.example.net" },
	{ "", 0, "x=\"\"" },
	{ "a b", 3, "x=\"a b\"" },
	{ "a=b", 3, "x=\"a=b\"" },
	{ "none", 4, "x=\"\\x6eone\"" },
	{ "None", 4, "x=None" },
	{ "none ", 5, "x=\"none \"" },
	{ "nonesuch", 8, "x=nonesuch" },
	{ "a\" client=192.0.2.1 \"b", 22, "x=\"a\\x22 client=192.0.2.1 \\x22b\"" },
	{ "a\nv=1 event=alarm", 17, "x=\"a\\x0av=1 event=alarm\"" },
	{ "a\r\n", 3, "x=\"a\\x0d\\x0a\"" },
	{ "a\0b", 3, "x=\"a\\x00b\"" },
	{ "\x1b[31mred", 8, "x=\"\\x1b[31mred\"" },
	{ "\xc3\xa4\xff\x80", 4, "x=\"\\xc3\\xa4\\xff\\x80\"" },
	{ "\x7f", 1, "x=\"\\x7f\"" },
	{ "\\", 1, "x=\"\\x5c\"" },
	{ "\\x41", 4, "x=\"\\x5cx41\"" },
	{ "a\\...", 5, "x=\"a\\x5c...\"" },
	{ "{\"v\":1}", 7, "x=\"{\\x22v\\x22:1}\"" },
	{ "%s%n%{contact}", 14, "x=%s%n%{contact}" },
	{ "<>", 2, "x=<>" },
	{ "\tx", 2, "x=\"\\x09x\"" },
};

#define HOSTILE	(sizeof(hostile) / sizeof(hostile[0]))

#endif
