#ifndef SR_CGI_HANDLER_H
#define SR_CGI_HANDLER_H

/*
 * The handlers of route.def. A handler has the exchange's form, visitor and
 * store at hand, does one thing, and either sets the response or returns the
 * error, which becomes a page or a problem document.
 */

#include "core/base/error.h"

struct exchange;

typedef enum sr_error handler_fn(struct exchange * x);

handler_fn h_front, h_setup_show, h_setup_create,
    h_setup_complete, h_setup_provider_save, h_setup_provider_check,
    h_provider_check, h_provider_rotate, h_login_show, h_login_check,
    h_logout, h_security_show, h_security_save, h_secret_show,
    h_secret_rotate, h_secret_revoke_show, h_secret_revoke, h_audit_show,
    h_audit_export, h_audit_signature,
    h_key_create, h_key_revoke_show, h_key_revoke, h_errors, h_error_type,
    h_healthz, h_readyz, h_api_secret_list, h_api_secret_show,
    h_api_secret_put, h_api_secret_revoke, h_api_audit, h_api_key_list,
    h_api_key_create, h_api_key_revoke, h_openapi, h_api_provider_list,
    h_api_provider_check, h_api_provider_rotate, h_api_explain,
    h_api_project_list, h_api_project_create, h_api_project_show,
    h_api_binding_list, h_api_binding_set, h_api_binding_remove,
    h_api_run_create, h_api_run_show, h_api_run_move, h_api_run_beat,
    h_api_run_credential, h_api_run_values, h_api_event_list,
    h_api_event_post, h_api_project_change,
    h_api_artifact_list, h_api_artifact_put, h_api_artifact_get,
    h_artifact_download, h_api_prompt_list, h_api_prompt_make,
    h_api_prompt_show, h_run_events;

#endif /* !SR_CGI_HANDLER_H */
