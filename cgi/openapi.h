#ifndef SR_CGI_OPENAPI_H
#define SR_CGI_OPENAPI_H

/* The description of the API (OpenAPI 3.1), made from the tables alone. */

#include "cgi/api.h"

/** openapi_operation(c, row): one operation, and what it takes and answers. */
void openapi_operation(struct compose * c, const struct api_row * row);

/** openapi_components(c): schemas, the problem response, who may call. */
void openapi_components(struct compose * c);

/** answer_name(answer): "SecretList". */
const char * answer_name(enum answer answer);

#endif /* !SR_CGI_OPENAPI_H */
