#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/log/log.h"
#include "core/runs/artifact_internal.h"
#include "core/runs/limit.h"
#include "core/vault/policy.h"

/* Begins with, has between and ends with parts that are no "." and no "..". */
static bool
good_name(const char * name)
{
	const char * part = name;
	size_t n;

	if (!policy_name(name))
		return (false);
	for (;;) {
		n = strcspn(part, "/");
		if (strspn(part, ".") >= n && n <= 2)
			return (false);
		if (part[n] == '\0')
			return (true);
		part += n + 1;
	}
}

static const char *
media_of(const struct artifact_write * w)
{
	size_t len = strlen(w->name);

	if (w->media_type != NULL && w->media_type[0] != '\0')
		return (w->media_type);
	if (len > 5 && strcasecmp(&w->name[len - 5], ".json") == 0)
		return ("application/json");
	return ("text/plain");
}

static enum sr_error
check(struct artifact_up * up, const struct artifact_write * w,
    struct secret_complaint * complaint)
{
	const struct audit_entry about = { .actor = up->actor,
	    .action = AUDIT_ARTIFACT_PUT, .target_kind = "run",
	    .target_id = w->run_id };
	const struct policy_field fields[] = { { "name", w->name },
	    { "media_type", w->media_type } };
	const char * media;
	enum sr_error err;

	if ((err = runs_plain(up->store, &about, REDACT_ARTIFACT, fields,
	    COUNTOF(fields), complaint)) != SR_OK)
		return (err);
	complaint->field = "name";
	if (w->name == NULL || !good_name(w->name))
		return (SR_E_ARTIFACT_INVALID);
	complaint->field = "media_type";
	media = media_of(w);
	if (!artifact_media_good(media))
		return (SR_E_ARTIFACT_INVALID);
	complaint->field = NULL;
	up->form = artifact_form_of(media);
	up->artifact.run_id = w->run_id;
	up->artifact.kind = w->kind;
	(void)snprintf(up->artifact.name, sizeof(up->artifact.name), "%s",
	    w->name);
	(void)snprintf(up->artifact.media_type,
	    sizeof(up->artifact.media_type), "%s", media);
	return (SR_OK);
}

/* Of the run that it is for, and its project. */
static enum sr_error
admit(struct artifact_up * up)
{
	struct project project;
	enum sr_error err;

	if ((err = run_show(up->store->db, &up->artifact.run_id,
	    &up->run)) != SR_OK || (err = runs_living(&up->run)) != SR_OK ||
	    (err = project_show(up->store->db, &up->run.project_id,
	    &project)) != SR_OK)
		return (err);
	up->binary_allowed = project.binary_artifacts;
	if (up->form == ARTIFACT_BINARY && !up->binary_allowed)
		return (SR_E_ARTIFACT_MEDIA_TYPE_FORBIDDEN);
	return (SR_OK);
}

/*
 * A refusal may say that something was found, or how long its mask is: it is a
 * guess as an answer is. What was found among letters of two bytes has no name.
 */
static enum sr_error
refusal(const struct artifact_up * up, enum sr_error err)
{
	struct redact_hits hits = up->pass.hits;
	enum sr_error held;

	if (!up->passing || err == SR_E_RUN_THROTTLED ||
	    sr_error_row(err)->status >= 500)
		return (err);
	if (err == SR_E_ARTIFACT_UNSAFE && hits.known + hits.rules == 0)
		hits.known = hits.unnamed = 1;
	held = runs_guess(up->store, up->actor, &up->run, REDACT_ARTIFACT,
	    &hits);
	return (held == SR_OK ? err : held);
}

/* Nothing more of it is taken, and nothing of it stays. */
static enum sr_error
fail(struct artifact_up * up, enum sr_error err)
{

	if (err == SR_OK || up->failed != SR_OK)
		return (err);
	err = refusal(up, err);
	up->failed = err;
	limit_refused(up->store, &up->artifact.run_id, err);
	LOG(ARTIFACT_REFUSED, log_id("run_id", up->artifact.run_id),
	    log_error(err));
	pass_close(&up->pass);
	up->passing = false;
	up_remove(up);
	if (err == SR_E_CHANNEL_REDACTION_FAILED)
		run_alert_raise(up->store, up->actor, &up->run,
		    RUN_ALERT_CHANNEL_REFUSED, REDACT_ARTIFACT);
	return (err);
}

/** artifact_begin(store, actor, write, complaint, out): see artifact.h. */
enum sr_error
artifact_begin(const struct store * store, const struct actor * actor,
    const struct artifact_write * write, struct secret_complaint * complaint,
    struct artifact_up ** out)
{
	struct secret_complaint unread;
	struct artifact_up * up;
	enum sr_error err;

