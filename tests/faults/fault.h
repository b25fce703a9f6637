/*
 * fault.h: what a test and the program under test share.
 *
 * The test makes a file of FAULT_SIZE bytes and names it in FAULTS; both map it.
 * fault.py knows the offsets of these.
 */
#ifndef TLSWARDEN_FAULT_H
#define TLSWARDEN_FAULT_H

#include <stdatomic.h>
#include <stdint.h>

#define FAULT_PLACES	8192	/* a power of two */

struct fault_control {
	_Atomic uint64_t calls;		/* requests for memory, so far */
	_Atomic uint64_t from;		/* those from here */
	_Atomic uint64_t to;		/* to here are refused; none when 0 */
	_Atomic uint64_t refused;
	_Atomic uint64_t learn;		/* put down where from it is asked for */
	_Atomic int64_t	 ahead;		/* the clock of the day, nanoseconds */
	_Atomic uint64_t storm;		/* microseconds between two signals */
	_Atomic uint64_t signals;	/* handled, so far */
	_Atomic uint64_t longest;	/* bytes that send(2) takes; 0: any */
	_Atomic uint64_t unsent;	/* what was longer, so far */
	_Atomic int64_t	 still;		/* where the other clock stands; 0: it goes */
	/* by the way they were reached: the first request for memory, or 0 */
	struct {
		_Atomic uint64_t way;
		_Atomic uint64_t call;
	} places[FAULT_PLACES];
};

#endif
