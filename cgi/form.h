#ifndef SR_CGI_FORM_H
#define SR_CGI_FORM_H

/*
 * Typed form fields (field.def) out of application/x-www-form-urlencoded.
 * Secret fields go straight from the body's secbuf into secbufs of their own;
 * the body is decoded in place and wiped as soon as it is parsed.
 */

#include "cgi/member.h"
#include "cgi/request.h"
#include "core/base/error.h"
#include "core/base/secbuf.h"

enum field {
#define FIELD(set, id, name, kind, max, error) FIELD_##id,
#include "cgi/field.def"
#undef FIELD
	FIELD__MAX
};

/* The sets of fields; FIELDS_ANY is in each of them but FIELDS_NONE. */
enum field_set { FIELDS_NONE, FIELDS_ANY, FIELDS_SETUP,
    FIELDS_SETUP_PROVIDER, FIELDS_ROTATION, FIELDS_ROTATION_CANCEL,
    FIELDS_LOGIN,
    FIELDS_SECRET, FIELDS_ROTATE, FIELDS_REVOKE, FIELDS_KEY,
    FIELDS_KEY_REVOKE, FIELDS_SETUP_QUERY, FIELDS_LOGIN_QUERY,
    FIELDS_FRONT_QUERY, FIELDS_SECURITY_QUERY, FIELDS_DETAIL_QUERY,
    FIELDS_AUDIT_QUERY, FIELDS_PROJECT, FIELDS_PROJECT_CHANGE,
    FIELDS_BINDING, FIELDS_CONFIRMED, FIELDS_RUN_DECISION,
    FIELDS_PROJECTS_QUERY, FIELDS_PROJECT_QUERY, FIELDS_RUN_QUERY,
    FIELDS_EVENTS_QUERY, FIELDS_CODE, FIELDS_PASSWORD, FIELDS_FACTOR,
    FIELDS_FACTOR_BEGIN,
    FIELDS_INVITE, FIELDS_ROLE, FIELDS_CONFIRM, FIELDS_INVITATION,
    FIELDS_NOTICE_QUERY, FIELDS_INVITATION_QUERY,
    /* Those of the API have none of FIELDS_ANY. */
    FIELDS_API_SECRET, FIELDS_API_KEY, FIELDS_API_PROJECT, FIELDS_API_PAGE,
    FIELDS_API_AUDIT, FIELDS_API_ROTATE, FIELDS_API_NEW_PROJECT,
    FIELDS_API_BINDING, FIELDS_API_RUN, FIELDS_API_MOVE,
    FIELDS_API_CHANGE_PROJECT, FIELDS_API_ARTIFACT, FIELDS_API_PROMPT,
    FIELDS_API_EVENT, FIELDS_API_EVENT_PAGE,
    /* No fields: any bytes, and any JSON, which the handler reads. */
    FIELDS_API_RAW, FIELDS_API_WHOLE };

enum field_kind { FIELD_KIND_TEXT, FIELD_KIND_LIST, FIELD_KIND_FLAG,
    FIELD_KIND_JSON,
    FIELD_KIND_SECRET, FIELD_KIND_LINES };

enum field_fault { FAULT_NONE, FAULT_TOO_LONG, FAULT_NOT_TEXT };

struct form;

#define FORM_MEMBER_MAX	40

/* The name of a member that is wrong, "" when it is not fit to be named. */
struct form_complaint {
	char field[FORM_MEMBER_MAX + 1];
};

/**
 * form_parse(body, set, strict, out):
 * Parse ${body}, which is wiped and freed in any case (*body becomes NULL; it
 * may be NULL: no fields). ${strict}: an unknown field is an error, else it
 * is ignored. Errors: FORM_MALFORMED (a broken escape, a field twice, an
 * unknown field, too many), OUT_OF_MEMORY. Caller frees.
 */
SR_NODISCARD enum sr_error form_parse(struct secbuf ** body,
    enum field_set set, bool strict, struct form ** out);

/**
 * form_parse_members(body, media, set, out, complaint):
 * As form_parse with ${strict}, for what programs send: JSON, XML or, for a
 * query, urlencoded. Names are those of the fields; null is as not sent.
 * Errors: BODY_MALFORMED, FORM_MALFORMED, MEDIA_TYPE_UNSUPPORTED,
 * MEMBER_UNKNOWN, MEMBER_REPEATED, MEMBER_TYPE_INVALID (no text),
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED (a member such as "plaintext" or
 * "value" where the set has none of that name), with its name in ${complaint};
 * OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error form_parse_members(struct secbuf ** body,
    enum media media, enum field_set set, struct form ** out,
    struct form_complaint * complaint);

/** form_free(f): wipe and release; *f becomes NULL; *f may be NULL. */
void form_free(struct form ** f);

/** form_has(f, field): whether the field was sent. */
bool form_has(const struct form * f, enum field field);

/**
 * form_text(f, field): a text field's text, "" when absent. What is no text
 * is U+FFFD in it, what is over the field's limit is cut; see form_fault.
 */
const char * form_text(const struct form * f, enum field field);

/**
 * form_json_walk(f, field, fn, cookie):
 * json_walk over a JSON field, whose text is overwritten. Errors: json_walk's.
 */
SR_NODISCARD enum sr_error form_json_walk(struct form * f, enum field field,
    member_fn * fn, void * cookie);

/**
 * form_version(text, out): ${text} as a version that a form was made for; 0
 * when it is empty, false for what is no number.
 */
bool form_version(const char * text, uint32_t * out);

/** form_secret(f, field): a secret field, empty if absent; lives with ${f}. */
const struct secbuf * form_secret(const struct form * f, enum field field);

/** form_fault(f, field): what is wrong with it, before anybody looked at it. */
enum field_fault form_fault(const struct form * f, enum field field);

/** form_first_fault(f): the error of the first field with a fault, or SR_OK. */
enum sr_error form_first_fault(const struct form * f);

/** form_named_fault(f, out): as form_first_fault, with its name. */
enum sr_error form_named_fault(const struct form * f,
    struct form_complaint * out);

/** field_in(field, set): whether forms of ${set} may hold it. */
bool field_in(enum field field, enum field_set set);

/** field_kind(field): what it is kept as. */
enum field_kind field_kind(enum field field);

/** field_name(field): its name in the form. */
const char * field_name(enum field field);

#endif /* !SR_CGI_FORM_H */
