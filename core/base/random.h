#ifndef SR_CORE_BASE_RANDOM_H
#define SR_CORE_BASE_RANDOM_H

#include "core/base/error.h"

/**
 * random_bytes(out, len):
 * Fill ${out} with ${len} bytes from getrandom(2), short reads and EINTR
 * handled. Errors: RANDOM_UNAVAILABLE (${out} is then zeroed). Thread-safe.
 */
SR_NODISCARD enum sr_error random_bytes(void * out, size_t len);

#endif /* !SR_CORE_BASE_RANDOM_H */
