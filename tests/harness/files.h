#ifndef SR_TESTS_HARNESS_FILES_H
#define SR_TESTS_HARNESS_FILES_H

/* Folders, files, ports and texts, for tests. */

#include <sys/types.h>

#include "core/base/base.h"

/**
 * temp_folder(name, out, len): a new folder, mode 0700, $TMPDIR/NAME-XXXXXX,
 * its path in ${out}. 0 or -1.
 */
int temp_folder(const char * name, char * out, size_t len);

/** remove_tree(path): remove it with all that is in it. */
void remove_tree(const char * path);

/** file_read(path, len): its bytes and a NUL, or NULL. ${len} may be NULL. */
char * file_read(const char * path, size_t * len);

/** file_write(path, mode, text): make or replace it. 0 or -1. */
int file_write(const char * path, mode_t mode, const char * text);

/** text_format(format, …): like asprintf; the caller frees; never NULL. */
char * text_format(const char * format, ...) SR_PRINTF(1, 2);

/** sleep_ms(n): for polling. */
void sleep_ms(unsigned n);

/**
 * port_free(): a port of 127.0.0.1 that was free a moment ago, or 0. Another
 * program may take it meanwhile: try again when a server cannot bind it.
 */
unsigned port_free(void);

/**
 * port_wait(port, pid, seconds): 0 when ${port} answers; -1 when the child
 * ${pid} ends first or the time is over.
 */
int port_wait(unsigned port, pid_t pid, unsigned seconds);

#endif /* !SR_TESTS_HARNESS_FILES_H */
