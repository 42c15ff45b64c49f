#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/disclosed.h"
#include "core/audit/disclose.h"
#include "core/base/secbuf_bytes.h"
#include "core/base/stack.h"
#include "core/log/log.h"
#include "core/redact/redact.h"

static enum sr_error
write_clear(const struct secbuf * value)
{
	const uint8_t * p = secbuf_bytes(value);
	size_t len = secbuf_len(value);
	ssize_t n;

	while (len != 0) {
		if ((n = write(STDOUT_FILENO, p, len)) < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (sr_fail(SR_E_OUTPUT_FAILED,
			    log_i64("errno", errno)));
		p += n;
		len -= (size_t)n;
	}
	return (SR_OK);
}

/**
 * disclosed_print(before, value, after):
 * Write ${before}, the value in the clear, and ${after}.
 */
enum sr_error
disclosed_print(const struct redacted * before, const struct disclosed * value,
    const struct redacted * after)
{
	enum sr_error err;

	if ((err = redacted_write(STDOUT_FILENO, before)) != SR_OK ||
	    (err = write_clear(disclosed_value(value))) != SR_OK)
		return (err);
	return (redacted_write(STDOUT_FILENO, after));
}

/** disclosed_masked(r, value): whether ${r} would mask it. */
bool
disclosed_masked(struct redact * r, const struct disclosed * value)
{
	const struct secbuf * v = disclosed_value(value);
	struct redact_hits hits;
	bool masked;

	masked = redact_scan(r, REDACT_PUBSUB, (const char *)secbuf_bytes(v),
	    secbuf_len(v), &hits) == SR_OK && hits.known != 0;
	stack_wipe();
	return (masked);
}

/** disclosed_len(value): its bytes. */
size_t
disclosed_len(const struct disclosed * value)
{

	return (secbuf_len(disclosed_value(value)));
}

/** disclosed_copy(value, to): for a command's environment. */
void
disclosed_copy(const struct disclosed * value, char * to)
{
	const struct secbuf * v = disclosed_value(value);

	memcpy(to, secbuf_bytes(v), secbuf_len(v));
}
