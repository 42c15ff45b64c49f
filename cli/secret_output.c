#include "cli/cli.h"
#include "cli/output.h"
#include "cli/secret_output.h"
#include "core/vault/secret.h"

/** secret_json(c, meta): the members of a secret's metadata. */
void
secret_json(struct compose * c, const struct secret_meta * meta)
{

	compose_lit(c, "{\"id\":\"");
	compose_id(c, &meta->id);
	compose_lit(c, "\",\"scope\":\"");
	compose_constant(c, secret_scope_name(meta->scope));
	compose_lit(c, "\",\"project\":");
	if (sr_id_is_nil(&meta->project_id)) {
		compose_lit(c, "null");
	} else {
		compose_lit(c, "\"");
		compose_id(c, &meta->project_id);
		compose_lit(c, "\"");
	}
	compose_lit(c, ",\"name\":");
	output_json_name(c, meta->name);
	compose_lit(c, ",\"key_version\":");
	compose_u64(c, meta->key_version);
	compose_lit(c, ",\"source\":");
	output_json_name(c, meta->source);
	compose_lit(c, ",\"status\":");
	output_json_name(c, meta->status);
	compose_lit(c, ",\"last_rotated_at\":");
	output_json_time(c, meta->last_rotated_at);
	compose_lit(c, ",\"expires_at\":");
	output_json_time(c, meta->expires_at);
	compose_lit(c, ",\"created_at\":");
	output_json_time(c, meta->created_at);
	compose_lit(c, ",\"updated_at\":");
	output_json_time(c, meta->updated_at);
}
