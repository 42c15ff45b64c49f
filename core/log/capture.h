#ifndef SR_CORE_LOG_CAPTURE_H
#define SR_CORE_LOG_CAPTURE_H

/*
 * What libraries write to standard error by themselves (libfcgi, libcurl,
 * libxml2, MariaDB's client, the C library) becomes lines of the log: file
 * descriptor 2 is a pipe, a thread reads it through a stream of the gate, and
 * each line is an event stderr_line with the text. Nothing of it reaches the
 * real standard error otherwise: when the gate cannot vouch for it, the raw
 * text is gone and an alert line says so.
 */

#include "core/base/error.h"

struct capture;
struct redact;

/**
 * capture_start(r, out):
 * From now on sr_console() is the real standard error, in a descriptor of its
 * own, and 2 is the pipe. ${r} must outlive capture_stop. Once at a time, after
 * log_open, before other threads. Errors: OUT_OF_MEMORY, INTERNAL_ERROR (then
 * all is as before).
 */
SR_NODISCARD enum sr_error capture_start(struct redact * r,
    struct capture ** out);

/**
 * capture_stop(c): log what is left in the pipe, and put 2 back. *c becomes
 * NULL; may be NULL.
 */
void capture_stop(struct capture ** c);

#endif /* !SR_CORE_LOG_CAPTURE_H */
