#include <string.h>

#include <nettle/base64.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/redact/gate_internal.h"

#define TEXT_MAX	4096

/* What is put around a canary; neither may be touched. */
#define BEFORE		"at 12:00 the agent printed "
#define AFTER		" and went on"

/* Known secrets of every length class, of lines, and of leaves. */
static const char * const canaries[] = {
	"canary-8b",
	"canary of 24 bytes 9f31c",
	"canary that is longer than thirty-one bytes, 5d07ae",
	"canary line the first, 1c9e\ncanary line the second, 77b0",
	"{\"user\":\"canary-user-41d2\",\"pin\":31415926535}",
};

/* What must be found of them, beside the whole. */
static const char * const pieces[] = {
	"canary line the second, 77b0",
	"canary-user-41d2",
	"31415926535",
};

static const char decoy[] = "canary-8c canary of 24 bytes 9f31d "
    "3f2a9c04-77aa-7c1e-9d55-2b1f0c6a9e11 sha256:"
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/* Whether ${secret} between the two becomes a mask and nothing else changes. */
static bool
is_masked(struct redact * r, const char * secret, size_t len)
{
	char text[TEXT_MAX];
	struct redacted * t;
	const size_t before = strlen(BEFORE), after = strlen(AFTER);
	const char * p;
	size_t n;
	bool good;

	must(before + len + after <= sizeof(text));
	memcpy(text, BEFORE, before);
	memcpy(&text[before], secret, len);
	memcpy(&text[before + len], AFTER, after);
	if (redact_text(r, REDACT_LOG, text, before + len + after, NULL,
	    &t) != SR_OK)
		return (false);
	p = redacted_bytes(t);
	n = redacted_len(t);
	good = n > before + after && strncmp(p, BEFORE, before) == 0 &&
	    strncmp(&p[before], "[REDACTED:", 10) == 0 &&
	    strncmp(&p[n - after], AFTER, after) == 0 &&
	    memmem(p, n, secret, len) == NULL;
	redacted_free(&t);
	return (good);
}

/* The base64 of ${secret} at each alignment, other bytes around it. */
static bool
base64_masked(struct redact * r, const char * secret)
{
	char plain[TEXT_MAX / 4], text[TEXT_MAX];
	size_t shift, n, len = strlen(secret);
	struct redact_hits hits;

	for (shift = 0; shift < 3; shift++) {
		must(len + shift + 2 <= sizeof(plain));
		memset(plain, '#', sizeof(plain));
		memcpy(&plain[shift], secret, len);
		n = BASE64_ENCODE_RAW_LENGTH(len + shift + 2);
		base64_encode_raw(text, len + shift + 2,
		    (const uint8_t *)plain);
		if (redact_scan(r, REDACT_LOG, text, n, &hits) != SR_OK ||
		    hits.known != 1)
			return (false);
	}
	return (true);
}

/* The bytes of ${secret} as hex between ${before} and ${after}. */
static size_t
escaped(char * to, const char * secret, const char * before,
    const char * after)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (; *secret != '\0'; secret++) {
		must(n + 16 < TEXT_MAX);
		memcpy(&to[n], before, strlen(before));
		n += strlen(before);
		to[n++] = digits[(unsigned char)*secret >> 4];
		to[n++] = digits[(unsigned char)*secret & 15];
		memcpy(&to[n], after, strlen(after));
		n += strlen(after);
	}
	return (n);
}

/* Through each lens: hex, percent, C, JSON, HTML. */
static bool
lenses_work(struct redact * r, const char * secret)
{
	static const char * const forms[][2] = { { "", "" }, { "", ":" },
	    { "%", "" }, { "\\x", "" }, { "\\u00", "" }, { "&#x", ";" } };
	char text[TEXT_MAX];
	struct redact_hits hits;
	size_t i, n;

	for (i = 0; i < COUNTOF(forms); i++) {
		n = escaped(text, secret, forms[i][0], forms[i][1]);
		if (redact_scan(r, REDACT_LOG, text, n, &hits) != SR_OK ||
		    hits.known != 1)
			return (false);
	}
	return (true);
}

