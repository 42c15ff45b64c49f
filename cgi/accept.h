#ifndef SR_CGI_ACCEPT_H
#define SR_CGI_ACCEPT_H

/* Which of our representations a client prefers (RFC 9110, 12.5.1). */

#include "core/base/base.h"

enum format {
	FORMAT_HTML,
	FORMAT_XML,		/* The page's model; problem+xml for errors. */
	FORMAT_JSON		/* problem+json; readiness as JSON. */
};

/**
 * accept_format(header):
 * The format with the highest quality in an Accept header (NULL or "": any);
 * HTML when it takes nothing that we make, and before others of equal
 * quality only if it is named first. Never fails.
 */
enum format accept_format(const char * header);

/**
 * accept_api(header): the same for programs: XML or JSON, and JSON for who
 * takes anything.
 */
enum format accept_api(const char * header);

#endif /* !SR_CGI_ACCEPT_H */
