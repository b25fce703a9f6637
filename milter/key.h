/*
 * key.h: the secret behind hashed addresses and names in the log.
 */
#ifndef TLSWARDEN_KEY_H
#define TLSWARDEN_KEY_H

#include "buf.h"
#include "digest.h"

#include <sys/types.h>
#include <stddef.h>
#include <stdint.h>

struct key {
	uint8_t	bytes[DIGEST_SIZE];
};

/*
 * Make the file, mode 0600 with random content, when there is none; it is
 * given to uid and gid, (uid_t)-1 and (gid_t)-1 keep them.  Read the key from
 * it: 0, or -1 and why in the buffer.
 */
int	key_create(const char *path, uid_t, gid_t, struct buf *why);
int	key_load(const char *path, struct key *, struct buf *why);

/* struct record_privacy's hash: the first 16 hex digits of HMAC-SHA-256. */
void	key_hash(const void *key, const char *value, size_t len, char out[32]);

#endif
