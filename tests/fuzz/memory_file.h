/*
 * memory_file.h: bytes as a file that has a path and needs no disk.
 */
#ifndef TLSWARDEN_MEMORY_FILE_H
#define TLSWARDEN_MEMORY_FILE_H

/* libc */
#include <sys/mman.h>
#include <unistd.h>
/* tests */
#include "fuzz.h"

/* The path; good until the next call. */
static inline const char *
memory_file(const void *data, size_t size)
{
	static char path[64];
	static int fd = -1;

	if (fd == -1) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		PROMISE(fd != -1);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	PROMISE(ftruncate(fd, 0) == 0);
	PROMISE(size == 0 || pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}

#endif