	if ((*out = up = calloc(1, sizeof(*up))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	if (complaint == NULL)
		complaint = &unread;
	*complaint = (struct secret_complaint){ NULL, NULL };
	up->store = store;
	up->actor = actor;
	up->limits = write->limits;
	strbuf_init(&up->chunk, 2 * REDACT_TEXT_MAX);
	if ((err = digest_new(&up->digest)) != SR_OK ||
	    (err = check(up, write, complaint)) != SR_OK ||
	    (err = admit(up)) != SR_OK || (err = up_store(up)) != SR_OK)
		return (fail(up, err));
	return (SR_OK);
}

static enum sr_error
take_piece(struct redacted * piece, void * cookie)
{
	struct artifact_up * up = cookie;
	enum sr_error err;

	strbuf_add(&up->chunk, redacted_bytes(piece), redacted_len(piece));
	if ((err = strbuf_status(&up->chunk)) != SR_OK)
		return (err);
	if (up->artifact.size + up->chunk.len > up->limits.each)
		return (SR_E_ARTIFACT_TOO_LARGE);
	return (up->chunk.len < ARTIFACT_CHUNK ? SR_OK : up_flush(up, false));
}

/** up_pass(up): begin a pass into the chunks of its row. */
enum sr_error
up_pass(struct artifact_up * up)
{

	up->passing = true;
	/* What fails shows at the first piece. */
	(void)(runs_know(up->store) == SR_OK);
	up->generation = redact_generation(up->store->redact);
	return (pass_open(&up->pass, up->store, &up->run.project_id, up->form,
	    take_piece, up));
}

/* By its first bytes: what is compressed is no text, whatever it is called. */
static enum sr_error
begin_pass(struct artifact_up * up)
{
	enum sr_error err;

	if (artifact_compressed(up->head, up->head_len)) {
		if (!up->binary_allowed)
			return (SR_E_ARTIFACT_MEDIA_TYPE_FORBIDDEN);
		up->form = ARTIFACT_BINARY;
	}
	if ((err = up_pass(up)) != SR_OK)
		return (err);
	return (pass_feed(&up->pass, up->head, up->head_len));
}

static enum sr_error
feed(struct artifact_up * up, const char * bytes, size_t len)
{
	enum sr_error err;

	up->came += len;
	if (up->came > up->limits.each)
		return (SR_E_ARTIFACT_TOO_LARGE);
	if (up->form == ARTIFACT_JSON && up->came > ARTIFACT_JSON_MAX)
		return (SR_E_ARTIFACT_JSON_TOO_LARGE);
	for (; len > 0 && !up->passing; bytes++, len--) {
		up->head[up->head_len++] = *bytes;
		if (up->head_len == sizeof(up->head) &&
		    (err = begin_pass(up)) != SR_OK)
			return (err);
	}
	return (len == 0 ? SR_OK : pass_feed(&up->pass, bytes, len));
}

/** artifact_feed(up, bytes, len): see artifact.h. */
enum sr_error
artifact_feed(struct artifact_up * up, const char * bytes, size_t len)
{

	if (up->failed != SR_OK)
		return (up->failed);
	must(!up->ended);
	return (fail(up, feed(up, bytes, len)));
}

static enum sr_error
end(struct artifact_up * up)
{
	enum sr_error err;

	if (!up->passing && (err = begin_pass(up)) != SR_OK)
		return (err);
	if ((err = pass_finish(&up->pass)) != SR_OK ||
	    (err = up_flush(up, true)) != SR_OK || (err = runs_guess(up->store,
	    up->actor, &up->run, REDACT_ARTIFACT, &up->pass.hits)) != SR_OK)
		return (err);
	return (up_publish(up));
}

/** artifact_end(up, out): see artifact.h. */
enum sr_error
artifact_end(struct artifact_up * up, struct artifact * out)
{
	enum sr_error err;

	if (up->failed != SR_OK)
		return (up->failed);
	must(!up->ended);
	if ((err = fail(up, end(up))) != SR_OK)
		return (err);
	up->ended = true;
	*out = up->artifact;
	LOG(ARTIFACT_STORED, log_id("run_id", out->run_id),
	    log_id("artifact_id", out->id), log_u64("bytes", out->size),
	    log_u64("known", out->known), log_u64("rules", out->rules));
	return (SR_OK);
}

/** artifact_drop(up): release; what was not ended is deleted. */
void
artifact_drop(struct artifact_up ** up)
{

	if (*up == NULL)
		return;
	if (!(*up)->ended)
		up_remove(*up);
	pass_close(&(*up)->pass);
	strbuf_free(&(*up)->chunk);
	digest_free(&(*up)->digest);
	explicit_bzero(*up, sizeof(**up));
	free(*up);
	*up = NULL;
}
