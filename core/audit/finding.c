#include "core/audit/verify_internal.h"

static const struct {
	const char * name;
	const char * text;
} findings[FINDING__MAX] = {
#define AUDIT_FINDING(id, name, text) [FINDING_##id] = { name, text },
#include "core/audit/finding.def"
#undef AUDIT_FINDING
};

/** audit_finding_name(kind): "row_changed" … */
const char *
audit_finding_name(enum audit_finding_kind kind)
{

	must(kind < FINDING__MAX);
	return (findings[kind].name);
}

/** audit_finding_text(kind): a sentence without its full stop. */
const char *
audit_finding_text(enum audit_finding_kind kind)
{

	must(kind < FINDING__MAX);
	return (findings[kind].text);
}

/** verify_found(v, finding): count it and hand it out. */
enum sr_error
verify_found(struct verification * v, const struct audit_finding * finding)
{

	v->out->found[finding->kind]++;
	v->out->findings++;
	v->said = v->fn(finding, v->cookie);
	return (v->said);
}
