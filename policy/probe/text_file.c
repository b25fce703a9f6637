/*
 * text_file.c owns reading a file whole; it may not know what is in it.
 */
/* libc */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
/* this folder */
#include "text_file.h"

static int
read_all(int fd, size_t max, struct buf *out)
{
	char chunk[8192];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			buf_put(out, chunk, (size_t)n);
		if (out->len > max) {
			errno = EFBIG;
			return -1;
		}
	}
	return 0;
}

int
text_file_read(const char *path, size_t max, struct buf *out, struct buf *why)
{
	struct stat st;
	int fd, result = -1;

	buf_clear(out);
	/* a pipe or a device would not end */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd != -1 && fstat(fd, &st) == 0) {
		if (S_ISREG(st.st_mode))
			result = read_all(fd, max, out);
		else
			errno = EINVAL;
	}
	if (result == -1) {
		buf_put_visible(why, path, 300);
		buf_printf(why, ": %s", strerror(errno));
	}
	if (fd != -1)
		close(fd);
	return result;
}
