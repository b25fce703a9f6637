/*
 * stream.c owns the opening of a log file and the bytes that come out of it,
 * unpacked; it may not know what a line is.
 */
/* libc */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* this project */
#include "mem.h"
#include "stream.h"

#define BLOCK	(128 * 1024)

struct stream {
	int			 fd;
	bool			 ours;		/* to close */
	bool			 started;	/* first bytes were looked at */
	bool			 over;		/* the file is */
	bool			 between;	/* pieces of compressed data */
	bool			 broken;
	const struct packing	*packing;	/* NULL: plain */
	void			*state;
	uint64_t		 size;
	uint64_t		 taken;
	uint64_t		 given;
	uint8_t			*block;
	size_t			 at;		/* in the block */
	size_t			 end;
	char			 why[160];
};

static const struct packing *const packings[] = {
	&packing_gz, &packing_xz, &packing_zst
};

#define PACKINGS	(sizeof(packings) / sizeof(packings[0]))

static int
open_path(const char *path, struct stat *st, char *why, size_t size)
{
	bool input = strcmp(path, "-") == 0;
	int fd;

	fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 || fstat(fd, st) == -1)
		snprintf(why, size, "cannot be opened: %s", strerror(errno));
	else if (S_ISDIR(st->st_mode))
		snprintf(why, size, "is a directory");
	else if (!input && !S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode))
		snprintf(why, size, "is no file or pipe");
	else
		return fd;
	if (fd != -1 && !input)
		close(fd);
	return -1;
}

struct stream *
stream_open(const char *path, char *why, size_t size)
{
	struct stream *s;
	struct stat st;
	int fd;

	fd = open_path(path, &st, why, size);
	if (fd == -1)
		return NULL;
	s = mem_calloc(1, sizeof(*s));
	s->fd = fd;
	s->ours = strcmp(path, "-") != 0;
	s->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	s->block = mem_calloc(1, BLOCK);
	return s;
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	if (s->state != NULL)
		s->packing->end(s->state);
	if (s->ours)
		close(s->fd);
	free(s->block);
	free(s);
}

const char *
stream_why(const struct stream *s)
{
	return s->why;
}

uint64_t
stream_taken(const struct stream *s)
{
	return s->taken;
}

uint64_t
stream_size(const struct stream *s)
{
	return s->size;
}

static ssize_t
broken(struct stream *s, const char *what)
{
	if (s->packing != NULL)
		snprintf(s->why, sizeof(s->why), "%s: %s", s->packing->name, what);
	else
		snprintf(s->why, sizeof(s->why), "%s", what);
	s->broken = true;
	return -1;
}

static ssize_t
take(struct stream *s, void *out, size_t size)
{
	ssize_t n;

	do
		n = read(s->fd, out, size);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return broken(s, strerror(errno));
	s->over = n == 0;
	s->taken += (uint64_t)n;
	return n;
}

/* Bring at least `wanted' bytes into the block, if the file has them. */
static int
fill(struct stream *s, size_t wanted)
{
	ssize_t n;

	if (s->end - s->at >= wanted || s->over)
		return 0;
	memmove(s->block, s->block + s->at, s->end - s->at);
	s->end -= s->at;
	s->at = 0;
	while (s->end < wanted && !s->over) {
		n = take(s, s->block + s->end, BLOCK - s->end);
		if (n == -1)
			return -1;
		s->end += (size_t)n;
	}
	return 0;
}

static bool
begins(const struct stream *s, const struct packing *p)
{
	return p->begins(s->block + s->at, s->end - s->at);
}

static int
look_at_start(struct stream *s)
{
	size_t i;

	s->started = true;
	if (fill(s, STREAM_MAGIC) == -1)
		return -1;
	for (i = 0; i < PACKINGS; i++)
		if (begins(s, packings[i]))
			s->packing = packings[i];
	if (s->packing == NULL)
		return 0;
	s->state = s->packing->start();
	return s->state != NULL ? 0 : (int)broken(s, "not enough memory");
}

static ssize_t
read_plain(struct stream *s, void *out, size_t size)
{
	size_t n = s->end - s->at;

	if (n == 0)
		return take(s, out, size);
	if (n > size)
		n = size;
	memcpy(out, s->block + s->at, n);
	s->at += n;
	return (ssize_t)n;
}

/*
 * Behind a piece: another one, padding (tapes and xz have zeros), or the end.
 * 1: go on; 0: the end; -1: something else.
 */
static int
look_between(struct stream *s)
{
	if (fill(s, STREAM_MAGIC) == -1)
		return -1;
	while (s->at < s->end && s->block[s->at] == 0)
		if (++s->at == s->end && fill(s, 1) == -1)
			return -1;
	if (fill(s, STREAM_MAGIC) == -1)
		return -1;
	if (s->at == s->end)
		return 0;
	if (!begins(s, s->packing))
		return (int)broken(s, "something else follows the compressed data");
	s->between = false;
	return 1;
}

/* One turn: bytes that came out, which may be none; -1. */
static ssize_t
unpack(struct stream *s, void *out, size_t size)
{
	struct unpack_io io = { .out = out, .out_len = size };
	enum unpack result;
	size_t before;

	if (fill(s, 1) == -1)
		return -1;
	io.in = s->block + s->at;
	io.in_len = before = s->end - s->at;
	result = s->packing->run(s->state, &io);
	s->at += before - io.in_len;
	s->between = result == UNPACK_END;
	switch (result) {
	case UNPACK_BROKEN:
		/* What came out before the fault is given first. */
		(void)broken(s, "the compressed data are damaged");
		break;
	case UNPACK_MEMORY:
		(void)broken(s, "unpacking it would need too much memory");
		break;
	case UNPACK_MORE:
		if (io.out_len == size && io.in_len == before && s->over)
			(void)broken(s, "the file ends in the middle");
		break;
	case UNPACK_END:
		break;
	}
	return (ssize_t)(size - io.out_len);
}

static ssize_t
read_packed(struct stream *s, void *out, size_t size)
{
	ssize_t n;
	int more;

	do {
		if (s->between) {
			more = look_between(s);
			if (more != 1)
				return more;
		}
		n = unpack(s, out, size);
	} while (n == 0 && !s->broken);
	if (n == -1 || n == 0)
		return -1;
	s->given += (uint64_t)n;
	if (s->given > STREAM_RATIO_FROM &&
	    s->given / STREAM_RATIO_MAX > s->taken - (s->end - s->at))
		(void)broken(s, "it unpacks to more than a thousand times its size,"
		    " which no log does");
	return n;
}

ssize_t
stream_read(struct stream *s, void *out, size_t size)
{
	if (s->broken || (!s->started && look_at_start(s) == -1))
		return -1;
	return s->packing == NULL ? read_plain(s, out, size) :
	    read_packed(s, out, size);
}
