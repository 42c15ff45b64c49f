#ifndef SR_TESTS_FUZZ_ONE_EXPORT_H
#define SR_TESTS_FUZZ_ONE_EXPORT_H

/*
 * A file that is said to be an export of the audit: nothing that a fuzzer makes
 * is one, since the key that it is checked with signed nothing.
 */

#include <sys/mman.h>
#include <unistd.h>

#include "core/audit/export_verify.h"
#include "tests/fuzz/one.h"

#define ONE_EXPORT_MAX	65536

static enum sr_error
one_export_found(const struct audit_finding * f, void * cookie)
{

	ONE_HOLDS(f->kind < FINDING__MAX);
	++*(uint64_t *)cookie;
	return (SR_OK);
}

static int
one_export_file(const void * bytes, size_t len)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	ONE_HOLDS(fd >= 0 && write(fd, bytes, len) == (ssize_t)len &&
	    lseek(fd, 0, SEEK_SET) == 0);
	return (fd);
}

/* The file; behind a NUL its signature; behind another one the heads. */
ONE_UNUSED static void
one_export_input(const uint8_t * data, size_t size)
{
	static const char top[] = "<?xml version=\"1.0\" encoding="
	    "\"UTF-8\"?>\n";
	struct export_question q = { .heads = -1 };
	struct export_answer a;
	uint64_t told = 0;
	const uint8_t * sig, * heads = NULL;
	struct one_text file = { .p = NULL };
	size_t len = size, left;

	if (size > ONE_EXPORT_MAX)
		return;
	memset(q.public_key, 7, sizeof(q.public_key));
	sig = size == 0 ? NULL : memchr(data, '\0', size);
	if (sig != NULL) {
		len = (size_t)(sig - data);
		left = size - len - 1;
		sig++;
		heads = left == 0 ? NULL : memchr(sig, '\0', left);
		q.signature = (const char *)sig;
		q.signature_len = heads == NULL ? left : (size_t)(heads - sig);
	}
	one_add(&file, top, sizeof(top) - 1);
	one_add(&file, data, len);
	q.fd = one_export_file(file.p, file.len);
	if (heads != NULL)
		q.heads = one_export_file(heads + 1,
		    size - (size_t)(heads + 1 - data));
	ONE_HOLDS(audit_export_verify(&q, one_export_found, &told, &a) ==
	    SR_OK);
	ONE_HOLDS(told == a.findings && a.findings > 0);
	(void)close(q.fd);
	if (q.heads >= 0)
		(void)close(q.heads);
	free(file.p);
}

#endif /* !SR_TESTS_FUZZ_ONE_EXPORT_H */
