/* One secret: its page, rotating it, revoking it. */

#include "cgi/exchange.h"
#include "cgi/view_detail.h"
#include "core/redact/compose.h"

static enum sr_error
the_secret(struct exchange * x, struct secret_meta * meta)
{
	struct sr_id id;

	if (!sr_id_parse(x->param.text, &id))
		return (SR_E_SECRET_NOT_FOUND);
	return (secret_show(x->store.db, &id, meta));
}

enum sr_error
h_secret_show(struct exchange * x)
{
	const char * before = form_text(x->form, FIELD_QUERY_BEFORE);
	struct detail_place place = { NULL, 0 };
	struct secret_meta meta;
	struct sr_id row;
	enum sr_error err;

	if (!form_version(form_text(x->form, FIELD_QUERY_BELOW),
	    &place.below))
		return (SR_E_FORM_MALFORMED);
	if (before[0] != '\0') {
		if (!sr_id_parse(before, &row))
			return (SR_E_FORM_MALFORMED);
		place.before = &row;
	}
	if ((err = the_secret(x, &meta)) != SR_OK)
		return (err);
	return (view_detail(x, &meta, &place, SR_OK));
}

static enum sr_error
redirect(struct exchange * x, const struct sr_id * id, bool revoked)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/settings/security/secrets/");
	compose_id(c, id);
	compose_constant(c, revoked ? "?notice=revoked" : "?notice=rotated");
	return (response_redirect(&x->response, &c));
}

/* Whether the step was confirmed, for the version that the form was made of. */
static enum sr_error
confirmed(struct exchange * x, enum field confirm, enum field expected,
    uint32_t * version)
{

	if (!form_version(form_text(x->form, expected), version))
		return (SR_E_FORM_MALFORMED);
	if (form_text(x->form, confirm)[0] == '\0') {
		x->complaint.field = "confirm";
		return (SR_E_CONFIRMATION_REQUIRED);
	}
	return (SR_OK);
}

static enum sr_error
rotate(struct exchange * x, const struct secret_meta * meta)
{
	char project[SR_ID_STRLEN + 1] = "";
	struct secret_write write = {
		.scope = secret_scope_name(meta->scope),
		.project = project,
		.name = meta->name,
		.value = form_secret(x->form, FIELD_ROTATE_VALUE),
		.expires_at = form_text(x->form, FIELD_ROTATE_EXPIRES_AT),
		.idempotency_key = form_text(x->form, FIELD_ROTATE_REQUEST),
	};
	enum sr_error err;

	if (!sr_id_is_nil(&meta->project_id))
		sr_id_format(&meta->project_id, project);
	err = confirmed(x, FIELD_ROTATE_CONFIRM, FIELD_ROTATE_EXPECTED,
	    &write.expected);
	if (err != SR_OK)
		return (err);
	/* The form of a revoked secret: whoever was faster is not undone. */
	write.only_create = write.expected == 0 &&
	    form_has(x->form, FIELD_ROTATE_EXPECTED);
	return (secret_put(&x->store, &x->actor, &write, &x->complaint,
	    NULL));
}

enum sr_error
h_secret_rotate(struct exchange * x)
{
	static const struct detail_place first = { NULL, 0 };
	struct secret_meta meta;
	enum sr_error err, refused;

	if ((err = the_secret(x, &meta)) != SR_OK)
		return (err);
	if ((refused = rotate(x, &meta)) == SR_OK)
		return (redirect(x, &meta.id, false));
	if (x->request.format != FORMAT_HTML)
		return (refused);
	/* As it is now, which may be why. */
	if ((err = the_secret(x, &meta)) != SR_OK)
		return (err);
	return (view_detail(x, &meta, &first, refused));
}

/* What is gone is said before somebody is asked whether it shall go. */
static enum sr_error
revocable(const struct secret_meta * meta)
{

	return (strcmp(meta->status, "active") == 0 ? SR_OK :
	    SR_E_SECRET_ALREADY_REVOKED);
}

enum sr_error
h_secret_revoke_show(struct exchange * x)
{
	struct secret_meta meta;
	enum sr_error err;

	if ((err = the_secret(x, &meta)) != SR_OK)
		return (err);
	return (view_revoke(x, &meta, revocable(&meta)));
}

enum sr_error
h_secret_revoke(struct exchange * x)
{
	struct secret_revocation r = { .idempotency_key =
	    form_text(x->form, FIELD_REVOKE_REQUEST) };
	struct secret_meta meta;
	enum sr_error err, asked;

	if ((err = the_secret(x, &meta)) != SR_OK)
		return (err);
	r.id = meta.id;
	asked = confirmed(x, FIELD_REVOKE_CONFIRM, FIELD_REVOKE_EXPECTED,
	    &r.expected);
	if (asked == SR_E_FORM_MALFORMED)
		return (asked);
	if (asked != SR_OK && x->request.format != FORMAT_HTML)
		return (asked);
	/* The form of a table's row: it asks to be asked back. */
	if (asked != SR_OK && r.expected != 0 &&
	    r.expected != meta.key_version)
		return (view_revoke(x, &meta, SR_E_SECRET_VERSION_CONFLICT));
	if (asked != SR_OK)
		return (view_revoke(x, &meta, form_has(x->form,
		    FIELD_REVOKE_REQUEST) ? asked : revocable(&meta)));
	if ((err = secret_revoke(&x->store, &x->actor, &r, NULL)) == SR_OK)
		return (redirect(x, &meta.id, true));
	if (x->request.format != FORMAT_HTML)
		return (err);
	asked = err;
	if ((err = the_secret(x, &meta)) != SR_OK)
		return (err);
	return (view_revoke(x, &meta, asked));
}
