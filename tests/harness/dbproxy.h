#ifndef SR_TESTS_HARNESS_DBPROXY_H
#define SR_TESTS_HARNESS_DBPROXY_H

/*
 * A unix socket in front of a real MariaDB that can break a connection at a
 * chosen command, to lose what really gets lost: a statement on its way, or the
 * reply to a COMMIT that the server has carried out. It reads the client's
 * packets (protocol 4.1, no TLS, no compression) and passes all bytes through.
 */

#include "core/base/base.h"

struct dbproxy;

/* The command to watch for. An execution of several statements that are one
 * (db_later) is a BEGIN or a COMMIT too, if that is among them. */
enum dbproxy_what { DBPROXY_COMMIT, DBPROXY_EXECUTE, DBPROXY_BEGIN };

/* What happens to the command that was waited for. */
enum dbproxy_how {
	DBPROXY_CUT_BEFORE,	/* The server never sees it; both ends close. */
	DBPROXY_CUT_AFTER,	/* The server answers it; the client does not
				   get the answer; both ends close. */
	DBPROXY_CUT_LATE,	/* The client's end closes at once; the server
				   gets the command half a second later. */
	DBPROXY_STALL		/* Neither end hears anything any more. */
};

/** dbproxy_start(target, out): listen in a folder of its own. 0 or -1. */
SR_NODISCARD int dbproxy_start(const char * target, struct dbproxy ** out);

/** dbproxy_stop(p): end it; *p becomes NULL; may be NULL. */
void dbproxy_stop(struct dbproxy ** p);

/** dbproxy_socket(p): where it listens. */
const char * dbproxy_socket(const struct dbproxy * p);

/** dbproxy_arm(p, what, nth, how): break the nth command from now, once. */
void dbproxy_arm(struct dbproxy * p, enum dbproxy_what what, unsigned nth,
    enum dbproxy_how how);

/** dbproxy_refuse_after(p, refuse): after the break, close new connections. */
void dbproxy_refuse_after(struct dbproxy * p, bool refuse);

/** dbproxy_broken(p): how many commands were broken since it was armed. */
unsigned dbproxy_broken(struct dbproxy * p);

/** dbproxy_seen(p, what): how many such commands came by so far. */
unsigned dbproxy_seen(struct dbproxy * p, enum dbproxy_what what);

#endif /* !SR_TESTS_HARNESS_DBPROXY_H */
