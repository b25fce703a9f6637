/*
 * drive.c runs a target over files: those that are named, those of directories
 * that are named, or the corpus of the target.
 *
 *	fuzz_policy [FILE | DIRECTORY]...
 */
/* libc */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
/* tests */
#include "fuzz.h"

#define FILE_MAX	(1 << 20)

static unsigned int files;

/* A copy that is as large as the file, so that a byte read behind it shows. */
static int
run_file(const char *path)
{
	uint8_t *all = malloc(FILE_MAX), *data;
	FILE *f = fopen(path, "rb");
	size_t n;

	if (all == NULL || f == NULL) {
		printf("# %s cannot be read\n", path);
		free(all);
		return -1;
	}
	n = fread(all, 1, FILE_MAX, f);
	fclose(f);
	data = malloc(n > 0 ? n : 1);
	if (data == NULL)
		abort();
	memcpy(data, all, n);
	free(all);
	/* the last one named is the one that broke it */
	printf("# %s\n", path);
	fflush(stdout);
	files++;
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 0;
}

static int
run_directory(const char *path)
{
	struct dirent **list;
	char file[PATH_MAX];
	int i, n, result = 0;

	n = scandir(path, &list, NULL, alphasort);
	if (n == -1) {
		printf("# %s cannot be read\n", path);
		return -1;
	}
	for (i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.' && snprintf(file, sizeof(file),
		    "%s/%s", path, list[i]->d_name) < (int)sizeof(file) &&
		    run_file(file) == -1)
			result = -1;
		free(list[i]);
	}
	free(list);
	return result;
}

static int
run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return run_directory(path);
	return run_file(path);
}

/* fuzz_policy has the corpus "policy". */
static int
run_corpus(const char *program)
{
	const char *source = getenv("TOP_SRCDIR"), *name;
	char path[PATH_MAX];

	name = strrchr(program, '/');
	name = name != NULL ? name + 1 : program;
	name = strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s",
	    source != NULL ? source : ".", name);
	return run_path(path);
}

int
main(int argc, char *argv[])
{
	int i, result = 0;

	printf("1..1\n");
	if (argc == 1)
		result = run_corpus(argv[0]);
	for (i = 1; i < argc; i++)
		if (run_path(argv[i]) == -1)
			result = -1;
	if (files == 0)
		result = -1;
	printf("%s 1 - %u inputs keep what is promised\n",
	    result == 0 ? "ok" : "not ok", files);
	return result == 0 ? 0 : 1;
}
