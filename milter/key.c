/*
 * key.c owns the file of the log's secret; it may not know whose names are
 * hashed with it.
 */
/* libc */
#include <sys/random.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "digest.h"
/* this program */
#include "key.h"

#define KEY_FILE_MAX	4096	/* bytes; more are not read */
#define KEY_FILE_MIN	16
#define HASH_BYTES	8	/* of the sum that a name is written as */

/*
 * What is its owner's already is left alone: who confines the daemon may have
 * taken chown(2) from it.
 */
static int
give(int fd, uid_t uid, gid_t gid)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && (uid == (uid_t)-1 || uid == st.st_uid) &&
	    (gid == (gid_t)-1 || gid == st.st_gid))
		return 0;
	return fchown(fd, uid, gid);
}

int
key_create(const char *path, uid_t uid, gid_t gid, struct buf *why)
{
	uint8_t bytes[32];
	int fd, saved;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1 && errno == EEXIST)
		return 0;
	if (fd != -1 && getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes) &&
	    write(fd, bytes, sizeof(bytes)) == sizeof(bytes) &&
	    give(fd, uid, gid) == 0) {
		close(fd);
		return 0;
	}
	saved = errno;
	if (fd != -1) {
		/* half a key must not be taken for one at the next start */
		unlink(path);
		close(fd);
	}
	buf_printf(why, "cannot make the key file %s: %s", path, strerror(saved));
	return -1;
}

static int
open_key(const char *path, struct buf *why)
{
	struct stat st;
	int fd;

	/* Not to be caught by a FIFO; a regular file does not mind. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		buf_printf(why, "cannot read the key file %s: %s", path,
		    strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		buf_printf(why, "the key file %s is not a regular file", path);
	} else if ((st.st_mode & 07) != 0) {
		buf_printf(why, "the key file %s is open to everybody: "
		    "chmod o= %s", path, path);
	} else {
		return fd;
	}
	if (fd != -1)
		close(fd);
	return -1;
}

int
key_load(const char *path, struct key *key, struct buf *why)
{
	struct digest *d;
	uint8_t bytes[KEY_FILE_MAX];
	size_t len = 0;
	ssize_t n;
	int fd;

	fd = open_key(path, why);
	if (fd == -1)
		return -1;
	while (len < sizeof(bytes) &&
	    (n = read(fd, bytes + len, sizeof(bytes) - len)) > 0)
		len += (size_t)n;
	close(fd);
	if (len < KEY_FILE_MIN) {
		buf_printf(why, "the key file %s holds less than %d bytes", path,
		    KEY_FILE_MIN);
		return -1;
	}
	d = digest_new();
	digest_add(d, bytes, len);
	digest_end(d, key->bytes);
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

void
key_hash(const void *p, const char *value, size_t len, char out[32])
{
	const struct key *key = p;
	uint8_t sum[DIGEST_SIZE];

	if (digest_hmac(key->bytes, sizeof(key->bytes), value, len, sum) == 0)
		digest_hex(sum, HASH_BYTES, out);
	else
		snprintf(out, 32, "unhashed");
}
