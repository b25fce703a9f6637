/*
 * source.c owns the reading of policy files and the memory they are read
 * into; it may not know what they say.
 */
/* libc */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* this project */
#include "digest.h"
#include "mem.h"
#include "policy.h"
#include "source.h"

struct source_set *
source_set_new(void)
{
	struct source_set *set;

	set = mem_calloc(1, sizeof(*set));
	set->last = &set->first;
	return set;
}

void
source_set_free(struct source_set *set)
{
	struct source *s, *next;

	if (set == NULL)
		return;
	for (s = set->first; s != NULL; s = next) {
		next = s->next;
		free(s->path);
		free(s->text);
		free(s->base);
		free(s);
	}
	free(set);
}

/* NULL when the file may be used. */
static const char *
refusal(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return "it is a directory";
	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (st->st_mode & S_IWOTH)
		return "everybody may write to it";
	return NULL;
}

/* Everything up to the end, but not more than size bytes. */
static ssize_t
read_all(int fd, char *buf, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have < size) {
		n = read(fd, buf + have, size - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static char *
read_open(int fd, size_t max, size_t *len, struct stat *st, char *why, size_t size)
{
	struct stat after;
	char *text;
	ssize_t n;

	if (fstat(fd, st) == -1) {
		snprintf(why, size, "%s", strerror(errno));
		return NULL;
	}
	if (refusal(st) != NULL) {
		snprintf(why, size, "%s", refusal(st));
		return NULL;
	}
	if ((uintmax_t)st->st_size > max) {
		snprintf(why, size, "it is larger than %zu bytes", max);
		return NULL;
	}
	/* one byte more than there should be shows a file that grows */
	text = mem_calloc((size_t)st->st_size + 2, 1);
	n = read_all(fd, text, (size_t)st->st_size + 1);
	if (n == -1)
		snprintf(why, size, "%s", strerror(errno));
	else if (n != st->st_size || fstat(fd, &after) == -1 ||
	    after.st_size != st->st_size ||
	    after.st_mtim.tv_sec != st->st_mtim.tv_sec ||
	    after.st_mtim.tv_nsec != st->st_mtim.tv_nsec)
		snprintf(why, size, "it changed while it was read");
	else {
		*len = (size_t)n;
		return text;
	}
	free(text);
	return NULL;
}

char *
source_read(const char *path, size_t max, size_t *len, struct stat *st, char *why,
    size_t size)
{
	char *text;
	int fd;

	/* a FIFO without a writer must not hold us, a terminal not become ours */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		snprintf(why, size, "%s", strerror(errno));
		return NULL;
	}
	text = read_open(fd, max, len, st, why, size);
	close(fd);
	return text;
}

/* The directory of a path with its slash, or "": bytes of path. */
static size_t
directory(const char *path)
{
	const char *slash;

	slash = strrchr(path, '/');
	return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

static char *
beside(const char *other, const char *path)
{
	struct buf b = BUF_INIT;

	if (path[0] != '/')
		buf_put(&b, other, directory(other));
	buf_puts(&b, path);
	return buf_steal(&b);
}

static struct source *
append(struct source_set *set, char *path, char *text, size_t len)
{
	struct source *s;

	s = mem_calloc(1, sizeof(*s));
	s->path = path;
	s->text = text;
	s->len = len;
	set->total += len;
	*set->last = s;
	set->last = &s->next;
	return s;
}

struct source *
source_open(struct source_set *set, const char *path, size_t max,
    const struct source *parent, const struct place *from, struct diags *diags)
{
	struct place whole = { .file = path };
	struct source *s;
	struct stat st;
	size_t len;
	char why[128], *full, *text, *named;

	full = parent != NULL ? beside(parent->path, path) : mem_strdup(path);
	text = source_read(full, max, &len, &st, why, sizeof(why));
	if (text != NULL && set->total + len > SOURCE_TOTAL_MAX) {
		snprintf(why, sizeof(why), "with it, the policy has more than %d bytes",
		    SOURCE_TOTAL_MAX);
		free(text);
		text = NULL;
	}
	if (text == NULL) {
		diag_add(diags, DIAG_ERROR, from != NULL ? from : &whole, NULL,
		    "cannot use the file \"%s\": %s", full, why);
		free(full);
		return NULL;
	}
	s = append(set, full, text, len);
	s->device = st.st_dev;
	s->inode = st.st_ino;
	s->written = st.st_mtim;
	s->parent = parent;
	if (parent != NULL) {
		named = beside(parent->base, path);
		s->base = mem_strndup(named, directory(named));
		free(named);
		s->depth = parent->depth + 1;
	} else
		s->base = mem_strdup("");
	if (from != NULL) {
		s->from = *from;
		s->included = true;
	}
	return s;
}

struct source *
source_text(struct source_set *set, const char *name, const char *text, size_t len,
    struct diags *diags)
{
	struct place whole = { .file = name };
	struct source *s;

	if (len > POLICY_FILE_MAX) {
		diag_add(diags, DIAG_ERROR, &whole, NULL,
		    "the policy has more than %d bytes", POLICY_FILE_MAX);
		return NULL;
	}
	s = append(set, mem_strdup(name), mem_strndup(text, len), len);
	s->base = mem_strdup("");
	return s;
}

static bool
is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec :
	    a->tv_nsec > b->tv_nsec;
}

bool
source_stands(const struct source_set *set, struct policy_files *files)
{
	const struct source *s;
	struct stat st;

	memset(files, 0, sizeof(*files));
	for (s = set->first; s != NULL; s = s->next) {
		if (s->inode == 0)
			continue;
		if (is_later(&s->written, &files->written))
			files->written = s->written;
		files->empty = files->empty || s->len == 0;
		if (stat(s->path, &st) == -1 || st.st_dev != s->device ||
		    st.st_ino != s->inode || (uintmax_t)st.st_size != s->len ||
		    st.st_mtim.tv_sec != s->written.tv_sec ||
		    st.st_mtim.tv_nsec != s->written.tv_nsec)
			return false;
	}
	return true;
}

void
source_hash(const struct source_set *set, char hex[65])
{
	const struct source *s;
	struct digest *digest;
	uint8_t sum[DIGEST_SIZE];

	digest = digest_new();
	for (s = set->first; s != NULL; s = s->next)
		digest_add(digest, s->text, s->len);
	digest_end(digest, sum);
	digest_hex(sum, sizeof(sum), hex);
}
