#include <errno.h>
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

/** disclosed_keep(value, out): for a command's environment. */
enum sr_error
disclosed_keep(const struct disclosed * value, struct secbuf ** out)
{

	return (secbuf_clone(disclosed_value(value), out));
}