/* ${secret} in a stream, byte by byte: nothing of it leaves. */
static bool
stream_works(struct redact * r, const char * secret)
{
	struct redact_stream * s;
	struct redacted * t;
	size_t i, n = 0, len = strlen(secret);
	bool good = true;

	if (redact_open(r, REDACT_LOG, NULL, &s) != SR_OK)
		return (false);
	for (i = 0; good && i <= len; i++) {
		good = (i < len ? redact_feed(s, &secret[i], 1, &t) :
		    redact_finish(s, &t)) == SR_OK;
		if (!good)
			break;
		n += redacted_len(t);
		/* What leaves is the mask, at once. */
		good = redacted_len(t) == 0 ||
		    strncmp(redacted_bytes(t), "[REDACTED:", 10) == 0;
		redacted_free(&t);
	}
	good = good && n > 10 && redact_stream_hits(s).known == 1;
	redact_stream_free(&s);
	return (good);
}

static bool
put_canary(struct redact * r, const struct secbuf * key, size_t i)
{
	struct sr_id id = { .b = { (uint8_t)(i + 1) } };
	struct redact_forms forms = { .n = 0 };
	struct secbuf * value;
	bool good;

	if (secbuf_copy(canaries[i], strlen(canaries[i]), &value) != SR_OK)
		return (false);
	good = redact_forms_of(key, value, &forms) == SR_OK &&
	    redact_known_put(r, &id, 1, "instance/canary@1", forms.v,
	    forms.n) == SR_OK;
	redact_forms_free(&forms);
	secbuf_free(&value);
	return (good);
}

static bool
known_works(struct redact * r, const struct secbuf * key)
{
	size_t i;

	for (i = 0; i < COUNTOF(canaries); i++) {
		if (!put_canary(r, key, i))
			return (false);
	}
	redact_mark(r, REDACT_READY);
	for (i = 0; i < COUNTOF(canaries); i++) {
		/* The mask of several lines keeps their ends. */
		if (!base64_masked(r, canaries[i]) ||
		    !lenses_work(r, canaries[i]))
			return (false);
		if (strchr(canaries[i], '\n') == NULL &&
		    (!is_masked(r, canaries[i], strlen(canaries[i])) ||
		    !stream_works(r, canaries[i])))
			return (false);
	}
	for (i = 0; i < COUNTOF(pieces); i++) {
		if (!is_masked(r, pieces[i], strlen(pieces[i])))
			return (false);
	}
	return (true);
}

static bool
rules_work(struct redact * r)
{
	char text[TEXT_MAX];
	size_t n, from, to;
	struct redact_hits hits;
	unsigned i;

	for (i = 0; rule_row(i) != NULL; i++) {
		n = rule_example(rule_row(i)->examples[0], text, sizeof(text),
		    &from, &to);
		if (redact_scan(r, REDACT_LOG, text, n, &hits) != SR_OK ||
		    hits.rules != 1)
			return (false);
	}
	return (true);
}

static bool
decoy_stays(struct redact * r)
{
	struct redact_hits hits;

	return (redact_scan(r, REDACT_LOG, decoy, strlen(decoy),
	    &hits) == SR_OK && hits.known == 0 && hits.rules == 0);
}

/** redact_selftest(r): run canaries through the engine. */
enum sr_error
redact_selftest(struct redact * r)
{
	struct redact * twin = NULL;
	struct secbuf * key = NULL;
	enum sr_error err;

	if ((err = gate_new(r->rules, &twin)) != SR_OK ||
	    (err = secbuf_random(FINGERPRINT_KEY_LEN, &key)) != SR_OK ||
	    (err = redact_unlock(twin, key)) != SR_OK)
		goto out;
	if (!known_works(twin, key) || !rules_work(twin) ||
	    !decoy_stays(twin))
		err = SR_E_INTERNAL_ERROR;

out:
	redact_free(&twin);
	secbuf_free(&key);
	return (err);
}
