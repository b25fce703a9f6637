/*
 * ssl2.h: SSL 2.0, whose hellos are like no other's (RFC 6101, appendix E).
 */
#ifndef TLSWARDEN_SSL2_H
#define TLSWARDEN_SSL2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SSL2_HELLO_MAX	64
#define SSL2_ANSWER	13	/* the head of a SERVER-HELLO */

struct net;

/* Send a CLIENT-HELLO, and look whether a SERVER-HELLO with ciphers comes. */
bool	 ssl2_is_taken(struct net *);
/* The first bytes of an answer. */
bool	 ssl2_is_server_hello(const uint8_t *, size_t);

#endif
