/*
 * process.h: what the process is to the system: user, group, background, files.
 *
 * Functions that can fail return 0, or an exit status of sysexits.h after they
 * have complained.
 */
#ifndef TLSWARDEN_PROCESS_H
#define TLSWARDEN_PROCESS_H

#include <sys/types.h>
#include <stdbool.h>

/* Who the daemon is to be once its socket is open. */
struct identity {
	bool	 change;		/* from root to what follows */
	uid_t	 uid;
	gid_t	 gid;
	char	*name;			/* of the user; for initgroups(3) */
};

/* "tlswardend: ..." to stderr; returns the status it was given. */
int	complain(int status, const char *fmt, ...)
	    __attribute__((__format__(printf, 2, 3)));

/* From -u, which may be NULL.  Root that would stay root is refused. */
int	process_identity(const char *spec, struct identity *);
void	process_identity_clear(struct identity *);
/* Give up root, for good. */
int	process_become(const struct identity *);

/* Descriptors 0, 1 and 2 are there, so that no socket becomes one of them. */
void	process_open_standard(void);
/*
 * As many open files as the system allows, one a connection, but no more than
 * there can be threads.
 */
void	process_set_limits(void);
/* Signals wait for the threads that ask for them. */
void	process_block_signals(void);

int	process_write_pidfile(const char *path);
/* The one that was written, if any. */
void	process_remove_pidfile(void);

/*
 * Fork.  The parent stays until the child calls process_detach(0), or ends,
 * and exits with the child's status; only the child returns.
 */
int	process_background(void);
/* The child listens: let the parent go, and the terminal. */
void	process_detach(bool keep_stderr);

#endif
