/*
 * options.h: the command line.
 */
#ifndef TLSWARDEN_OPTIONS_H
#define TLSWARDEN_OPTIONS_H

#include "sink.h"

#include <stdbool.h>

struct options {
	const char	*policy;	/* NULL: the default path, or built in */
	const char	*socket;	/* NULL: what the policy says */
	const char	*user;		/* USER[:GROUP], or NULL */
	const char	*pidfile;	/* NULL: none */
	const char	*log;		/* as given */
	enum sink_target target;
	bool		 observe;
	bool		 background;
	bool		 test;
};

/*
 * Fill in from the arguments.  -1: go on; else the exit status, after -V, -h
 * or a complaint.
 */
int	options_parse(struct options *, int, char **);

#endif
