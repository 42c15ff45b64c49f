#ifndef SR_CGI_TERMINAL_H
#define SR_CGI_TERMINAL_H

/*
 * What a program wrote for a terminal, as text for a page: colours and cursor
 * movements are left out, a line that was written over is shown as it was
 * last.
 */

#include "core/base/strbuf.h"

/** terminal_text(bytes, len, out): append it. Errors stick in ${out}. */
void terminal_text(const char * bytes, size_t len, struct strbuf * out);

#endif /* !SR_CGI_TERMINAL_H */
