/*
 * verdict.c owns the names of actions; it may not know how one is chosen.
 */
/* this project */
#include "verdict.h"

const char *
action_name(enum action action)
{
	switch (action) {
	case ACTION_ACCEPT:
		return "accept";
	case ACTION_REJECT:
		return "reject";
	case ACTION_TEMPFAIL:
		return "tempfail";
	case ACTION_DISCONNECT:
		return "disconnect";
	case ACTION_NOTE:
		return "note";
	}
	return "";
}
