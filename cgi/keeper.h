#ifndef SR_CGI_KEEPER_H
#define SR_CGI_KEEPER_H

/*
 * The thread of a worker that keeps credentials: it asks providers when a check
 * is due, goes on with rotations whose worker is gone, ends leases that nobody
 * extends, and destroys versions that nobody holds. One worker at a time does
 * each of these (store/chore.h, the claim of a rotation). A provider that does
 * not answer delays nothing else than this.
 */

#include "core/base/error.h"

struct keeper;
struct worker;

/** keeper_start(w, out): Errors: as background_start. */
SR_NODISCARD enum sr_error keeper_start(struct worker * w,
    struct keeper ** out);

/** keeper_stop(k): *k becomes NULL; may be NULL. */
void keeper_stop(struct keeper ** k);

#endif /* !SR_CGI_KEEPER_H */
