#include <sys/random.h>

#include <errno.h>
#include <string.h>

#include "core/base/random.h"

/**
 * random_bytes(out, len):
 * Fill ${out} with ${len} bytes from getrandom(2).
 */
enum sr_error
random_bytes(void * out, size_t len)
{
	uint8_t * p = out;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = getrandom(&p[done], len - done, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			/* Half a key must not pass for a whole one. */
			explicit_bzero(out, len);
			return (SR_E_RANDOM_UNAVAILABLE);
		}
		done += (size_t)n;
	}
	return (SR_OK);
}
