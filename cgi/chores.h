#ifndef SR_CGI_CHORES_H
#define SR_CGI_CHORES_H

/* What is to be done from time to time, by one worker for all of them. */

struct db;
struct worker;

/**
 * chores_run(w, db):
 * Call after an answer was sent. Once an hour per database, the worker that
 * comes first deletes what has expired: forms of former values, old changes of
 * the live set, requests that are not known again any more, old sessions and
 * counters; a bounded number of rows, and the rest a minute later. Once an hour
 * as well, one warns of secrets that expire soon, or have. Failures are logged
 * where they are detected; the next run makes up for them.
 */
void chores_run(struct worker * w, struct db * db);

#endif /* !SR_CGI_CHORES_H */
