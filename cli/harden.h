#ifndef SR_CLI_HARDEN_H
#define SR_CLI_HARDEN_H

/*
 * What the program does to its own process before it reads a secret, and how
 * a command that it starts for the user gets back what it would have had.
 */

#include <stdbool.h>

/** harden(): no core dumps, no tracing by others of our user, files 0600. */
void harden(void);

/** harden_rights(): no new rights; not for what starts a command. */
void harden_rights(void);

/** harden_undo(): in a child that is to become a command of the user's. */
void harden_undo(void);

#endif /* !SR_CLI_HARDEN_H */
