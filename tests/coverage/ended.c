/*
 * ended.c owns the counters of programs that end by _exit(2), as the daemon
 * does: the linker puts the function below in its place, in builds that count.
 */
/* libc */
#include <unistd.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int);
_Noreturn void __wrap__exit(int);

_Noreturn void
__wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
