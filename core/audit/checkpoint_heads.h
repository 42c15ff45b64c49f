#ifndef SR_CORE_AUDIT_CHECKPOINT_HEADS_H
#define SR_CORE_AUDIT_CHECKPOINT_HEADS_H

/*
 * Heads that were kept outside of the database: bare notes, or log files with
 * lines of event audit_checkpoint, in any mix (checkpoint.FORMAT).
 */

#include "core/audit/checkpoint.h"

/**
 * checkpoint_heads_read(fd, fn, cookie):
 * Call ${fn} with each head in the file, in order, and pass over the rest.
 * Nothing is verified: give each its key with checkpoint_take_key, and then ask
 * checkpoint_verify. Memory is constant. Errors: INPUT_UNREADABLE, and what
 * ${fn} returns.
 */
typedef enum sr_error checkpoint_head_fn(const struct checkpoint * head,
    void * cookie);
SR_NODISCARD enum sr_error checkpoint_heads_read(int fd,
    checkpoint_head_fn * fn, void * cookie);

#endif /* !SR_CORE_AUDIT_CHECKPOINT_HEADS_H */
