#ifndef SR_CORE_RUNS_PROMPT_INTERNAL_H
#define SR_CORE_RUNS_PROMPT_INTERNAL_H

/* What the files of prompts share. */

#include "core/runs/prompt.h"

/**
 * prompt_shape(json, len, messages): whether a JSON text, which is known to be
 * one, is an object with messages, input, contents or a prompt; how many it
 * has, which is not zero.
 */
SR_NODISCARD bool prompt_shape(const char * json, size_t len,
    unsigned * messages);

#endif /* !SR_CORE_RUNS_PROMPT_INTERNAL_H */
