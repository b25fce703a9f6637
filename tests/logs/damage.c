/*
 * damage.c owns the spoiling of real log lines, with honest ones among them; it
 * may not know what any of them says.
 *
 *	damage SEED LINES HONEST FILE...
 *	damage build
 *
 * The second says whether sanitizers watch, which need time and memory.
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* tests */
#include "tests/unit/mutate.h"

#define REAL_MAX	2000
#define ROOM		2048
#define BETWEEN		10	/* spoiled lines from one honest one to the next */

static char *lines[REAL_MAX];
static size_t count;

static void
read_lines(const char *path)
{
	char line[ROOM];
	FILE *f = fopen(path, "re");

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while (count < REAL_MAX && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		lines[count++] = strdup(line);
	}
	fclose(f);
}

static void
write_damaged(struct chance *c)
{
	const char *real = lines[draw(c, count)];
	size_t len = strlen(real), times = draw(c, 4);
	char line[ROOM];

	memcpy(line, real, len);
	while (times-- > 0)
		len = mutate(c, line, len, sizeof(line));
	fwrite(line, 1, len, stdout);
	putchar('\n');
}

int
main(int argc, char *argv[])
{
	struct chance c;
	unsigned long n, i;
	char line[ROOM];
	FILE *honest;

	if (argc == 2 && strcmp(argv[1], "build") == 0) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
		puts("sanitized");
#else
		puts("plain");
#endif
		return 0;
	}
	if (argc < 5)
		return 64;
	c.state = strtoul(argv[1], NULL, 10);
	n = strtoul(argv[2], NULL, 10);
	honest = fopen(argv[3], "re");
	if (honest == NULL) {
		perror(argv[3]);
		return 1;
	}
	for (i = 4; i < (unsigned long)argc; i++)
		read_lines(argv[i]);
	for (i = 0; i < n; i++) {
		if (i % BETWEEN == 0 && fgets(line, sizeof(line), honest) != NULL)
			fputs(line, stdout);
		write_damaged(&c);
	}
	/* All of them, or the numbers could not be right. */
	n = fgets(line, sizeof(line), honest) == NULL;
	fclose(honest);
	for (i = 0; i < count; i++)
		free(lines[i]);
	return n ? 0 : 1;
}
