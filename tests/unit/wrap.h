/*
 * wrap.h owns the functions that the linker puts in the place of others, with
 * -Wl,--wrap=NAME; it may not know what they are for.
 */
#ifndef TLSWARDEN_WRAP_H
#define TLSWARDEN_WRAP_H

#include <stdbool.h>

/*
 * The function in the place of NAME: the statements that come last, in which the
 * other one is called "real", and when they return nothing what that one does.
 */
#define WRAP(type, name, parameters, arguments, ...)			\
	type __real_##name parameters;					\
	type __wrap_##name parameters;					\
	type __wrap_##name parameters					\
	{								\
		type (*const real) parameters = __real_##name;		\
									\
		__VA_ARGS__						\
		return real arguments;					\
	}

/*
 * The same of a function with sizes, places or times in a file: where a word has
 * 32 bits, the C library's headers give its calls another name.  A name that it
 * does not have is weak, and nobody calls it.  The others are not weak: then they
 * would not bring their part of a static library.
 */
#define WRAP_WEAK(type, name, parameters)				\
	type __real_##name parameters __attribute__((__weak__));
#define WRAP_WIDE(type, name, parameters, arguments, ...)		\
	WRAP_WEAK(type, name##64, parameters)				\
	WRAP_WEAK(type, __##name##64, parameters)			\
	WRAP_WEAK(type, __##name##_time64, parameters)			\
	WRAP_WEAK(type, __##name##64_time64, parameters)		\
	WRAP(type, name, parameters, arguments, __VA_ARGS__)		\
	WRAP(type, name##64, parameters, arguments, __VA_ARGS__)	\
	WRAP(type, __##name##64, parameters, arguments, __VA_ARGS__)	\
	WRAP(type, __##name##_time64, parameters, arguments, __VA_ARGS__) \
	WRAP(type, __##name##64_time64, parameters, arguments, __VA_ARGS__)

/* Calls that still go well before this one fails; -1: all do. */
static inline bool
fails(int *left)
{
	return *left >= 0 && (*left)-- == 0;
}

/* Statements that have a function fail, when it is time. */
#define FAIL(left, failure)	\
	if (fails(&left))	\
		return failure;

#endif
